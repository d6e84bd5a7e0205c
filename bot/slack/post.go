package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// deliveryEvent is the event type of the metadata that names a delivery.
const deliveryEvent = "rapporteur_delivery"

// maxFallback is how long the text of a post without blocks may be. Slack cuts
// at 40,000.
const maxFallback = 39_000

// Post posts a reply: into the room, in the thread; or, where there is a
// response address, to the person who asked alone. A reply that is too long for
// one post becomes several in one thread, and the receipt names the first.
//
// A post for one person cannot be looked up, is seen by nobody else and is gone
// on reload: where it is doubtful, it is shown again.
func (c *Client) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) {
	w, channel, err := c.place(ctx, p.Room)
	if err != nil {
		return bot.Receipt{}, err
	}
	_, by, sharing := unshared(p)
	parts := c.draw(ctx, w, &p)
	switch {
	case len(parts) == 0:
		return bot.Receipt{}, nil
	case strings.HasPrefix(p.Return, returnView):
		return c.postToView(ctx, w, p, parts)
	case p.Return != "":
		return c.postPrivately(ctx, w, channel, p, parts)
	}
	there := map[string]sighting{}
	if p.Doubtful {
		if there, err = c.reconcile(ctx, w, channel, p, parts); err != nil {
			return bot.Receipt{}, err
		}
	}
	if c.streamable(w, channel, p, parts) {
		ts, taken, err := c.postStream(ctx, w, channel, p, parts[0])
		if taken {
			return bot.Receipt{ID: ts}, err
		}
	}
	receipt, err := c.postParts(ctx, w, channel, p, parts, there)
	if err == nil {
		c.doubts.settle(p.Key)
	} else if sharing {
		c.unsharedError(ctx, w, by, err)
	}
	return receipt, err
}

// postParts posts the parts that are not there yet, in their order.
func (c *Client) postParts(ctx context.Context, w *workspace, channel string, p bot.Post, parts []part, there map[string]sighting) (bot.Receipt, error) {
	var receipt bot.Receipt
	thread := p.Thread
	for i, part := range parts {
		name := deliveryName(p.Key, i)
		seen, posted := there[name]
		ts := seen.ts
		switch {
		case seen.open:
			if err := c.mendStream(ctx, w, channel, ts, name, part); err != nil {
				return receipt, err
			}
		case !posted:
			err := c.insist(ctx, i, func() (err error) {
				ts, err = c.postPart(ctx, w, channel, thread, name, p.Purpose, part)
				return err
			})
			if err != nil {
				return receipt, err
			}
		}
		if i == 0 {
			receipt.ID = ts
			thread = either(thread, ts)
		}
		if files := p.Reply.Files(); i == len(parts)-1 && !posted && len(files) > 0 {
			c.attach(ctx, w, channel, thread, files)
		}
	}
	return receipt, nil
}

// deliveryName names one part of a delivery in its metadata, which anybody in
// the room can read: so it is opaque.
func deliveryName(key string, part int) string {
	sum := sha256.Sum256([]byte("rapporteur\x00" + key))
	return hex.EncodeToString(sum[:16]) + "/" + strconv.Itoa(part+1)
}

// insist makes an attempt at a part. What has surely not been sent may be
// repeated, but only this part of it: once the first is in the room, the
// attempts are made here, until ctx ends, and the outcome of the whole is then
// unknown and not "not sent".
func (c *Client) insist(ctx context.Context, part int, attempt func() error) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := attempt()
		outcome, after := bot.OutcomeOf(err)
		if err == nil || part == 0 || outcome != bot.NotSent {
			return err
		}
		if rest(ctx, c.stop, max(wait, after)) != nil {
			return &bot.PostError{Outcome: bot.Unknown, Err: fmt.Errorf("part %d: %w", part+1, err)}
		}
	}
}

