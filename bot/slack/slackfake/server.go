package slackfake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config says what workspace the fake is. Empty fields get the defaults named.
type Config struct {
	// BotToken and AppToken are the tokens that are accepted. When one is
	// empty, every token of its kind (xoxb-, xapp-) is.
	BotToken, AppToken string
	// Addr is where to listen; "127.0.0.1:0", any free port, when empty.
	Addr string
	// BotUser, BotID, AppID and Team name the app: "U0RAPPORTEUR",
	// "B0RAPPORTEUR", "A0RAPPORTEUR", "T0WORKSPACE".
	BotUser, BotID, AppID, Team string
	// Scopes are the bot token's scopes; nil means all that are ever needed. A
	// method whose scope is missing answers missing_scope.
	Scopes []string
	// AckTimeout is how long an envelope may stay without acknowledgement; 3 s.
	// docs.slack.dev/apis/events-api: "within three seconds".
	AckTimeout time.Duration
	// Retries are the pauses before an event is sent again; nearly at once,
	// 1 min, 5 min. docs.slack.dev/apis/events-api#retries.
	Retries []time.Duration
	// PingInterval is the pause between WebSocket pings; 5 s.
	PingInterval time.Duration
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time
}

// Server is a running fake. It is safe for concurrent use.
type Server struct {
	config Config
	base   string
	http   *http.Server

	listener net.Listener

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	lastTS   int64
	serial   int
	channels map[string]*channel
	faults   map[string][]Fault
	calls    []Call

	ephemerals []Message
	responses  map[string]*response // by the last part of their address

	tickets      map[string]bool
	sockets      []*socket
	socketSerial int
	next         int
	hangUps      int // this many sockets are told to disconnect after hello
	acks         []Ack
	waiting      map[string]func() // envelope id → what its acknowledgement stops
	events       map[string]*event // by event id and by ts
	closed       chan struct{}
	deliveries   sync.WaitGroup
	closeOnce    sync.Once
	closeErr     error
}

// channel is a conversation with what was said in it, oldest first.
type channel struct {
	id       string
	archived bool
	outside  bool // the bot is no member
	messages []*Message
}

// New starts a fake. Close it.
func New(config Config) (*Server, error) {
	def := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	def(&config.Addr, "127.0.0.1:0")
	def(&config.BotUser, "U0RAPPORTEUR")
	def(&config.BotID, "B0RAPPORTEUR")
	def(&config.AppID, "A0RAPPORTEUR")
	def(&config.Team, "T0WORKSPACE")
	if config.AckTimeout == 0 {
		config.AckTimeout = 3 * time.Second
	}
	if config.Retries == nil {
		config.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if config.PingInterval == 0 {
		config.PingInterval = 5 * time.Second
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", config.Addr)
	if err != nil {
		return nil, fmt.Errorf("start the slack fake: %w", err)
	}
	s := &Server{
		config: config, listener: listener, base: "http://" + listener.Addr().String(), changed: make(chan struct{}),
		channels: map[string]*channel{}, faults: map[string][]Fault{}, responses: map[string]*response{},
		tickets: map[string]bool{}, waiting: map[string]func(){}, events: map[string]*event{}, closed: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveMethod)
	mux.HandleFunc("POST /response/{id}", s.serveResponse)
	mux.HandleFunc("GET /link/", s.serveSocket)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // ends when Close closes it
	return s, nil
}

// APIURL is the base address of the Web API, with the final slash that Slack
// libraries want.
func (s *Server) APIURL() string { return s.base + "/api/" }

// BotUser is the user id of the app's bot.
func (s *Server) BotUser() string { return s.config.BotUser }

// Close stops the fake: listener, sockets and retries.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		close(s.closed)
		s.mu.Lock()
		for _, k := range s.sockets {
			_ = k.conn.Close() // the other side learns it by reading
		}
		s.mu.Unlock()
		// Serve may not have begun yet, and closes the listener only then.
		_ = s.listener.Close()
		if err := s.http.Close(); !errors.Is(err, net.ErrClosed) {
			s.closeErr = err
		}
		s.deliveries.Wait()
	})
	return s.closeErr
}

// Fault is what a method answers instead of working.
type Fault struct {
	// Status, Header and Body are the answer. Status 0 is 200.
	Status int
	Header http.Header
	Body   string
	// Store lets the method do its work before it answers like this: the post
	// is in the room although the caller is told otherwise.
	Store bool
	// Drop closes the connection instead of answering.
	Drop bool
	// Hold, where it is set, delays the answer until it is closed.
	Hold <-chan struct{}
}

// Fail lets the next calls of a method have these faults, one each. The method
// "response_url" stands for all response addresses.
func (s *Server) Fail(method string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[method] = append(s.faults[method], faults...)
}

// APIError is a fault that answers {"ok":false,"error":code}.
func APIError(code string) Fault {
	return Fault{Body: fmt.Sprintf(`{"ok":false,"error":%q}`, code)}
}

// RateLimited is a fault that answers 429. docs.slack.dev/apis/web-api/rate-limits.
func RateLimited(seconds int) Fault {
	return Fault{
		Status: http.StatusTooManyRequests, Body: `{"ok":false,"error":"ratelimited"}`,
		Header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
	}
}

