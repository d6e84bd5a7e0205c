package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"rapporteur/bot"
)

const (
	workers    = 8           // envelopes that are taken in at once
	backlog    = 256         // envelopes that wait for that
	readLimit  = 4 << 20     // of one frame: platform-contracts §1.3 S12
	ackLimit   = time.Second // to write an acknowledgement
	eventLimit = 10 * time.Second
)

// job is an envelope and the socket it came on.
type job struct {
	client   *socketmode.Client
	envelope envelope
}

// listenSockets opens the sockets and keeps them open until ctx ends. It returns
// an error when Slack refuses the app, which only an operator can change.
func (c *Client) listenSockets(ctx context.Context, in bot.Receiver) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	jobs := make(chan job, backlog)
	var done sync.WaitGroup
	// Who the bot is may be known later, or never: people are heard meanwhile.
	done.Go(func() {
		if err := c.introduce(ctx); err != nil {
			stop(err)
		}
	})
	for range workers {
		done.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case j := <-jobs:
					c.takeFromSocket(ctx, in, j)
				}
			}
		})
	}
	for range c.sockets {
		done.Go(func() {
			if err := c.keepOpen(ctx, jobs); err != nil {
				stop(err)
			}
		})
	}
	<-ctx.Done()
	done.Wait()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errBotToken):
		return cause
	case isDenied(cause):
		return fmt.Errorf("app token: %w", operatorError(cause))
	}
	return nil
}

// errBotToken is a bot token that Slack refuses.
var errBotToken = errors.New("bot token")

// introduce asks Slack who the bot is, until it says so or does not know the
// question.
func (c *Client) introduce(ctx context.Context) error {
	if c.installs != nil {
		return nil // each workspace says it when the app is installed
	}
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		_, err := c.only.identify(ctx)
		if isDenied(err) {
			return fmt.Errorf("%w: %w", errBotToken, operatorError(err))
		}
		if done := err == nil || ctx.Err() != nil; done {
			return nil
		}
		if unsupported(err) {
			c.log.WarnContext(ctx, "this server does not say who the bot is", "error", err)
			return nil
		}
		c.log.WarnContext(ctx, "slack does not say who the bot is, asking again", "error", err, "wait", wait)
		pause(ctx, wait)
	}
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// keepOpen keeps one socket open. slack-go reconnects by itself; where it gives
// up, it is started anew. It returns an error only where an operator must act.
func (c *Client) keepOpen(ctx context.Context, jobs chan<- job) error {
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, time.Minute) {
		opened := c.now()
		err := c.runSocket(ctx, jobs)
		if c.now().Sub(opened) > openCalm {
			wait = time.Second
		}
		if refusal := denial(err); refusal != nil || ctx.Err() != nil {
			return refusal
		}
		c.log.WarnContext(ctx, "slack socket ended, opening another", "error", err, "wait", wait)
		pause(ctx, wait)
	}
	return nil
}

// runSocket runs one socketmode client until it gives up.
func (c *Client) runSocket(ctx context.Context, jobs chan<- job) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	client := socketmode.New(c.only.api, socketmode.OptionReadLimit(readLimit), socketmode.OptionLog(libraryLog{c.log}),
		socketmode.OptionDialer(c.hosts.dialer()), socketmode.OptionPingInterval(c.hosts.pings()))
	var reading sync.WaitGroup
	reading.Go(func() { c.pump(ctx, stop, client, jobs) })
	err := client.RunContext(ctx)
	if refusal := denial(context.Cause(ctx)); refusal != nil {
		err = refusal
	}
	stop(nil)
	reading.Wait()
	return err
}

// pump reads what the socket brings and hands it on. It never waits for anybody
// else: a reader that waits stops reads and pings (platform-contracts §1.3 S5).
func (c *Client) pump(ctx context.Context, stop context.CancelCauseFunc, client *socketmode.Client, jobs chan<- job) {
	for {
		var ev socketmode.Event
		select {
		case <-ctx.Done():
			return
		case ev = <-client.Events:
		}
		switch data := ev.Data.(type) {
		case *slackgo.ConnectionErrorEvent:
			// slack-go would try these for ever: platform-contracts §1.3 S4.
			if isDenied(data.ErrorObj) {
				stop(data.ErrorObj)
				return
			}
			c.counts.add("socket_not_opened")
			c.log.WarnContext(ctx, "slack socket cannot be opened", "error", data.ErrorObj, "wait", data.Backoff)
			continue
		case *slackgo.IncomingEventError:
			c.log.WarnContext(ctx, "slack socket read", "error", data.ErrorObj)
			continue
		case *socketmode.ErrorWriteFailed:
			c.log.WarnContext(ctx, "slack socket write", "error", data.Cause)
			continue
		case *socketmode.ErrorBadMessage:
			// slack-go cannot parse it and would leave it unacknowledged: S1.
			c.counts.add("unparsed")
			var e envelope
			if err := json.Unmarshal(data.Message, &e); err != nil || e.EnvelopeID == "" {
				c.log.WarnContext(ctx, "slack frame is no envelope", "bytes", len(data.Message), "error", data.Cause)
				continue
			}
			c.log.DebugContext(ctx, "slack envelope that the library cannot parse", "type", e.Type, "error", data.Cause)
			c.offer(ctx, jobs, job{client, e})
			continue
		}
		switch ev.Type {
		case socketmode.EventTypeHello:
			c.log.InfoContext(ctx, "slack socket open", "sockets_of_app", ev.Request.NumConnections)
		case socketmode.EventTypeEventsAPI, socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive:
			r := ev.Request
			c.offer(ctx, jobs, job{client, envelope{Type: r.Type, EnvelopeID: r.EnvelopeID, Payload: r.Payload, Retry: r.RetryAttempt}})
		default: // connecting, connected: hello is what counts
		}
	}
}

// offer hands an envelope to the workers. When they are all busy and enough
// waits, an event is left to Slack, which sends it again, and a command is told
// so.
func (c *Client) offer(ctx context.Context, jobs chan<- job, j job) {
	select {
	case jobs <- j:
		return
	default:
	}
	c.counts.add("shed")
	c.log.WarnContext(ctx, "slack envelopes come faster than they are committed", "type", j.envelope.Type, "waiting", backlog)
	if j.envelope.Type == kindSlash {
		c.ack(ctx, j, 50*time.Millisecond, sorry())
	}
}

// takeFromSocket takes an envelope in and acknowledges it. An event that could
// not be taken in stays without, so that Slack sends it again.
func (c *Client) takeFromSocket(ctx context.Context, in bot.Receiver, j job) {
	limit := commandLimit
	if j.envelope.Type == kindEvent {
		limit = eventLimit
	}
	o := c.take(ctx, in, j.envelope, limit)
	if o.taken {
		c.ack(ctx, j, ackLimit, o.answer)
	}
	o.finish(ctx, c)
}

// maxAck is what Slack takes with an acknowledgement: platform-contracts §1.3 S6.
const maxAck = 20*1024 - 512

// ack acknowledges an envelope; answer goes with it where it is not nil and not
// too long.
func (c *Client) ack(ctx context.Context, j job, limit time.Duration, answer any) {
	if data, err := json.Marshal(answer); err != nil || len(data) > maxAck {
		c.log.ErrorContext(ctx, "slack answer too long for an acknowledgement, left out", "type", j.envelope.Type, "bytes", len(data), "error", err)
		answer = nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if err := j.client.AckCtx(ctx, j.envelope.EnvelopeID, answer); err != nil {
		c.log.WarnContext(ctx, "slack envelope not acknowledged", "type", j.envelope.Type, "error", err)
	}
}
