package digest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"rapporteur/bot"
)

const (
	// noticeable is how late an edition must be to say so.
	noticeable = 5 * time.Minute
	// longestWait is after how long an edition is not news any more, unless the
	// next one is due sooner.
	longestWait = 12 * time.Hour
	// afterQuiet is for how long an edition that quiet hours held is news at least.
	afterQuiet = time.Hour
	// shortestPause and longestPause bound the wait before another attempt.
	shortestPause = 30 * time.Second
	longestPause  = 30 * time.Minute
)

// deliver writes and posts one edition and writes down what became of it. work
// ends before the lease does; stop ends when the courier is to stop.
func (c *Courier) deliver(stop, work context.Context, poster Poster, d claim) {
	if reason := c.hopeless(d); reason != "" {
		if d.Doubtful {
			reason += "; an earlier attempt may have reached the room"
		}
		c.fail(work, d, reason)
		return
	}
	now := c.Now()
	if until := c.held(d, now); until.After(now) {
		c.note(work, d, func(ctx context.Context) error {
			return c.Ledger.Retry(ctx, d.Delivery, until, "waits until the quiet hours end")
		})
		return
	}
	edition := Edition{Subscription: d.Subscription, Slot: d.Slot, Due: d.Due, Now: now}
	if late := now.Sub(d.Due); late >= noticeable {
		edition.Late = late
	}
	reply, body, err := c.draft(work, d, edition)
	if err != nil {
		c.retry(work, d, 0, fmt.Errorf("write: %w", err))
		return
	}
	if missing := unreadIn(reply); missing > 0 && now.Add(shortestPause).Before(c.readBy(d)) {
		c.Log.InfoContext(work, "edition left to a replica that has read what it quotes", "delivery", d.Key, "slot", d.Slot, "quotations", missing)
		c.note(work, d, func(ctx context.Context) error {
			return c.Ledger.Retry(ctx, d.Delivery, now.Add(shortestPause), "quotes what is not known here")
		})
		return
	}
	var receipt bot.Receipt
	p := bot.Post{
		Room: d.Subscription.Room, Reply: visible(reply), Key: d.Key, Purpose: bot.ForDigest,
		Doubtful: d.Doubtful, Since: d.FirstTried,
		Unlikely: d.Doubtful && len(d.Body) == 0, // nobody meant to post it, as far as is known
	}
	if len(reply) > 0 {
		if held, err := c.intends(work, d, body); !held {
			// Somebody else has it, or it was called off: nothing is posted and
			// nothing is settled.
			c.Log.WarnContext(work, "delivery let go before its post", "delivery", d.Key, "subscription", d.Subscription.ID, "slot", d.Slot, "attempt", d.Attempt, "error", err)
			return
		}
		receipt, err = post(work, poster, p)
	}
	if err != nil {
		c.unsent(work, d, err)
		return
	}
	p.Reply = reply // what is remembered keeps the places of words that are unread here
	c.sent(stop, d, p, receipt)
}

// draft returns what the edition says and how that is written down. What may be in
// the room already is said again as it was said first, though the calendar is
// another one by now; what surely is not is written anew.
func (c *Courier) draft(ctx context.Context, d claim, e Edition) (bot.Reply, []byte, error) {
	if d.Doubtful && len(d.Body) > 0 {
		reply, err := c.reread(ctx, e, d.Body)
		if err == nil {
			return reply, d.Body, nil
		}
		c.Log.ErrorContext(ctx, "edition of an earlier attempt cannot be read; it is written anew", "delivery", d.Key, "slot", d.Slot, "error", err)
	}
	reply, err := c.write(ctx, e)
	if err != nil || len(reply) == 0 {
		return nil, nil, err
	}
	body, err := writeWhole(reply)
	return reply, body, err
}

func (c *Courier) reread(ctx context.Context, e Edition, body []byte) (bot.Reply, error) {
	if r, is := c.Writer.(Rereader); is {
		return r.Reread(ctx, e, body)
	}
	return readReply(body, nil)
}

