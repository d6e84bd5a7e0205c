package slack

import (
	"context"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Slack gives an app no clipboard. Where a person wants the exact words of the
// record, they stand in a field of a window, all of them and nothing else, to be
// selected and copied.

const (
	viewCopy  = "copy_quote"
	blockCopy = "words"
	labelCopy = "Copy exact quote"
)

// Words finds the words of a quotation.
type Words interface {
	// Words returns the words of the quotation with a code; empty where there is
	// none, or where it is not public and only public ones are asked for.
	Words(ctx context.Context, code string, public bool, now time.Time) (string, error)
}

// copyButton is the button that opens that window; nil where nobody finds words.
func (c *Client) copyButton(quoted []bot.Quotation) slackgo.BlockElement {
	if c.words == nil || len(quoted) == 0 || quoted[0].Document() == nil {
		return nil
	}
	return slackgo.NewButtonBlockElement(actionCopy, quoted[0].Code(), plainText(labelCopy))
}

// readCopy reads the press of that button. The window opens at once, for its trigger
// lives three seconds, and is filled with the words.
func (c *Client) readCopy(p interactivePayload, a action) reading {
	if a.Value == "" || p.TriggerID == "" || c.words == nil {
		return ignored("nothing to copy")
	}
	workspace := c.workspaceOf(p)
	return reading{then: func(ctx context.Context) {
		opened := c.openModal(ctx, workspace, p, modal(viewCopy, "Exact quote", "", metadata{}, drawProse("One moment …", nil)[0].block))
		if opened == nil {
			return
		}
		words, err := c.words.Words(ctx, a.Value, c.people.about(ctx, c, workspace, p.User.ID).outsider, c.now())
		v := modal(viewCopy, "Exact quote", "", metadata{}, drawProse("The record does not hold these words any more.", nil)[0].block)
		switch {
		case err != nil:
			c.log.ErrorContext(ctx, "find the words of a quotation", "error", err)
			v = modal(viewCopy, "Exact quote", "", metadata{}, drawProse(unavailable, nil)[0].block)
		case units16(words) > limitInput:
			v = modal(viewCopy, "Exact quote", "", metadata{}, drawProse("These words are too long for a field: copy them from the answer.", nil)[0].block)
		case words != "":
			field := textField(true, limitInput, "The words of the record")
			field.InitialValue = words
			v = modal(viewCopy, "Exact quote", "Done", metadata{}, input(blockCopy, "Select all, and copy", field, true))
		}
		c.updateModal(ctx, workspace, opened.ID, opened.Hash, v)
	}}
}
