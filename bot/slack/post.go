package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
	if p.Room.Platform != c.Name() {
		return bot.Receipt{}, postError(refused, 0, fmt.Errorf("room %s is not in Slack", p.Room))
	}
	parts := render(p.Reply)
	if len(parts) == 0 {
		return bot.Receipt{}, nil
	}
	if p.Return != "" {
		return c.postPrivately(ctx, p, parts)
	}
	there := map[string]string{}
	if p.Doubtful {
		found, err := c.lookUp(ctx, p, len(parts))
		if err != nil {
			return bot.Receipt{}, err
		}
		there = found
	}
	var receipt bot.Receipt
	thread := p.Thread
	for i, part := range parts {
		name := deliveryName(p.Key, i)
		ts, posted := there[name]
		if !posted {
			err := c.insist(ctx, i, func() (err error) {
				ts, err = c.postPart(ctx, p.Room.ID, thread, name, part)
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
		pause(ctx, max(wait, after))
		if ctx.Err() != nil {
			return &bot.PostError{Outcome: bot.Unknown, Err: fmt.Errorf("part %d: %w", part+1, err)}
		}
	}
}

// postPart posts one part into a room. What Slack cannot draw is posted once
// more as text.
func (c *Client) postPart(ctx context.Context, channel, thread, name string, p part) (string, error) {
	ts, v, err := c.say(ctx, channel, thread, name, topText(p.plain, maxText), p.blocks)
	if v == misdrawn && len(p.blocks) > 0 {
		c.logMisdrawn(ctx, p, err)
		ts, v, err = c.say(ctx, channel, thread, name, topText(p.plain, maxFallback), nil)
	}
	if err != nil {
		return "", c.failure(v, err)
	}
	return ts, nil
}

// logMisdrawn says which blocks Slack did not take, by their hash: their text
// may be somebody's question.
func (c *Client) logMisdrawn(ctx context.Context, p part, err error) {
	data, _ := json.Marshal(p.blocks) // only its hash is logged
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
func (c *Client) say(ctx context.Context, channel, thread, name, text string, blocks []slackgo.Block) (string, verdict, error) {
	options := append(message(text, blocks, thread),
		slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: deliveryEvent, EventPayload: map[string]any{"delivery": name}}))
	ctx, reached := traced(ctx)
	_, ts, err := c.api.PostMessageContext(ctx, channel, options...)
	if err == nil && ts == "" {
		err = errNoTimestamp
	}
	if err != nil {
		v, after := judge(err, reached.Load())
		return "", v, limited{fmt.Errorf("chat.postMessage: %w", err), after}
	}
	return ts, unknown, nil
}

const (
	lookBack  = time.Minute // before the first attempt: clocks differ
	lookPage  = 200
	lookPages = 10
)

// lookUp looks for the parts of a doubtful delivery and returns the timestamps
// of those that are in the room. Where it cannot look, the outcome stays
// unknown: posting again would be a guess.
func (c *Client) lookUp(ctx context.Context, p bot.Post, parts int) (map[string]string, error) {
	self, err := c.identify(ctx)
	if err != nil {
		return nil, postError(unknown, 0, fmt.Errorf("look for an earlier post: %w", err))
	}
	found := map[string]string{}
	if err := c.scan(ctx, p, p.Thread, self, found); err != nil {
		return nil, err
	}
	first := found[deliveryName(p.Key, 0)]
	if p.Thread == "" && first != "" && parts > 1 {
		// The further parts are in the thread of the first.
		if err := c.scan(ctx, p, first, self, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// scan reads the room, or a thread of it, since the first attempt, and notes
// which of the bot's own posts carry a delivery.
func (c *Client) scan(ctx context.Context, p bot.Post, thread string, self *identity, found map[string]string) error {
	oldest := ""
	if !p.Since.IsZero() {
		since := p.Since.Add(-lookBack)
		oldest = fmt.Sprintf("%d.%06d", since.Unix(), since.Nanosecond()/1000)
	}
	cursor := ""
	for range lookPages {
		messages, next, err := c.page(ctx, p.Room.ID, thread, oldest, cursor)
		if err != nil {
			v, after := judge(err, true)
			if v != gone {
				v = unknown
			}
			return postError(v, after, fmt.Errorf("look for an earlier post: %w", err))
		}
		for _, m := range messages {
			own := m.User == self.userID || (self.botID != "" && m.BotID == self.botID)
			name, _ := m.Metadata.EventPayload["delivery"].(string)
			if own && m.Metadata.EventType == deliveryEvent && name != "" {
				found[name] = m.Timestamp
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
	return postError(unknown, 0, fmt.Errorf("look for an earlier post: more than %d messages since then", lookPages*lookPage))
}

// page reads one page of a room or thread.
func (c *Client) page(ctx context.Context, channel, thread, oldest, cursor string) ([]slackgo.Message, string, error) {
	if thread != "" {
		messages, _, next, err := c.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true,
		})
		return messages, next, err
	}
	answer, err := c.api.GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	if !answer.Ok {
		return nil, "", errors.New("conversations.history: slack answered neither yes nor no")
	}
	return answer.Messages, answer.ResponseMetaData.NextCursor, nil
}

// responseUses is how often a response address works.
// docs.slack.dev/interactivity/handling-user-interaction#message_responses.
const responseUses = 5

// postPrivately shows a reply to the person who asked: through the response
// address, and where that is used up or too old, by chat.postEphemeral.
func (c *Client) postPrivately(ctx context.Context, p bot.Post, parts []part) (bot.Receipt, error) {
	if !c.trusted(p.Return) {
		return bot.Receipt{}, postError(refused, 0, errors.New("the response address is not Slack's"))
	}
	expired := false
	for i, part := range parts {
		err := c.insist(ctx, i, func() error {
			if !expired && i < responseUses {
				v, err := c.respondPart(ctx, p.Return, part)
				if !errors.Is(err, errExpired) {
					if err != nil {
						return c.failure(v, err)
					}
					return nil
				}
				expired = true
			}
			return c.postEphemeral(ctx, p, part)
		})
		if err != nil {
			return bot.Receipt{}, err
		}
	}
	return bot.Receipt{}, nil
}

// respondPart uses the response address for one part, as text where Slack does
// not take its blocks.
func (c *Client) respondPart(ctx context.Context, address string, p part) (verdict, error) {
	v, err := c.respond(ctx, address, topText(p.plain, maxText), p.blocks)
	if v == misdrawn && len(p.blocks) > 0 {
		c.logMisdrawn(ctx, p, err)
		v, err = c.respond(ctx, address, topText(p.plain, maxFallback), nil)
	}
	return v, err
}

// errExpired is a response address that works no more.
var errExpired = errors.New("the response address is used up or expired")

// respond posts to a response address that the caller has found to be Slack's.
func (c *Client) respond(ctx context.Context, address, text string, blocks []slackgo.Block) (verdict, error) {
	message := map[string]any{"response_type": slackgo.ResponseTypeEphemeral, "replace_original": false, "mrkdwn": false, "text": text}
	if len(blocks) > 0 {
		message["blocks"] = blocks
	}
	data, err := json.Marshal(message)
	if err != nil {
		return refused, fmt.Errorf("write the answer: %w", err)
	}
	ctx, reached := traced(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data))
	if err != nil {
		return refused, errors.New("the response address is no address")
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.http.Do(r)
	if err != nil {
		v, _ := judge(err, reached.Load())
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address, which is a secret for half an hour
		}
		return v, fmt.Errorf("response address: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read
	told, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return unknown, fmt.Errorf("response address: %w", err)
	}
	return judgeResponse(resp, strings.TrimSpace(string(told)))
}

// judgeResponse says what the answer of a response address means.
func judgeResponse(resp *http.Response, told string) (verdict, error) {
	code := told
	var answer struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal([]byte(told), &answer) == nil && answer.OK != nil {
		code = answer.Error
		if *answer.OK {
			code = "ok"
		}
	}
	err := fmt.Errorf("response address: status %d, %q", resp.StatusCode, cut(code, 100))
	switch {
	case resp.StatusCode == http.StatusOK && (code == "ok" || code == ""):
		return unknown, nil
	case code == "used_url" || code == "expired_url" || resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return refused, errExpired
	case resp.StatusCode == http.StatusTooManyRequests:
		after, parseErr := strconv.Atoi(resp.Header.Get("Retry-After"))
		if parseErr != nil {
			return notSent, limited{err, defaultRetry}
		}
		return notSent, limited{err, time.Duration(after) * time.Second}
	case resp.StatusCode >= http.StatusInternalServerError:
		return unknown, err
	}
	return verdictOf(code), err
}

// postEphemeral shows one part to the person who asked.
func (c *Client) postEphemeral(ctx context.Context, p bot.Post, part part) error {
	show := func(text string, blocks []slackgo.Block) (verdict, error) {
		ctx, reached := traced(ctx)
		_, err := c.api.PostEphemeralContext(ctx, p.Room.ID, p.To, message(text, blocks, p.Thread)...)
		if err == nil {
			return unknown, nil
		}
		v, after := judge(err, reached.Load())
		return v, limited{fmt.Errorf("chat.postEphemeral: %w", err), after}
	}
	v, err := show(topText(part.plain, maxText), part.blocks)
	if v == misdrawn {
		c.logMisdrawn(ctx, part, err)
		v, err = show(topText(part.plain, maxFallback), nil)
	}
	if err != nil {
		return c.failure(v, err)
	}
	return nil
}
