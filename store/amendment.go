package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rapporteur/bot"
)

// amendmentLock is the PostgreSQL advisory lock under which changes by hand are
// confirmed, one after the other.
const amendmentLock = 7_261_707

// ofChange picks the amendments of the change whose number is the first argument.
const ofChange = `$1 = CASE WHEN change_id = 0 THEN id ELSE change_id END`

// Propose keeps a change of one row, an amendment for each field, until another
// person confirms it, and returns its number.
func (s *Store) Propose(ctx context.Context, change ...bot.Amendment) (int64, error) {
	if len(change) == 0 {
		return 0, errors.New("propose a change: it has no field")
	}
	var first int64
	err := s.in(ctx, func(tx *sql.Tx) error {
		first = 0
		for _, a := range change {
			var id int64
			err := tx.QueryRowContext(ctx, `
				INSERT INTO calendar_amendment (row_id, field, value, source, proposed_by, proposed_ms, confirmed_by, confirmed_ms, withdrawn, change_id)
				VALUES ($1, $2, $3, $4, $5, $6, '', 0, 0, $7) RETURNING id`,
				a.Row, a.Field, text(a.Value), text(a.Source), text(a.ProposedBy), millis(a.ProposedAt), first).Scan(&id)
			if err != nil {
				return err
			}
			if first == 0 {
				first = id
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("propose a change of %s: %w", change[0].Row, err)
	}
	return first, nil
}

// Confirm lets a change hold, with all its fields at once. It returns ErrNotFound
// where nothing of that number waits, or where by is the person who proposed it.
// Changes hold in the order in which they were confirmed, so each is later than
// those before it, whatever the clocks show.
func (s *Store) Confirm(ctx context.Context, id int64, by string, now time.Time) error {
	err := s.in(ctx, func(tx *sql.Tx) error {
		if s.postgres { // on SQLite the transaction is the only writer
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, amendmentLock); err != nil {
				return err
			}
		}
		at, err := s.clock(ctx, tx, now)
		if err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(confirmed_ms), 0) FROM calendar_amendment`).Scan(&last); err != nil {
			return err
		}
		return settled(tx.ExecContext(ctx, `UPDATE calendar_amendment SET confirmed_by = $2, confirmed_ms = $3
			WHERE `+ofChange+` AND confirmed_ms = 0 AND withdrawn = 0 AND proposed_by <> $2`, id, text(by), max(at.UnixMilli(), last+1)))
	})
	if err != nil {
		return fmt.Errorf("confirm change %d: %w", id, err)
	}
	return nil
}

// Withdraw drops a change that waits. It returns ErrNotFound where nothing of that
// number does.
func (s *Store) Withdraw(ctx context.Context, id int64) error {
	err := settled(s.db.ExecContext(ctx, `UPDATE calendar_amendment SET withdrawn = 1 WHERE `+ofChange+` AND confirmed_ms = 0 AND withdrawn = 0`, id))
	if err != nil {
		return fmt.Errorf("withdraw change %d: %w", id, err)
	}
	return nil
}

// settled returns ErrNotFound where a statement has changed no row.
func settled(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// Amendments returns the amendments that were not withdrawn, those that hold in
// the order in which they were confirmed and then those that wait. Those of one
// change follow each other.
func (s *Store) Amendments(ctx context.Context) ([]bot.Amendment, error) {
	out, err := amendments(ctx, s.db)
	if err != nil {
		return nil, fmt.Errorf("amendments: %w", err)
	}
	return out, nil
}

func amendments(ctx context.Context, db querier) ([]bot.Amendment, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT CASE WHEN change_id = 0 THEN id ELSE change_id END AS change, row_id, field, value, source, proposed_by, proposed_ms, confirmed_by, confirmed_ms
		FROM calendar_amendment WHERE withdrawn = 0
		ORDER BY CASE WHEN confirmed_ms = 0 THEN 1 ELSE 0 END, confirmed_ms, change, id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []bot.Amendment
	for rows.Next() {
		var (
			a                   bot.Amendment
			proposed, confirmed int64
		)
		if err := rows.Scan(&a.ID, &a.Row, &a.Field, &a.Value, &a.Source, &a.ProposedBy, &proposed, &a.ConfirmedBy, &confirmed); err != nil {
			return nil, err
		}
		a.ProposedAt, a.ConfirmedAt = fromMillis(proposed), fromMillis(confirmed)
		out = append(out, a)
	}
	return out, rows.Err()
}
