package digest

import (
	"context"
	"errors"
	"time"

	"rapporteur/bot"
)

const (
	// dueAtOnce is how many subscriptions are read and planned at once.
	dueAtOnce = 200
	// mostMissed bounds what one subscription leaves in the ledger after
	// downtime.
	mostMissed = 400
	// punctual is how late an edition may be however small its grace: looking
	// for what is due takes a moment.
	punctual = time.Minute
)

// Why an occurrence was missed.
const (
	reasonSuperseded = "superseded by a later slot"
	reasonExpired    = "expired: nobody was there to send it in time"
)

// dispatch turns what is due into deliveries. It goes on as long as there is
// more, unless a subscription would not be planned, which stays due.
func (c *Courier) dispatch(ctx context.Context) {
	for ctx.Err() == nil {
		now := c.Now()
		due, err := c.Ledger.Due(ctx, now, dueAtOnce)
		if err != nil {
			if ctx.Err() == nil {
				c.Log.ErrorContext(ctx, "look for due subscriptions", "error", err)
			}
			return
		}
		var plans []bot.Plan
		failed := c.askFor(ctx, due) != nil
		for _, sub := range due {
			if failed && followsSessions(sub.Cron) {
				continue // in the next round
			}
			plan, err := c.plan(ctx, sub, now)
			switch {
			case err != nil:
				failed = true
				c.Log.ErrorContext(ctx, "plan subscription", "subscription", sub.ID, "error", err)
			case plan != nil:
				plans = append(plans, *plan)
			}
		}
		if len(plans) > 0 {
			if err := c.Ledger.Plan(ctx, plans, now); err != nil {
				failed = true
				c.Log.ErrorContext(ctx, "plan subscriptions", "subscriptions", len(plans), "error", err)
			}
		}
		if failed || len(due) < dueAtOnce {
			return
		}
		c.rouse()
	}
}

// plan returns what is to be written down of the occurrences of one subscription
// that have come; nil for one that can no longer be planned.
func (c *Courier) plan(ctx context.Context, sub bot.Subscription, now time.Time) (*bot.Plan, error) {
	schedule, err := c.schedules.of(sub, c.sessions().since(sub.Next), now)
	if err != nil {
		return nil, c.pause(ctx, sub, sentence(err), now)
	}
	c.known(ctx, sub)
	// The stored slot counts, even where the rules of the zone have changed and
	// would now name another instant.
	first := occurrence{sub.Next, sub.Slot}
	passed := []occurrence{first}
	for _, o := range schedule.between(first.due, now, mostMissed) {
		if o.slot != first.slot {
			passed = append(passed, o)
		}
	}
	passed = passed[max(0, len(passed)-mostMissed):]
	newest := passed[len(passed)-1]
	next, slot, ok := schedule.Next(now)
	if ok && slot == newest.slot {
		next, slot, ok = schedule.Next(next)
	}
	if !ok && !schedule.FollowsSessions() {
		return nil, c.pause(ctx, sub, "It is never due again.", now)
	}
	intime := now.Sub(newest.due) <= c.graceOf(sub, newest.due, next)
	plan := &bot.Plan{Subscription: sub, Next: next.UTC(), Slot: slot}
	if !ok {
		plan.Next, plan.Slot = time.Time{}, "" // until the calendar knows a session
	}
	if intime {
		plan.Occurrences = append(missed(sub, passed[:len(passed)-1], reasonSuperseded), late(sub, newest, now))
	} else {
		plan.Occurrences = missed(sub, passed, reasonExpired)
	}
	if count := len(passed); !intime || count > 1 {
		c.Log.WarnContext(ctx, "editions missed", "subscription", sub.ID, "occurrences", count, "newest", newest.slot, "newest_goes_out", intime)
	}
	return plan, nil
}

// missed returns what is written down of occurrences that nobody sees.
func missed(sub bot.Subscription, passed []occurrence, reason string) []bot.Delivery {
	var rows []bot.Delivery
	for _, o := range passed {
		rows = append(rows, bot.Delivery{
			Key: bot.DeliveryKey(sub.ID, o.slot), Subscription: sub, Slot: o.slot, Due: o.due.UTC(),
			State: bot.DeliveryMissed, Reason: reason,
		})
	}
	return rows
}

// late returns what is written down of an occurrence that has come and goes out now.
func late(sub bot.Subscription, o occurrence, now time.Time) bot.Delivery {
	d := bot.Delivery{Key: bot.DeliveryKey(sub.ID, o.slot), Subscription: sub, Slot: o.slot, Due: o.due.UTC(), State: bot.DeliveryPlanned}
	if now.Sub(o.due) >= noticeable {
		// The database may be a backup that does not know of a post: it is looked
		// for before the edition goes out.
		d.Doubtful, d.FirstTried = true, d.Due
	}
	return d
}

