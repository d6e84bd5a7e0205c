package slack

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// newHTTP returns the client for all calls: with a timeout each, a bound on
// what an answer may hold, without redirects (a token must not travel), and
// with a limit on opening sockets.
func newHTTP(timeout time.Duration, opens *openLimit) *http.Client {
	base := http.DefaultTransport
	if t, ok := base.(*http.Transport); ok {
		base = t.Clone()
	}
	return &http.Client{
		Transport:     &transport{base: base, timeout: timeout, opens: opens},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// maxAnswer bounds the body of an answer.
const maxAnswer = 8 << 20

// transport makes the calls. It has the timeout, not the client, so that the
// wait for a socket does not count against it.
type transport struct {
	base    http.RoundTripper
	timeout time.Duration
	opens   *openLimit
}

// RoundTrip makes one call.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/apps.connections.open") {
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
	resp.Body = &body{Reader: io.LimitReader(resp.Body, maxAnswer), closer: resp.Body, cancel: cancel}
	return resp, nil
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
// (platform-contracts §1.3 S2). Three are free, the next waits 2 s, and each
// further one twice as long, up to a minute, until sockets have lived a minute.
type openLimit struct {
	now func() time.Time
	log *slog.Logger

	mu   sync.Mutex
	free int
	gap  time.Duration
	last time.Time // when the latest socket was opened, or will be
}

const (
	openBurst  = 3
	openGap    = 2 * time.Second
	openMaxGap = time.Minute
	openCalm   = time.Minute
)

// wait returns when the next socket may be opened, or with the error of ctx.
func (o *openLimit) wait(ctx context.Context) error {
	d := o.reserve()
	if d > 0 {
		o.log.WarnContext(ctx, "slack sockets do not stay open, waiting before the next", "wait", d)
		pause(ctx, d)
	}
	return ctx.Err()
}

// reserve says how long the next opening must wait, and counts it.
func (o *openLimit) reserve() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if now.Sub(o.last) >= openCalm {
		o.free, o.gap = openBurst, 0
	}
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
