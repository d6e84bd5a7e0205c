package slack

import (
	"context"
	"encoding/json"
	"slices"

	slackgo "github.com/slack-go/slack"
)

// What is beyond Slack's limits is refused whole. So every surface looks at its
// blocks by [Faults] before it sends them, and leaves out what would not be taken.

// within returns the part as it is where its blocks are within Slack's limits,
// and without the ones that are not: Slack would refuse all of it.
func (c *Client) within(ctx context.Context, p part) part {
	for _, cutting := range []func(){func() {}, func() { p.extra = nil }, func() { p.blocks = nil }} {
		cutting()
		blocks, err := json.Marshal(p.all())
		if err == nil && len(p.all()) == 0 {
			return p
		}
		faults := Faults(blocks, false)
		if err == nil && len(faults) == 0 {
			return p
		}
		c.counts.add("beyond_limits")
		c.log.ErrorContext(ctx, "blocks are beyond slack's limits", "faults", faults, "error", err)
	}
	return p
}

// withinView returns the blocks of a view that Slack takes.
func (c *Client) withinView(ctx context.Context, blocks []slackgo.Block) []slackgo.Block {
	kept := slices.DeleteFunc(slices.Clone(blocks), func(b slackgo.Block) bool {
		data, err := json.Marshal([]slackgo.Block{b})
		faults := Faults(data, true)
		if err == nil && len(faults) == 0 {
			return false
		}
		c.counts.add("beyond_limits")
		c.log.ErrorContext(ctx, "a block of a view is beyond slack's limits", "faults", faults, "error", err)
		return true
	})
	return kept[:min(len(kept), mostViewBlocks)]
}
