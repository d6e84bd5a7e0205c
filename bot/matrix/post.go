package matrix

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
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
	Mentions      mentions          `json:"m.mentions"` // always there
	NewContent    *content          `json:"m.new_content,omitempty"`
	RelatesTo     *event.RelatesTo  `json:"m.relates_to,omitempty"`
	Delivery      string            `json:"org.rapporteur.delivery,omitempty"`
}

// mentions is whom an event notifies: nobody, or the one whom it answers
// outside a thread.
type mentions struct {
	UserIDs []id.UserID `json:"user_ids,omitempty"`
}

// Post posts p, in several events where it is long, and returns the first. With
// the same key it posts once: the homeserver knows the transaction, and after a
// doubtful attempt the room is searched first. Errors are a [bot.PostError].
func (c *Client) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) {
	if p.Room.Platform != c.Name() || p.Key == "" {
		return bot.Receipt{}, &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("post %q to %s: no key, or no Matrix room", p.Key, p.Room)}
	}
	reply, buttons := withButtons(p.Reply)
	if len(draw(reply, c.options.Prefix)) == 0 {
		return bot.Receipt{}, nil
	}
	told, looked := p.Doubtful, false
	for again := false; ; again = true {
		p.Doubtful = p.Doubtful || c.isDoubtful(p.Key)
		first, err := c.attempt(ctx, p, reply, &looked)
		if err == nil {
			c.doubtful.Delete(p.Key)
			c.offer(ctx, p, first, buttons)
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
		case c.isDoubtful(p.Key):
			// Whoever repeats it looks first, in another process too.
			known.Outcome, known.RetryAfter = bot.Unknown, max(known.RetryAfter, time.Second)
		}
		known.Err = fmt.Errorf("post to %s: %w", p.Room, err)
		return bot.Receipt{}, known
	}
}

// isDoubtful says whether an attempt of this process at the post may have arrived.
func (c *Client) isDoubtful(key string) bool {
	_, is := c.doubtful.Load(key)
	return is
}

// attempt makes one attempt at a post. It sets looked once an earlier attempt
// was looked for.
func (c *Client) attempt(ctx context.Context, p bot.Post, reply bot.Reply, looked *bool) (first id.EventID, err error) {
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
	room, cause := id.RoomID(p.Room.ID), question(p)
	if cause != "" {
		if gone, err := c.isWithdrawn(ctx, room, cause); gone || err != nil {
			return "", err
		}
	}
	defer c.oneByOne(p)()
	if old, err := c.outdated(ctx, p); old || err != nil {
		return "", err
	}
	replaces, err := c.replaces(ctx, p)
	if err != nil {
		return "", err
	}
	sent := map[string]id.EventID{}
	rest, files := filesOf(reply)
	if p.Doubtful {
		if sent, err = c.find(ctx, cli, p, len(draw(reply, c.options.Prefix)), len(files)); err != nil {
			return "", fmt.Errorf("look for an earlier attempt: %w", err)
		}
		*looked = true
	}
	ready, refused, err := c.uploads(ctx, cli, p, files, sent)
	if err != nil {
		return "", err
	}
	if !refused && len(files) > 0 {
		reply = rest
	}
	pieces := draw(reply, c.options.Prefix)
	for i, piece := range pieces {
		name := delivery(p.Key, i)
		event, done := sent[name]
		if !done {
			if event, err = c.send(ctx, cli, p, piece, name, at(replaces, i)); err != nil {
				if _, sending := errors.AsType[*sendError](err); i > 0 || (sending && mayHaveArrived(err)) {
					c.doubtful.Store(p.Key, true)
				}
				return "", err
			}
		}
		if was := at(replaces, i); was != "" {
			if err := c.edited(ctx, room, was, event); err != nil {
				return "", err
			}
		} else if cause != "" {
			if err := c.options.Notes.Note(ctx, c.space+"/post", fmt.Sprintf("%s|%s|%03d", room, cause, i), event.String(), time.Now()); err != nil {
				return "", fmt.Errorf("remember an answer: %w", err)
			}
		}
		if i == 0 {
			first = event
		}
	}
	attached, err := c.sendFiles(ctx, cli, p, ready)
	if err != nil {
		c.doubtful.Store(p.Key, true)
		return "", err
	}
	if first == "" && len(attached) > 0 {
		first = attached[0]
	}
	if err := c.keepFiles(ctx, cli, room, cause, attached); err != nil {
		return "", err
	}
	for _, left := range replaces[min(len(pieces), len(replaces)):] { // the new answer is shorter
		if _, err := cli.RedactEvent(ctx, room, left, mautrix.ReqRedact{Reason: "the answer is shorter now", TxnID: delivery("redact/"+left.String(), 0)}); err != nil && !isFinal(err) {
			return "", fmt.Errorf("shorten an answer: %w", err)
		}
	}
	if cause != "" { // it may have been taken back while this was written
		if gone, err := c.isWithdrawn(ctx, room, cause); gone || err != nil {
			return first, errors.Join(err, c.takeBack(ctx, cli, room, cause))
		}
	}
	return first, nil
}

func at(events []id.EventID, i int) id.EventID {
	if i < len(events) {
		return events[i]
	}
	return ""
}

// aboutReturn is before the message that a notice is about, where it is to be a plain
// reply to that.
const aboutReturn = "about "

