package matrix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// Verbs returns the verbs that only this platform has: e2ee and set.
func (c *Client) Verbs() []bot.Verb {
	return []bot.Verb{
		{
			Name: "e2ee", Aliases: []string{"encryption"}, Usage: "e2ee",
			Summary:  "in Matrix: how encryption does, and the fingerprint of my device",
			Examples: []string{"e2ee"}, Handler: bot.HandlerFunc(c.e2ee),
		},
		{
			Name: "set", Usage: "set threads on|off", Manages: true,
			Summary:  "in Matrix: whether I answer in threads or with plain replies in this room",
			Examples: []string{"set threads off", "set threads on"}, Handler: bot.HandlerFunc(c.set),
		},
	}
}

// enough is the power level that changing what a room gets wants at least.
const enough = 50

// Permit returns a handler that lets only those change what a room gets who may
// change the room: it refuses the verbs that parse finds in the words of others,
// and says which power level is needed. An order that is edited is not carried out
// again.
func (c *Client) Permit(parse func(text string) bot.Verb, next bot.Handler) bot.Handler {
	return bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		verb := parse(m.Text)
		if m.Room.Platform == c.Name() && strings.HasPrefix(m.Return, orderedReturn) {
			return bot.Reply{bot.Refusal{Text: once}}, nil
		}
		if m.Room.Platform != c.Name() || (!verb.Manages && !verb.Administers) {
			return next.Answer(ctx, m)
		}
		if why, err := c.doubts(ctx, m); err != nil {
			return nil, err
		} else if why != "" {
			return bot.Reply{bot.Refusal{Text: "I do not take " + verb.Name + " from this message, for " + why + ": in an encrypted room, order it by an encrypted message from a verified device."}}, nil
		}
		if !verb.Manages { // whom it knows, the verb says itself
			return c.carryOut(ctx, m, next)
		}
		has, needs, err := c.power(ctx, id.RoomID(m.Room.ID), id.UserID(m.Sender))
		switch {
		case isFinal(err) || (err == nil && has < needs):
			return bot.Reply{bot.Refusal{Text: fmt.Sprintf("%s wants the power level %d in this room, and you have %d. Ask somebody who moderates the room, or order it in a direct chat with me.", verb.Name, needs, has)}}, nil
		case err != nil:
			return nil, err
		}
		return c.carryOut(ctx, m, next)
	})
}

// power returns the power level of a user in a room and the one that changing
// what the room gets wants. It asks the homeserver each time.
func (c *Client) power(ctx context.Context, room id.RoomID, user id.UserID) (has, needs int, err error) {
	cli, err := c.session(ctx)
	if err != nil {
		return 0, 0, err
	}
	create, err := c.creator(ctx, cli, room)
	if err != nil {
		return 0, 0, fmt.Errorf("ask who made %s: %w", room, err)
	}
	var levels event.PowerLevelsEventContent
	err = cli.StateEvent(ctx, room, event.StatePowerLevels, "", &levels)
	if errors.Is(err, mautrix.MNotFound) { // then who made the room has all the power
		maker, err := c.maker(ctx, cli, room, create)
		if err != nil {
			return 0, 0, fmt.Errorf("ask who made %s: %w", room, err)
		}
		if maker == user {
			return 100, enough, nil
		}
		return 0, enough, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the power levels of %s: %w", room, err)
	}
	levels.CreateEvent = create
	return levels.GetUserLevel(user), max(enough, levels.StateDefault()), nil
}

// creator returns the m.room.create event of a room: since room version 12, whoever
// made the room has more power than any level, and the room's ID is that event's.
func (c *Client) creator(ctx context.Context, cli *mautrix.Client, room id.RoomID) (*event.Event, error) {
	if strings.Contains(room.String(), ":") { // before version 12
		return nil, nil //nolint:nilnil // nobody has power by having made the room
	}
	evt, err := cli.GetEvent(ctx, room, id.EventID("$"+strings.TrimPrefix(room.String(), "!")))
	if err != nil {
		return nil, err
	}
	if err := evt.Content.ParseRaw(event.StateCreate); err != nil && !errors.Is(err, event.ErrContentAlreadyParsed) {
		return nil, err
	}
	evt.Type = event.StateCreate
	return evt, nil
}

