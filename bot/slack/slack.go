package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Options say which app the bot is and how Slack reaches it.
type Options struct {
	// BotToken (xoxb-…) posts and reads.
	BotToken string
	// AppToken (xapp-…) opens sockets: with it, Slack reaches the bot over
	// Socket Mode.
	AppToken string
	// SigningSecrets prove that a request is Slack's: with them, and without
	// an app token, Slack reaches the bot over HTTP. Two are accepted while the
	// secret is changed.
	SigningSecrets []string
	// Addr is where the bot listens for Slack over HTTP, such as ":3000". Empty
	// where [Client.Handler] is served by somebody else's listener.
	Addr string
	// APIURL is the base address of the Web API; Slack's when empty. Response
	// addresses, sockets and uploads are then accepted from its host alone.
	APIURL string
	// Command is the slash command that takes every verb, "/iis" when empty;
	// Quote is the one that quotes, "/quote" when empty.
	Command, Quote string
	// Sockets is how many sockets are open at once, 1 to 5; 2 when 0, so that a
	// refresh of one leaves the other.
	Sockets int
	// Timeout bounds each call of the Web API; 30 s when 0.
	Timeout time.Duration
	// Transport makes the calls; [http.DefaultTransport] when nil.
	Transport http.RoundTripper
	// PostGap is how far apart posts into one channel are once a burst of three
	// is over; 1 s, as Slack wants it, when 0.
	PostGap time.Duration
	// Names keeps under which names a message has come; in memory, and so not
	// across restarts and replicas, when nil.
	Names Names
	// Rooms is told when a room goes and when it comes back; nobody when nil.
	Rooms Rooms
	// OAuth lets people install the app in several workspaces, over HTTP; then
	// there is no bot token. Nil for one workspace.
	OAuth *OAuth
	// Guide suggests questions and fills the home tab, Planner says when a digest
	// would come, Cards what is behind a link, Ratings keeps feedback, Words finds
	// the words of quotations. What nobody
	// gives is not offered.
	Guide   Guide
	Planner Planner
	Cards   Cards
	Ratings Ratings
	Words   Words
	// Managers are the ids of users and user groups, and "everyone", who may order
	// digests; everyone but guests when nobody is named.
	Managers []string
	// Wardens says who may in single rooms; nobody differs when nil.
	Wardens Wardens
	// Audit is told of what may be an attack, such as requests that Slack has not
	// signed: at most once an hour for each kind. Nobody is when nil.
	Audit func(ctx context.Context, what string)
	// Operators are the ids of users who are told of what only an operator can
	// mend.
	Operators []string
	// Resend is set where a post of which nobody can tell whether it went out is
	// made again rather than left out.
	Resend bool
	// Streams is set where answers in the agent's conversation may arrive as
	// streams.
	Streams bool
	// Log takes what goes wrong; nothing is logged when nil.
	Log *slog.Logger
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time
}

// Names keeps under which further names a message is known: Slack tells of one
// gesture in several ways.
type Names interface {
	// Named returns the id for which name was first given in the room. That is
	// id itself where the name is new.
	Named(ctx context.Context, room bot.Room, name, id string, now time.Time) (string, error)
}

// Rooms is told what becomes of rooms.
type Rooms interface {
	// RoomGone says that the bot cannot speak in the room any more.
	RoomGone(ctx context.Context, room bot.Room, why string) error
	// RoomBack says that it can again.
	RoomBack(ctx context.Context, room bot.Room) error
	// RoomsGone is RoomGone for all rooms whose ids begin like this one's.
	RoomsGone(ctx context.Context, room bot.Room, why string) error
	// RoomsBack is RoomBack for those of them that are gone for this reason.
	RoomsBack(ctx context.Context, room bot.Room, why string) error
	// RoomMoved says that a room is another one from now on.
	RoomMoved(ctx context.Context, from, to bot.Room) error
}

// Client is the bot in Slack. It is safe for concurrent use.
type Client struct {
	http           *http.Client
	hosts          hosts
	command, quote string
	sockets        int
	secrets        []string
	addr           string
	names          Names
	rooms          Rooms
	guide          Guide
	planner        Planner
	cards          Cards
	ratings        Ratings
	words          Words
	operators      []string
	managers       []string
	wardens        Wardens
	audit          func(ctx context.Context, what string)
	resend         bool
	streams        bool
	gap            time.Duration
	log            *slog.Logger
	now            func() time.Time

	base     string     // of the Web API
	only     *workspace // the only one; with installs there are others
	installs *installed // nil for one workspace
	pace     *pace
	doubts   *doubts
	notices  *notices
	counts   *counts
	errands  *errands
	attended *errands // showing that answers are made; apart, so that they take nobody's place
	skew     *skew
	flights  *flights
	people   *people
	groups   groups
	views    pendingViews
	stop     chan struct{} // closed when Listen is to end
	stopped  sync.Once
}

var (
	_ bot.Platform    = (*Client)(nil)
	_ bot.Completer   = (*Client)(nil)
	_ bot.Interrupter = (*Client)(nil)
	_ bot.Settler     = (*Client)(nil)
)

const (
	defaultCommand = "/iis"
	defaultQuote   = "/quote"
)

const maxSockets = 5

// unavailable is what a person is told whose command could not be taken in.
const unavailable = "I am temporarily unavailable, please try again in a moment."

