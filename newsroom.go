package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/config"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/handlers"
	"rapporteur/store"
)

const (
	// lookEvery is how often it is looked whether people have changed the
	// calendar, here or on another replica, and whether anybody is to be told.
	lookEvery = 15 * time.Second
	// forgetPostsAfter is how long posts are remembered to be corrected.
	forgetPostsAfter = 180 * 24 * time.Hour
)

// newsroom holds what is known at the moment, with what people have changed by
// hand, and what answers and editions are made of it. When it changes, posts that
// said otherwise are corrected, and rooms hear of the topics they follow.
type newsroom struct {
	c         config.Config
	db        *store.Store
	log       *slog.Logger
	clock     func() time.Time
	seats     []bot.Platform
	corrector *digest.Corrector
	lookout   *digest.Lookout
	swap      *bot.Swap
	feedKey   []byte
	feedShelf feedShelf
	observer  *observer
	// fallen are the platforms whose seats have stopped for good here.
	fallen sync.Map

	// courier, once there is one, hears that sessions may have moved.
	courier atomic.Pointer[digest.Courier]

	// wake says that what is known has changed.
	wake chan struct{}

	turn  sync.Mutex // held by whoever changes what is known
	known atomic.Pointer[current]
	// taken is what was taken last, and perhaps not known yet.
	taken atomic.Pointer[knowledge]
}

// current is one state of what is known.
type current struct {
	// files is what the files say, knowledge that with the amendments.
	files, knowledge knowledge
	amendments       string
	desk             *handlers.Desk
	press            *digest.Press
	// public writes for rooms in which people of other organisations are.
	public *digest.Press
	mux    *bot.Mux
}

// openNewsroom makes a newsroom of what the files say.
func (p *program) openNewsroom(ctx context.Context, c config.Config, k knowledge, db *store.Store, log *slog.Logger, seats []bot.Platform) (*newsroom, error) {
	posters := make(map[string]digest.Poster, len(seats))
	for _, seat := range seats {
		posters[seat.Name()] = seat
	}
	n := &newsroom{
		observer: newObserver(p.clock()),
		c:        c, db: db, log: log, clock: p.clock, seats: seats, swap: bot.NewSwap(nil), wake: make(chan struct{}, 1),
		corrector: &digest.Corrector{Archive: db, Posters: posters, Log: log, Now: p.clock, PerSecond: perSecond()},
		lookout:   &digest.Lookout{Ledger: db, Posters: posters, Log: log, StaleAfter: c.Stale(), Now: p.clock},
	}
	n.lookout.Withheld = n.withheld
	n.lookout.Serves, n.corrector.Serves = n.serves, n.serves
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	kept, err := db.Once(ctx, "feed", "key", hex.EncodeToString(secret))
	if err != nil {
		return nil, err
	}
	if n.feedKey, err = hex.DecodeString(kept); err != nil {
		return nil, fmt.Errorf("the key of the feeds: %w", err)
	}
	return n, n.take(ctx, k)
}

// take lets what the files say, amended, be known from now on.
func (n *newsroom) take(ctx context.Context, files knowledge) error {
	n.turn.Lock()
	defer n.turn.Unlock()
	return n.takeLocked(ctx, files)
}

func (n *newsroom) takeLocked(ctx context.Context, files knowledge) error {
	amendments, confirmed, hand, err := n.amendments(ctx)
	if err != nil {
		return err
	}
	k := files
	k.calendar = n.amended(ctx, files.calendar, amendments, confirmed)
	n.taken.Store(&k)
	now := &current{files: files, knowledge: k, amendments: hand}
	if now.desk, err = n.deskOf(files.corpus, k); err != nil {
		return err
	}
	quote := bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) { return quoteOf(ctx, now.mux, m) })
	now.press = digest.NewPress(k.calendar, k.corpus, n.c.Stale()).Remembering(n.db).Revising(n.corrector).Quoting(record{quote})
	now.public = now.press
	if k.confidential() {
		quote := bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
			m.Public, m.Text = true, "quote "+m.Text
			return n.swap.Answer(ctx, m)
		})
		now.public = digest.NewPress(k.calendar, k.public, n.c.Stale()).Remembering(n.db).Revising(n.corrector).Quoting(record{quote})
	}
	mux, handler, err := answerer{n.c, n.db, n.seats, auditor{n.c, n.db, n.log}, n.observer, n.withHealth}.answering(k, now.desk, now.press, n.verbs(now))
	if err != nil {
		return err
	}
	show(n.seats, k, mux)
	now.mux = mux
	if err := n.corrector.KnowAmended(ctx, files.calendar, k.calendar, k.corpus, confirmed); err != nil {
		return err
	}
	if err := n.lookout.Know(ctx, k.calendar, k.corpus); err != nil {
		return err
	}
	n.known.Store(now)
	if courier := n.courier.Load(); courier != nil {
		courier.Refresh()
	}
	versions := digest.VersionsOf(k.calendar)
	n.swap.Put(bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		reply, err := handler.Answer(ctx, m)
		return versions.Mark(reply), err
	}))
	select {
	case n.wake <- struct{}{}:
	default: // it is awake
	}
	return nil
}

