package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"rapporteur/bot"
)

// maxRequest bounds the body of a request of Slack's.
const maxRequest = 1 << 20

// listenHTTP serves Slack's requests until ctx ends; without an address somebody
// else serves the handler.
func (c *Client) listenHTTP(ctx context.Context, in bot.Receiver) error {
	if c.addr == "" {
		err := c.introduce(ctx)
		if err == nil {
			<-ctx.Done()
		}
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return fmt.Errorf("listen for slack: %w", err)
	}
	server := &http.Server{
		Handler: c.Installing(c.Handler(in)), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(c.log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	c.log.InfoContext(ctx, "listening for slack", "address", listener.Addr().String())
	introduced := make(chan error, 1)
	go func() { introduced <- c.introduce(ctx) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var fallen error
	for fallen == nil && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case err := <-introduced:
			introduced, fallen = nil, err
		case err := <-served:
			fallen = fmt.Errorf("listen for slack at %q: %w", c.addr, err)
		}
	}
	// What is being committed is committed.
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		c.log.WarnContext(ctx, "stop listening for slack", "error", err)
	}
	return fallen
}

// Handler serves Slack's signed requests: events, commands and interactions, all
// at every path, so that one request address does for all three. What a person
// said is committed to in before the answer is 200; where that fails, events are
// answered 503, so that Slack sends them again.
func (c *Client) Handler(in bot.Receiver) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			c.counts.add("request_unread")
			status := http.StatusBadRequest
			if _, large := errors.AsType[*http.MaxBytesError](err); large {
				status = http.StatusRequestEntityTooLarge
			}
			w.WriteHeader(status)
			return
		}
		// Nothing is parsed, and nothing is said, before the signature is Slack's.
		if err := verify(r.Header, body, c.secrets, c.now()); err != nil {
			c.counts.add("signature_refused")
			c.log.WarnContext(r.Context(), "request refused: it is not signed by slack", "from", r.RemoteAddr, "why", err)
			if c.audit != nil && c.notices.due("signature") {
				c.audit(r.Context(), "a request that Slack has not signed was refused: "+err.Error())
			}
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c.serveSigned(w, r, in, body)
	})
}

// serveSigned answers a request that is Slack's.
func (c *Client) serveSigned(w http.ResponseWriter, r *http.Request, in bot.Receiver, body []byte) {
	e, challenge, err := readRequest(r.Header, body)
	switch {
	case err != nil:
		c.counts.add("unparsed")
		c.log.WarnContext(r.Context(), "signed request that cannot be read", "bytes", len(body), "error", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	case challenge != "":
		// docs.slack.dev/reference/events/url_verification.
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, challenge) //nolint:gosec // plain text for Slack, who signed it
		return
	case e.Type == "":
		return // ssl_check wants 200
	}
	o := c.take(r.Context(), in, e, commandLimit)
	switch {
	case !o.taken:
		w.WriteHeader(http.StatusServiceUnavailable)
	case o.answer != nil:
		data, err := json.Marshal(o.answer)
		if err != nil {
			c.log.ErrorContext(r.Context(), "write the answer to slack", "error", err)
			break
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(data) // the client may be gone
	}
	o.finish(r.Context(), c)
}

// readRequest reads a request as the envelope that Socket Mode would have
// brought. A challenge is to be given back; without either there is nothing to
// do. Parameters of the address are not signed and count for nothing.
func readRequest(header http.Header, body []byte) (e envelope, challenge string, err error) {
	retry, err := strconv.Atoi(header.Get("X-Slack-Retry-Num"))
	if err != nil || retry < 0 {
		retry = 0
	}
	if kind, _, err := mime.ParseMediaType(header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		return readForm(body)
	}
	var outer struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return envelope{}, "", fmt.Errorf("read the event: %w", err)
	}
	if outer.Type == "url_verification" {
		return envelope{}, outer.Challenge, nil
	}
	return envelope{Type: kindEvent, Payload: body, Retry: retry}, "", nil
}

// readForm reads a command or an interaction.
func readForm(body []byte) (envelope, string, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return envelope{}, "", fmt.Errorf("read the form: %w", err)
	}
	if payload := form.Get("payload"); payload != "" {
		return envelope{Type: kindInteractive, Payload: json.RawMessage(payload)}, "", nil
	}
	if form.Get("command") == "" {
		if form.Get("ssl_check") == "1" {
			return envelope{}, "", nil
		}
		return envelope{}, "", errors.New("a form with neither payload nor command")
	}
	fields := make(map[string]string, len(form))
	for name := range form {
		fields[name] = form.Get(name)
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return envelope{}, "", fmt.Errorf("read the command: %w", err)
	}
	return envelope{Type: kindSlash, Payload: data}, "", nil
}
