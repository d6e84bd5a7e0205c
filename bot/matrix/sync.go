package matrix

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// listener is one time at the lease. The sync and the mending of what could not
// be read take turns under its lock.
type listener struct {
	*Client
	in      bot.Receiver
	cli     *mautrix.Client
	box     cipher // nil where the bot cannot encrypt
	started time.Time
	name    string // the bot's display name
	filter  string
	pause   backoff
	reached atomic.Int64 // when a batch was kept last, in Unix nanoseconds

	mu      sync.Mutex
	members map[id.RoomID]int       // joined members, where known
	tries   map[string]int          // panics in a row in one part of a batch
	failing map[string]time.Time    // since when a part of a batch fails
	ignored map[id.UserID]bool      // people whom the account ignores
	spaces  map[id.RoomID]bool      // rooms that are spaces, or not, where known
	invites map[id.RoomID]attempt   // invitations that could not be accepted yet
	expired map[id.RoomID]int       // how many that were in this batch
	synced  time.Time               // when the last kept batch was
	waiting map[string]attempt      // events that wait for their keys, by the names of their notes
	asks    []time.Time             // when keys were asked for in the last minute
	vetted  map[id.UserID]time.Time // when somebody's devices were asked for
	telling sync.Map                // who is just being told that a message cannot be read
}

var (
	_ mautrix.Syncer    = (*listener)(nil)
	_ mautrix.SyncStore = (*listener)(nil)
)

// sync logs in where needed and syncs until something fails.
func (l *listener) sync(ctx context.Context) error {
	if !l.holds() {
		return errStandby
	}
	cli, err := l.session(ctx)
	if err != nil {
		return err
	}
	if l.cli != cli {
		if err := l.begin(ctx, cli); err != nil {
			return l.checked(cli, err)
		}
	}
	return l.checked(cli, cli.SyncWithContext(ctx))
}

// begin finds out what the sync of a new session needs.
func (l *listener) begin(ctx context.Context, cli *mautrix.Client) error {
	started, err := l.firstStart(ctx)
	if err != nil {
		return err
	}
	name, err := l.displayName(ctx, cli)
	if err != nil {
		return err
	}
	if err := l.ignoreList(ctx, cli); err != nil {
		return err
	}
	box, err := l.cipherFor(ctx, cli)
	if err != nil && !errors.Is(err, errNoCipher) {
		return err
	}
	if err := l.sinceWhen(ctx); err != nil {
		return err
	}
	cli.Syncer, cli.Store = l, l
	l.mu.Lock() // what waits for its key is tried at the same time
	l.cli, l.box, l.name, l.started, l.filter = cli, box, name, started, ""
	l.mu.Unlock()
	l.log.InfoContext(ctx, "matrix session open", "user", cli.UserID.String(), "device", cli.DeviceID.String(), "encrypts", box != nil)
	return nil
}

func (l *listener) displayName(ctx context.Context, cli *mautrix.Client) (string, error) {
	profile, err := cli.GetOwnDisplayName(ctx)
	switch {
	case err == nil:
		return profile.DisplayName, nil
	case errors.Is(err, mautrix.MNotFound) || errors.Is(err, mautrix.MForbidden):
		return "", nil
	}
	return "", fmt.Errorf("read the bot's profile: %w", err)
}

// firstStart returns when the account was first used, which a restart before
// the first commit does not change.
func (l *listener) firstStart(ctx context.Context) (time.Time, error) {
	value, found, err := l.options.State.Get(ctx, l.space, "started")
	if err != nil {
		return time.Time{}, fmt.Errorf("read the first start: %w", err)
	}
	if t, err := time.Parse(time.RFC3339Nano, value); found && err == nil {
		return t, nil
	}
	now := time.Now()
	if err := l.options.State.Set(ctx, l.space, "started", now.Format(time.RFC3339Nano)); err != nil {
		return time.Time{}, fmt.Errorf("keep the first start: %w", err)
	}
	return now, nil
}

