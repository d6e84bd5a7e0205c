package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rapporteur/bot"
)

// Intended keeps a post that is about to be made: without a receipt it counts for
// nothing yet. What an earlier attempt kept stays where that attempt may have
// reached the room (doubtful), and gives way where it surely did not.
func (s *Store) Intended(ctx context.Context, p bot.Posted, doubtful bool) error {
	p.Receipt = ""
	return s.keepPost(ctx, p, !doubtful)
}

// Remember keeps a post that is in its room, so that it can be corrected. Kept
// again, under the same key, only its receipt is brought up to date.
func (s *Store) Remember(ctx context.Context, p bot.Posted) error {
	return s.keepPost(ctx, p, false)
}

// Replace keeps that the answer to a message says something else by now: what was
// kept of what it said before is forgotten, and its receipt stays. An answer that
// shows no row is not kept, nor is one of which nobody knows where it stands.
func (s *Store) Replace(ctx context.Context, p bot.Posted, message string) error {
	err := s.in(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT receipt, thread FROM posted WHERE post_key = $1`, text(p.Key)).Scan(&p.Receipt, &p.Thread)
		if errors.Is(err, sql.ErrNoRows) {
			err = tx.QueryRowContext(ctx, `SELECT receipt FROM inbox WHERE platform = $1 AND room = $2 AND message = $3`,
				p.Room.Platform, text(p.Room.ID), text(message)).Scan(&p.Receipt)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		for _, statement := range []string{`DELETE FROM relied WHERE post_key = $1`, `DELETE FROM posted WHERE post_key = $1`} {
			if _, err := tx.ExecContext(ctx, statement, text(p.Key)); err != nil {
				return err
			}
		}
		if p.Receipt == "" || len(p.Relied) == 0 {
			return nil
		}
		return insertPost(ctx, tx, p)
	})
	if err != nil {
		return fmt.Errorf("replace post %s: %w", p.Key, err)
	}
	return nil
}

func (s *Store) keepPost(ctx context.Context, p bot.Posted, anew bool) error {
	err := s.in(ctx, func(tx *sql.Tx) error {
		if anew {
			for _, statement := range []string{
				`DELETE FROM relied WHERE post_key IN (SELECT post_key FROM posted WHERE post_key = $1 AND receipt = '')`,
				`DELETE FROM posted WHERE post_key = $1 AND receipt = ''`,
			} {
				if _, err := tx.ExecContext(ctx, statement, text(p.Key)); err != nil {
					return err
				}
			}
		}
		return insertPost(ctx, tx, p)
	})
	if err != nil {
		return fmt.Errorf("remember post %s: %w", p.Key, err)
	}
	return nil
}

func insertPost(ctx context.Context, tx *sql.Tx, p bot.Posted) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO posted (post_key, platform, room, thread, receipt, purpose, reply, as_of_ms, posted_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (post_key) DO UPDATE SET receipt = CASE WHEN excluded.receipt = '' THEN posted.receipt ELSE excluded.receipt END`,
		text(p.Key), p.Room.Platform, text(p.Room.ID), text(p.Thread), text(p.Receipt), int64(p.Purpose), text(string(p.Reply)), millis(p.AsOf), millis(p.At)); err != nil {
		return err
	}
	for _, r := range p.Relied {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO relied (post_key, row_id, said_version, version, section) VALUES ($1, $2, $3, $3, $4) ON CONFLICT DO NOTHING`,
			text(p.Key), r.Row, r.Version, text(r.Section)); err != nil {
			return err
		}
	}
	return nil
}

// Said returns what the editions of a subscription that were due before a time
// have shown, each row as they showed it last, and when the last of them was due;
// the zero time for none. An edition that had nothing to say and was left out is
// none: nobody can look it up.
func (s *Store) Said(ctx context.Context, subscription int64, before time.Time) (map[string]bot.Relied, time.Time, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT r.row_id, r.said_version, r.section, COALESCE(v.shown, ''), d.due_ms
		FROM delivery d JOIN relied r ON r.post_key = d.id LEFT JOIN calendar_version v ON v.version = r.said_version
		WHERE d.subscription = $1 AND d.due_ms < $2 ORDER BY d.due_ms`, subscription, before.UnixMilli())
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("what was said: %w", err)
	}
	defer func() { _ = rows.Close() }()
	said := map[string]bot.Relied{}
	for rows.Next() {
		var (
			r     bot.Relied
			shown string
			due   int64
		)
		if err := rows.Scan(&r.Row, &r.Version, &r.Section, &shown, &due); err != nil {
			return nil, time.Time{}, fmt.Errorf("what was said: %w", err)
		}
		r.Shown, r.Due = []byte(shown), fromMillis(due)
		said[r.Row] = r
	}
	if err := rows.Err(); err != nil {
		return nil, time.Time{}, fmt.Errorf("what was said: %w", err)
	}
	var last sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT MAX(due_ms) FROM delivery WHERE subscription = $1 AND due_ms < $2 AND state = 'sent' AND receipt <> ''`, subscription, before.UnixMilli()).Scan(&last)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("the last edition: %w", err)
	}
	return said, fromMillis(last.Int64), nil
}

// ForgetPosts deletes what was remembered of posts made before the time, for they
// are not corrected any more, and returns how many there were.
func (s *Store) ForgetPosts(ctx context.Context, before time.Time) (int64, error) {
	if _, err := s.forget(ctx, `DELETE FROM relied WHERE post_key IN (SELECT post_key FROM posted WHERE posted_ms < $1)`, before); err != nil {
		return 0, err
	}
	return s.forget(ctx, `DELETE FROM posted WHERE posted_ms < $1`, before)
}
