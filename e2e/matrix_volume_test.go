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

// TestManyQuestionsWhileTheBotIsAway asks 70 questions in an encrypted room and
// 500 in a plain one while the program does not run (acceptance 45, 47): each is
// answered once when it does again.
func TestManyQuestionsWhileTheBotIsAway(t *testing.T) {
	t.Parallel()
	hs := ownHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	bot := startBot(t, settings)
	secret, plain := newConfidant(t, hs), newPerson(t, hs, "person")
	type asker struct {
		p        *person
		room     id.RoomID
		n        int
		asked    []id.EventID
		question string
	}
	askers := []*asker{
		{p: secret, room: secret.secretRoom(t, user), n: 70, question: "!iis glossary APR"},
		{p: plain, room: plain.greetedRoom(t, user, false), n: 500, question: "!iis glossary IIS"},
	}
	bot.kill()
	for _, a := range askers {
		for range a.n {
			a.asked = append(a.asked, a.p.mustSay(t, a.room, map[string]any{"body": a.question}))
		}
	}
	start := time.Now()
	again := startBot(t, settings)
	var waiting sync.WaitGroup
	for _, a := range askers {
		waiting.Go(func() {
			deadline := time.Now().Add(4 * time.Minute)
			for i, question := range a.asked {
				for len(a.p.wait(t, "answers", a.room, 0, inThread(user, question))) == 0 {
					if time.Now().After(deadline) {
						t.Errorf("%s: question %d of %d is not answered", a.question, i, a.n)
						return
					}
					time.Sleep(50 * time.Millisecond)
				}
			}
			t.Logf("%d questions answered after %v", a.n, time.Since(start).Round(time.Millisecond))
		})
	}
	waiting.Wait()
	for _, a := range askers {
		last := a.p.mustSay(t, a.room, map[string]any{"body": a.question})
		a.p.wait(t, "the last answer", a.room, 1, inThread(user, last))
		if got := len(a.p.wait(t, "all answers", a.room, a.n+1, from(user))); got != a.n+1 {
			t.Errorf("%s: got %d answers, want %d: one each", a.question, got, a.n+1)
		}
	}
	if log := again.log(); strings.Contains(log, "panic") {
		t.Errorf("log: got %q", log)
	}
}

// manyRooms is how many rooms the bot is brought into, each eighth of them encrypted
// (three hundred take Dendrite more than four minutes on the machine of the tests),
// and flood how many invitations somebody sends who wants to overwhelm it.
const manyRooms, flood = 60, 40

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
	open, secret := newPerson(t, hs, "person"), newConfidant(t, hs)
	by := func(i int) (*person, []*event.Event) {
		if i%8 == 0 {
			return secret, []*event.Event{encrypted()}
		}
		return open, nil
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
		waitLong(t, p, fmt.Sprintf("the greeting in room %d of %d", i, manyRooms), room, 1, 4*time.Minute, func(evt *event.Event) bool { return isGreeting(evt, user) })
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
		if got := len(waitLong(t, p, "an answer", room, 1, 3*time.Minute, inThread(user, questions[i]))); got != 1 {
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
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
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
