package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// echo answers everything with what was said.
func echo(_ context.Context, m bot.Message) (bot.Reply, error) {
	return bot.Say("You said: " + m.Text), nil
}

// TestNothingSaidWhileTheBotIsAwayIsMissed says more than a timeline holds.
func TestNothingSaidWhileTheBotIsAwayIsMissed(t *testing.T) {
	t.Parallel()
	b := newSeatBot(t, sharedHomeserver(t), bot.HandlerFunc(echo))
	p := newPerson(t, b.hs, "person")
	room := p.greetedRoom(t, b.user, false)
	var asked []id.EventID
	err := b.restart(t, func() {
		for i := range 120 {
			asked = append(asked, p.mustSay(t, room, map[string]any{"body": fmt.Sprintf("!iis question %d", i)}))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, question := range asked {
		got := p.wait(t, fmt.Sprintf("the answer to question %d", i), room, 1, inThread(b.user, question))
		if want := fmt.Sprintf("You said: question %d", i); text(got[0]) != want {
			t.Errorf("question %d: got %q, want %q", i, text(got[0]), want)
		}
	}
	// A last question, and then nobody may have been answered twice.
	last := p.mustSay(t, room, map[string]any{"body": "!iis last"})
	p.wait(t, "the last answer", room, 1, inThread(b.user, last))
	if got := p.wait(t, "all answers", room, len(asked)+1, from(b.user)); len(got) != len(asked)+1 {
		t.Errorf("got %d answers, want %d: one each", len(got), len(asked)+1)
	}
	if got := b.kept("device_id"); !strings.HasPrefix(got, "RAPPORTEUR") {
		t.Errorf("device: got %q, want the one that was chosen at first", got)
	}
	twin, err := mautrix.NewClient(b.hs.URL, b.user, b.kept("access_token"))
	if err != nil {
		t.Fatal(err)
	}
	devices, err := twin.GetDevicesInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// One is the registration's own.
	if got := len(devices.Devices); got != 2 {
		t.Errorf("devices after two starts: got %d, want 2", got)
	}
}

// TestAnswersSurviveTheHomeserversDeath kills the homeserver while the bot
// thinks about some questions and answers others.
func TestAnswersSurviveTheHomeserversDeath(t *testing.T) {
	t.Parallel()
	hs := ownHomeserver(t)
	thinking, think := make(chan struct{}, 1), make(chan struct{})
	b := newSeatBot(t, hs, bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		if m.Text == "hard" {
			thinking <- struct{}{}
			<-think
		}
		return echo(ctx, m)
	}))
	p := newPerson(t, hs, "person")
	room := p.greetedRoom(t, b.user, false)
	hard := p.mustSay(t, room, map[string]any{"body": "!iis hard"})
	<-thinking
	hs.Kill()
	close(think)
	down := time.Now()
	if err := hs.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.wait(t, "the answer", room, 1, inThread(b.user, hard)); text(got[0]) != "You said: hard" {
		t.Errorf("got %q, want the answer", text(got[0]))
	}
	t.Logf("answered %v after the homeserver died", time.Since(down).Round(time.Millisecond))
	after := p.mustSay(t, room, map[string]any{"body": "!iis after"})
	p.wait(t, "the answer to a question after the restart", room, 1, inThread(b.user, after))
	if got := p.wait(t, "all answers", room, 2, from(b.user)); len(got) != 2 {
		t.Errorf("got %d answers, want two", len(got))
	}
}

// TestADoubtfulAnswerIsFoundAfterTheHomeserverForgot posts an answer again, as
// after a crash between post and mark, when the homeserver has restarted and
// knows no transaction.
func TestADoubtfulAnswerIsFoundAfterTheHomeserverForgot(t *testing.T) {
	t.Parallel()
	hs := ownHomeserver(t)
	b := newSeatBot(t, hs, bot.HandlerFunc(echo))
	p := newPerson(t, hs, "person")
	room := p.greetedRoom(t, b.user, false)
	question := p.mustSay(t, room, map[string]any{"body": "!iis once"})
	first := p.wait(t, "the answer", room, 1, inThread(b.user, question))[0]
	message := b.inbox.Messages()[0]
	client := b.client(t)
	post := bot.Post{
		Room: message.Room, Thread: message.Thread, Reply: bot.Say("You said: once"), Key: bot.AnswerKey(message), Since: message.SentAt,
	}
	if receipt, err := client.Post(t.Context(), post); err != nil || receipt.ID != first.ID.String() {
		t.Errorf("the same key again: got %v, %v, want the event %s", receipt, err, first.ID)
	}
	hs.Kill()
	if err := hs.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	post.Doubtful = true
	if receipt, err := client.Post(t.Context(), post); err != nil || receipt.ID != first.ID.String() {
		t.Errorf("the same key after the homeserver's restart: got %v, %v, want the event %s", receipt, err, first.ID)
	}
	digest := bot.Post{Room: message.Room, Reply: bot.Say("An edition."), Key: "edition", Purpose: bot.ForDigest, Since: time.Now()}
	posted, err := client.Post(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	// Dendrite loses what it took in the last moment before it is killed.
	p.wait(t, "the edition", room, 1, func(evt *event.Event) bool { return evt.ID.String() == posted.ID })
	hs.Kill()
	if err := hs.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	digest.Doubtful = true
	if receipt, err := client.Post(t.Context(), digest); err != nil || receipt != posted {
		t.Errorf("an edition after the homeserver's restart: got %v, %v, want %v", receipt, err, posted)
	}
}

func encrypted() *event.Event {
	key := ""
	return &event.Event{Type: event.StateEncryption, StateKey: &key, Content: event.Content{Raw: map[string]any{"algorithm": "m.megolm.v1.aes-sha2"}}}
}

// reasonForLeaving waits until the bot has left the room and returns why.
func reasonForLeaving(t *testing.T, p *person, room id.RoomID, bot id.UserID) string {
	t.Helper()
	left := p.wait(t, "the bot to leave", room, 1, func(evt *event.Event) bool {
		return evt.Type.Type == "m.room.member" && evt.GetStateKey() == bot.String() && raw(evt, "membership") == "leave"
	})
	reason, _ := raw(left[0], "reason").(string)
	return reason
}

func TestAnEncryptedRoomIsLeftWithAReasonAndNothingIsSaidThere(t *testing.T) {
	t.Parallel()
	b := newSeatBot(t, sharedHomeserver(t), bot.HandlerFunc(echo))
	p := newPerson(t, b.hs, "person")
	t.Run("from the start", func(t *testing.T) {
		t.Parallel()
		room, err := p.room(t.Context(), b.user, true, encrypted())
		if err != nil {
			t.Fatal(err)
		}
		if got := reasonForLeaving(t, p, room, b.user); !strings.Contains(got, "encrypted rooms") {
			t.Errorf("reason: got %q, want it to speak of encrypted rooms", got)
		}
		if said, _ := p.seen(t.Context(), room, 0, those(func(evt *event.Event) bool { return evt.Sender == b.user && evt.StateKey == nil })); len(said) > 0 {
			t.Errorf("got %d events of the bot in an encrypted room, want none", len(said))
		}
	})
	t.Run("switched on later", func(t *testing.T) {
		t.Parallel()
		room := p.greetedRoom(t, b.user, true)
		on, err := p.SendStateEvent(t.Context(), room, event.StateEncryption, "", map[string]any{"algorithm": "m.megolm.v1.aes-sha2"})
		if err != nil {
			t.Fatal(err)
		}
		// This races with the bot's sync: its guard must see what its ear does not yet.
		_, err = b.client(t).Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room.String()}, Reply: bot.Say("secret"), Key: "edition"})
		if outcome, _ := bot.OutcomeOf(err); err == nil || (outcome != bot.Refused && outcome != bot.Gone) {
			t.Errorf("Post: got %v, want refused", err)
		}
		if got := reasonForLeaving(t, p, room, b.user); !strings.Contains(got, "encrypted rooms") {
			t.Errorf("reason: got %q, want it to speak of encrypted rooms", got)
		}
		all, _ := p.seen(t.Context(), room, 0, those(func(*event.Event) bool { return true }))
		at := slices.IndexFunc(all, func(evt *event.Event) bool { return evt.ID == on.EventID })
		for _, evt := range all[at+1:] {
			// A reaction, which is never encrypted, holds a symbol and no words.
			if evt.Sender == b.user && evt.StateKey == nil && evt.Type.Type != "m.reaction" {
				t.Errorf("got %q from the bot after encryption was switched on, want nothing", text(evt))
			}
		}
	})
}

