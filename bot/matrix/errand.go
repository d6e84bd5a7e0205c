package matrix

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"rapporteur/bot"
)

const (
	// errandLimit is how long something beside the answers may be tried.
	errandLimit = 5 * time.Minute
	// mostErrands bounds what is under way at once; the rest waits.
	mostErrands = 4
)

// errands are small posts beside the answers: notices and the reactions that
// serve as buttons. They neither hold up the sync nor an answer.
type errands struct {
	mu    sync.Mutex
	open  bool
	ended <-chan struct{}
	slots chan struct{}
	group sync.WaitGroup
	log   *slog.Logger
}

// start lets errands run until stop, none of them longer than ctx. log hears of those
// that panic.
func (e *errands) start(ctx context.Context, log *slog.Logger) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open, e.ended, e.slots, e.log = true, ctx.Done(), make(chan struct{}, mostErrands), log
}

// run runs f when there is room for it, under a limit. It outlives ctx, but
// nothing runs before start and after stop.
func (e *errands) run(ctx context.Context, limit time.Duration, f func(context.Context)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.open {
		return
	}
	ended, slots, log := e.ended, e.slots, e.log
	e.group.Go(func() {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ended:
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		go func() {
			select {
			case <-ended:
				cancel()
			case <-ctx.Done():
			}
		}()
		defer func() {
			if v := recover(); v != nil { // what is beside the answers must not end them
				log.ErrorContext(ctx, "matrix errand left out, it panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			}
		}()
		f(ctx)
	})
}

// stop lets no more begin and waits until all have ended.
func (e *errands) stop() {
	e.mu.Lock()
	e.open = false
	e.mu.Unlock()
	e.group.Wait()
}

// notify posts a notice, again and again while it did not arrive or can be looked for.
func (c *Client) notify(ctx context.Context, p bot.Post) {
	c.notifyThen(ctx, p, func(context.Context, bool) {})
}

// notifyThen does the same and calls then in the end: settled is false where the
// notice could not be posted in time.
func (c *Client) notifyThen(ctx context.Context, p bot.Post, then func(ctx context.Context, settled bool)) {
	p.Room.Platform, p.Purpose = c.Name(), bot.ForNotice
	c.errands.run(ctx, errandLimit, func(ctx context.Context) {
		for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
			_, err := bot.PostCaught(ctx, c.Post, p)
			outcome, after := bot.OutcomeOf(err)
			if again := outcome == bot.NotSent || (outcome == bot.Unknown && after > 0); err == nil || !again {
				if err != nil {
					c.log.WarnContext(ctx, "matrix notice not posted", "room", p.Room.ID, "error", err)
				}
				then(ctx, true)
				return
			}
			select {
			case <-ctx.Done():
				then(context.WithoutCancel(ctx), false)
				return
			case <-time.After(max(wait, after)):
			}
		}
	})
}
