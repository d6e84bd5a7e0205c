package digest

import (
	"context"
	"time"

	"rapporteur/bot"
)

const (
	// dueAtOnce is how many subscriptions are read at once.
	dueAtOnce = 100
	// mostMissed bounds what one subscription leaves in the ledger after
	// downtime.
	mostMissed = 400
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
		failed := false
		for _, sub := range due {
			if err := c.plan(ctx, sub, now); err != nil {
				failed = true
				c.Log.ErrorContext(ctx, "plan subscription", "subscription", sub.ID, "error", err)
			}
		}
		if failed || len(due) < dueAtOnce {
			return
		}
	}
}

// plan writes down the occurrences of one subscription that have come.
func (c *Courier) plan(ctx context.Context, sub bot.Subscription, now time.Time) error {
	schedule, err := Parse(sub.Cron, sub.Zone)
	if err != nil {
		return c.pause(ctx, sub, sentence(err))
	}
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
	if !ok {
		return c.pause(ctx, sub, "It is never due again.")
	}
	grace := min(c.Grace, next.Sub(newest.due)/2)
	intime := now.Sub(newest.due) <= grace
	deliveries := make([]bot.Delivery, 0, len(passed))
	for i, o := range passed {
		d := bot.Delivery{
			Key: bot.DeliveryKey(sub.ID, o.slot), Subscription: sub, Slot: o.slot, Due: o.due.UTC(),
			State: bot.DeliveryMissed, Reason: reasonExpired,
		}
		switch {
		case intime && i == len(passed)-1:
			d.State, d.Reason = bot.DeliveryPlanned, ""
		case intime:
			d.Reason = reasonSuperseded
		}
		deliveries = append(deliveries, d)
	}
	if missed := len(deliveries); !intime || missed > 1 {
		c.Log.WarnContext(ctx, "editions missed", "subscription", sub.ID, "occurrences", missed, "newest", newest.slot, "newest_goes_out", intime)
	}
	return c.Ledger.Plan(ctx, sub, deliveries, next.UTC(), slot, now)
}

// pause stops a subscription that can no longer be planned, so that it does not
// come up again every second.
func (c *Courier) pause(ctx context.Context, sub bot.Subscription, reason string) error {
	c.Log.ErrorContext(ctx, "subscription paused", "subscription", sub.ID, "room", sub.Room.String(), "reason", reason)
	return c.Ledger.SetState(ctx, sub.ID, bot.SubscriptionPaused, reason)
}