func TestOnlyThoseOnTheListMayInvite(t *testing.T) {
	t.Parallel()
	b := newSeatBot(t, sharedHomeserver(t), bot.HandlerFunc(echo), "@nobody:localhost")
	p := newPerson(t, b.hs, "stranger")
	room, err := p.room(t.Context(), b.user, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := reasonForLeaving(t, p, room, b.user); !strings.Contains(got, "operator's list") {
		t.Errorf("reason: got %q, want it to speak of the operator's list", got)
	}
}

// TestADirectRoomNeedsNoAddress also sees that a third member ends that.
func TestADirectRoomNeedsNoAddress(t *testing.T) {
	t.Parallel()
	b := newSeatBot(t, sharedHomeserver(t), bot.HandlerFunc(echo))
	p, other := newPerson(t, b.hs, "person"), newPerson(t, b.hs, "person")
	room := p.greetedRoom(t, b.user, true)
	first := p.mustSay(t, room, map[string]any{"body": "hello there"})
	p.wait(t, "an answer", room, 1, inThread(b.user, first))
	if _, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: other.UserID}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.JoinRoomByID(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	p.mustSay(t, room, map[string]any{"body": "this is for the other person"})
	last := p.mustSay(t, room, map[string]any{"body": "!iis last"})
	p.wait(t, "the last answer", room, 1, inThread(b.user, last))
	if got := p.wait(t, "all answers", room, 2, from(b.user)); len(got) != 2 {
		t.Errorf("got %d answers, want two: none to what people say to each other", len(got))
	}
}
