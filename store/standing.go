package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
)

// reasonUnsubscribed marks deliveries that an unsubscribe called off, so that its
// undo finds them.
const reasonUnsubscribed = bot.ReasonUnsubscribed

// one returns a subscription of a room, locked for the rest of the transaction.
func (s *Store) one(ctx context.Context, tx *sql.Tx, room bot.Room, id int64, where string, args ...any) (bot.Subscription, error) {
	lock := ""
	if s.postgres {
		lock = ` FOR UPDATE`
	}
	sub, err := scanSubscription(tx.QueryRowContext(ctx, `
		SELECT `+subscriptionColumns+` FROM subscription WHERE platform = $1 AND room = $2 AND id = $3 AND `+where+lock,
		append([]any{room.Platform, room.ID, id}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return bot.Subscription{}, ErrNotFound
	}
	return sub, err
}

// Unsubscribe ends a subscription of the room and what is planned for it, and
// returns it. It returns ErrNotFound when the room has none of that number.
func (s *Store) Unsubscribe(ctx context.Context, room bot.Room, id int64, now time.Time) (bot.Subscription, error) {
	var sub bot.Subscription
	err := s.in(ctx, func(tx *sql.Tx) error {
		var err error
		if sub, err = s.one(ctx, tx, room, id, `state <> 'removed'`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE subscription SET state = 'removed', was = $1, state_ms = $2, tell_ms = 0 WHERE id = $3`, sub.State, now.UnixMilli(), id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE delivery SET doubtful = CASE WHEN state = 'sending' THEN 1 ELSE doubtful END,
				lease_ms = CASE WHEN state = 'sending' THEN lease_ms ELSE 0 END, state = 'failed', reason = $1, done_ms = $2
			WHERE subscription = $3 AND state IN ('planned', 'sending')`, reasonUnsubscribed, now.UnixMilli(), id)
		return err
	})
	if err != nil {
		return bot.Subscription{}, fmt.Errorf("unsubscribe %d: %w", id, err)
	}
	return sub, nil
}

// Restore undoes an unsubscribe that was made since a time: the subscription has
// its number, its state and its next occurrence again, and what was called off is
// planned again. What was being posted stays in the hands of whoever posts it, until
// the lease runs out. It returns ErrNotFound where there is none such, and ErrAlready
// where the room has ordered the same again meanwhile.
func (s *Store) Restore(ctx context.Context, room bot.Room, id int64, since time.Time) (bot.Subscription, error) {
	var sub bot.Subscription
	err := s.in(ctx, func(tx *sql.Tx) error {
		if _, err := s.one(ctx, tx, room, id, `state = 'removed' AND state_ms >= $4`, since.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE subscription SET state = CASE WHEN was = '' THEN 'active' ELSE was END, was = '' WHERE id = $1`, id)
		if err != nil {
			if unique(err) {
				return ErrAlready
			}
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE delivery SET state = CASE WHEN lease_ms > 0 THEN 'sending' ELSE 'planned' END, reason = '', done_ms = 0 WHERE subscription = $1 AND state = 'failed' AND reason = $2`,
			id, reasonUnsubscribed); err != nil {
			return err
		}
		sub, err = s.one(ctx, tx, room, id, `state <> 'removed'`)
		return err
	})
	if err != nil {
		return bot.Subscription{}, fmt.Errorf("restore subscription %d: %w", id, err)
	}
	return sub, nil
}

// unique says whether an error is a row that there is already.
func unique(err error) bool {
	text := err.Error()
	return strings.Contains(text, "UNIQUE constraint failed") || strings.Contains(text, "SQLSTATE 23505")
}

// Sleep stops a subscription of the room until somebody wakes it, and returns
// it. It returns ErrNotFound when the room has none of that number.
func (s *Store) Sleep(ctx context.Context, room bot.Room, id int64, reason string, now time.Time) (bot.Subscription, error) {
	var sub bot.Subscription
	err := s.in(ctx, func(tx *sql.Tx) error {
		var err error
		if sub, err = s.one(ctx, tx, room, id, `state <> 'removed'`); err != nil {
			return err
		}
		sub.State, sub.Reason, sub.StateAt = bot.SubscriptionPaused, reason, now
		_, err = tx.ExecContext(ctx, `
			UPDATE subscription SET state = 'paused', reason = $1, state_ms = $2, tell_ms = 0 WHERE id = $3`, reason, now.UnixMilli(), id)
		return err
	})
	if err != nil {
		return bot.Subscription{}, fmt.Errorf("sleep of subscription %d: %w", id, err)
	}
	return sub, nil
}

// Wake wakes a subscription of the room, from its given next occurrence on, and
// returns it. It returns ErrNotFound when the room has none of that number that
// sleeps.
func (s *Store) Wake(ctx context.Context, room bot.Room, id int64, next time.Time, slot string, now time.Time) (bot.Subscription, error) {
	var sub bot.Subscription
	err := s.in(ctx, func(tx *sql.Tx) error {
		var err error
		if sub, err = s.one(ctx, tx, room, id, `state IN ('paused', 'gone')`); err != nil {
			return err
		}
		sub.State, sub.Reason, sub.StateAt, sub.Next, sub.Slot = bot.SubscriptionActive, "", now, next, slot
		_, err = tx.ExecContext(ctx, `
			UPDATE subscription SET state = 'active', reason = '', state_ms = $1, tell_ms = 0, next_ms = $2, slot = $3 WHERE id = $4`,
			now.UnixMilli(), millis(next), slot, id)
		return err
	})
	if err != nil {
		return bot.Subscription{}, fmt.Errorf("wake subscription %d: %w", id, err)
	}
	return sub, nil
}

// Failures counts the editions of a subscription that were given up since the last
// one was sent, or since the subscription was woken.
func (s *Store) Failures(ctx context.Context, id int64) (int, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM delivery WHERE subscription = $1 AND state = 'failed' AND reason <> $2
			AND due_ms > COALESCE((SELECT MAX(due_ms) FROM delivery WHERE subscription = $1 AND state = 'sent'), 0)
			AND done_ms >= (SELECT state_ms FROM subscription WHERE id = $1)`, id, reasonUnsubscribed).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("failures of subscription %d: %w", id, err)
	}
	return n, nil
}

// SetState changes the state of a subscription that stands still from now on and
// says why. The owner is to be told, once.
func (s *Store) SetState(ctx context.Context, id int64, state, reason string, now time.Time) error {
	tell := int64(0)
	if state == bot.SubscriptionPaused || state == bot.SubscriptionGone {
		tell = 1
	}
	if _, err := s.db.ExecContext(ctx, `
		UPDATE subscription SET state = $1, reason = $2, state_ms = $3, tell_ms = $4 WHERE id = $5 AND state NOT IN ('removed', $1)`,
		state, reason, now.UnixMilli(), tell, id); err != nil {
		return fmt.Errorf("subscription %d: %w", id, err)
	}
	return nil
}

// Untold returns at most limit subscriptions of a platform whose owners are to be
// told that they stand still, all of them for the first time or all of them again
// (doubtful), and leases them until now+lease.
func (s *Store) Untold(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Subscription, bool, error) {
	var subs []bot.Subscription
	doubtful := false
	err := s.in(ctx, func(tx *sql.Tx) error {
		now, err := s.clock(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, due := range []string{`tell_ms = 1`, `tell_ms > 1`} {
			rows, err := tx.QueryContext(ctx, `
				SELECT `+subscriptionColumns+` FROM subscription
				WHERE platform = $1 AND tell_ms > 0 AND `+due+` AND tell_ms < $2 ORDER BY id LIMIT $3`+s.skipLocked(), platform, now.UnixMilli(), limit)
			if err != nil {
				return err
			}
			if subs, err = scanSubscriptions(rows); err != nil || len(subs) > 0 {
				if err != nil {
					return err
				}
				break
			}
			doubtful = true
		}
		for _, sub := range subs {
			if _, err := tx.ExecContext(ctx, `UPDATE subscription SET tell_ms = $1 WHERE id = $2`, now.Add(lease).UnixMilli(), sub.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("owners to tell: %w", err)
	}
	return subs, doubtful, nil
}

// Told notes that an owner was told.
func (s *Store) Told(ctx context.Context, id int64) error {
	if _, err := s.db.ExecContext(ctx, `UPDATE subscription SET tell_ms = 0 WHERE id = $1`, id); err != nil {
		return fmt.Errorf("subscription %d: %w", id, err)
	}
	return nil
}