// takeFault takes the next fault of a method.
func (s *Server) takeFault(method string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.faults[method]
	if len(queue) == 0 {
		return Fault{}, false
	}
	s.faults[method] = queue[1:]
	return queue[0], true
}

// fail answers with a fault.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f Fault) {
	if f.Hold != nil {
		select {
		case <-f.Hold:
		case <-s.closed:
		case <-r.Context().Done():
		}
	}
	if f.Drop {
		if hijacker, ok := w.(http.Hijacker); ok {
			if conn, _, err := hijacker.Hijack(); err == nil {
				_ = conn.Close() // that is the fault
			}
		}
		return
	}
	maps.Copy(w.Header(), f.Header)
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(max(f.Status, http.StatusOK))
	_, _ = w.Write([]byte(f.Body)) // the client may be gone
}

// Call is one call of a method.
type Call struct {
	// Method is the method's name, or "response_url".
	Method string
	// Params are its parameters: strings of a form, values of a JSON body. The
	// token is not among them.
	Params map[string]any
	// At is when it came.
	At time.Time
}

// Calls returns the calls of a method, whatever they were answered; all calls
// when method is empty.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			found = append(found, c)
		}
	}
	return found
}

// Posts returns the messages that the app has in the rooms, in the order in
// which they were posted, as they are now: chat.postMessage, and response
// addresses with response_type in_channel.
func (s *Server) Posts() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var posts []Message
	for _, c := range s.channels {
		for _, m := range c.messages {
			if m.AppID == s.config.AppID {
				posts = append(posts, *m)
			}
		}
	}
	slices.SortFunc(posts, func(a, b Message) int { return strings.Compare(a.TS, b.TS) })
	return posts
}

// Ephemerals returns the messages that one person was shown, in their order.
func (s *Server) Ephemerals() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ephemerals)
}

// Wait waits until the condition holds. It looks again whenever anything
// happens in the fake.
func (s *Server) Wait(ctx context.Context, condition func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if condition() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// WaitPosts waits for n posts and returns all there are.
func (s *Server) WaitPosts(ctx context.Context, n int) ([]Message, error) {
	err := s.Wait(ctx, func() bool { return len(s.Posts()) >= n })
	return s.Posts(), counted(err, "posts", len(s.Posts()), n)
}

// WaitEphemerals waits for n ephemeral messages and returns all there are.
func (s *Server) WaitEphemerals(ctx context.Context, n int) ([]Message, error) {
	err := s.Wait(ctx, func() bool { return len(s.Ephemerals()) >= n })
	return s.Ephemerals(), counted(err, "ephemeral messages", len(s.Ephemerals()), n)
}

// WaitAcks waits for n acknowledgements and returns all there are.
func (s *Server) WaitAcks(ctx context.Context, n int) ([]Ack, error) {
	err := s.Wait(ctx, func() bool { return len(s.Acks()) >= n })
	return s.Acks(), counted(err, "acknowledgements", len(s.Acks()), n)
}

// WaitCalls waits for n calls of a method and returns all there are.
func (s *Server) WaitCalls(ctx context.Context, method string, n int) ([]Call, error) {
	err := s.Wait(ctx, func() bool { return len(s.Calls(method)) >= n })
	return s.Calls(method), counted(err, "calls of "+method, len(s.Calls(method)), n)
}

func counted(err error, what string, got, want int) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("wait for %s: got %d, want %d: %w", what, got, want, err)
}

// touch tells those who wait that something happened. s.mu is held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// newTS returns the next timestamp: microseconds, and never one twice in the
// workspace. docs.slack.dev/reference/events/message: ts is unique per channel.
func (s *Server) newTS() string {
	now := s.config.Now().UnixMicro()
	s.lastTS = max(now, s.lastTS+1)
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// newID returns an id that is used once. s.mu is held.
func (s *Server) newID(prefix string) string {
	s.serial++
	return fmt.Sprintf("%s%08d", prefix, s.serial)
}

// channel returns the conversation, which exists once somebody speaks in it.
func (s *Server) channel(id string) *channel {
	c := s.channels[id]
	if c == nil {
		c = &channel{id: id}
		s.channels[id] = c
	}
	return c
}

// AddChannel makes a channel that the bot is a member of.
func (s *Server) AddChannel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(id)
}

// Archive archives a channel: posts get is_archived.
func (s *Server) Archive(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(id).archived = true
}

// Leave takes the bot out of a channel: posts get not_in_channel.
func (s *Server) Leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(id).outside = true
}

// find returns the message with that ts.
func (c *channel) find(ts string) *Message {
	for _, m := range c.messages {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// Escape writes what a person typed as Slack puts it on the wire.
// docs.slack.dev/messaging/formatting-message-text#escaping.
func Escape(typed string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(typed)
}

// asJSON returns v as JSON; what cannot be written is an error of this package.
func asJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		data, _ = json.Marshal(map[string]any{"ok": false, "error": "internal_error", "detail": err.Error()})
	}
	return data
}

var errNoSocket = errors.New("no socket is open")
