package slack

import (
	"context"
	"errors"
	"fmt"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Direct returns the conversation of a person with the bot, in the workspace that a
// room is in. It opens it where there is none yet.
func (c *Client) Direct(ctx context.Context, person string, like bot.Room) (bot.Room, error) {
	w, _, err := c.place(ctx, like)
	if err != nil {
		return bot.Room{}, err
	}
	channel, err := c.open(ctx, w, person)
	switch {
	case lacksScope(err):
		channel = person // an app of before: Slack takes the person for the conversation, in posts
	case err != nil:
		return bot.Room{}, err
	}
	return c.room(c.keyOf(like), channel), nil
}

// open opens the conversation of a person with the bot.
func (c *Client) open(ctx context.Context, w *workspace, person string) (string, error) {
	if err := c.pace.wait(ctx, w.lane()); err != nil {
		return "", fmt.Errorf("the token is refused: %w", err)
	}
	direct, _, _, err := w.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{person}})
	if err != nil {
		return "", fmt.Errorf("conversations.open: %w", err)
	}
	if direct == nil || direct.ID == "" {
		return "", errors.New("conversations.open: slack answered without a conversation")
	}
	return direct.ID, nil
}

// directChannel is the conversation of a person with the bot, for a post that is
// tried once; the person's own id where it cannot be opened.
func (c *Client) directChannel(ctx context.Context, w *workspace, person string) string {
	channel, err := c.open(ctx, w, person)
	if err != nil {
		c.log.DebugContext(ctx, "slack opens no conversation", "person", person, "error", err)
		return person
	}
	return channel
}

// readRateLimited reads that Slack leaves events out, because there are more than
// 30,000 an hour in the workspace. docs.slack.dev/reference/events/app_rate_limited.
func (c *Client) readRateLimited(p eventPayload) reading {
	c.counts.add("app_rate_limited")
	return reading{then: func(ctx context.Context) {
		const says = "Slack leaves events out, because more than 30,000 an hour come from this workspace: whoever gets no answer must ask again."
		w, err := c.workspaceFor(ctx, p.workspace)
		if err != nil {
			c.notify(ctx, "rate limited "+p.workspace, says)
			return
		}
		c.notifyIn(ctx, w, "rate limited", says)
	}}
}
