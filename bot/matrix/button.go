package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
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
	if len(buttons) == 0 || to == "" || p.Return != "" {
		return
	}
	thread := p.Thread
	if thread == "" && p.Purpose != bot.ForAnswer {
		thread = to.String()
	}
	c.errands.run(ctx, buttonLimit, func(ctx context.Context) {
		if err := c.react(ctx, id.RoomID(p.Room.ID), to, thread, buttons); err != nil {
			c.log.InfoContext(ctx, "matrix buttons left out", "room", p.Room.ID, "error", err)
		}
	})
}

func (c *Client) react(ctx context.Context, room id.RoomID, to id.EventID, thread string, buttons []button) error {
	cli, err := c.session(ctx)
	if err != nil {
		return err
	}
	for _, b := range buttons {
		b.Thread = thread
		data, err := json.Marshal(b)
		if err != nil {
			return fmt.Errorf("remember a button: %w", err)
		}
		// Known before it can be pressed.
		if err := c.options.Notes.Note(ctx, c.space+"/button", to.String()+"|"+plainSymbol(b.Key), string(data), time.Now()); err != nil {
			return fmt.Errorf("remember a button: %w", err)
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
