package slackfake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// delivery is how payloads reach the app: on its sockets, or, where client is
// set, by signed requests to its address.
type delivery struct {
	address string
	client  *http.Client
	sent    map[string]time.Time // by envelope id
	queue   chan func(context.Context)
}

// statusNoRetry stands for a refusal that came with x-slack-no-retry.
const statusNoRetry = -1

// DeliverTo lets everything be delivered by signed requests to the app's request
// address instead of its sockets. The transport is [http.DefaultTransport] when
// nil; [InMemory] needs no network.
// docs.slack.dev/apis/events-api/using-http-request-urls.
func (s *Server) DeliverTo(address string, transport http.RoundTripper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivery.address = address
	s.delivery.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *Server) overHTTP() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delivery.client != nil
}

// VerifyAddress asks the request address to prove that it is the app's, as Slack
// does when the address is entered, and says what is wrong with the answer.
// docs.slack.dev/reference/events/url_verification.
func (s *Server) VerifyAddress(ctx context.Context) error {
	const challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	body := asJSON(map[string]any{"token": "verification", "challenge": challenge, "type": "url_verification"})
	resp, err := s.Post(ctx, "application/json", body, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it has been read
	told, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return fmt.Errorf("verify the request address: %w", err)
	}
	if resp.StatusCode != http.StatusOK || !bytes.Contains(told, []byte(challenge)) {
		return fmt.Errorf("verify the request address: got status %d and %q, want 200 and the challenge", resp.StatusCode, told)
	}
	return nil
}

// request delivers a payload by a signed request in the background; the answer
// is the acknowledgement.
func (s *Server) request(id, kind string, payload any, more map[string]any) error {
	contentType, body := "application/x-www-form-urlencoded", []byte(nil)
	switch kind {
	case "slash_commands":
		fields, _ := payload.(map[string]any)
		form := url.Values{}
		for name, value := range fields {
			form.Set(name, fmt.Sprint(value))
		}
		body = []byte(form.Encode())
	case "interactive":
		body = []byte(url.Values{"payload": {string(asJSON(payload))}}.Encode())
	default:
		contentType, body = "application/json", asJSON(payload)
	}
	header := http.Header{}
	if n, _ := more["retry_attempt"].(int); n > 0 {
		reason, _ := more["retry_reason"].(string)
		header.Set("x-slack-retry-num", strconv.Itoa(n))
		header.Set("x-slack-retry-reason", reason)
	}
	deliver := func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, s.config.AckTimeout)
		defer cancel()
		resp, err := s.Post(ctx, contentType, body, header)
		if err != nil {
			return // as no acknowledgement
		}
		told, err := io.ReadAll(io.LimitReader(resp.Body, maxAck))
		_ = resp.Body.Close() // it has been read
		if err != nil {
			return
		}
		status := resp.StatusCode
		if status/100 != 2 && resp.Header.Get("x-slack-no-retry") == "1" {
			status = statusNoRetry
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.acknowledge(Ack{EnvelopeID: id, Payload: told, Status: status})
	}
	select {
	case s.delivery.queue <- deliver:
	case <-s.closed:
	}
	return nil
}

// post makes the requests that are queued, each in the background, until the
// fake closes.
func (s *Server) post(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var under sync.WaitGroup
	defer under.Wait()
	for {
		select {
		case deliver := <-s.delivery.queue:
			under.Go(func() { deliver(ctx) })
		case <-s.closed:
			cancel()
			return
		}
	}
}

// Post sends a body to the app's request address as Slack signs it now. Header
// may say otherwise, for a test of signatures.
// docs.slack.dev/authentication/verifying-requests-from-slack.
func (s *Server) Post(ctx context.Context, contentType string, body []byte, header http.Header) (*http.Response, error) {
	s.mu.Lock()
	address, client := s.delivery.address, s.delivery.client
	s.mu.Unlock()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("deliver: %w", err)
	}
	stamp := strconv.FormatInt(s.config.Now().Unix(), 10)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", Sign(s.config.SigningSecret, stamp, body))
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("deliver: %w", err)
	}
	return resp, nil
}

// Sign signs a body as Slack does: v0, HMAC-SHA256 of version, timestamp and
// body. docs.slack.dev/authentication/verifying-requests-from-slack.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte("v0:" + timestamp + ":")) // a hash takes everything
	_, _ = mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// Transport reaches the fake's Web API without a network: it calls it.
func (s *Server) Transport() http.RoundTripper { return InMemory(s.http.Handler) }

// InMemory returns a transport that calls a handler instead of a server.
func InMemory(h http.Handler) http.RoundTripper { return inMemory{h} }
