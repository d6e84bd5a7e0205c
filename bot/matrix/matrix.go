// Package matrix seats the bot in Matrix rooms: matrix.go talks to the
// homeserver, event.go reads what people say, render.go writes what the bot
// says.
//
// Promises that the code keeps, and where:
//
//   - A message is committed before the sync token that covers it, and a gap in
//     a timeline is filled back, so that nothing said to the bot is lost
//     (ProcessResponse, fill).
//   - Nothing is sent into an encrypted room, nor into a room of which it is not
//     known that it is plain: the bot cannot encrypt yet. It leaves such a room
//     and says why in the leave event, which everybody can read (guard, part).
//   - A post has one transaction ID for life, on one device for life, so that
//     the homeserver itself drops a repetition. Where that memory may be gone,
//     the room is searched for the post before it is repeated (Post, find).
//   - Nobody is pinged and nothing is fetched by anything the bot quotes: every
//     text is escaped, every tag is written here, m.mentions is empty (render).
package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

var _ bot.Platform = (*Client)(nil)

// Options says how to take the seat.
type Options struct {
	// Homeserver is the address of the homeserver, such as
	// "https://matrix.example.org".
	Homeserver string
	// User is the bot's full user ID, such as "@bot:example.org".
	User string
	// Password or Token (an access token) lets the bot in: one of the two.
	Password, Token string
	// DeviceID is the bot's device. With a password it may be empty: then one is
	// chosen and kept. With a token it is checked, where it is set.
	DeviceID string
	// Prefix opens a command in a room with several people; "!iis" when empty.
	Prefix string
	// AllowInvites lists who may invite the bot: user IDs ("@a:b"), servers of
	// users ("b"), or "*" for everybody. Nobody may when it is empty.
	AllowInvites []string
	// Log takes what goes wrong; nothing that people say is ever logged.
	Log *slog.Logger
	// State keeps what must survive a restart.
	State State
}

// State keeps small values between restarts: device, access token, sync token,
// and which rooms are encrypted, greeted and read how far. The access token
// makes it a secret.
type State interface {
	// Get returns a value; false when it was never set.
	Get(ctx context.Context, space, key string) (value string, ok bool, err error)
	// Set keeps a value.
	Set(ctx context.Context, space, key, value string) error
}

// Client is the bot's seat on Matrix. It is safe for concurrent use, but only
// one process may listen for an account at a time.
type Client struct {
	options Options
	user    id.UserID
	space   string
	log     *slog.Logger
	http    *http.Client

	turn    chan struct{} // held by whoever logs in
	current *mautrix.Client
	refused string // the access token that the homeserver last refused

	encrypted sync.Map // id.RoomID: known to be encrypted, which never ends
	doubtful  sync.Map // keys of posts whose last attempt may have arrived
}

// New returns a seat. It makes no connection yet.
func New(o Options) (*Client, error) {
	o.Prefix = cmp.Or(o.Prefix, "!iis")
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	var problems []error
	if u, err := url.Parse(o.Homeserver); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		problems = append(problems, fmt.Errorf("homeserver %q is no web address", o.Homeserver))
	}
	user := id.UserID(o.User)
	if local, server, err := user.Parse(); err != nil || local == "" || server == "" {
		problems = append(problems, fmt.Errorf("user %q is no full user ID such as @bot:example.org", o.User))
	}
	if (o.Password == "") == (o.Token == "") {
		problems = append(problems, errors.New("want either a password or an access token"))
	}
	if strings.ContainsFunc(o.Prefix, unicode.IsSpace) {
		problems = append(problems, fmt.Errorf("prefix %q holds a space", o.Prefix))
	}
	if o.State == nil {
		problems = append(problems, errors.New("there is no state to keep tokens in"))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("matrix: %w", errors.Join(problems...))
	}
	return &Client{
		options: o, user: user, space: "matrix/" + o.User, log: o.Log,
		http: &http.Client{Timeout: 2 * time.Minute}, // a sync waits for 30 s
		turn: make(chan struct{}, 1),
	}, nil
}

// Name returns "matrix".
func (c *Client) Name() string { return "matrix" }

// Listen hears people until ctx ends. It reconnects by itself, and returns an
// error only when somebody has to change something, such as the password.
func (c *Client) Listen(ctx context.Context, in bot.Receiver) error {
	l := &listener{Client: c, in: in, members: map[id.RoomID]int{}, tries: map[string]int{}}
	for !ended(ctx) {
		err := l.sync(ctx)
		if ended(ctx) {
			break
		}
		if _, ok := errors.AsType[*operatorError](err); ok {
			return err
		}
		wait := l.pause.next(retryAfter(err))
		c.log.WarnContext(ctx, "matrix sync interrupted", "error", err, "retry_in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

func ended(ctx context.Context) bool { return ctx.Err() != nil }

// checked forgets a session whose token the homeserver refuses.
func (c *Client) checked(cli *mautrix.Client, err error) error {
	if isToken(err) {
		c.refuse(cli)
	}
	return lockedOut(err)
}