// intends writes down what is about to be posted and says whether the delivery may
// still be posted. A process that was stopped
// for longer than its lease wakes up in the middle of its work: the clock tells
// it, and where the clock was set meanwhile, the ledger does, by the attempt.
func (c *Courier) intends(work context.Context, d claim, body []byte) (bool, error) {
	if !c.Now().Before(d.until) || !timeLeft(work) {
		return false, errLate
	}
	held, err := c.Ledger.Intend(work, d.Delivery, body, c.Now())
	if err != nil {
		return false, fmt.Errorf("ask whether it is still ours: %w", err)
	}
	if !held {
		return false, bot.ErrTakenOver
	}
	return true, nil
}

// timeLeft says whether ctx has not ended. Its timer may not have fired yet in a
// process that was stopped, so the clock is asked.
func timeLeft(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(deadline) > 0)
}

// held returns when the edition may go out: now, or when the room's quiet hours
// end.
func (c *Courier) held(d claim, now time.Time) time.Time {
	quiet := QuietHours(d.Subscription.Options)
	if quiet.IsZero() {
		return now
	}
	schedule, err := c.schedules.of(d.Subscription, c.sessions(), now)
	if err != nil {
		return now
	}
	return quiet.held(now, schedule.zone)
}

// hopeless says why a delivery is not worth an attempt; empty when it is.
func (c *Courier) hopeless(d claim) string {
	if state := d.Subscription.State; state != bot.SubscriptionActive {
		return "the subscription is " + state
	}
	if d.Subscription.Broken != "" {
		return broken(d.Subscription).Error()
	}
	if c.Now().After(c.expires(d)) {
		return "expired before it could be sent"
	}
	return ""
}

// expires returns when an edition is not news any more.
func (c *Courier) expires(d claim) time.Time {
	limit := d.Due.Add(longestWait)
	if grace, said := GraceOf(d.Subscription.Options); said {
		limit = limit.Add(grace)
	}
	if schedule, err := c.schedules.of(d.Subscription, c.sessions(), d.Due); err == nil {
		// What quiet hours have held gets its chance when they end.
		if held := schedule.quiet.held(limit, schedule.zone); held.After(limit) {
			limit = held.Add(afterQuiet)
		}
		if next, _, ok := schedule.Next(d.Due); ok && next.Before(limit) {
			return next
		}
	}
	return limit
}

// readBy returns until when an edition that quotes what is not known here waits for
// a replica that knows it: no longer than half the time in which it is news, so that
// the other half is left to post it. Quiet hours do not count.
func (c *Courier) readBy(d claim) time.Time {
	from := c.held(d, d.FirstTried)
	return from.Add(min(readWithin, c.expires(d).Sub(from)/2))
}

// unsent writes down what the outcome of a failed post allows.
func (c *Courier) unsent(ctx context.Context, d claim, err error) {
	switch outcome, after := bot.OutcomeOf(err); outcome {
	case bot.NotSent:
		c.retry(ctx, d, after, err)
	case bot.Refused:
		c.fail(ctx, d, err.Error())
	case bot.Gone:
		c.fail(ctx, d, err.Error())
		c.note(ctx, d, func(ctx context.Context) error {
			return c.Ledger.SetState(ctx, d.Subscription.ID, bot.SubscriptionGone, err.Error(), c.Now())
		})
	default:
		if after > 0 { // the platform knows when it can tell more
			d.Doubtful = true
			c.retry(ctx, d, after, err)
			return
		}
		// The lease runs out, and the next claim looks before it posts.
		c.Log.WarnContext(ctx, "edition may or may not be posted", "delivery", d.Key, "subscription", d.Subscription.ID, "slot", d.Slot, "error", err)
	}
}

// retry gives the delivery back for a while, or up when the edition would be no
// news by then.
func (c *Courier) retry(ctx context.Context, d claim, after time.Duration, cause error) {
	notBefore := c.Now().Add(max(after, pauseAfter(d.Attempt)))
	if notBefore.After(c.expires(d)) {
		c.fail(ctx, d, fmt.Sprintf("given up after %d attempts: %v", d.Attempt, cause))
		return
	}
	c.Log.WarnContext(ctx, "edition not posted yet", "delivery", d.Key, "subscription", d.Subscription.ID, "slot", d.Slot, "not_before", notBefore, "error", cause)
	c.note(ctx, d, func(ctx context.Context) error { return c.Ledger.Retry(ctx, d.Delivery, notBefore, cause.Error()) })
}

