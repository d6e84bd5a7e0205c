//go:build goolm

package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Encrypts says whether this program can read and write in encrypted rooms.
const Encrypts = true

// machine is a [cipher] on mautrix's OlmMachine.
type machine struct {
	olm   *crypto.OlmMachine
	store *crypto.SQLCryptoStore
	rooms *knownRooms

	life  context.Context //nolint:containedctx // what is shared in the background ends with the machine
	end   context.CancelFunc
	group sync.WaitGroup

	mu    sync.Mutex
	locks map[id.RoomID]chan struct{}
	few   int // syncs in a row that said that one-time keys run out
	log   *slog.Logger

	caught time.Time // when devices that have changed were asked for anew
}

// openCipher loads the keys of the client's device or, at its first start, makes
// and uploads them, and has the account's own identity sign the device. What
// only the operator can mend is an [operatorError]; nothing is ever deleted.
func openCipher(ctx context.Context, cli *mautrix.Client, keys *Keys, password string, log *slog.Logger) (cipher, error) {
	dialect := "sqlite3"
	if keys.Postgres {
		dialect = "postgres"
	}
	db, err := dbutil.NewWithDB(keys.DB, dialect)
	if err != nil {
		return nil, fmt.Errorf("open the key store: %w", err)
	}
	quietLog := quiet(log)
	store := crypto.NewSQLCryptoStore(db, nil, cli.UserID.String(), cli.DeviceID, []byte(keys.PickleKey))
	if err := store.DB.Upgrade(ctx); err != nil {
		return nil, unusable(fmt.Errorf("bring the key store up to date: %w", err))
	}
	device, err := store.FindDeviceID(ctx)
	if err != nil {
		return nil, unusable(fmt.Errorf("read the device of the key store: %w", err))
	}
	if device != "" && device != cli.DeviceID {
		return nil, &operatorError{fmt.Sprintf("the encryption keys in the database belong to the device %s, but the session is that of %s: "+
			"set matrix.device_id to %s, with an access token of that device, or start with a new database and the recovery key", device, cli.DeviceID, device), nil}
	}
	m := &machine{store: store, rooms: &knownRooms{known: map[id.RoomID]audience{}}, locks: map[id.RoomID]chan struct{}{}, log: log}
	m.life, m.end = context.WithCancel(context.WithoutCancel(ctx))
	m.olm = crypto.NewOlmMachine(cli, &quietLog, store, m.rooms)
	if err := m.olm.Load(ctx); err != nil {
		if !errors.Is(err, olm.ErrBadMAC) && !errors.Is(err, olm.ErrUnknownOlmPickleVersion) && !errors.Is(err, olm.ErrBadInput) {
			return nil, unusable(fmt.Errorf("read the device's keys: %w", err))
		}
		return nil, &operatorError{"the encryption keys in the database cannot be opened: matrix.pickle_key is not the one they were closed with. " +
			"Put the old one back; nothing was changed", err}
	}
	if err := m.publish(ctx, cli); err != nil {
		return nil, err
	}
	if err := m.sign(ctx, keys.RecoveryFile, password); err != nil {
		return nil, err
	}
	return m, nil
}

// unusable says what to do where the tables of the keys are broken; what may heal
// by itself, such as a database that does not answer, it leaves as it is.
func unusable(err error) error {
	var sqlite interface{ Code() int }
	var postgres interface{ SQLState() string }
	broken := errors.Is(err, dbutil.ErrUnsupportedDatabaseVersion) || errors.Is(err, dbutil.ErrForeignTables) ||
		errors.Is(err, dbutil.ErrNotOwned) || strings.Contains(err.Error(), "sql: Scan error")
	if errors.As(err, &sqlite) {
		code := sqlite.Code() & 0xff
		broken = broken || code == 1 || code == 11 || code == 26 // no such table or column, a damaged page, no database
	}
	if errors.As(err, &postgres) {
		broken = broken || strings.HasPrefix(postgres.SQLState(), "42") // no such table or column
	}
	if !broken {
		return err
	}
	return &operatorError{"the tables of the encryption keys in the database cannot be read. Nothing was changed: restore the last backup of the database, " +
		"or keep it aside and start with a new one and the recovery key", err}
}

