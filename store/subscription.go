package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rapporteur/bot"
)

const subscriptionColumns = `id, platform, room, kind, cron, zone, options, created_by, created_ms, next_ms, slot, state, reason, state_ms`

type scanner interface{ Scan(dest ...any) error }

func scanSubscription(row scanner, more ...any) (bot.Subscription, error) {
	var (
		sub                  bot.Subscription
		options              string
		created, next, since int64
	)
	dest := []any{
		&sub.ID, &sub.Room.Platform, &sub.Room.ID, &sub.Kind, &sub.Cron, &sub.Zone, &options,
		&sub.CreatedBy, &created, &next, &sub.Slot, &sub.State, &sub.Reason, &since,
	}
	if err := row.Scan(append(dest, more...)...); err != nil {
		return bot.Subscription{}, fmt.Errorf("read subscription: %w", err)
	}
	sub.CreatedAt, sub.Next, sub.StateAt = fromMillis(created), fromMillis(next), fromMillis(since)
	if err := json.Unmarshal([]byte(options), &sub.Options); err != nil {
		// One row that somebody has damaged must not hide all the others.
		sub.Options, sub.Broken = nil, "its options cannot be read"
	}
	return sub, nil
}

// Subscribe keeps a subscription and gives it its number. Where the room has
// the same one already it returns that one and ErrAlready.
func (s *Store) Subscribe(ctx context.Context, sub bot.Subscription) (bot.Subscription, error) {
	if sub.Options == nil {
		sub.Options = map[string]string{}
	}
	options, err := json.Marshal(sub.Options) // keys in order: equal options are equal texts
	if err != nil {
		return bot.Subscription{}, fmt.Errorf("subscribe: %w", err)
	}
	var have bot.Subscription
	err = s.in(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `
			INSERT INTO subscription (platform, room, kind, cron, zone, options, created_by, created_ms, next_ms, slot, state, reason)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'active', '')
			ON CONFLICT DO NOTHING RETURNING id`,
			sub.Room.Platform, sub.Room.ID, sub.Kind, sub.Cron, sub.Zone, string(options),
			sub.CreatedBy, millis(sub.CreatedAt), millis(sub.Next), sub.Slot).Scan(&sub.ID)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		have, err = scanSubscription(tx.QueryRowContext(ctx, `
			SELECT `+subscriptionColumns+` FROM subscription
			WHERE platform = $1 AND room = $2 AND kind = $3 AND cron = $4 AND zone = $5 AND options = $6 AND state <> 'removed'`,
			sub.Room.Platform, sub.Room.ID, sub.Kind, sub.Cron, sub.Zone, string(options)))
		return err
	})
	switch {
	case err != nil:
		return bot.Subscription{}, fmt.Errorf("subscribe: %w", err)
	case have.ID != 0:
		return have, ErrAlready
	}
	sub.State = bot.SubscriptionActive
	return sub, nil
}

// Subscriptions returns what a room is subscribed to, by number.
func (s *Store) Subscriptions(ctx context.Context, room bot.Room) ([]bot.Subscription, error) {
	return s.subscriptions(ctx, `WHERE platform = $1 AND room = $2 AND state <> 'removed' ORDER BY id`, room.Platform, room.ID)
}

// Subscription returns a subscription by its number, paused or not; ErrNotFound
// where there is none or it has ended.
func (s *Store) Subscription(ctx context.Context, id int64) (bot.Subscription, error) {
	subs, err := s.subscriptions(ctx, `WHERE id = $1 AND state <> 'removed'`, id)
	if err == nil && len(subs) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return bot.Subscription{}, fmt.Errorf("subscription %d: %w", id, err)
	}
	return subs[0], nil
}

// AllSubscriptions returns the active subscriptions of all rooms, by number.
func (s *Store) AllSubscriptions(ctx context.Context) ([]bot.Subscription, error) {
	return s.subscriptions(ctx, `WHERE state = 'active' ORDER BY id`)
}

// Due returns at most limit active subscriptions whose next occurrence has come.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]bot.Subscription, error) {
	return s.subscriptions(ctx, `WHERE state = 'active' AND next_ms > 0 AND next_ms <= $1 ORDER BY next_ms, id LIMIT $2`, now.UnixMilli(), limit)
}

func (s *Store) subscriptions(ctx context.Context, where string, args ...any) ([]bot.Subscription, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+subscriptionColumns+` FROM subscription `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("subscriptions: %w", err)
	}
	return scanSubscriptions(rows)
}

func scanSubscriptions(rows *sql.Rows) ([]bot.Subscription, error) {
	defer func() { _ = rows.Close() }()
	var out []bot.Subscription
	for rows.Next() {
		sub, err := scanSubscription(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, sub)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("subscriptions: %w", err)
	}
	return out, nil
}
