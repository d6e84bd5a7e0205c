package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
)

// Arrive writes down which items (documents and rows of the calendar) are there,
// and returns those that were not before. Where nothing was ever written down,
// all of them were there from the beginning, and none is new.
func (s *Store) Arrive(ctx context.Context, items []string, now time.Time) ([]string, error) {
	var fresh []string
	err := s.in(ctx, func(tx *sql.Tx) error {
		fresh = nil
		if s.postgres { // the first two replicas must not both find nothing
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, arriveLock); err != nil {
				return err
			}
		}
		known := map[string]bool{}
		rows, err := tx.QueryContext(ctx, `SELECT item FROM known_item`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var item string
			if err := rows.Scan(&item); err != nil {
				return err
			}
			known[item] = true
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		first, beginning := now.UnixMilli(), len(known) == 0
		if beginning {
			first = 0
		}
		var unknown []string
		for _, item := range items {
			if item = text(item); !known[item] {
				known[item] = true
				unknown = append(unknown, item)
			}
		}
		if !beginning {
			fresh = unknown
		}
		for batch := range slices.Chunk(unknown, itemsAtOnce) {
			values, args := make([]string, len(batch)), []any{first}
			for i, item := range batch {
				values[i] = "($" + strconv.Itoa(i+2) + ", $1)"
				args = append(args, item)
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO known_item (item, first_ms) VALUES `+strings.Join(values, ", ")+` ON CONFLICT DO NOTHING`, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what has come in: %w", err)
	}
	return fresh, nil
}

// itemsAtOnce is how many items one statement writes down.
const itemsAtOnce = 500

// arriveLock is the PostgreSQL advisory lock under which items are written down.
const arriveLock = 7_261_705

// Arrived returns the items that came in after the one time and up to the other,
// the oldest first.
func (s *Store) Arrived(ctx context.Context, after, until time.Time) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT item FROM known_item WHERE first_ms > $1 AND first_ms <= $2 ORDER BY first_ms, item`, max(after.UnixMilli(), 0), until.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("what has come in: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var item string
		if err := rows.Scan(&item); err != nil {
			return nil, fmt.Errorf("what has come in: %w", err)
		}
		out = append(out, item)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("what has come in: %w", err)
	}
	return out, nil
}

const topicColumns = `id, platform, room, topic, created_by, created_ms, found, attempts, first_ms, CASE WHEN state = 'sending' THEN 1 ELSE doubtful END`

func scanTopic(row scanner) (bot.Followed, error) {
	var (
		t              bot.Followed
		created, first int64
		doubtful       int64
		found          string
	)
	if err := row.Scan(&t.ID, &t.Room.Platform, &t.Room.ID, &t.Text, &t.CreatedBy, &created, &found, &t.Attempt, &first, &doubtful); err != nil {
		return bot.Followed{}, err
	}
	t.CreatedAt, t.FirstTried, t.Doubtful = fromMillis(created), fromMillis(first), doubtful == 1
	if found != "" {
		t.Found = strings.Split(found, "\n")
	}
	return t, nil
}

// Follow keeps that a room follows a topic and gives it its number. Where the room
// follows it already it returns that one and ErrAlready.
func (s *Store) Follow(ctx context.Context, t bot.Followed) (bot.Followed, error) {
	err := s.db.QueryRowContext(ctx, `
		INSERT INTO topic (platform, room, topic, created_by, created_ms, checked_ms, state, reason, found, attempts, first_ms, not_before_ms, lease_ms, receipt)
		VALUES ($1, $2, $3, $4, $5, $5, 'followed', '', '', 0, 0, 0, 0, '') ON CONFLICT DO NOTHING RETURNING id`,
		t.Room.Platform, text(t.Room.ID), text(t.Text), text(t.CreatedBy), millis(t.CreatedAt)).Scan(&t.ID)
	if errors.Is(err, sql.ErrNoRows) {
		have, scanErr := scanTopic(s.db.QueryRowContext(ctx, `SELECT `+topicColumns+` FROM topic WHERE platform = $1 AND room = $2 AND topic = $3 AND state = 'followed'`,
			t.Room.Platform, text(t.Room.ID), text(t.Text)))
		if scanErr == nil {
			return have, ErrAlready
		}
		err = scanErr
	}
	if err != nil {
		return bot.Followed{}, fmt.Errorf("follow %q: %w", t.Text, err)
	}
	return t, nil
}

// Following returns what a room follows, by number.
func (s *Store) Following(ctx context.Context, room bot.Room) ([]bot.Followed, error) {
	return s.topics(ctx, `platform = $1 AND room = $2 AND state = 'followed' ORDER BY id`, room.Platform, text(room.ID))
}

// AllFollowed returns what all rooms follow, by number.
func (s *Store) AllFollowed(ctx context.Context) ([]bot.Followed, error) {
	return s.topics(ctx, `state = 'followed' ORDER BY id`)
}

func (s *Store) topics(ctx context.Context, where string, args ...any) ([]bot.Followed, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+topicColumns+` FROM topic WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("followed topics: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []bot.Followed
	for rows.Next() {
		t, err := scanTopic(rows)
		if err != nil {
			return nil, fmt.Errorf("followed topics: %w", err)
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("followed topics: %w", err)
	}
	return out, nil
}

// Unfollow ends that a room follows a topic. It returns ErrNotFound where the room
// follows nothing of that number.
func (s *Store) Unfollow(ctx context.Context, room bot.Room, id int64) error {
	result, err := s.db.ExecContext(ctx, `UPDATE topic SET state = 'ended' WHERE platform = $1 AND room = $2 AND id = $3 AND state = 'followed'`, room.Platform, text(room.ID), id)
	if err == nil {
		var n int64
		if n, err = result.RowsAffected(); err == nil && n == 0 {
			err = ErrNotFound
		}
	}
	if err != nil {
		return fmt.Errorf("unfollow %d: %w", id, err)
	}
	return nil
}

// TurnedUp writes down that a followed topic has turned up, to be told once. It
// does nothing where somebody was faster, or where the room follows it no more.
func (s *Store) TurnedUp(ctx context.Context, id int64, found []string) error {
	if _, err := s.db.ExecContext(ctx, `UPDATE topic SET state = 'found', found = $2 WHERE id = $1 AND state = 'followed'`, id, text(strings.Join(found, "\n"))); err != nil {
		return fmt.Errorf("topic %d: %w", id, err)
	}
	return nil
}

// ClaimFound takes at most limit topics of a platform that have turned up, or
// whose process died while it told that, and leases them until now+lease.
func (s *Store) ClaimFound(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Followed, error) {
	var out []bot.Followed
	err := s.in(ctx, func(tx *sql.Tx) error {
		out = nil
		clock, err := s.clock(ctx, tx, now)
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `SELECT `+topicColumns+` FROM topic
			WHERE platform = $1 AND ((state = 'found' AND not_before_ms <= $2) OR (state = 'sending' AND lease_ms < $4)) ORDER BY id LIMIT $3`+s.skipLocked(),
			platform, now.UnixMilli(), limit, clock.UnixMilli())
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			t, err := scanTopic(rows)
			if err != nil {
				return err
			}
			out = append(out, t)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for i := range out {
			t := &out[i]
			t.Attempt++
			if t.FirstTried.IsZero() {
				t.FirstTried = now
			}
			if _, err := tx.ExecContext(ctx, `UPDATE topic SET state = 'sending', attempts = $1, first_ms = $2, lease_ms = $3, doubtful = $5 WHERE id = $4`,
				t.Attempt, millis(t.FirstTried), clock.Add(lease).UnixMilli(), t.ID, flag(t.Doubtful)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim topics: %w", err)
	}
	return out, nil
}

// ToldTopic marks a topic as told, or as given up where a reason says why.
func (s *Store) ToldTopic(ctx context.Context, t bot.Followed, receipt, reason string) error {
	if reason != "" {
		return s.finishTopic(ctx, t, `state = 'ended', reason = $3`, text(reason))
	}
	// A post that was made is a fact, whoever has the topic by now.
	if _, err := s.db.ExecContext(ctx, `UPDATE topic SET state = 'told', receipt = $2, reason = '' WHERE id = $1`, t.ID, text(receipt)); err != nil {
		return fmt.Errorf("topic %d: %w", t.ID, err)
	}
	return nil
}

// RetryTopic gives a topic that is not told yet back until notBefore.
func (s *Store) RetryTopic(ctx context.Context, t bot.Followed, notBefore time.Time, reason string) error {
	return s.finishTopic(ctx, t, `state = 'found', not_before_ms = $3, reason = $4`, notBefore.UnixMilli(), text(reason))
}

func (s *Store) finishTopic(ctx context.Context, t bot.Followed, set string, args ...any) error {
	if _, err := s.db.ExecContext(ctx, `UPDATE topic SET `+set+` WHERE id = $1 AND attempts = $2 AND state = 'sending'`, append([]any{t.ID, t.Attempt}, args...)...); err != nil {
		return fmt.Errorf("topic %d: %w", t.ID, err)
	}
	return nil
}
