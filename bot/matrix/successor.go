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

// A room may be replaced by another one, for instance to get a newer room
// version: its m.room.tombstone names the successor, and the successor's
// m.room.create names it as predecessor. Both must say so before anything is
// moved, for anybody could claim one of the two.

// creation is the content of an m.room.create.
type creation struct {
	event.CreateEventContent
	Direct any `json:"org.rapporteur.direct"` // see directMark; nil where it is not set
}

// creation returns the m.room.create of a room.
func (l *listener) creation(ctx context.Context, room id.RoomID) (create creation, err error) {
	err = l.cli.StateEvent(ctx, room, event.StateCreate, "", &create)
	if err != nil {
		return create, fmt.Errorf("ask how %s was made: %w", room, err)
	}
	l.spaces[room] = create.Type == event.RoomTypeSpace
	return create, nil
}

// replaced follows a room to its successor. Where the bot may not enter without
// an invitation, it waits for one.
func (l *listener) replaced(ctx context.Context, room id.RoomID, evt *event.Event) error {
	name, _ := evt.Content.Raw["replacement_room"].(string)
	if name == "" {
		l.log.WarnContext(ctx, "matrix room closed without a successor", "room", room.String())
		return nil
	}
	next := id.RoomID(name)
	done := "followed/" + room.String() + "/" + name
	if _, known, err := l.options.State.Get(ctx, l.space, done); err != nil || known {
		return err
	}
	if err := l.options.State.Set(ctx, l.space, "successor/"+room.String(), name); err != nil {
		return &receiveError{err}
	}
	inside, err := l.enter(ctx, room, next, evt.Sender)
	if err != nil {
		return err
	}
	if inside {
		if err := l.follow(ctx, room, next); err != nil {
			return err
		}
	}
	return l.options.State.Set(ctx, l.space, done, time.Now().UTC().Format(time.RFC3339))
}

// enter enters the successor of a room, unless the bot is in it already. Whoever
// closed the room stands for whoever invites: they must be on the list, and the
// bound of the hour holds.
func (l *listener) enter(ctx context.Context, room, next id.RoomID, closer id.UserID) (inside bool, err error) {
	if in, err := l.isIn(ctx, next); in || err != nil {
		return in, err
	}
	const waits = "matrix room replaced; the bot waits for an invitation to its successor"
	free, err := l.mayAccept(ctx, next, time.Now())
	if err != nil {
		return false, err
	}
	if !free || !allowed(l.options.AllowInvites, closer) || l.ignored[closer] {
		l.log.InfoContext(ctx, waits, "room", room.String(), "successor", next.String(), "reason", "the one who closed the room may not invite, or too many did in an hour")
		return false, nil
	}
	// Known before it is done: what the bot enters by mistake, it leaves.
	if err := l.options.State.Set(ctx, l.space, following(next), room.String()); err != nil {
		return false, &receiveError{err}
	}
	var via []string
	if _, server, err := closer.Parse(); err == nil {
		via = []string{server} // the room's own ID need not name a server
	}
	_, err = l.cli.JoinRoom(ctx, next.String(), &mautrix.ReqJoinRoom{Via: via})
	switch {
	case isFinal(err):
		l.log.InfoContext(ctx, waits, "room", room.String(), "successor", next.String(), "error", err)
		return false, nil
	case err != nil:
		return false, fmt.Errorf("follow %s to %s: %w", room, next, err)
	}
	return true, l.count(ctx, next, time.Now())
}

// isIn says whether the bot is in a room. That the room's state can be read does not
// say so: it can be where the bot has left, and where the whole world may read.
func (l *listener) isIn(ctx context.Context, room id.RoomID) (bool, error) {
	var member struct {
		Membership event.Membership `json:"membership"`
	}
	err := l.cli.StateEvent(ctx, room, event.StateMember, l.user.String(), &member)
	if isFinal(err) || errors.Is(err, mautrix.MNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask whether the bot is in %s: %w", room, err)
	}
	return member.Membership == event.MembershipJoin, nil
}

// following is what the state calls a room that the bot has entered because a
// tombstone named it.
func following(next id.RoomID) string { return "following/" + next.String() }

// follow moves what a room has ordered into its successor, or leaves that one
// again where it is none.
func (l *listener) follow(ctx context.Context, room, next id.RoomID) error {
	create, err := l.creation(ctx, next)
	if err == nil {
		if create.Predecessor == nil || create.Predecessor.RoomID != room {
			return l.stray(ctx, next)
		}
		// Where the bot was there before, it will not arrive again.
		_, err = l.settle(ctx, next, create)
	}
	if err != nil && !isFinal(err) {
		return err
	}
	l.log.InfoContext(ctx, "matrix room replaced; the bot has followed", "room", room.String(), "successor", next.String())
	return nil
}

