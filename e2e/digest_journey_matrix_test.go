package e2e_test

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
)

// TestTheJourneyOfAWeeklyDigestOnMatrix is J4 on a real homeserver, with the
// program as a process: days pass for the program, while the homeserver's clock
// stays.
func TestTheJourneyOfAWeeklyDigestOnMatrix(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	program := startBot(t, settings)
	p := newPerson(t, hs, "person")
	room := p.greetedRoom(t, user, false)
	if _, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: newPerson(t, hs, "listener").UserID}); err != nil {
		t.Fatal(err)
	}
	say := func(words string, want ...string) {
		t.Helper()
		asked := p.mustSay(t, room, map[string]any{"body": "!iis " + words})
		got := text(p.wait(t, "the answer to "+words, room, 1, inThread(user, asked))[0])
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: got %s\nwant it to hold %q", words, got, w)
			}
		}
	}
	// The next edition is due in a week, at eight in the morning in UTC.
	first := time.Now().UTC().AddDate(0, 0, 7)
	weekday := strings.ToLower(first.Weekday().String()[:3])
	say("subscribe digest weekly "+weekday+" 08:00 Europe/Geneva", "did you mean Europe/Zurich?")
	say(
		"subscribe digest weekly "+weekday+` 08:00 UTC processes:"Global Mechanism" lead:30d grace:8h`,
		first.Format("2 Jan 2006")+", 08:00 UTC", first.AddDate(0, 0, 7).Format("2 Jan 2006")+", 08:00 UTC",
	)
	say("status", "1 subscription", "none sent yet")

	// Down over the morning, back at noon: once, and it says so.
	program.kill()
	program = startBotAt(t, settings, first.Format(time.DateOnly))
	editions := func(evt *event.Event) bool { return from(user)(evt) && raw(evt, "msgtype") == "m.text" }
	edition := p.wait(t, "the late edition", room, 1, editions)[0]
	if got := text(edition); !strings.Contains(got, "Delayed by 4 h") || raw(edition, "m.relates_to") != nil {
		t.Errorf("got %s, want the edition in the room, delayed by four hours", got)
	}
	say("status", "1 sent, 1 of them late, 0 missed")

	// Down for days over the next: left out, and status tells.
	program.kill()
	program = startBotAt(t, settings, first.AddDate(0, 0, 10).Format(time.DateOnly))
	say("status", "1 sent, 1 of them late, 1 missed", first.AddDate(0, 0, 7).Format("2 Jan 2006")+", 08:00: missed")
	say("pause 1", "Paused #1")
	say("resume 1", "Resumed #1")
	say("unsubscribe 1", "Ended #1")
	say("undo 1", "#1 is back")
	say("subscriptions", "1 subscription", "#1 ")
	program.kill()
	if got := len(p.wait(t, "all editions", room, 1, editions)); got != 1 {
		t.Errorf("got %d editions, want one", got)
	}
}
