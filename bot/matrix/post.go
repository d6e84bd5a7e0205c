package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// deliveryField is the field of an event's content that names the delivery it
// is, so that it can be found again. The name tells others nothing.
const deliveryField = "org.rapporteur.delivery"

// content is an m.room.message on the wire.
type content struct {
	MsgType       event.MessageType `json:"msgtype"`
	Body          string            `json:"body"`
	Format        event.Format      `json:"format"`
	FormattedBody string            `json:"formatted_body"`
	Mentions      struct{}          `json:"m.mentions"` // always there, always empty
	RelatesTo     *event.RelatesTo  `json:"m.relates_to,omitempty"`
	Delivery      string            `json:"org.rapporteur.delivery"`
}

// Post posts p, in several events where it is long, and returns the first. With
// the same key it posts once: the homeserver knows the transaction, and after a
// doubtful attempt the room is searched first. Errors are a [bot.PostError].
func (c *Client) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) {
	if p.Room.Platform != c.Name() || p.Key == "" {
		return bot.Receipt{}, &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("post %q to %s: no key, or no Matrix room", p.Key, p.Room)}
	}
	pieces := draw(p.Reply, c.options.Prefix)
	if len(pieces) == 0 {
		return bot.Receipt{}, nil
	}
	told, looked := p.Doubtful, false
	for again := false; ; again = true {
		if _, ours := c.doubtful.Load(p.Key); ours {
			p.Doubtful = true
		}
		first, err := c.attempt(ctx, p, pieces, &looked)
		if err == nil {
			c.doubtful.Delete(p.Key)
			return bot.Receipt{ID: first.String()}, nil
		}
		if isToken(err) && !again {
			continue
		}
		known := postError(err)
		switch {
		case known.Outcome == bot.Refused || known.Outcome == bot.Gone:
			c.doubtful.Delete(p.Key)
		case told && !looked:
			known.Outcome = bot.Unknown // this attempt changed nothing about that
		}
		known.Err = fmt.Errorf("post to %s: %w", p.Room, err)
		return bot.Receipt{}, known
	}
}

// attempt makes one attempt at a post. It sets looked once an earlier attempt
// was looked for.
func (c *Client) attempt(ctx context.Context, p bot.Post, pieces []drawn, looked *bool) (first id.EventID, err error) {
	cli, err := c.session(ctx)
	if err != nil { // whatever it is, it says nothing about the room
		return "", &bot.PostError{Outcome: bot.NotSent, RetryAfter: retryAfter(err), Err: err}
	}
	defer func() {
		if isToken(err) { // the homeserver remembers transactions by token
			c.doubtful.Store(p.Key, true)
			c.refuse(cli)
		}
	}()
	if err := c.guard(ctx, cli, id.RoomID(p.Room.ID)); err != nil {
		return "", err
	}
	sent := map[string]id.EventID{}
	if p.Doubtful {
		if sent, err = find(ctx, cli, p, len(pieces)); err != nil {
			return "", fmt.Errorf("look for an earlier attempt: %w", err)
		}
		*looked = true
	}
	for i, piece := range pieces {
		name := delivery(p.Key, i)
		event, done := sent[name]
		if !done {
			if event, err = c.send(ctx, cli, p, piece, name); err != nil {
				if i > 0 || mayHaveArrived(err) {
					c.doubtful.Store(p.Key, true)
				}
				return "", err
			}
		}
		if i == 0 {
			first = event
		}
	}
	return first, nil
}

// guard stands before every send: it lets nothing into a room that is encrypted
// or may be.
func (c *Client) guard(ctx context.Context, cli *mautrix.Client, room id.RoomID) error {
	encrypted, err := c.isEncrypted(ctx, cli, room)
	if err == nil && encrypted {
		err = &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("room %s is encrypted, and the bot cannot encrypt yet", room)}
	}
	return err
}

