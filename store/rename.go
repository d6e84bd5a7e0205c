package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"rapporteur/bot"
)

// RenameRoom gives a room another id, and returns how many subscriptions came
// along: what it has ordered and follows, what was said there and what was posted.
// What is known under the new id already is not doubled. Done again, it renames
// nothing.
func (s *Store) RenameRoom(ctx context.Context, from, to bot.Room) (int, error) {
	moved, err := s.moveOrders(ctx, from, to)
	if err != nil {
		return 0, err
	}
	err = s.in(ctx, func(tx *sql.Tx) error {
		return moveRows(ctx, tx, from, to,
			`UPDATE topic SET state = 'ended' WHERE platform = $1 AND room = $2 AND state = 'followed'
				AND EXISTS (SELECT 1 FROM topic n WHERE n.platform = $3 AND n.room = $4 AND n.topic = topic.topic AND n.state = 'followed')`,
			`UPDATE topic SET platform = $3, room = $4 WHERE platform = $1 AND room = $2 AND state <> 'ended'`,
			`UPDATE turn SET platform = $3, room = $4 WHERE platform = $1 AND room = $2
				AND NOT EXISTS (SELECT 1 FROM turn n WHERE n.platform = $3 AND n.room = $4 AND n.message = turn.message)`,
			`UPDATE posted SET platform = $3, room = $4 WHERE platform = $1 AND room = $2`,
			moveCorrections,
		)
	})
	if err != nil {
		return 0, fmt.Errorf("rename %s to %s: %w", from, to, err)
	}
	return moved, nil
}

// ResumeAll starts the subscriptions again, of all rooms whose ids begin like this
// one's, that were stopped for this reason.
func (s *Store) ResumeAll(ctx context.Context, room bot.Room, why string, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE subscription SET state = 'active', reason = '', state_ms = $4, tell_ms = 0
		WHERE platform = $1 AND substr(room, 1, length($2)) = $2 AND state = 'gone' AND reason = $3`,
		room.Platform, text(room.ID), text(why), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("subscriptions below %s: %w", room, err)
	}
	return nil
}