// pauseAfter returns how long to wait after so many attempts.
func pauseAfter(attempts int) time.Duration {
	pause := shortestPause
	for range attempts - 1 {
		if pause = 2 * pause; pause > longestPause {
			return longestPause
		}
	}
	return pause
}

func (c *Courier) fail(ctx context.Context, d claim, reason string) {
	c.Log.ErrorContext(ctx, "edition given up", "delivery", d.Key, "subscription", d.Subscription.ID, "slot", d.Slot, "reason", reason)
	c.note(ctx, d, func(ctx context.Context) error {
		if err := c.Ledger.Failed(ctx, d.Delivery, reason, c.Now()); err != nil {
			return err
		}
		return c.failedAgain(ctx, d, reason)
	})
}

// mostFailures is after how many editions in a row that could not be posted a
// subscription is paused.
const mostFailures = 5

// failedAgain pauses a subscription of which one edition after the other fails: its
// owner is told, and nobody is left to wonder why nothing comes.
func (c *Courier) failedAgain(ctx context.Context, d claim, reason string) error {
	if d.Subscription.State != bot.SubscriptionActive {
		return nil
	}
	failures, err := c.Ledger.Failures(ctx, d.Subscription.ID)
	if err != nil || failures < mostFailures {
		return err
	}
	return c.pause(ctx, d.Subscription, fmt.Sprintf("%d editions in a row could not be posted; the last one: %s", failures, reason), c.Now())
}

// note writes down once that a delivery was not made. Where that fails, the
// lease runs out and the next claim takes the delivery to be doubtful.
func (c *Courier) note(ctx context.Context, d claim, write func(context.Context) error) {
	// The work may have used up its time; there is a quarter of the lease left.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Lease/8)
	defer cancel()
	switch err := write(ctx); {
	case errors.Is(err, bot.ErrTakenOver):
		c.Log.WarnContext(ctx, "delivery was taken over, so it is not settled here", "delivery", d.Key, "slot", d.Slot, "attempt", d.Attempt)
	case err != nil:
		c.Log.ErrorContext(ctx, "write down what became of a delivery", "delivery", d.Key, "slot", d.Slot, "error", err)
	}
}

// sent writes down that a delivery is in the room, and what it says, again and again while the
// process lives, whoever holds the lease by then: what is known must not become
// a doubt because the database was away. After a stop it tries once more.
func (c *Courier) sent(stop context.Context, d claim, p bot.Post, receipt bot.Receipt) {
	for pause := time.Second; ; pause = min(2*pause, shortestPause) {
		last := stop.Err() != nil
		once, cancel := context.WithTimeout(context.WithoutCancel(stop), c.Lease)
		err := c.settleSent(once, d, p, receipt)
		cancel()
		if err == nil {
			return
		}
		c.Log.ErrorContext(stop, "write down that an edition is posted", "delivery", d.Key, "slot", d.Slot, "error", err)
		if last {
			return
		}
		rest(stop, pause)
	}
}

// settleSent remembers the edition before the delivery counts as sent: where the
// process dies in between, the next claim finds the post and remembers it.
func (c *Courier) settleSent(ctx context.Context, d claim, p bot.Post, receipt bot.Receipt) error {
	if c.Posted != nil && len(p.Reply) > 0 {
		if err := c.Posted(ctx, p, receipt); err != nil {
			return fmt.Errorf("remember the post: %w", err)
		}
	}
	return c.Ledger.Sent(ctx, d.Delivery, receipt.ID, c.Now())
}

func (c *Courier) write(ctx context.Context, e Edition) (reply bot.Reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return c.Writer.Write(ctx, e)
}

var errLate = errors.New("no time left to post before the lease ends")

// post posts, unless the writer has used up the time. A panic leaves the outcome
// unknown.
func post(ctx context.Context, poster Poster, p bot.Post) (bot.Receipt, error) {
	if !timeLeft(ctx) {
		return bot.Receipt{}, &bot.PostError{Outcome: bot.NotSent, Err: errLate}
	}
	return bot.PostCaught(ctx, poster.Post, p)
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
