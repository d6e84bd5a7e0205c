package matrix

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

var _ bot.Editor = (*Client)(nil)

// maxPieces is how many events of one post are looked for.
const maxPieces = 50

// Edit puts a reply in the place of what was posted under the post's key. name
// makes the transactions, so that the homeserver drops a repeated edit. Of a reply
// in several events the receipt names the first; the others are looked for. What
// the new reply has more is posted, what it has less is redacted. Where they lie too
// far back, nothing is changed, and the edit is refused.
func (c *Client) Edit(ctx context.Context, p bot.Post, posted bot.Receipt, name string) error {
	if p.Room.Platform != c.Name() || p.Key == "" || posted.ID == "" {
		return &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("edit %q in %s: no key, no event, or no Matrix room", p.Key, p.Room)}
	}
	reply, _ := withButtons(p.Reply)
	reply, _ = filesOf(reply) // they stay as they were sent; a correction brings its own
	pieces := draw(reply, c.options.Prefix)
	if len(pieces) == 0 {
		return &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("edit %q in %s: nothing is left of it", p.Key, p.Room)}
	}
	if err := c.correct(ctx, p, posted, name, pieces); err != nil {
		known := postError(err)
		known.Err = fmt.Errorf("edit in %s: %w", p.Room, err)
		return known
	}
	return nil
}

func (c *Client) correct(ctx context.Context, p bot.Post, posted bot.Receipt, name string, pieces []drawn) error {
	cli, err := c.session(ctx)
	if err != nil {
		return &bot.PostError{Outcome: bot.NotSent, RetryAfter: retryAfter(err), Err: err}
	}
	room := id.RoomID(p.Room.ID)
	if cause := question(p); cause != "" {
		gone, err := c.isWithdrawn(ctx, room, cause)
		switch {
		case err != nil:
			return &bot.PostError{Outcome: bot.NotSent, Err: err}
		case gone:
			return &bot.PostError{Outcome: bot.Refused, Err: bot.ErrWithdrawn}
		}
	}
	// Whether the post had one event or several, nobody wrote down.
	sent, err := c.find(ctx, cli, p, maxPieces, 0)
	if err != nil {
		return &bot.PostError{Outcome: bot.NotSent, RetryAfter: retryAfter(err), Err: fmt.Errorf("look for what was posted: %w", err)}
	}
	// The others came after the first: where the search did not get back to that, what
	// it did not find may be there all the same, and posted again it would stand twice.
	if sent[delivery(p.Key, 0)] == "" {
		sent[delivery(p.Key, 0)] = id.EventID(posted.ID)
		for i := range pieces {
			if sent[delivery(p.Key, i)] == "" {
				return &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("event %d of the post lies too far back to be found", i+1)}
			}
		}
	}
	for i, piece := range pieces {
		was := sent[delivery(p.Key, i)]
		label := delivery(name, i)
		if was == "" {
			label = delivery(p.Key, i)
		}
		edit, err := c.send(ctx, cli, p, piece, label, was)
		if err != nil {
			return err
		}
		if was != "" {
			if err := c.edited(ctx, room, was, edit); err != nil {
				return err
			}
		}
	}
	for i := len(pieces); i < maxPieces; i++ {
		was := sent[delivery(p.Key, i)]
		if was == "" {
			break
		}
		if _, err := cli.RedactEvent(ctx, room, was, mautrix.ReqRedact{TxnID: delivery(name, i), Reason: "the corrected post is shorter"}); err != nil && !isFinal(err) {
			return fmt.Errorf("shorten a post: %w", err)
		}
	}
	return nil
}