// amended returns the calendar with the changes by hand that make sense. One under
// which the files have changed, so that it makes none any more, is left out alone.
func (n *newsroom) amended(ctx context.Context, cal *calendar.Calendar, amendments []calendar.Amendment, confirmed map[string]time.Time) *calendar.Calendar {
	with, left := cal.AmendedWithSense(amendments...)
	holding := map[string]int{}
	for _, a := range amendments {
		holding[a.Row]++
	}
	for _, out := range left {
		for _, a := range out.Change {
			n.log.ErrorContext(ctx, "a change by hand is left out", "row", a.Row, "field", a.Field, "error", out.Err)
			if holding[a.Row]--; holding[a.Row] == 0 {
				delete(confirmed, a.Row)
			}
		}
	}
	return with
}

// deskOf returns a desk of what is known; where the record is the same as before,
// it is not indexed again.
func (n *newsroom) deskOf(record *corpus.Corpus, k knowledge) (*handlers.Desk, error) {
	if before := n.known.Load(); before != nil && before.files.corpus == record {
		return before.desk.Dated(k.calendar), nil
	}
	desk, err := handlers.New(k.corpus, k.calendar, n.c.Stale())
	if err != nil {
		return nil, err
	}
	return desk.Remembering(n.db), nil
}

// amendments returns the changes that hold, when the last of each row was
// confirmed, and a name of all of them by which a change of them is seen.
func (n *newsroom) amendments(ctx context.Context) ([]calendar.Amendment, map[string]time.Time, string, error) {
	all, err := n.db.Amendments(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	var name strings.Builder
	for _, a := range all {
		if !a.ConfirmedAt.IsZero() {
			_, _ = fmt.Fprintf(&name, "%d ", a.ID)
		}
	}
	hold, confirmed := digest.Holding(all)
	return hold, confirmed, name.String(), nil
}

// refresh takes over what people have changed by hand since the last look.
func (n *newsroom) refresh(ctx context.Context) error {
	n.turn.Lock()
	defer n.turn.Unlock()
	_, _, hand, err := n.amendments(ctx)
	if err != nil {
		return err
	}
	if now := n.known.Load(); now.amendments != hand {
		return n.takeLocked(ctx, now.files)
	}
	return nil
}

// verbs are those of the newsroom itself.
func (n *newsroom) verbs(now *current) []bot.Verb {
	amending := digest.Amending{
		Book: n.db, Calendar: func() *calendar.Calendar { return n.known.Load().knowledge.calendar },
		Administrator: n.c.IsAdministrator, Changed: n.refresh, Now: n.clock,
	}
	ics := now.desk.ICS(n.corrector.Revisions, n.feedOf)
	ics.Usage, ics.Examples = "ics [PROCESS | #N]", append(ics.Examples, "ics #3")
	ofProcess := ics.Handler
	ics.Handler = bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		if strings.HasPrefix(strings.TrimSpace(m.Text), "#") {
			return n.icsOfSubscription(ctx, m)
		}
		return ofProcess.Answer(ctx, m)
	})
	return append(digest.TopicVerbs(n.db), amending.Verb(), ics, auditor{n.c, n.db, n.log}.verb())
}

// icsOfSubscription tells the address of the feed of a subscription of the room.
func (n *newsroom) icsOfSubscription(ctx context.Context, m bot.Message) (bot.Reply, error) {
	subs, err := n.db.Subscriptions(ctx, m.Room)
	if err != nil {
		return nil, err
	}
	asked := strings.TrimPrefix(strings.TrimSpace(m.Text), "#")
	for _, sub := range subs {
		if strconv.FormatInt(sub.ID, 10) != asked {
			continue
		}
		if n.c.Feed.URL == "" {
			return bot.Say("No calendar is served here; whoever runs this bot can set feed.listen and feed.url. The same as a file: ics"), nil
		}
		return bot.Say("The calendar of subscription #" + asked + ", for your calendar program: " + n.feedOfSubscription(sub.ID) + ". Whoever knows the address can read it."), nil
	}
	return bot.Say("This room has no subscription #" + asked + "; subscriptions lists what it has."), nil
}

