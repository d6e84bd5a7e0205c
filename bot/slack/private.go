package slack

import (
	"bytes"
	"context"
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

// responseUses is how often a response address works.
// docs.slack.dev/interactivity/handling-user-interaction#message_responses.
const responseUses = 5

// returnPrivate is the [bot.Message.Return] of an answer for one person that no
// response address is given for, or none that may be used.
const returnPrivate = "private"

// privately returns where the answer for one person goes.
func (c *Client) privately(address string) string {
	if c.trusted(address) {
		return address
	}
	return returnPrivate
}

// postPrivately shows a reply to the person who asked: through the response
// address, and where that is used up or too old, by chat.postEphemeral.
func (c *Client) postPrivately(ctx context.Context, w *workspace, channel string, p bot.Post, parts []part) (bot.Receipt, error) {
	expired := p.Return == returnPrivate
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
			return c.postEphemeral(ctx, w, channel, p, part)
		})
		if err != nil {
			if outcome, _ := bot.OutcomeOf(err); outcome == bot.Refused || outcome == bot.Gone {
				c.counts.add("private_answer_lost")
			}
			return bot.Receipt{}, err
		}
	}
	return bot.Receipt{}, nil
}

// respondPart uses the response address for one part, as text where Slack does
// not take its blocks.
func (c *Client) respondPart(ctx context.Context, address string, p part) (verdict, error) {
	p = c.within(ctx, p)
	v, err := c.respond(ctx, address, responseMessage(topText(p.plain, maxText), p.all()))
	if v == misdrawn && len(p.blocks) > 0 {
		c.logMisdrawn(ctx, p, err)
		v, err = c.respond(ctx, address, responseMessage(topText(p.plain, maxFallback), nil))
	}
	return v, err
}

// errExpired is a response address that works no more.
var errExpired = errors.New("the response address is used up or expired")

// responseMessage is a message for the person alone.
func responseMessage(text string, blocks []slackgo.Block) map[string]any {
	m := map[string]any{"response_type": slackgo.ResponseTypeEphemeral, "replace_original": false, "mrkdwn": false, "text": text}
	if len(blocks) > 0 {
		m["blocks"] = blocks
	}
	return m
}

// respond posts to a response address.
func (c *Client) respond(ctx context.Context, address string, message map[string]any) (verdict, error) {
	if !c.trusted(address) {
		return refused, errors.New("the response address is not Slack's")
	}
	data, err := json.Marshal(message)
	if err != nil {
		return refused, fmt.Errorf("write the answer: %w", err)
	}
	ctx, reached := traced(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data)) //nolint:gosec // trusted, above
	if err != nil {
		return refused, errors.New("the response address is no address")
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.http.Do(r) //nolint:gosec // trusted, above
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
func (c *Client) postEphemeral(ctx context.Context, w *workspace, channel string, p bot.Post, part part) error {
	show := func(text string, blocks []slackgo.Block) (verdict, error) {
		ctx, reached := traced(ctx)
		_, err := w.api.PostEphemeralContext(ctx, channel, p.To, message(text, blocks, p.Thread)...)
		if err == nil {
			return unknown, nil
		}
		v, after := judge(err, reached.Load())
		return v, limited{fmt.Errorf("chat.postEphemeral: %w", err), after}
	}
	part = c.within(ctx, part)
	v, err := show(topText(part.plain, maxText), part.all())
	if v == misdrawn {
		c.logMisdrawn(ctx, part, err)
		v, err = show(topText(part.plain, maxFallback), nil)
	}
	if err != nil {
		return c.failure(v, err)
	}
	return nil
}
