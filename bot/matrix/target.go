package matrix

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// Some events are no messages to which one could reply: a reaction, an edit. The answer
// to such an event is a reply to the message that it is about.

// targets remembers the message that an event is about.
func (l *listener) targets(ctx context.Context, room id.RoomID, evt, target id.EventID) error {
	if err := l.options.Notes.Note(ctx, l.space+"/target", room.String()+"|"+evt.String(), target.String(), time.Now()); err != nil {
		return &receiveError{err}
	}
	return nil
}

// repliesTo returns the message to which a post is a reply; empty for none.
func (c *Client) repliesTo(ctx context.Context, p bot.Post) (id.EventID, error) {
	cause := question(p)
	if cause == "" {
		return "", nil
	}
	name := p.Room.ID + "|" + cause.String()
	found, err := c.options.Notes.Notes(ctx, c.space+"/target", name)
	if err != nil {
		return "", fmt.Errorf("read what an answer is about: %w", err)
	}
	return cmp.Or(id.EventID(found[name]), cause), nil
}
