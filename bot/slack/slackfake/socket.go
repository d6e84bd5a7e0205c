package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one open WebSocket of the app.
type socket struct {
	id   int
	conn *websocket.Conn

	mu sync.Mutex // one writer at a time
}

func (k *socket) write(data []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.conn.WriteMessage(websocket.TextMessage, data)
}

// Ack is an acknowledgement.
type Ack struct {
	// EnvelopeID is what is acknowledged.
	EnvelopeID string
	// Payload is the answer that came with it; nil for none.
	Payload json.RawMessage
	// Socket is the number of the socket it came on, counted from 1.
	Socket int
	// At is when it came.
	At time.Time
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

const (
	maxAck     = 20 * 1024
	maxSockets = 10 // docs.slack.dev/apis/events-api/using-socket-mode#connections
)

// openConnection is docs.slack.dev/reference/methods/apps.connections.open: an
// address that works once.
func (s *Server) openConnection(map[string]any) result {
	ticket := s.newID("ticket")
	s.tickets[ticket] = true
	address := "ws" + strings.TrimPrefix(s.base, "http") + "/link/?ticket=" + ticket + "&app_id=" + s.config.AppID
	return ok(map[string]any{"url": address})
}

// serveSocket serves a socket: hello, pings, and acknowledgements coming in.
// docs.slack.dev/apis/events-api/using-socket-mode.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	known, full := s.tickets[ticket], len(s.sockets) >= maxSockets
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if !known || full {
		http.Error(w, "no such ticket, or too many sockets", http.StatusForbidden)
		return
	}
	// slack-go says it comes from https://api.slack.com: platform-contracts §1.4.
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer func() { _ = conn.Close() }() // it may be closed already
	s.mu.Lock()
	s.socketSerial++
	k := &socket{id: s.socketSerial, conn: conn}
	hangUp := s.hangUps != 0
	if s.hangUps > 0 {
		s.hangUps--
	}
	count := len(s.sockets) + 1
	s.mu.Unlock()

	hello := asJSON(map[string]any{
		"type": "hello", "num_connections": count,
		"connection_info": map[string]any{"app_id": s.config.AppID},
		"debug_info":      map[string]any{"host": "slackfake", "build_number": 1, "approximate_connection_time": 18060},
	})
	if k.write(hello) != nil {
		return
	}
	if hangUp {
		_ = k.write(disconnectFrame("refresh_requested")) // then the socket is closed
		return
	}
	s.mu.Lock()
	s.sockets = append(s.sockets, k)
	s.touch()
	s.mu.Unlock()
	done := make(chan struct{})
	go s.ping(k, done)
	s.readAcks(k)
	close(done)
	s.mu.Lock()
	s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == k })
	s.touch()
	s.mu.Unlock()
}

func disconnectFrame(reason string) []byte {
	return asJSON(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "slackfake"}})
}

// ping pings until the socket closes. real-counterparts §5: without pings
// slack-go reconnects every 30 s.
func (s *Server) ping(k *socket, done <-chan struct{}) {
	tick := time.NewTicker(s.config.PingInterval)
	defer tick.Stop()
	for {
		if err := k.conn.WriteControl(websocket.PingMessage, []byte("Ping from slackfake"), time.Now().Add(time.Second)); err != nil {
			return
		}
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}

func (s *Server) readAcks(k *socket) {
	for {
		_, data, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if len(data) >= maxAck || json.Unmarshal(data, &ack) != nil || ack.EnvelopeID == "" {
			continue
		}
		if string(ack.Payload) == "null" {
			ack.Payload = nil
		}
		s.mu.Lock()
		s.acks = append(s.acks, Ack{EnvelopeID: ack.EnvelopeID, Payload: ack.Payload, Socket: k.id, At: s.config.Now()})
		if stop := s.waiting[ack.EnvelopeID]; stop != nil {
			delete(s.waiting, ack.EnvelopeID)
			stop()
		}
		s.touch()
		s.mu.Unlock()
	}
}

// Sockets is the number of open sockets.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// WaitSockets waits until n sockets are open.
func (s *Server) WaitSockets(ctx context.Context, n int) error {
	return counted(s.Wait(ctx, func() bool { return s.Sockets() >= n }), "sockets", s.Sockets(), n)
}

// Disconnect tells all sockets to disconnect and closes them. The reasons are
// warning, refresh_requested, link_disabled and too_many_websockets:
// platform-contracts §1.1.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	open := s.sockets
	s.sockets = nil
	s.touch()
	s.mu.Unlock()
	for _, k := range open {
		_ = k.write(disconnectFrame(reason)) // it is closed next
		_ = k.conn.Close()
	}
}

