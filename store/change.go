package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"rapporteur/bot"
)

// Change gives a subscription of a room, as it was read, other options, and another
// next occurrence unless it has moved on meanwhile. Where the room has the same one
// already it returns that one and ErrAlready; it returns ErrNotFound when the room
// has none of that number.
func (s *Store) Change(ctx context.Context, was, to bot.Subscription) (bot.Subscription, error) {
	if to.Options == nil {
		to.Options = map[string]string{}
	}
	options, err := json.Marshal(to.Options)
	if err != nil {
		return bot.Subscription{}, fmt.Errorf("change subscription %d: %w", was.ID, err)
	}
	var sub bot.Subscription
	same := false
	err = s.in(ctx, func(tx *sql.Tx) error {
		have, err := s.one(ctx, tx, was.Room, was.ID, `state <> 'removed'`)
		if err != nil {
			return err
		}
		twin, err := scanSubscription(tx.QueryRowContext(ctx, `
			SELECT `+subscriptionColumns+` FROM subscription
			WHERE platform = $1 AND room = $2 AND kind = $3 AND cron = $4 AND zone = $5 AND options = $6 AND state <> 'removed' AND id <> $7`,
			have.Room.Platform, have.Room.ID, have.Kind, have.Cron, have.Zone, string(options), have.ID))
		if err == nil {
			sub, same = twin, true
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE subscription SET options = $1 WHERE id = $2`, string(options), have.ID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE subscription SET next_ms = $1, slot = $2 WHERE id = $3 AND next_ms = $4 AND slot = $5`,
			millis(to.Next), to.Slot, have.ID, millis(was.Next), was.Slot); err != nil {
			return err
		}
		sub, err = s.one(ctx, tx, was.Room, was.ID, `state <> 'removed'`)
		return err
	})
	switch {
	case err != nil && unique(err): // somebody else was faster
		return bot.Subscription{}, fmt.Errorf("change subscription %d: %w", was.ID, ErrAlready)
	case err != nil:
		return bot.Subscription{}, fmt.Errorf("change subscription %d: %w", was.ID, err)
	case same:
		return sub, ErrAlready
	}
	return sub, nil
}
