package digest_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/store"
)

// office is one process that delivers the editions of a store: a courier and a
// corrector that know one calendar.
type office struct {
	t         *testing.T
	store     *store.Store
	corrector *digest.Corrector
	courier   *digest.Courier
	writer    *presses
	now       *atomic.Int64
}

// presses is a writer whose press may be changed.
type presses struct {
	press atomic.Pointer[digest.Press]
	// wrote is called when an edition is written and not yet posted.
	wrote func()
}

func (p *presses) Write(ctx context.Context, e digest.Edition) (bot.Reply, error) {
	reply, err := p.press.Load().Write(ctx, e)
	if p.wrote != nil {
		p.wrote()
	}
	return reply, err
}

func (p *presses) Reread(ctx context.Context, e digest.Edition, body []byte) (bot.Reply, error) {
	return p.press.Load().Reread(ctx, e, body)
}

func openOffice(t *testing.T, s *store.Store, w *board, now *atomic.Int64) *office {
	t.Helper()
	clock := func() time.Time { return time.UnixMilli(now.Load()).UTC() }
	posters := map[string]digest.Poster{"fake": w}
	o := &office{t: t, store: s, writer: &presses{}, now: now}
	o.corrector = &digest.Corrector{Archive: s, Posters: posters, Log: quiet(), Now: clock}
	o.courier = &digest.Courier{Ledger: s, Posters: posters, Writer: o.writer, Posted: o.corrector.Posted, Log: quiet(), Now: clock}
	return o
}

func (o *office) know(cal *calendar.Calendar, record *corpus.Corpus) {
	o.t.Helper()
	ok(o.t, o.corrector.Know(o.t.Context(), cal, record))
	o.writer.press.Store(digest.NewPress(cal, record, 30*24*time.Hour).Remembering(o.store).Revising(o.corrector))
}

// ordered is a store in which one room has ordered a digest that is due at nine
// on 23 November, and a clock that shows it.
func ordered(t *testing.T) (*store.Store, *atomic.Int64) {
	t.Helper()
	return orderedAs(t, "0 9 * * *", "2026-11-23T09:00")
}

// orderedAs is [ordered] of a rhythm of one's own, due under a slot.
func orderedAs(t *testing.T, spec, slot string) (*store.Store, *atomic.Int64) {
	t.Helper()
	s, now := keep(t), &atomic.Int64{}
	due := clockAt(23)()
	now.Store(due.UnixMilli())
	_, err := s.Subscribe(t.Context(), bot.Subscription{
		Room: bot.Room{Platform: "fake", ID: "A"}, Kind: digest.Kind, Cron: spec, Zone: "UTC",
		CreatedAt: due.Add(-time.Hour), Next: due, Slot: slot, State: bot.SubscriptionActive,
		Options: map[string]string{digest.OptionCalendarFile: digest.Yes},
	})
	ok(t, err)
	return s, now
}

// noticesIn returns what a board was told beside editions.
func (w *board) noticesIn(t *testing.T) []string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, p := range w.posts {
		if strings.HasPrefix(p.Key, "correction/") {
			out = append(out, p.Reply.String())
		}
	}
	return out
}

func TestAnEditionThatWaitsWhileTheCalendarChangesIsCorrected(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := ordered(t)
	w := &board{}
	o := openOffice(t, s, w, now)
	o.know(cal, record)
	next := moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18")
	o.writer.wrote = func() { o.know(next, record) }
	o.courier.Tick(t.Context())
	if len(w.posts) != 1 || !strings.Contains(w.posts[0].Reply.String(), "7–11 December 2026") {
		t.Fatalf("got %+v, want the edition as it was written", w.posts)
	}
	now.Add(time.Minute.Milliseconds())
	o.corrector.Tick(t.Context())
	if got := w.noticesIn(t); len(got) != 1 || !strings.Contains(got[0], "was 7–11 December 2026, now 14–18 December 2026") {
		t.Errorf("got the notices %q, want one that puts the edition right", got)
	}
}

