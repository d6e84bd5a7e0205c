package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
)

// Backup writes a consistent copy of the database to a new file, which only its
// owner may read: the copy holds access tokens and encryption keys. The bot may
// run meanwhile. PostgreSQL has a tool of its own for this.
func Backup(ctx context.Context, dsn, file string) error {
	if IsPostgres(dsn) {
		return errors.New("backup: the database is PostgreSQL; use pg_dump, whose copy is consistent too")
	}
	if _, err := os.Stat(dsn); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("backup: there is no database at %s", dsn)
		}
		return fmt.Errorf("backup: %w", err)
	}
	// VACUUM INTO takes an empty file, so that nobody else can read it at any time.
	to, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("backup: %s is there already; give the name of a new file", file)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := copyInto(ctx, dsn, file); err != nil {
		return errors.Join(fmt.Errorf("backup: %w", err), to.Close(), os.Remove(file))
	}
	if err := errors.Join(to.Sync(), to.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func copyInto(ctx context.Context, dsn, file string) error {
	query := url.Values{"_pragma": {"busy_timeout(30000)", "secure_delete(1)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: dsn}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, file)
	return err
}
