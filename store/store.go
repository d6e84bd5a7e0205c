// Package store keeps what must survive a restart, in SQLite or PostgreSQL.
//
//	inbox         every message heard, until it is answered: (platform, room, message) is the key
//	subscription  a room's standing order, with its next occurrence
//	delivery      one row for each (subscription, civil slot): the promise "once" is this key
//	turn          what a conversation is about, for follow-ups; deleted after a day
//	quotation     every quotation given, by its code: where its words stood
//	calendar_row  what each dated row of the calendar shows, and how often that has changed
//	posted        what is in rooms and which rows it showed (relied), to be corrected; for half a year
//	correction    one row for each (room, calendar row, change): a room is told once
//	topic         what a room follows until it turns up among the known items
//	setting       small values of the platforms, such as a session's token
//
// One SQL text serves both databases. SQLite is one file for one process, held
// by a lock beside it; PostgreSQL is what replicas share. There is no leader:
// who works on a row is decided by row locks (FOR UPDATE SKIP LOCKED) or by
// SQLite's single writer, and a lease that runs out hands the row to somebody
// else. Times are Unix milliseconds and given by the caller; leases on PostgreSQL
// count by the clock of the database, for those of replicas differ.
//
// SQLite runs with synchronous=FULL: the intent to post must survive a power
// cut, or the post is made twice.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	_ "modernc.org/sqlite"             // the SQLite driver
)

// Errors that callers tell apart.
var (
	// ErrInUse means that another process holds the SQLite file.
	ErrInUse = errors.New("in use by another process")
	// ErrNotFound means that there is no such row in the room.
	ErrNotFound = errors.New("not found")
	// ErrAlready means that the room has the same subscription already.
	ErrAlready = errors.New("subscribed already")
	// ErrNewer means that a newer program wrote the schema.
	ErrNewer = errors.New("the database was written by a newer version of the program")
	// ErrDamaged means that the SQLite file is no whole database.
	ErrDamaged = errors.New("the database is damaged")
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db       database
	postgres bool
	// followCaller lets leases on PostgreSQL count by the callers' clocks; see [CallersClock].
	followCaller bool
	// registered is set once this process has registered a calendar.
	registered atomic.Bool
	lock       *os.File
}

// Memory names a database that is gone when it is closed.
const Memory = ":memory:"

// Open opens a database, an SQLite file by its path or PostgreSQL by its
// postgres:// address, and brings its schema up to date. It returns ErrInUse
// when another process holds the SQLite file and ErrNewer when the schema is
// from the future, and ErrDamaged when the file is no whole database.
func Open(ctx context.Context, dsn string, options ...Option) (*Store, error) {
	s := &Store{postgres: strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")}
	for _, option := range options {
		option(s)
	}
	var err error
	if scheme, _, found := strings.Cut(dsn, "://"); found && !s.postgres {
		return nil, fmt.Errorf("database: %q addresses are not supported; give postgres:// or the path of a file", scheme)
	}
	if s.postgres {
		err = s.openPostgres(dsn)
	} else {
		err = s.openSQLite(dsn)
	}
	if err != nil {
		return nil, err
	}
	err = s.check(ctx)
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(damaged(dsn, err), s.Close())
	}
	return s, nil
}

func (s *Store) openPostgres(dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return errors.New("database: the postgres address is not valid") // the cause may hold the password
	}
	db.SetMaxOpenConns(16)
	s.db = database{db}
	return nil
}

func (s *Store) openSQLite(path string) error {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	}}
	name := "file::memory:?" + query.Encode()
	if path != Memory {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("database folder: %w", err)
		}
		if err := s.hold(path); err != nil {
			return err
		}
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return errors.Join(fmt.Errorf("database file: %w", err), s.lock.Close())
		}
		_ = file.Close()
		name = "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	db.SetMaxOpenConns(1) // one writer; and :memory: is one connection's own
	s.db = database{db}
	return nil
}

// hold locks the file beside the database for this process.
func (s *Store) hold(path string) error {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("database lock: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("database %s: %w", path, ErrInUse), lock.Close())
	}
	s.lock = lock
	return nil
}

// DB is the open database, for the libraries that keep tables of their own.
func (s *Store) DB() *sql.DB { return s.db.DB }

// Close closes the database and lets go of its lock.
func (s *Store) Close() error {
	var errs []error
	if s.db.DB != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// skipLocked ends a SELECT that is to lock its rows.
func (s *Store) skipLocked() string {
	if s.postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return "" // the transaction is the only writer
}
