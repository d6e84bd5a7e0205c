package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// joined takes in one room's part of a batch.
func (l *listener) joined(ctx context.Context, room id.RoomID, part *mautrix.SyncJoinedRoom, first bool) error {
	timeline := part.Timeline.Events
	turnedOn, arrived := false, false
	var tomb *event.Event
	for _, evt := range slices.Concat(part.State.Events, timeline) {
		switch {
		case evt.StateKey == nil:
		case evt.Type.Type == event.StateEncryption.Type:
			turnedOn = true
			l.changed(room)
		case evt.Type.Type == event.StateTombstone.Type && evt.GetStateKey() == "":
			tomb = evt
		case evt.Type.Type == event.StateMember.Type:
			delete(l.members, room)
			l.changed(room)
			if evt.GetStateKey() == l.user.String() {
				if name, ok := evt.Content.Raw["displayname"].(string); ok && membership(&evt.Content) == event.MembershipJoin {
					l.name = name
				}
			}
		}
	}
	if part.Timeline.Limited {
		l.changed(room) // what was left out may have been people
	}
	if n := part.Summary.JoinedMemberCount; n != nil {
		l.members[room] = *n
	}
	if at := slices.IndexFunc(timeline, l.isArrival); at >= 0 {
		arrived = !l.old(timeline[at], first)
	}
	if turnedOn {
		if l.box == nil {
			return l.leaveEncrypted(ctx, room)
		}
		if err := l.remember(ctx, room); err != nil {
			return &receiveError{err}
		}
	}
	if arrived {
		left, err := l.arrive(ctx, room)
		if left || (err != nil && !isFinal(err)) {
			return err
		}
	}
	last, err := l.heard(ctx, room, part.Timeline, first)
	if err != nil {
		return err
	}
	if tomb != nil {
		if err := l.replaced(ctx, room, tomb); err != nil {
			return err
		}
	}
	if last == "" {
		return nil
	}
	if err := l.options.State.Set(ctx, l.space, "last/"+room.String(), last.String()); err != nil {
		return &receiveError{fmt.Errorf("keep the last event of %s: %w", room, err)}
	}
	return nil
}

// old says whether an event lies before the bot's first start and so is none of
// its business, by the clock that dated it. Only the first batch ever holds such
// events unasked.
func (l *listener) old(evt *event.Event, first bool) bool {
	return first && time.UnixMilli(evt.Timestamp).Before(l.started.Add(l.skew.by()))
}

// isArrival says whether the event is the bot's own entry into the room, after
// which it listens.
func (l *listener) isArrival(evt *event.Event) bool {
	return evt.Type.Type == event.StateMember.Type && evt.GetStateKey() == l.user.String() &&
		membership(&evt.Content) == event.MembershipJoin && membership(evt.Unsigned.PrevContent) != event.MembershipJoin
}

// heard takes in a timeline, oldest first, and returns its last event. What a
// limited timeline leaves out is fetched.
func (l *listener) heard(ctx context.Context, room id.RoomID, timeline mautrix.SyncTimeline, first bool) (last id.EventID, err error) {
	events := timeline.Events
	whole := !timeline.Limited || first || timeline.PrevBatch == ""
	for i, evt := range slices.Backward(events) {
		last = cmp.Or(last, evt.ID)
		if l.isArrival(evt) {
			events, whole = events[i+1:], true
			break
		}
	}
	if !whole {
		gap, err := l.fill(ctx, room, timeline.PrevBatch)
		if err != nil {
			return "", err
		}
		events = slices.Concat(gap, events)
	}
	for _, evt := range events {
		if l.old(evt, first) {
			continue
		}
		evt.RoomID = room
		if err := l.take(ctx, evt); err != nil && !l.given(ctx, room, evt.ID, err) {
			return "", err
		}
	}
	return last, nil
}

// fill reads back from a gap in the timeline to the last event that was seen,
// the bot's arrival or the beginning, and returns the events, oldest first. It
// gives up after some thousand events, and where the homeserver refuses to say
// more.
func (l *listener) fill(ctx context.Context, room id.RoomID, from string) ([]*event.Event, error) {
	const page, enough = 100, 3000
	last, _, err := l.options.State.Get(ctx, l.space, "last/"+room.String())
	if err != nil {
		return nil, &receiveError{fmt.Errorf("read the last event of %s: %w", room, err)}
	}
	var events []*event.Event
	defer func() { slices.Reverse(events) }()
	for len(events) < enough {
		back, err := l.cli.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, page)
		if isFinal(err) && !ended(ctx) {
			l.log.ErrorContext(ctx, "gap in a timeline is not filled: the homeserver refuses", "room", room.String(), "error", err)
			return events, nil
		}
		if err != nil {
			return nil, fmt.Errorf("fill a gap in %s: %w", room, err)
		}
		for _, evt := range back.Chunk {
			if evt.ID.String() == last || l.isArrival(evt) {
				return events, nil
			}
			events = append(events, evt)
		}
		if back.End == "" || back.End == from || len(back.Chunk) == 0 {
			return events, nil
		}
		from = back.End
	}
	l.log.WarnContext(ctx, "gap in a timeline is longer than what is filled", "room", room.String(), "events", enough)
	return events, nil
}

