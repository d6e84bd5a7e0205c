package bottest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"rapporteur/bot"
)

// Inbox is a [bot.Inbox] in memory. Its zero value is empty and ready. It is
// safe for concurrent use; its fields must not change once it is used.
type Inbox struct {
	// OnReceive, where it is set, is called before a message is committed. It
	// may block, as a slow database does, and what it returns is the error of
	// Receive: then nothing was committed.
	OnReceive func(ctx context.Context, m bot.Message) error

	mu   sync.Mutex
	rows []*row
	by   map[rowKey]*row
}

var _ bot.Inbox = (*Inbox)(nil)

type rowKey struct {
	room bot.Room
	id   string
}

type row struct {
	message  bot.Message
	until    time.Time
	answered bool
	unsent   bool
	receipt  bot.Receipt
	turn     bot.Turn
}

// Receive commits m under a lease until now+lease. It implements [bot.Inbox].
func (i *Inbox) Receive(ctx context.Context, m bot.Message, now time.Time, lease time.Duration) (bool, error) {
	if i.OnReceive != nil {
		if err := i.OnReceive(ctx, m); err != nil {
			return false, err
		}
	}
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("receive message %s: %w", m.ID, err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	key := rowKey{m.Room, m.ID}
	if i.by[key] != nil {
		return false, nil
	}
	if i.by == nil {
		i.by = map[rowKey]*row{}
	}
	r := &row{message: m, until: now.Add(lease)}
	i.by[key] = r
	i.rows = append(i.rows, r)
	return true, nil
}

// Reclaim takes over messages whose lease has run out, the oldest first. It
// implements [bot.Inbox].
func (i *Inbox) Reclaim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("reclaim: %w", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	var taken []bot.Message
	for _, r := range i.rows {
		if len(taken) == limit {
			break
		}
		if r.answered || r.message.Room.Platform != platform || r.until.After(now) {
			continue
		}
		r.until = now.Add(lease)
		m := r.message
		m.Unsent, r.unsent = r.unsent, false
		taken = append(taken, m)
	}
	return taken, nil
}

// Return gives m back. It implements [bot.Inbox].
func (i *Inbox) Return(_ context.Context, m bot.Message, held, notBefore time.Time) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r := i.by[rowKey{m.Room, m.ID}]; r != nil && !r.answered && r.until.Equal(held) {
		r.until, r.unsent = notBefore, m.Unsent
	}
	return nil
}

// Answered marks m as done and keeps its turn. It implements [bot.Inbox].
func (i *Inbox) Answered(_ context.Context, m bot.Message, receipt bot.Receipt, turn bot.Turn, _ time.Time) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := i.by[rowKey{m.Room, m.ID}]
	if r == nil {
		return fmt.Errorf("message %s of %s was never received", m.ID, m.Room)
	}
	if !r.answered {
		r.answered, r.receipt, r.turn = true, receipt, turn
	}
	return nil
}

// Turn returns what was kept of the answer to m.
func (i *Inbox) Turn(m bot.Message) bot.Turn {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r := i.by[rowKey{m.Room, m.ID}]; r != nil {
		return r.turn
	}
	return bot.Turn{}
}

// Messages returns what was received, in its order.
func (i *Inbox) Messages() []bot.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []bot.Message
	for _, r := range i.rows {
		all = append(all, r.message)
	}
	return all
}

// Unanswered returns the messages that are received and not marked as done.
func (i *Inbox) Unanswered() []bot.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	var open []bot.Message
	for _, r := range i.rows {
		if !r.answered {
			open = append(open, r.message)
		}
	}
	return slices.Clip(open)
}

// Receipt returns the receipt of the answer to m, and whether m is marked as
// done.
func (i *Inbox) Receipt(m bot.Message) (bot.Receipt, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := i.by[rowKey{m.Room, m.ID}]
	if r == nil {
		return bot.Receipt{}, false
	}
	return r.receipt, r.answered
}
