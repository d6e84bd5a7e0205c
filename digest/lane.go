package digest

import (
	"context"
	"sync"
	"time"

	"rapporteur/bot"
)

// lane is the way to one platform: so many editions at once, so many a second.
// Platforms do not wait for each other.
type lane struct {
	platform string
	poster   Poster

	mu     sync.Mutex
	idle   int // workers
	bucket bucket
}

// bucket holds what may be begun now; rate 0 does not bound it. It fills with the
// clock, up to a second's worth.
type bucket struct {
	rate   float64 // a second
	tokens float64
	filled time.Time
}

// take takes at most want tokens and returns how many there were.
func (b *bucket) take(now time.Time, want int) int {
	if b.rate <= 0 {
		return want
	}
	most := max(b.rate, 1)
	switch passed := now.Sub(b.filled); {
	case b.filled.IsZero():
		b.tokens = most
	case passed > 0: // a clock that was set back fills nothing
		b.tokens = min(most, b.tokens+b.rate*passed.Seconds())
	}
	b.filled = now
	got := min(want, int(b.tokens))
	b.tokens -= float64(got)
	return got
}

// reserve takes idle workers, as many as may begin now.
func (l *lane) reserve(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.bucket.take(now, l.idle)
	l.idle -= n
	return n
}

// starved says whether workers are idle because nothing may begin yet.
func (l *lane) starved() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.idle > 0 && l.bucket.rate > 0 && l.bucket.tokens < 1
}

// release gives workers back, and their tokens where they did not begin, and
// returns how many are idle.
func (l *lane) release(workers, unused int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle += workers
	l.bucket.tokens += float64(unused)
	return l.idle
}

// claim claims as many deliveries as there are idle workers, sets these to work
// and returns how many there were.
func (c *Courier) claim(ctx context.Context) int {
	claimed := 0
	for _, l := range c.lanes {
		claimed += c.claimFor(ctx, l)
	}
	return claimed
}

func (c *Courier) claimFor(ctx context.Context, l *lane) int {
	if !serves(c.Serves, l.platform) {
		return 0
	}
	workers := l.reserve(c.Now())
	if workers == 0 {
		return 0
	}
	// Work outlives a stop, so that it is not cut off between post and mark, and
	// ends well before the lease does, counted from before the claim: until then
	// nobody else posts.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Lease*3/4)
	now := c.Now()
	deliveries, err := c.Ledger.Claim(ctx, l.platform, now, c.Lease, workers)
	if err != nil && ctx.Err() == nil {
		c.Log.ErrorContext(ctx, "claim deliveries", "platform", l.platform, "error", err)
	}
	l.release(workers-len(deliveries), workers-len(deliveries))
	var batch sync.WaitGroup
	for _, d := range deliveries {
		batch.Go(func() {
			c.deliver(ctx, work, l.poster, claim{Delivery: d, until: now.Add(c.Lease * 3 / 4)})
			// One claim for many workers is cheaper than one for each.
			if idle := l.release(1, 0); idle >= (c.Workers+1)/2 {
				c.rouse()
			}
		})
	}
	c.work.Go(func() {
		batch.Wait()
		cancel()
	})
	return len(deliveries)
}

// serves says whether a process posts to a platform at present; a nil function
// stands for always.
func serves(f func(platform string) bool, platform string) bool { return f == nil || f(platform) }

// claim is a delivery in the hands of a worker.
type claim struct {
	bot.Delivery
	// until is when the worker must not begin to post any more, by the clock that
	// the lease is kept with.
	until time.Time
}