// DisconnectAfterHello lets the next n sockets be told to disconnect right
// after hello, which makes careless clients reconnect thousands of times a
// second (platform-contracts §1.3 S2). -1 means all, 0 ends it.
func (s *Server) DisconnectAfterHello(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUps = n
}

// send sends data on one of the open sockets, the next in turn.
// docs.slack.dev/apis/events-api/using-socket-mode#connections: each payload
// goes to any one of them.
func (s *Server) send(data []byte) error {
	s.mu.Lock()
	if len(s.sockets) == 0 {
		s.mu.Unlock()
		return errNoSocket
	}
	s.next++
	k := s.sockets[s.next%len(s.sockets)]
	s.mu.Unlock()
	if err := k.write(data); err != nil {
		return fmt.Errorf("send on socket %d: %w", k.id, err)
	}
	return nil
}

// Raw sends a frame as it is, for instance one that is no JSON.
func (s *Server) Raw(frame []byte) error { return s.send(frame) }

// Envelope sends an envelope of any type once, without retries, and returns its
// id.
func (s *Server) Envelope(kind string, payload any, more map[string]any) (string, error) {
	s.mu.Lock()
	id := s.newID("envelope")
	s.mu.Unlock()
	envelope := map[string]any{"envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": kind != "events_api"}
	maps.Copy(envelope, more)
	return id, s.send(asJSON(envelope))
}

// event is an event of the Events API on its way to the app.
type event struct {
	id      string
	payload map[string]any
}

// Event sends an event with retries, and returns its event id. inner is the
// event itself, with its type.
// docs.slack.dev/apis/events-api#callback-field is the envelope.
func (s *Server) Event(inner map[string]any) string {
	s.mu.Lock()
	id := s.newID("Ev")
	ts, _ := inner["ts"].(string)
	e := &event{id: id, payload: map[string]any{
		"token": "verification", "team_id": s.config.Team, "api_app_id": s.config.AppID, "event": inner,
		"type": "event_callback", "event_id": id, "event_time": s.config.Now().Unix(), "is_ext_shared_channel": false,
		"event_context": "context-" + id,
		"authorizations": []any{map[string]any{
			"enterprise_id": nil, "team_id": s.config.Team, "user_id": s.config.BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
	}}
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
// minute, after five.
func (s *Server) deliver(e *event, retry bool) {
	first := make(chan struct{})
	s.deliveries.Go(func() {
		for attempt := 0; ; attempt++ {
			acked := s.attempt(e, attempt, first)
			if acked || !retry || attempt >= len(s.config.Retries) {
				return
			}
			if !s.pause(s.config.Retries[attempt]) {
				return
			}
		}
	})
	<-first // so that events go out in the order they were made
}

// attempt sends the event once and waits for its acknowledgement.
func (s *Server) attempt(e *event, n int, sent chan struct{}) bool {
	acked := make(chan struct{})
	s.mu.Lock()
	id := s.newID("envelope")
	s.waiting[id] = func() { close(acked) }
	s.mu.Unlock()
	reason := ""
	if n > 0 {
		reason = "timeout"
	}
	err := s.send(asJSON(map[string]any{
		"envelope_id": id, "type": "events_api", "payload": e.payload, "accepts_response_payload": false,
		"retry_attempt": n, "retry_reason": reason,
	}))
	if n == 0 {
		close(sent)
	}
	if err != nil {
		return false
	}
	timer := time.NewTimer(s.config.AckTimeout)
	defer timer.Stop()
	select {
	case <-acked:
		return true
	case <-timer.C:
		return false
	case <-s.closed:
		return true
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
