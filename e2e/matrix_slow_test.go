package e2e_test

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/e2e/homeserver"
)

// waitLong waits for longer than the usual patience.
func waitLong(t *testing.T, p *person, what string, room id.RoomID, n int, limit time.Duration, keep func(*event.Event) bool) []*event.Event {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		if found := p.wait(t, what, room, 0, keep); len(found) >= n {
			return found
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", limit, what)
		}
	}
}

// TestAKeyThatTakesLongToShareIsShared has the homeserver take longer over the
// keys than one post may last, as it does for rooms with thousands of devices.
func TestAKeyThatTakesLongToShareIsShared(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	startBot(t, settings)
	p := newConfidant(t, hs)
	proxy.Break(homeserver.Fault{Method: "PUT", Path: "/sendToDevice/m.room.encrypted", Times: -1, Slow: 40 * time.Second})
	room, err := p.room(t.Context(), user, false, encrypted())
	need(t, err)
	waitLong(t, p, "the greeting", room, 1, 2*time.Minute, func(evt *event.Event) bool { return isGreeting(evt, user) })
	if n := proxy.Calls("PUT", "/sendToDevice/m.room.encrypted"); n != 1 {
		t.Errorf("got the key shared %d times, want once", n)
	}
}
