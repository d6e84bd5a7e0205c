package slack_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// ledger notes what becomes of rooms; the first note fails.
type ledger struct {
	mu    sync.Mutex
	notes []string
	tries int
}

func (l *ledger) note(room bot.Room, what string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries++; l.tries == 1 {
		return errors.New("the database is down")
	}
	l.notes = append(l.notes, room.ID+" "+what)
	return nil
}

func (l *ledger) RoomGone(_ context.Context, room bot.Room, why string) error {
	return l.note(room, "gone: "+why)
}

func (l *ledger) RoomBack(_ context.Context, room bot.Room) error { return l.note(room, "back") }

func (l *ledger) RoomsGone(_ context.Context, room bot.Room, why string) error {
	return l.note(room, "all gone: "+why)
}

func (l *ledger) RoomsBack(_ context.Context, room bot.Room, why string) error {
	return l.note(room, "all back: "+why)
}

func (l *ledger) RoomMoved(_ context.Context, from, to bot.Room) error {
	return l.note(from, "is now "+to.ID)
}

// Test 35, the seat's part: the ledger learns that a room goes and comes back,
// and learns it although it failed the first time.
func TestAcceptance35RoomsGoAndComeBack(t *testing.T) {
	t.Parallel()
	rooms := &ledger{}
	bubble(t, slackfake.Config{}, slack.Options{Rooms: rooms}, echo(), func(t *testing.T, fake *slackfake.Server, client *slack.Client) {
		t.Helper()
		fake.Archive(room)
		time.Sleep(time.Minute)
		if _, err := client.Post(patient(t), post(bot.Say("x"))); err == nil {
			t.Error("post into an archived channel: got no error")
		} else if outcome, _ := bot.OutcomeOf(err); outcome != bot.Gone {
			t.Errorf("post into an archived channel: got %v, want it gone", err)
		}
		fake.Unarchive(room)
		time.Sleep(time.Minute)
		fake.Leave(room)
		fake.Event(map[string]any{"type": "channel_left", "channel": room})
		time.Sleep(time.Minute)
		fake.Join(room)
		fake.Event(map[string]any{"type": "member_joined_channel", "channel": room, "user": alice}) // somebody else
		time.Sleep(time.Minute)
		rooms.mu.Lock()
		defer rooms.mu.Unlock()
		want := []string{room + " gone: the channel is archived", room + " back", room + " gone: I was taken out of the channel", room + " back"}
		if !slices.Equal(rooms.notes, want) {
			t.Errorf("got %q, want %q", rooms.notes, want)
		}
	})
}
