package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// check reads the tables of an SQLite file once, for a file that was cut off opens
// like a whole one. The tables of Matrix encryption are left out: where they alone
// are broken, the rest of the program need not stop.
func (s *Store) check(ctx context.Context) error {
	if s.postgres {
		return nil
	}
	tables, err := s.tables(ctx)
	if err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	for _, table := range tables {
		var verdict string
		query := `PRAGMA quick_check('` + strings.ReplaceAll(table, `'`, `''`) + `')`
		if err := s.db.QueryRowContext(ctx, query).Scan(&verdict); err != nil {
			return fmt.Errorf("check the table %s: %w", table, err)
		}
		if verdict != "ok" {
			return fmt.Errorf("%w: %s", ErrDamaged, verdict)
		}
	}
	return nil
}

func (s *Store) tables(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'crypto\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		tables = append(tables, name)
	}
	return tables, rows.Err()
}

// damaged says in words what to do where SQLite finds that the file is no whole
// database. Other errors stay as they are.
func damaged(path string, err error) error {
	var coded interface{ Code() int }
	if errors.As(err, &coded) && (coded.Code()&0xff == 11 || coded.Code()&0xff == 26) { // SQLITE_CORRUPT, SQLITE_NOTADB
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("the file %s cannot be used; nothing was deleted: keep it, put the last copy that rapporteur backup made in its place, and start again: %w", path, err)
}
