package matrix

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// A question may be put differently several times within the minute. The answers
// are made at the same time, in whatever order; only that to the newest wording
// may stand in the end. Which one that is, the order of the timeline decides.

// reworded remembers which edit of a question was heard last.
func (l *listener) reworded(ctx context.Context, room id.RoomID, asked, edit id.EventID) error {
	if err := l.options.Notes.Note(ctx, l.space+"/wording", room.String()+"|"+asked.String(), edit.String(), time.Now()); err != nil {
		return &receiveError{err}
	}
	return nil
}

// becameQuestion returns which edit first made a question of a message that was none:
// this one, unless an earlier one did, whose answer is then the one to replace.
func (l *listener) becameQuestion(ctx context.Context, room id.RoomID, message, edit id.EventID) (first id.EventID, err error) {
	name := room.String() + "|" + message.String()
	found, err := l.options.Notes.Notes(ctx, l.space+"/became", name)
	if err != nil {
		return "", &receiveError{fmt.Errorf("read what became a question: %w", err)}
	}
	if first, known := found[name]; known {
		return id.EventID(first), nil
	}
	if err := l.options.Notes.Note(ctx, l.space+"/became", name, edit.String(), time.Now()); err != nil {
		return "", &receiveError{fmt.Errorf("remember what became a question: %w", err)}
	}
	return edit, nil
}

// outdated says whether a post answers a wording of a question that a newer one
// has replaced.
func (c *Client) outdated(ctx context.Context, p bot.Post) (bool, error) {
	edit, ok := strings.CutPrefix(p.Key, bot.AnswerKey(bot.Message{Room: p.Room}))
	if !ok || !strings.HasPrefix(p.Return, editReturn) {
		return false, nil
	}
	name := p.Room.ID + "|" + question(p).String()
	found, err := c.options.Notes.Notes(ctx, c.space+"/wording", name)
	if err != nil {
		return false, fmt.Errorf("read the newest wording of a question: %w", err)
	}
	newest, known := found[name]
	return known && newest != edit, nil
}

// oneByOne lets the answers to the wordings of one question be posted one after
// the other, so that none overtakes another on its way.
func (c *Client) oneByOne(p bot.Post) (unlock func()) {
	if !strings.HasPrefix(p.Return, editReturn) {
		return func() {}
	}
	name := p.Room.ID + "|" + question(p).String()
	c.rewording.Lock()
	if c.wordings == nil {
		c.wordings = map[string]*wording{}
	}
	w := c.wordings[name]
	if w == nil {
		w = &wording{}
		c.wordings[name] = w
	}
	w.users++
	c.rewording.Unlock()
	w.mu.Lock()
	return func() {
		w.mu.Unlock()
		c.rewording.Lock()
		defer c.rewording.Unlock()
		if w.users--; w.users == 0 {
			delete(c.wordings, name)
		}
	}
}

// wording is the turn of the answers to one question.
type wording struct {
	mu    sync.Mutex
	users int
}

// edited remembers an event that stands in the place of another one.
func (c *Client) edited(ctx context.Context, room id.RoomID, original, edit id.EventID) error {
	if err := c.options.Notes.Note(ctx, c.space+"/edit", room.String()+"|"+original.String()+"|"+edit.String(), edit.String(), time.Now()); err != nil {
		return fmt.Errorf("remember an edit: %w", err)
	}
	return nil
}

// editsOf returns the events that stand in the place of another one.
func (c *Client) editsOf(ctx context.Context, room id.RoomID, original id.EventID) ([]id.EventID, error) {
	found, err := c.options.Notes.Notes(ctx, c.space+"/edit", room.String()+"|"+original.String()+"|")
	if err != nil {
		return nil, fmt.Errorf("read what was edited: %w", err)
	}
	var edits []id.EventID
	for _, edit := range found {
		edits = append(edits, id.EventID(edit))
	}
	return edits, nil
}
