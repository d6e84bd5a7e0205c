package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// CallersClock lets leases count by the times that callers give, on PostgreSQL too:
// for simulations, in which all replicas share a clock that is not the world's.
func CallersClock() Option { return func(s *Store) { s.followCaller = true } }

// Option changes how a database is used.
type Option func(*Store)

// databaseClock is what PostgreSQL's clock shows, in Unix milliseconds.
const databaseClock = `CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`

// clock returns the time by which leases count: on PostgreSQL, which replicas with
// clocks of their own share, that of the database; on SQLite, which belongs to one
// process, the time that the process gives.
func (s *Store) clock(ctx context.Context, tx *sql.Tx, given time.Time) (time.Time, error) {
	if !s.postgres || s.followCaller {
		return given, nil
	}
	var ms int64
	if err := tx.QueryRowContext(ctx, `SELECT `+databaseClock).Scan(&ms); err != nil {
		return time.Time{}, fmt.Errorf("the clock of the database: %w", err)
	}
	return fromMillis(ms), nil
}

// clockAs writes the same for a statement of which the argument of that name is the
// time that the process gives.
func (s *Store) clockAs(argument string) string {
	if !s.postgres || s.followCaller {
		return `CAST(` + argument + ` AS BIGINT)`
	}
	return `(CAST(` + argument + ` AS BIGINT) * 0 + ` + databaseClock + `)`
}
