package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"rapporteur/bot"
)

// Options say which app of which workspace the bot is.
type Options struct {
	// BotToken (xoxb-…) posts and reads; AppToken (xapp-…) opens sockets.
	BotToken, AppToken string
	// APIURL is the base address of the Web API; Slack's when empty. Response
	// addresses are then accepted from its host alone.
	APIURL string
	// Command is the slash command that takes every verb, "/iis" when empty;
	// Quote is the one that quotes, "/quote" when empty.
	Command, Quote string
	// Sockets is how many sockets are open at once, 1 to 5; 1 when 0. With two,
	// a refresh of one leaves none out.
	Sockets int
	// Timeout bounds each call of the Web API; 30 s when 0.
	Timeout time.Duration
	// Log takes what goes wrong; nothing is logged when nil.
	Log *slog.Logger
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time
}

// Client is the bot in one Slack workspace. It is safe for concurrent use.
type Client struct {
	api            *slackgo.Client
	http           *http.Client
	own            *url.URL // the API's address, where it is not Slack's
	command, quote string
	sockets        int
	log            *slog.Logger
	now            func() time.Time

	self       atomic.Pointer[identity]
	identified sync.Mutex
}

var _ bot.Platform = (*Client)(nil)

// identity is who the bot is in the workspace.
type identity struct{ userID, botID string }

const (
	maxSockets   = 5
	workers      = 8                       // envelopes that are committed at once
	backlog      = 256                     // envelopes that wait for that
	readLimit    = 4 << 20                 // of one frame: platform-contracts §1.3 S12
	eventLimit   = 10 * time.Second        // to commit an event; Slack sends it again meanwhile
	commandLimit = 2500 * time.Millisecond // to commit a command; Slack gives up after 3 s
	ackLimit     = time.Second
	unavailable  = "I am temporarily unavailable, please try again in a moment."
)

// New returns a client. It does not talk to Slack yet.
func New(o Options) (*Client, error) {
	c := &Client{
		command: either(o.Command, "/iis"), quote: either(o.Quote, "/quote"),
		sockets: o.Sockets, log: o.Log, now: o.Now,
	}
	if c.sockets == 0 {
		c.sockets = 1
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	base := slackgo.APIURL
	if o.APIURL != "" {
		base = strings.TrimSuffix(o.APIURL, "/") + "/"
	}
	u, err := url.Parse(base)
	var problems []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	add(o.BotToken == "", "no bot token: it begins with xoxb-, see OAuth & Permissions of the app")
	add(o.AppToken == "", "no app token: it begins with xapp-, see Basic Information of the app")
	add(strings.HasPrefix(o.BotToken, "xapp-") || strings.HasPrefix(o.AppToken, "xoxb-"), "the tokens are swapped: the bot token begins with xoxb-, the app token with xapp-")
	add(err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "", "api url %q: want an address like %s", o.APIURL, slackgo.APIURL)
	add(!strings.HasPrefix(c.command, "/") || !strings.HasPrefix(c.quote, "/") || c.command == c.quote, "slash commands %q and %q: want two that begin with /", c.command, c.quote)
	add(c.sockets < 1 || c.sockets > maxSockets, "%d sockets: want 1 to %d", c.sockets, maxSockets)
	if len(problems) > 0 {
		return nil, fmt.Errorf("slack: %w", errors.Join(problems...))
	}
	if base != slackgo.APIURL {
		c.own = u
	}
	timeout := o.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	c.http = newHTTP(timeout, &openLimit{now: c.now, log: c.log})
	c.api = slackgo.New(o.BotToken, slackgo.OptionAppLevelToken(o.AppToken), slackgo.OptionAPIURL(base),
		slackgo.OptionHTTPClient(c.http), slackgo.OptionLog(libraryLog{c.log}))
	return c, nil
}

// Name is "slack".
func (c *Client) Name() string { return "slack" }

// libraryLog takes what slack-go has to say.
type libraryLog struct{ log *slog.Logger }

func (l libraryLog) Output(_ int, s string) error {
	l.log.Debug("slack-go", "says", strings.TrimSpace(s))
	return nil
}

// Listen opens the sockets and keeps them open until ctx ends. It returns an
// error when Slack refuses the app, which only an operator can change.
func (c *Client) Listen(ctx context.Context, in bot.Receiver) error {
	if err := c.introduce(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	jobs := make(chan job, backlog)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case j := <-jobs:
					c.take(ctx, in, j)
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
	if cause := context.Cause(ctx); isDenied(cause) {
		return fmt.Errorf("app token: %w", operatorError(cause))
	}
	return nil
}

// introduce asks Slack who the bot is, until it says.
func (c *Client) introduce(ctx context.Context) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		_, err := c.identify(ctx)
		if isDenied(err) {
			return fmt.Errorf("bot token: %w", operatorError(err))
		}
		if done := err == nil || ctx.Err() != nil; done {
			return nil
		}
		c.log.WarnContext(ctx, "slack does not say who the bot is, asking again", "error", err, "wait", wait)
		pause(ctx, wait)
	}
}

