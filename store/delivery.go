package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
)

// Plan writes down the occurrences of subscriptions that have come (planned or
// missed, by their State) and their next ones, in one transaction. It does nothing
// for a subscription where another replica was faster, or where the person changed
// it.
func (s *Store) Plan(ctx context.Context, plans []bot.Plan, now time.Time) error {
	err := s.in(ctx, func(tx *sql.Tx) error {
		for chunk := range slices.Chunk(plans, rowsAtOnce) {
			mine, err := advance(ctx, tx, chunk)
			if err != nil {
				return err
			}
			var rows []bot.Delivery
			for _, p := range chunk {
				if mine[p.Subscription.ID] {
					for _, d := range p.Occurrences {
						d.Subscription = p.Subscription
						rows = append(rows, d)
					}
				}
			}
			for some := range slices.Chunk(rows, rowsAtOnce) {
				if err := add(ctx, tx, some, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return nil
}

// rowsAtOnce bounds the rows of one statement: databases take so many arguments.
const rowsAtOnce = 200

// advance sets the next occurrences of subscriptions that are as they were read,
// and returns which were.
func advance(ctx context.Context, tx *sql.Tx, plans []bot.Plan) (map[int64]bool, error) {
	var values list
	for _, p := range plans {
		values.row(p.Subscription.ID, millis(p.Subscription.Next), p.Subscription.Slot, millis(p.Next), p.Slot)
	}
	rows, err := tx.QueryContext(ctx, `
		UPDATE subscription SET next_ms = v.column4, slot = v.column5 FROM (VALUES `+values.text("BIGINT", "BIGINT", "TEXT", "BIGINT", "TEXT")+`) AS v
		WHERE subscription.id = v.column1 AND next_ms = v.column2 AND slot = v.column3 AND state = 'active' RETURNING subscription.id`, values.args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	mine := map[int64]bool{}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		mine[id] = true
	}
	return mine, rows.Err()
}

// add writes down occurrences that are not there yet.
func add(ctx context.Context, tx *sql.Tx, occurrences []bot.Delivery, now time.Time) error {
	var values list
	for _, d := range occurrences {
		done := int64(0)
		if d.State == bot.DeliveryMissed {
			done = now.UnixMilli()
		}
		sub := d.Subscription
		values.row(bot.DeliveryKey(sub.ID, d.Slot), sub.ID, sub.Room.Platform, d.Slot, millis(d.Due), d.State, d.Reason, done, 0, millis(d.FirstTried), 0, 0, flag(d.Doubtful), "")
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO delivery (id, subscription, platform, slot, due_ms, state, reason, done_ms, attempts, first_ms, not_before_ms, lease_ms, doubtful, receipt)
		VALUES `+values.text()+` ON CONFLICT DO NOTHING`, values.args...)
	return err
}

// list is the rows of a VALUES list and their arguments.
type list struct {
	width int
	args  []any
}

func (l *list) row(values ...any) {
	l.width = len(values)
	l.args = append(l.args, values...)
}

// text writes "($1, $2), ($3, $4)", each as the type of its column where types are
// given: PostgreSQL takes what it cannot infer for a text.
func (l *list) text(types ...string) string {
	var b strings.Builder
	for i := range l.args {
		switch {
		case i%l.width > 0:
			b.WriteString(", ")
		case i > 0:
			b.WriteString("), (")
		default:
			b.WriteString("(")
		}
		argument := "$" + strconv.Itoa(i+1)
		if len(types) > 0 {
			argument = "CAST(" + argument + " AS " + types[i%l.width] + ")"
		}
		b.WriteString(argument)
	}
	return b.String() + ")"
}

const deliveryColumns = `d.id, d.slot, d.due_ms, d.attempts, d.first_ms, d.doubtful, d.state, d.reason, d.receipt, d.done_ms, d.body`

func joined(where string) string {
	columns := "s." + strings.ReplaceAll(subscriptionColumns, ", ", ", s.")
	return `SELECT ` + columns + `, ` + deliveryColumns + ` FROM delivery d JOIN subscription s ON s.id = d.subscription ` + where
}

// Claim takes at most limit deliveries of a platform to be posted now: planned
// ones, and those whose process died while it sent them, the longest due first.
// Each is leased until now+lease. Its Attempt counts this claim and fences the
// earlier ones; it is Doubtful once an attempt has ended without a word.
func (s *Store) Claim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error) {
	var out []bot.Delivery
	err := s.in(ctx, func(tx *sql.Tx) error {
		clock, err := s.clock(ctx, tx, now)
		if err != nil {
			return err
		}
		lock := ""
		if s.postgres {
			lock = ` FOR UPDATE OF d SKIP LOCKED`
		}
		rows, err := tx.QueryContext(ctx, joined(`
			WHERE d.platform = $1 AND d.state IN ('planned', 'sending') AND s.state = 'active'
				AND ((d.state = 'planned' AND d.not_before_ms <= $2) OR (d.state = 'sending' AND d.lease_ms < $4))
			ORDER BY d.due_ms, d.id LIMIT $3`)+lock, platform, now.UnixMilli(), limit, clock.UnixMilli())
		if err != nil {
			return err
		}
		out, err = scanDeliveries(rows)
		if err != nil {
			return err
		}
		var keys list
		for i := range out {
			d := &out[i]
			d.Attempt++
			d.Doubtful = d.Doubtful || d.State == bot.DeliverySending
			d.State = bot.DeliverySending
			if d.FirstTried.IsZero() {
				d.FirstTried = now
			}
			keys.row(d.Key)
		}
		if len(out) == 0 {
			return nil
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE delivery SET attempts = attempts + 1, doubtful = CASE WHEN state = 'sending' THEN 1 ELSE doubtful END, state = 'sending',
				first_ms = CASE WHEN first_ms = 0 THEN $1 ELSE first_ms END, lease_ms = $2
			WHERE id IN (`+keys.behind(2)+`)`, append([]any{millis(now), clock.Add(lease).UnixMilli()}, keys.args...)...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	return out, nil
}

// behind writes "$3, $4" for rows of one value whose arguments stand behind n
// others.
func (l *list) behind(n int) string {
	names := make([]string, len(l.args))
	for i := range names {
		names[i] = "$" + strconv.Itoa(n+i+1)
	}
	return strings.Join(names, ", ")
}

func scanDeliveries(rows *sql.Rows) ([]bot.Delivery, error) {
	defer func() { _ = rows.Close() }()
	var out []bot.Delivery
	for rows.Next() {
		var (
			d                          bot.Delivery
			due, first, doubtful, done int64
			body                       string
			err                        error
		)
		d.Subscription, err = scanSubscription(rows, &d.Key, &d.Slot, &due, &d.Attempt, &first, &doubtful, &d.State, &d.Reason, &d.Receipt, &done, &body)
		if err != nil {
			return nil, err
		}
		d.Body = []byte(body)
		d.Due, d.FirstTried, d.Doubtful, d.DoneAt = fromMillis(due), fromMillis(first), doubtful != 0, fromMillis(done)
		out = append(out, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return out, nil
}

// Intend writes down what a claim is about to post, and says whether it still has
// its delivery at a time: the lease lasts, nobody has claimed it since, and its
// subscription is active. Where it has not, nothing is written.
func (s *Store) Intend(ctx context.Context, d bot.Delivery, body []byte, now time.Time) (bool, error) {
	result, err := s.db.ExecContext(ctx, `
		UPDATE delivery SET body = $4
		WHERE id = $1 AND state = 'sending' AND attempts = $2 AND lease_ms >= `+s.clockAs("$3")+`
			AND EXISTS (SELECT 1 FROM subscription s WHERE s.id = delivery.subscription AND s.state = 'active')`,
		d.Key, d.Attempt, now.UnixMilli(), text(string(body)))
	if err != nil {
		return false, fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	return n == 1, nil
}

// Sent marks a delivery as being in the room, whichever claim has it: a post that
// is known to have been made is always written down.
func (s *Store) Sent(ctx context.Context, d bot.Delivery, receipt string, now time.Time) error {
	if _, err := s.db.ExecContext(ctx, `
		UPDATE delivery SET state = 'sent', reason = '', body = '', receipt = $1, done_ms = $2 WHERE id = $3 AND state <> 'sent'`,
		receipt, now.UnixMilli(), d.Key); err != nil {
		return fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	return nil
}

// Retry gives a delivery back, to be tried again from notBefore on: one that surely
// did not reach the room or, where it is doubtful, is to be looked for. It returns [bot.ErrTakenOver] where another claim has
// it by now.
func (s *Store) Retry(ctx context.Context, d bot.Delivery, notBefore time.Time, reason string) error {
	return s.settleDelivery(ctx, d, `state = 'planned', reason = $3, not_before_ms = $4, doubtful = CASE WHEN $5 = 1 THEN 1 ELSE doubtful END`,
		reason, notBefore.UnixMilli(), flag(d.Doubtful))
}

// Failed gives a delivery up and says why. It returns [bot.ErrTakenOver] where
// another claim has it by now.
func (s *Store) Failed(ctx context.Context, d bot.Delivery, reason string, now time.Time) error {
	return s.settleDelivery(ctx, d, `state = 'failed', reason = $3, done_ms = $4`, reason, now.UnixMilli())
}

// settleDelivery changes a delivery that is in the hands of this very claim.
func (s *Store) settleDelivery(ctx context.Context, d bot.Delivery, set string, args ...any) error {
	result, err := s.db.ExecContext(ctx, `UPDATE delivery SET `+set+` WHERE id = $1 AND attempts = $2 AND state = 'sending'`,
		append([]any{d.Key, d.Attempt}, args...)...)
	if err != nil {
		return fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	if n == 0 {
		return fmt.Errorf("delivery %s: %w", d.Key, bot.ErrTakenOver)
	}
	return nil
}

// Expire gives up what was due before a time and is still planned, and returns how
// many there were: nobody serves its platform, or its subscription is paused. It
// forgets what editions said that were given up by then.
func (s *Store) Expire(ctx context.Context, before, now time.Time) (int64, error) {
	result, err := s.db.ExecContext(ctx, `
		UPDATE delivery SET state = 'failed', reason = $1, done_ms = $2
		WHERE state = 'planned' AND due_ms < $3 AND not_before_ms < $3`, "expired before it could be sent", now.UnixMilli(), before.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("expire deliveries: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `UPDATE delivery SET body = '' WHERE body <> '' AND state = 'failed' AND done_ms < $1`, before.UnixMilli()); err != nil {
		return 0, fmt.Errorf("forget what was not sent: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("expire deliveries: %w", err)
	}
	return n, nil
}

// Deliveries returns the latest deliveries of a room, newest first.
func (s *Store) Deliveries(ctx context.Context, room bot.Room, limit int) ([]bot.Delivery, error) {
	rows, err := s.db.QueryContext(ctx, joined(`WHERE s.platform = $1 AND s.room = $2 ORDER BY d.due_ms DESC, d.id LIMIT $3`), room.Platform, room.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("deliveries: %w", err)
	}
	return scanDeliveries(rows)
}

// DeliveryStates counts the deliveries that were due since a time, by state.
func (s *Store) DeliveryStates(ctx context.Context, since time.Time) (map[string]int64, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT state, count(*) FROM delivery WHERE due_ms >= $1 GROUP BY state`, since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	states := map[string]int64{}
	for rows.Next() {
		var (
			state string
			n     int64
		)
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count deliveries: %w", err)
		}
		states[state] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	return states, nil
}
