package matrix

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// invited joins the room when the inviter may invite and the bot can work there,
// and declines otherwise. An invite may come several times. Nobody but a person
// with an invitation ever brings the bot back into a room it was sent out of.
func (l *listener) invited(ctx context.Context, room id.RoomID, state []*event.Event) error {
	var inviter id.UserID
	encrypted, space := false, false
	for _, evt := range state {
		switch {
		case evt.Type.Type == event.StateMember.Type && evt.GetStateKey() == l.user.String() && membership(&evt.Content) == event.MembershipInvite:
			inviter = evt.Sender
		case evt.Type.Type == event.StateEncryption.Type && evt.StateKey != nil:
			encrypted = true
		case evt.Type.Type == event.StateCreate.Type:
			space = evt.Content.Raw["type"] == string(event.RoomTypeSpace)
		}
	}
	switch {
	case !allowed(l.options.AllowInvites, inviter) || l.ignored[inviter]:
		l.log.InfoContext(ctx, "matrix invite declined: the inviter is not on the list", "room", room.String(), "inviter", inviter.String())
		return l.part(ctx, room, "I may only be invited by people on my operator's list.")
	case space:
		return l.part(ctx, room, "I work in rooms, not in spaces. Please invite me to a room.")
	case encrypted && l.box == nil:
		return l.leaveEncrypted(ctx, room)
	case !l.mayAccept(time.Now()):
		l.log.WarnContext(ctx, "matrix invite declined: too many in an hour", "room", room.String(), "inviter", inviter.String())
		return l.part(ctx, room, "I have accepted as many invitations as I may in one hour. Please invite me again later.")
	}
	if encrypted {
		if err := l.remember(ctx, room); err != nil {
			return &receiveError{err}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := l.cli.JoinRoomByID(ctx, room)
	if isFinal(err) {
		l.log.WarnContext(ctx, "matrix invite cannot be accepted", "room", room.String(), "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("join %s: %w", room, err)
	}
	l.accepts = append(l.accepts, time.Now())
	l.log.InfoContext(ctx, "matrix room joined", "room", room.String(), "inviter", inviter.String())
	return nil
}

// mayAccept says whether one more invitation may be accepted this hour.
func (l *listener) mayAccept(now time.Time) bool {
	l.accepts = slices.DeleteFunc(l.accepts, func(t time.Time) bool { return now.Sub(t) > time.Hour })
	return len(l.accepts) < l.options.InvitesPerHour
}

// allowed says whether the inviter is on the list, as a user or by the server
// of the user ID. A room ID says nothing about servers.
func allowed(list []string, inviter id.UserID) bool {
	_, server, err := inviter.Parse()
	return err == nil && slices.ContainsFunc(list, func(entry string) bool {
		return entry == "*" || entry == inviter.String() || (server != "" && strings.EqualFold(entry, server))
	})
}

// left forgets a room that the bot is in no more: it left, or was sent out.
func (l *listener) left(ctx context.Context, room id.RoomID) {
	delete(l.members, room)
	l.changed(room)
	l.log.InfoContext(ctx, "matrix room left", "room", room.String())
}

// arrive greets a room that the bot has just entered, once in the room's life,
// or leaves it again. A room that replaces another one gets what that had
// ordered instead of a greeting.
func (l *listener) arrive(ctx context.Context, room id.RoomID) (left bool, err error) {
	secret, err := l.isEncrypted(ctx, l.cli, room)
	switch {
	case isFinal(err):
		return false, nil // out again already
	case err != nil:
		return false, err
	case secret && l.box == nil:
		return true, l.leaveEncrypted(ctx, room)
	}
	create, err := l.creation(ctx, room)
	switch {
	case isFinal(err):
		return false, nil
	case err != nil:
		return false, err
	case create.Type == event.RoomTypeSpace:
		return true, l.part(ctx, room, "I work in rooms, not in spaces. Please invite me to a room.")
	}
	if followed, err := l.settle(ctx, room, create); followed || err != nil {
		return false, err
	}
	key := "welcome/" + room.String()
	if _, greeted, err := l.options.State.Get(ctx, l.space, key); err != nil || greeted {
		return false, err
	}
	_, err = l.Post(ctx, bot.Post{
		Room: bot.Room{Platform: l.Name(), ID: room.String()}, Key: key, Purpose: bot.ForNotice, Since: time.Now(), Reply: l.greeting(secret),
	})
	if outcome, _ := bot.OutcomeOf(err); err != nil && outcome != bot.Refused && outcome != bot.Gone {
		return false, fmt.Errorf("greet %s: %w", room, err)
	}
	if err != nil {
		l.log.WarnContext(ctx, "matrix room not greeted", "room", room.String(), "error", err)
	}
	return false, l.options.State.Set(ctx, l.space, key, time.Now().UTC().Format(time.RFC3339))
}

// greeting is what the bot says when it enters a room.
func (l *listener) greeting(encrypted bool) bot.Reply {
	state := "This room is not encrypted."
	if encrypted {
		state = "This room is encrypted, and so is all I say here."
	}
	return bot.Reply{
		bot.Paragraph{Text: "Hello, I am rapporteur. I brief on the United Nations' work on international information security: statements in their own words, dates and deadlines with their sources."},
		bot.Paragraph{Text: "Mention me, or begin a message with " + l.options.Prefix + ". In a direct room just ask. I answer in threads and post nothing that this room has not ordered. React with " + magnifier + " to a message, and I check its quotations."},
		bot.Paragraph{Text: state + " I keep a question until it is answered and what a conversation is about for a day."},
		bot.Actions{{Label: "What I can do", Command: "help"}},
	}
}

// leaveEncrypted remembers that the room is encrypted and leaves it.
func (l *listener) leaveEncrypted(ctx context.Context, room id.RoomID) error {
	if err := l.remember(ctx, room); err != nil {
		return &receiveError{err}
	}
	l.log.InfoContext(ctx, "matrix room left: it is encrypted", "room", room.String())
	return l.part(ctx, room, "I cannot read or write in encrypted rooms, for I was built or set up without encryption. Please invite me to a room without encryption, for instance a new direct chat with encryption switched off.")
}

// part leaves the room or declines the invitation. The reason is part of the
// room's state: everybody in it can read it, encryption or not. It is said by a
// membership event, for not every homeserver (Dendrite) passes on the reason of
// a plain leave, which is for rooms of which ours knows nothing but the invite.
func (l *listener) part(ctx context.Context, room id.RoomID, reason string) error {
	delete(l.members, room)
	_, err := l.cli.SendStateEvent(ctx, room, event.StateMember, l.user.String(), map[string]string{"membership": string(event.MembershipLeave), "reason": reason})
	if isFinal(err) {
		_, err = l.cli.LeaveRoom(ctx, room, &mautrix.ReqLeave{Reason: reason})
	}
	if err != nil && !isFinal(err) {
		return fmt.Errorf("leave %s: %w", room, err)
	}
	return nil
}

// direct says whether the bot and one person are alone in the room.
func (l *listener) direct(ctx context.Context, room id.RoomID) (bool, error) {
	n, known := l.members[room]
	if !known {
		members, err := l.cli.JoinedMembers(ctx, room)
		switch {
		case isFinal(err):
			return false, nil // the bot is in the room no more
		case err != nil:
			return false, fmt.Errorf("count the members of %s: %w", room, err)
		}
		n = len(members.Joined)
		l.members[room] = n
	}
	return n == 2, nil
}
