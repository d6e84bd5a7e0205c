package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
)

// Plan writes down the occurrences of a subscription that have come (Planned or
// Missed, by their State) and its next one, in one transaction. It does nothing
// when another replica was faster, or when the person changed the subscription.
func (s *Store) Plan(ctx context.Context, sub bot.Subscription, occurrences []bot.Delivery, next time.Time, slot string, now time.Time) error {
	err := s.in(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE subscription SET next_ms = $1, slot = $2 WHERE id = $3 AND next_ms = $4 AND slot = $5 AND state = 'active'`,
			millis(next), slot, sub.ID, millis(sub.Next), sub.Slot)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for _, d := range occurrences {
			done := int64(0)
			if d.State == bot.DeliveryMissed {
				done = now.UnixMilli()
			}
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO delivery (id, subscription, slot, due_ms, state, reason, attempts, first_ms, not_before_ms, lease_ms, receipt, done_ms)
				VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, '', $7) ON CONFLICT DO NOTHING`,
				bot.DeliveryKey(sub.ID, d.Slot), sub.ID, d.Slot, millis(d.Due), d.State, d.Reason, done); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("plan subscription %d: %w", sub.ID, err)
	}
	return nil
}

const deliveryColumns = `d.id, d.slot, d.due_ms, d.attempts, d.first_ms, d.state, d.reason, d.receipt`

func joined(where string) string {
	columns := "s." + strings.ReplaceAll(subscriptionColumns, ", ", ", s.")
	return `SELECT ` + columns + `, ` + deliveryColumns + ` FROM delivery d JOIN subscription s ON s.id = d.subscription ` + where
}

// Claim takes at most limit deliveries to be posted now: planned ones, and those
// whose process died while it sent them. Each is leased until now+lease, and its
// Attempt counts this try: above 1, an earlier try may have reached the room.
func (s *Store) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error) {
	var out []bot.Delivery
	err := s.in(ctx, func(tx *sql.Tx) error {
		lock := ""
		if s.postgres {
			lock = ` FOR UPDATE OF d SKIP LOCKED`
		}
		rows, err := tx.QueryContext(ctx, joined(`
			WHERE s.state = 'active' AND ((d.state = 'planned' AND d.not_before_ms <= $1) OR (d.state = 'sending' AND d.lease_ms < $1))
			ORDER BY d.due_ms, d.id LIMIT $2`)+lock, now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		out, err = scanDeliveries(rows)
		if err != nil {
			return err
		}
		for i := range out {
			d := &out[i]
			d.Attempt++
			d.Doubtful = d.Attempt > 1
			d.State = bot.DeliverySending
			if d.FirstTried.IsZero() {
				d.FirstTried = now
			}
			if _, err := tx.ExecContext(ctx, `
				UPDATE delivery SET state = 'sending', attempts = $1, first_ms = $2, lease_ms = $3 WHERE id = $4`,
				d.Attempt, millis(d.FirstTried), now.Add(lease).UnixMilli(), d.Key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	return out, nil
}

func scanDeliveries(rows *sql.Rows) ([]bot.Delivery, error) {
	defer func() { _ = rows.Close() }()
	var out []bot.Delivery
	for rows.Next() {
		var (
			d          bot.Delivery
			due, first int64
			err        error
		)
		d.Subscription, err = scanSubscription(rows, &d.Key, &d.Slot, &due, &d.Attempt, &first, &d.State, &d.Reason, &d.Receipt)
		if err != nil {
			return nil, err
		}
		d.Due, d.FirstTried = fromMillis(due), fromMillis(first)
		out = append(out, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return out, nil
}

// Sent marks a delivery as being in the room, whoever holds its lease: a post
// that is known to have been made is always written down.
func (s *Store) Sent(ctx context.Context, key, receipt string, now time.Time) error {
	return s.finish(ctx, key, `state = 'sent', reason = '', receipt = $2, done_ms = $3`, `state <> 'sent'`, receipt, now.UnixMilli())
}

// Retry gives a delivery that surely did not reach the room back, to be tried
// again from notBefore on.
func (s *Store) Retry(ctx context.Context, key string, notBefore time.Time, reason string) error {
	return s.finish(ctx, key, `state = 'planned', reason = $2, not_before_ms = $3`, `state = 'sending'`, reason, notBefore.UnixMilli())
}

// Failed gives a delivery up and says why.
func (s *Store) Failed(ctx context.Context, key, reason string, now time.Time) error {
	return s.finish(ctx, key, `state = 'failed', reason = $2, done_ms = $3`, `state IN ('planned', 'sending')`, reason, now.UnixMilli())
}

func (s *Store) finish(ctx context.Context, key, set, where string, args ...any) error {
	if _, err := s.db.ExecContext(ctx, `UPDATE delivery SET `+set+` WHERE id = $1 AND `+where, append([]any{key}, args...)...); err != nil {
		return fmt.Errorf("delivery %s: %w", key, err)
	}
	return nil
}

// Deliveries returns the latest deliveries of a room, newest first.
func (s *Store) Deliveries(ctx context.Context, room bot.Room, limit int) ([]bot.Delivery, error) {
	rows, err := s.db.QueryContext(ctx, joined(`WHERE s.platform = $1 AND s.room = $2 ORDER BY d.due_ms DESC, d.id LIMIT $3`), room.Platform, room.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("deliveries: %w", err)
	}
	return scanDeliveries(rows)
}
