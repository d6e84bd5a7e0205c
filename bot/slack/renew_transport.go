package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// renewing makes the calls of an installation whose tokens rotate. A call that
// Slack refuses because the token has expired was not carried out: it is made once
// more with the token that is in its place.
type renewing struct {
	base   http.RoundTripper
	client *Client
	of     Install
	token  string
}

// tokenError is a call that was not carried out, because there is no token for it.
type tokenError struct{ err error }

// Error says why there is none.
func (e *tokenError) Error() string { return "no token for the call: " + e.err.Error() }

// Unwrap returns why there is none.
func (e *tokenError) Unwrap() error { return e.err }

// RoundTrip makes one call.
func (r *renewing) RoundTrip(call *http.Request) (*http.Response, error) {
	resp, err := r.base.RoundTrip(call)
	if err != nil || !saysExpired(resp) || (call.Body != nil && call.GetBody == nil) {
		return resp, err
	}
	_ = resp.Body.Close() // it has been read
	token, err := r.client.replaced(call.Context(), r.of, r.token)
	if err != nil {
		return nil, &tokenError{err}
	}
	again, err := withToken(call, r.token, token)
	if err != nil {
		return nil, &tokenError{err}
	}
	if resp, err = r.base.RoundTrip(again); err != nil || !saysExpired(resp) {
		return resp, err
	}
	_ = resp.Body.Close()
	return nil, &tokenError{errors.New("slack calls the new one expired too")}
}

// longestRefusal is how long the answer is at most in which Slack refuses a token.
const longestRefusal = 2048

// saysExpired says whether an answer is that the token has expired. The answer can
// be read as before.
func saysExpired(resp *http.Response) bool {
	head, err := io.ReadAll(io.LimitReader(resp.Body, longestRefusal))
	resp.Body = &readAgain{Reader: io.MultiReader(bytes.NewReader(head), resp.Body), Closer: resp.Body}
	var answer struct {
		Error string `json:"error"`
	}
	return err == nil && json.Unmarshal(head, &answer) == nil && answer.Error == "token_expired"
}

// readAgain is a body of which the beginning has been read.
type readAgain struct {
	io.Reader
	io.Closer
}

// withToken returns a call once more, with another token: in the header, or in the
// form, where it was.
func withToken(call *http.Request, old, token string) (*http.Request, error) {
	again := call.Clone(call.Context())
	if again.Header.Get("Authorization") == "Bearer "+old {
		again.Header.Set("Authorization", "Bearer "+token)
	}
	if call.GetBody == nil {
		return again, nil
	}
	body, err := call.GetBody()
	if err != nil {
		return nil, fmt.Errorf("make the call again: %w", err)
	}
	again.Body = body
	if kind, _, _ := mime.ParseMediaType(call.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return again, nil
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("make the call again: %w", err)
	}
	form, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, fmt.Errorf("make the call again: %w", err)
	}
	if form.Get("token") == old {
		form.Set("token", token)
	}
	written := form.Encode()
	again.Body, again.ContentLength = io.NopCloser(strings.NewReader(written)), int64(len(written))
	again.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(written)), nil }
	return again, nil
}
