package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// A message may be faster than its key. Such an event is kept, also over a
// restart, and tried again; after some seconds its sender's device is asked for
// the key; in the end the sender is told, once a day in each room.
const (
	askAfter    = 3 * time.Second
	giveUpAfter = 25 * time.Second
	mendEvery   = time.Second
)

// heldEvent is an event that waits for its key.
type heldEvent struct {
	Event json.RawMessage `json:"event"`
	Since time.Time       `json:"since"`
	Asked bool            `json:"asked"`
	Cause string          `json:"cause"`
}

// unreadable counts what could not be read, since the start.
type unreadable struct {
	mu          sync.Mutex
	late, never int
}

func (l *listener) heldSpace() string { return l.space + "/held" }

// hold keeps an event that cannot be decrypted.
func (l *listener) hold(ctx context.Context, evt *event.Event, cause error) error {
	raw, err := json.Marshal(evt)
	if err != nil {
		return fmt.Errorf("keep an event: %w", err)
	}
	if err := l.keepHeld(ctx, evt.RoomID, evt.ID, heldEvent{Event: raw, Since: time.Now(), Cause: cause.Error()}); err != nil {
		return err
	}
	l.held++
	return nil
}

func (l *listener) keepHeld(ctx context.Context, room id.RoomID, event id.EventID, held heldEvent) error {
	data, err := json.Marshal(held)
	if err != nil {
		return fmt.Errorf("keep an event: %w", err)
	}
	if err := l.options.Notes.Note(ctx, l.heldSpace(), room.String()+"|"+event.String(), string(data), time.Now()); err != nil {
		return &receiveError{err}
	}
	return nil
}

// mendAll tries the kept events again until ctx ends.
func (l *listener) mendAll(ctx context.Context) {
	if found, err := l.options.Notes.Notes(ctx, l.heldSpace(), ""); err == nil {
		l.mu.Lock()
		l.held += len(found)
		l.mu.Unlock()
	}
	tick := time.NewTicker(mendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l.mu.Lock()
		var err error
		if l.held > 0 && l.box != nil && l.holds() {
			err = l.mend(ctx)
		}
		l.mu.Unlock()
		if err != nil && !ended(ctx) {
			l.log.WarnContext(ctx, "matrix events that wait for their keys", "error", err)
		}
	}
}

// mend tries the kept events once.
func (l *listener) mend(ctx context.Context) error {
	found, err := l.options.Notes.Notes(ctx, l.heldSpace(), "")
	if err != nil {
		return &receiveError{err}
	}
	l.held = len(found)
	for name, value := range found {
		var held heldEvent
		var evt event.Event
		if json.Unmarshal([]byte(value), &held) != nil || json.Unmarshal(held.Event, &evt) != nil {
			if err := l.release(ctx, name); err != nil {
				return err
			}
			continue
		}
		if err := l.again(ctx, name, held, &evt); err != nil {
			return err
		}
	}
	return nil
}

// again tries one kept event.
func (l *listener) again(ctx context.Context, name string, held heldEvent, evt *event.Event) error {
	clear, err := l.box.decrypt(ctx, evt)
	if err == nil {
		if err := l.opened(ctx, clear); err != nil {
			return err
		}
		l.unread.mu.Lock()
		l.unread.late++
		l.unread.mu.Unlock()
		return l.release(ctx, name)
	}
	switch age := time.Since(held.Since); {
	case age >= giveUpAfter:
		l.log.WarnContext(ctx, "matrix event cannot be decrypted", "room", evt.RoomID.String(), "event", evt.ID.String(), "error", err)
		l.unread.mu.Lock()
		l.unread.never++
		l.unread.mu.Unlock()
		if err := l.tellUnread(ctx, evt); err != nil {
			return err
		}
		return l.release(ctx, name)
	case age >= askAfter && !held.Asked:
		if err := l.box.request(ctx, evt); err != nil {
			l.log.WarnContext(ctx, "matrix key not asked for", "room", evt.RoomID.String(), "error", err)
		}
		held.Asked = true
		return l.keepHeld(ctx, evt.RoomID, evt.ID, held)
	}
	return nil
}

func (l *listener) release(ctx context.Context, name string) error {
	l.held--
	if err := l.options.Notes.Unnote(ctx, l.heldSpace(), name); err != nil {
		return &receiveError{err}
	}
	return nil
}

// tellUnread says, once a day to each person in each room, that a message could
// not be read.
func (l *listener) tellUnread(ctx context.Context, evt *event.Event) error {
	key, today := "unread/"+evt.RoomID.String()+"/"+evt.Sender.String(), time.Now().UTC()
	told, _, err := l.options.State.Get(ctx, l.space, key)
	if err != nil {
		return &receiveError{err}
	}
	if at, err := time.Parse(time.RFC3339, told); err == nil && today.Sub(at) < 24*time.Hour {
		return nil
	}
	if err := l.options.State.Set(ctx, l.space, key, today.Format(time.RFC3339)); err != nil {
		return &receiveError{err}
	}
	root := evt.ID
	if relation, ok := evt.Content.Raw["m.relates_to"].(map[string]any); ok && relation["rel_type"] == "m.thread" {
		if thread, ok := relation["event_id"].(string); ok && thread != "" {
			root = id.EventID(thread)
		}
	}
	l.notify(ctx, bot.Post{
		Room: bot.Room{ID: evt.RoomID.String()}, Thread: root.String(), Key: "unread/" + evt.RoomID.String() + "/" + evt.ID.String(), Since: time.Now(),
		Reply: bot.Say("I cannot read this message: its key did not reach me. Please send it again; if that does not help, log your client out and in. I say this once a day."),
	})
	return nil
}
