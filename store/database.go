package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// database is where statements run: in the transaction that their context belongs
// to, or else each by itself. So whatever a store does can be part of one step, and
// on SQLite, which has one connection, nothing waits for the transaction it is in.
type database struct{ *sql.DB }

// belongs is the key under which a context names its transaction on a database.
type belongs struct{ db *sql.DB }

// with returns a context whose statements run in a transaction.
func (d database) with(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, belongs{d.DB}, tx)
}

// transaction returns the transaction that a context belongs to; nil for none.
func (d database) transaction(ctx context.Context) *sql.Tx {
	tx, _ := ctx.Value(belongs{d.DB}).(*sql.Tx)
	return tx
}

// ExecContext runs a statement.
func (d database) ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	if tx := d.transaction(ctx); tx != nil {
		return tx.ExecContext(ctx, statement, args...)
	}
	return d.DB.ExecContext(ctx, statement, args...)
}

// QueryContext asks for rows.
func (d database) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if tx := d.transaction(ctx); tx != nil {
		return tx.QueryContext(ctx, query, args...)
	}
	return d.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext asks for one row.
func (d database) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if tx := d.transaction(ctx); tx != nil {
		return tx.QueryRowContext(ctx, query, args...)
	}
	return d.DB.QueryRowContext(ctx, query, args...)
}

// in runs f in one transaction, or as one part of the transaction that ctx belongs
// to: where f fails nothing of it is left, and the transaction goes on.
func (s *Store) in(ctx context.Context, f func(tx *sql.Tx) error) error {
	if tx := s.db.transaction(ctx); tx != nil {
		return part(ctx, tx, f)
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func part(ctx context.Context, tx *sql.Tx, f func(tx *sql.Tx) error) error {
	if _, err := tx.ExecContext(ctx, `SAVEPOINT part`); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		if _, back := tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT part`); back != nil {
			return errors.Join(err, fmt.Errorf("roll back: %w", back))
		}
		return err
	}
	if _, err := tx.ExecContext(ctx, `RELEASE SAVEPOINT part`); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
