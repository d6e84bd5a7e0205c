package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// verdict is what a failed call means for a post.
type verdict int

const (
	unknown  verdict = iota // it may have been done
	notSent                 // it was not done and may be repeated
	gone                    // the room cannot be reached
	refused                 // it will never be done
	policy                  // the workspace does not let the app do it
	denied                  // the token may not do it: an operator must act
	misdrawn                // Slack does not take these blocks or this length
)

// verdictOf says what an error code of the Web API means.
// docs.slack.dev/reference/methods/chat.postMessage#errors.
func verdictOf(code string) verdict {
	switch code {
	case "ratelimited", "rate_limited":
		return notSent
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return unknown // "some aspect of the operation may have succeeded"
	case "channel_not_found", "is_archived", "not_in_channel", "is_inactive",
		"messages_tab_disabled", "cannot_dm_bot", "user_not_in_channel":
		return gone
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
		"app_uninstalled", "missing_scope", "no_permission", "not_allowed_token_type":
		return denied
	case "ekm_access_denied", "team_access_not_granted", "org_login_required", "message_limit_exceeded":
		return policy
	case "msg_blocks_too_long", "msg_too_long", "metadata_too_large", "markdown_text_conflict", "invalid_arguments":
		return misdrawn
	}
	switch {
	case strings.Contains(code, "block"), strings.Contains(code, "rich_text"), strings.Contains(code, "attachment"):
		return misdrawn // "invalid_blocks" and what other servers call it
	case strings.HasPrefix(code, "restricted_action"):
		return policy
	}
	return refused // whatever else Slack says no to
}

// defaultRetry is how long to wait where Slack limits the rate and does not say
// how long.
const defaultRetry = time.Minute

// judge says what an error of a call means, and how long Slack asked to wait.
// reached is whether the call had a connection to write to.
func judge(err error, reached bool) (verdict, time.Duration) {
	if _, ok := errors.AsType[*tokenError](err); ok {
		return unknown, deniedPause // as where Slack refuses the token: it is kept until an operator has acted
	}
	if limited, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		return notSent, limited.RetryAfter
	}
	if status, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		if status.Code == http.StatusTooManyRequests {
			return notSent, defaultRetry
		}
		if status.Code == http.StatusBadRequest || status.Code == http.StatusRequestEntityTooLarge || status.Code == http.StatusUnprocessableEntity {
			return misdrawn, 0 // it was read, and not taken
		}
		return unknown, 0
	}
	if answer, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		v := verdictOf(answer.Err)
		if v == notSent {
			return v, defaultRetry
		}
		return v, 0
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return notSent, 0
	}
	if !reached {
		return notSent, 0 // no name, no route, no handshake: nothing was written
	}
	return unknown, 0
}

// postError writes a verdict as the error that callers of Post get.
func postError(v verdict, after time.Duration, err error) *bot.PostError {
	p := &bot.PostError{RetryAfter: after, Err: err}
	switch v {
	case notSent:
		p.Outcome = bot.NotSent
	case gone, policy: // what a room has ordered sleeps until somebody has acted
		p.Outcome = bot.Gone
	case refused, misdrawn:
		p.Outcome = bot.Refused
	case denied:
		p.Outcome, p.Err = bot.Refused, operatorError(err)
	default:
		p.Outcome = bot.Unknown
	}
	return p
}

// traced returns a context that notes whether a call got a connection, so that
// a call that failed before can be told from one that may have been done.
func traced(ctx context.Context) (context.Context, *atomic.Bool) {
	var reached atomic.Bool
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { reached.Store(true) },
	}), &reached
}

// errNoTimestamp is an answer that says neither yes nor no.
var errNoTimestamp = errors.New("slack answered without a timestamp")

// operatorError tells an operator what to do about an error that no retry ends.
func operatorError(err error) error {
	answer, ok := errors.AsType[slackgo.SlackErrorResponse](err)
	if !ok {
		return err
	}
	var what string
	switch answer.Err {
	case "invalid_auth", "not_authed":
		what = "the token is wrong: copy it again from the app's page at api.slack.com/apps (bot token: OAuth & Permissions, app token: Basic Information)"
	case "account_inactive", "token_revoked", "app_uninstalled":
		what = "the app is no longer installed in this workspace: install it again and set the new bot token"
	case "token_expired":
		what = "the token has expired: switch token rotation off for this app, and set a new token"
	case "missing_scope", "no_permission":
		what = fmt.Sprintf("the token lacks a scope (needed %q, has %q): compare the app with manifest.yaml and install it again", answer.Needed, answer.Provided)
	case "not_allowed_token_type":
		what = "this is the wrong kind of token: the bot token begins with xoxb-, the app token with xapp-"
	default:
		return err
	}
	return fmt.Errorf("slack refuses the app (%w): %s", err, what)
}

// isDenied says whether an operator must act before anything can work again.
func isDenied(err error) bool {
	answer, ok := errors.AsType[slackgo.SlackErrorResponse](err)
	return ok && verdictOf(answer.Err) == denied
}

// denial returns err where an operator must act, and nothing else.
func denial(err error) error {
	if isDenied(err) {
		return err
	}
	return nil
}

// unsupported says whether a server does not know the method at all.
func unsupported(err error) bool {
	if status, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		return status.Code == http.StatusNotFound || status.Code == http.StatusMethodNotAllowed || status.Code == http.StatusNotImplemented
	}
	code := apiError(err)
	return code == "unknown_method" || code == "method_not_supported" || code == "not_implemented" || code == "method_deprecated"
}

// lacksScope says whether the app may not do this one thing.
func lacksScope(err error) bool {
	answer, ok := errors.AsType[slackgo.SlackErrorResponse](err)
	return ok && (answer.Err == "missing_scope" || answer.Err == "no_permission")
}
