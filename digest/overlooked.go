package digest

import (
	"slices"
	"time"

	"rapporteur/bot"
)

// look is what a courier knew of sessions when it last looked through all
// subscriptions.
type look struct {
	at time.Time
	// sessions are nil where it knew them from its own calendar, which may be
	// another one by now.
	sessions Sessions
}

// overlooked returns what is written down of editions before sessions whose time has
// come since the last look without anybody planning them: the calendar of that time
// did not have them, or the stored instant was a later one. next is when the
// subscription is due from now on, and changed says that another instant was stored.
// The newest goes out where that is within the grace; slots that were written down
// already stay as they are.
func (c *Courier) overlooked(sub bot.Subscription, now, next time.Time, changed bool) []bot.Delivery {
	if !followsSessions(sub.Cron) || (c.looked.sessions == nil && !changed) {
		return nil // what is stored comes from the same sessions
	}
	since := c.looked.at
	if since.IsZero() {
		since = now.Add(-longestGrace) // another process may have looked since
	}
	for _, begun := range []time.Time{sub.CreatedAt, sub.StateAt} {
		if begun.After(since) {
			since = begun
		}
	}
	passed := c.between(sub, c.sessions(), since, now)
	if c.looked.sessions != nil {
		planned := c.between(sub, c.looked.sessions, since, now)
		passed = slices.DeleteFunc(passed, func(o occurrence) bool {
			return slices.ContainsFunc(planned, func(p occurrence) bool { return p.slot == o.slot })
		})
	}
	isDue := !sub.Next.IsZero() && !sub.Next.After(now)
	passed = slices.DeleteFunc(passed, func(o occurrence) bool {
		return (isDue && o.slot == sub.Slot) || (c.looked.at.IsZero() && now.Sub(o.due) > c.graceOf(sub, o.due, next))
	})
	if len(passed) == 0 {
		return nil
	}
	newest := passed[len(passed)-1]
	switch {
	case isDue: // that one goes out
		return missed(sub, passed, reasonSuperseded)
	case now.Sub(newest.due) > c.graceOf(sub, newest.due, next):
		return missed(sub, passed, reasonExpired)
	default:
		return append(missed(sub, passed[:len(passed)-1], reasonSuperseded), late(sub, newest, now))
	}
}

// between returns the occurrences of a subscription after the one instant up to the
// other, by the sessions that are given; none where it cannot be read.
func (c *Courier) between(sub bot.Subscription, sessions Sessions, after, until time.Time) []occurrence {
	schedule, err := c.schedules.of(sub, sessions.since(after), until)
	if err != nil {
		return nil
	}
	return schedule.between(after, until, mostMissed)
}
