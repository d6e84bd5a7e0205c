package matrix_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

const (
	self  = "@bot:hs.example"
	alice = "@alice:hs.example"
	room  = "!room:hs.example"
)

// hs is a homeserver that does what the test says.
type hs struct {
	*httptest.Server

	mu        sync.Mutex
	batches   []string           // the sync responses, in their order; s0 asks for the first
	since     []string           // what was asked for
	sent      []sent             // what was sent and taken
	calls     map[string]int     // "join", "leave", "login", …: how often
	reasons   []string           // reasons of leaves
	devices   []string           // devices of logins
	joining   func()             // before somebody has entered a room
	ahead     time.Duration      // of its clock
	remote    bool               // the room is known by its invite only
	encrypted string             // answer to "is it encrypted?": "" is 404, "error" 502
	members   int                // joined members
	messages  map[string]string  // from → answer of /messages
	relations string             // answer of /relations
	refuse    []answer           // what the next sends get instead
	reactions []sent             // reactions that were sent
	redacted  []sent             // redactions that were sent
	uploaded  []string           // files that were uploaded
	ignored   string             // answer of m.ignored_user_list: "" is 404
	state     map[string]string  // room and type → content; no content is 404
	events    map[string]string  // event ID → event; no event is 404
	edits     map[string]string  // event ID → its edits, the newest first
	zone      answer             // of a person's profile, when asked for a time zone
	token     string             // the only token that is taken, where it is set
	whoami    string             // answer of /whoami
	loginGets *answer            // what a login gets instead
	broken    map[string]*fault  // call → what it gets instead
	joined    func(room string)  // called when a room is entered by its name; may be nil
	used      func(token string) // hears of the access token of each request; may be nil
	changed   chan struct{}      // closed and renewed at each change
}

type sent struct {
	Room, Txn, Event string
	Content          map[string]any
	Raw              string
}

// fault is what a number of calls get instead of an answer.
type fault struct {
	times, status int
	body          string
}

type answer struct {
	status int
	body   string
	header string // Retry-After
	stored bool   // the event is stored all the same
}

func newHS(t *testing.T) *hs {
	t.Helper()
	h := &hs{calls: map[string]int{}, zone: answer{status: 404, body: `{"errcode":"M_NOT_FOUND","error":"no such field"}`}, members: 3, messages: map[string]string{}, state: map[string]string{room + " m.room.create": "{}"}, events: map[string]string{}, changed: make(chan struct{})}
	h.Server = httptest.NewServer(h.routes())
	t.Cleanup(h.Close)
	return h
}

func (h *hs) routes() http.Handler {
	const v3 = "/_matrix/client/v3"
	mux := http.NewServeMux()
	handle := func(pattern, call string, f func(w http.ResponseWriter, r *http.Request)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			h.mu.Lock()
			token := h.token
			h.calls[call]++
			if h.used != nil {
				h.used(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			}
			broken := h.broken[call]
			if broken != nil && broken.times > 0 {
				broken.times--
			} else {
				broken = nil
			}
			ahead := h.ahead
			h.mu.Unlock()
			if ahead != 0 {
				w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			}
			if broken != nil {
				reply(w, broken.status, broken.body)
				return
			}
			if call != "login" && token != "" && r.Header.Get("Authorization") != "Bearer "+token {
				reply(w, http.StatusUnauthorized, `{"errcode":"M_UNKNOWN_TOKEN","error":"no"}`)
				return
			}
			f(w, r)
			h.change(func() {})
		})
	}
	ok := func(body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, body) }
	}
	handle("POST "+v3+"/login", "login", h.login)
	handle("GET "+v3+"/account/whoami", "whoami", func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, h.whoami) })
	handle("GET "+v3+"/profile/{user}/displayname", "profile", ok(`{"displayname":"Rapporteur"}`))
	handle("GET "+v3+"/profile/{user}/m.tz", "zone", func(w http.ResponseWriter, _ *http.Request) { reply(w, h.zone.status, h.zone.body) })
	handle("POST "+v3+"/user/{user}/filter", "filter", ok(`{"filter_id":"f"}`))
	handle("GET "+v3+"/sync", "sync", h.sync)
	handle("GET "+v3+"/rooms/{room}/state/m.room.encryption/{$}", "encryption", h.encryption)
	handle("GET "+v3+"/rooms/{room}/joined_members", "members", h.joinedMembers)
	handle("POST "+v3+"/rooms/{room}/join", "join", ok(`{"room_id":"`+room+`"}`))
	handle("POST "+v3+"/join/{room}", "join", func(w http.ResponseWriter, r *http.Request) {
		if h.joining != nil {
			h.joining()
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.joined != nil {
			h.joined(r.PathValue("room"))
		}
		reply(w, 200, `{"room_id":"`+r.PathValue("room")+`"}`)
	})
	handle("PUT "+v3+"/rooms/{room}/state/m.room.member/{user}", "leave", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Reason, Membership string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		h.mu.Lock()
		unknown := h.remote
		h.mu.Unlock()
		if unknown || body.Membership != "leave" || r.PathValue("user") != self {
			reply(w, 404, `{"errcode":"M_NOT_FOUND","error":"room unknown"}`)
			return
		}
		h.change(func() { h.reasons = append(h.reasons, body.Reason) })
		reply(w, 200, `{"event_id":"$left"}`)
	})
	handle("GET "+v3+"/rooms/{room}/state/m.room.member/{user}", "member", func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		or404(w, h.state[r.PathValue("room")+" m.room.member "+r.PathValue("user")])
	})
	handle("POST "+v3+"/rooms/{room}/leave", "plain leave", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Reason string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		h.change(func() { h.reasons = append(h.reasons, body.Reason) })
		reply(w, 200, `{}`)
	})
	handle("GET "+v3+"/rooms/{room}/messages", "messages", func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		body, known := h.messages[r.URL.Query().Get("from")]
		h.mu.Unlock()
		if !known {
			body = `{"start":"x","chunk":[]}`
		}
		reply(w, 200, body)
	})
	handle("GET /_matrix/client/v1/rooms/{room}/relations/{event}/m.thread", "relations", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, h.relations)
	})
	handle("GET /_matrix/client/v1/rooms/{room}/relations/{event}/m.replace", "edits", func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		reply(w, 200, `{"chunk":[`+h.edits[r.PathValue("event")]+`]}`)
	})
	handle("PUT "+v3+"/rooms/{room}/send/m.room.message/{txn}", "send", h.send)
	handle("POST /_matrix/media/v3/upload", "upload", func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.uploaded = append(h.uploaded, string(raw))
		reply(w, 200, fmt.Sprintf(`{"content_uri":"mxc://hs.example/m%d"}`, len(h.uploaded)))
	})
	handle("PUT "+v3+"/rooms/{room}/send/m.reaction/{txn}", "react", h.keep(&h.reactions))
	handle("PUT "+v3+"/rooms/{room}/redact/{event}/{txn}", "redact", h.keep(&h.redacted))
	handle("GET "+v3+"/user/{user}/account_data/m.ignored_user_list", "ignored", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		or404(w, h.ignored)
	})
	handle("GET "+v3+"/rooms/{room}/state/{type}/{$}", "state", func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		or404(w, h.state[r.PathValue("room")+" "+r.PathValue("type")])
	})
	handle("GET "+v3+"/rooms/{room}/event/{event}", "event", func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		or404(w, h.events[r.PathValue("event")])
	})
	return mux
}

