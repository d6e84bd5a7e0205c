package matrix

import (
	"context"
	"strings"
	"sync"
	"time"

	"rapporteur/bot"
)

// Notes keeps what may be forgotten after a few days: what was posted for which
// message, which reaction stands for which command, what could not be read yet.
type Notes interface {
	// Note remembers a value under a name.
	Note(ctx context.Context, space, name, value string, now time.Time) error
	// Notes returns the notes whose names begin with the prefix.
	Notes(ctx context.Context, space, prefix string) (map[string]string, error)
	// Unnote forgets one note.
	Unnote(ctx context.Context, space, name string) error
}

// Leases decides which replica works for the account: only one may sync, log in
// and encrypt.
type Leases interface {
	// Acquire takes or renews a lease; held is false while another has it.
	Acquire(ctx context.Context, name, holder string, length time.Duration) (fence int64, held bool, err error)
	// Release gives a lease back.
	Release(ctx context.Context, name, holder string) error
	// SetFenced is [State.Set] as long as the fence is that of the lease's last
	// holder; otherwise it returns false.
	SetFenced(ctx context.Context, space, name, value, lease string, fence int64) (bool, error)
}

// Mover moves what a room has ordered to the room that replaces it.
type Mover interface {
	MoveRoom(ctx context.Context, from, to bot.Room) (moved int, err error)
}

// memo is [Notes] in memory, for a seat that is given none.
type memo struct {
	mu    sync.Mutex
	notes map[string]string
}

// Note implements [Notes].
func (m *memo) Note(_ context.Context, space, name, value string, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes[space+" "+name] = value
	return nil
}

// Notes implements [Notes].
func (m *memo) Notes(_ context.Context, space, prefix string) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[string]string{}
	for name, value := range m.notes {
		if strings.HasPrefix(name, space+" "+prefix) {
			found[strings.TrimPrefix(name, space+" ")] = value
		}
	}
	return found, nil
}

// Unnote implements [Notes].
func (m *memo) Unnote(_ context.Context, space, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.notes, space+" "+name)
	return nil
}
