package e2e_test

import (
	"path/filepath"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// TestChaosOnMatrixNeitherLosesNorDoubles kills a replica around its posts to a
// real homeserver, which knows a transaction again. Nothing is looked for: the
// fast clock is far ahead of the homeserver's.
func TestChaosOnMatrixNeitherLosesNorDoubles(t *testing.T) {
	t.Parallel()
	seat := newSeatBot(t, sharedHomeserver(t), bot.HandlerFunc(echo))
	p := newPerson(t, seat.hs, "person")
	var rooms []string
	for range 4 {
		rooms = append(rooms, p.greetedRoom(t, seat.user, false).String())
	}
	if err := seat.stop(); err != nil {
		t.Fatal(err)
	}
	c := prepareChaos(t, filepath.Join(t.TempDir(), "chaos.db"), 1, 6)
	n := cycles(t, 50)
	var owed []string
	for range 15 {
		owed = append(owed, rooms...)
	}
	c.order(owed, time.Duration(n)*250*time.Millisecond*chaosSpeed, "-platform", "matrix")
	c.with = []string{"-homeserver", seat.hs.URL, "-user", seat.user.String(), "-password", seat.password}
	c.read = func() []string {
		var texts []string
		for _, room := range rooms {
			said, _ := p.seen(t.Context(), id.RoomID(room), 0, those(func(evt *event.Event) bool { return evt.Sender == seat.user }))
			for _, evt := range said {
				texts = append(texts, text(evt))
			}
		}
		return texts
	}
	c.start(0, "")
	for range n {
		c.cycle()
	}
	c.settle(90 * time.Second)
	c.verdict("Matrix, one process")
}
