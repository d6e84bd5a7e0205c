package slack

import (
	"context"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// publishHome draws the home tab of a person.
func (c *Client) publishHome(ctx context.Context, workspace, direct, person string) {
	v := Visitor{Person: person, Direct: c.room(workspace, direct), Public: c.people.about(ctx, c, workspace, person).outsider, Channels: c.channelsOf(ctx, workspace, person)}
	reply, err := c.guide.Home(ctx, v)
	if err != nil {
		c.log.ErrorContext(ctx, "make the home tab", "error", err)
		return
	}
	var blocks []slackgo.Block
	for _, part := range render(reply) {
		blocks = append(blocks, part.blocks...)
	}
	if blocks = c.withinView(ctx, blocks); len(blocks) >= mostViewBlocks {
		blocks = blocks[:mostViewBlocks-1]
	}
	blocks = append(blocks, slackgo.NewActionBlock("", slackgo.NewButtonBlockElement(actionOrder, "new", plainText("New digest"))))
	w, err := c.workspaceFor(ctx, workspace)
	if err != nil {
		return
	}
	_, err = w.api.PublishViewContext(ctx, slackgo.PublishViewContextRequest{UserID: person, View: slackgo.HomeTabViewRequest{
		Type: slackgo.VTHomeTab, PrivateMetadata: metadata{Channel: direct}.String(), Blocks: slackgo.Blocks{BlockSet: blocks},
	}})
	if err != nil {
		c.log.WarnContext(ctx, "slack home tab not drawn", "error", err)
	}
}

const (
	channelsPage  = 200
	channelsPages = 10
)

// channelsOf returns the channels that a person and the bot are both in; what Slack
// does not say is left out.
func (c *Client) channelsOf(ctx context.Context, workspace, person string) []bot.Room {
	w, err := c.workspaceFor(ctx, workspace)
	if err != nil {
		return nil
	}
	var rooms []bot.Room
	cursor := ""
	for range channelsPages {
		if c.pace.wait(ctx, w.lane()) != nil {
			return rooms
		}
		page, next, err := w.api.GetConversationsForUserContext(ctx, &slackgo.GetConversationsForUserParameters{
			UserID: person, Types: []string{"public_channel", "private_channel"}, ExcludeArchived: true, Limit: channelsPage, Cursor: cursor,
		})
		if err != nil {
			c.log.InfoContext(ctx, "slack does not say in which channels a person is", "error", err)
			return rooms
		}
		for i := range page {
			rooms = append(rooms, c.room(workspace, page[i].ID))
		}
		if next == "" {
			break
		}
		cursor = next
	}
	return rooms
}