// publish uploads the device's keys, unless they are there, and checks that
// those on the homeserver are ours.
func (m *machine) publish(ctx context.Context, cli *mautrix.Client) error {
	found, err := cli.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{cli.UserID: {cli.DeviceID}}})
	if err != nil {
		return fmt.Errorf("ask for the keys of the bot's device: %w", err)
	}
	const anew = "Log in anew: with a password, remove matrix.device_id or choose another one; with an access token, make a new one. " +
		"Keep the file of the recovery key, so that the new device is trusted at once"
	own := m.olm.OwnIdentity()
	there, ours := found.DeviceKeys[cli.UserID][cli.DeviceID], m.olm.GetAccount().Shared
	has := len(there.Keys) > 0
	if has && !ours && there.Keys.GetEd25519(cli.DeviceID) == own.SigningKey { // the upload arrived, its answer did not
		m.olm.GetAccount().Shared, ours = true, true
		if err := m.store.PutAccount(ctx, m.olm.GetAccount()); err != nil {
			return fmt.Errorf("keep that the device's keys are uploaded: %w", err)
		}
	}
	switch {
	case has && !ours:
		return &operatorError{fmt.Sprintf("the device %s has encryption keys on the homeserver that this database does not hold: it was lost or is another one. %s", cli.DeviceID, anew), nil}
	case has && there.Keys.GetEd25519(cli.DeviceID) != own.SigningKey:
		return &operatorError{fmt.Sprintf("the device %s has other encryption keys on the homeserver than in this database. %s", cli.DeviceID, anew), nil}
	case !has && ours:
		return &operatorError{fmt.Sprintf("the homeserver has lost the encryption keys of the device %s. %s", cli.DeviceID, anew), nil}
	}
	if err := m.olm.ShareKeys(ctx, -1); err != nil {
		return fmt.Errorf("upload the device's keys: %w", err)
	}
	return nil
}

// absorb implements [cipher]. What Olm has opened it opens no second time, so that a
// stop must not come between that and the storing of the key that was in it.
func (m *machine) absorb(ctx context.Context, batch *mautrix.RespSync, since string) {
	ctx = context.WithoutCancel(ctx)
	m.outdate(ctx, batch.DeviceLists.Changed)
	m.olm.ProcessSyncResponse(ctx, batch, since)
	few := batch.DeviceOTKCount.SignedCurve25519 < fewOneTimeKeys
	m.mu.Lock()
	if m.few++; !few {
		m.few = 0
	}
	tell := m.few == 3 // the upload did not help; once is enough
	m.mu.Unlock()
	if tell {
		m.log.WarnContext(ctx, "few one-time keys are left on the homeserver; people who write to the bot for the first time may fail to reach it",
			"left", batch.DeviceOTKCount.SignedCurve25519)
	}
}

// shareLimit is how long the key of a room may take to be shared: with thousands
// of devices, each of which gets its own copy.
const shareLimit = 10 * time.Minute

// encrypt implements [cipher]. A key is used for one set of people: whoever has
// left cannot read on, whoever comes gets the next key. A key that an earlier
// process made is not used again, for its state may come from a backup.
func (m *machine) encrypt(ctx context.Context, room id.RoomID, in audience, kind event.Type, content any) (*event.EncryptedEventContent, error) {
	lock := m.lock(room)
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the key of %s: %w", room, ctx.Err())
	}
	handed := false
	defer func() {
		if !handed {
			<-lock
		}
	}()
	m.catchUp(ctx)
	if !m.rooms.same(room, in) {
		if err := m.store.RemoveOutboundGroupSession(ctx, room); err != nil {
			return nil, fmt.Errorf("retire the key of %s: %w", room, err)
		}
		m.rooms.put(room, in)
	}
	sealed, err := m.olm.EncryptMegolmEvent(ctx, room, kind, content)
	if crypto.IsShareError(err) {
		shared := m.share(room, in.members) //nolint:contextcheck // it outlives this post
		select {
		case err = <-shared:
		case <-ctx.Done(): // it goes on, and holds the room until it is done
			handed = true
			m.group.Go(func() {
				if late := <-shared; late != nil {
					m.log.WarnContext(m.life, "the key of a room was not shared", "room", room.String(), "error", late)
				}
				<-lock
			})
			return nil, fmt.Errorf("share a new key in %s, which takes long: %w", room, ctx.Err())
		}
		if err != nil {
			return nil, fmt.Errorf("share a new key in %s: %w", room, err)
		}
		sealed, err = m.olm.EncryptMegolmEvent(ctx, room, kind, content)
	}
	if err != nil {
		return nil, fmt.Errorf("encrypt for %s: %w", room, err)
	}
	return sealed, nil
}

