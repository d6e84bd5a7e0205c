package digest

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"rapporteur/bot"
)

// Writer writes editions.
type Writer interface {
	// Write returns the edition as a reply; an empty one is not posted. What it
	// returns depends on the edition alone, so that a repeated post says the same.
	Write(ctx context.Context, e Edition) (bot.Reply, error)
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
	// Plan writes down occurrences of sub, planned or missed, and its next one,
	// in one transaction. It does nothing where the subscription is not as it
	// was read, for then somebody else was faster, and never writes a slot twice.
	Plan(ctx context.Context, sub bot.Subscription, occurrences []bot.Delivery, next time.Time, nextSlot string, now time.Time) error
	// SetState changes the state of a subscription and says why.
	SetState(ctx context.Context, id int64, state, reason string) error
}

// Queue hands out deliveries.
type Queue interface {
	// Claim takes at most limit deliveries that are planned, or whose lease ran
	// out while they were being sent, and leases them until now+lease.
	Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error)
}

// Results keeps what became of deliveries.
type Results interface {
	// Sent marks a delivery as being in the room.
	Sent(ctx context.Context, key, receipt string, now time.Time) error
	// Retry gives a delivery that did not reach the room back until notBefore.
	Retry(ctx context.Context, key string, notBefore time.Time, reason string) error
	// Failed gives a delivery up.
	Failed(ctx context.Context, key, reason string, now time.Time) error
}

// Ledger is what replicas share.
type Ledger interface {
	Agenda
	Queue
	Results
}

// Courier delivers each edition once. Any number of couriers, in any number of
// processes, may work on one ledger. Its fields must not change once it runs.
type Courier struct {
	// Ledger keeps what is due and what became of it.
	Ledger Ledger
	// Posters are the platforms that this process serves, by their names.
	Posters map[string]Poster
	// Writer writes the editions.
	Writer Writer
	// Log takes what goes wrong.
	Log *slog.Logger
	// Every is how often it looks for what is due; a second when 0.
	Every time.Duration
	// Lease is how long a delivery may take before it is taken over; a minute
	// when 0.
	Lease time.Duration
	// Grace is how late an edition may be, six hours when 0, and never more than
	// half the time to the next one.
	Grace time.Duration
	// Workers is how many editions are delivered at once; 8 when 0.
	Workers int
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time

	start sync.Once
	free  chan struct{} // holds a token for each worker at work
	work  sync.WaitGroup
	// strangers are the platforms that were found not to be served here.
	strangers sync.Map
}

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
		c.free = make(chan struct{}, c.Workers)
	})
}

// Run delivers until ctx ends and then waits for the deliveries in flight, which
// takes no longer than a lease or two.
func (c *Courier) Run(ctx context.Context) {
	c.init()
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	defer c.work.Wait()
	for ctx.Err() == nil {
		c.dispatch(ctx)
		c.claim(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// Tick does once what [Courier.Run] does again and again, and waits for the
// deliveries that it began. Calling it again is harmless; it and Run must not work
// at the same time on one courier.
func (c *Courier) Tick(ctx context.Context) {
	c.init()
	c.dispatch(ctx)
	for ctx.Err() == nil && c.claim(ctx) > 0 {
		c.work.Wait()
	}
}

// claim claims as many deliveries as there are idle workers, sets these to work
// and returns how many there were.
func (c *Courier) claim(ctx context.Context) int {
	idle := c.Workers - len(c.free)
	if idle <= 0 {
		return 0
	}
	// Work outlives a stop, so that it is not cut off between post and mark, and
	// ends well before the lease does, counted from before the claim: until then
	// nobody else posts.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Lease*3/4)
	deliveries, err := c.Ledger.Claim(ctx, c.Now(), c.Lease, idle)
	if err != nil && ctx.Err() == nil {
		c.Log.ErrorContext(ctx, "claim deliveries", "error", err)
	}
	var batch sync.WaitGroup
	for _, d := range deliveries {
		c.free <- struct{}{}
		batch.Go(func() {
			defer func() { <-c.free }()
			c.deliver(ctx, work, d)
		})
	}
	c.work.Go(func() {
		batch.Wait()
		cancel()
	})
	return len(deliveries)
}
