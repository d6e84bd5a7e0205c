package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// What people do besides speaking: they edit a question, take it back, and press
// reactions.

// magnifier is the reaction that asks to verify a message.
const magnifier = "🔎"

// editWithin is how long after it was asked a question may be put differently.
const editWithin = time.Minute

// editReturn in [bot.Message.Return] says that the answer replaces the one to
// the message named after it.
const editReturn = "edit "

// edit reads a question that was put differently. The answer to it replaces the
// answer to the first wording.
func (l *listener) edit(ctx context.Context, evt *event.Event, s said) (m bot.Message, forUs bool, err error) {
	var fresh said
	if ok := s.NewContent != nil && json.Unmarshal(s.NewContent, &fresh) == nil; !ok {
		return bot.Message{}, false, nil
	}
	asked, err := l.fetch(ctx, evt.RoomID, s.RelatesTo.EventID)
	if err != nil || asked == nil || asked.Sender != evt.Sender {
		return bot.Message{}, false, err
	}
	original, ok := decode(asked)
	if !ok || time.Duration(evt.Timestamp-asked.Timestamp)*time.Millisecond > editWithin {
		return bot.Message{}, false, nil
	}
	direct := func() (bool, error) { return l.direct(ctx, evt.RoomID) }
	_, was, err := l.reader().heed(evt.RoomID, asked, original, direct)
	if err != nil {
		return bot.Message{}, false, err
	}
	fresh.RelatesTo = original.RelatesTo
	m, forUs, err = l.reader().heed(evt.RoomID, asked, fresh, direct)
	if err != nil || !forUs {
		return bot.Message{}, false, err
	}
	m.ID = evt.ID.String() // an edit is a message of its own, heard once
	if err := l.targets(ctx, evt.RoomID, evt.ID, asked.ID); err != nil {
		return bot.Message{}, false, err
	}
	first := asked.ID
	if !was {
		if first, err = l.becameQuestion(ctx, evt.RoomID, asked.ID, evt.ID); err != nil {
			return bot.Message{}, false, err
		}
	}
	if first != evt.ID {
		m.Return = editReturn + first.String()
		if err := l.reworded(ctx, evt.RoomID, first, evt.ID); err != nil {
			return bot.Message{}, false, err
		}
	}
	if m.Quoted, err = l.quoted(ctx, evt.RoomID, fresh); err != nil {
		return bot.Message{}, false, err
	}
	return l.threaded(ctx, m, fresh)
}

// reaction reads a reaction: the one that asks to verify, or one of the bot's own,
// which stands for a command. A room that wants no threads gets a plain reply to what
// was reacted to, unless that stands in a thread itself.
func (l *listener) reaction(ctx context.Context, evt *event.Event) (m bot.Message, forUs bool, err error) {
	var content struct {
		RelatesTo struct {
			RelType string     `json:"rel_type"`
			EventID id.EventID `json:"event_id"`
			Key     string     `json:"key"`
		} `json:"m.relates_to"`
	}
	readable := json.Unmarshal(evt.Content.VeryRaw, &content) == nil
	if !readable || content.RelatesTo.RelType != string(event.RelAnnotation) || content.RelatesTo.EventID == "" {
		return bot.Message{}, false, nil
	}
	target, key := content.RelatesTo.EventID, plainSymbol(content.RelatesTo.Key)
	m = bot.Message{
		ID: evt.ID.String(), Room: bot.Room{Platform: l.Name(), ID: evt.RoomID.String()},
		Sender: evt.Sender.String(), SentAt: time.UnixMilli(evt.Timestamp).Add(-l.skew.by()).UTC(),
	}
	off, err := l.threadsOff(ctx, evt.RoomID)
	if err != nil {
		return bot.Message{}, false, err
	}
	if key != magnifier {
		b, found, err := l.button(ctx, target, key)
		if err != nil || !found {
			return bot.Message{}, false, err
		}
		m.Text, m.Thread = b.Command, b.Thread
		if off && m.Thread == target.String() {
			m.Thread = ""
		}
		return m, true, l.targets(ctx, evt.RoomID, evt.ID, target)
	}
	about, err := l.fetch(ctx, evt.RoomID, target)
	if err != nil || about == nil || about.Sender == l.user || about.Type.Type != event.EventMessage.Type {
		return bot.Message{}, false, err
	}
	s, ok, err := l.newest(ctx, evt.RoomID, about)
	if err != nil || !ok {
		return bot.Message{}, false, err
	}
	m.Text, m.Quoted = "verify", withoutReplyFallback(s)
	switch {
	case s.RelatesTo.RelType == string(event.RelThread) && s.RelatesTo.EventID != "":
		m.Thread = s.RelatesTo.EventID.String()
	case !off:
		m.Thread = target.String()
	}
	return m, true, l.targets(ctx, evt.RoomID, evt.ID, target)
}

// plainSymbol takes the variation selectors out of a reaction, which clients add
// or not.
func plainSymbol(key string) string { return strings.ReplaceAll(key, "\uFE0F", "") }

// withdrawn takes back the answer to a message that was taken back.
func (l *listener) withdrawn(ctx context.Context, evt *event.Event) error {
	target := evt.Redacts
	if inside, ok := evt.Content.Raw["redacts"].(string); ok && target == "" {
		target = id.EventID(inside) // since room version 11
	}
	if target == "" {
		return nil
	}
	name := evt.RoomID.String() + "|" + target.String()
	if err := l.options.Notes.Note(ctx, l.space+"/withdrawn", name, evt.ID.String(), time.Now()); err != nil {
		return &receiveError{err}
	}
	return l.takeBack(ctx, l.cli, evt.RoomID, target)
}

// isWithdrawn says whether the message was taken back.
func (c *Client) isWithdrawn(ctx context.Context, room id.RoomID, message id.EventID) (bool, error) {
	found, err := c.options.Notes.Notes(ctx, c.space+"/withdrawn", room.String()+"|"+message.String())
	if err != nil {
		return false, fmt.Errorf("read whether a question was taken back: %w", err)
	}
	return len(found) > 0, nil
}

// takeBack redacts all that the bot posted because of a message, and what it put
// in the place of that later.
func (c *Client) takeBack(ctx context.Context, cli *mautrix.Client, room id.RoomID, cause id.EventID) error {
	posts, err := c.postsFor(ctx, room, cause)
	if err != nil {
		return err
	}
	var edits []id.EventID
	for _, post := range posts {
		more, err := c.editsOf(ctx, room, post)
		if err != nil {
			return err
		}
		edits = append(edits, more...)
	}
	files, err := c.filesFor(ctx, room, cause)
	if err != nil {
		return err
	}
	for _, post := range slices.Concat(edits, files, posts) {
		_, err := cli.RedactEvent(ctx, room, post, mautrix.ReqRedact{Reason: "the question was removed", TxnID: delivery("redact/"+post.String(), 0)})
		if err != nil && !isFinal(err) {
			return fmt.Errorf("take back an answer in %s: %w", room, err)
		}
	}
	return nil
}
