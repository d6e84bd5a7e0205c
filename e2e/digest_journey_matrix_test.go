package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// TestTheJourneyOfAWeeklyDigestOnMatrix is J4 on a real homeserver, with the
// program as a process: days pass for the program, while the homeserver's clock
// stays.
func TestTheJourneyOfAWeeklyDigestOnMatrix(t *testing.T) {
	t.Parallel()
	inBothKinds(t, journeyOfADigest)
}

func journeyOfADigest(t *testing.T, secret bool) {
	t.Helper()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	settings = ofEither(t, settings, !secret)
	program := startBot(t, settings)
	p, listener := newSomebody(t, hs, secret), newSomebody(t, hs, secret)
	room := p.roomOf(t, user, secret)
	if _, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: listener.UserID}); err != nil {
		t.Fatal(err)
	}
	if _, err := listener.JoinRoomByID(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	listener.wait(t, "the room", room, 1, func(evt *event.Event) bool {
		return evt.Type.Type == "m.room.member" && evt.GetStateKey() == listener.UserID.String() && raw(evt, "membership") == "join"
	})
	refused := listener.mustSay(t, room, map[string]any{"body": "!iis pause 1"})
	if got := text(listener.wait(t, "a refusal", room, 1, inThread(user, refused))[0]); !strings.Contains(got, "power level 50") {
		t.Errorf("pause by somebody without power: got %s, want a refusal", got)
	}
	say := func(words string, want ...string) *event.Event {
		t.Helper()
		asked := p.mustSay(t, room, map[string]any{"body": "!iis " + words})
		answer := p.wait(t, "the answer to "+words, room, 1, inThread(user, asked))[0]
		for _, w := range want {
			if got := text(answer); !strings.Contains(got, w) {
				t.Errorf("%s: got %s\nwant it to hold %q", words, got, w)
			}
		}
		return answer
	}
	// until asks for the status until it holds what a moment's work will bring.
	until := func(wants ...string) {
		t.Helper()
		for deadline := time.Now().Add(patience); ; {
			got := text(say("status"))
			missing := slices.DeleteFunc(slices.Clone(wants), func(want string) bool { return strings.Contains(got, want) })
			if len(missing) == 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("status: got %s, want it to hold %q", got, missing)
			}
		}
	}
	press := func(key string, answer *event.Event, want string) {
		t.Helper()
		p.wait(t, "the button "+key, room, 1, func(evt *event.Event) bool {
			return evt.Sender == user && raw(evt, "m.relates_to", "event_id") == answer.ID.String() && raw(evt, "m.relates_to", "key") == key
		})
		if _, err := p.SendReaction(t.Context(), room, answer.ID, key); err != nil {
			t.Fatal(err)
		}
		p.wait(t, "what "+key+" does", room, 1, func(evt *event.Event) bool { return from(user)(evt) && strings.Contains(text(evt), want) })
	}
	// The next edition is due in six days, at eight in the morning in UTC: whatever time it
	// is now, today is not such a day.
	first := time.Now().UTC().AddDate(0, 0, 6)
	weekday := strings.ToLower(first.Weekday().String()[:3])
	say("subscribe digest weekly "+weekday+" 08:00 Europe/Geneva", "did you mean Europe/Zurich?")
	ordered := say(
		"subscribe digest weekly "+weekday+` 08:00 UTC processes:"Global Mechanism" lead:30d grace:8h ics:yes`,
		first.Format("2 Jan 2006")+", 08:00 UTC", first.AddDate(0, 0, 7).Format("2 Jan 2006")+", 08:00 UTC",
	)
	press("✅", ordered, "Confirmed #1: digest weekly")
	press("❌", say("subscribe digest daily 18:00 UTC", "#2"), "Ended #2: digest daily")
	say("subscribe digest daily 19:00 UTC", "#3", "✅ Confirm: !iis yes 3")
	say("no", "Ended #3: digest daily")
	say("status", "1 subscription", "none sent yet")

	// Down over the morning, back at noon: once, and it says so.
	program.kill()
	program = startBotAt(t, settings, first.Format(time.DateOnly))
	editions := func(evt *event.Event) bool { return from(user)(evt) && raw(evt, "msgtype") == "m.text" }
	edition := p.wait(t, "the late edition", room, 1, editions)[0]
	if got := text(edition); !strings.Contains(got, "Delayed by 4 h") || raw(edition, "m.relates_to") != nil {
		t.Errorf("got %s, want the edition in the room, delayed by four hours", got)
	}
	p.calendarIn(t, p.wait(t, "the edition's calendar", room, 1, isFile(user))[0], secret)
	until("1 sent, 1 of them late, 0 missed")

	// Down for days over the next: left out, and status tells.
	program.kill()
	program = startBotAt(t, settings, first.AddDate(0, 0, 10).Format(time.DateOnly))
	until("1 sent, 1 of them late, 1 missed", first.AddDate(0, 0, 7).Format("2 Jan 2006")+", 08:00: missed")
	say("pause 1", "Paused #1")
	say("resume 1", "Resumed #1")
	say("unsubscribe 1", "Ended #1")
	say("undo 1", "#1 is back")
	say("subscriptions", "1 subscription", "#1 ")
	program.kill()
	if got := len(p.wait(t, "all editions", room, 1, editions)); got != 1 {
		t.Errorf("got %d editions, want one", got)
	}
	if got := len(p.wait(t, "all files", room, 1, isFile(user))); got != 1 {
		t.Errorf("got %d calendar files, want one", got)
	}

	// The bot is put out of the room: the subscription stops, and its owner is told,
	// once, in a direct room.
	if _, err := p.KickUser(t.Context(), room, &mautrix.ReqKickUser{UserID: user}); err != nil {
		t.Fatal(err)
	}
	program = startBotAt(t, settings, first.AddDate(0, 0, 14).Format(time.DateOnly))
	direct := p.invitedBy(t, user)
	if _, err := p.JoinRoomByID(t.Context(), direct); err != nil {
		t.Fatal(err)
	}
	told := func(evt *event.Event) bool {
		return from(user)(evt) && strings.Contains(text(evt), "I could not reach the room "+room.String())
	}
	p.wait(t, "the notice to the owner", direct, 1, told)
	program.kill()
	program = startBotAt(t, settings, first.AddDate(0, 0, 21).Format(time.DateOnly))
	asked := p.mustSay(t, direct, map[string]any{"body": "what is IIS?"})
	p.wait(t, "an answer in the direct room", direct, 1, inThread(user, asked))
	if got := p.wait(t, "all that was said there", direct, 2, from(user)); len(got) != 2 {
		t.Errorf("got %d posts in the direct room, want the notice and an answer", len(got))
	}
	program.kill()
	if secret {
		if n := proxy.Calls("PUT", "/send/m.room.message/"); n > 0 || proxy.Calls("PUT", "/send/m.room.encrypted/") == 0 {
			t.Errorf("got %d sends in plain text, want none", n)
		}
	}
}

// invitedBy waits until the bot has invited the person, and returns the room.
func (p *person) invitedBy(t *testing.T, bot id.UserID) id.RoomID {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		sync, err := p.FullSyncRequest(t.Context(), mautrix.ReqSync{})
		if err != nil {
			t.Fatal(err)
		}
		for room, invite := range sync.Rooms.Invite {
			for _, evt := range invite.State.Events {
				if evt.Type.Type == "m.room.member" && evt.GetStateKey() == p.UserID.String() && evt.Sender == bot {
					return room
				}
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the bot invites nobody")
		}
	}
}
