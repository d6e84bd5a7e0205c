package slackfake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
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
	// NoListener is set for a fake that opens no port: it is reached by
	// [Server.Transport] and delivers by [Server.DeliverTo]. Nothing then waits
	// for a network, so that a test may run on the clock of testing/synctest.
	NoListener bool
	// BotUser, BotID, AppID, Team and Enterprise name the app: "U0RAPPORTEUR",
	// "B0RAPPORTEUR", "A0RAPPORTEUR", "T0WORKSPACE", no enterprise.
	BotUser, BotID, AppID, Team, Enterprise string
	// Scopes are the bot token's scopes; nil means all that are ever needed. A
	// method whose scope is missing answers missing_scope.
	Scopes []string
	// SigningSecret signs what is delivered over HTTP; "signing-secret".
	// docs.slack.dev/authentication/verifying-requests-from-slack.
	SigningSecret string
	// ClientID and ClientSecret are the app's for oauth.v2.access; "client" and
	// "client-secret". Rotation lets tokens expire after TokenLife, 12 hours.
	// docs.slack.dev/authentication/using-token-rotation.
	ClientID, ClientSecret string
	Rotation               bool
	TokenLife              time.Duration
	// NoAuthorizations is set where events do not say for whom they are.
	// docs.slack.dev/apis/events-api#authorizations.
	NoAuthorizations bool
	// NoAgent is set for an app that is not declared as an agent: agent methods
	// answer not_agent_app. docs.slack.dev/ai/agent-sessions.
	NoAgent bool
	// AckTimeout is how long an envelope may stay without acknowledgement; 3 s.
	// docs.slack.dev/apis/events-api: "within three seconds".
	AckTimeout time.Duration
	// TriggerLife is how long a trigger id opens a window; 3 s.
	// docs.slack.dev/interactivity/handling-user-interaction#modal_responses.
	TriggerLife time.Duration
	// Retries are the pauses before an event is sent again; nearly at once,
	// 1 min, 5 min. docs.slack.dev/apis/events-api#retries.
	Retries []time.Duration
	// PingInterval is the pause between WebSocket pings; 5 s.
	PingInterval time.Duration
	// Limits are the rates above which methods answer 429; the zero value
	// limits nothing.
	Limits Limits
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
	buckets  map[string]*bucket

	ephemerals []Message
	responses  map[string]*response // by the last part of their address
	reactions  []Reaction
	files      []*File
	streams    map[string]*stream // by channel and ts
	agent      agent

	users    map[string]*User
	groups   map[string]*UserGroup
	triggers map[string]*trigger
	views    map[string]*View // by id
	installs installs

	delivery     delivery
	tickets      map[string]bool
	sockets      []*socket
	socketSerial int
	next         int
	hangUps      int // this many sockets are told to disconnect after hello
	acks         []Ack
	waiting      map[string]func(Ack) // envelope id → what its acknowledgement does
	events       map[string]*event    // by event id and by ts
	closed       chan struct{}
	deliveries   sync.WaitGroup
	closeOnce    sync.Once
	closeErr     error
}

// New starts a fake. Close it.
func New(config Config) (*Server, error) {
	setDefaults(&config)
	s := &Server{
		config: config, changed: make(chan struct{}), base: "http://slack.example",
		channels: map[string]*channel{}, faults: map[string][]Fault{}, buckets: map[string]*bucket{},
		responses: map[string]*response{}, streams: map[string]*stream{}, users: map[string]*User{},
		groups: map[string]*UserGroup{}, triggers: map[string]*trigger{}, views: map[string]*View{},
		tickets: map[string]bool{}, waiting: map[string]func(Ack){}, events: map[string]*event{}, closed: make(chan struct{}),
	}
	s.agent = agent{prompts: map[string][]Prompt{}, statuses: map[string][]string{}, titles: map[string]string{}}
	s.installs = newInstalls()
	s.delivery.queue = make(chan func(context.Context))
	s.deliveries.Go(func() { s.post(context.Background()) })
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveMethod)
	mux.HandleFunc("POST /response/{id}", s.serveResponse)
	mux.HandleFunc("GET /link/", s.serveSocket)
	mux.HandleFunc("POST /upload/{id}", s.serveUpload)
	mux.HandleFunc("GET /oauth/v2/authorize", s.serveConsent)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	if config.NoListener {
		return s, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", config.Addr)
	if err != nil {
		return nil, fmt.Errorf("start the slack fake: %w", err)
	}
	s.listener, s.base = listener, "http://"+listener.Addr().String()
	go func() { _ = s.http.Serve(listener) }() // ends when Close closes it
	return s, nil
}

func setDefaults(config *Config) {
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
	def(&config.SigningSecret, "signing-secret")
	def(&config.ClientID, "client")
	def(&config.ClientSecret, "client-secret")
	if config.TokenLife == 0 {
		config.TokenLife = 12 * time.Hour
	}
	if config.AckTimeout == 0 {
		config.AckTimeout = 3 * time.Second
	}
	if config.TriggerLife == 0 {
		config.TriggerLife = 3 * time.Second
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
}

// APIURL is the base address of the Web API, with the final slash that Slack
// libraries want.
func (s *Server) APIURL() string { return s.base + "/api/" }

// Listens says whether the fake has a port.
func (s *Server) Listens() bool { return s.listener != nil }

// BotUser is the user id of the app's bot.
func (s *Server) BotUser() string { return s.config.BotUser }

// SigningSecret is the secret that signs what is delivered over HTTP.
func (s *Server) SigningSecret() string { return s.config.SigningSecret }

// Close stops the fake: listener, sockets and retries.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		close(s.closed)
		s.mu.Lock()
		for _, k := range s.sockets {
			_ = k.conn.Close() // the other side learns it by reading
		}
		s.mu.Unlock()
		if s.listener != nil {
			// Serve may not have begun yet, and closes the listener only then.
			_ = s.listener.Close()
			if err := s.http.Close(); !errors.Is(err, net.ErrClosed) {
				s.closeErr = err
			}
		}
		s.deliveries.Wait()
	})
	return s.closeErr
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
