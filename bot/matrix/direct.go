package matrix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// directMark is the field of a room's m.room.create by which the bot knows that it
// has made the room itself, to say something to one person: it is not greeted. Its
// value is that person.
const directMark = "org.rapporteur.direct"

// Direct returns the room in which the person and the bot are alone: one that is
// there, or a new one to which the person is invited, encrypted as clients do for
// direct rooms. It keeps m.direct, by which clients know such rooms.
func (c *Client) Direct(ctx context.Context, person string, _ bot.Room) (bot.Room, error) {
	if err := c.mayWork(ctx); err != nil {
		return bot.Room{}, err
	}
	cli, err := c.session(ctx)
	if err != nil {
		return bot.Room{}, err
	}
	c.meeting.Lock() // one new room for one person
	defer c.meeting.Unlock()
	user := id.UserID(person)
	known := map[id.UserID][]id.RoomID{}
	if err := cli.GetAccountData(ctx, event.AccountDataDirectChats.Type, &known); err != nil && !errors.Is(err, mautrix.MNotFound) {
		return bot.Room{}, fmt.Errorf("read the direct rooms: %w", err)
	}
	rooms := known[user]
	// Written down before m.direct was: a crash may have come between.
	made, found, err := c.options.State.Get(ctx, c.space, "direct/"+person)
	if err != nil {
		return bot.Room{}, fmt.Errorf("read the direct room of a person: %w", err)
	}
	if found && !slices.Contains(rooms, id.RoomID(made)) {
		rooms = append(rooms, id.RoomID(made))
	}
	for _, room := range rooms {
		alone, err := c.alone(ctx, cli, room, user)
		if err != nil {
			return bot.Room{}, err
		}
		if alone {
			return c.met(ctx, cli, known, user, room)
		}
	}
	room, err := c.begun(ctx, cli, user)
	if err == nil && room == "" {
		room, err = c.open(ctx, cli, user)
	}
	if err != nil {
		return bot.Room{}, err
	}
	// In this order: a crash in between must not lose the room.
	for _, kept := range [][2]string{{"direct/", room.String()}, {making, ""}} {
		if err := c.options.State.Set(ctx, c.space, kept[0]+person, kept[1]); err != nil {
			return bot.Room{}, fmt.Errorf("keep the direct room of a person: %w", err)
		}
	}
	return c.met(ctx, cli, known, user, room)
}

// making is before the name of a person for whom a room is being made: where that is
// written down and the room is not, the answer to the making was lost.
const making = "making/"

// open makes a direct room with the person, and writes down before that it does.
func (c *Client) open(ctx context.Context, cli *mautrix.Client, user id.UserID) (id.RoomID, error) {
	if err := c.options.State.Set(ctx, c.space, making+user.String(), time.Now().UTC().Format(time.RFC3339)); err != nil {
		return "", fmt.Errorf("keep that a direct room is being made: %w", err)
	}
	room, err := c.invite(ctx, cli, user)
	if isFinal(err) { // surely not made
		if err := c.options.State.Set(context.WithoutCancel(ctx), c.space, making+user.String(), ""); err != nil {
			c.log.WarnContext(ctx, "a direct room that was not made will be looked for", "error", err)
		}
	}
	return room, err
}

// begun returns the direct room with a person of whose making there was no answer;
// empty where there is none. The homeserver drops no repeated createRoom.
func (c *Client) begun(ctx context.Context, cli *mautrix.Client, user id.UserID) (id.RoomID, error) {
	since, found, err := c.options.State.Get(ctx, c.space, making+user.String())
	if err != nil || !found || since == "" {
		return "", err
	}
	joined, err := cli.JoinedRooms(ctx)
	if err != nil {
		return "", fmt.Errorf("look for a direct room: %w", err)
	}
	for _, room := range joined.JoinedRooms {
		var create creation
		if err := cli.StateEvent(ctx, room, event.StateCreate, "", &create); isFinal(err) {
			continue // the bot is in the room no more
		} else if err != nil {
			return "", fmt.Errorf("look for a direct room: %w", err)
		}
		if create.Direct != user.String() {
			continue
		}
		if alone, err := c.alone(ctx, cli, room, user); err != nil || alone {
			return room, err
		}
	}
	return "", nil
}

// met adds the room to m.direct, where it is not there yet.
func (c *Client) met(ctx context.Context, cli *mautrix.Client, known map[id.UserID][]id.RoomID, user id.UserID, room id.RoomID) (bot.Room, error) {
	at := bot.Room{Platform: c.Name(), ID: room.String()}
	if slices.Contains(known[user], room) {
		return at, nil
	}
	known[user] = append(known[user], room)
	if err := cli.SetAccountData(ctx, event.AccountDataDirectChats.Type, known); err != nil {
		return bot.Room{}, fmt.Errorf("keep the direct rooms: %w", err)
	}
	return at, nil
}

// alone says whether nobody but the bot and the person is in the room, or invited.
func (c *Client) alone(ctx context.Context, cli *mautrix.Client, room id.RoomID, user id.UserID) (bool, error) {
	all, err := cli.Members(ctx, room)
	if isFinal(err) {
		return false, nil // the bot is in the room no more
	}
	if err != nil {
		return false, fmt.Errorf("ask who is in %s: %w", room, err)
	}
	self, other := false, false
	for _, evt := range all.Chunk {
		switch m := membership(&evt.Content); {
		case m != event.MembershipJoin && m != event.MembershipInvite:
		case evt.GetStateKey() == c.user.String():
			self = m == event.MembershipJoin
		case evt.GetStateKey() == user.String():
			other = true
		default:
			return false, nil
		}
	}
	return self && other, nil
}

// invite makes a direct room with the person.
func (c *Client) invite(ctx context.Context, cli *mautrix.Client, user id.UserID) (id.RoomID, error) {
	request := &mautrix.ReqCreateRoom{
		Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{user}, CreationContent: map[string]any{directMark: user},
	}
	secret, err := c.canDecrypt(ctx, cli, user)
	if err != nil {
		return "", err
	}
	if secret {
		key := ""
		request.InitialState = []*event.Event{{Type: event.StateEncryption, StateKey: &key, Content: event.Content{Raw: map[string]any{"algorithm": string(id.AlgorithmMegolmV1)}}}}
	}
	made, err := cli.CreateRoom(mautrix.WithMaxRetries(ctx, 0), request)
	if err != nil {
		failed := postError(err)
		if isFinal(err) && failed.Outcome == bot.NotSent {
			failed.Outcome = bot.Refused
		}
		failed.Err = fmt.Errorf("make a direct room: %w", err)
		return "", failed
	}
	if len(request.InitialState) > 0 {
		return made.RoomID, c.remember(ctx, made.RoomID)
	}
	return made.RoomID, nil
}

// canDecrypt says whether the bot can encrypt and the person has a device that can
// decrypt; clients do not encrypt a direct room otherwise either.
func (c *Client) canDecrypt(ctx context.Context, cli *mautrix.Client, user id.UserID) (bool, error) {
	if c.options.Keys == nil || !Encrypts {
		return false, nil
	}
	found, err := cli.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{user: {}}})
	if err != nil {
		return false, fmt.Errorf("ask for the devices of a person: %w", err)
	}
	return len(found.DeviceKeys[user]) > 0, nil
}
