package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
)

// mostTurns is how many turns of a conversation are recalled.
const mostTurns = 50

// Recall returns the latest turns of the conversation that m continues, oldest
// first, but none older than [bot.ConversationAge] and not that of m itself. The
// conversation is m's thread, or the whole room where m has none. A message that
// another process left unanswered sees what was said before it, not after: its
// answer is the one it would have had.
func (s *Store) Recall(ctx context.Context, m bot.Message) ([]bot.Turn, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT question, said, sent_ms FROM turn
		WHERE platform = $1 AND room = $2 AND thread = $3 AND message <> $4 AND sent_ms > $5 AND sent_ms < $6
		AND (sent_ms <= $7 OR NOT EXISTS (
			SELECT 1 FROM inbox i WHERE i.platform = $1 AND i.room = $2 AND i.message = $4 AND i.attempts > 1))
		ORDER BY id DESC LIMIT $8`,
		m.Room.Platform, text(m.Room.ID), text(m.Thread), text(m.ID),
		// A clock that was set back (--at) must not part a conversation.
		m.SentAt.Add(-bot.ConversationAge).UnixMilli(), m.SentAt.Add(bot.ConversationAge).UnixMilli(), m.SentAt.UnixMilli(), mostTurns)
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var turns []bot.Turn
	for rows.Next() {
		var (
			t    bot.Turn
			said string
			sent int64
		)
		if err := rows.Scan(&t.Question, &said, &sent); err != nil {
			return nil, fmt.Errorf("conversation: %w", err)
		}
		t.Said, t.At = strings.Fields(said), fromMillis(sent)
		turns = append([]bot.Turn{t}, turns...)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	return turns, nil
}

// keep adds a turn to the conversation of m; a message has one turn.
func keep(ctx context.Context, tx *sql.Tx, m bot.Message, t bot.Turn, now time.Time) error {
	if t.IsZero() {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO turn (platform, room, thread, message, question, said, sent_ms, kept_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT DO NOTHING`,
		m.Room.Platform, text(m.Room.ID), text(m.Thread), text(m.ID), text(t.Question), text(strings.Join(t.Said, " ")), t.At.UnixMilli(), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("conversation: %w", err)
	}
	return nil
}

// ForgetTurns deletes the turns that were kept before the time, and returns how
// many there were.
func (s *Store) ForgetTurns(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM turn WHERE kept_ms < $1`, before)
}

func (s *Store) forget(ctx context.Context, statement string, before time.Time) (int64, error) {
	result, err := s.db.ExecContext(ctx, statement, before.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("forget: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("forget: %w", err)
	}
	return n, nil
}