// take takes in one event: it hands the messages in it to the server. An event
// that cannot be decrypted yet is kept; one that makes the reader panic is put
// aside under its ID and does not stop the others.
func (l *listener) take(ctx context.Context, evt *event.Event) (err error) {
	defer func() {
		if v := recover(); v != nil {
			l.log.ErrorContext(ctx, "matrix event put aside, reading it panicked", "room", evt.RoomID.String(), "event", evt.ID.String(), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = l.dead(ctx, evt.RoomID.String()+"|"+evt.ID.String(), v)
		}
	}()
	if evt.ID == "" || evt.Sender == "" || evt.Sender == l.user || evt.StateKey != nil || l.ignored[evt.Sender] {
		return nil
	}
	if evt.Type.Type != event.EventEncrypted.Type {
		return l.opened(ctx, evt)
	}
	if l.box == nil {
		return nil
	}
	clear, err := l.decrypted(ctx, evt)
	switch {
	case errors.Is(err, errReplayed):
		l.log.WarnContext(ctx, "matrix event ignored: it repeats another one's ciphertext", "room", evt.RoomID.String(), "event", evt.ID.String())
		return nil
	case ended(ctx):
		return ctx.Err()
	case err != nil:
		return l.hold(ctx, evt, err)
	}
	return l.opened(ctx, clear)
}

// opened takes in an event that can be read.
func (l *listener) opened(ctx context.Context, evt *event.Event) error {
	var read func(context.Context, *event.Event) (bot.Message, bool, error)
	switch evt.Type.Type {
	case event.EventMessage.Type:
		read = l.message
	case event.EventReaction.Type:
		read = l.reaction
	case event.EventRedaction.Type:
		return l.withdrawn(ctx, evt)
	default:
		return nil
	}
	m, forUs, err := read(ctx, evt)
	if err != nil || !forUs {
		return err
	}
	if space, err := l.isSpace(ctx, evt.RoomID); space || err != nil {
		return err
	}
	if l.tooOld(evt.RoomID, evt) {
		return nil
	}
	if evt.Type.Type != event.EventReaction.Type {
		if err := l.doubt(ctx, evt, m); err != nil {
			return err
		}
	}
	if err := l.in.Receive(ctx, m); err != nil {
		return &receiveError{err}
	}
	return nil
}

// message reads what somebody said, or says instead of what they said before.
func (l *listener) message(ctx context.Context, evt *event.Event) (m bot.Message, forUs bool, err error) {
	s, ok := decode(evt)
	if !ok {
		return bot.Message{}, false, nil
	}
	if s.RelatesTo.RelType == string(event.RelReplace) {
		return l.edit(ctx, evt, s)
	}
	m, forUs, err = l.reader().read(evt.RoomID, evt, func() (bool, error) { return l.direct(ctx, evt.RoomID) })
	if err != nil || !forUs {
		return bot.Message{}, false, err
	}
	if m.Quoted, err = l.quoted(ctx, evt.RoomID, s); err != nil {
		return bot.Message{}, false, err
	}
	return l.threaded(ctx, m, s)
}

func (l *listener) reader() reader {
	return reader{self: l.user, name: l.name, prefix: l.options.Prefix, ahead: l.skew.by()}
}

// threaded takes the thread away from a message that opens one, where the room
// wants no threads.
func (l *listener) threaded(ctx context.Context, m bot.Message, s said) (bot.Message, bool, error) {
	if s.RelatesTo.RelType != "m.thread" {
		off, err := l.threadsOff(ctx, id.RoomID(m.Room.ID))
		if err != nil {
			return bot.Message{}, false, err
		}
		if off {
			m.Thread = ""
		}
	}
	return m, true, nil
}

// quoted returns the text of the message that s replies to, as people see it. A thread says what
// it replies to only for clients that know no threads, and what the bot said
// itself the conversation knows.
func (l *listener) quoted(ctx context.Context, room id.RoomID, s said) (string, error) {
	target := s.RelatesTo.InReplyTo.EventID
	if target == "" || s.RelatesTo.FallingBack {
		return "", nil
	}
	evt, err := l.fetch(ctx, room, target)
	if err != nil || evt == nil || evt.Sender == l.user {
		return "", err
	}
	theirs, ok, err := l.newest(ctx, room, evt)
	if err != nil || !ok {
		return "", err
	}
	return withoutReplyFallback(theirs), nil
}

// fetch returns an event of the room as it can be read, or nil where it is gone
// or cannot be read.
func (l *listener) fetch(ctx context.Context, room id.RoomID, event id.EventID) (*event.Event, error) {
	evt, err := l.cli.GetEvent(ctx, room, event)
	if isFinal(err) {
		return nil, nil //nolint:nilnil // nothing there is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("fetch an event of %s: %w", room, err)
	}
	evt.RoomID = room
	return l.readable(ctx, l.box, evt), nil
}

// readable decrypts an event where it is encrypted; nil where that fails.
func (c *Client) readable(ctx context.Context, box cipher, evt *event.Event) *event.Event {
	if evt.Type.Type != event.EventEncrypted.Type {
		return evt
	}
	if box == nil {
		return nil
	}
	clear, err := box.decrypt(ctx, evt)
	if err != nil {
		return nil
	}
	clear.Unsigned = evt.Unsigned
	return clear
}
