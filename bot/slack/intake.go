package slack

import (
	"context"
	"fmt"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// commandLimit is how long taking in may last where Slack waits for the answer:
// it gives up after 3 s.
const commandLimit = 2500 * time.Millisecond

// reading is what an envelope comes to: a message, or work, or the reason why it
// is neither.
type reading struct {
	message bot.Message
	said    bool   // there is a message
	name    string // a further name of the message; empty for none
	shared  bool   // it may come from several workspaces that share a channel
	why     string // why there is no message
	// again is done after the acknowledgement instead of anything else where the
	// message was known under its further name before.
	again   func(context.Context)
	respond string // where to tell the person that it did not work; empty for nowhere
	block   string // of a modal, where the person is told that it did not work
	abandon func() // undoes what reading noted, where nothing comes of it
	// work is done before the acknowledgement: where it fails, so does the
	// taking in.
	work func(context.Context) error
	// answer goes with the acknowledgement; nil for nothing.
	answer any
	// then is done after the acknowledgement, and nothing depends on it.
	then func(context.Context)
}

func ignored(why string) reading { return reading{why: why} }

// outcome is what became of an envelope.
type outcome struct {
	taken  bool // it may be acknowledged
	answer any
	then   func(context.Context)
	// abandon undoes what reading noted, where then is not done.
	abandon func()
}

// finish does what is done after the acknowledgement.
func (o outcome) finish(ctx context.Context, c *Client) {
	if o.then != nil && !c.errands.run(ctx, o.then) {
		c.counts.add("errand_shed")
		c.log.WarnContext(ctx, "too many errands for slack at once, one left out")
		if o.abandon != nil {
			o.abandon()
		}
	}
}

// take takes an envelope in, whichever way it came: what a person said is
// committed. Nothing is acknowledged before take says so.
func (c *Client) take(ctx context.Context, in bot.Receiver, e envelope, limit time.Duration) outcome {
	r := c.read(e)
	if !r.said && r.work == nil && r.then == nil {
		c.log.DebugContext(ctx, "slack envelope ignored", "type", e.Type, "why", r.why)
		if e.Type == kindSlash {
			return outcome{taken: true, answer: sorry()}
		}
		return outcome{taken: true, answer: r.answer}
	}
	committing, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r.shared = c.installs != nil && e.Type == kindEvent
	known, err := c.commit(committing, in, r)
	if err != nil {
		c.counts.add("not_committed")
		c.log.ErrorContext(ctx, "slack envelope not committed", "type", e.Type, "room", r.message.Room.String(), "message", r.message.ID, "retry", e.Retry, "error", err)
		if r.abandon != nil {
			r.abandon()
		}
		return c.turnAway(e, r)
	}
	if known && r.again != nil {
		return outcome{taken: true, answer: r.answer, then: r.again}
	}
	return outcome{taken: true, answer: r.answer, then: r.then, abandon: r.abandon}
}

// commit does what must be done before the acknowledgement. known says that the
// message has come before, under another identity.
func (c *Client) commit(ctx context.Context, in bot.Receiver, r reading) (known bool, err error) {
	if r.work != nil {
		if err := r.work(ctx); err != nil {
			return false, err
		}
	}
	if !r.said {
		return false, nil
	}
	m, known, err := c.named(ctx, r)
	if err != nil {
		return false, fmt.Errorf("name of message %s: %w", r.message.ID, err)
	}
	return known, in.Receive(ctx, m)
}

// turnAway deals with what could not be committed. Slack sends events again that
// are not acknowledged; commands and buttons it sends once, so the person must
// know.
func (c *Client) turnAway(e envelope, r reading) outcome {
	switch e.Type {
	case kindSlash:
		return outcome{taken: true, answer: sorry()}
	case kindInteractive:
		o := outcome{taken: true}
		if r.block != "" {
			o.answer = viewErrors(r.block, unavailable)
		}
		if c.trusted(r.respond) {
			o.then = func(ctx context.Context) {
				if _, err := c.respond(ctx, r.respond, responseMessage(unavailable, nil)); err != nil {
					c.log.WarnContext(ctx, "slack user not told to try again", "error", err)
				}
			}
		}
		return o
	}
	return outcome{}
}

// sorry is the answer to a command that could not be taken in.
func sorry() any {
	return map[string]string{"response_type": slackgo.ResponseTypeEphemeral, "text": unavailable}
}