// OnFailedSync ends the sync: Listen decides when to try again. It implements
// [mautrix.Syncer].
func (l *listener) OnFailedSync(_ *mautrix.RespSync, err error) (time.Duration, error) {
	return 0, err
}

// GetFilterJSON asks for what rooms hold and nothing else. It implements
// [mautrix.Syncer].
func (l *listener) GetFilterJSON(id.UserID) *mautrix.Filter {
	none := &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}}
	return &mautrix.Filter{
		AccountData: &mautrix.FilterPart{Types: []event.Type{event.AccountDataIgnoredUserList}},
		Presence:    none,
		Room: &mautrix.RoomFilter{
			AccountData: none,
			Ephemeral:   none,
			State:       &mautrix.FilterPart{LazyLoadMembers: true},
			Timeline:    &mautrix.FilterPart{Limit: 50, LazyLoadMembers: true},
		},
	}
}

// SaveFilterID remembers the filter for this session. It implements
// [mautrix.SyncStore].
func (l *listener) SaveFilterID(_ context.Context, _ id.UserID, filter string) error {
	l.filter = filter
	return nil
}

// LoadFilterID implements [mautrix.SyncStore].
func (l *listener) LoadFilterID(context.Context, id.UserID) (string, error) { return l.filter, nil }

// SaveNextBatch does nothing, for mautrix calls it before the batch is
// processed; ProcessResponse saves the token after. It implements
// [mautrix.SyncStore].
func (l *listener) SaveNextBatch(context.Context, id.UserID, string) error { return nil }

// LoadNextBatch returns the token of the last batch that is committed. It
// implements [mautrix.SyncStore].
func (l *listener) LoadNextBatch(ctx context.Context, _ id.UserID) (string, error) {
	token, _, err := l.options.State.Get(ctx, l.space, "since")
	if err != nil {
		return "", fmt.Errorf("read the sync token: %w", err)
	}
	return token, nil
}

// ProcessResponse commits every message of the batch that is for the bot, and
// then the token behind it. After an error the same batch comes again; the
// inbox knows what it has, and keys that come twice are harmless. It implements
// [mautrix.Syncer].
func (l *listener) ProcessResponse(ctx context.Context, batch *mautrix.RespSync, since string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic in a sync batch: %v\n%s", v, debug.Stack())
		}
	}()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holds() {
		return errStandby
	}
	for _, evt := range batch.AccountData.Events {
		if evt.Type.Type == event.AccountDataIgnoredUserList.Type {
			l.ignore(evt.Content.Raw)
		}
	}
	l.expired = map[id.RoomID]int{}
	if err := l.parts(ctx, batch, since); err != nil {
		return fmt.Errorf("process a sync batch: %w", err)
	}
	if err := l.setFenced(ctx, "since", batch.NextBatch); err != nil {
		return fmt.Errorf("keep the sync token: %w", err)
	}
	if err := l.stamp(ctx); err != nil {
		return err
	}
	l.tellExpired(ctx, since)
	clear(l.tries)
	l.pause.reset()
	l.reached.Store(time.Now().UnixNano())
	return nil
}

// membership reads the membership from the content of an m.room.member event.
func membership(content *event.Content) event.Membership {
	if content == nil {
		return ""
	}
	m, _ := content.Raw["membership"].(string)
	return event.Membership(m)
}

// backoff is how long to wait after failures in a row: from one second (base),
// doubling, to a minute, and a little more by chance.
type backoff struct {
	base     time.Duration
	failures int
}

func (b *backoff) next(atLeast time.Duration) time.Duration {
	wait := min(b.base<<min(b.failures, 6), 48*b.base)
	b.failures++
	return max(atLeast, wait+rand.N(wait/4)) //nolint:gosec // jitter is no secret
}

func (b *backoff) reset() { b.failures = 0 }