// New returns a client. It does not talk to Slack yet.
func New(o Options) (*Client, error) {
	c := &Client{
		command: either(o.Command, defaultCommand), quote: either(o.Quote, defaultQuote), secrets: o.SigningSecrets, addr: o.Addr,
		sockets: o.Sockets, names: o.Names, rooms: o.Rooms,
		guide: o.Guide, planner: o.Planner, cards: o.Cards, ratings: o.Ratings, words: o.Words, operators: o.Operators, managers: o.Managers, wardens: o.Wardens, audit: o.Audit, resend: o.Resend, streams: o.Streams, gap: o.PostGap, log: o.Log, now: o.Now,
	}
	if c.sockets == 0 {
		c.sockets = 2
	}
	if c.gap == 0 {
		c.gap = postGap
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	base, err := c.check(o)
	if err != nil {
		return nil, err
	}
	c.hosts = hostsOf(base)
	c.stop = make(chan struct{})
	c.pace, c.doubts, c.notices = newPace(c.now, c.stop), newDoubts(), newNotices(c.now)
	c.attended, c.skew = newErrands(), &skew{}
	c.counts, c.errands, c.flights, c.people = newCounts(), newErrands(), newFlights(), newPeople()
	if c.names == nil {
		c.names = newMemoryNames()
	}
	timeout := o.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	c.http = newHTTP(httpOptions{
		base: o.Transport, timeout: timeout, hosts: c.hosts, now: c.now, skew: c.skew,
		opens: &openLimit{now: c.now, log: c.log, burst: c.sockets + 2},
	})
	c.base = base.String()
	if o.OAuth != nil {
		if c.installs, err = newInstalled(*o.OAuth); err != nil {
			return nil, fmt.Errorf("slack: %w", err)
		}
	}
	c.only = &workspace{api: slackgo.New(o.BotToken, slackgo.OptionAppLevelToken(o.AppToken), slackgo.OptionAPIURL(base.String()),
		slackgo.OptionHTTPClient(c.http), slackgo.OptionLog(libraryLog{c.log}))}
	return c, nil
}

// check says all that is wrong with the options, and returns the API's address.
func (c *Client) check(o Options) (*url.URL, error) {
	base := slackgo.APIURL
	if o.APIURL != "" {
		base = strings.TrimSuffix(o.APIURL, "/") + "/"
	}
	u, err := url.Parse(base)
	var problems []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	overHTTP := len(o.SigningSecrets) > 0
	add(o.OAuth != nil && (o.AppToken != "" || o.BotToken != ""), "tokens and OAuth: with OAuth every workspace brings its own, over HTTP")
	add(o.BotToken == "" && o.OAuth == nil, "no bot token: it begins with xoxb-, see OAuth & Permissions of the app")
	add(o.AppToken == "" && !overHTTP, "no app token and no signing secret: give the app token (it begins with xapp-) for Socket Mode or the signing secret for HTTP, see Basic Information of the app")
	add(o.AppToken != "" && overHTTP, "both an app token and a signing secret: give the app token for Socket Mode or the signing secret for HTTP, not both")
	add(strings.HasPrefix(o.BotToken, "xapp-") || strings.HasPrefix(o.AppToken, "xoxb-"), "the tokens are swapped: the bot token begins with xoxb-, the app token with xapp-")
	add(len(o.SigningSecrets) > 2, "%d signing secrets: want one, or two while the secret is changed", len(o.SigningSecrets))
	for _, secret := range o.SigningSecrets {
		add(strings.TrimSpace(secret) == "", "an empty signing secret: anybody could sign with it")
	}
	add(err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "", "api url %q: want an address like %s", o.APIURL, slackgo.APIURL)
	add(!strings.HasPrefix(c.command, "/") || !strings.HasPrefix(c.quote, "/") || c.command == c.quote, "slash commands %q and %q: want two that begin with /", c.command, c.quote)
	add(c.sockets < 1 || c.sockets > maxSockets, "%d sockets: want 1 to %d", c.sockets, maxSockets)
	if len(problems) > 0 {
		return nil, fmt.Errorf("slack: %w", errors.Join(problems...))
	}
	return u, nil
}

// Name is "slack".
func (c *Client) Name() string { return "slack" }

// Counts returns how often what happened, by names such as "unparsed" and
// "signature_refused", since the process began.
func (c *Client) Counts() map[string]int64 { return c.counts.all() }

// Listen hears Slack, over sockets or HTTP, until ctx ends. It returns an error
// where only an operator can help.
func (c *Client) Listen(ctx context.Context, in bot.Receiver) error {
	// Posts that wait for anything but Slack give up when the bot stops: they
	// are made by whoever takes the message over.
	defer context.AfterFunc(ctx, func() { c.stopped.Do(func() { close(c.stop) }) })()
	if len(c.secrets) > 0 {
		return c.listenHTTP(ctx, in)
	}
	return c.listenSockets(ctx, in)
}

// Close waits for the small things that are under way. Call it when nothing is
// answered any more.
func (c *Client) Close() error {
	c.attended.finish()
	c.errands.finish()
	return nil
}

// libraryLog takes what slack-go has to say.
type libraryLog struct{ log *slog.Logger }

func (l libraryLog) Output(_ int, s string) error {
	l.log.Debug("slack-go", "says", strings.TrimSpace(s))
	return nil
}

// counts counts what happens.
type counts struct {
	mu sync.Mutex
	n  map[string]int64
}

func newCounts() *counts { return &counts{n: map[string]int64{}} }

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[name]++
}

func (c *counts) all() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.n)
}
