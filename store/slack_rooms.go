package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"rapporteur/bot"
)

// Named returns the message for which a further name was first given in the
// room: id itself where the name is new. Names are kept for as long as messages
// are, see [Store.ForgetNames].
func (s *Store) Named(ctx context.Context, room bot.Room, name, id string, now time.Time) (string, error) {
	first := id
	err := s.in(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO message_name (platform, room, name, message, named_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			room.Platform, text(room.ID), text(name), text(id), now.UnixMilli()); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT message FROM message_name WHERE platform = $1 AND room = $2 AND name = $3`,
			room.Platform, text(room.ID), text(name)).Scan(&first)
	})
	if err != nil {
		return "", fmt.Errorf("name of a message: %w", err)
	}
	return first, nil
}

// ForgetNames deletes the names that were given before the time, and returns how
// many there were. Keep them at least 48 hours.
func (s *Store) ForgetNames(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM message_name WHERE named_ms < $1`, before)
}

// Pause stops the active subscriptions of a room that cannot be reached, so that
// their owners are told, and returns them. A second call returns none.
func (s *Store) Pause(ctx context.Context, room bot.Room, why string, now time.Time) ([]bot.Subscription, error) {
	return s.change(ctx, room, `SET state = 'gone', reason = $3, state_ms = $4, tell_ms = 1`, `state = 'active'`, why, now)
}

// Resume starts the subscriptions of a room again that were stopped because it
// could not be reached, and returns them. What fell due meanwhile is for the
// courier to judge.
func (s *Store) Resume(ctx context.Context, room bot.Room, now time.Time) ([]bot.Subscription, error) {
	return s.change(ctx, room, `SET state = 'active', reason = $3, state_ms = $4, tell_ms = 0`, `state = 'gone'`, "", now)
}

// PauseAll stops the active subscriptions of all rooms whose ids begin like this
// one's. Their owners are not told: the program cannot reach them either.
func (s *Store) PauseAll(ctx context.Context, room bot.Room, why string, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE subscription SET state = 'gone', reason = $3, state_ms = $4, tell_ms = 0
		WHERE platform = $1 AND substr(room, 1, length($2)) = $2 AND state = 'active'`,
		room.Platform, text(room.ID), text(why), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("subscriptions below %s: %w", room, err)
	}
	return nil
}

// change takes the subscriptions of a room from one state to another.
func (s *Store) change(ctx context.Context, room bot.Room, set, where, why string, now time.Time) ([]bot.Subscription, error) {
	var changed []bot.Subscription
	err := s.in(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			UPDATE subscription `+set+` WHERE platform = $1 AND room = $2 AND `+where+` RETURNING `+subscriptionColumns,
			room.Platform, room.ID, text(why), now.UnixMilli())
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			sub, err := scanSubscription(rows)
			if err != nil {
				return err
			}
			changed = append(changed, sub)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("subscriptions of %s: %w", room, err)
	}
	return changed, nil
}

// Rate keeps what a person thinks of one of the bot's posts; the last word
// counts.
func (s *Store) Rate(ctx context.Context, room bot.Room, message, sender string, good bool, reason string, now time.Time) error {
	value := 0
	if good {
		value = 1
	}
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO feedback (platform, room, message, sender, good, reason, given_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (platform, room, message, sender) DO UPDATE SET good = excluded.good, reason = excluded.reason, given_ms = excluded.given_ms`,
		room.Platform, text(room.ID), text(message), text(sender), value, text(reason), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("feedback: %w", err)
	}
	return nil
}

// Ratings counts what people think of the bot's posts.
func (s *Store) Ratings(ctx context.Context) (good, bad int, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT COALESCE(SUM(good), 0), COALESCE(SUM(1 - good), 0) FROM feedback`).Scan(&good, &bad)
	if err != nil {
		return 0, 0, fmt.Errorf("feedback: %w", err)
	}
	return good, bad, nil
}
