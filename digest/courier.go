package digest

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"rapporteur/bot"
)

// Writer writes editions.
type Writer interface {
	// Write returns the edition as a reply; an empty one is not posted. What it
	// returns depends on the edition alone, so that a repeated post says the same.
	Write(ctx context.Context, e Edition) (bot.Reply, error)
}

// Rereader is a [Writer] that reads again what an earlier attempt at an edition
// has said, so that it is repeated word for word whatever is known by now.
type Rereader interface {
	// Reread returns the edition as it was written down, as [Press.Reread] does.
	Reread(ctx context.Context, e Edition, body []byte) (bot.Reply, error)
}

// Poster posts to one platform. Every [bot.Platform] is one.
type Poster interface {
	// Post is [bot.Platform.Post].
	Post(ctx context.Context, p bot.Post) (bot.Receipt, error)
}

// Agenda keeps when subscriptions are due.
type Agenda interface {
	// Due returns at most limit active subscriptions whose Next has come.
	Due(ctx context.Context, now time.Time, limit int) ([]bot.Subscription, error)
	// AllSubscriptions returns the active subscriptions of all rooms.
	AllSubscriptions(ctx context.Context) ([]bot.Subscription, error)
	// Plan writes plans down in one transaction. It does nothing for a
	// subscription that is not as it was read, for then somebody else was faster,
	// and never writes a slot twice.
	Plan(ctx context.Context, plans []bot.Plan, now time.Time) error
}

// Queue hands out deliveries.
type Queue interface {
	// Claim takes at most limit deliveries of a platform that are planned, or
	// whose lease ran out while they were being sent, and leases them until
	// now+lease.
	Claim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error)
	// Intend writes down what is about to be posted, and says whether the claim
	// still has the delivery at a time: its lease lasts, nobody has claimed it
	// since, and it was not called off.
	Intend(ctx context.Context, d bot.Delivery, body []byte, now time.Time) (bool, error)
	// Expire gives up what was due before a time and was never tried since.
	Expire(ctx context.Context, before, now time.Time) (int64, error)
}

// Results keeps what became of deliveries. Retry and Failed return
// [bot.ErrTakenOver] where the claim does not have the delivery any more.
type Results interface {
	// Sent marks a delivery as being in the room, whoever has it now: that is a
	// fact and no claim.
	Sent(ctx context.Context, d bot.Delivery, receipt string, now time.Time) error
	// Retry gives a delivery back until notBefore: one that did not reach the room
	// or, where it is doubtful, is looked for then.
	Retry(ctx context.Context, d bot.Delivery, notBefore time.Time, reason string) error
	// Failed gives a delivery up.
	Failed(ctx context.Context, d bot.Delivery, reason string, now time.Time) error
}

// Standing keeps whether subscriptions are delivered at all.
type Standing interface {
	// Failures counts the editions of a subscription that were given up since the
	// last one was sent, or since it was woken.
	Failures(ctx context.Context, id int64) (int, error)
	// SetState changes the state of a subscription and says why. Its owner is to
	// be told, once.
	SetState(ctx context.Context, id int64, state, reason string, now time.Time) error
	// Untold returns at most limit subscriptions of a platform whose owners have
	// not been told that it stands still, and leases them until now+lease.
	// doubtful is set where an earlier attempt may have told them.
	Untold(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) (subs []bot.Subscription, doubtful bool, err error)
	// Told ends that.
	Told(ctx context.Context, id int64) error
}

// Ledger is what replicas share.
type Ledger interface {
	Agenda
	Queue
	Results
	Standing
}

