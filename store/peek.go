package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"rapporteur/bot"
)

// ErrOlder means that an earlier program wrote the schema, and none has brought it
// up to date yet.
var ErrOlder = errors.New("the database was written by an earlier version of the program")

// ByHand is what a database says of the calendar.
type ByHand struct {
	// Amendments are as [Store.Amendments] returns them.
	Amendments []bot.Amendment
	// Rows are as [Store.RowStates] returns them.
	Rows map[string]bot.RowState
}

// Peek reads what people have changed in the calendar by hand, whoever has the
// database open: a bot that runs may hold it. It makes no database and changes none;
// where there is none, or an empty one, nobody has changed anything. It returns
// ErrOlder where the schema must first be brought up to date, and ErrNewer and
// ErrDamaged as [Open] does.
func Peek(ctx context.Context, dsn string) (ByHand, error) {
	s := &Store{postgres: IsPostgres(dsn)}
	var err error
	if s.postgres {
		err = s.openPostgres(dsn)
	} else {
		if _, err := os.Stat(dsn); errors.Is(err, fs.ErrNotExist) {
			return ByHand{}, nil
		}
		query := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(5000)", "secure_delete(1)"}}
		s.db.DB, err = sql.Open("sqlite", "file:"+(&url.URL{Path: dsn}).EscapedPath()+"?"+query.Encode())
	}
	if err != nil {
		return ByHand{}, fmt.Errorf("look into the database: %w", err)
	}
	var seen ByHand
	err = s.in(ctx, func(tx *sql.Tx) error {
		var err error
		seen, err = s.peek(ctx, tx)
		return err
	})
	if err = errors.Join(err, s.db.Close()); err != nil {
		return ByHand{}, damaged(dsn, fmt.Errorf("look into the database: %w", err))
	}
	return seen, nil
}

// peek reads in one transaction, so that rows and changes are of one instant.
func (s *Store) peek(ctx context.Context, tx *sql.Tx) (ByHand, error) {
	var seen ByHand
	query, there := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'rapporteur_schema'`, 0
	if s.postgres {
		if _, err := tx.ExecContext(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`); err != nil {
			return seen, err
		}
		query = `SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('rapporteur_schema')`
	}
	if err := tx.QueryRowContext(ctx, query).Scan(&there); err != nil || there == 0 {
		return seen, err
	}
	steps, err := schema.ReadDir("schema")
	if err != nil {
		return seen, err
	}
	var have int
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM rapporteur_schema`).Scan(&have); err != nil {
		return seen, err
	}
	switch {
	case have > len(steps):
		return seen, ErrNewer
	case have > 0 && have < len(steps):
		return seen, ErrOlder
	case have == 0:
		return seen, nil
	}
	if seen.Amendments, err = amendments(ctx, tx); err != nil {
		return seen, err
	}
	seen.Rows, err = rowStates(ctx, tx)
	return seen, err
}
