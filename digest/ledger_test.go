package digest_test

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
)

var _ digest.Ledger = (*ledger)(nil)

// ledger keeps in memory what store keeps in a database.
type ledger struct {
	mu    sync.Mutex
	subs  []bot.Subscription
	rows  map[string]*row
	open  map[string]*row // planned or sending
	plans int
	away  bool // the database
	// untold are subscriptions whose rooms are gone.
	untold []int64
}

type row struct {
	bot.Delivery
	notBefore, lease time.Time
}

var errAway = errors.New("database away")

func newLedger(subs ...bot.Subscription) *ledger {
	return &ledger{subs: subs, rows: map[string]*row{}, open: map[string]*row{}}
}

func (l *ledger) Due(_ context.Context, now time.Time, limit int) ([]bot.Subscription, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errAway
	}
	var due []bot.Subscription
	for _, s := range l.subs {
		if s.State == bot.SubscriptionActive && !s.Next.IsZero() && !s.Next.After(now) && len(due) < limit {
			due = append(due, s)
		}
	}
	return due, nil
}

func (l *ledger) AllSubscriptions(context.Context) ([]bot.Subscription, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errAway
	}
	var active []bot.Subscription
	for _, s := range l.subs {
		if s.State == bot.SubscriptionActive {
			active = append(active, s)
		}
	}
	return active, nil
}

func (l *ledger) Plan(_ context.Context, plans []bot.Plan, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return errAway
	}
	for _, p := range plans {
		s := l.find(p.Subscription.ID)
		if !s.Next.Equal(p.Subscription.Next) || s.Slot != p.Subscription.Slot || s.State != bot.SubscriptionActive {
			continue
		}
		s.Next, s.Slot = p.Next, p.Slot
		if len(p.Occurrences) > 0 {
			l.plans++
		}
		for _, d := range p.Occurrences {
			if l.rows[d.Key] == nil {
				l.rows[d.Key] = &row{Delivery: d}
				if d.State == bot.DeliveryPlanned {
					l.open[d.Key] = l.rows[d.Key]
				}
			}
		}
	}
	return nil
}

func (l *ledger) Failures(_ context.Context, id int64) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var sent time.Time
	for _, r := range l.rows {
		if r.Subscription.ID == id && r.State == bot.DeliverySent && r.Due.After(sent) {
			sent = r.Due
		}
	}
	n := 0
	for _, r := range l.rows {
		if r.Subscription.ID == id && r.State == bot.DeliveryFailed && r.Due.After(sent) {
			n++
		}
	}
	return n, nil
}

func (l *ledger) SetState(_ context.Context, id int64, state, reason string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.find(id)
	if s.State != state && (state == bot.SubscriptionPaused || state == bot.SubscriptionGone) {
		l.untold = append(l.untold, id)
	}
	s.State, s.Reason, s.StateAt = state, reason, now
	return nil
}

func (l *ledger) Untold(_ context.Context, platform string, _ time.Time, _ time.Duration, _ int) ([]bot.Subscription, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var subs []bot.Subscription
	for _, id := range l.untold {
		if s := l.find(id); s.Room.Platform == platform {
			subs = append(subs, *s)
		}
	}
	l.untold = nil
	return subs, false, nil
}

func (l *ledger) Told(context.Context, int64) error { return nil }

func (l *ledger) Expire(_ context.Context, before, now time.Time) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var n int64
	for key, r := range l.open {
		if r.State == bot.DeliveryPlanned && r.Due.Before(before) && r.notBefore.Before(before) {
			r.State, r.Reason, r.DoneAt = bot.DeliveryFailed, "expired before it could be sent", now
			delete(l.open, key)
			n++
		}
	}
	return n, nil
}

func (l *ledger) Intend(_ context.Context, d bot.Delivery, body []byte, now time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return false, errAway
	}
	r := l.rows[d.Key]
	held := r.State == bot.DeliverySending && r.Attempt == d.Attempt && !r.lease.Before(now) && l.find(d.Subscription.ID).State == bot.SubscriptionActive
	if held {
		r.Body = body
	}
	return held, nil
}

func (l *ledger) find(id int64) *bot.Subscription {
	return &l.subs[slices.IndexFunc(l.subs, func(s bot.Subscription) bool { return s.ID == id })]
}

func (l *ledger) Claim(_ context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errAway
	}
	var open []*row
	for _, r := range l.open {
		if l.find(r.Subscription.ID).Room.Platform != platform {
			continue
		}
		if r.State == bot.DeliveryPlanned && !r.notBefore.After(now) || r.State == bot.DeliverySending && r.lease.Before(now) {
			open = append(open, r)
		}
	}
	slices.SortFunc(open, func(a, b *row) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Key, b.Key)) })
	var claimed []bot.Delivery
	for _, r := range open[:min(limit, len(open))] {
		r.Attempt++
		r.Doubtful = r.Doubtful || r.State == bot.DeliverySending
		r.State, r.lease = bot.DeliverySending, now.Add(lease)
		if r.FirstTried.IsZero() {
			r.FirstTried = now
		}
		r.Subscription = *l.find(r.Subscription.ID)
		claimed = append(claimed, r.Delivery)
	}
	return claimed, nil
}

