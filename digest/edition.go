package digest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

// Edition is one issue of a digest for one room.
type Edition struct {
	// Subscription is what the room asked for.
	Subscription bot.Subscription
	// Slot is the civil time that names the edition, such as "2026-11-30T08:00".
	Slot string
	// Due is the instant the edition was due; Now is when it is written.
	Due, Now time.Time
	// Late is how much later than due it goes out; 0 when it is on time.
	Late time.Duration
}

// Days an edition looks ahead: for sessions, where the subscription does not
// say, and for deadlines.
const (
	leadDays     = 30
	deadlineDays = 60
)

// Memory is what earlier editions have said and what has come in since.
type Memory interface {
	// Said returns what the editions of a subscription that were due before a time
	// have shown, each row as they showed it last and when, and when the last one
	// was due that is in the room; the zero time for none.
	Said(ctx context.Context, subscription int64, before time.Time) (said map[string]bot.Relied, last time.Time, err error)
	// Arrived returns the items ("document:ID", "row:ID") that came in after the
	// one time and up to the other.
	Arrived(ctx context.Context, after, until time.Time) ([]string, error)
}

// Record finds what was said on a topic.
type Record interface {
	// OnTopic returns verified quotations on a topic, the best first; none where
	// the record holds nothing on it.
	OnTopic(ctx context.Context, topic string, at time.Time) ([]bot.Quotation, error)
}

// Revisions tells how often rows of the calendar have changed.
type Revisions interface {
	// Revisions returns it for every row, by its ID.
	Revisions(ctx context.Context) (map[string]calendar.Revision, error)
}

// Press writes editions from the calendar and the record. It is immutable and
// safe for concurrent use.
type Press struct {
	calendar   *calendar.Calendar
	corpus     *corpus.Corpus
	staleAfter time.Duration
	memory     Memory
	record     Record
	revisions  Revisions
	versions   Versions
}

// NewPress returns a press without a memory: each of its editions is the first.
// Facts checked longer ago than staleAfter say so.
func NewPress(cal *calendar.Calendar, c *corpus.Corpus, staleAfter time.Duration) *Press {
	return &Press{calendar: cal, corpus: c, staleAfter: staleAfter, versions: VersionsOf(cal)}
}

// Remembering returns a press that does not say again what earlier editions said.
func (p *Press) Remembering(m Memory) *Press {
	with := *p
	with.memory = m
	return &with
}

// Quoting returns a press that quotes the record on the next session's topic.
func (p *Press) Quoting(r Record) *Press {
	with := *p
	with.record = r
	return &with
}

// Revising returns a press that numbers the changes in its calendar files.
func (p *Press) Revising(r Revisions) *Press {
	with := *p
	with.revisions = r
	return &with
}

// Write returns the edition: what follows a group that has ended, what has changed
// since the last edition, this week, the days after, deadlines, what is expected
// without a date, what is new in the record, and one thing that the record says on
// the next session's topic. What an earlier edition of the subscription has said
// is not said again, unless it has changed, comes into the week ahead, begins today or tomorrow, or is
// the session that the edition comes before. The reply
// depends on nothing but the edition and what came before it was due, so that a
// repeated post says the same. Its days are those of the subscription's zone. It is
// empty where there is nothing new and the subscription wants nothing then.
func (p *Press) Write(ctx context.Context, e Edition) (bot.Reply, error) {
	at := e.Due
	if at.IsZero() {
		at = e.Now
	}
	at = inZone(at, e.Subscription.Zone)
	b, err := p.begin(ctx, e, at)
	if err != nil {
		return nil, err
	}
	b.sessions()
	news, err := b.news(ctx)
	if err != nil {
		return nil, err
	}
	if b.fresh == 0 && len(news) == 0 {
		switch e.Subscription.Options[OptionEmpty] {
		case EmptySkip:
			return nil, nil
		case EmptyShort:
			return bot.Reply{bot.Paragraph{Text: b.nothing()}}, nil
		}
	}
	w := b.words
	reply := bot.Reply{bot.Heading{Text: w.say("heading", "title", w.say("title"), "today", w.day(at))}}
	if e.Late > 0 {
		due := at.UTC()
		reply = append(reply, bot.Paragraph{Text: w.say("late", "late", w.duration(e.Late), "time", due.Format("15:04"), "date", w.day(due))})
	}
	reply = append(reply, b.succession()...)
	reply = append(reply, b.draw()...)
	reply = append(reply, news...)
	said, err := b.recordSays(ctx)
	if err != nil {
		return nil, err
	}
	reply = append(reply, said...)
	if e.Subscription.Options[OptionCalendarFile] == Yes {
		file, err := b.calendarFile(ctx)
		if err != nil {
			return nil, err
		}
		reply = append(reply, file...)
	}
	return p.versions.Mark(append(reply, w.scope(bot.Scope{
		Documents: len(p.corpus.Documents()), Passages: p.corpus.Numbered(), Version: p.corpus.Version(), AsOf: at.Format(time.DateOnly),
	}))), nil
}