// postPart posts one part into a room, when its turn has come. What Slack cannot
// draw is posted once more as text.
func (c *Client) postPart(ctx context.Context, w *workspace, channel, thread, name string, purpose bot.Purpose, p part) (string, error) {
	if err := c.turn(ctx, w, channel, purpose); err != nil {
		return "", err
	}
	p = c.within(ctx, p)
	ts, v, err := c.say(ctx, w, channel, thread, name, topText(p.plain, maxText), p.all())
	if v == misdrawn && len(p.extra) > 0 {
		c.logMisdrawn(ctx, p, err)
		w.plain.Store(true) // another server, or an older one
		ts, v, err = c.say(ctx, w, channel, thread, name, topText(p.plain, maxText), p.blocks)
	}
	if v == misdrawn && len(p.blocks) > 0 {
		c.logMisdrawn(ctx, p, err)
		ts, v, err = c.say(ctx, w, channel, thread, name, topText(p.plain, maxFallback), nil)
	}
	if err == nil {
		return ts, nil
	}
	failed := c.failure(v, err)
	switch {
	case v == notSent && failed.RetryAfter > 0:
		c.pace.block(channel, failed.RetryAfter)
	case v == denied:
		// The message stays where it is kept, until an operator has acted.
		c.pace.block(w.lane(), deniedPause)
		failed.Outcome, failed.RetryAfter = bot.Unknown, deniedPause
		c.notifyIn(ctx, w, "denied", failed.Err.Error())
	case v == policy:
		c.notifyIn(ctx, w, "policy", "Slack does not let me post in <#"+channel+">: "+failed.Err.Error())
	case v == misdrawn:
		c.notifyIn(ctx, w, "misdrawn", "Slack takes neither the blocks nor the text of a post: "+failed.Err.Error())
	}
	return "", failed
}

// answerPatience is how long an answer waits for its channel's turn.
const answerPatience = 10 * time.Second

// deniedPause is how long nothing is tried with a token that Slack refuses.
const deniedPause = 5 * time.Minute

// turn waits for the channel's turn. Where Slack refuses the workspace's token,
// the message goes back to where it is kept: nothing is tried for a while.
//
// An answer does not wait for long: it goes back too, so that nobody waits behind
// it in another channel.
func (c *Client) turn(ctx context.Context, w *workspace, channel string, purpose bot.Purpose) error {
	if err := c.pace.wait(ctx, w.lane()); err != nil {
		early, _ := errors.AsType[tooEarly](err)
		return postError(unknown, early.wait, fmt.Errorf("the token is refused: %w", err))
	}
	longest := time.Duration(0)
	if purpose == bot.ForAnswer {
		longest = answerPatience
	}
	if err := c.pace.turn(ctx, channel, c.gap, longest); err != nil {
		early, _ := errors.AsType[tooEarly](err)
		return postError(notSent, early.wait, err)
	}
	return nil
}

// logMisdrawn says which blocks Slack did not take, by their hash: their text
// may be somebody's question.
func (c *Client) logMisdrawn(ctx context.Context, p part, err error) {
	data, _ := json.Marshal(p.all()) // only its hash is logged
	sum := sha256.Sum256(data)
	c.log.ErrorContext(ctx, "slack does not draw these blocks, posting text", "blocks", len(p.blocks), "sha256", hex.EncodeToString(sum[:8]), "error", err)
}

// limited carries the pause that Slack asked for to where the error is made.
type limited struct {
	error
	after time.Duration
}

// Unwrap returns the error.
func (l limited) Unwrap() error { return l.error }

func (c *Client) failure(v verdict, err error) *bot.PostError {
	if l, ok := errors.AsType[limited](err); ok {
		return postError(v, l.after, l.error)
	}
	return postError(v, 0, err)
}

// message is what every post says besides its place: escaped text that Slack is
// to link and format nothing in, and blocks.
func message(text string, blocks []slackgo.Block, thread string) []slackgo.MsgOption {
	options := []slackgo.MsgOption{
		slackgo.MsgOptionText(text, false), // escaped already
		slackgo.MsgOptionDisableMarkdown(), slackgo.MsgOptionParse(false), slackgo.MsgOptionLinkNames(false),
		slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl(),
	}
	if len(blocks) > 0 {
		options = append(options, slackgo.MsgOptionBlocks(blocks...))
	}
	if thread != "" {
		options = append(options, slackgo.MsgOptionTS(thread))
	}
	return options
}

// say makes one call of chat.postMessage and judges how it went.
func (c *Client) say(ctx context.Context, w *workspace, channel, thread, name, text string, blocks []slackgo.Block) (string, verdict, error) {
	options := append(message(text, blocks, thread), named(name))
	ctx, reached := traced(ctx)
	_, ts, err := w.api.PostMessageContext(ctx, channel, options...)
	if err == nil && ts == "" {
		err = errNoTimestamp
	}
	if err != nil {
		v, after := judge(err, reached.Load())
		return "", v, limited{fmt.Errorf("chat.postMessage: %w", err), after}
	}
	return ts, unknown, nil
}
