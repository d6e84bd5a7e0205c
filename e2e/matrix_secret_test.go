package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // the keys of the test's people

	"rapporteur/e2e/homeserver"
)

// newConfidant is a person whose client encrypts, with mautrix as the bot's own
// does: for volume, where matrix-js-sdk is the independent witness. Their device is
// signed by their own identity.
func newConfidant(t *testing.T, hs *homeserver.Server) *person {
	t.Helper()
	p := newUnverified(t, hs)
	helper, ok := p.Crypto.(*cryptohelper.CryptoHelper)
	if !ok {
		t.Fatal("the person does not encrypt")
	}
	if _, err := helper.Machine().GenerateAndVerifyWithRecoveryKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// newUnverified is a person whose client encrypts, without an identity that signs
// their device.
func newUnverified(t *testing.T, hs *homeserver.Server) *person {
	t.Helper()
	cli, err := hs.Register(t.Context(), newName("confidant"), personPassword)
	if err != nil {
		t.Fatal(err)
	}
	return encrypting(t, cli)
}

const personPassword = "person-password"

// anotherDevice is a person at another device of theirs, which nobody has signed.
func (p *person) anotherDevice(t *testing.T) *person {
	t.Helper()
	cli, err := mautrix.NewClient(p.HomeserverURL.String(), "", "")
	need(t, err)
	_, err = cli.Login(t.Context(), &mautrix.ReqLogin{
		Type: mautrix.AuthTypePassword, Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: p.UserID.Localpart()},
		Password: personPassword, StoreCredentials: true,
	})
	need(t, err)
	return encrypting(t, cli)
}

// encrypting lets a client encrypt and see what happens.
func encrypting(t *testing.T, cli *mautrix.Client) *person {
	t.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "keys.db")+"?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	db, err := dbutil.NewWithDB(raw, "sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	p := &person{Client: cli, changed: make(chan struct{})}
	syncer := mautrix.NewDefaultSyncer()
	syncer.OnEvent(func(_ context.Context, evt *event.Event) {
		if evt.RoomID == "" || evt.Type == event.EventEncrypted {
			return
		}
		p.mu.Lock()
		p.events = append(p.events, evt)
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	})
	cli.Syncer = impatient{syncer}
	cli.DefaultHTTPRetries = 5
	helper, err := cryptohelper.NewCryptoHelper(cli, []byte("confidant"), db)
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	cli.Crypto = helper
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = cli.SyncWithContext(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended; _ = raw.Close() })
	return p
}

// impatient syncs again soon after a failure.
type impatient struct{ *mautrix.DefaultSyncer }

// OnFailedSync implements [mautrix.Syncer].
func (impatient) OnFailedSync(*mautrix.RespSync, error) (time.Duration, error) {
	return 100 * time.Millisecond, nil
}

// inBothKinds runs a test in a plain room and in an encrypted one.
func inBothKinds(t *testing.T, f func(t *testing.T, secret bool)) {
	t.Helper()
	for _, kind := range []string{"a plain room", "an encrypted room"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(t, kind == "an encrypted room")
		})
	}
}

// newSomebody is a person who can read in rooms of the kind.
func newSomebody(t *testing.T, hs *homeserver.Server, secret bool) *person {
	t.Helper()
	if secret {
		return newConfidant(t, hs)
	}
	return newPerson(t, hs, "person")
}

// roomOf makes a room of the kind, and waits for the greeting.
func (p *person) roomOf(t *testing.T, bot id.UserID, secret bool) id.RoomID {
	t.Helper()
	if secret {
		return p.secretRoom(t, bot)
	}
	return p.greetedRoom(t, bot, false)
}

// secretRoom makes an encrypted room, and waits for the greeting.
func (p *person) secretRoom(t *testing.T, bot id.UserID) id.RoomID {
	t.Helper()
	room, err := p.room(t.Context(), bot, false, encrypted())
	if err != nil {
		t.Fatal(err)
	}
	p.wait(t, "the bot's greeting", room, 1, func(evt *event.Event) bool { return isGreeting(evt, bot) })
	return room
}