func TestAnEditionThatIsFoundInTheRoomIsRememberedAsItWasPosted(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := ordered(t)
	w := &board{die: true}
	first := openOffice(t, s, w, now)
	first.know(cal, record)
	first.courier.Tick(t.Context()) // it is in the room, and nobody knows
	w.die = false

	// The next process starts with a younger calendar.
	second := openOffice(t, s, w, now)
	second.know(moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18"), record)
	now.Add(2 * time.Minute.Milliseconds())
	again := ""
	second.courier.Posters = map[string]digest.Poster{"fake": relay(func(ctx context.Context, p bot.Post) (bot.Receipt, error) {
		again = p.Reply.String()
		return w.Post(ctx, p)
	})}
	second.courier.Tick(t.Context())
	if len(w.posts) != 1 {
		t.Fatalf("got %d posts, want one", len(w.posts))
	}
	if was := w.posts[0].Reply.String(); again != was {
		t.Errorf("got it said again as\n%s\nwant word for word\n%s", again, was)
	}
	if !strings.Contains(again, "BEGIN:VCALENDAR") {
		t.Errorf("got\n%s\nwant the calendar file said again too", again)
	}
	second.corrector.Tick(t.Context())
	if got := w.noticesIn(t); len(got) != 1 || !strings.Contains(got[0], "was 7–11 December 2026, now 14–18 December 2026") {
		t.Errorf("got the notices %q, want one that puts the edition right", got)
	}
}

type relay func(ctx context.Context, p bot.Post) (bot.Receipt, error)

func (f relay) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) { return f(ctx, p) }

func TestAnEditionIsRememberedBeforeItCountsAsSent(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := ordered(t)
	w := &board{}
	o := openOffice(t, s, w, now)
	o.know(cal, record)
	away := 2
	o.courier.Posted = func(ctx context.Context, p bot.Post, r bot.Receipt) error {
		rows, err := s.Deliveries(ctx, p.Room, 1)
		ok(t, err)
		if rows[0].State != bot.DeliverySending {
			t.Errorf("got it %s before it is remembered, want it sending", rows[0].State)
		}
		if away--; away >= 0 {
			return errors.New("the database is away")
		}
		return o.corrector.Posted(ctx, p, r)
	}
	o.courier.Tick(t.Context())
	said, _, err := s.Said(t.Context(), 1, clockAt(24)())
	ok(t, err)
	rows, err := s.Deliveries(t.Context(), bot.Room{Platform: "fake", ID: "A"}, 1)
	ok(t, err)
	if rows[0].State != bot.DeliverySent || said["gm-dtg-2026"].Version == "" || len(w.posts) != 1 {
		t.Errorf("got it %s with %d posts, remembered as %v, want it sent, once, and remembered", rows[0].State, len(w.posts), said)
	}
}

func TestADoubtfulAnswerIsRememberedAsItWasFirstSaid(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	next := moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18")
	answer := func(cal *calendar.Calendar, doubtful bool) bot.Post {
		row, _ := cal.ShownRow("gm-dtg-2026")
		reply := digest.VersionsOf(cal).Mark(bot.Reply{bot.Fact{ID: row.Row, Text: row.Label + ": " + row.When()}})
		return bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Key: "answer-a", Reply: reply, Doubtful: doubtful}
	}
	for name, c := range map[string]struct {
		doubtful bool
		notices  int
	}{
		"the first attempt may have reached the room": {true, 1},
		"the first attempt surely did not":            {false, 0},
	} {
		s, w := keep(t), &board{}
		first := corrector(s, w, 23)
		ok(t, first.Know(t.Context(), cal, record))
		ok(t, first.Posting(t.Context(), answer(cal, false)))
		second := corrector(s, w, 24)
		ok(t, second.Know(t.Context(), next, record))
		second.Tick(t.Context())
		if len(w.posts)+len(w.edits) > 0 {
			t.Errorf("%s: got %d posts and %d edits for an answer that is not known to be there, want none", name, len(w.posts), len(w.edits))
		}
		ok(t, second.Posting(t.Context(), answer(next, c.doubtful)))
		ok(t, second.Posted(t.Context(), answer(next, c.doubtful), bot.Receipt{ID: "event-answer-a"}))
		second.Tick(t.Context())
		if got := w.noticesIn(t); len(got) != c.notices {
			t.Errorf("%s: got the notices %q, want %d", name, got, c.notices)
		}
	}
}
