//go:build goolm

package matrix

import (
	"context"
	"time"

	"maunium.net/go/mautrix/id"
)

// Whose devices have changed is told once, in a sync. Where the homeserver does not
// say at that moment which they are, they are asked for again before something is
// encrypted: else a new device could not read the bot until its owner writes to it.

const (
	// catchUpEvery is how often they are asked for at most: another homeserver that
	// is away must not hold up each post.
	catchUpEvery = time.Minute
	// catchUpLimit is how long a post waits for them.
	catchUpLimit = 5 * time.Second
)

// outdate remembers whose devices are to be asked for; the answer takes it back.
func (m *machine) outdate(ctx context.Context, users []id.UserID) {
	if len(users) == 0 {
		return
	}
	if err := m.store.MarkTrackedUsersOutdated(ctx, users); err != nil {
		m.log.WarnContext(ctx, "whose devices have changed is not written down", "users", len(users), "error", err)
		return
	}
	m.mu.Lock()
	m.caught = time.Time{}
	m.mu.Unlock()
}

// catchUp asks for the devices that an earlier question did not get.
func (m *machine) catchUp(ctx context.Context) {
	m.mu.Lock()
	soon := !m.caught.IsZero() && time.Since(m.caught) < catchUpEvery
	if !soon {
		m.caught = time.Now()
	}
	m.mu.Unlock()
	if soon {
		return
	}
	users, err := m.store.GetOutdatedTrackedUsers(ctx)
	if err == nil && len(users) > 0 {
		within, cancel := context.WithTimeout(ctx, catchUpLimit)
		defer cancel()
		_, err = m.olm.FetchKeys(within, users, false)
	}
	if err != nil {
		m.log.WarnContext(ctx, "devices that have changed cannot be asked for yet; they may not read what is said now", "users", len(users), "error", err)
	}
}
