package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// httpOptions are what the client for all calls is made of.
type httpOptions struct {
	base    http.RoundTripper
	timeout time.Duration
	hosts   hosts
	opens   *openLimit
	skew    *skew
	now     func() time.Time
}

// newHTTP returns the client for all calls: with a timeout each, a bound on
// what an answer may hold, without redirects (a token must not travel), and
// with a limit on opening sockets.
func newHTTP(o httpOptions) *http.Client {
	if o.base == nil {
		o.base = http.DefaultTransport
	}
	if t, ok := o.base.(*http.Transport); ok {
		o.base = t.Clone()
	}
	return &http.Client{
		Transport:     &transport{httpOptions: o},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// maxAnswer bounds the body of an answer.
const maxAnswer = 8 << 20

// transport makes the calls. It has the timeout, not the client, so that the
// wait for a socket does not count against it.
type transport struct{ httpOptions }

// RoundTrip makes one call.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	opening := strings.HasSuffix(r.URL.Path, "/apps.connections.open")
	if opening {
		if err := t.opens.wait(r.Context()); err != nil {
			if r.Body != nil {
				_ = r.Body.Close() // a RoundTripper must
			}
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), t.timeout)
	resp, err := t.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	t.skew.note(resp, t.now())
	resp.Body = &body{Reader: io.LimitReader(resp.Body, maxAnswer), closer: resp.Body, cancel: cancel}
	if opening {
		if err := t.checkSocket(resp); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// checkSocket reads where the socket is that Slack opened, and refuses an
// address that is not Slack's: the library would follow it with no question.
func (t *transport) checkSocket(resp *http.Response) error {
	defer func() { _ = resp.Body.Close() }() // it has been read
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("apps.connections.open: %w", err)
	}
	var answer struct {
		URL string `json:"url"`
	}
	if json.Unmarshal(data, &answer) == nil && answer.URL != "" && !t.hosts.accept(answer.URL, "wss", "ws") {
		return errors.New("apps.connections.open: the address of the socket is not on the API's host")
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	return nil
}

// body is a bounded body that ends its call when it is closed.
type body struct {
	io.Reader
	closer io.Closer
	cancel context.CancelFunc
}

// Close closes the body and ends the call.
func (b *body) Close() error {
	defer b.cancel()
	return b.closer.Close()
}

// openLimit limits how often sockets are opened. A server that hangs up right
// after hello makes slack-go open sockets without any pause, thousands a second
// (platform-contracts §1.3 S2). A few are free, the next waits 2 s, and each
// further one twice as long, up to a minute, until sockets have lived a minute.
type openLimit struct {
	now func() time.Time
	log *slog.Logger
	// burst is how many are free.
	burst int

	mu   sync.Mutex
	free int
	gap  time.Duration
	last time.Time // when the latest socket was opened, or will be
	// short counts the openings in a row that came soon after the one before.
	short int
}

const (
	openGap    = 2 * time.Second
	openMaxGap = time.Minute
	openCalm   = time.Minute
)

// wait returns when the next socket may be opened, or with the error of ctx.
func (o *openLimit) wait(ctx context.Context) error {
	d := o.reserve()
	if d > 0 {
		o.alarm(ctx, d)
		pause(ctx, d)
	}
	return ctx.Err()
}

// alarm says that sockets do not stay open, louder from the fifth on.
func (o *openLimit) alarm(ctx context.Context, wait time.Duration) {
	o.mu.Lock()
	short := o.short
	o.mu.Unlock()
	level := slog.LevelWarn
	if short >= 5 {
		level = slog.LevelError
	}
	o.log.Log(ctx, level, "slack sockets do not stay open, waiting before the next", "wait", wait, "short_lived", short)
}

// reserve says how long the next opening must wait, and counts it.
func (o *openLimit) reserve() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if now.Sub(o.last) >= openCalm {
		o.free, o.gap, o.short = o.burst, 0, 0
	}
	o.short++
	at := now
	if o.free > 0 {
		o.free--
	} else {
		o.gap = min(max(2*o.gap, openGap), openMaxGap)
		if o.last.After(now) {
			at = o.last
		}
		at = at.Add(o.gap)
	}
	o.last = at
	return at.Sub(now)
}
