package slack

import (
	"context"
	"encoding/json"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// An answer in a direct conversation can be put before a channel that the person
// picks: posted there as it stands, with who shares it.

const (
	// viewShare is the modal that asks where to.
	viewShare      = "share_answer"
	labelShareTo   = "Share to channel…"
	notSharedThere = "I could not share it there: I am not in that channel, or may not post in it. Write /invite and my name in the channel, and share it again."
)

// shareTo are the buttons that open it and that copy what is quoted; nil where there is nothing to share.
func (c *Client) shareTo(p bot.Post) slackgo.Block {
	value, err := json.Marshal(shared{Command: again(p)})
	if err != nil || units16(string(value)) > maxValue || !shareable(p.Reply) {
		return nil
	}
	row := []slackgo.BlockElement{slackgo.NewButtonBlockElement(actionShareTo, string(value), plainText(labelShareTo))}
	if button := c.copyButton(p.Reply.Quotations()); button != nil {
		row = append(row, button)
	}
	return slackgo.NewActionBlock("", row...)
}

// readShareTo reads the press of that button.
func (c *Client) readShareTo(p interactivePayload, a action) reading {
	var s shared
	if json.Unmarshal([]byte(a.Value), &s) != nil || s.Command == "" || p.TriggerID == "" {
		return ignored("button that shares nothing")
	}
	where := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeConversations, plainText("A channel that I am in"), "where")
	where.Filter = &slackgo.SelectBlockElementFilter{Include: []string{"public", "private"}, ExcludeBotUsers: true}
	v := modal(viewShare, "Share the answer", "Share", metadata{Command: s.Command, Nonce: p.TriggerID}, input(blockWhere, "Where", where, false))
	return reading{then: func(ctx context.Context) { c.openModal(ctx, c.workspaceOf(p), p, v) }}
}

// readShared reads where to. Submitted twice, it is shared once.
func (c *Client) readShared(p interactivePayload) reading {
	m, channel := metadataOf(p.View), p.View.value(blockWhere)
	switch {
	case m.Command == "":
		return ignored("nothing to share")
	case channel == "":
		return reading{answer: viewErrors(blockWhere, "Choose the channel.")}
	}
	id := "share " + either(p.View.ID, m.Nonce)
	return reading{
		said: true, block: blockWhere, answer: map[string]any{"response_action": "clear"},
		message: bot.Message{
			ID: id, Room: c.room(c.workspaceOf(p), channel), Sender: p.User.ID, Text: m.Command, SentAt: c.now(),
			Thread: id, Return: returnShare + ":" + p.User.ID,
		},
	}
}

// unsharedError tells who shares something that it cannot be posted there.
func (c *Client) unsharedError(ctx context.Context, w *workspace, by string, err error) {
	if outcome, _ := bot.OutcomeOf(err); (outcome != bot.Gone && outcome != bot.Refused) || by == "" {
		return
	}
	c.errands.run(ctx, func(ctx context.Context) {
		if _, _, err := w.api.PostMessageContext(ctx, c.directChannel(ctx, w, by), message(topText(notSharedThere, maxText), nil, "")...); err != nil {
			c.log.WarnContext(ctx, "slack user not told that nothing was shared", "error", err)
		}
	})
}
