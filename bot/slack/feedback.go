package slack

import (
	"context"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Ratings keeps what people think of answers.
type Ratings interface {
	// Rate keeps what a person thinks of one of the bot's posts; the last word
	// counts. The reason is empty where none was given.
	Rate(ctx context.Context, room bot.Room, message, sender string, good bool, reason string, now time.Time) error
}

const (
	valueGood = "good"
	valueBad  = "bad"
	// viewReason is the modal that asks what was wrong.
	viewReason  = "reason"
	blockReason = "reason"
	maxReason   = 1000
)

// feedback is the block with which an answer asks what people think of it.
func feedback() slackgo.Block {
	return slackgo.NewContextActionsBlock("", slackgo.NewFeedbackButtonsBlockElement(actionFeedback,
		slackgo.NewFeedbackButton(plainText("Good answer"), valueGood), slackgo.NewFeedbackButton(plainText("Bad answer"), valueBad)))
}

// readFeedback reads the press of one of those buttons: it is kept before it is
// acknowledged, and who found fault is asked why.
func (c *Client) readFeedback(p interactivePayload, a action) reading {
	if c.ratings == nil || p.Channel.ID == "" || p.Container.MessageTS == "" || (a.Value != valueGood && a.Value != valueBad) {
		return ignored("feedback on nothing, or that nobody keeps")
	}
	workspace := c.workspaceOf(p)
	room, good := c.room(workspace, p.Channel.ID), a.Value == valueGood
	r := reading{work: func(ctx context.Context) error {
		return c.ratings.Rate(ctx, room, p.Container.MessageTS, p.User.ID, good, "", c.now())
	}}
	if c.trusted(p.ResponseURL) {
		r.respond = p.ResponseURL
	}
	r.then = func(ctx context.Context) {
		if !good {
			m := metadata{Channel: p.Channel.ID, Message: p.Container.MessageTS}
			c.openModal(ctx, workspace, p, modal(viewReason, "What was wrong?", "Send", m,
				input(blockReason, "In your words", textField(true, maxReason, "For example: another speaker said this"), true)))
			return
		}
		c.whisper(ctx, workspace, p, "Thank you. Your feedback is kept: good answer.")
	}
	return r
}

// readReason reads what was wrong.
func (c *Client) readReason(p interactivePayload) reading {
	m, reason := metadataOf(p.View), strings.TrimSpace(p.View.value(blockReason))
	if c.ratings == nil || m.Channel == "" || m.Message == "" {
		return ignored("a reason for nothing")
	}
	room := c.room(c.workspaceOf(p), m.Channel)
	return reading{block: blockReason, work: func(ctx context.Context) error {
		return c.ratings.Rate(ctx, room, m.Message, p.User.ID, false, cut(reason, maxReason), c.now())
	}}
}
