package slack

import (
	"context"
	"errors"
	"fmt"

	"rapporteur/bot"
)

var _ bot.Editor = (*Client)(nil)

// Edit puts a reply in the place of what was posted. The same edit twice is
// harmless: Slack keeps the last. Of a reply in several parts the receipt names the
// first; the others stand in a thread and are found by their metadata. A part that
// the new reply has more is posted there.
func (c *Client) Edit(ctx context.Context, p bot.Post, posted bot.Receipt, _ string) error {
	w, channel, err := c.place(ctx, p.Room)
	if err != nil {
		return err
	}
	if posted.ID == "" {
		return postError(refused, 0, errors.New("edit a post: its timestamp is not known"))
	}
	parts := render(p.Reply)
	if len(parts) == 0 {
		return postError(refused, 0, errors.New("edit a post: nothing is left of it"))
	}
	there := map[string]sighting{}
	if len(parts) > 1 {
		if there, err = c.lookUp(ctx, w, channel, p, parts); err != nil {
			return err
		}
	}
	there[deliveryName(p.Key, 0)] = sighting{ts: posted.ID}
	for i, part := range parts {
		name := deliveryName(p.Key, i)
		ts := there[name].ts
		if ts == "" {
			if _, err := c.postPart(ctx, w, channel, either(p.Thread, posted.ID), name, p.Purpose, part); err != nil {
				return err
			}
			continue
		}
		if err := c.update(ctx, w, channel, ts, name, p.Purpose, part); err != nil {
			return err
		}
	}
	return nil
}

// update makes one call of chat.update and judges how it went.
func (c *Client) update(ctx context.Context, w *workspace, channel, ts, name string, purpose bot.Purpose, p part) error {
	if err := c.turn(ctx, w, channel, purpose); err != nil {
		return err
	}
	p = c.within(ctx, p)
	options := append(message(topText(p.plain, maxText), p.blocks, ""), named(name))
	ctx, reached := traced(ctx)
	_, _, _, err := w.api.UpdateMessageContext(ctx, channel, ts, options...)
	if err == nil {
		return nil
	}
	v, after := judge(err, reached.Load())
	switch {
	case v == misdrawn && len(p.blocks) > 0: // once more, as text
		c.logMisdrawn(ctx, p, err)
		return c.update(ctx, w, channel, ts, name, purpose, part{plain: p.plain})
	case v == denied:
		c.pace.block(w.lane(), deniedPause)
		c.notify(ctx, "denied", operatorError(err).Error())
	case after > 0:
		c.pace.block(channel, after)
	}
	return c.failure(v, limited{fmt.Errorf("chat.update: %w", err), after})
}
