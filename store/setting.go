package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Get returns a setting; false when it was never set.
func (s *Store) Get(ctx context.Context, space, name string) (string, bool, error) {
	var value string
	switch err := s.db.QueryRowContext(ctx, `SELECT value FROM setting WHERE space = $1 AND name = $2`, space, name).Scan(&value); {
	case err == nil:
		return value, true, nil
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	default:
		return "", false, fmt.Errorf("setting %s/%s: %w", space, name, err)
	}
}

// Set keeps a setting.
func (s *Store) Set(ctx context.Context, space, name, value string) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO setting (space, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (space, name) DO UPDATE SET value = excluded.value`, space, name, value)
	if err != nil {
		return fmt.Errorf("setting %s/%s: %w", space, name, err)
	}
	return nil
}

// Once keeps a setting where there is none yet, and returns the one that is kept.
func (s *Store) Once(ctx context.Context, space, name, value string) (string, error) {
	if _, err := s.db.ExecContext(ctx, `
		INSERT INTO setting (space, name, value) VALUES ($1, $2, $3) ON CONFLICT (space, name) DO NOTHING`, space, name, value); err != nil {
		return "", fmt.Errorf("setting %s/%s: %w", space, name, err)
	}
	kept, found, err := s.Get(ctx, space, name)
	if err == nil && !found {
		err = errors.New("it was removed at once")
	}
	if err != nil {
		return "", err
	}
	return kept, nil
}
