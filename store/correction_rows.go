package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rapporteur/bot"
)

// Register writes down what the rows of a calendar show, and returns those that
// have changed since the last time. generation is the ISO day on which the
// calendar was checked. A change counts where the calendar is at least as young as
// the one that is known: of two replicas, the one with the older file changes
// nothing. On the same day a version that was seen before does not come back, for
// then nobody can tell which of two files is older; force, for a change that
// people made by hand, overrides that. A row that an older calendar does not have
// is not gone.
func (s *Store) Register(ctx context.Context, rows []bot.RowState, generation string, force map[string]bool, now time.Time) ([]bot.RowState, error) {
	var changed []bot.RowState
	err := s.in(ctx, func(tx *sql.Tx) error {
		changed = nil
		if s.postgres { // replicas that start together register one after the other
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, registerLock); err != nil {
				return err
			}
		}
		known, err := rowStates(ctx, tx)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, row := range rows {
			there[row.Row] = true
			was, has := known[row.Row]
			if has && was.Version == row.Version && !was.Gone {
				continue
			}
			seen, err := keepVersion(ctx, tx, row)
			if err != nil {
				return err
			}
			newer := generation > was.Generation || (generation == was.Generation && !seen) || force[row.Row]
			if has && !newer {
				continue
			}
			row.Generation, row.Changed = generation, now
			if has {
				row.Sequence = was.Sequence + 1
			}
			if err := putRow(ctx, tx, row, has); err != nil {
				return err
			}
			if has {
				changed = append(changed, row)
			}
		}
		for id, was := range known {
			if there[id] || was.Gone || generation <= was.Generation {
				continue
			}
			was.Gone, was.Sequence, was.Generation, was.Changed = true, was.Sequence+1, generation, now
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
	return changed, nil
}

// registerLock is the PostgreSQL advisory lock under which calendars register.
const registerLock = 7_261_704

// keepVersion keeps what a version shows; seen says whether it was known.
func keepVersion(ctx context.Context, tx *sql.Tx, row bot.RowState) (seen bool, err error) {
	result, err := tx.ExecContext(ctx, `
		INSERT INTO calendar_version (version, row_id, shown) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		row.Version, row.Row, text(string(row.Shown)))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 0, err
}

func putRow(ctx context.Context, tx *sql.Tx, row bot.RowState, has bool) error {
	statement := `INSERT INTO calendar_row (row_id, version, generation, sequence, changed_ms, gone) VALUES ($1, $2, $3, $4, $5, $6)`
	if has {
		statement = `UPDATE calendar_row SET version = $2, generation = $3, sequence = $4, changed_ms = $5, gone = $6 WHERE row_id = $1`
	}
	_, err := tx.ExecContext(ctx, statement, row.Row, row.Version, row.Generation, row.Sequence, row.Changed.UnixMilli(), flag(row.Gone))
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
		SELECT r.row_id, r.version, r.generation, r.sequence, r.changed_ms, r.gone, v.shown
		FROM calendar_row r JOIN calendar_version v ON v.version = r.version`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]bot.RowState{}
	for rows.Next() {
		var (
			row           bot.RowState
			changed, gone int64
			shown         string
		)
		if err := rows.Scan(&row.Row, &row.Version, &row.Generation, &row.Sequence, &changed, &gone, &shown); err != nil {
			return nil, err
		}
		row.Changed, row.Gone, row.Shown = fromMillis(changed), gone != 0, []byte(shown)
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

// Propose keeps an amendment until another person confirms it, and returns its
// number.
func (s *Store) Propose(ctx context.Context, a bot.Amendment) (int64, error) {
	var id int64
	err := s.db.QueryRowContext(ctx, `
		INSERT INTO calendar_amendment (row_id, field, value, source, proposed_by, proposed_ms, confirmed_by, confirmed_ms, withdrawn)
		VALUES ($1, $2, $3, $4, $5, $6, '', 0, 0) RETURNING id`,
		a.Row, a.Field, text(a.Value), text(a.Source), text(a.ProposedBy), millis(a.ProposedAt)).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("propose a change of %s: %w", a.Row, err)
	}
	return id, nil
}

// Confirm makes an amendment hold. It returns ErrNotFound where nothing of that
// number waits, or where by is the person who proposed it.
func (s *Store) Confirm(ctx context.Context, id int64, by string, now time.Time) error {
	return s.settleAmendment(ctx, id, `UPDATE calendar_amendment SET confirmed_by = $2, confirmed_ms = $3
		WHERE id = $1 AND confirmed_ms = 0 AND withdrawn = 0 AND proposed_by <> $2`, text(by), now.UnixMilli())
}

// Withdraw drops an amendment that waits. It returns ErrNotFound where nothing of
// that number does.
func (s *Store) Withdraw(ctx context.Context, id int64) error {
	return s.settleAmendment(ctx, id, `UPDATE calendar_amendment SET withdrawn = 1 WHERE id = $1 AND confirmed_ms = 0 AND withdrawn = 0`)
}

func (s *Store) settleAmendment(ctx context.Context, id int64, statement string, args ...any) error {
	result, err := s.db.ExecContext(ctx, statement, append([]any{id}, args...)...)
	if err == nil {
		var n int64
		if n, err = result.RowsAffected(); err == nil && n == 0 {
			err = ErrNotFound
		}
	}
	if err != nil {
		return fmt.Errorf("amendment %d: %w", id, err)
	}
	return nil
}

// Amendments returns the amendments that were not withdrawn, those that hold in
// the order in which they were confirmed and then those that wait.
func (s *Store) Amendments(ctx context.Context) ([]bot.Amendment, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT id, row_id, field, value, source, proposed_by, proposed_ms, confirmed_by, confirmed_ms
		FROM calendar_amendment WHERE withdrawn = 0
		ORDER BY CASE WHEN confirmed_ms = 0 THEN 1 ELSE 0 END, confirmed_ms, id`)
	if err != nil {
		return nil, fmt.Errorf("amendments: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []bot.Amendment
	for rows.Next() {
		var (
			a                   bot.Amendment
			proposed, confirmed int64
		)
		if err := rows.Scan(&a.ID, &a.Row, &a.Field, &a.Value, &a.Source, &a.ProposedBy, &proposed, &a.ConfirmedBy, &confirmed); err != nil {
			return nil, fmt.Errorf("amendments: %w", err)
		}
		a.ProposedAt, a.ConfirmedAt = fromMillis(proposed), fromMillis(confirmed)
		out = append(out, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("amendments: %w", err)
	}
	return out, nil
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