// stray leaves a room that the bot has entered by a tombstone, and that does not
// name the closed room as its predecessor.
func (l *listener) stray(ctx context.Context, next id.RoomID) error {
	closed, entered, err := l.options.State.Get(ctx, l.space, following(next))
	if err != nil {
		return &receiveError{err}
	}
	if !entered || closed == "" {
		return nil // somebody has invited the bot
	}
	l.log.WarnContext(ctx, "matrix room named as a successor does not name its predecessor; nothing is moved", "room", next.String(), "closed", closed)
	return l.part(ctx, next, "A closed room named this one as its successor, but this one does not name it as its predecessor.")
}

// settle moves what the predecessor of a room has ordered into it, and says so
// once. It returns false for a room that replaces none the bot was in.
func (l *listener) settle(ctx context.Context, room id.RoomID, create creation) (followed bool, err error) {
	if create.Predecessor == nil || create.Predecessor.RoomID == "" {
		// Somebody may call any room the successor of theirs.
		return false, nil
	}
	done := "settled/" + room.String()
	if _, known, err := l.options.State.Get(ctx, l.space, done); err != nil || known {
		return known, err
	}
	old := create.Predecessor.RoomID
	next, known, err := l.options.State.Get(ctx, l.space, "successor/"+old.String())
	if err != nil {
		return false, &receiveError{err}
	}
	if !known {
		// The invitation may have been faster than the tombstone.
		var tomb event.TombstoneEventContent
		err := l.cli.StateEvent(ctx, old, event.StateTombstone, "", &tomb)
		if err != nil && !isFinal(err) {
			return false, fmt.Errorf("ask whether %s was replaced: %w", old, err)
		}
		next = tomb.ReplacementRoom.String()
	}
	if next != room.String() {
		l.log.WarnContext(ctx, "matrix room claims a predecessor that does not name it; nothing is moved", "room", room.String(), "predecessor", old.String())
		return false, nil
	}
	moved := 0
	if l.options.Mover != nil {
		if moved, err = l.options.Mover.MoveRoom(ctx, bot.Room{Platform: l.Name(), ID: old.String()}, bot.Room{Platform: l.Name(), ID: room.String()}); err != nil {
			return false, &receiveError{err}
		}
	}
	if off, found, err := l.options.State.Get(ctx, l.space, "threads/"+old.String()); err == nil && found {
		if err := l.options.State.Set(ctx, l.space, "threads/"+room.String(), off); err != nil {
			return false, &receiveError{err}
		}
	}
	said := "I have followed this room from the one it replaces."
	if moved > 0 {
		said += " Its " + bot.Count(moved, "subscription") + " came along."
	}
	l.notify(ctx, bot.Post{
		Room: bot.Room{ID: room.String()}, Key: "moved/" + room.String(), Since: time.Now(),
		Reply: bot.Reply{bot.Paragraph{Text: said}, bot.Actions{{Label: "What this room gets", Command: "subscriptions"}}},
	})
	now := time.Now().UTC().Format(time.RFC3339)
	return true, errors.Join(l.options.State.Set(ctx, l.space, "welcome/"+room.String(), now), l.options.State.Set(ctx, l.space, done, now))
}

// isSpace says whether a room is a space, in which the bot does nothing.
func (l *listener) isSpace(ctx context.Context, room id.RoomID) (bool, error) {
	if space, known := l.spaces[room]; known {
		return space, nil
	}
	_, err := l.creation(ctx, room)
	if isFinal(err) || errors.Is(err, mautrix.MNotFound) {
		return false, nil
	}
	return l.spaces[room], err
}

// ignoreList reads whom the account ignores.
func (l *listener) ignoreList(ctx context.Context, cli *mautrix.Client) error {
	var list map[string]any
	err := cli.GetAccountData(ctx, event.AccountDataIgnoredUserList.Type, &list)
	if err != nil && !isFinal(err) {
		return fmt.Errorf("read whom the account ignores: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ignore(list)
	return nil
}

// ignore takes an m.ignored_user_list.
func (l *listener) ignore(list map[string]any) {
	clear(l.ignored)
	users, _ := list["ignored_users"].(map[string]any)
	for user := range users {
		l.ignored[id.UserID(user)] = true
	}
}
