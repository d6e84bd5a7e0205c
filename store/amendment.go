package store

import (
	"context"
	"fmt"
	"time"

	"rapporteur/bot"
)

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
