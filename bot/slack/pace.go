package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Slack takes about one message a second for each channel, with short bursts.
// docs.slack.dev/apis/web-api/rate-limits.
const (
	postGap   = time.Second
	postBurst = 3
	// historyLane is the lane of reading rooms, which has its own limit.
	historyLane = "history"
	mostLanes   = 4096
)

// pace keeps the calls of a lane, such as the posts into a channel, apart, and
// holds a lane back for which Slack asked for a pause; the other lanes go on.
type pace struct {
	now  func() time.Time
	stop <-chan struct{} // ends all waiting

	mu    sync.Mutex
	lanes map[string]*lane
}

// lane is where calls follow each other.
type lane struct {
	next    time.Time // when the call after the ones that are let go is due
	blocked time.Time // nothing goes before
}

func newPace(now func() time.Time, stop <-chan struct{}) *pace {
	return &pace{now: now, stop: stop, lanes: map[string]*lane{}}
}

// errStopping is a wait that ended because the bot stops.
var errStopping = errors.New("the bot stops")

// tooEarly is a call that would have to wait longer than its context lasts.
type tooEarly struct{ wait time.Duration }

// Error says how long.
func (e tooEarly) Error() string {
	return fmt.Sprintf("slack takes no more here for %v", e.wait.Round(time.Millisecond))
}

// wait returns when a call of the lane may be made: when the pause is over that
// Slack asked for. It returns an error at once where that would be later than ctx
// lasts.
func (p *pace) wait(ctx context.Context, name string) error {
	for {
		if err := p.turn(ctx, name, 0, 0); err != nil {
			return err
		}
		if p.probe(name) {
			return nil
		}
	}
}

// After a pause one call goes first, and the others that waited follow at this
// distance: the first will say whether the pause goes on.
const probeGap = 10 * time.Second

// probe says whether a call may go in a lane whose pause has ended.
func (p *pace) probe(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, l := p.now(), p.lanes[name]
	switch {
	case l == nil || now.Sub(l.blocked) > 3*probeGap:
		return true
	case now.Before(l.blocked):
		return false
	}
	l.blocked = now.Add(probeGap)
	return true
}

// turn is wait for a call that keeps its distance: gap is what lies between two.
// It returns an error at once where that would take longer than longest, 0 for any
// time; the place in the lane is then given back.
func (p *pace) turn(ctx context.Context, name string, gap, longest time.Duration) error {
	at := p.reserve(name, gap)
	for {
		now := p.now()
		at = p.notBefore(name, at)
		wait := at.Sub(now)
		if wait <= 0 {
			return ctx.Err()
		}
		deadline, limited := ctx.Deadline()
		if (limited && deadline.Sub(now) <= wait) || (longest > 0 && wait > longest) {
			p.release(name, gap)
			return tooEarly{wait}
		}
		if err := rest(ctx, p.stop, wait); err != nil {
			return err
		}
	}
}

// rest waits, and says why where it was cut short.
func rest(ctx context.Context, stop <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-stop:
		return errStopping
	}
}

// reserve takes the next place in the lane.
func (p *pace) reserve(name string, gap time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	l := p.lane(name, now)
	if gap == 0 {
		return now
	}
	if l.next.Before(now) {
		l.next = now
	}
	at := l.next.Add(-(postBurst - 1) * gap)
	l.next = l.next.Add(gap)
	return at
}

// release gives the latest place in the lane back.
func (p *pace) release(name string, gap time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.lanes[name]; l != nil && gap > 0 {
		l.next = l.next.Add(-gap)
	}
}

// notBefore moves a time behind the pause that Slack asked for.
func (p *pace) notBefore(name string, at time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.lanes[name]; l != nil && l.blocked.After(at) {
		return l.blocked
	}
	return at
}

// block holds a lane back.
func (p *pace) block(name string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	l := p.lane(name, now)
	if until := now.Add(d); until.After(l.blocked) {
		l.blocked = until
	}
	if full := l.blocked.Add((postBurst - 1) * postGap); full.After(l.next) {
		l.next = full // and then one by one, not all at once
	}
}

// free ends the pause of a lane: what it was for is over.
func (p *pace) free(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lanes, name)
}

// lane returns a lane. p.mu is held.
func (p *pace) lane(name string, now time.Time) *lane {
	l := p.lanes[name]
	if l == nil {
		if len(p.lanes) >= mostLanes {
			for other, o := range p.lanes {
				if o.next.Before(now) && o.blocked.Before(now) {
					delete(p.lanes, other)
				}
			}
		}
		l = &lane{}
		p.lanes[name] = l
	}
	return l
}