// maker returns who made a room: the sender of its m.room.create, whose content
// says it too before room version 11.
func (c *Client) maker(ctx context.Context, cli *mautrix.Client, room id.RoomID, create *event.Event) (id.UserID, error) {
	if create != nil {
		return create.Sender, nil
	}
	var content struct {
		Creator id.UserID `json:"creator"`
	}
	if err := cli.StateEvent(ctx, room, event.StateCreate, "", &content); err != nil {
		return "", err
	}
	if content.Creator != "" {
		return content.Creator, nil
	}
	evt, err := cli.FullStateEvent(ctx, room, event.StateCreate, "")
	if err != nil {
		return "", err
	}
	return evt.Sender, nil
}

// set changes how the bot behaves in a room.
func (c *Client) set(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if m.Room.Platform != c.Name() {
		return bot.Say("That is a setting of Matrix rooms; here there is nothing to set."), nil
	}
	room := id.RoomID(m.Room.ID)
	off, err := c.threadsOff(ctx, room)
	if err != nil {
		return nil, err
	}
	what, value, _ := strings.Cut(strings.ToLower(strings.Join(strings.Fields(m.Text), " ")), " ")
	switch {
	case what == "":
		return bot.Say("Threads are " + onOff(!off) + " in this room. To change that, write: set threads " + onOff(off)), nil
	case what != "threads" || (value != "on" && value != "off"):
		return bot.Say("I know one setting: write set threads on, or set threads off."), nil
	case value == onOff(!off):
		return bot.Say("Threads are " + value + " in this room already."), nil
	}
	if err := c.options.State.Set(ctx, c.space, "threads/"+room.String(), value); err != nil {
		return nil, err
	}
	if value == "off" {
		return bot.Say("From now on I answer with plain replies in this room. What is asked in a thread I still answer there."), nil
	}
	return bot.Say("From now on I answer in threads in this room."), nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// threadsOff says whether a room wants plain replies instead of threads.
func (c *Client) threadsOff(ctx context.Context, room id.RoomID) (bool, error) {
	value, _, err := c.options.State.Get(ctx, c.space, "threads/"+room.String())
	if err != nil {
		return false, &receiveError{fmt.Errorf("read the settings of %s: %w", room, err)}
	}
	return value == "off", nil
}

// e2ee says how encryption does.
func (c *Client) e2ee(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if m.Room.Platform != c.Name() {
		return bot.Say("That is about encrypted rooms on Matrix; here there is no encryption of mine."), nil
	}
	var declined bot.Reply
	if m.Return == verificationReturn {
		if err := c.decline(ctx, m); err != nil {
			return nil, err
		}
		declined = bot.Say("I am a program and cannot compare emoji, so I have declined to be verified by them. To be sure that I am who I seem to be, compare my fingerprint below with the one that my operator reads out to you.")
	}
	cli, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	box, err := c.cipherFor(ctx, cli)
	if errors.Is(err, errNoCipher) {
		return bot.Say("I was built or set up without encryption: I can neither read nor write in encrypted rooms, and I leave them."), nil
	}
	if err != nil {
		return nil, err
	}
	s, err := box.status(ctx)
	if err != nil {
		return nil, err
	}
	encrypted, err := c.isEncrypted(ctx, cli, id.RoomID(m.Room.ID))
	if err != nil {
		return nil, err
	}
	signed := "It is signed by my account (cross-signed)."
	if !s.signed {
		signed = "It is not signed by my account; strict clients will not show what I write."
	}
	state := "This room is not encrypted."
	if encrypted {
		state = "This room is encrypted."
	}
	waiting, err := c.options.Notes.Notes(ctx, c.space+"/held", "")
	if err != nil {
		return nil, err
	}
	c.unread.mu.Lock()
	late, never := c.unread.late, c.unread.never
	c.unread.mu.Unlock()
	recovery := "The file of the recovery key is where it was written; keep a copy elsewhere."
	if _, err := os.Stat(c.options.Keys.RecoveryFile); err != nil {
		recovery = "The file of the recovery key is not on this machine: it is needed when the database is lost."
	}
	return append(declined,
		bot.Lead{Text: state},
		bot.List{Items: []string{
			"My device is " + cli.DeviceID.String() + ", fingerprint " + s.fingerprint + ". " + signed,
			fmt.Sprintf("One-time keys on the homeserver: %d. Keys of others that I keep: %d.", s.oneTimeKeys, s.sessions),
			fmt.Sprintf("Messages whose key came late: %d; that I could never read: %d; that wait for their key now: %d.", late, never, len(waiting)),
			recovery,
			"Encryption is goolm, written in Go and not audited.",
		}},
	), nil
}
