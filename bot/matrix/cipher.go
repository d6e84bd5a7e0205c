package matrix

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Keys is what encryption needs to outlive a restart. Without it the bot can
// neither read nor write in encrypted rooms.
type Keys struct {
	// DB is the database that mautrix's tables for encryption share with the
	// bot's own, so that the keys are backed up with all the rest.
	DB *sql.DB
	// Postgres is set where DB is PostgreSQL and not SQLite.
	Postgres bool
	// PickleKey encrypts the keys inside the database.
	PickleKey string
	// RecoveryFile is where the recovery key of the account's cross-signing
	// identity is written at the first start, with mode 0600, and read after the
	// database was lost.
	RecoveryFile string
}

// cipher encrypts and decrypts for one device of the account. There is one
// where the program is built with the tag goolm.
type cipher interface {
	// absorb takes in what a sync batch says about keys and devices.
	absorb(ctx context.Context, batch *mautrix.RespSync, since string)
	// encrypt encrypts an event's content for those who are in the room.
	encrypt(ctx context.Context, room id.RoomID, in audience, kind event.Type, content any) (*event.EncryptedEventContent, error)
	// decrypt returns the event that an m.room.encrypted event hides.
	decrypt(ctx context.Context, evt *event.Event) (*event.Event, error)
	// request asks the sender's device, once more, for the key of an event.
	request(ctx context.Context, evt *event.Event) error
	// refresh asks for a person's devices, and by whom they are signed, anew.
	refresh(ctx context.Context, user id.UserID) error
	// rotate makes the next event of the room use a new key.
	rotate(ctx context.Context, room id.RoomID) error
	// status says how encryption does.
	status(ctx context.Context) (cipherStatus, error)
	// close ends what runs in the background.
	close()
}

// audience is for whom a room's events are encrypted, and how long with one key.
type audience struct {
	// members are those who have joined the room.
	members []id.UserID
	// settings is the room's m.room.encryption.
	settings event.EncryptionEventContent
}

// cipherStatus is what the verb e2ee shows.
type cipherStatus struct {
	fingerprint string
	signed      bool // the device is signed by the account's own identity
	oneTimeKeys int  // on the homeserver, for people who write to the bot anew
	sessions    int  // keys of others that are kept
}

// The errors of decrypt that callers tell apart.
var (
	// errNoKey means that the key has not come (yet).
	errNoKey = errors.New("the key of the message is missing")
	// errReplayed means that somebody sent an old ciphertext again.
	errReplayed = errors.New("the message is a repetition of another one")
	// errNoCipher means that this program cannot encrypt.
	errNoCipher = errors.New("this program was built without encryption")
)

const (
	// fewOneTimeKeys is when the operator hears that people who write to the bot
	// for the first time may soon fail to reach it.
	fewOneTimeKeys = 10
	// membersAge is how long a room's list of members is believed, in case a
	// change of it was missed.
	membersAge = 5 * time.Minute
)
