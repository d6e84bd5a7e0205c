// Package matrix seats the bot in Matrix rooms: matrix.go talks to the
// homeserver, event.go reads what people say, render.go writes what the bot
// says.
//
// Promises that the code keeps, and where:
//
//   - A message is committed before the sync token that covers it, and a gap in
//     a timeline is filled back, so that nothing said to the bot is lost
//     (ProcessResponse, fill).
//   - Nothing is sent in plain text into an encrypted room, nor anything into a
//     room of which it is not known that it is plain (dispatch). A program built
//     without encryption leaves such a room and says why in the leave event,
//     which everybody can read (part).
//   - What cannot be decrypted is kept until its key comes, asked for again, and
//     in the end said so (hold, mend).
//   - One replica works for the account at a time, by a lease (turn.go).
//   - A post has one transaction ID for life, on one device for life, so that
//     the homeserver itself drops a repetition. Where that memory may be gone,
//     the room is searched for the post before it is repeated (Post, find).
//   - Nobody is pinged and nothing is fetched by anything the bot quotes: every
//     text is escaped, every tag is written here, m.mentions is empty (render).
package matrix

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
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
	// OAuth lets the bot in with the session that [Client.LogInByDevice] kept,
	// instead of Password or Token.
	OAuth bool
	// InvitesPerHour bounds how many invitations are accepted; 10 when 0.
	InvitesPerHour int
	// AnswerWithin is how old a message may be that came while the bot was away
	// for longer than that; ten minutes when 0.
	AnswerWithin time.Duration
	// Keys keeps what encryption needs; nil for a bot that cannot encrypt.
	Keys *Keys
	// Notes, Leases and Mover may be nil: then notes last as long as the Client,
	// it works alone, and nothing is moved when a room is replaced.
	Notes  Notes
	Leases Leases
	Mover  Mover
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

// Client is the bot's seat on Matrix. It is safe for concurrent use.
type Client struct {
	options Options
	user    id.UserID
	space   string
	log     *slog.Logger
	http    *http.Client
	skew    *clockSkew
	base    time.Duration // the first wait after a failure

	turn    chan struct{} // held by whoever logs in
	current *mautrix.Client
	refused string // the access token that the homeserver last refused

	opens   func(ctx context.Context, cli *mautrix.Client, keys *Keys, password string, log *slog.Logger) (cipher, error)
	opening chan struct{} // held by whoever opens or drops the cipher
	box     cipher
	boxOf   *mautrix.Client

	holder    string // this process, to the lease
	fence     atomic.Int64
	until     atomic.Int64 // Unix nanoseconds
	listening atomic.Bool
	standby   atomic.Bool

	encrypted sync.Map // id.RoomID: known to be encrypted, which never ends
	audiences sync.Map // id.RoomID: cachedAudience
	changes   atomic.Int64
	doubtful  sync.Map // keys of posts whose last attempt may have arrived
	unsent    sync.Map // keys of posts → how often the upload of their files failed
	waited    sync.Map // keys of posts that wait for another: time.Time since when
	unread    unreadable
	errands   errands
	zones     zones

	meeting   sync.Mutex // held by whoever looks for a direct room
	ordering  sync.Mutex // held by whoever begins an order
	rewording sync.Mutex
	wordings  map[string]*wording // questions whose edited answers are being posted
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
	if (o.Password == "") == (o.Token == "") && !o.OAuth {
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
	if o.Notes == nil {
		o.Notes = &memo{notes: map[string]string{}}
	}
	if o.InvitesPerHour == 0 {
		o.InvitesPerHour = 10
	}
	if o.AnswerWithin == 0 {
		o.AnswerWithin = 10 * time.Minute
	}
	skew := &clockSkew{next: http.DefaultTransport}
	c := &Client{
		options: o, user: user, space: "matrix/" + o.User, log: o.Log,
		http: &http.Client{Timeout: 90 * time.Second, Transport: skew}, // a sync waits for 30 s
		skew: skew, base: time.Second, opens: openCipher, turn: make(chan struct{}, 1), opening: make(chan struct{}, 1), holder: rand.Text(),
	}
	c.standby.Store(o.Leases != nil) // until it is known whose turn it is
	return c, nil
}

// Name returns "matrix".
func (c *Client) Name() string { return "matrix" }

// Listen hears people until ctx ends. It reconnects by itself, and returns an
// error only when somebody has to change something, such as the password. While
// another replica works for the account it waits.
func (c *Client) Listen(ctx context.Context, in bot.Receiver) error {
	c.listening.Store(true)
	defer c.listening.Store(false)
	c.errands.start(ctx, c.log)
	defer c.errands.stop()
	for c.await(ctx) {
		c.reload()
		ours, lost := context.WithCancel(ctx)
		var keeping sync.WaitGroup
		keeping.Go(func() { c.keep(ours, lost) })
		err := c.listen(ours, in)
		lost()
		keeping.Wait()
		if errors.Is(err, errGiveWay) {
			c.giveWay(ctx)
			continue
		}
		if err != nil {
			return err
		}
		if !ended(ctx) {
			c.log.WarnContext(ctx, "matrix has lost its lease and stands by")
			c.dropCipher()
			c.reload()
		}
	}
	return nil
}

// listen syncs until ctx ends or nobody but the operator can help.
func (c *Client) listen(ctx context.Context, in bot.Receiver) error {
	l := &listener{
		Client: c, in: in, pause: backoff{base: c.base}, members: map[id.RoomID]int{}, tries: map[string]int{}, failing: map[string]time.Time{}, ignored: map[id.UserID]bool{}, spaces: map[id.RoomID]bool{}, waiting: map[string]attempt{}, invites: map[id.RoomID]attempt{}, vetted: map[id.UserID]time.Time{},
	}
	var mending sync.WaitGroup
	defer mending.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	mending.Go(func() { l.mendAll(ctx) })
	l.reached.Store(time.Now().UnixNano())
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
		if c.options.Leases != nil && time.Since(time.Unix(0, l.reached.Load())) > patience*c.base {
			return errGiveWay
		}
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
