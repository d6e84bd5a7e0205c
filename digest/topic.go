package digest

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

// TopicLedger keeps what rooms follow and what has come in.
type TopicLedger interface {
	// Arrive writes down which items are there and returns those that are new.
	Arrive(ctx context.Context, items []string, now time.Time) ([]string, error)
	// Arrived returns the items that came in after the one time, up to the other.
	Arrived(ctx context.Context, after, until time.Time) ([]string, error)
	// AllFollowed returns what all rooms follow.
	AllFollowed(ctx context.Context) ([]bot.Followed, error)
	// TurnedUp writes down that a topic has turned up, once.
	TurnedUp(ctx context.Context, id int64, found []string) error
	// ClaimFound takes topics of a platform that are to be told.
	ClaimFound(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Followed, error)
	// ToldTopic marks one as told, or as given up for a reason.
	ToldTopic(ctx context.Context, t bot.Followed, receipt, reason string) error
	// RetryTopic gives one back until notBefore.
	RetryTopic(ctx context.Context, t bot.Followed, notBefore time.Time, reason string) error
}

// Lookout tells rooms, once, that a topic they follow has turned up in the record
// or in the calendar. Any number of lookouts may work on one ledger. Its fields
// must not change once it is used.
type Lookout struct {
	// Ledger keeps what must survive a restart.
	Ledger TopicLedger
	// Posters are the platforms that this process serves, by their names.
	Posters map[string]Poster
	// Serves says whether this process posts to a platform at present, as that of
	// [Courier] does.
	Serves func(platform string) bool
	// Log takes what goes wrong.
	Log *slog.Logger
	// StaleAfter is how old the check of a fact may be before it says so.
	StaleAfter time.Duration
	// Withheld, where it is set, says whether a room must not be told of a document.
	Withheld func(ctx context.Context, room bot.Room, document string) bool
	// Lease is how long telling may take; a minute when 0.
	Lease time.Duration
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time

	known atomic.Pointer[knowledge]
}

// foundAtOnce is how many topics are told in one round, foundShown how many items
// of each are shown.
const (
	foundAtOnce = 20
	foundShown  = 3
)

func (l *Lookout) now() time.Time {
	if l.Now == nil {
		return time.Now()
	}
	return l.Now()
}

func (l *Lookout) lease() time.Duration {
	if l.Lease == 0 {
		return time.Minute
	}
	return l.Lease
}

// Know tells the lookout what is known from now on, and looks whether something
// that a room follows has come in since it began to follow. What a process before
// this one wrote down and did not look at is looked at now.
func (l *Lookout) Know(ctx context.Context, cal *calendar.Calendar, record *corpus.Corpus) error {
	k := &knowledge{calendar: cal, corpus: record}
	var items []string
	for _, d := range record.Documents() {
		items = append(items, documentItem+d.ID)
	}
	for _, s := range cal.Shown() {
		items = append(items, rowItem+s.Row)
	}
	if _, err := l.Ledger.Arrive(ctx, items, l.now()); err != nil {
		return err
	}
	l.known.Store(k)
	followed, err := l.Ledger.AllFollowed(ctx)
	if err != nil {
		return err
	}
	for _, t := range followed {
		items, err := l.Ledger.Arrived(ctx, t.CreatedAt, l.now())
		if err != nil {
			return err
		}
		found := slices.DeleteFunc(items, func(item string) bool { return !k.isOn(item, t.Text) || l.withheld(ctx, t.Room, item) })
		if len(found) == 0 {
			continue
		}
		if err := l.Ledger.TurnedUp(ctx, t.ID, found); err != nil {
			return err
		}
	}
	return nil
}

// withheld says whether a room must not be told of an item.
func (l *Lookout) withheld(ctx context.Context, room bot.Room, item string) bool {
	id, is := strings.CutPrefix(item, documentItem)
	return is && l.Withheld != nil && l.Withheld(ctx, room, id)
}

// has says whether an item is known.
func (k *knowledge) has(item string) bool {
	if id, is := strings.CutPrefix(item, documentItem); is {
		_, known := k.corpus.Document(id)
		return known
	}
	_, known := k.calendar.ShownRow(strings.TrimPrefix(item, rowItem))
	return known
}

// isOn says whether an item is on a topic.
func (k *knowledge) isOn(item, topic string) bool {
	if id, is := strings.CutPrefix(item, documentItem); is {
		doc, known := k.corpus.Document(id)
		if !known {
			return false
		}
		if _, _, titled := span(tokens(doc.Title), topicWords(topic)); titled && len(topicWords(topic)) > 0 {
			return true
		}
		_, found := matchTopic(k.calendar, doc, topic)
		return found
	}
	row, known := k.calendar.ShownRow(strings.TrimPrefix(item, rowItem))
	if !known {
		return false
	}
	for _, p := range k.calendar.Named(topic) {
		if p.ID == row.Process {
			return true
		}
	}
	wanted := topicWords(topic)
	_, _, found := span(tokens(row.Label), wanted)
	return found && len(wanted) > 0
}

