package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
)

// Note remembers a value under a name, until ForgetNotes or Unnote.
func (s *Store) Note(ctx context.Context, space, name, value string, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO note (space, name, value, kept_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (space, name) DO UPDATE SET value = excluded.value, kept_ms = excluded.kept_ms`, space, text(name), text(value), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("note in %s: %w", space, err)
	}
	return nil
}

// Notes returns the notes of the space whose names begin with the prefix.
func (s *Store) Notes(ctx context.Context, space, prefix string) (map[string]string, error) {
	prefix = text(prefix)
	name := `name`
	if s.postgres {
		name = `name COLLATE "C"` // by bytes, as SQLite compares; the order of a language has no prefixes
	}
	rows, err := s.db.QueryContext(ctx, `SELECT name, value FROM note WHERE space = $1 AND `+name+` >= $2 AND `+name+` < $3`,
		space, prefix, prefix+"\U0010FFFF")
	if err != nil {
		return nil, fmt.Errorf("notes of %s: %w", space, err)
	}
	defer func() { _ = rows.Close() }()
	notes := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, fmt.Errorf("notes of %s: %w", space, err)
		}
		notes[name] = value
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("notes of %s: %w", space, err)
	}
	return notes, nil
}

// Unnote forgets one note. Where there is none it does nothing.
func (s *Store) Unnote(ctx context.Context, space, name string) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM note WHERE space = $1 AND name = $2`, space, text(name)); err != nil {
		return fmt.Errorf("forget a note of %s: %w", space, err)
	}
	return nil
}

// ForgetNotes deletes the notes that were kept before the time, and returns how
// many there were.
func (s *Store) ForgetNotes(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM note WHERE kept_ms < $1`, before)
}

// MoveRoom moves what a room has ordered and what it follows to the room that
// replaces it, and returns how many subscriptions came along. What the new room has already is
// not doubled. Done again, it moves nothing. What was posted in the old room stays
// there, but the new one is told when it is not so any more.
func (s *Store) MoveRoom(ctx context.Context, from, to bot.Room) (int, error) {
	moved, err := s.moveOrders(ctx, from, to)
	if err != nil {
		return 0, err
	}
	err = s.in(ctx, func(tx *sql.Tx) error {
		return moveRows(ctx, tx, from, to,
			`UPDATE posted SET platform = $3, room = $4, thread = '', receipt = CASE WHEN receipt = '' THEN '' ELSE '`+bot.ReceiptElsewhere+`' END WHERE platform = $1 AND room = $2`,
			moveCorrections,
		)
	})
	if err != nil {
		return 0, fmt.Errorf("move the posts of %s to %s: %w", from, to, err)
	}
	return moved, nil
}

// moveOrders moves subscriptions and topics.
func (s *Store) moveOrders(ctx context.Context, from, to bot.Room) (int, error) {
	moved := 0
	err := s.in(ctx, func(tx *sql.Tx) error {
		orders, err := ordersOf(ctx, tx, from, to)
		if err != nil {
			return err
		}
		for _, o := range orders {
			// A room that was found dead before its successor was known lives again.
			change := `UPDATE subscription SET platform = $2, room = $3, state = CASE WHEN state = 'gone' THEN 'active' ELSE state END, tell_ms = 0 WHERE id = $1`
			args := []any{o.id, to.Platform, to.ID}
			if o.have {
				change, args = `UPDATE subscription SET state = 'removed' WHERE id = $1`, args[:1]
			} else {
				moved++
			}
			if _, err := tx.ExecContext(ctx, change, args...); err != nil {
				return err
			}
		}
		return moveTopics(ctx, tx, from, to)
	})
	if err != nil {
		return 0, fmt.Errorf("move %s to %s: %w", from, to, err)
	}
	return moved, nil
}

// moveTopics moves what a room follows. What the other room follows already ends.
func moveTopics(ctx context.Context, tx *sql.Tx, from, to bot.Room) error {
	const doubled = `UPDATE topic SET state = 'ended', reason = 'the room was replaced' WHERE platform = $1 AND room = $2 AND state = 'followed'
		AND EXISTS (SELECT 1 FROM topic n WHERE n.platform = $3 AND n.room = $4 AND n.topic = topic.topic AND n.state = 'followed')`
	const moved = `UPDATE topic SET platform = $3, room = $4 WHERE platform = $1 AND room = $2 AND state IN ('followed', 'found', 'sending')`
	return moveRows(ctx, tx, from, to, doubled, moved)
}

// moveCorrections moves what a room is still to be told.
const moveCorrections = `UPDATE correction SET platform = $3, room = $4 WHERE platform = $1 AND room = $2 AND state IN ('planned', 'sending')`

// moveRows makes changes whose arguments are the one room and the other.
func moveRows(ctx context.Context, tx *sql.Tx, from, to bot.Room, changes ...string) error {
	for _, change := range changes {
		if _, err := tx.ExecContext(ctx, change, from.Platform, text(from.ID), to.Platform, text(to.ID)); err != nil {
			return err
		}
	}
	return nil
}

// order is a subscription that moves, and whether the other room has it already.
type order struct {
	id   int64
	have bool
}

func ordersOf(ctx context.Context, tx *sql.Tx, from, to bot.Room) ([]order, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT id, EXISTS (SELECT 1 FROM subscription n WHERE n.platform = $3 AND n.room = $4 AND n.state <> 'removed'
			AND n.kind = o.kind AND n.cron = o.cron AND n.zone = o.zone AND n.options = o.options)
		FROM subscription o WHERE o.platform = $1 AND o.room = $2 AND o.state <> 'removed' ORDER BY id`,
		from.Platform, from.ID, to.Platform, to.ID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var orders []order
	for rows.Next() {
		var o order
		if err := rows.Scan(&o.id, &o.have); err != nil {
			return nil, err
		}
		orders = append(orders, o)
	}
	return orders, rows.Err()
}

// Postgres says whether the database is PostgreSQL, which replicas may share.
func (s *Store) Postgres() bool { return s.postgres }

// IsPostgres says whether a database address means PostgreSQL.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}
