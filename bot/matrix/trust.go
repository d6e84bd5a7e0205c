package matrix

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// Whoever runs a homeserver can put words into a room, and devices under a user.
// In an encrypted room the bot answers such words like all others, but it takes no
// orders by them: what changes the room must come encrypted, and from a device
// that its owner's identity has signed. No client encrypts reactions; they can only
// say what the bot itself has offered under its own message.

const (
	// vetEvery is how often somebody's devices are asked for anew, where one of
	// them is not signed: the signature may be newer than what is known.
	vetEvery = time.Minute
	// mostVetted bounds whose devices were asked for lately.
	mostVetted = 1000
)

// The ways in which a message can fail to be trusted.
const (
	cameInPlain    = "it came unencrypted"
	unsignedDevice = "it came from a device that its owner has not verified (cross-signed)"
)

// decrypted decrypts an event, and finds out anew whether its device is signed
// where it seems not to be.
func (l *listener) decrypted(ctx context.Context, evt *event.Event) (*event.Event, error) {
	clear, err := l.box.decrypt(ctx, evt)
	if err != nil || trusted(clear) || time.Since(l.vetted[evt.Sender]) < vetEvery {
		return clear, err
	}
	if len(l.vetted) >= mostVetted {
		l.vetted = map[id.UserID]time.Time{}
	}
	l.vetted[evt.Sender] = time.Now()
	if err := l.box.refresh(ctx, evt.Sender); err != nil {
		l.log.WarnContext(ctx, "matrix devices not asked for", "error", err)
		return clear, nil
	}
	return l.box.decrypt(ctx, evt)
}

// trusted says whether an event came encrypted from a device that its owner has
// signed.
func trusted(evt *event.Event) bool {
	return evt.Mautrix.WasEncrypted && evt.Mautrix.TrustState >= id.TrustStateCrossSignedTOFU
}

// doubt remembers that a message is not to be trusted with orders.
func (l *listener) doubt(ctx context.Context, evt *event.Event, m bot.Message) error {
	if trusted(evt) {
		return nil
	}
	secret, err := l.knownEncrypted(ctx, evt.RoomID)
	if err != nil {
		return &receiveError{err}
	}
	if !secret {
		return nil
	}
	why := unsignedDevice
	if !evt.Mautrix.WasEncrypted {
		why = cameInPlain
	}
	if err := l.options.Notes.Note(ctx, l.space+"/doubt", m.Room.ID+"|"+m.ID, why, time.Now()); err != nil {
		return &receiveError{err}
	}
	return nil
}

// doubts says why a message is not to be trusted with orders; nothing where it is.
func (c *Client) doubts(ctx context.Context, m bot.Message) (string, error) {
	name := m.Room.ID + "|" + m.ID
	found, err := c.options.Notes.Notes(ctx, c.space+"/doubt", name)
	if err != nil {
		return "", fmt.Errorf("read whether a message is trusted: %w", err)
	}
	return found[name], nil
}