func or404(w http.ResponseWriter, body string) {
	if body == "" {
		reply(w, 404, `{"errcode":"M_NOT_FOUND","error":"nothing there"}`)
		return
	}
	reply(w, 200, body)
}

// keep keeps what is sent, and answers with an event ID.
func (h *hs) keep(in *[]sent) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		s := sent{Room: r.PathValue("room"), Txn: r.PathValue("txn"), Event: r.PathValue("event"), Raw: string(raw)}
		_ = json.Unmarshal(raw, &s.Content)
		h.mu.Lock()
		defer h.mu.Unlock()
		*in = append(*in, s)
		reply(w, 200, fmt.Sprintf(`{"event_id":"$kept%d"}`, len(*in)))
	}
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (h *hs) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		DeviceID string `json:"device_id"`
		Password string `json:"password"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.devices = append(h.devices, body.DeviceID)
	switch {
	case h.loginGets != nil:
		reply(w, h.loginGets.status, h.loginGets.body)
	case body.Password != "right":
		reply(w, 403, `{"errcode":"M_FORBIDDEN","error":"Invalid username or password"}`)
	default:
		h.token = fmt.Sprintf("token%d", len(h.devices))
		reply(w, 200, fmt.Sprintf(`{"user_id":%q,"access_token":%q,"device_id":%q}`, self, h.token, body.DeviceID))
	}
}

// sync answers since=sN with batch N, and waits when there is none.
func (h *hs) sync(w http.ResponseWriter, r *http.Request) {
	since := r.URL.Query().Get("since")
	h.change(func() { h.since = append(h.since, since) })
	n := 0
	_, _ = fmt.Sscanf(since, "s%d", &n)
	for {
		h.mu.Lock()
		changed, body := h.changed, ""
		if n < len(h.batches) {
			body = h.batches[n]
		}
		h.mu.Unlock()
		if body != "" {
			reply(w, 200, fmt.Sprintf(`{"next_batch":"s%d",%s}`, n+1, body))
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

func (h *hs) encryption(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch h.encrypted {
	case "":
		reply(w, 404, `{"errcode":"M_NOT_FOUND","error":"no such state"}`)
	case "error":
		reply(w, 502, `<html>bad gateway</html>`)
	default:
		reply(w, 200, h.encrypted)
	}
}

func (h *hs) joinedMembers(w http.ResponseWriter, _ *http.Request) {
	joined := map[string]any{}
	for i := range h.members {
		joined[fmt.Sprintf("@u%d:hs.example", i)] = map[string]any{}
	}
	data, _ := json.Marshal(map[string]any{"joined": joined})
	reply(w, 200, string(data))
}

func (h *hs) send(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	s := sent{Room: r.PathValue("room"), Txn: r.PathValue("txn"), Raw: string(raw)}
	_ = json.Unmarshal(raw, &s.Content)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.refuse) > 0 {
		a := h.refuse[0]
		h.refuse = h.refuse[1:]
		if a.stored {
			h.sent = append(h.sent, s)
		}
		if a.header != "" {
			w.Header().Set("Retry-After", a.header)
		}
		reply(w, a.status, a.body)
		return
	}
	at := slices.IndexFunc(h.sent, func(o sent) bool { return o.Txn == s.Txn })
	if at < 0 {
		at = len(h.sent)
		h.sent = append(h.sent, s)
	}
	reply(w, 200, fmt.Sprintf(`{"event_id":"$e%d"}`, at))
}

func (h *hs) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	close(h.changed)
	h.changed = make(chan struct{})
}

// count returns how often something was called.
func (h *hs) count(call string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[call]
}

func (h *hs) posts() []sent {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.sent)
}

// until waits until the condition holds, which is tried at each change.
func (h *hs) until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		h.mu.Lock()
		changed := h.changed
		done := condition()
		h.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("waited 20 s for: %s", what)
		}
	}
}

// state is a [matrix.State] in memory.
type state struct {
	mu     sync.Mutex
	values map[string]string
	fail   func(key string) error
}

func (s *state) Get(_ context.Context, space, key string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.values[space+" "+key]
	return value, ok, nil
}

func (s *state) Set(ctx context.Context, space, key, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.fail != nil {
		if err := s.fail(key); err != nil {
			return err
		}
	}
	if s.values == nil {
		s.values = map[string]string{}
	}
	s.values[space+" "+key] = value
	return nil
}

func (s *state) value(key string) string {
	value, _, _ := s.Get(context.Background(), "matrix/"+self, key)
	return value
}

// started is the state of a bot that has been here before.
func started() *state {
	return &state{values: map[string]string{
		"matrix/" + self + " since": "s0", "matrix/" + self + " started": "2026-01-01T00:00:00Z",
		"matrix/" + self + " device_id": "DEV", "matrix/" + self + " token_device": "DEV", "matrix/" + self + " access_token": "kept",
	}}
}

func newClient(t *testing.T, h *hs, s *state, change ...func(*matrix.Options)) *matrix.Client {
	t.Helper()
	o := matrix.Options{
		Homeserver: h.URL, User: self, Password: "right", AllowInvites: []string{"hs.example"}, State: s,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, f := range change {
		f(&o)
	}
	c, err := matrix.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ear is a [bot.Receiver] that keeps what it hears.
type ear struct {
	h    *hs
	fail func(n int) error

	mu    sync.Mutex
	n     int
	heard []bot.Message
}

func (e *ear) Receive(_ context.Context, m bot.Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.n++
	if e.fail != nil {
		if err := e.fail(e.n); err != nil {
			return err
		}
	}
	e.heard = append(e.heard, m)
	e.h.change(func() {})
	return nil
}

func (e *ear) texts() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, m := range e.heard {
		all = append(all, m.Text)
	}
	return all
}

// listen runs Listen until the test ends.
func listen(t *testing.T, c *matrix.Client, in bot.Receiver) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Listen(ctx, in) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Listen: got %v, want nil", err)
		}
	})
}

// settled waits until the batch with this number is asked for: then all before
// it are committed.
func (h *hs) settled(t *testing.T, batch string) {
	t.Helper()
	h.until(t, "sync since "+batch, func() bool { return slices.Contains(h.since, batch) })
}

// joinBatch is a batch with one room whose timeline holds the events.
func joinBatch(events ...string) string {
	return fmt.Sprintf(`"rooms":{"join":{%q:{"timeline":{"events":[%s]}}}}`, room, strings.Join(events, ","))
}

// says is a message event.
func says(id, text string) string {
	return message(id, alice, map[string]any{"msgtype": "m.text", "body": text})
}

func message(id, sender string, content map[string]any) string {
	data, _ := json.Marshal(map[string]any{
		"type": "m.room.message", "event_id": id, "sender": sender, "origin_server_ts": 1795000000000, "content": content,
	})
	return string(data)
}

// notes is a [matrix.Notes] in memory.
type notes struct {
	mu     sync.Mutex
	values map[string]string
}

func (n *notes) Note(_ context.Context, space, name, value string, _ time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.values == nil {
		n.values = map[string]string{}
	}
	n.values[space+" "+name] = value
	return nil
}

func (n *notes) Notes(_ context.Context, space, prefix string) (map[string]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	found := map[string]string{}
	for name, value := range n.values {
		if rest, ok := strings.CutPrefix(name, space+" "); ok && strings.HasPrefix(rest, prefix) {
			found[rest] = value
		}
	}
	return found, nil
}

func (n *notes) Unnote(_ context.Context, space, name string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.values, space+" "+name)
	return nil
}