// run looks for changes and tells who is to be told, until ctx ends.
func (n *newsroom) run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	forgotten := time.Time{}
	for ctx.Err() == nil {
		if err := n.refresh(ctx); err != nil && ctx.Err() == nil {
			n.log.ErrorContext(ctx, "look for changes of the calendar", "error", err)
		}
		n.corrector.Tick(ctx)
		n.lookout.Tick(ctx)
		if now := n.clock(); now.Sub(forgotten) > time.Hour {
			forgotten = now
			if _, err := n.db.ForgetPosts(ctx, now.Add(-forgetPostsAfter)); err != nil && ctx.Err() == nil {
				n.log.ErrorContext(ctx, "forget old posts", "error", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-n.wake:
		}
	}
}

// Write writes an edition of what is known at the moment, for the eyes of those who
// are in its room.
func (n *newsroom) Write(ctx context.Context, e digest.Edition) (bot.Reply, error) {
	now := n.known.Load()
	if now.knowledge.confidential() && n.isPublic(ctx, e.Subscription.Room) {
		return now.public.Write(ctx, e)
	}
	return now.press.Write(ctx, e)
}

// withheld says whether a room must not be told of a document.
func (n *newsroom) withheld(ctx context.Context, room bot.Room, document string) bool {
	k := n.taken.Load()
	if !k.confidential() {
		return false
	}
	_, open := k.public.Document(document)
	return !open && n.isPublic(ctx, room)
}

// Reread returns an edition as an earlier attempt has said it. In a room of which
// people of other organisations are now, what rested on more than the public
// documents is written anew.
func (n *newsroom) Reread(ctx context.Context, e digest.Edition, body []byte) (bot.Reply, error) {
	now := n.known.Load()
	if !now.knowledge.confidential() || !n.isPublic(ctx, e.Subscription.Room) {
		return now.press.Reread(ctx, e, body)
	}
	reply, err := now.public.Reread(ctx, e, body)
	if err == nil && reply.Scope().Version != now.knowledge.public.Version() {
		return now.public.Write(ctx, e)
	}
	return reply, err
}

// isPublic says whether a room may be told of public documents alone.
func (n *newsroom) isPublic(ctx context.Context, room bot.Room) bool {
	for _, seat := range n.seats {
		if knows, is := seat.(interface {
			IsPublic(ctx context.Context, room bot.Room) bool
		}); is && seat.Name() == room.Platform {
			return knows.IsPublic(ctx, room)
		}
	}
	return false
}

// sessions tells the days of sessions as the calendar has them at the moment.
func (n *newsroom) sessions(names []string, from time.Time) []time.Time {
	return digest.SessionsOf(n.known.Load().knowledge.calendar)(names, from)
}

// fell notes that a seat has stopped for good in this process. What is for its
// platform is left to other replicas, and to the next start.
func (n *newsroom) fell(seat bot.Platform) { n.fallen.Store(seat.Name(), true) }

// serves says whether this process posts to a platform at present: not where the seat
// has stopped for good, and not while it leaves its work to another replica.
func (n *newsroom) serves(platform string) bool {
	if _, fell := n.fallen.Load(platform); fell {
		return false
	}
	for _, seat := range n.seats {
		if s, is := seat.(stander); is && seat.Name() == platform {
			return !s.StandsBy()
		}
	}
	return true
}

// posters are the seats, by their names.
func (n *newsroom) posters() map[string]digest.Poster {
	posters := make(map[string]digest.Poster, len(n.seats))
	for _, seat := range n.seats {
		posters[seat.Name()] = seat
	}
	return posters
}

// record finds what was said on a topic by the verb that quotes.
type record struct{ quote bot.Handler }

// OnTopic returns what the record says on a topic.
func (r record) OnTopic(ctx context.Context, topic string, at time.Time) ([]bot.Quotation, error) {
	reply, err := r.quote.Answer(onOwnAccount(ctx), bot.Message{ID: "edition", Room: bot.Room{Platform: "digest", ID: "edition"}, Text: topic, SentAt: at})
	if err != nil {
		return nil, err
	}
	return reply.Quotations(), nil
}

func quoteOf(ctx context.Context, mux *bot.Mux, m bot.Message) (bot.Reply, error) {
	verb, _ := mux.Parse("quote topic")
	return verb.Handler.Answer(ctx, m)
}
