package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// A message may be faster than its key. Such an event is kept, also over a
// restart, and tried again; after some seconds its sender's device is asked for
// the key; in the end the sender is told, once a day in each room.
const (
	askAfter    = 3  // of the client's base, seconds
	giveUpAfter = 25 // as well
	// mostHeld and mostHeldInRoom bound what is kept, mendAtOnce what is tried at
	// once and mostAsks how many keys are asked for in a minute, lest a flood of
	// what nobody can read hold up what people can.
	mostHeld, mostHeldInRoom = 1000, 100
	mendAtOnce               = 50
	mostAsks                 = 30
	// askLimit is how long the request for a key may take.
	askLimit = 15 * time.Second
)

// heldEvent is an event that waits for its key.
type heldEvent struct {
	Event json.RawMessage `json:"event"`
	Since time.Time       `json:"since"`
	Asked bool            `json:"asked"`
	Cause string          `json:"cause"`
}

// attempt is when an event that waits for its key is tried again, and how often
// it was.
type attempt struct {
	next  time.Time
	tries int
}

// unreadable counts what could not be read, since the start.
type unreadable struct {
	mu          sync.Mutex
	late, never int
}

func (l *listener) heldSpace() string { return l.space + "/held" }

// hold keeps an event that cannot be decrypted, as long as there are not too many
// of them.
func (l *listener) hold(ctx context.Context, evt *event.Event, cause error) error {
	name := heldName(evt.RoomID, evt.ID)
	if _, known := l.waiting[name]; !known && l.crowded(evt.RoomID) {
		l.unread.add(0, 1)
		return l.tellUnread(ctx, evt, "")
	}
	raw, err := json.Marshal(evt)
	if err != nil {
		return fmt.Errorf("keep an event: %w", err)
	}
	if err := l.keepHeld(ctx, evt.RoomID, evt.ID, heldEvent{Event: raw, Since: time.Now(), Cause: cause.Error()}); err != nil {
		return err
	}
	l.waiting[name] = attempt{next: time.Now().Add(l.base)}
	return nil
}

func heldName(room id.RoomID, event id.EventID) string { return room.String() + "|" + event.String() }

// crowded says whether no more events of a room are kept.
func (l *listener) crowded(room id.RoomID) bool {
	n := 0
	for name := range l.waiting {
		if strings.HasPrefix(name, room.String()+"|") {
			n++
		}
	}
	return len(l.waiting) >= mostHeld || n >= mostHeldInRoom
}

// add counts.
func (u *unreadable) add(late, never int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.late += late
	u.never += never
}

func (l *listener) keepHeld(ctx context.Context, room id.RoomID, event id.EventID, held heldEvent) error {
	data, err := json.Marshal(held)
	if err != nil {
		return fmt.Errorf("keep an event: %w", err)
	}
	if err := l.options.Notes.Note(ctx, l.heldSpace(), heldName(room, event), string(data), time.Now()); err != nil {
		return &receiveError{err}
	}
	return nil
}
