package matrix

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// sendLimit bounds one request, so that a homeserver that hangs does not hold
// up the worker for as long as the message is leased. sealLimit bounds how long
// a post waits for its encryption: in a large room the key takes longer to share,
// which goes on meanwhile, and the next attempt finds it done.
const (
	sendLimit = 20 * time.Second
	sealLimit = 25 * time.Second
)

// dispatch is the one way by which the bot's words leave it: into a room that is
// encrypted they go encrypted, into a room of which that is not known they do
// not go. A reaction is never encrypted by any client; it holds nothing but a
// symbol.
func (c *Client) dispatch(ctx context.Context, cli *mautrix.Client, room id.RoomID, kind event.Type, content any, txn string) (id.EventID, error) {
	content, kind, err := c.ready(ctx, cli, room, kind, content)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	// No repetition by mautrix: it would not look before it sends again.
	ctx = mautrix.WithMaxRetries(ctx, 0)
	answer, err := cli.SendMessageEvent(ctx, room, kind, content, mautrix.ReqSendEvent{TransactionID: txn, DontEncrypt: true})
	if err != nil {
		return "", &sendError{err}
	}
	return answer.EventID, nil
}

// ready returns a content as it may be sent into the room, and its type.
func (c *Client) ready(ctx context.Context, cli *mautrix.Client, room id.RoomID, kind event.Type, content any) (any, event.Type, error) {
	ctx, cancel := context.WithTimeout(ctx, sealLimit)
	defer cancel()
	encrypted, err := c.isEncrypted(ctx, cli, room)
	if err != nil || !encrypted || kind == event.EventReaction {
		return content, kind, err
	}
	sealed, err := c.sealed(ctx, cli, room, kind, content)
	if err != nil {
		return nil, kind, err
	}
	return sealed, event.EventEncrypted, nil
}

// sendError is a failure of the send itself: it may have arrived.
type sendError struct{ err error }

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// sealed encrypts a content for the room.
func (c *Client) sealed(ctx context.Context, cli *mautrix.Client, room id.RoomID, kind event.Type, content any) (*event.EncryptedEventContent, error) {
	if err := c.mayWork(ctx); err != nil {
		return nil, err
	}
	box, err := c.cipherFor(ctx, cli)
	if errors.Is(err, errNoCipher) {
		return nil, &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("room %s is encrypted, and the bot cannot encrypt", room)}
	}
	if err != nil {
		return nil, err
	}
	in, err := c.audience(ctx, cli, room)
	if err != nil {
		return nil, err
	}
	return box.encrypt(ctx, room, in, kind, content)
}

// isEncrypted says whether a room is encrypted. It asks the homeserver each
// time until the answer is yes; then it stays yes, whatever the room's state
// says later.
func (c *Client) isEncrypted(ctx context.Context, cli *mautrix.Client, room id.RoomID) (bool, error) {
	found, err := c.knownEncrypted(ctx, room)
	if err != nil {
		return false, err
	}
	if !found {
		var state map[string]any
		err := cli.StateEvent(ctx, room, event.StateEncryption, "", &state)
		if status(err) == 404 && errors.Is(err, mautrix.MNotFound) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("ask whether %s is encrypted: %w", room, err)
		}
	}
	return true, c.remember(ctx, room)
}

// knownEncrypted says whether it is known here that a room is encrypted.
func (c *Client) knownEncrypted(ctx context.Context, room id.RoomID) (bool, error) {
	if _, known := c.encrypted.Load(room); known {
		return true, nil
	}
	_, found, err := c.options.State.Get(ctx, c.space, "encrypted/"+room.String())
	if err != nil {
		return false, fmt.Errorf("read whether %s is encrypted: %w", room, err)
	}
	return found, nil
}

// remember keeps that a room is encrypted.
func (c *Client) remember(ctx context.Context, room id.RoomID) error {
	if _, known := c.encrypted.Load(room); known {
		return nil
	}
	if err := c.options.State.Set(ctx, c.space, "encrypted/"+room.String(), time.Now().UTC().Format(time.RFC3339)); err != nil {
		return fmt.Errorf("keep that %s is encrypted: %w", room, err)
	}
	c.encrypted.Store(room, true)
	return nil
}

// cachedAudience is who was in a room at a time.
type cachedAudience struct {
	audience
	at time.Time
}

// audience returns for whom the room's events are encrypted. The homeserver is
// asked again after any change of the members that the sync shows.
func (c *Client) audience(ctx context.Context, cli *mautrix.Client, room id.RoomID) (audience, error) {
	if have, known := c.audiences.Load(room); known && time.Since(have.(cachedAudience).at) < membersAge {
		return have.(cachedAudience).audience, nil
	}
	asked, changes := time.Now(), c.changes.Load()
	joined, err := cli.JoinedMembers(ctx, room)
	if err != nil {
		return audience{}, fmt.Errorf("ask who is in %s: %w", room, err)
	}
	in := audience{}
	for user := range joined.Joined {
		in.members = append(in.members, user)
	}
	if len(in.members) == 1 { // the bot alone: what it says is for those whom it has invited
		all, err := cli.Members(ctx, room)
		if err != nil {
			return audience{}, fmt.Errorf("ask who is invited to %s: %w", room, err)
		}
		in.members = nil // somebody may have come in meanwhile
		for _, evt := range all.Chunk {
			if m := membership(&evt.Content); m == event.MembershipInvite || m == event.MembershipJoin {
				in.members = append(in.members, id.UserID(evt.GetStateKey()))
			}
		}
	}
	err = cli.StateEvent(ctx, room, event.StateEncryption, "", &in.settings)
	if err != nil && !errors.Is(err, mautrix.MNotFound) { // a room's state may be reset; its encryption stays
		return audience{}, fmt.Errorf("ask how %s is encrypted: %w", room, err)
	}
	in.settings.Algorithm = id.AlgorithmMegolmV1
	if c.changes.Load() == changes {
		c.audiences.Store(room, cachedAudience{in, asked})
	}
	return in, nil
}

// changed forgets who is in a room.
func (c *Client) changed(room id.RoomID) {
	c.changes.Add(1)
	c.audiences.Delete(room)
}

// cipherFor returns the cipher of the session, which it opens where that has not
// been done, or [errNoCipher].
func (c *Client) cipherFor(ctx context.Context, cli *mautrix.Client) (cipher, error) {
	if c.options.Keys == nil || !Encrypts {
		return nil, errNoCipher
	}
	select {
	case c.opening <- struct{}{}:
		defer func() { <-c.opening }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c.box != nil && c.boxOf == cli {
		return c.box, nil
	}
	if c.box != nil {
		c.box.close()
		c.box = nil
	}
	box, err := c.opens(ctx, cli, c.options.Keys, c.options.Password, c.log)
	if err != nil {
		return nil, err
	}
	c.box, c.boxOf = box, cli
	return box, nil
}

// dropCipher forgets the keys in memory: another replica may change them now.
func (c *Client) dropCipher() {
	c.opening <- struct{}{}
	defer func() { <-c.opening }()
	if c.box != nil {
		c.box.close()
		c.box, c.boxOf = nil, nil
	}
}
