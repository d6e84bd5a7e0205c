package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
)

var _ bot.Inbox = (*Store)(nil)

// Receive commits a message under a lease. fresh is false when it was heard
// before.
func (s *Store) Receive(ctx context.Context, m bot.Message, now time.Time, lease time.Duration) (fresh bool, err error) {
	result, err := s.db.ExecContext(ctx, `
		INSERT INTO inbox (platform, room, message, thread, sender, body, quoted, return_to, sent_ms, received_ms, lease_ms, held_ms, attempts, state, receipt, answered_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, `+s.clockAs("$10")+` + CAST($11 AS BIGINT), $12, 1, 'pending', '', 0)
		ON CONFLICT (platform, room, message) DO NOTHING`,
		m.Room.Platform, text(m.Room.ID), text(m.ID), text(m.Thread), text(m.Sender), text(m.Text), text(m.Quoted), text(m.Return),
		millis(m.SentAt), now.UnixMilli(), lease.Milliseconds(), now.Add(lease).UnixMilli())
	if err != nil {
		return false, fmt.Errorf("inbox: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("inbox: %w", err)
	}
	return n == 1, nil
}

// Reclaim leases messages whose lease has run out unanswered, oldest first.
func (s *Store) Reclaim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Message, error) {
	var out []bot.Message
	held := now.Add(lease)
	err := s.in(ctx, func(tx *sql.Tx) error {
		now, err := s.clock(ctx, tx, now)
		if err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		rows, err := tx.QueryContext(ctx, `
			SELECT room, message, thread, sender, body, quoted, return_to, sent_ms, unsent FROM inbox
			WHERE platform = $1 AND state = 'pending' AND lease_ms < $2
			ORDER BY received_ms, message LIMIT $3`+s.skipLocked(), platform, now.UnixMilli(), limit)
		if err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			m := bot.Message{Room: bot.Room{Platform: platform}}
			var sent, unsent int64
			if err := rows.Scan(&m.Room.ID, &m.ID, &m.Thread, &m.Sender, &m.Text, &m.Quoted, &m.Return, &sent, &unsent); err != nil {
				return fmt.Errorf("inbox: %w", err)
			}
			m.SentAt, m.Unsent = fromMillis(sent), unsent != 0
			out = append(out, m)
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		for _, m := range out {
			if _, err := tx.ExecContext(ctx, `
				UPDATE inbox SET lease_ms = $1, attempts = attempts + 1, unsent = 0, held_ms = $5 WHERE platform = $2 AND room = $3 AND message = $4`,
				now.Add(lease).UnixMilli(), platform, m.Room.ID, m.ID, held.UnixMilli()); err != nil {
				return fmt.Errorf("inbox: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Return gives back a message that is held until held, by the clock of whoever
// holds it: it may be taken up again from notBefore on.
func (s *Store) Return(ctx context.Context, m bot.Message, held, notBefore time.Time) error {
	unsent := 0
	if m.Unsent {
		unsent = 1
	}
	// A lease that ends now has run out for whoever looks in this millisecond.
	_, err := s.db.ExecContext(ctx, `
		UPDATE inbox SET lease_ms = $1, unsent = $2
		WHERE platform = $3 AND room = $4 AND message = $5 AND state = 'pending' AND held_ms = $6`,
		notBefore.UnixMilli()-1, unsent, m.Room.Platform, text(m.Room.ID), text(m.ID), held.UnixMilli())
	if err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	return nil
}

// Answered marks a message as done, forgets its words, and keeps its turn of the
// conversation, all or nothing. The second time it changes nothing.
func (s *Store) Answered(ctx context.Context, m bot.Message, r bot.Receipt, t bot.Turn, now time.Time) error {
	err := s.in(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE inbox SET state = 'answered', body = '', quoted = '', return_to = '', done = '', receipt = $1, answered_ms = $2
			WHERE platform = $3 AND room = $4 AND message = $5 AND state = 'pending'`,
			r.ID, now.UnixMilli(), m.Room.Platform, text(m.Room.ID), text(m.ID))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return keep(ctx, tx, m, t, now)
	})
	if err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	return nil
}

// Forget deletes the messages that were answered before the time, and returns
// how many there were. Keep them at least 48 hours: platforms redeliver.
func (s *Store) Forget(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM inbox WHERE state = 'answered' AND answered_ms < $1`, before)
}

// text is a string as both databases take it: PostgreSQL refuses NUL and what
// is not UTF-8, and a message that can never be committed would come for ever.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// millis is a time as Unix milliseconds; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
