package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
)

// PlanCorrections writes down one correction for each room and row where a post
// made since the time shows the row as it is no more, and returns how many are
// new. Any number of replicas may do so at once. A post that comes late, when its
// room was told already, is corrected by itself.
func (s *Store) PlanCorrections(ctx context.Context, since, now time.Time) (int, error) {
	type change struct {
		room     bot.Room
		row      string
		was, is  string
		sequence int64
		earlier  int64 // corrections of the same change in the room that are settled
	}
	rows, err := s.db.QueryContext(ctx, `
		SELECT DISTINCT p.platform, p.room, r.row_id, r.version, c.version, c.sequence,
			(SELECT COUNT(*) FROM correction o WHERE o.platform = p.platform AND o.room = p.room
				AND o.row_id = r.row_id AND o.was_version = r.version AND o.sequence = c.sequence)
		FROM calendar_row c JOIN relied r ON r.row_id = c.row_id JOIN posted p ON p.post_key = r.post_key
		WHERE c.sequence > 0 AND p.posted_ms >= $1 AND r.version <> '' AND ((c.gone = 0 AND r.version <> c.version) OR (c.gone = 1 AND r.version <> $2))
			AND p.receipt <> '' AND r.settled < c.sequence
			AND NOT EXISTS (SELECT 1 FROM correction o WHERE o.platform = p.platform AND o.room = p.room AND o.row_id = r.row_id
				AND o.was_version = r.version AND o.sequence = c.sequence AND o.state IN ('planned', 'sending'))`, since.UnixMilli(), bot.VersionGone)
	if err != nil {
		return 0, fmt.Errorf("plan corrections: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var changes []change
	for rows.Next() {
		var c change
		if err := rows.Scan(&c.room.Platform, &c.room.ID, &c.row, &c.was, &c.is, &c.sequence, &c.earlier); err != nil {
			return 0, fmt.Errorf("plan corrections: %w", err)
		}
		changes = append(changes, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil { // SQLite has one connection
		return 0, fmt.Errorf("plan corrections: %w", err)
	}
	planned := 0
	for _, c := range changes {
		result, err := s.db.ExecContext(ctx, `
			INSERT INTO correction (correction_key, platform, room, row_id, was_version, now_version, sequence, state, reason,
				attempts, first_ms, not_before_ms, lease_ms, receipt, created_ms, done_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'planned', '', 0, 0, 0, 0, '', $8, 0) ON CONFLICT DO NOTHING`,
			correctionKey(c.room, c.row, c.was, c.sequence, c.earlier), c.room.Platform, c.room.ID, c.row, c.was, c.is, c.sequence, now.UnixMilli())
		if err != nil {
			return planned, fmt.Errorf("plan the correction of %s: %w", c.row, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return planned, fmt.Errorf("plan the correction of %s: %w", c.row, err)
		}
		planned += int(n)
	}
	return planned, nil
}

// correctionKey names a correction; platforms show it to others, so it is opaque.
// Posts that show the row in different versions are told apart, for what they said
// differs; the sequence, and not the version, is what it is now, for a date may
// move there and back. earlier counts the corrections of the same that came before: a
// post may come when its room was told already.
func correctionKey(room bot.Room, row, was string, sequence, earlier int64) string {
	parts := []string{room.String(), row, was, strconv.FormatInt(sequence, 10)}
	if earlier > 0 {
		parts = append(parts, strconv.FormatInt(earlier, 10))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "correction/" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// claimLock is the PostgreSQL advisory lock under which corrections are claimed.
const claimLock = 7_261_706

// ClaimCorrection takes a correction of a platform that is to be told now, or whose
// process died over it, and leases it until now+lease; there is at most one in the
// slice. In one room one correction is told at a time, for two of them may edit the
// same post. A correction that a later change has overtaken is dropped: the later
// one tells all.
func (s *Store) ClaimCorrection(ctx context.Context, platform string, now time.Time, lease time.Duration) ([]bot.Correction, error) {
	var out []bot.Correction
	err := s.in(ctx, func(tx *sql.Tx) error {
		out = nil
		if s.postgres { // who claims sees what others have claimed
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, claimLock); err != nil {
				return err
			}
		}
		clock, err := s.clock(ctx, tx, now)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE correction SET state = 'failed', reason = 'overtaken by a later change', done_ms = $1
			WHERE state = 'planned' AND attempts = 0 AND EXISTS (SELECT 1 FROM calendar_row c WHERE c.row_id = correction.row_id AND c.sequence > correction.sequence)`,
			now.UnixMilli()); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `
			SELECT correction_key, platform, room, row_id, was_version, now_version, sequence, attempts, first_ms,
				CASE WHEN state = 'sending' THEN 1 ELSE doubtful END FROM correction
			WHERE platform = $1 AND ((state = 'planned' AND not_before_ms <= $2) OR (state = 'sending' AND lease_ms < $3))
			AND NOT EXISTS (SELECT 1 FROM correction o WHERE o.platform = correction.platform AND o.room = correction.room
				AND o.state = 'sending' AND o.lease_ms >= $3)
			ORDER BY created_ms, correction_key LIMIT 1`, platform, now.UnixMilli(), clock.UnixMilli())
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var (
				c        bot.Correction
				first    int64
				doubtful int64
				sequence int
			)
			if err := rows.Scan(&c.Key, &c.Room.Platform, &c.Room.ID, &c.Was.Row, &c.Was.Version, &c.Now.Version, &sequence, &c.Attempt, &first, &doubtful); err != nil {
				return err
			}
			c.Now.Row, c.Now.Sequence, c.FirstTried, c.Doubtful = c.Was.Row, sequence, fromMillis(first), doubtful == 1
			out = append(out, c)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		_ = rows.Close()
		for i := range out {
			c := &out[i]
			c.Attempt++
			if c.FirstTried.IsZero() {
				c.FirstTried = now
			}
			if _, err := tx.ExecContext(ctx, `UPDATE correction SET state = 'sending', attempts = $1, first_ms = $2, lease_ms = $3, doubtful = $5 WHERE correction_key = $4`,
				c.Attempt, millis(c.FirstTried), clock.Add(lease).UnixMilli(), c.Key, flag(c.Doubtful)); err != nil {
				return err
			}
			if err := fillCorrection(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim corrections: %w", err)
	}
	return out, nil
}

// fillCorrection reads what the row showed and shows, and which posts say so.
func fillCorrection(ctx context.Context, tx *sql.Tx, c *bot.Correction) error {
	shown := func(version string) ([]byte, error) {
		var data string
		err := tx.QueryRowContext(ctx, `SELECT shown FROM calendar_version WHERE version = $1`, version).Scan(&data)
		return []byte(data), err
	}
	var (
		err     error
		gone    int64
		changed int64
	)
	if c.Was.Gone = c.Was.Version == bot.VersionGone; !c.Was.Gone {
		if c.Was.Shown, err = shown(c.Was.Version); err != nil {
			return err
		}
	}
	if c.Now.Shown, err = shown(c.Now.Version); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, `SELECT gone, changed_ms, generation FROM calendar_row WHERE row_id = $1`, c.Now.Row).Scan(&gone, &changed, &c.Now.Generation); err != nil {
		return err
	}
	c.Now.Gone, c.Now.Changed = gone == 1, fromMillis(changed)
	rows, err := tx.QueryContext(ctx, `
		SELECT p.post_key, p.thread, p.receipt, p.purpose, p.reply, p.as_of_ms, p.posted_ms
		FROM posted p JOIN relied r ON r.post_key = p.post_key
		WHERE p.platform = $1 AND p.room = $2 AND r.row_id = $3 AND r.version = $4 AND p.receipt <> '' AND r.settled < $5 ORDER BY p.posted_ms, p.post_key`,
		c.Room.Platform, c.Room.ID, c.Was.Row, c.Was.Version, c.Now.Sequence)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			p        = bot.Posted{Room: c.Room}
			purpose  int
			reply    string
			asOf, at int64
		)
		if err := rows.Scan(&p.Key, &p.Thread, &p.Receipt, &purpose, &reply, &asOf, &at); err != nil {
			return err
		}
		p.Purpose, p.Reply, p.AsOf, p.At = bot.Purpose(purpose), []byte(reply), fromMillis(asOf), fromMillis(at)
		c.Posts = append(c.Posts, p)
	}
	return rows.Err()
}

// Corrected marks a correction as told and its posts as showing what the row shows
// now, with the replies that stand there.
func (s *Store) Corrected(ctx context.Context, c bot.Correction, receipt string, now time.Time) error {
	version := c.Now.Version
	if c.Now.Gone {
		version = bot.VersionGone
	}
	err := s.in(ctx, func(tx *sql.Tx) error {
		for _, p := range c.Posts {
			if _, err := tx.ExecContext(ctx, `UPDATE posted SET reply = $1 WHERE post_key = $2`, text(string(p.Reply)), p.Key); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE relied SET version = $1, settled = $4 WHERE post_key = $2 AND row_id = $3`, version, p.Key, c.Was.Row, c.Now.Sequence); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE correction SET state = 'sent', reason = '', receipt = $2, done_ms = $3 WHERE correction_key = $1`, c.Key, text(receipt), now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("correction %s: %w", c.Key, err)
	}
	return nil
}

// RetryCorrection gives a correction that is not told yet back until notBefore.
func (s *Store) RetryCorrection(ctx context.Context, c bot.Correction, notBefore time.Time, reason string) error {
	_, err := finishCorrection(ctx, s.db, c, `state = 'planned', reason = $3, not_before_ms = $4`, text(reason), notBefore.UnixMilli())
	return err
}

// DropCorrection gives a correction up, and says why.
func (s *Store) DropCorrection(ctx context.Context, c bot.Correction, reason string, now time.Time) error {
	return s.in(ctx, func(tx *sql.Tx) error {
		mine, err := finishCorrection(ctx, tx, c, `state = 'failed', reason = $3, done_ms = $4`, text(reason), now.UnixMilli())
		if err != nil || !mine {
			return err
		}
		for _, p := range c.Posts {
			if _, err := tx.ExecContext(ctx, `UPDATE relied SET settled = $1 WHERE post_key = $2 AND row_id = $3 AND settled < $1`, c.Now.Sequence, p.Key, c.Was.Row); err != nil {
				return fmt.Errorf("correction %s: %w", c.Key, err)
			}
		}
		return nil
	})
}

// finishCorrection changes a correction that this claim still has: the attempt is
// its fencing token. mine says whether it had it.
func finishCorrection(ctx context.Context, db execer, c bot.Correction, set string, args ...any) (mine bool, err error) {
	result, err := db.ExecContext(ctx, `UPDATE correction SET `+set+` WHERE correction_key = $1 AND attempts = $2 AND state = 'sending'`,
		append([]any{c.Key, c.Attempt}, args...)...)
	if err != nil {
		return false, fmt.Errorf("correction %s: %w", c.Key, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("correction %s: %w", c.Key, err)
	}
	return n > 0, nil
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