// Courier delivers each edition once. Any number of couriers, in any number of
// processes, may work on one ledger. Its fields must not change once it runs.
type Courier struct {
	// Ledger keeps what is due and what became of it.
	Ledger Ledger
	// Posters are the platforms that this process serves, by their names.
	Posters map[string]Poster
	// Serves says whether this process posts to a platform at present: another
	// replica may do it, or the way there may be lost for good. Nil for always. What
	// nobody serves waits in the ledger.
	Serves func(platform string) bool
	// Writer writes the editions.
	Writer Writer
	// Sessions tells the days of sessions to the schedules that follow them; nil
	// for none.
	Sessions Sessions
	// Registry, where it is set, tells the sessions that all replicas have
	// registered: schedules follow these, and Sessions only until they are known.
	Registry Registry
	// Posted, where it is set, remembers an edition that is in its room. It is
	// called until it succeeds, as long as the process lives; before that the
	// delivery does not count as sent.
	Posted func(ctx context.Context, p bot.Post, r bot.Receipt) error
	// Log takes what goes wrong.
	Log *slog.Logger
	// Every is how often it looks for what is due; a second when 0.
	Every time.Duration
	// Lease is how long a delivery may take before it is taken over; a minute
	// when 0.
	Lease time.Duration
	// Grace is how late an edition may be, six hours when 0, and never more than
	// half the time to the next one, where its subscription does not say.
	Grace time.Duration
	// Workers is how many editions are delivered at once on each platform; 8 when
	// 0. What a platform takes beyond that is left for answers.
	Workers int
	// PerSecond bounds how many editions are begun in a second on a platform, by
	// its name; a platform that is not named is not bounded. What is due at once
	// is spread, so that answers find room between editions.
	PerSecond map[string]float64
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time

	start sync.Once
	lanes []*lane
	wake  chan struct{} // there may be something to claim, and somebody idle
	work  sync.WaitGroup
	// strangers are the platforms that were found not to be served here.
	strangers sync.Map
	schedules shelf
	refreshed time.Time
	moved     atomic.Bool // sessions, perhaps
	ticked    time.Time
	looked    look

	registered atomic.Pointer[Sessions] // as the registry has told them last
}

// refreshEvery is how often the stored instants are computed anew, from the
// rules of the zones and the days of the sessions.
const refreshEvery = time.Hour

func (c *Courier) init() {
	c.start.Do(func() {
		if c.Every == 0 {
			c.Every = time.Second
		}
		if c.Lease == 0 {
			c.Lease = time.Minute
		}
		if c.Grace == 0 {
			c.Grace = 6 * time.Hour
		}
		if c.Workers == 0 {
			c.Workers = 8
		}
		if c.Now == nil {
			c.Now = time.Now
		}
		c.wake = make(chan struct{}, 1)
		for name, poster := range c.Posters {
			c.lanes = append(c.lanes, &lane{
				platform: name, poster: poster, idle: c.Workers,
				bucket: bucket{rate: c.PerSecond[name]},
			})
		}
	})
}

// Run delivers until ctx ends and then waits for the deliveries in flight, which
// takes no longer than a lease or two.
func (c *Courier) Run(ctx context.Context) {
	c.init()
	defer c.work.Wait()
	// Planning goes on beside the claims: ten thousand editions that fall due at
	// once must not wait until the last of them is planned.
	c.work.Go(func() {
		c.everyRound(ctx, func() {
			c.jumped(ctx)
			c.refresh(ctx)
			c.dispatch(ctx)
			c.tell(ctx)
			c.rouse()
		})
	})
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for ctx.Err() == nil {
		c.claim(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-c.wake:
		}
	}
}

// everyRound does something now and at each tick until ctx ends.
func (c *Courier) everyRound(ctx context.Context, do func()) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for ctx.Err() == nil {
		do()
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// rouse lets the claims look at once.
func (c *Courier) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Tick does once what [Courier.Run] does again and again, and waits for the
// deliveries that it began. Calling it again is harmless; it and Run must not work
// at the same time on one courier.
func (c *Courier) Tick(ctx context.Context) {
	c.init()
	defer c.work.Wait()
	c.refresh(ctx)
	c.dispatch(ctx)
	c.tell(ctx)
	for ctx.Err() == nil {
		c.work.Wait()
		if c.claim(ctx) > 0 {
			continue
		}
		if !c.spreading() {
			return
		}
		rest(ctx, c.Every)
	}
}

// spreading says whether a platform is to get more, but not at once.
func (c *Courier) spreading() bool {
	for _, l := range c.lanes {
		if serves(c.Serves, l.platform) && l.starved() {
			return true
		}
	}
	return false
}

// jumped notes in the log that the wall clock was set: what happens then is no
// mystery to whoever reads it.
func (c *Courier) jumped(ctx context.Context) {
	const noted = time.Minute
	last, now := c.ticked, c.Now()
	c.ticked = now
	if last.IsZero() {
		return
	}
	// With Round(0) the reading of the wall clock counts, without it the time
	// that has passed.
	passed, shown := now.Sub(last), now.Round(0).Sub(last.Round(0))
	if jump := shown - passed; jump.Abs() > noted {
		c.Log.WarnContext(ctx, "the clock was set", "by", jump.String())
	}
}
