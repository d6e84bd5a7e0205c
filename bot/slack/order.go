package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Planner says when a digest would come.
type Planner interface {
	// Preview returns the next times of a digest that is ordered by a phrase, as
	// people type it behind "subscribe". The error is a sentence for the person.
	Preview(phrase string, now time.Time) (bot.Reply, error)
}

// The modal that orders a digest.
const (
	viewOrder  = "new_digest"
	blockWhere = "where"
	blockOften = "often"
	blockTime  = "time"

	usualOften = "weekly mon"
	usualTime  = "08:00"
	usualZone  = "UTC"
)

// rhythms are how often a digest may come: in the words of people, and of the
// phrase that orders it.
func rhythms() [][2]string {
	return [][2]string{
		{"Every day", "daily"},
		{"Every Monday", "weekly mon"},
		{"Every Tuesday", "weekly tue"},
		{"Every Wednesday", "weekly wed"},
		{"Every Thursday", "weekly thu"},
		{"Every Friday", "weekly fri"},
		{"Every Saturday", "weekly sat"},
		{"Every Sunday", "weekly sun"},
		{"Monday and Thursday", "weekly mon,thu"},
		{"On the first of the month", "monthly 1"},
	}
}

// readOrder reads that a person wants to order a digest. The modal opens at once,
// for its trigger lives three seconds, and is filled when the person's zone is
// known.
func (c *Client) readOrder(p interactivePayload) reading {
	if c.planner == nil || p.TriggerID == "" {
		return ignored("nobody plans digests")
	}
	workspace := c.workspaceOf(p)
	return reading{then: func(ctx context.Context) {
		opened := c.openModal(ctx, workspace, p, modal(viewOrder, "New digest", "", metadata{}, drawProse("One moment …", nil)[0].block))
		if opened == nil {
			return
		}
		m := metadata{Channel: p.Channel.ID, Zone: either(c.people.about(ctx, c, workspace, p.User.ID).zone, usualZone), Nonce: p.TriggerID}
		c.updateModal(ctx, workspace, opened.ID, opened.Hash, c.orderForm(m, usualOften, usualTime))
	}}
}

// orderForm is the modal with what is chosen so far, and when that would come.
func (c *Client) orderForm(m metadata, often, at string) slackgo.ModalViewRequest {
	where := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeConversations, plainText("A channel that I am in"), "where")
	where.DefaultToCurrentConversation = true
	where.InitialConversation = m.Channel
	where.Filter = &slackgo.SelectBlockElementFilter{Include: []string{"public", "private"}, ExcludeBotUsers: true}
	var options []*slackgo.OptionBlockObject
	var chosen *slackgo.OptionBlockObject
	for _, r := range rhythms() {
		o := slackgo.NewOptionBlockObject(r[1], plainText(r[0]), nil)
		options = append(options, o)
		if r[1] == often {
			chosen = o
		}
	}
	rhythm := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, plainText("How often"), actionTimes+"often", options...)
	rhythm.InitialOption = chosen
	clock := slackgo.NewTimePickerBlockElement(actionTimes + "time")
	clock.InitialTime = at
	oftenBlock, timeBlock := input(blockOften, "How often", rhythm, false), input(blockTime, "At (time zone "+m.Zone+")", clock, false)
	oftenBlock.DispatchAction, timeBlock.DispatchAction = true, true
	blocks := []slackgo.Block{input(blockWhere, "Where", where, false), oftenBlock, timeBlock}
	preview, err := c.planner.Preview(orderPhrase(often, at, m.Zone), c.now())
	if err != nil {
		preview = bot.Say(err.Error())
	}
	for _, part := range render(preview) {
		blocks = append(blocks, part.blocks...)
	}
	return modal(viewOrder, "New digest", "Subscribe", m, blocks...)
}

func orderPhrase(often, at, zone string) string { return "digest " + often + " " + at + " " + zone }

// readTimes reads that something else was chosen in that modal.
func (c *Client) readTimes(p interactivePayload) reading {
	if c.planner == nil || p.View.ID == "" {
		return ignored("a choice in no modal")
	}
	m := metadataOf(p.View)
	v := c.orderForm(m, either(p.View.value(blockOften), usualOften), either(p.View.value(blockTime), usualTime))
	return reading{then: func(ctx context.Context) { c.updateModal(ctx, c.workspaceOf(p), p.View.ID, p.View.Hash, v) }}
}

// updateModal changes a modal, unless it has changed since or is closed.
func (c *Client) updateModal(ctx context.Context, workspace, id, hash string, v slackgo.ModalViewRequest) {
	v.Blocks.BlockSet = c.withinView(ctx, v.Blocks.BlockSet)
	w, err := c.workspaceFor(ctx, workspace)
	if err == nil {
		_, err = w.api.UpdateViewContext(ctx, v, "", hash, id)
	}
	if err != nil {
		c.counts.add("modal_not_updated")
		c.log.InfoContext(ctx, "slack modal not updated", "view", v.CallbackID, "error", err)
	}
}

// readOrdered reads the order: it is the command that a person could have typed
// in that channel, and is answered in the modal.
func (c *Client) readOrdered(p interactivePayload) reading {
	m := metadataOf(p.View)
	channel := p.View.value(blockWhere)
	phrase := orderPhrase(either(p.View.value(blockOften), usualOften), either(p.View.value(blockTime), usualTime), either(m.Zone, usualZone))
	if channel == "" {
		return reading{answer: viewErrors(blockWhere, "Choose the channel that gets the digest.")}
	}
	if _, err := c.planner.Preview(phrase, c.now()); err != nil {
		return reading{answer: viewErrors(blockOften, err.Error())}
	}
	sum := sha256.Sum256([]byte(p.View.ID + m.Nonce + channel + phrase))
	then, abandon := c.await(c.workspaceOf(p), p.View.ID)
	return reading{
		said: true, then: then, abandon: abandon, block: blockWhere,
		message: bot.Message{
			ID: "view " + hex.EncodeToString(sum[:12]), Room: c.room(c.workspaceOf(p), channel), Sender: p.User.ID,
			Text: "subscribe " + phrase, SentAt: c.now(), Return: returnView + p.View.ID, Thread: "view " + p.View.ID,
		},
		answer: viewUpdate(modal(viewOrder, "New digest", "", metadata{}, drawProse("Subscribing "+strings.TrimPrefix(phrase, "digest ")+" …", nil)[0].block)),
	}
}
