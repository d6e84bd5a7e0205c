package slackfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Ack is an acknowledgement: a frame on a socket, or the answer of the app's
// request address.
type Ack struct {
	// EnvelopeID is what is acknowledged.
	EnvelopeID string
	// Payload is the answer that came with it; nil for none.
	Payload json.RawMessage
	// Socket is the number of the socket it came on, counted from 1; 0 for HTTP.
	Socket int
	// Status is the status of the answer over HTTP, 200 for a socket.
	Status int
	// At is when it came, Took how long after the envelope was sent.
	At   time.Time
	Took time.Duration
}

// Acks returns the acknowledgements in their order. One of 20,480 bytes or more
// is dropped, as Slack drops it: platform-contracts §1.3 S6.
func (s *Server) Acks() []Ack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.acks)
}

// Acked says whether an envelope is acknowledged.
func (s *Server) Acked(envelopeID string) bool {
	return slices.ContainsFunc(s.Acks(), func(a Ack) bool { return a.EnvelopeID == envelopeID })
}

// acknowledge notes an acknowledgement. s.mu is held.
func (s *Server) acknowledge(a Ack) {
	a.At = s.config.Now()
	if sent, known := s.delivery.sent[a.EnvelopeID]; known {
		a.Took = a.At.Sub(sent)
		delete(s.delivery.sent, a.EnvelopeID)
	}
	if string(a.Payload) == "null" || string(a.Payload) == "" {
		a.Payload = nil
	}
	s.acks = append(s.acks, a)
	if then := s.waiting[a.EnvelopeID]; then != nil {
		delete(s.waiting, a.EnvelopeID)
		then(a)
	}
	s.touch()
}

// Envelope sends an envelope of any type once, without retries, and returns its
// id.
func (s *Server) Envelope(kind string, payload any, more map[string]any) (string, error) {
	s.mu.Lock()
	id := s.newID("envelope")
	s.mu.Unlock()
	return id, s.envelope(id, kind, payload, more)
}

// envelope delivers a payload once: on a socket, or to the request address.
func (s *Server) envelope(id, kind string, payload any, more map[string]any) error {
	s.mu.Lock()
	if s.delivery.sent == nil {
		s.delivery.sent = map[string]time.Time{}
	}
	s.delivery.sent[id] = s.config.Now()
	signed := s.delivery.client != nil
	s.mu.Unlock()
	if signed {
		return s.request(id, kind, payload, more)
	}
	envelope := map[string]any{"envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": kind != "events_api"}
	maps.Copy(envelope, more)
	return s.send(asJSON(envelope))
}

// event is an event of the Events API on its way to the app.
type event struct {
	id      string
	payload map[string]any
}

// Origin is where an event comes from, where that is not the fake's own
// workspace.
type Origin struct {
	// Team and Enterprise name it; OrgWide is set where the app is installed on
	// the whole organisation. docs.slack.dev/apis/events-api#authorizations.
	Team, Enterprise string
	OrgWide          bool
}

// Event sends an event with retries, and returns its event id. inner is the
// event itself, with its type.
func (s *Server) Event(inner map[string]any) string { return s.EventFrom(Origin{}, inner) }

// EventFrom is Event from another workspace.
// docs.slack.dev/apis/events-api#callback-field is the envelope.
func (s *Server) EventFrom(from Origin, inner map[string]any) string {
	s.mu.Lock()
	id := s.newID("Ev")
	ts, _ := inner["ts"].(string)
	room, _ := inner["channel"].(string)
	team := either(from.Team, s.config.Team)
	var enterprise any
	if e := either(from.Enterprise, s.config.Enterprise); e != "" {
		enterprise = e
	}
	shared := s.channels[room] != nil && s.channels[room].shared
	e := &event{id: id, payload: map[string]any{
		"token": "verification", "team_id": team, "enterprise_id": enterprise, "api_app_id": s.config.AppID, "event": inner,
		"type": "event_callback", "event_id": id, "event_time": s.config.Now().Unix(), "is_ext_shared_channel": shared,
		"event_context": "context-" + id,
		"authorizations": []any{map[string]any{
			"enterprise_id": enterprise, "team_id": team, "user_id": s.config.BotUser, "is_bot": true, "is_enterprise_install": from.OrgWide,
		}},
	}}
	if s.config.NoAuthorizations {
		e.payload["authorizations"] = []any{}
	}
	s.events[id] = e
	if ts != "" && s.events[ts] == nil {
		s.events[ts] = e
	}
	s.mu.Unlock()
	s.deliver(e, true)
	return id
}

// Redeliver sends an event again, as Slack does when an acknowledgement is
// lost. It is named by its event id or by the ts of its message. Slack was seen
// to say retry_attempt 0 then: platform-contracts §1.2.
func (s *Server) Redeliver(id string) error {
	s.mu.Lock()
	e := s.events[id]
	s.mu.Unlock()
	if e == nil {
		return fmt.Errorf("redeliver %s: no such event", id)
	}
	s.deliver(e, false)
	return nil
}

// deliver sends an event and, where nobody acknowledges it in time, sends it
// again. docs.slack.dev/apis/events-api#retries: nearly at once, after a
// minute, after five; a refusal with x-slack-no-retry ends it.
func (s *Server) deliver(e *event, retry bool) {
	first := make(chan struct{})
	s.deliveries.Go(func() {
		reason := ""
		for attempt := 0; ; attempt++ {
			why, done := s.attempt(e, attempt, reason, first)
			if done || !retry || attempt >= len(s.config.Retries) {
				return
			}
			reason = why
			if !s.pause(s.config.Retries[attempt]) {
				return
			}
		}
	})
	<-first // so that events go out in the order they were made
}

// attempt sends the event once and waits for its acknowledgement. It returns
// why there was none.
func (s *Server) attempt(e *event, n int, reason string, sent chan struct{}) (why string, done bool) {
	acked := make(chan Ack, 1)
	s.mu.Lock()
	id := s.newID("envelope")
	s.waiting[id] = func(a Ack) { acked <- a }
	s.mu.Unlock()
	err := s.envelope(id, "events_api", e.payload, map[string]any{"retry_attempt": n, "retry_reason": reason})
	if n == 0 {
		close(sent)
	}
	if err != nil {
		return "connection_failed", false
	}
	timer := time.NewTimer(s.config.AckTimeout)
	defer timer.Stop()
	select {
	case a := <-acked:
		if a.Status == statusNoRetry {
			return "", true
		}
		return "http_error", a.Status/100 == 2
	case <-timer.C:
		if s.overHTTP() {
			return "http_timeout", false
		}
		return "timeout", false
	case <-s.closed:
		return "", true
	}
}

// pause waits, unless the fake is closed.
func (s *Server) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closed:
		return false
	}
}

var errNoSocket = errors.New("no socket is open")

// LimitEvents tells the app that events were left out because there were too many.
// docs.slack.dev/reference/events/app_rate_limited: it wraps no inner event.
func (s *Server) LimitEvents() {
	s.mu.Lock()
	e := &event{id: s.newID("Ev"), payload: map[string]any{
		"token": "verification", "type": "app_rate_limited", "team_id": s.config.Team, "minute_rate_limited": s.config.Now().Unix(), "api_app_id": s.config.AppID,
	}}
	s.mu.Unlock()
	s.deliver(e, true)
}
