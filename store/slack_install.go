package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Install is the Slack app in one workspace, or on a whole organisation: then it
// has no team.
type Install struct {
	Enterprise, Team string
	// BotUser is who the bot is there.
	BotUser string
	// Sealed are the tokens, encrypted by whoever uses them.
	Sealed string
	// Expires is when the access token ends; zero for never.
	Expires time.Time
}

// PutInstall keeps an installation of the Slack app in the place of an older one,
// and ends the lease on it.
func (s *Store) PutInstall(ctx context.Context, i Install, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO slack_install (enterprise, team, bot_user, sealed, expires_ms, lease_ms, changed_ms) VALUES ($1, $2, $3, $4, $5, 0, $6)
		ON CONFLICT (enterprise, team) DO UPDATE SET bot_user = excluded.bot_user, sealed = excluded.sealed,
			expires_ms = excluded.expires_ms, lease_ms = 0, changed_ms = excluded.changed_ms`,
		text(i.Enterprise), text(i.Team), text(i.BotUser), text(i.Sealed), millis(i.Expires), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("slack installation: %w", err)
	}
	return nil
}

// FindInstall returns the installation in a workspace, or else that on its whole
// organisation.
func (s *Store) FindInstall(ctx context.Context, enterprise, team string) (i Install, found bool, err error) {
	var expires int64
	err = s.db.QueryRowContext(ctx, `
		SELECT enterprise, team, bot_user, sealed, expires_ms FROM slack_install
		WHERE enterprise = $1 AND (team = $2 OR (team = '' AND enterprise <> '')) ORDER BY team DESC LIMIT 1`,
		text(enterprise), text(team)).Scan(&i.Enterprise, &i.Team, &i.BotUser, &i.Sealed, &expires)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Install{}, false, nil
	case err != nil:
		return Install{}, false, fmt.Errorf("slack installation: %w", err)
	}
	i.Expires = fromMillis(expires)
	return i, true, nil
}

// DeleteInstall deletes an installation with its tokens.
func (s *Store) DeleteInstall(ctx context.Context, enterprise, team string) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM slack_install WHERE enterprise = $1 AND team = $2`, text(enterprise), text(team)); err != nil {
		return fmt.Errorf("slack installation: %w", err)
	}
	return nil
}

// LeaseInstall leases an installation until a time; false where somebody else has
// it, or there is none with these tokens.
func (s *Store) LeaseInstall(ctx context.Context, i Install, now, until time.Time) (bool, error) {
	result, err := s.db.ExecContext(ctx, `
		UPDATE slack_install SET lease_ms = $1 WHERE enterprise = $2 AND team = $3 AND sealed = $4 AND lease_ms < $5`,
		until.UnixMilli(), text(i.Enterprise), text(i.Team), text(i.Sealed), now.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("slack installation: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("slack installation: %w", err)
	}
	return n == 1, nil
}

// PutState keeps the hash of a state until a time. It deletes what is too old.
func (s *Store) PutState(ctx context.Context, state string, now, until time.Time) error {
	err := s.in(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM slack_state WHERE expires_ms < $1`, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO slack_state (state, expires_ms) VALUES ($1, $2)`, text(state), until.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("state of an installation: %w", err)
	}
	return nil
}

// TakeState takes the hash of a state: true once, and not after its time. It
// deletes what is too old.
func (s *Store) TakeState(ctx context.Context, state string, now time.Time) (bool, error) {
	var taken int64
	err := s.in(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM slack_state WHERE state = $1 AND expires_ms >= $2`, text(state), now.UnixMilli())
		if err != nil {
			return err
		}
		if taken, err = result.RowsAffected(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM slack_state WHERE expires_ms < $1`, now.UnixMilli())
		return err
	})
	if err != nil {
		return false, fmt.Errorf("state of an installation: %w", err)
	}
	return taken == 1, nil
}