// share shares a new key of the room in the background.
func (m *machine) share(room id.RoomID, members []id.UserID) <-chan error {
	done := make(chan error, 1)
	m.group.Go(func() {
		ctx, cancel := context.WithTimeout(m.life, shareLimit)
		defer cancel()
		err := m.olm.ShareGroupSession(ctx, room, members)
		if err != nil {
			m.rooms.drop(room) // share anew, with everybody
		}
		done <- err
	})
	return done
}

func (m *machine) lock(room id.RoomID) chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locks[room] == nil {
		m.locks[room] = make(chan struct{}, 1)
	}
	return m.locks[room]
}

// decrypt implements [cipher].
func (m *machine) decrypt(ctx context.Context, evt *event.Event) (*event.Event, error) {
	sealed := *evt
	sealed.Type = event.EventEncrypted
	if sealed.Content.Parsed == nil {
		if err := sealed.Content.ParseRaw(sealed.Type); err != nil {
			return nil, fmt.Errorf("read an encrypted event: %w", err)
		}
	}
	open, err := m.olm.DecryptMegolmEvent(ctx, &sealed)
	switch {
	case errors.Is(err, crypto.ErrNoSessionFound):
		return nil, errNoKey
	case errors.Is(err, crypto.ErrGroupSessionWithheld):
		return nil, fmt.Errorf("%w: its sender keeps it from the bot's device", errNoKey)
	case errors.Is(err, crypto.ErrDuplicateMessageIndex):
		return nil, errReplayed
	case err != nil:
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	open.RoomID = evt.RoomID
	return open, nil
}

// request implements [cipher].
func (m *machine) request(ctx context.Context, evt *event.Event) error {
	var sealed struct {
		SenderKey id.SenderKey `json:"sender_key"`
		SessionID id.SessionID `json:"session_id"`
		DeviceID  id.DeviceID  `json:"device_id"`
	}
	sealed.SenderKey = id.SenderKey(rawString(evt, "sender_key"))
	sealed.SessionID = id.SessionID(rawString(evt, "session_id"))
	sealed.DeviceID = cmp.Or(id.DeviceID(rawString(evt, "device_id")), "*")
	return m.olm.SendRoomKeyRequest(ctx, evt.RoomID, sealed.SenderKey, sealed.SessionID, "", map[id.UserID][]id.DeviceID{evt.Sender: {sealed.DeviceID}})
}

func rawString(evt *event.Event, name string) string {
	s, _ := evt.Content.Raw[name].(string)
	return s
}

// refresh implements [cipher].
func (m *machine) refresh(ctx context.Context, user id.UserID) error {
	if _, err := m.olm.FetchKeys(ctx, []id.UserID{user}, true); err != nil {
		return fmt.Errorf("ask for the devices of %s: %w", user, err)
	}
	return nil
}

// rotate implements [cipher].
func (m *machine) rotate(_ context.Context, room id.RoomID) error {
	m.rooms.drop(room)
	return nil
}

// status implements [cipher].
func (m *machine) status(ctx context.Context) (cipherStatus, error) {
	s := cipherStatus{fingerprint: m.olm.OwnIdentity().SigningKey.Fingerprint()}
	_, signed, err := m.olm.GetOwnVerificationStatus(ctx)
	if err != nil {
		return s, fmt.Errorf("read whether the device is signed: %w", err)
	}
	s.signed = signed
	left, err := m.olm.Client.UploadKeys(ctx, &mautrix.ReqUploadKeys{})
	if err != nil {
		return s, fmt.Errorf("count the one-time keys: %w", err)
	}
	s.oneTimeKeys = left.OneTimeKeyCounts.SignedCurve25519
	if err := m.store.DB.QueryRow(ctx, "SELECT COUNT(*) FROM crypto_megolm_inbound_session WHERE account_id=$1", m.store.AccountID).Scan(&s.sessions); err != nil {
		return s, fmt.Errorf("count the keys: %w", err)
	}
	return s, nil
}

// close implements [cipher].
func (m *machine) close() {
	m.end()
	m.group.Wait()
	m.olm.Destroy()
}
