package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
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
		s.mu.Lock()
		s.acknowledge(Ack{EnvelopeID: ack.EnvelopeID, Payload: ack.Payload, Socket: k.id, Status: http.StatusOK})
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

// DisconnectOne is Disconnect for the socket that has been open longest, as Slack
// refreshes an app's sockets one after the other.
func (s *Server) DisconnectOne(reason string) {
	s.mu.Lock()
	if len(s.sockets) == 0 {
		s.mu.Unlock()
		return
	}
	k := s.sockets[0]
	s.sockets = s.sockets[1:]
	s.touch()
	s.mu.Unlock()
	_ = k.write(disconnectFrame(reason)) // it is closed next
	_ = k.conn.Close()
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