// TestKeysAreNeverWipedAndCanBeRestored starts the program with a wrong pickle
// key, without its recovery key, and with a lost database (acceptance 50).
func TestKeysAreNeverWipedAndCanBeRestored(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	_, database, _ := strings.Cut(strings.Split(settings, "\n")[0], ": ")
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	ask := func(n int) {
		t.Helper()
		asked := p.mustSay(t, room, map[string]any{"body": fmt.Sprintf("!iis glossary APR %d", n)})
		p.wait(t, "an answer", room, 1, inThread(user, asked))
	}
	ask(1)
	bot.kill()

	for _, secret := range []string{database, database + ".pickle-key", database + ".recovery-key"} {
		info, err := os.Stat(secret)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want a file with mode 0600", filepath.Base(secret), info, err)
		}
	}
	stops := func(what, settings, want string) {
		t.Helper()
		bot := startBot(t, settings)
		if err := bot.wait(patience); err == nil || !strings.Contains(bot.log(), want) {
			t.Errorf("%s: got %v and the log %q, want a failure that says %q", what, err, bot.log(), want)
		}
	}
	stops("a wrong pickle key", settings+"  pickle_key: another\n", "nothing was changed")
	// With the right one it goes on, and so nothing was wiped.
	bot = startBot(t, settings)
	ask(2)
	bot.kill()

	// The database is lost: a new device, signed with the recovery key.
	for _, file := range []string{"", "-wal", "-shm"} {
		_ = os.Rename(database+file, database+file+".lost")
	}
	recovery := database + ".recovery-key"
	if err := os.Rename(recovery, recovery+".safe"); err != nil {
		t.Fatal(err)
	}
	stops("no recovery key", settings, "put the key there")
	if err := os.WriteFile(recovery, []byte("EsTR mwqJ JoXZ 8dKN F8hP 9tYP dmqV hWtJ 2H4s zwfL 6Gxy PzQ9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stops("a wrong recovery key", settings, "put the right one there")
	if err := os.Rename(recovery+".safe", recovery); err != nil {
		t.Fatal(err)
	}
	startBot(t, settings)
	ask(3)
	devices, err := p.QueryKeys(t.Context(), &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{user: {}}})
	if err != nil {
		t.Fatal(err)
	}
	identity := devices.SelfSigningKeys[user]
	own, signed := identity.FirstKey(), 0
	for _, device := range devices.DeviceKeys[user] {
		for key := range device.Signatures[user] {
			if strings.Contains(string(key), string(own)) {
				signed++
			}
		}
	}
	if own == "" || signed != 2 {
		t.Errorf("devices signed by the account: got %d, want the old one and the new one", signed)
	}
}

// TestAMessageThatIsFasterThanItsKeyIsAnswered sends the key of a message five
// seconds after it (acceptance 51).
func TestAMessageThatIsFasterThanItsKeyIsAnswered(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	helper, ok := p.Crypto.(*cryptohelper.CryptoHelper)
	if !ok {
		t.Fatal("the person does not encrypt")
	}
	mach := helper.Machine()
	if err := mach.CryptoStore.RemoveOutboundGroupSession(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	if err := mach.ShareGroupSession(t.Context(), room, []id.UserID{p.UserID}); err != nil {
		t.Fatal(err)
	}
	session, err := mach.CryptoStore.GetOutboundGroupSession(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	key := session.ShareContent()
	question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
	bot.kill() // what it could not read, it knows after a restart
	startBot(t, settings)
	select {
	case <-t.Context().Done():
	case <-time.After(5 * time.Second):
	}
	devices, err := mach.CryptoStore.GetDevices(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	for _, device := range devices {
		if device.IdentityKey == "" {
			continue
		}
		if err := mach.SendEncryptedToDevice(t.Context(), device, event.ToDeviceRoomKey, key); err != nil {
			t.Fatal(err)
		}
	}
	answer := p.wait(t, "the answer", room, 1, inThread(user, question))[0]
	if !strings.Contains(text(answer), "APR") {
		t.Errorf("got %q, want the answer", text(answer))
	}
}
