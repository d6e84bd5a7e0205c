package e2e_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// manyRooms is how many rooms the bot is brought into, each eighth of them encrypted,
// and flood how many invitations somebody sends who wants to overwhelm it. Dendrite
// needs some minutes for them.
const (
	manyRooms, flood = 300, 100
	roomPatience     = 10 * time.Minute
)

// eachAtOnce calls f for the numbers up to n, some of them at the same time.
func eachAtOnce(n int, f func(i int)) {
	var work sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range n {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	work.Wait()
}

// memoryOf returns how much memory a process holds, in MiB.
func memoryOf(t *testing.T, p *process) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	need(t, err)
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	need(t, err)
	return kib / 1024
}

// TestManyRooms brings the bot into many rooms at once, asks in each, and checks
// that its memory stays within bounds, and that the bound on invitations holds for
// another bot (acceptance 19, 53).
func TestManyRooms(t *testing.T) {
	t.Parallel()
	hs := ownHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	bot := startBot(t, settings+"  invites_per_hour: 1000\n")
	var people []*person // one of them alone would hear of all rooms, again and again
	for range 7 {
		people = append(people, newPerson(t, hs, "person"))
	}
	open, secret := people[0], newConfidant(t, hs)
	by := func(i int) (*person, []*event.Event) {
		if i%8 == 0 {
			return secret, []*event.Event{encrypted()}
		}
		return people[i%8-1], nil
	}
	start := time.Now()
	rooms, questions := make([]id.RoomID, manyRooms), make([]id.EventID, manyRooms)
	eachAtOnce(manyRooms, func(i int) {
		p, state := by(i)
		room, err := p.room(t.Context(), user, false, state...)
		if err != nil {
			t.Error(err)
		}
		rooms[i] = room
	})
	if t.Failed() {
		t.FailNow()
	}
	for i, room := range rooms { // the bot may still be on its way in
		p, _ := by(i)
		waitLong(t, p, fmt.Sprintf("the greeting in room %d of %d", i, manyRooms), room, 1, roomPatience, func(evt *event.Event) bool { return isGreeting(evt, user) })
	}
	t.Logf("%d rooms joined and greeted in %v", manyRooms, time.Since(start).Round(time.Millisecond))
	eachAtOnce(manyRooms, func(i int) {
		p, _ := by(i)
		asked, err := p.say(t.Context(), rooms[i], map[string]any{"body": user.String() + ": glossary APR"})
		if err != nil {
			t.Error(err)
		}
		questions[i] = asked
	})
	for i, room := range rooms {
		p, _ := by(i)
		if got := len(waitLong(t, p, "an answer", room, 1, roomPatience, inThread(user, questions[i]))); got != 1 {
			t.Errorf("room %d: got %d answers, want one", i, got)
		}
	}
	t.Logf("%d rooms joined, greeted and answered in %v, with %d MiB", manyRooms, time.Since(start).Round(time.Millisecond), memoryOf(t, bot))
	if got := memoryOf(t, bot); got > 600 {
		t.Errorf("memory: got %d MiB, want at most 600", got)
	}

	timid, few := matrixSettings(t, hs, "bot-password-canary")
	startBot(t, few)
	invited := make([]id.RoomID, flood)
	eachAtOnce(flood, func(i int) {
		room, err := open.room(t.Context(), timid, false)
		if err != nil {
			t.Error(err)
		}
		invited[i] = room
	})
	declined := 0
	for _, room := range invited {
		for deadline := time.Now().Add(roomPatience); ; time.Sleep(20 * time.Millisecond) {
			members, err := open.JoinedMembers(t.Context(), room)
			need(t, err)
			if _, in := members.Joined[timid]; in {
				break
			}
			if found, _ := open.seen(t.Context(), room, 0, those(leftBy(timid))); len(found) > 0 {
				declined++
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("an invitation was neither accepted nor declined")
			}
		}
	}
	if declined != flood-10 {
		t.Errorf("invitations declined: got %d of %d, want those above ten in an hour", declined, flood)
	}
}
