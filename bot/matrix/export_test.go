package matrix

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// FakeCipher is a cipher that does what a test says.
type FakeCipher struct {
	mu sync.Mutex
	// Open decrypts; without it no event can be decrypted.
	Open func(evt *event.Event) (*event.Event, error)
	// Absorb is called for each batch; it may be nil.
	Absorb func()
	// For is told for whom something is encrypted; it may be nil.
	For func(members []id.UserID)
	// Decrypts and Requests count.
	decrypts, requests int
}

// ErrNoKey is what Open returns while the key is missing.
var ErrNoKey = errNoKey

// UseCipher makes the client encrypt with f.
func (c *Client) UseCipher(f *FakeCipher) {
	c.options.Keys = &Keys{}
	c.opens = func(context.Context, *mautrix.Client, *Keys, string, *slog.Logger) (cipher, error) { return f, nil }
}

// Hurry makes the client wait for a hundredth of a second where it would for a
// whole one after a failure.
func (c *Client) Hurry() { c.base = 10 * time.Millisecond }

// Counts returns how often the cipher decrypted and asked for keys.
func (f *FakeCipher) Counts() (decrypts, requests int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.decrypts, f.requests
}

func (f *FakeCipher) absorb(context.Context, *mautrix.RespSync, string) {
	if f.Absorb != nil {
		f.Absorb()
	}
}

func (f *FakeCipher) encrypt(_ context.Context, _ id.RoomID, in audience, _ event.Type, _ any) (*event.EncryptedEventContent, error) {
	if f.For != nil {
		f.For(in.members)
	}
	return &event.EncryptedEventContent{Algorithm: id.AlgorithmMegolmV1}, nil
}

func (f *FakeCipher) decrypt(_ context.Context, evt *event.Event) (*event.Event, error) {
	f.mu.Lock()
	f.decrypts++
	f.mu.Unlock()
	if f.Open == nil {
		return nil, errNoKey
	}
	return f.Open(evt)
}

func (f *FakeCipher) request(context.Context, *event.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	return nil
}

func (f *FakeCipher) refresh(context.Context, id.UserID) error { return nil }

func (f *FakeCipher) rotate(context.Context, id.RoomID) error { return nil }

func (f *FakeCipher) status(context.Context) (cipherStatus, error) { return cipherStatus{}, nil }

func (f *FakeCipher) close() {}

// Part is a part of a batch.
type Part struct{ l *listener }

// NewPart returns one.
func NewPart(set func(*Options)) *Part {
	c := &Client{log: slog.New(slog.DiscardHandler), space: "matrix/"}
	set(&c.options)
	return &Part{&listener{Client: c, failing: map[string]time.Time{}}}
}

// Hope says what becomes of its failure.
func (p *Part) Hope(ctx context.Context, now time.Time, name string, err error) error {
	return p.l.hope(ctx, now, name, "s0", err)
}

// StoreFailure is a failure of the bot's own storage.
func StoreFailure(err error) error { return &receiveError{err} }