// identify returns who the bot is. It asks Slack once.
func (c *Client) identify(ctx context.Context) (*identity, error) {
	c.identified.Lock()
	defer c.identified.Unlock()
	if self := c.self.Load(); self != nil {
		return self, nil
	}
	answer, err := c.api.AuthTestContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth.test: %w", err)
	}
	if answer.UserID == "" {
		return nil, errors.New("auth.test: slack answered without a user")
	}
	self := &identity{userID: answer.UserID, botID: answer.BotID}
	c.self.Store(self)
	return self, nil
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
		err := c.runSocket(ctx, jobs)
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
	client := socketmode.New(c.api, socketmode.OptionReadLimit(readLimit), socketmode.OptionLog(libraryLog{c.log}))
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

// job is an envelope and the socket it came on.
type job struct {
	client   *socketmode.Client
	envelope envelope
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
	c.log.WarnContext(ctx, "slack envelopes come faster than they are committed", "type", j.envelope.Type, "waiting", backlog)
	if j.envelope.Type == kindSlash {
		c.ack(ctx, j, 50*time.Millisecond, unavailable)
	}
}

// take commits what an envelope says, then acknowledges it.
func (c *Client) take(ctx context.Context, in bot.Receiver, j job) {
	r := c.read(j.envelope)
	if !r.said {
		c.log.DebugContext(ctx, "slack envelope ignored", "type", j.envelope.Type, "why", r.why)
		if j.envelope.Type == kindSlash {
			c.ack(ctx, j, ackLimit, unavailable)
			return
		}
		c.ack(ctx, j, ackLimit, "")
		return
	}
	limit := commandLimit
	if j.envelope.Type == kindEvent {
		limit = eventLimit
	}
	receiving, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := in.Receive(receiving, r.message); err != nil {
		c.log.ErrorContext(ctx, "slack message not committed", "room", r.message.Room.String(), "message", r.message.ID, "retry", j.envelope.Retry, "error", err)
		c.turnAway(ctx, j, r)
		return
	}
	c.ack(ctx, j, ackLimit, "")
}

// turnAway deals with a message that could not be committed. Slack sends events
// again that are not acknowledged; commands and buttons it sends once, so the
// person must know.
func (c *Client) turnAway(ctx context.Context, j job, r reading) {
	switch j.envelope.Type {
	case kindSlash:
		c.ack(ctx, j, ackLimit, unavailable)
	case kindInteractive:
		c.ack(ctx, j, ackLimit, "")
		if r.respond == "" {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackLimit)
		defer cancel()
		if _, err := c.respond(ctx, r.respond, unavailable, nil); err != nil {
			c.log.WarnContext(ctx, "slack user not told to try again", "error", err)
		}
	}
}

// ack acknowledges an envelope; text, where it is not empty, is shown to the
// person who typed the command.
func (c *Client) ack(ctx context.Context, j job, limit time.Duration, text string) {
	var payload any
	if text != "" {
		payload = map[string]string{"response_type": slackgo.ResponseTypeEphemeral, "text": text}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if err := j.client.AckCtx(ctx, j.envelope.EnvelopeID, payload); err != nil {
		c.log.WarnContext(ctx, "slack envelope not acknowledged", "type", j.envelope.Type, "error", err)
	}
}