// graceOf returns how late the edition that was due may be. It is judged when the
// edition is planned: what waits for its platform afterwards is late and not
// missed.
func (c *Courier) graceOf(sub bot.Subscription, due, next time.Time) time.Duration {
	if grace, said := GraceOf(sub.Options); said {
		return max(grace, punctual)
	}
	if next.IsZero() {
		return c.Grace
	}
	return min(c.Grace, next.Sub(due)/2)
}

// pause stops a subscription that can no longer be planned, so that it does not
// come up again every second.
func (c *Courier) pause(ctx context.Context, sub bot.Subscription, reason string, now time.Time) error {
	c.Log.ErrorContext(ctx, "subscription paused", "subscription", sub.ID, "room", sub.Room.String(), "reason", reason)
	return c.Ledger.SetState(ctx, sub.ID, bot.SubscriptionPaused, reason, now)
}

// known says once in the log that a platform is not served here: its deliveries
// wait for a replica that serves it.
func (c *Courier) known(ctx context.Context, sub bot.Subscription) {
	platform := sub.Room.Platform
	if _, here := c.Posters[platform]; here {
		return
	}
	if _, told := c.strangers.LoadOrStore(platform, true); !told {
		c.Log.WarnContext(ctx, "platform of a subscription is not configured here", "platform", platform, "subscription", sub.ID)
	}
}

// Refresh says that sessions may have moved: the stored instants are computed anew
// in the next round.
func (c *Courier) Refresh() { c.moved.Store(true) }

// refresh computes the stored instants anew, at the start, every hour and when the
// calendar changes: the rules of a zone may have changed since, and sessions may
// have moved. The slots
// of cron expressions stay as they are. It also gives up what nobody ever tried.
func (c *Courier) refresh(ctx context.Context) {
	now := c.Now()
	moved := c.moved.Swap(false)
	if since := now.Sub(c.refreshed); !moved && !c.refreshed.IsZero() && since.Abs() < refreshEvery {
		return
	}
	subs, err := c.Ledger.AllSubscriptions(ctx)
	if err != nil {
		c.refreshed = time.Time{} // in the next round
		if ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "read the subscriptions", "error", err)
		}
		return
	}
	c.refreshed = now
	sure := c.ask(ctx)
	if sure != nil {
		if ctx.Err() == nil {
			c.Log.WarnContext(ctx, "editions before sessions are not moved here", "error", sure)
		}
		if !errors.Is(sure, ErrOlderCalendar) {
			c.refreshed = time.Time{} // in the next round
		}
	}
	var plans []bot.Plan
	for _, sub := range subs {
		if sure != nil && followsSessions(sub.Cron) {
			continue
		}
		next, slot, changed := c.renewed(sub, now)
		overlooked := c.overlooked(sub, now, next, changed)
		if changed {
			c.Log.InfoContext(ctx, "next edition moved", "subscription", sub.ID, "from", sub.Next, "to", next, "slot", slot)
			plans = append(plans, bot.Plan{Subscription: sub, Next: next, Slot: slot, Occurrences: overlooked})
		} else if len(overlooked) > 0 {
			plans = append(plans, bot.Plan{Subscription: sub, Next: sub.Next, Slot: sub.Slot, Occurrences: overlooked})
		}
	}
	if len(plans) > 0 {
		if err := c.Ledger.Plan(ctx, plans, now); err != nil {
			c.refreshed = time.Time{} // in the next round
			c.Log.ErrorContext(ctx, "move next editions", "subscriptions", len(plans), "error", err)
			sure = err // what was overlooked is looked for again
		}
	}
	if sure == nil {
		c.looked = look{at: now}
		if s := c.registered.Load(); s != nil {
			c.looked.sessions = *s
		}
	}
	given, err := c.Ledger.Expire(ctx, now.Add(-longestWait-longestGrace), now)
	if err != nil && ctx.Err() == nil {
		c.Log.ErrorContext(ctx, "give up what nobody tried", "error", err)
	}
	if given > 0 {
		c.Log.WarnContext(ctx, "editions given up that nobody tried", "editions", given)
	}
}

// renewed returns what is next for a subscription, where that is not what is
// stored.
func (c *Courier) renewed(sub bot.Subscription, now time.Time) (next time.Time, slot string, changed bool) {
	schedule, err := c.schedules.of(sub, c.sessions(), now)
	if err != nil {
		return time.Time{}, "", false // told when it is due
	}
	if !schedule.FollowsSessions() {
		w, err := time.Parse(slotLayout, sub.Slot)
		if err != nil || sub.Next.IsZero() {
			return time.Time{}, "", false
		}
		next = firstAt(w, schedule.zone).UTC()
		return next, sub.Slot, !next.Equal(sub.Next)
	}
	if !sub.Next.IsZero() && !sub.Next.After(now) {
		return time.Time{}, "", false // it is due
	}
	if next, slot, ok := schedule.Next(now); ok {
		return next.UTC(), slot, slot != sub.Slot || !next.Equal(sub.Next)
	}
	return time.Time{}, "", !sub.Next.IsZero()
}
