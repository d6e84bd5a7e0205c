package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// What one person was shown can be put before everybody: in the channel, or, for
// the correction of a message, in its thread. The button carries the command
// that gave the answer; pressed twice, it posts once.

// shared is the value of a button that posts what it stands under.
type shared struct {
	// Command gives what is posted.
	Command string `json:"c"`
	// Thread is where it goes; the channel itself when empty.
	Thread string `json:"t,omitempty"`
}

// returnShare begins the [bot.Message.Return] of a shared answer; the thread and
// who shares it follow.
const returnShare = "share:"

// readShare reads the press of such a button.
func (c *Client) readShare(p interactivePayload, a action) reading {
	var s shared
	if json.Unmarshal([]byte(a.Value), &s) != nil || s.Command == "" || p.Channel.ID == "" {
		return ignored("button that shares nothing")
	}
	id, sum := p.pressed(a), sha256.Sum256([]byte(s.Command))
	r := reading{said: true, name: "share " + p.Container.MessageTS + " " + s.Thread + " " + hex.EncodeToString(sum[:6]), message: bot.Message{
		ID: id, Room: c.room(c.workspaceOf(p), p.Channel.ID), Sender: p.User.ID, Text: s.Command, SentAt: c.timeOf(a.ActionTS),
		// A conversation of its own: what was said before must not shorten it.
		Thread: "share " + id, Return: returnShare + s.Thread + ":" + p.User.ID,
	}}
	if c.trusted(p.ResponseURL) {
		r.respond = p.ResponseURL
		r.again = func(ctx context.Context) {
			if _, err := c.respond(ctx, p.ResponseURL, responseMessage("That is posted already.", nil)); err != nil {
				c.log.WarnContext(ctx, "slack user not told that it is posted already", "error", err)
			}
		}
	}
	return r
}

// unshared returns where a shared answer goes and who shares it; ok is false for
// every other post.
func unshared(p bot.Post) (thread, by string, ok bool) {
	rest, ok := strings.CutPrefix(p.Return, returnShare)
	if !ok {
		return "", "", false
	}
	at := strings.LastIndexByte(rest, ':')
	if at < 0 {
		return rest, "", true
	}
	return rest[:at], rest[at+1:], true
}

// shareable says whether a reply answers from the record or the calendar.
func shareable(r bot.Reply) bool {
	return r.Answered() && (len(r.Quotations()) > 0 || len(r.Facts()) > 0)
}

// again is the command that gives an answer again, whatever was said before: the
// code of the one thing it quotes, or the whole question.
func again(p bot.Post) string {
	if quoted := p.Reply.Quotations(); len(quoted) == 1 && len(p.Reply.Facts()) == 0 {
		return "q " + quoted[0].Code()
	}
	return either(p.Question, p.Asked)
}

// sharing returns the buttons under an answer that one person is shown.
func (c *Client) sharing(p bot.Post) []slackgo.BlockElement {
	var row []slackgo.BlockElement
	add := func(label string, s shared) {
		value, err := json.Marshal(s)
		if err != nil || units16(string(value)) > maxValue {
			return
		}
		row = append(row, slackgo.NewButtonBlockElement(actionShare, string(value), plainText(label)))
	}
	quoted := p.Reply.Quotations()
	switch {
	case p.Thread != "" && len(quoted) > 0:
		// Below a message: its exact wording, and nothing about its author.
		add("Post correction in thread", shared{"q " + quoted[0].Code(), p.Thread})
	case p.Thread == "" && shareable(p.Reply):
		add("Share to channel", shared{Command: again(p)})
	}
	if button := c.copyButton(quoted); button != nil {
		row = append(row, button)
	}
	if len(row) > 0 {
		row = append(row, slackgo.NewButtonBlockElement(actionDismiss, "dismiss", plainText("Dismiss")))
	}
	return row
}
