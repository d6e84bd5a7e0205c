package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
)

// newsdesk writes the program's own editions of a calendar in which a session moves
// with the fast clock, and corrects them: what the program's newsroom does.
type newsdesk struct {
	s         settings
	d         *death
	corrector *digest.Corrector
	moved     int
	press     atomic.Pointer[digest.Press]
}

// movingRow is the session that moves.
const movingRow = "gm-dtg-2026"

// take lets the calendar be known as it is at the moment.
func (n *newsdesk) take(ctx context.Context) error {
	cal, err := calendar.Embedded()
	if err != nil {
		return err
	}
	record, err := corpus.Embedded()
	if err != nil {
		return err
	}
	n.moved = min(int(n.s.clock().Sub(time.UnixMilli(n.s.epoch))/n.s.moves), n.s.most)
	var changes []calendar.Amendment
	for i := range n.moved + 1 {
		day := time.UnixMilli(n.s.epoch).UTC().AddDate(0, 0, 10+i).Format(time.DateOnly)
		for _, field := range []string{"end", "start"} {
			changes = append(changes, calendar.Amendment{Row: movingRow, Field: field, Value: day, Source: "https://example.org/moved", Checked: calendar.FromTime(time.UnixMilli(n.s.epoch).UTC())})
		}
	}
	files := cal
	if cal, err = files.Amended(changes...); err != nil {
		return err
	}
	confirmed := time.UnixMilli(n.s.epoch).Add(time.Duration(n.moved) * n.s.moves)
	if err := n.corrector.KnowAmended(ctx, files, cal, record, map[string]time.Time{movingRow: confirmed}); err != nil {
		return fmt.Errorf("calendar after %d moves: %w", n.moved, err)
	}
	n.press.Store(digest.NewPress(cal, record, 1000*24*time.Hour))
	return nil
}

// run follows the clock and tells what is to be told, until ctx ends.
func (n *newsdesk) run(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		if moved := min(int(n.s.clock().Sub(time.UnixMilli(n.s.epoch))/n.s.moves), n.s.most); moved != n.moved {
			if err := n.take(ctx); err != nil {
				log.ErrorContext(ctx, "take the calendar", "error", err)
				n.moved = -1 // again
			}
		}
		n.corrector.Tick(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// Write writes the program's own edition, which names itself at its end.
func (n *newsdesk) Write(ctx context.Context, e digest.Edition) (bot.Reply, error) {
	reply, err := n.press.Load().Write(ctx, e)
	n.d.at("write.after")
	if err != nil {
		return nil, err
	}
	scope := reply[len(reply)-1]
	return append(slices.Clone(reply[:len(reply)-1]), bot.Paragraph{Text: "Edition " + e.Subscription.Room.ID + " " + e.Slot + " end"}, scope), nil
}

// Reread returns an edition as an earlier attempt has said it.
func (n *newsdesk) Reread(ctx context.Context, e digest.Edition, body []byte) (bot.Reply, error) {
	return n.press.Load().Reread(ctx, e, body)
}
