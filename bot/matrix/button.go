package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// Matrix has no buttons. The bot reacts to its own answer, once for each command
// that the answer offers; who presses the reaction says the command. The command
// stands in the text too, so that nothing is lost where a reaction is missing.

const (
	// mostButtons bounds the reactions of one post: homeservers count each of
	// them as a message.
	mostButtons = 4
	// buttonLimit is how long the reactions of one post are tried.
	buttonLimit = 30 * time.Second
)

// button is a command that a reaction stands for.
type button struct {
	Key     string `json:"key"`
	Command string `json:"command"`
	Thread  string `json:"thread"`
}

// withButtons gives the commands that a reply offers a symbol each, which it
// writes before the label: the label's own, where it begins with one, or the
// digit of its place.
func withButtons(r bot.Reply) (bot.Reply, []button) {
	var buttons []button
	out := slices.Clone(r)
	for i, b := range out {
		actions, ok := b.(bot.Actions)
		if !ok {
			continue
		}
		actions = slices.Clone(actions)
		for j, a := range actions {
			if len(buttons) == mostButtons {
				break
			}
			key, own := symbol(a.Label)
			if !own {
				key = strconv.Itoa(len(buttons)+1) + "\uFE0F\u20E3"
				actions[j].Label = key + " " + a.Label
			}
			buttons = append(buttons, button{Key: key, Command: a.Command})
		}
		out[i] = actions
	}
	return out, buttons
}

// symbol returns the symbol with which a label begins.
func symbol(label string) (key string, ok bool) {
	first, size := utf8.DecodeRuneInString(label)
	if !unicode.Is(unicode.So, first) {
		return "", false
	}
	if next, more := utf8.DecodeRuneInString(label[size:]); next == '\uFE0F' {
		size += more
	}
	return label[:size], true
}

// offer reacts to a post with its buttons. What is not sent in time is left: the
// text says the same.
func (c *Client) offer(ctx context.Context, p bot.Post, to id.EventID, buttons []button) {
	if to == "" {
		return
	}
	thread := p.Thread
	if strings.HasPrefix(p.Return, editReturn) {
		var err error
		if to, buttons, err = c.relabel(ctx, p, to, buttons); err != nil {
			c.log.WarnContext(ctx, "matrix buttons of an earlier wording stay", "room", p.Room.ID, "error", err)
			return
		}
	} else if p.Return != "" {
		return
	}
	if len(buttons) == 0 {
		return
	}
	if thread == "" && p.Purpose != bot.ForAnswer {
		thread = to.String()
	}
	c.errands.run(ctx, buttonLimit, func(ctx context.Context) {
		if err := c.react(ctx, id.RoomID(p.Room.ID), to, thread, buttons); err != nil {
			c.log.InfoContext(ctx, "matrix buttons left out", "room", p.Room.ID, "error", err)
		}
	})
}

// relabel lets the reactions below an answer that was replaced stand for what the new
// answer offers, and those whose symbols it has no more for nothing. It returns the
// event that they are below, and the buttons that have no reaction yet.
func (c *Client) relabel(ctx context.Context, p bot.Post, posted id.EventID, buttons []button) (to id.EventID, missing []button, err error) {
	events, err := c.postsFor(ctx, id.RoomID(p.Room.ID), question(p))
	if err != nil {
		return "", nil, err
	}
	to = posted
	if len(events) > 0 {
		to = events[0]
	}
	old, err := c.options.Notes.Notes(ctx, c.space+"/button", to.String()+"|")
	if err != nil {
		return "", nil, fmt.Errorf("read the buttons of an answer: %w", err)
	}
	for _, b := range buttons {
		name := to.String() + "|" + plainSymbol(b.Key)
		if _, there := old[name]; !there {
			missing = append(missing, b)
			continue
		}
		delete(old, name)
		b.Thread = p.Thread
		if err := c.noteButton(ctx, to, b); err != nil {
			return "", nil, err
		}
	}
	for name := range old {
		if err := c.options.Notes.Unnote(ctx, c.space+"/button", name); err != nil {
			return "", nil, fmt.Errorf("forget a button: %w", err)
		}
	}
	return to, missing, nil
}

// noteButton remembers what a reaction stands for.
func (c *Client) noteButton(ctx context.Context, to id.EventID, b button) error {
	data, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("remember a button: %w", err)
	}
	if err := c.options.Notes.Note(ctx, c.space+"/button", to.String()+"|"+plainSymbol(b.Key), string(data), time.Now()); err != nil {
		return fmt.Errorf("remember a button: %w", err)
	}
	return nil
}

func (c *Client) react(ctx context.Context, room id.RoomID, to id.EventID, thread string, buttons []button) error {
	cli, err := c.session(ctx)
	if err != nil {
		return err
	}
	for _, b := range buttons {
		b.Thread = thread
		if err := c.noteButton(ctx, to, b); err != nil { // known before it can be pressed
			return err
		}
		content := map[string]any{"m.relates_to": map[string]any{"rel_type": string(event.RelAnnotation), "event_id": to.String(), "key": b.Key}}
		if _, err := c.dispatch(ctx, cli, room, event.EventReaction, content, delivery("button/"+to.String()+"/"+b.Key, 0)); err != nil {
			return err
		}
	}
	return nil
}

// button returns what a reaction to an event stands for.
func (c *Client) button(ctx context.Context, on id.EventID, key string) (button, bool, error) {
	name := on.String() + "|" + key
	found, err := c.options.Notes.Notes(ctx, c.space+"/button", name)
	if err != nil {
		return button{}, false, &receiveError{err}
	}
	value, known := found[name]
	var b button
	known = known && json.Unmarshal([]byte(value), &b) == nil
	return b, known, nil
}
