package matrix

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// newest returns what people see of an event: its content or, where its sender has
// edited it since, that of the last edit. Its relation stays that of the event; false
// where it is no message.
func (l *listener) newest(ctx context.Context, room id.RoomID, evt *event.Event) (said, bool, error) {
	s, ok := decode(evt)
	if !ok {
		return said{}, false, nil
	}
	const enough = 50 // somebody who edits more often is read as of then
	edits, err := l.cli.GetRelations(ctx, room, evt.ID, &mautrix.ReqGetRelations{RelationType: event.RelReplace, Limit: enough})
	if isFinal(err) { // there is nothing, or the homeserver cannot tell
		return s, true, nil
	}
	if err != nil {
		return said{}, false, fmt.Errorf("ask for the edits of an event of %s: %w", room, err)
	}
	relation := s.RelatesTo
	var last *event.Event
	for _, edit := range edits.Chunk {
		if edit.Sender != evt.Sender || edit.StateKey != nil || (last != nil && !later(edit, last)) {
			continue
		}
		edit.RoomID = room
		if fresh, ok := l.rewritten(ctx, edit, evt.ID); ok {
			s, last = fresh, edit
		}
	}
	s.RelatesTo = relation
	return s, true, nil
}

// later says whether one edit counts instead of another, as the specification has it.
func later(a, b *event.Event) bool {
	return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.ID, b.ID)) > 0
}

// rewritten returns the content that an edit puts in the place of an event's; false
// where it is none, or cannot be read.
func (l *listener) rewritten(ctx context.Context, edit *event.Event, of id.EventID) (said, bool) {
	clear := l.readable(ctx, l.box, edit)
	if clear == nil {
		return said{}, false
	}
	s, ok := decode(clear)
	if !ok || s.NewContent == nil {
		return said{}, false
	}
	// What is encrypted carries the relation outside.
	if s.RelatesTo.RelType != "" && (s.RelatesTo.RelType != string(event.RelReplace) || s.RelatesTo.EventID != of) {
		return said{}, false
	}
	var fresh said
	if json.Unmarshal(s.NewContent, &fresh) != nil || fresh.MsgType == "" {
		return said{}, false
	}
	return fresh, true
}