func (l *ledger) finish(key string, change func(*row)) {
	if r := l.rows[key]; r.State != bot.DeliverySent {
		change(r)
		delete(l.open, key)
		if r.State == bot.DeliveryPlanned {
			l.open[key] = r
		}
	}
}

// settle changes a delivery that is in the hands of this very claim.
func (l *ledger) settle(d bot.Delivery, change func(*row)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return errAway
	}
	if r := l.rows[d.Key]; r.State != bot.DeliverySending || r.Attempt != d.Attempt {
		return bot.ErrTakenOver
	}
	l.finish(d.Key, change)
	return nil
}

func (l *ledger) Sent(_ context.Context, d bot.Delivery, receipt string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return errAway
	}
	l.finish(d.Key, func(r *row) {
		r.State, r.Receipt, r.Reason, r.DoneAt = bot.DeliverySent, receipt, "", now
	})
	return nil
}

func (l *ledger) Retry(_ context.Context, d bot.Delivery, notBefore time.Time, reason string) error {
	return l.settle(d, func(r *row) {
		r.State, r.notBefore, r.Reason = bot.DeliveryPlanned, notBefore, reason
		r.Doubtful = r.Doubtful || d.Doubtful
	})
}

func (l *ledger) Failed(_ context.Context, d bot.Delivery, reason string, now time.Time) error {
	return l.settle(d, func(r *row) { r.State, r.Reason, r.DoneAt = bot.DeliveryFailed, reason, now })
}

// history writes the rows as "slot state reason", oldest first.
func (l *ledger) history() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []string
	for _, r := range l.rows {
		lines = append(lines, strings.TrimSpace(r.Slot+" "+r.State+" "+r.Reason))
	}
	slices.Sort(lines)
	return lines
}

func (l *ledger) count(state string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, r := range l.rows {
		if r.State == state {
			n++
		}
	}
	return n
}

func (l *ledger) setAway(away bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = away
}

func (l *ledger) sub(id int64) bot.Subscription {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.find(id)
}

// wall is a platform whose rooms people look at. It looks for a doubtful post
// before it posts again, as the real ones do.
type wall struct {
	mu sync.Mutex
	// tried are all attempts; posted are the texts that people see, by key.
	tried  []bot.Post
	posted map[string][]string
	// fault says what goes wrong with the nth attempt, and whether the post
	// reaches the room all the same; nil for nothing.
	fault func(n int, p bot.Post) (reaches bool, err error)
	// slow is how long a post takes.
	slow time.Duration
}

func (w *wall) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) {
	if w.slow > 0 {
		select {
		case <-time.After(w.slow):
		case <-ctx.Done():
			return bot.Receipt{}, &bot.PostError{Outcome: bot.Unknown, Err: ctx.Err()}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tried = append(w.tried, p)
	reaches, err := true, error(nil)
	if w.fault != nil {
		reaches, err = w.fault(len(w.tried), p)
	}
	if w.posted == nil {
		w.posted = map[string][]string{}
	}
	if found := p.Doubtful && len(w.posted[p.Key]) > 0; reaches && !found {
		w.posted[p.Key] = append(w.posted[p.Key], p.Reply.String())
	}
	if err != nil {
		return bot.Receipt{}, err
	}
	return bot.Receipt{ID: "ts-" + p.Key[:4]}, nil
}

// seen returns what people see, sorted.
func (w *wall) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var texts []string
	for _, posts := range w.posted {
		texts = append(texts, posts...)
	}
	slices.Sort(texts)
	return texts
}

func (w *wall) attempts() []bot.Post {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.tried)
}

type writerFunc func(ctx context.Context, e digest.Edition) (bot.Reply, error)

func (f writerFunc) Write(ctx context.Context, e digest.Edition) (bot.Reply, error) { return f(ctx, e) }

// scribe writes editions that name themselves.
func scribe(_ context.Context, e digest.Edition) (bot.Reply, error) {
	text := e.Subscription.Room.ID + " " + e.Slot
	if e.Late > 0 {
		text += " late " + e.Late.String()
	}
	return bot.Say(text), nil
}

// order returns a subscription of a room of the wall, made now.
func order(t *testing.T, id int64, room, spec, zone string) bot.Subscription {
	t.Helper()
	due, slot, ok := schedule(t, spec, zone).Next(time.Now())
	if !ok {
		t.Fatalf("%s %s is never due", spec, zone)
	}
	return bot.Subscription{
		ID: id, Room: bot.Room{Platform: "wall", ID: room}, Kind: digest.Kind, Cron: spec, Zone: zone, CreatedBy: "U1",
		Next: due, Slot: slot, State: bot.SubscriptionActive,
	}
}

func courier(l digest.Ledger, w *wall) *digest.Courier {
	return &digest.Courier{
		Ledger: l, Posters: map[string]digest.Poster{"wall": w}, Writer: writerFunc(scribe), Log: slog.New(slog.DiscardHandler),
	}
}

// begin runs couriers until the returned function is called, which waits for
// them.
func begin(t *testing.T, couriers ...*digest.Courier) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, c := range couriers {
		running.Go(func() { c.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// sleepUntil sleeps in a bubble until an instant.
func sleepUntil(t *testing.T, at string) {
	t.Helper()
	time.Sleep(time.Until(instant(t, at)))
}
