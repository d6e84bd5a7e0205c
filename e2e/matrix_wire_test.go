package e2e_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/e2e/homeserver"
)

const stopSignal = syscall.SIGTERM

// TestOnceInWhateverTheWireDoes breaks the wire between bot and homeserver while
// it answers in an encrypted room (acceptance 42, 43, 44, 52): each question is
// answered once, no sooner than it may be, and nothing goes out in plain text.
func TestOnceInWhateverTheWireDoes(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			onceInOn(t, database == "PostgreSQL")
		})
	}
}

func onceInOn(t *testing.T, postgres bool) {
	t.Helper()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	if postgres {
		settings = onPostgres(t, settings, newDatabase(t))
	}
	startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	const send = "/send/m.room.encrypted/"
	asked := 0
	for _, c := range []struct {
		name   string
		faults []homeserver.Fault
		after  time.Duration
	}{
		{"429 with a header", []homeserver.Fault{{Method: "PUT", Path: send, Times: 1, Status: 429, Header: "Retry-After: 2", Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow down"}`}}, 2 * time.Second},
		{"429 with a field", []homeserver.Fault{{Method: "PUT", Path: send, Times: 1, Status: 429, Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow down","retry_after_ms":2500}`}}, 2500 * time.Millisecond},
		{"429 with neither", []homeserver.Fault{{Method: "PUT", Path: send, Times: 1, Status: 429, Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow down"}`}}, time.Second},
		{"502 before it arrives", []homeserver.Fault{{Method: "PUT", Path: send, Times: 2, Status: 502, Body: "<html>bad gateway</html>"}}, 0},
		{"502 after it arrived", []homeserver.Fault{{Method: "PUT", Path: send, Times: 1, Status: 502, Arrives: true}}, 0},
		{"reset after it arrived", []homeserver.Fault{{Method: "PUT", Path: send, Times: 1, Arrives: true}}, 0},
		{"no keys to be had", []homeserver.Fault{{Method: "GET", Path: "/joined_members", Times: 1, Status: 502}, {Method: "PUT", Path: "/sendToDevice/", Times: 1, Status: 502}}, 0},
		{"a sync that fails", []homeserver.Fault{{Method: "GET", Path: "/sync", Times: 2, Status: 502}}, 0},
		{"a sync that is cut", []homeserver.Fault{{Method: "GET", Path: "/sync", Times: 2, Arrives: true}}, 0},
		{"a token that is refused", []homeserver.Fault{{Method: "GET", Path: "/sync", Times: 1, Status: 401, Body: `{"errcode":"M_UNKNOWN_TOKEN","error":"soft","soft_logout":true}`}}, 0},
	} {
		for _, f := range c.faults {
			proxy.Break(f)
		}
		asked++
		start := time.Now()
		question := p.mustSay(t, room, map[string]any{"body": fmt.Sprintf("!iis glossary APR %d", asked)})
		p.wait(t, "the answer after: "+c.name, room, 1, inThread(user, question))
		took := time.Since(start)
		t.Logf("%s: answered after %v", c.name, took.Round(time.Millisecond))
		if took < c.after {
			t.Errorf("%s: answered after %v, want no sooner than %v", c.name, took, c.after)
		}
		proxy.Heal()
	}
	// The bot looks for what it sent before it sends again.
	looked := proxy.Calls("GET", "/relations/")
	proxy.Break(homeserver.Fault{Method: "PUT", Path: send, Times: 1, Arrives: true, Hangs: time.Minute})
	asked++
	question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
	p.wait(t, "the answer that hangs", room, 1, inThread(user, question))
	for deadline := time.Now().Add(time.Minute); proxy.Calls("GET", "/relations/") == looked; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("after a hang: the bot did not look for its answer within a minute")
		}
	}
	last := p.mustSay(t, room, map[string]any{"body": "!iis glossary IIS"})
	p.wait(t, "the last answer", room, 1, inThread(user, last))
	if got := len(p.wait(t, "all answers", room, asked+1, from(user))); got != asked+1 {
		t.Errorf("got %d answers, want %d: one each", got, asked+1)
	}
	for _, secret := range []string{"glossary APR", "planned programme", "rapporteur. I brief"} {
		if strings.Contains(proxy.Crossed(), secret) {
			t.Errorf("%q crossed the wire in plain text", secret)
		}
	}
	if n := proxy.Calls("PUT", "/send/m.room.message/"); n > 0 {
		t.Errorf("got %d sends in plain text, want none", n)
	}
}

// TestNothingIsSentWhereItIsNotKnownWhetherTheRoomIsEncrypted cannot ask for the
// room's state (acceptance 49).
func TestNothingIsSentWhereItIsNotKnownWhetherTheRoomIsEncrypted(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	startBot(t, settings)
	p := newPerson(t, hs, "person")
	room := p.greetedRoom(t, user, false)
	sends := proxy.Calls("PUT", "/send/m.room.message/")
	proxy.Break(homeserver.Fault{Method: "GET", Path: "/state/m.room.encryption", Times: 3, Status: 502})
	question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
	for proxy.Calls("GET", "/state/m.room.encryption") < 3 {
		time.Sleep(20 * time.Millisecond)
		if t.Context().Err() != nil {
			t.Fatal("the state was not asked for")
		}
	}
	if got := proxy.Calls("PUT", "/send/m.room.message/"); got != sends {
		t.Errorf("got %d sends while the state was unknown, want none", got-sends)
	}
	p.wait(t, "the answer when the state is known", room, 1, inThread(user, question))
}

// TestAHomeserverWhoseClockIsWrongIsUnderstood moves the homeserver's clock by hours
// (acceptance 55): no question is dropped for the time it bears, neither while the
// bot runs nor after it was away, nor is an edition put off for it.
func TestAHomeserverWhoseClockIsWrongIsUnderstood(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"two hours ahead": 2 * time.Hour, "two hours behind": -2 * time.Hour, "two days ahead": 48 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hs := sharedHomeserver(t)
			user, settings, proxy := proxiedSettings(t, hs)
			proxy.Ahead(ahead)
			program := startBot(t, settings)
			p := newConfidant(t, hs)
			secret, plain := p.secretRoom(t, user), p.greetedRoom(t, user, false)
			ask := func(room id.RoomID, words string) string {
				t.Helper()
				question := p.mustSay(t, room, map[string]any{"body": "!iis " + words})
				return text(p.wait(t, "the answer to "+words, room, 1, inThread(user, question))[0])
			}
			ask(secret, "glossary APR")
			// It comes next by the clock that the editions go by.
			due := time.Now().UTC().Add(30 * time.Minute)
			if got, want := ask(plain, "subscribe digest daily "+due.Format("15:04")+" UTC"), due.Format("Mon 2 Jan 2006, 15:04 UTC"); !strings.Contains(got, want) {
				t.Errorf("order: got %s, want it due at %s", got, want)
			}
			program.kill()
			var asked []id.EventID
			for _, room := range []id.RoomID{secret, plain} {
				asked = append(asked, p.mustSay(t, room, map[string]any{"body": "!iis glossary IIS"}))
			}
			startBot(t, settings)
			for i, room := range []id.RoomID{secret, plain} {
				if got := p.wait(t, "the answer to what was asked meanwhile", room, 1, inThread(user, asked[i])); len(got) != 1 {
					t.Errorf("got %d answers, want one", len(got))
				}
			}
		})
	}
}

// TestAnUnreadableMessageIsSaidOnce keeps the key of two messages from the bot
// (acceptance 51): it says so once, after asking for it.
func TestAnUnreadableMessageIsSaidOnce(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	// Ciphertext of a key that nobody has: as a client without a session sends it.
	lost := func() id.EventID {
		t.Helper()
		sent, err := p.SendMessageEvent(t.Context(), room, event.EventEncrypted, map[string]any{
			"algorithm": "m.megolm.v1.aes-sha2", "session_id": "0123456789012345678901234567890123456789012",
			"ciphertext": strings.Repeat("AwgAEnACgAkLmt6qF84IK", 8), "sender_key": "c2VuZGVya2V5c2VuZGVya2V5c2VuZGVya2V5c2VuZGU", "device_id": p.DeviceID,
		})
		if err != nil {
			t.Fatal(err)
		}
		return sent.EventID
	}
	first, second := lost(), lost()
	notice := func(evt *event.Event) bool {
		return from(user)(evt) && strings.Contains(text(evt), "I cannot read this message")
	}
	got := func() *event.Event {
		deadline := time.Now().Add(time.Minute)
		for time.Now().Before(deadline) {
			if found := p.wait(t, "what is said", room, 0, notice); len(found) > 0 {
				return found[0]
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatal("no notice within a minute")
		return nil
	}()
	if root := raw(got, "m.relates_to", "event_id"); root != first.String() && root != second.String() {
		t.Errorf("notice: got it in the thread of %v, want that of a message that cannot be read", root)
	}
	// A message that can be read is answered all the while, and only one notice comes.
	question := p.mustSay(t, room, map[string]any{"body": "!iis e2ee"})
	state := p.wait(t, "an answer", room, 1, inThread(user, question))[0]
	if !strings.Contains(text(state), "that I could never read:") {
		t.Errorf("e2ee: got %q, want counters", text(state))
	}
	if all := p.wait(t, "notices", room, 1, notice); len(all) != 1 {
		t.Errorf("got %d notices, want one a day", len(all))
	}
	if proxy.Calls("PUT", "/sendToDevice/m.room_key_request") == 0 {
		t.Error("the key was never asked for")
	}
}