// question returns the message that a post answers; for an edit, the one that
// was edited. It is empty for what answers nobody.
func question(p bot.Post) id.EventID {
	for _, mark := range []string{editReturn, aboutReturn} {
		if message, ok := strings.CutPrefix(p.Return, mark); ok {
			return id.EventID(message)
		}
	}
	asked, ok := strings.CutPrefix(p.Key, bot.AnswerKey(bot.Message{Room: p.Room}))
	if !ok {
		return ""
	}
	return id.EventID(asked)
}

// postsFor returns the events of the answer to a message, in their order.
func (c *Client) postsFor(ctx context.Context, room id.RoomID, cause id.EventID) ([]id.EventID, error) {
	found, err := c.options.Notes.Notes(ctx, c.space+"/post", room.String()+"|"+cause.String()+"|")
	if err != nil {
		return nil, fmt.Errorf("read what was posted: %w", err)
	}
	var events []id.EventID
	for _, name := range slices.Sorted(maps.Keys(found)) {
		events = append(events, id.EventID(found[name]))
	}
	return events, nil
}

// firstAnswerWithin is how long the answer to an edited question waits for the
// answer that it is to replace.
const firstAnswerWithin = 20 * time.Second

// replaces returns the events that a post replaces. Where they are not there
// yet, it is too early to post; after a while it is posted as it is.
func (c *Client) replaces(ctx context.Context, p bot.Post) ([]id.EventID, error) {
	if !strings.HasPrefix(p.Return, editReturn) {
		return nil, nil
	}
	events, err := c.postsFor(ctx, id.RoomID(p.Room.ID), question(p))
	if err != nil {
		return nil, err
	}
	since, _ := c.waited.LoadOrStore(p.Key, time.Now())
	if len(events) == 0 && time.Since(since.(time.Time)) < firstAnswerWithin {
		return nil, &bot.PostError{Outcome: bot.NotSent, Err: errors.New("the answer to the first wording is not posted yet")}
	}
	c.waited.Delete(p.Key)
	return events, nil
}

// send sends one event: instead of another one, into the thread, or as a reply,
// also where the homeserver will not have a thread there.
func (c *Client) send(ctx context.Context, cli *mautrix.Client, p bot.Post, piece drawn, name string, replaced id.EventID) (id.EventID, error) {
	message := &content{
		MsgType: event.MsgText, Body: piece.body, Format: event.FormatHTML, FormattedBody: piece.html, Delivery: name,
	}
	if p.Purpose == bot.ForAnswer || p.Purpose == bot.ForNotice {
		message.MsgType = event.MsgNotice // what is ordered, people want to notice
	}
	room, root := id.RoomID(p.Room.ID), id.EventID(p.Thread)
	asked, err := c.repliesTo(ctx, p)
	if err != nil {
		return "", err
	}
	switch {
	case replaced != "":
		fresh := *message
		message.NewContent = &fresh
		message.Body, message.FormattedBody = "* "+message.Body, "* "+message.FormattedBody
		message.RelatesTo = new(event.RelatesTo).SetReplace(replaced)
	case root != "":
		message.RelatesTo = new(event.RelatesTo).SetThread(root, cmp.Or(asked, root))
	case asked != "":
		message.answers(asked, p.To)
	}
	sent, err := c.dispatch(ctx, cli, room, event.EventMessage, message, name)
	if root != "" && replaced == "" && status(err) == 400 && code(err) == mautrix.MUnknown.ErrCode {
		message.answers(cmp.Or(asked, root), p.To)
		sent, err = c.dispatch(ctx, cli, room, event.EventMessage, message, delivery(name, 0))
	}
	return sent, err
}

// answers makes the event a plain reply, which notifies the one whom it answers:
// outside a thread nothing else would.
func (m *content) answers(asked id.EventID, who string) {
	m.RelatesTo = new(event.RelatesTo).SetReplyTo(asked)
	if user := id.UserID(who); who != "" {
		m.Mentions.UserIDs = []id.UserID{user}
	}
}

// delivery names one event of a post: its transaction ID and what find looks
// for.
func delivery(key string, part int) string {
	sum := sha256.Sum256([]byte(key + "|" + strconv.Itoa(part)))
	return base32.StdEncoding.EncodeToString(sum[:])[:32]
}

// find returns those of the post's events that are in the room, those of its text
// and those of its files, by their names:
// from the thread, if there is one, and from the room's recent events, where a
// reply instead of a thread would be.
func (c *Client) find(ctx context.Context, cli *mautrix.Client, p bot.Post, parts, files int) (map[string]id.EventID, error) {
	wanted, found := map[string]string{}, map[string]id.EventID{}
	for i := range parts {
		name := delivery(p.Key, i)
		wanted[name], wanted[delivery(name, 0)] = name, name
	}
	for i := range files {
		name := fileDelivery(p.Key, i)
		wanted[name], wanted[delivery(name, 0)] = name, name
	}
	box, err := c.cipherFor(ctx, cli)
	if err != nil && !errors.Is(err, errNoCipher) {
		return nil, err
	}
	room := id.RoomID(p.Room.ID)
	look := func(events []*event.Event) (done bool) {
		for _, evt := range events {
			if evt.Sender != cli.UserID {
				continue
			}
			evt.RoomID = room
			name := wanted[evt.Unsigned.TransactionID]
			if clear := c.readable(ctx, box, evt); clear != nil && name == "" {
				label, _ := clear.Content.Raw[deliveryField].(string)
				name = wanted[label]
			}
			if name != "" {
				found[name] = evt.ID
			}
		}
		return len(found) == parts+files
	}
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
	// The homeserver's clock may have differed by hours when it was posted.
	oldest := p.Since.Add(c.skew.by() - 3*time.Hour)
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