// isEncrypted says whether a room is encrypted. It asks the homeserver each
// time until the answer is yes; then it stays yes, whatever the room's state
// says later.
func (c *Client) isEncrypted(ctx context.Context, cli *mautrix.Client, room id.RoomID) (bool, error) {
	if _, known := c.encrypted.Load(room); known {
		return true, nil
	}
	_, found, err := c.options.State.Get(ctx, c.space, "encrypted/"+room.String())
	if err != nil {
		return false, fmt.Errorf("read whether %s is encrypted: %w", room, err)
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

// remember keeps that a room is encrypted.
func (c *Client) remember(ctx context.Context, room id.RoomID) error {
	c.encrypted.Store(room, true)
	if err := c.options.State.Set(ctx, c.space, "encrypted/"+room.String(), time.Now().UTC().Format(time.RFC3339)); err != nil {
		return fmt.Errorf("keep that %s is encrypted: %w", room, err)
	}
	return nil
}

// send sends one event: into the thread or, where the homeserver will not have
// a thread there, as a reply.
func (c *Client) send(ctx context.Context, cli *mautrix.Client, p bot.Post, piece drawn, name string) (id.EventID, error) {
	message := &content{
		MsgType: event.MsgNotice, Body: piece.body, Format: event.FormatHTML, FormattedBody: piece.html, Delivery: name,
	}
	if p.Purpose == bot.ForDigest {
		message.MsgType = event.MsgText // people want to notice it
	}
	root := id.EventID(p.Thread)
	if root != "" {
		message.RelatesTo = new(event.RelatesTo).SetThread(root, root)
	}
	// No repetition by mautrix: it would not look before it sends again.
	ctx = mautrix.WithMaxRetries(ctx, 0)
	answer, err := cli.SendMessageEvent(ctx, id.RoomID(p.Room.ID), event.EventMessage, message, mautrix.ReqSendEvent{TransactionID: name})
	if root != "" && status(err) == 400 && code(err) == mautrix.MUnknown.ErrCode {
		message.RelatesTo = new(event.RelatesTo).SetReplyTo(root)
		answer, err = cli.SendMessageEvent(ctx, id.RoomID(p.Room.ID), event.EventMessage, message, mautrix.ReqSendEvent{TransactionID: delivery(name, 0)})
	}
	if err != nil {
		return "", err
	}
	return answer.EventID, nil
}

// delivery names one event of a post: its transaction ID and what find looks
// for.
func delivery(key string, part int) string {
	sum := sha256.Sum256([]byte(key + "|" + strconv.Itoa(part)))
	return base32.StdEncoding.EncodeToString(sum[:])[:32]
}

// find returns those of the post's events that are in the room, by their names:
// from the thread, if there is one, and from the room's recent events, where a
// reply instead of a thread would be.
func find(ctx context.Context, cli *mautrix.Client, p bot.Post, parts int) (map[string]id.EventID, error) {
	wanted, found := map[string]bool{}, map[string]id.EventID{}
	for i := range parts {
		wanted[delivery(p.Key, i)] = true
	}
	look := func(events []*event.Event) (done bool) {
		for _, evt := range events {
			name, _ := evt.Content.Raw[deliveryField].(string)
			if evt.Sender == cli.UserID && wanted[name] {
				found[name] = evt.ID
			}
		}
		return len(found) == parts
	}
	room := id.RoomID(p.Room.ID)
	if p.Thread != "" {
		for from, page := "", 0; page < 5; page++ {
			thread, err := cli.GetRelations(ctx, room, id.EventID(p.Thread), &mautrix.ReqGetRelations{RelationType: event.RelThread, From: from, Limit: 100})
			if isFinal(err) { // the root is gone
				break
			}
			if err != nil {
				return nil, err
			}
			if look(thread.Chunk) {
				return found, nil
			}
			if from = thread.NextBatch; from == "" {
				break
			}
		}
	}
	// The homeserver's clock may differ by hours.
	oldest := p.Since.Add(-3 * time.Hour)
	for from, seen := "", 0; seen < 500; {
		recent, err := cli.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, 100)
		if err != nil {
			return nil, err
		}
		if look(recent.Chunk) || len(recent.Chunk) == 0 || recent.End == "" || recent.End == from {
			break
		}
		if last := recent.Chunk[len(recent.Chunk)-1]; !p.Since.IsZero() && time.UnixMilli(last.Timestamp).Before(oldest) {
			break
		}
		from, seen = recent.End, seen+len(recent.Chunk)
	}
	return found, nil
}
