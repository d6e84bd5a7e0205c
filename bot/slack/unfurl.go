package slack

import (
	"context"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Cards says what is known behind a link.
type Cards interface {
	// Card returns what is shown for a link, from public documents alone; the
	// empty reply for one that says nothing to the bot.
	Card(ctx context.Context, address string, now time.Time) (bot.Reply, error)
}

// mostCards is how many links of one message are previewed.
const mostCards = 5

// readLinks reads that somebody posted links.
func (c *Client) readLinks(p eventPayload) reading {
	e := p.Event
	if c.cards == nil || e.Channel == "" || e.MessageTS == "" || len(e.Links) == 0 {
		return ignored("links that nobody knows")
	}
	return reading{then: func(ctx context.Context) {
		unfurls := map[string]slackgo.Attachment{}
		for _, link := range e.Links {
			if len(unfurls) == mostCards {
				break
			}
			reply, err := c.cards.Card(ctx, link.URL, c.now())
			if err != nil {
				c.log.WarnContext(ctx, "make the preview of a link", "error", err)
			}
			if parts := render(reply); len(parts) > 0 {
				unfurls[link.URL] = slackgo.Attachment{Blocks: slackgo.Blocks{BlockSet: parts[0].blocks}, Fallback: topText(parts[0].plain, maxText)}
			}
		}
		w, err := c.workspaceFor(ctx, p.workspace)
		if err != nil || len(unfurls) == 0 {
			return
		}
		if _, _, _, err := w.api.UnfurlMessageContext(ctx, e.Channel, e.MessageTS, unfurls); err != nil {
			c.log.InfoContext(ctx, "slack shows no preview", "error", err)
		}
	}}
}
