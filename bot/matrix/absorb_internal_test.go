//go:build goolm

package matrix

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // the driver of the key store
)

// TestARoomKeyIsStoredAlthoughTheProgramStops takes in a batch with the key of a room
// under a context that has ended.
func TestARoomKeyIsStoredAlthoughTheProgramStops(t *testing.T) {
	t.Parallel()
	const self, alice, room = id.UserID("@bot:hs.example"), id.UserID("@alice:hs.example"), id.RoomID("!room:hs.example")
	m := newMachine(t, self)
	account := m.olm.GetAccount()
	must(t, account.Internal.GenOneTimeKeys(1))
	must(t, m.store.PutAccount(t.Context(), account))

	her, key := olmOf(olm.NewAccount())(t), olmOf(olm.NewOutboundGroupSession())(t)
	sign, identity, err := her.IdentityKeys()
	must(t, err)
	oneTime, err := account.Internal.OneTimeKeys()
	must(t, err)
	var plain, sealed []byte
	plain, err = json.Marshal(map[string]any{
		"type": "m.room_key", "sender": alice, "keys": map[string]any{"ed25519": sign},
		"recipient": self, "recipient_keys": map[string]any{"ed25519": account.SigningKey()},
		"content": map[string]any{"algorithm": id.AlgorithmMegolmV1, "room_id": room, "session_id": key.ID(), "session_key": key.Key()},
	})
	must(t, err)
	for _, one := range oneTime {
		session, err := her.NewOutboundSession(account.IdentityKey(), one)
		must(t, err)
		_, sealed, err = session.Encrypt(plain)
		must(t, err)
	}
	var evt event.Event
	raw, err := json.Marshal(map[string]any{"type": "m.room.encrypted", "sender": alice, "content": map[string]any{
		"algorithm": id.AlgorithmOlmV1, "sender_key": identity,
		"ciphertext": map[string]any{account.IdentityKey().String(): map[string]any{"type": id.OlmMsgTypePreKey, "body": string(sealed)}},
	}})
	must(t, err)
	must(t, json.Unmarshal(raw, &evt))
	batch := &mautrix.RespSync{DeviceOTKCount: mautrix.OTKCount{SignedCurve25519: 50}}
	batch.ToDevice.Events = []*event.Event{&evt}

	ended, end := context.WithCancel(t.Context())
	end()
	m.absorb(ended, batch, "s0")
	if got, err := m.store.GetGroupSession(t.Context(), room, key.ID()); err != nil || got == nil {
		t.Errorf("got %v, %v for the key of the room, want it stored: Olm opens it no second time", got, err)
	}
}

// newMachine returns a machine with an empty store, whose homeserver is nowhere.
func newMachine(t *testing.T, self id.UserID) *machine {
	t.Helper()
	cli, err := mautrix.NewClient("http://127.0.0.1:1", self, "token")
	must(t, err)
	cli.DeviceID = "DEV"
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "keys.db"))
	must(t, err)
	t.Cleanup(func() { _ = raw.Close() })
	db, err := dbutil.NewWithDB(raw, "sqlite3")
	must(t, err)
	m := &machine{
		store: crypto.NewSQLCryptoStore(db, nil, self.String(), cli.DeviceID, []byte("pickle")),
		rooms: &knownRooms{known: map[id.RoomID]audience{}}, log: slog.New(slog.DiscardHandler),
	}
	must(t, m.store.DB.Upgrade(t.Context()))
	log := quiet(m.log)
	m.olm = crypto.NewOlmMachine(cli, &log, m.store, m.rooms)
	m.olm.DisableDecryptKeyFetching = true
	must(t, m.olm.Load(t.Context()))
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// olmOf returns what was made, or ends the test.
func olmOf[T any](made T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return made
	}
}
