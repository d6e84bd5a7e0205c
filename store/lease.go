package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Acquire takes or renews the lease of the name for a holder, for the length
// from now on. held is false while somebody else has it. The fence is higher
// than that of any earlier holder; a renewal keeps it.
//
// PostgreSQL's own clock decides when a lease has run out, for those of the
// replicas may differ. An SQLite file belongs to one process, so that whoever
// asks there is the only one alive and gets the lease at once.
func (s *Store) Acquire(ctx context.Context, name, holder string, length time.Duration) (fence int64, held bool, err error) {
	free := `lease.until_ms < ` + databaseClock
	until := databaseClock + ` + $3`
	if !s.postgres {
		free, until = `1 = 1`, `$3`
	}
	err = s.db.QueryRowContext(ctx, `
		INSERT INTO lease (name, holder, fence, until_ms) VALUES ($1, $2, 1, `+until+`)
		ON CONFLICT (name) DO UPDATE SET
			fence = CASE WHEN lease.holder = excluded.holder THEN lease.fence ELSE lease.fence + 1 END,
			holder = excluded.holder, until_ms = excluded.until_ms
		WHERE lease.holder = excluded.holder OR `+free+`
		RETURNING fence`, name, holder, length.Milliseconds()).Scan(&fence)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("lease %s: %w", name, err)
	}
	return fence, true, nil
}

// Release gives a lease back, so that another replica need not wait until it
// has run out. Who does not hold it changes nothing.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	if _, err := s.db.ExecContext(ctx, `UPDATE lease SET until_ms = 0 WHERE name = $1 AND holder = $2`, name, holder); err != nil {
		return fmt.Errorf("release %s: %w", name, err)
	}
	return nil
}

// SetFenced keeps a setting if the fence of the lease is still the given one.
// It returns false, and keeps nothing, when somebody else has taken the lease
// since: then the value comes from a process that was asleep.
func (s *Store) SetFenced(ctx context.Context, space, name, value, lease string, fence int64) (bool, error) {
	kept := false
	err := s.in(ctx, func(tx *sql.Tx) error {
		lock := ""
		if s.postgres {
			lock = ` FOR UPDATE`
		}
		var have int64
		err := tx.QueryRowContext(ctx, `SELECT fence FROM lease WHERE name = $1`+lock, lease).Scan(&have)
		if errors.Is(err, sql.ErrNoRows) || (err == nil && have != fence) {
			return nil
		}
		if err != nil {
			return err
		}
		kept = true
		_, err = tx.ExecContext(ctx, `
			INSERT INTO setting (space, name, value) VALUES ($1, $2, $3)
			ON CONFLICT (space, name) DO UPDATE SET value = excluded.value`, space, name, value)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("setting %s/%s: %w", space, name, err)
	}
	return kept, nil
}
