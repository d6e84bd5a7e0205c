package matrix

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// An order is a message whose verb changes something. It is carried out once, as it
// was first said: what it has made would stay if its edited wording were carried out
// too, and its answer, which names it, would be gone. What was no order at first, such
// as a slip of the pen, may be edited into one.

// orderedReturn in [bot.Message.Return] says that the message is the edited wording of
// an order that was carried out, which is named after it.
const orderedReturn = "ordered "

// once is the answer to the edited wording of an order.
const once = "I carry out an order once, as it was first said; to change it, say it anew, or take it back with undo."

// ordered finds out whether the first wording of an edited message was an order: then
// its answer is not replaced. It waits a while for the first wording to be dealt with,
// as the answer to the new one has to do anyway.
func (c *Client) ordered(ctx context.Context, m bot.Message) bot.Message {
	asked, edited := strings.CutPrefix(m.Return, editReturn)
	for until := time.Now().Add(10 * c.base); edited; {
		order, err := c.orderOf(ctx, m)
		if err == nil && order != "" {
			if order != m.ID {
				m.Return = orderedReturn + asked
			}
			return m
		}
		answered, postsErr := c.postsFor(ctx, id.RoomID(m.Room.ID), id.EventID(asked))
		if err != nil || postsErr != nil || len(answered) > 0 || time.Now().After(until) {
			return m // where nothing is known, begin does not carry it out
		}
		select {
		case <-ctx.Done():
			return m
		case <-time.After(c.base / 5):
		}
	}
	return m
}

// orderName names a message among the orders, whichever of its wordings it is.
func orderName(m bot.Message) string {
	if asked, edited := strings.CutPrefix(m.Return, editReturn); edited {
		return m.Room.ID + "|" + asked
	}
	return m.Room.ID + "|" + m.ID
}

// orderOf returns which wording of a message was carried out as an order; empty where
// none was.
func (c *Client) orderOf(ctx context.Context, m bot.Message) (wording string, err error) {
	name := orderName(m)
	found, err := c.options.Notes.Notes(ctx, c.space+"/order", name)
	if err != nil {
		return "", fmt.Errorf("read whether an order was carried out: %w", err)
	}
	return found[name], nil
}

// begin says whether an order may be carried out, and remembers that it is. What was
// begun before, by the same wording, may be done again: the process died over it.
func (c *Client) begin(ctx context.Context, m bot.Message) (bool, error) {
	c.ordering.Lock() // two wordings may come at once
	defer c.ordering.Unlock()
	order, err := c.orderOf(ctx, m)
	if err != nil {
		return false, err
	}
	if order != "" {
		return order == m.ID, nil
	}
	if asked, edited := strings.CutPrefix(m.Return, editReturn); edited {
		answered, err := c.postsFor(ctx, id.RoomID(m.Room.ID), id.EventID(asked))
		if err != nil || len(answered) == 0 { // the first wording may be an order that still waits
			return false, err
		}
	}
	if err := c.options.Notes.Note(ctx, c.space+"/order", orderName(m), m.ID, time.Now()); err != nil {
		return false, fmt.Errorf("remember an order: %w", err)
	}
	return true, nil
}

// carryOut lets an order be carried out, once. What is answered without a lead was a
// mistake and has changed nothing, so that its edited wording may be carried out.
func (c *Client) carryOut(ctx context.Context, m bot.Message, next bot.Handler) (bot.Reply, error) {
	may, err := c.begin(ctx, m)
	if err != nil {
		return nil, err
	}
	if !may {
		return bot.Reply{bot.Refusal{Text: once}}, nil
	}
	reply, err := next.Answer(ctx, m)
	if err != nil || slices.ContainsFunc(reply, func(b bot.Block) bool { _, is := b.(bot.Lead); return is }) {
		return reply, err
	}
	if err := c.options.Notes.Unnote(ctx, c.space+"/order", orderName(m)); err != nil {
		return nil, fmt.Errorf("forget an order that was a mistake: %w", err)
	}
	return reply, nil
}
