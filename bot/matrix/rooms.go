package matrix

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// left forgets a room that the bot is in no more: it left, or was sent out.
func (l *listener) left(ctx context.Context, room id.RoomID) {
	delete(l.members, room)
	l.changed(room)
	if err := l.settleInvite(ctx, room); err != nil {
		l.log.WarnContext(ctx, "matrix invitation not forgotten", "room", room.String(), "error", err)
	}
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
	if create.Direct != nil {
		return false, nil // the bot has something else to say there
	}
	if followed, err := l.settle(ctx, room, create); followed || err != nil {
		return false, err
	}
	if closed, byTombstone, err := l.options.State.Get(ctx, l.space, following(room)); err != nil || (byTombstone && closed != "") {
		if err != nil {
			return false, &receiveError{err}
		}
		return true, l.stray(ctx, room)
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
	return l.leave(ctx, l.cli, room, reason)
}

func (l *listener) leave(ctx context.Context, cli *mautrix.Client, room id.RoomID, reason string) error {
	_, err := cli.SendStateEvent(ctx, room, event.StateMember, l.user.String(), map[string]string{"membership": string(event.MembershipLeave), "reason": reason})
	if isFinal(err) {
		_, err = cli.LeaveRoom(ctx, room, &mautrix.ReqLeave{Reason: reason})
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
