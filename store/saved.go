package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// SaveQuotation keeps the code of a quotation for a person, unless the person has
// most of them already. It returns how many the person has then; a code that is
// saved already stays where it is.
func (s *Store) SaveQuotation(ctx context.Context, platform, person, code string, most int, now time.Time) (have int, err error) {
	err = s.in(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO saved_quotation (platform, person, code, saved_ms)
			SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM saved_quotation WHERE platform = $1 AND person = $2) < $5
			ON CONFLICT DO NOTHING`, platform, text(person), text(code), now.UnixMilli(), most); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT count(*) FROM saved_quotation WHERE platform = $1 AND person = $2`, platform, text(person)).Scan(&have)
	})
	if err != nil {
		return 0, fmt.Errorf("save quotation %s: %w", code, err)
	}
	return have, nil
}

// SavedQuotations returns the codes that a person has saved, the latest first.
func (s *Store) SavedQuotations(ctx context.Context, platform, person string) (codes []string, err error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT code FROM saved_quotation WHERE platform = $1 AND person = $2 ORDER BY saved_ms DESC, code`, platform, text(person))
	if err != nil {
		return nil, fmt.Errorf("saved quotations: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, fmt.Errorf("saved quotations: %w", err)
		}
		codes = append(codes, code)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("saved quotations: %w", err)
	}
	return codes, nil
}

// UnsaveQuotation forgets a code that a person has saved; false where there was
// none.
func (s *Store) UnsaveQuotation(ctx context.Context, platform, person, code string) (bool, error) {
	result, err := s.db.ExecContext(ctx, `DELETE FROM saved_quotation WHERE platform = $1 AND person = $2 AND code = $3`, platform, text(person), text(code))
	if err != nil {
		return false, fmt.Errorf("forget quotation %s: %w", code, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("forget quotation %s: %w", code, err)
	}
	return n > 0, nil
}
