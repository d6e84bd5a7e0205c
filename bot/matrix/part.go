package matrix

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// A batch is taken in by parts: the keys, each invitation, each room. While one
// of them fails the token stays where it is, so that the batch comes again; the
// parts that did not fail know what they have. Only what the homeserver refuses
// for good is given up, and only that one event or gap (heard, fill). A part that
// breaks the program three times is put aside, lest it stop all the others, and so
// is one that has failed for longer than a homeserver takes to be mended while it
// answers everything else.

const (
	// poisonous is how often a part may panic.
	poisonous = 3
	// hopeless is for how long a part may fail.
	hopeless = 2 * time.Hour
)

// parts takes in all parts of a batch.
func (l *listener) parts(ctx context.Context, batch *mautrix.RespSync, since string) error {
	var failed []error
	part := func(name string, f func() error) {
		if err := l.takeIn(ctx, name, since, f); err != nil {
			failed = append(failed, err)
		}
	}
	if l.box != nil {
		part("keys", func() error { l.box.absorb(ctx, batch, since); return nil })
	}
	l.answerInvites(batch.Rooms.Invite, func(room id.RoomID, invite *mautrix.SyncInvitedRoom) {
		part("invite/"+room.String(), func() error { return l.invitation(ctx, room, invite.State.Events) })
	})
	for room, joined := range batch.Rooms.Join {
		part("room/"+room.String(), func() error { return l.joined(ctx, room, joined, since == "") })
	}
	for room := range batch.Rooms.Leave {
		l.left(ctx, room)
	}
	if len(batch.ToDevice.Events) > 0 {
		l.mend(ctx, true)
	}
	return errors.Join(failed...)
}

// takeIn takes in one part of a batch. What panics fails, and the third time it is
// put aside under its name.
func (l *listener) takeIn(ctx context.Context, name, since string, f func() error) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		l.tries[name]++
		err = fmt.Errorf("panic in a sync batch: %v\n%s", v, debug.Stack())
		if l.tries[name] < poisonous {
			return
		}
		l.log.ErrorContext(ctx, "part of a matrix sync batch put aside, taking it in panicked", "part", name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		err = l.dead(ctx, name+"|"+since, v)
	}()
	err = f()
	if isFinal(err) && !ended(ctx) {
		l.log.ErrorContext(ctx, "part of a matrix sync batch refused by the homeserver", "part", name, "error", err)
		return nil
	}
	return l.hope(ctx, time.Now(), name, since, err)
}

// hope returns the failure of a part, unless it has failed for too long: then it is
// put aside, and the others go on. What the bot itself cannot store is never put
// aside, for it is lost otherwise.
func (l *listener) hope(ctx context.Context, now time.Time, name, since string, err error) error {
	_, own := errors.AsType[*receiveError](err)
	switch first, failing := l.failing[name]; {
	case err == nil:
		delete(l.failing, name)
	case own || ended(ctx):
	case !failing:
		l.failing[name] = now
	case now.Sub(first) > hopeless:
		delete(l.failing, name)
		l.log.ErrorContext(ctx, "part of a matrix sync batch put aside, the homeserver fails over it", "part", name, "for", hopeless.String(), "error", err)
		return l.dead(ctx, name+"|"+since, err)
	}
	return err
}

// dead writes down what made the program panic.
func (c *Client) dead(ctx context.Context, name string, v any) error {
	if err := c.options.Notes.Note(ctx, c.space+"/dead", name, fmt.Sprint(v), time.Now()); err != nil {
		return &receiveError{err}
	}
	return nil
}

// given says whether an event may be left out because the homeserver refuses for
// good what is needed to read it.
func (l *listener) given(ctx context.Context, room id.RoomID, event id.EventID, err error) bool {
	if !isFinal(err) || ended(ctx) {
		return false
	}
	l.log.ErrorContext(ctx, "matrix event given up: the homeserver refuses what it needs", "room", room.String(), "event", event.String(), "error", err)
	return true
}