// Tick tells what is to be told now.
func (l *Lookout) Tick(ctx context.Context) {
	k := l.known.Load()
	if k == nil {
		return
	}
	for platform, poster := range l.Posters {
		if !serves(l.Serves, platform) {
			continue
		}
		claimed, err := l.Ledger.ClaimFound(ctx, platform, l.now(), l.lease(), foundAtOnce)
		if err != nil {
			if ctx.Err() == nil {
				l.Log.ErrorContext(ctx, "look for topics that have turned up", "platform", platform, "error", err)
			}
			continue
		}
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.lease()*3/4)
		for _, t := range claimed {
			l.tell(work, k, poster, t)
		}
		cancel()
	}
}

func (l *Lookout) tell(ctx context.Context, k *knowledge, poster Poster, t bot.Followed) {
	log := l.Log.With("topic", t.ID, "room", t.Room.String())
	if !slices.ContainsFunc(t.Found, k.has) {
		// Another replica has it, which has read the files anew; or nobody any more.
		const why = "not known here"
		settle := func() error { return l.Ledger.RetryTopic(ctx, t, l.now().Add(shortestPause), why) }
		if l.now().Sub(t.FirstTried) > correctionLife {
			settle = func() error { return l.Ledger.ToldTopic(ctx, t, "", why) }
		}
		if err := settle(); err != nil {
			log.ErrorContext(ctx, "give a topic back", "error", err)
		}
		return
	}
	receipt, err := post(ctx, poster, bot.Post{
		Room: t.Room, Reply: k.turnedUp(t, l.now(), l.StaleAfter), Key: topicKey(t.ID), Purpose: bot.ForDigest,
		Doubtful: t.Doubtful, Since: t.FirstTried,
	})
	switch outcome, after := bot.OutcomeOf(err); {
	case err == nil:
		err = l.Ledger.ToldTopic(ctx, t, receipt.ID, "")
	case outcome == bot.Refused || outcome == bot.Gone || l.now().Sub(t.FirstTried) > correctionLife:
		log.ErrorContext(ctx, "a topic has turned up, and the room cannot be told", "error", err)
		err = l.Ledger.ToldTopic(ctx, t, "", err.Error())
	case outcome == bot.NotSent:
		log.WarnContext(ctx, "room not told of a topic yet", "error", err)
		err = l.Ledger.RetryTopic(ctx, t, l.now().Add(max(after, pauseAfter(t.Attempt))), err.Error())
	default: // the lease runs out, and the next claim looks before it posts
		log.WarnContext(ctx, "room may or may not be told of a topic", "error", err)
		return
	}
	if err != nil {
		log.ErrorContext(ctx, "write down what became of a topic", "error", err)
	}
}

// topicKey names the post about a topic; platforms show it to others.
func topicKey(id int64) string {
	sum := sha256.Sum256([]byte("topic|" + strconv.FormatInt(id, 10)))
	return "topic/" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// turnedUp is what a room is told.
func (k *knowledge) turnedUp(t bot.Followed, at time.Time, staleAfter time.Duration) bot.Reply {
	reply := bot.Reply{bot.Lead{Text: "New on " + t.Text + ", which this room follows since " + calendar.FromTime(t.CreatedAt).String() + "."}}
	p := &Press{calendar: k.calendar, corpus: k.corpus, staleAfter: staleAfter}
	shown := 0
	for _, item := range t.Found {
		if shown == foundShown {
			reply = append(reply, bot.Paragraph{Text: "And " + bot.Count(len(t.Found)-shown, "more match") + "."})
			break
		}
		shown++
		if id, is := strings.CutPrefix(item, documentItem); is {
			doc, there := k.corpus.Document(id)
			if !there {
				continue
			}
			if q, found := matchTopic(k.calendar, doc, t.Text); found {
				reply = append(reply, bot.Quotation{Quotation: q})
			} else {
				reply = append(reply, bot.Paragraph{Text: filed(doc)})
			}
			continue
		}
		id := strings.TrimPrefix(item, rowItem)
		if s, is := k.calendar.Session(id); is {
			reply = append(reply, p.fact(wordingIn(English), s, at))
		} else if row, is := k.calendar.ShownRow(id); is {
			reply = append(reply, bot.Fact{ID: row.Row, Text: row.Label + ": " + row.When(), Source: row.Source, Checked: row.Checked})
		}
	}
	return append(reply,
		bot.Paragraph{Text: "You are told once; to be told of the next one, follow it again."},
		bot.Actions{{Label: "Follow again", Command: "follow " + t.Text}},
	)
}
