package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"rapporteur/bot"
)

// CarryOut runs do for a message of the inbox once, however often and wherever the
// message is taken up, and returns what do returned that one time. What do writes
// under its context and what it returns are kept together or not at all; where it
// fails, the next attempt runs it again. It returns nothing once the message is
// answered. A message that the inbox does not hold is taken up by nobody else: do is
// run for it each time.
func (s *Store) CarryOut(ctx context.Context, m bot.Message, do func(ctx context.Context) ([]byte, error)) ([]byte, error) {
	lock := ""
	if s.postgres {
		lock = ` FOR UPDATE` // another attempt waits here until this one is through
	}
	var said []byte
	err := s.in(ctx, func(tx *sql.Tx) error {
		var state, done string
		err := tx.QueryRowContext(ctx, `SELECT state, done FROM inbox WHERE platform = $1 AND room = $2 AND message = $3`+lock,
			m.Room.Platform, text(m.Room.ID), text(m.ID)).Scan(&state, &done)
		known := !errors.Is(err, sql.ErrNoRows)
		switch {
		case known && err != nil:
			return err
		case known && done != "":
			said = []byte(done)
			return nil
		case known && state == answered:
			return nil
		}
		if said, err = do(s.db.with(ctx, tx)); err != nil || !known {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE inbox SET done = $1 WHERE platform = $2 AND room = $3 AND message = $4`,
			text(string(said)), m.Room.Platform, text(m.Room.ID), text(m.ID))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("carry out message %s: %w", m.ID, err)
	}
	return said, nil
}

// answered is the state of a message of the inbox that is dealt with.
const answered = "answered"