// Reread returns an edition as it was written down. Where the record does not hold
// words that it quotes, their places are kept in it, for the courier to judge. It
// implements [Rereader].
func (p *Press) Reread(_ context.Context, _ Edition, body []byte) (bot.Reply, error) {
	return readReply(body, p.corpus)
}

// succession explains a group that has ended and its successor, until the room
// does not want it any more.
func (b *issue) succession() bot.Reply {
	sub := b.edition.Subscription
	f, found := b.calendar.LatestFollowing(b.at)
	if sub.Options[OptionSuccession] == No || !found {
		return nil
	}
	w, key := b.words, "succession"
	if !f.Begun {
		key = "succession.later"
	}
	note := ""
	if sub.ID != 0 {
		note = w.say("succession.off", "command", "change "+number(sub)+" "+OptionSuccession+":"+No)
	}
	return bot.Reply{w.cite(bot.Fact{
		ID:     f.Ended.ID,
		Text:   w.say(key, "process", f.Ended.Short, "on", w.on(f.Ended.End), "heir", f.Heir.Short, "start", w.on(f.Heir.Start)),
		Source: f.Ended.Source(), Checked: f.Ended.Checked().ISO(), Confidence: string(f.Ended.Confidence),
		Note: w.qualify(f.Ended.Fact, b.at, b.staleAfter, note),
	})}
}

// nothing is the one line of an edition that has nothing new to say.
func (b *issue) nothing() string {
	w := b.words
	if b.known == 0 {
		return w.count("nothing.ahead", b.days, "title", w.say("title"), "today", w.day(b.at))
	}
	return w.say("nothing.new", "title", w.say("title"), "today", w.day(b.at), "date", b.lastDay(), "count", w.count("date", b.known))
}

// wanted says which processes a subscription asks for.
func (p *Press) wanted(sub bot.Subscription, at time.Time) func(process string) bool {
	return among(p.calendar, Processes(sub.Options), at)
}

// Wanted says which processes a subscription asks for at a time.
func (p *Press) Wanted(sub bot.Subscription, at time.Time) func(process string) bool {
	return p.wanted(sub, at)
}

// inZone is the instant as the clocks of the room show it: its days are those of
// the room. Where the room has no zone, or none that is known, it stays as it is.
func inZone(at time.Time, zone string) time.Time {
	if place, err := loadZone(zone); err == nil {
		return at.In(place)
	}
	return at
}

// Verb returns the verb that shows the edition of the day it is asked on. It
// shows; it never posts anywhere else.
func (p *Press) Verb() bot.Verb {
	return bot.Verb{
		Name: "digest", Usage: "digest [TOPICS]", Summary: "today's edition of the digest, here and now",
		Examples: []string{"digest", "digest Global Mechanism"},
		Handler: bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
			topics := strings.TrimSpace(m.Text)
			if topics != "" && len(p.calendar.Named(topics)) == 0 {
				return bot.Say(fmt.Sprintf("I know no process called %s. Try: digest Global Mechanism", quoted(topics))), nil
			}
			return p.Write(ctx, Edition{Subscription: bot.Subscription{Zone: m.Zone, Options: map[string]string{OptionTopics: topics}}, Due: m.SentAt, Now: m.SentAt})
		}),
	}
}
