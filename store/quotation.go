package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rapporteur/bot"
)

// errTaken means that all codes of a quotation belong to others. The last one is
// the whole digest, so that this is a mistake of the caller.
var errTaken = errors.New("every code of the quotation is taken")

// Give keeps a quotation and returns its code: the first of codes that no other
// quotation has, or the one it was given before. The last of codes must be its
// alone.
func (s *Store) Give(ctx context.Context, g bot.Given, codes []string) (string, error) {
	if len(codes) == 0 {
		return "", fmt.Errorf("quotation of %s: %w", g.Document, errTaken)
	}
	digest := codes[len(codes)-1]
	if code, err := s.given(ctx, digest); err != nil || code != "" {
		return code, err
	}
	for _, code := range codes {
		result, err := s.db.ExecContext(ctx, `
			INSERT INTO quotation (code, short, digest, document, paragraph, place, words, given_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT DO NOTHING`, code, codes[0], digest, text(g.Document), g.Para, g.From, text(g.Words), g.At.UnixMilli())
		if err != nil {
			return "", fmt.Errorf("quotation %s: %w", code, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return "", fmt.Errorf("quotation %s: %w", code, err)
		}
		if n == 1 {
			return code, nil
		}
		// Another quotation has the code, or another replica was faster.
		if code, err := s.given(ctx, digest); err != nil || code != "" {
			return code, err
		}
	}
	return "", fmt.Errorf("quotation %s: %w", digest, errTaken)
}

// given returns the code of the quotation with the digest; empty for none.
func (s *Store) given(ctx context.Context, digest string) (code string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT code FROM quotation WHERE digest = $1`, digest).Scan(&code)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("quotation: %w", err)
	}
	return code, nil
}

// Lookup returns the quotations that code may mean: those that would have it, if
// they were alone, or whose longer code it is. short is how the code begins, as
// long as the shortest codes are. The quotation that was given under the very
// code comes first.
func (s *Store) Lookup(ctx context.Context, short, code string) ([]bot.Given, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT code, document, paragraph, place, words, given_ms FROM quotation
		WHERE short = $2 AND substr(digest, 1, $3) = $1
		ORDER BY CASE WHEN code = $1 THEN 0 ELSE 1 END, given_ms, code LIMIT 10`, code, short, len(code))
	if err != nil {
		return nil, fmt.Errorf("quotation %s: %w", code, err)
	}
	defer func() { _ = rows.Close() }()
	var out []bot.Given
	for rows.Next() {
		var (
			g  bot.Given
			ms int64
		)
		if err := rows.Scan(&g.Code, &g.Document, &g.Para, &g.From, &g.Words, &ms); err != nil {
			return nil, fmt.Errorf("quotation %s: %w", code, err)
		}
		g.At = time.UnixMilli(ms).UTC()
		out = append(out, g)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("quotation %s: %w", code, err)
	}
	return out, nil
}
