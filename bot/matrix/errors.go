package matrix

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.mau.fi/util/retryafter"
	"maunium.net/go/mautrix"

	"rapporteur/bot"
)

// operatorError is a failure that only a person can mend. Its text is for that
// person.
type operatorError struct {
	advice string
	err    error
}

func (e *operatorError) Error() string {
	if e.err == nil {
		return e.advice
	}
	return e.advice + ": " + e.err.Error()
}

func (e *operatorError) Unwrap() error { return e.err }

// receiveError is a failure of the bot's own storage, not of the homeserver.
type receiveError struct{ err error }

func (e *receiveError) Error() string { return e.err.Error() }
func (e *receiveError) Unwrap() error { return e.err }

// lockedOut makes an operatorError of what says that the account is closed.
func lockedOut(err error) error {
	switch code(err) {
	case mautrix.MUserDeactivated.ErrCode:
		return &operatorError{"the homeserver says that the bot's Matrix account is deactivated; give it another one in matrix.user", err}
	case "M_USER_LOCKED", "M_USER_SUSPENDED":
		return &operatorError{"the homeserver says that the bot's Matrix account is locked; ask the homeserver's administrator", err}
	}
	return err
}

// code returns the Matrix error code in err, empty where there is none.
func code(err error) string {
	var answer mautrix.HTTPError
	if errors.As(err, &answer) && answer.RespError != nil {
		return answer.RespError.ErrCode
	}
	return ""
}

// status returns the HTTP status that caused err, 0 where there was no answer.
func status(err error) int {
	var answer mautrix.HTTPError
	if errors.As(err, &answer) && answer.Response != nil {
		return answer.Response.StatusCode
	}
	return 0
}

// isServerAnswer says whether err is something that the homeserver said about a
// request, rather than the network, a proxy before it or the bot's own storage.
func isServerAnswer(err error) bool {
	var own *receiveError
	return !errors.As(err, &own) && code(err) != "" && !isToken(err) && status(err) != http.StatusTooManyRequests
}

// isFinal says whether the homeserver refused a request for good.
func isFinal(err error) bool {
	s := status(err)
	return isServerAnswer(err) && s >= 400 && s < 500 && s != http.StatusRequestTimeout
}

// isToken says whether the session is at an end: its access token is refused, or
// cannot be renewed.
func isToken(err error) bool {
	if errors.Is(err, mautrix.ErrFailedToRefreshToken) && (status(err) == http.StatusBadRequest || status(err) == http.StatusUnauthorized) {
		return true
	}
	return errors.Is(err, mautrix.MUnknownToken) || errors.Is(err, mautrix.MMissingToken)
}

// retryAfter returns how long the homeserver asked to wait, in the header or,
// as Dendrite and older Synapse do, in the body; 0 where it did not.
func retryAfter(err error) time.Duration {
	var answer mautrix.HTTPError
	if !errors.As(err, &answer) || answer.Response == nil {
		return 0
	}
	wait := retryafter.Parse(answer.Response.Header.Get("Retry-After"), 0)
	if answer.RespError != nil {
		if ms, ok := answer.RespError.ExtraData["retry_after_ms"].(float64); ok {
			wait = max(wait, time.Duration(ms)*time.Millisecond)
		}
	}
	return min(max(wait, 0), time.Hour)
}

// postError says what a failed send means. What may have arrived counts as not sent
// here; Post remembers it, and says so.
func postError(err error) *bot.PostError {
	if known, ok := errors.AsType[*bot.PostError](err); ok {
		return &bot.PostError{Outcome: known.Outcome, RetryAfter: known.RetryAfter, Err: err}
	}
	out := &bot.PostError{Outcome: bot.NotSent, RetryAfter: retryAfter(err), Err: err}
	s := status(err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, mautrix.ErrFailedToRefreshToken):
	case s == http.StatusRequestEntityTooLarge, code(err) == mautrix.MTooLarge.ErrCode:
		out.Outcome = bot.Refused
	case s == 0, s >= 500, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s == http.StatusUnauthorized:
	case code(err) == mautrix.MForbidden.ErrCode, code(err) == mautrix.MNotFound.ErrCode:
		out.Outcome = bot.Gone
	case s >= 400 && code(err) != "":
		out.Outcome = bot.Refused
	}
	return out
}

// mayHaveArrived says whether the homeserver may have taken a send that failed
// with err.
func mayHaveArrived(err error) bool {
	s := status(err)
	return s < 400 || s >= 500 || s == http.StatusRequestTimeout
}
