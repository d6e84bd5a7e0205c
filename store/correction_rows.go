package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rapporteur/bot"
)

// Register writes down what the rows of a calendar show, and returns those that
// have changed since the last time. Of two calendars that say otherwise of a row,
// the one is right that knows of the later change by hand; then the one that was
// checked on the later day; then the one that was loaded later: a replica that has
// an older file, or the older one of a day, changes nothing back, in a rolling
// deployment neither. A row that an older calendar does not have is not gone.
func (s *Store) Register(ctx context.Context, l bot.Loaded, now time.Time) ([]bot.RowState, error) {
	var changed []bot.RowState
	err := s.in(ctx, func(tx *sql.Tx) error {
		changed = nil
		if s.postgres { // replicas that start together register one after the other
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, registerLock); err != nil {
				return err
			}
		}
		load, err := s.loadOf(ctx, tx, l)
		if err != nil {
			return err
		}
		known, err := rowStates(ctx, tx)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, row := range l.Rows {
			there[row.Row] = true
			row.Generation, row.Load, row.Changed = l.Generation, load, now
			was, has := known[row.Row]
			differs := !has || was.Gone || was.Version != row.Version
			if differs {
				if err := keepVersion(ctx, tx, row); err != nil {
					return err
				}
			}
			if has && !later(row, was) {
				continue
			}
			if err := sourceVersion(ctx, tx, row); err != nil {
				return err
			}
			row.Sequence = was.Sequence
			switch {
			case has && differs:
				row.Sequence++
				changed = append(changed, row)
			case has:
				row.Changed = was.Changed // the later files say the same
			}
			if err := putRow(ctx, tx, row, has); err != nil {
				return err
			}
		}
		for id, was := range known {
			now := bot.RowState{Generation: l.Generation, Load: load, Amended: was.Amended, Changed: now}
			if there[id] || was.Gone || !later(now, was) {
				continue
			}
			was.Gone, was.Sequence, was.Generation, was.Load, was.Changed = true, was.Sequence+1, now.Generation, now.Load, now.Changed
			if err := putRow(ctx, tx, was, true); err != nil {
				return err
			}
			changed = append(changed, was)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("register the calendar: %w", err)
	}
	s.registered.Store(true)
	return changed, nil
}

// later says whether a row is of a later state than what is known of it.
func later(row, was bot.RowState) bool {
	return cmp.Or(row.Amended.Compare(was.Amended), cmp.Compare(row.Generation, was.Generation), cmp.Compare(row.Load, was.Load)) > 0
}

// loadOf counts the files of a day in the order in which they were first loaded.
// Files that come back are later than all others where that is sure: where the
// process that loads them had the latest until now, or is the only one that there
// is and has just started. Else they are of a replica that has them still.
func (s *Store) loadOf(ctx context.Context, tx *sql.Tx, l bot.Loaded) (int64, error) {
	rows, err := tx.QueryContext(ctx, `SELECT files, load FROM calendar_load WHERE generation = $1`, l.Generation)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	loads, last := map[string]int64{}, int64(0)
	for rows.Next() {
		var (
			files string
			load  int64
		)
		if err := rows.Scan(&files, &load); err != nil {
			return 0, err
		}
		loads[files], last = load, max(last, load)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	load, seen := loads[l.Files]
	had, moved := loads[l.Before]
	back := (moved && had == last && l.Before != l.Files) || (!s.postgres && !s.registered.Load())
	if seen && (load == last || !back) {
		return load, nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO calendar_load (generation, files, load) VALUES ($1, $2, $3)
		ON CONFLICT (generation, files) DO UPDATE SET load = excluded.load`, l.Generation, l.Files, last+1)
	return last + 1, err
}

// registerLock is the PostgreSQL advisory lock under which calendars register.
const registerLock = 7_261_704

// keepVersion keeps what a version shows.
func keepVersion(ctx context.Context, tx *sql.Tx, row bot.RowState) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO calendar_version (version, row_id, shown) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		row.Version, row.Row, text(string(row.Shown)))
	return err
}

// sourceVersion keeps which page says so by now, for a version that comes back may
// have another source.
func sourceVersion(ctx context.Context, tx *sql.Tx, row bot.RowState) error {
	_, err := tx.ExecContext(ctx, `UPDATE calendar_version SET shown = $2 WHERE version = $1 AND shown <> $2`, row.Version, text(string(row.Shown)))
	return err
}

func putRow(ctx context.Context, tx *sql.Tx, row bot.RowState, has bool) error {
	statement := `INSERT INTO calendar_row (row_id, version, generation, sequence, changed_ms, gone, load, amended_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	if has {
		statement = `UPDATE calendar_row SET version = $2, generation = $3, sequence = $4, changed_ms = $5, gone = $6, load = $7, amended_ms = $8 WHERE row_id = $1`
	}
	_, err := tx.ExecContext(ctx, statement, row.Row, row.Version, row.Generation, row.Sequence, row.Changed.UnixMilli(), flag(row.Gone), row.Load, millis(row.Amended))
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func rowStates(ctx context.Context, db querier) (map[string]bot.RowState, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT r.row_id, r.version, r.generation, r.sequence, r.changed_ms, r.gone, r.load, r.amended_ms, v.shown
		FROM calendar_row r JOIN calendar_version v ON v.version = r.version`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]bot.RowState{}
	for rows.Next() {
		var (
			row                    bot.RowState
			changed, gone, amended int64
			shown                  string
		)
		if err := rows.Scan(&row.Row, &row.Version, &row.Generation, &row.Sequence, &changed, &gone, &row.Load, &amended, &shown); err != nil {
			return nil, err
		}
		row.Changed, row.Amended, row.Gone, row.Shown = fromMillis(changed), fromMillis(amended), gone != 0, []byte(shown)
		out[row.Row] = row
	}
	return out, rows.Err()
}

// RowStates returns what every row of the calendar shows, by its ID.
func (s *Store) RowStates(ctx context.Context) (map[string]bot.RowState, error) {
	rows, err := rowStates(ctx, s.db)
	if err != nil {
		return nil, fmt.Errorf("rows of the calendar: %w", err)
	}
	return rows, nil
}
