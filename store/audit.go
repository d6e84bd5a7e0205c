package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rapporteur/bot"
)

// Audit keeps a deed, once where it belongs to a message: an order whose message is
// taken up again was given once.
func (s *Store) Audit(ctx context.Context, d bot.Deed) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO audit (at_ms, platform, room, person, act, outcome, message) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		d.At.UnixMilli(), d.Room.Platform, text(d.Room.ID), text(d.Person), d.Act, text(d.Outcome), text(d.Message))
	if err != nil {
		return fmt.Errorf("audit %s: %w", d.Act, err)
	}
	return nil
}

// Audited returns the latest deeds, at most limit, oldest first.
func (s *Store) Audited(ctx context.Context, limit int) ([]bot.Deed, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT at_ms, platform, room, person, act, outcome FROM audit ORDER BY id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("audited: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []bot.Deed
	for rows.Next() {
		var (
			d  bot.Deed
			ms int64
		)
		if err := rows.Scan(&ms, &d.Room.Platform, &d.Room.ID, &d.Person, &d.Act, &d.Outcome); err != nil {
			return nil, fmt.Errorf("audited: %w", err)
		}
		d.At = time.UnixMilli(ms).UTC()
		all = append(all, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("audited: %w", err)
	}
	slices.Reverse(all)
	return all, nil
}

// ForgetDeeds deletes the deeds before a time, and returns how many there were.
func (s *Store) ForgetDeeds(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM audit WHERE at_ms < $1`, before)
}
