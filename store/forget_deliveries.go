package store

import (
	"context"
	"time"
)

// ForgetDeliveries deletes what became of deliveries that were due before a time,
// and returns how many there were. Those that are open stay, and so does the
// latest that each subscription has got: what is new is reckoned from there.
func (s *Store) ForgetDeliveries(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `
		DELETE FROM delivery WHERE due_ms < $1 AND state NOT IN ('planned', 'sending') AND (state <> 'sent' OR EXISTS (
			SELECT 1 FROM delivery later WHERE later.subscription = delivery.subscription AND later.state = 'sent' AND later.due_ms > delivery.due_ms))`, before)
}
