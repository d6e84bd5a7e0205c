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

// creation returns the m.room.create of a room.
func (l *listener) creation(ctx context.Context, room id.RoomID) (create event.CreateEventContent, err error) {
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
	next, _ := evt.Content.Raw["replacement_room"].(string)
	if next == "" {
		l.log.WarnContext(ctx, "matrix room closed without a successor", "room", room.String())
		return nil
	}
	done := "followed/" + room.String()
	if _, known, err := l.options.State.Get(ctx, l.space, done); err != nil || known {
		return err
	}
	if err := l.options.State.Set(ctx, l.space, "successor/"+room.String(), next); err != nil {
		return &receiveError{err}
	}
	var via []string
	if _, server, err := evt.Sender.Parse(); err == nil {
		via = []string{server} // the room's own ID need not name a server
	}
	_, err := l.cli.JoinRoom(ctx, next, &mautrix.ReqJoinRoom{Via: via})
	switch {
	case isFinal(err):
		l.log.InfoContext(ctx, "matrix room replaced; the bot waits for an invitation to its successor", "room", room.String(), "successor", next)
	case err != nil:
		return fmt.Errorf("follow %s to %s: %w", room, next, err)
	default:
		l.log.InfoContext(ctx, "matrix room replaced; the bot has followed", "room", room.String(), "successor", next)
		// Where the bot was there before, it will not arrive again.
		create, err := l.creation(ctx, id.RoomID(next))
		if err == nil {
			_, err = l.settle(ctx, id.RoomID(next), create)
		}
		if err != nil && !isFinal(err) {
			return err
		}
	}
	return l.options.State.Set(ctx, l.space, done, time.Now().UTC().Format(time.RFC3339))
}

// settle moves what the predecessor of a room has ordered into it, and says so
// once. It returns false for a room that replaces none the bot was in.
func (l *listener) settle(ctx context.Context, room id.RoomID, create event.CreateEventContent) (followed bool, err error) {
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
