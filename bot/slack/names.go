package slack

import (
	"container/list"
	"context"
	"sync"
	"time"

	"rapporteur/bot"
)

// mostRecent bounds what is remembered in memory.
const mostRecent = 20_000

// memoryNames is [Names] for one process.
type memoryNames struct {
	mu    sync.Mutex
	ids   map[string]string
	order *list.List // of keys, the oldest first
}

func newMemoryNames() *memoryNames { return &memoryNames{ids: map[string]string{}, order: list.New()} }

// Named implements [Names].
func (n *memoryNames) Named(_ context.Context, room bot.Room, name, id string, _ time.Time) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := room.String() + " " + name
	if first, known := n.ids[key]; known {
		return first, nil
	}
	n.ids[key] = id
	n.order.PushBack(key)
	if n.order.Len() > mostRecent {
		if oldest, ok := n.order.Remove(n.order.Front()).(string); ok {
			delete(n.ids, oldest)
		}
	}
	return id, nil
}
