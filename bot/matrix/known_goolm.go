//go:build goolm

package matrix

import (
	"context"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// knownRooms is the [crypto.StateStore] of the rooms in which this process has
// encrypted: with whom it shares their keys.
type knownRooms struct {
	mu    sync.Mutex
	known map[id.RoomID]audience
}

func (k *knownRooms) same(room id.RoomID, in audience) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	have, known := k.known[room]
	return known && have.settings == in.settings && slices.Equal(sorted(have.members), sorted(in.members))
}

func sorted(users []id.UserID) []id.UserID {
	return slices.SortedFunc(slices.Values(users), func(a, b id.UserID) int { return strings.Compare(a.String(), b.String()) })
}

func (k *knownRooms) put(room id.RoomID, in audience) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[room] = in
}

func (k *knownRooms) drop(room id.RoomID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.known, room)
}

// IsEncrypted implements [crypto.StateStore].
func (k *knownRooms) IsEncrypted(_ context.Context, room id.RoomID) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, known := k.known[room]
	return known, nil
}

// GetEncryptionEvent implements [crypto.StateStore].
func (k *knownRooms) GetEncryptionEvent(_ context.Context, room id.RoomID) (*event.EncryptionEventContent, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if in, known := k.known[room]; known {
		return &in.settings, nil
	}
	return &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}, nil
}

// GetHistoryVisibility implements [crypto.StateStore]: the bot hands its keys on
// to nobody who comes later.
func (k *knownRooms) GetHistoryVisibility(context.Context, id.RoomID) (*event.HistoryVisibilityEventContent, error) {
	return &event.HistoryVisibilityEventContent{HistoryVisibility: event.HistoryVisibilityJoined}, nil
}

// FindSharedRooms implements [crypto.StateStore]: when somebody has a new
// device, the keys of these rooms are made anew.
func (k *knownRooms) FindSharedRooms(_ context.Context, user id.UserID) ([]id.RoomID, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var rooms []id.RoomID
	for room, in := range k.known {
		if slices.Contains(in.members, user) {
			rooms = append(rooms, room)
		}
	}
	return rooms, nil
}
