package e2e_test

import (
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

// manyRooms is how many rooms the bot is brought into; three hundred take some
// minutes on the machine of the tests.
const manyRooms = 60

// TestManyRooms brings the bot into many rooms at once, asks in each, and checks
// that the bound on invitations holds for another bot (acceptance 19, 53).
func TestManyRooms(t *testing.T) {
	t.Parallel()
	hs := ownHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	startBot(t, settings+"  invites_per_hour: 1000\n")
	p := newPerson(t, hs, "person")
	start := time.Now()
	rooms := make([]id.RoomID, manyRooms)
	for i := range rooms {
		room, err := p.room(t.Context(), user, false)
		if err != nil {
			t.Fatal(err)
		}
		rooms[i] = room
	}
	for i, room := range rooms { // the bot may still be on its way in
		deadline := time.Now().Add(3 * time.Minute)
		for len(p.wait(t, "the greeting", room, 0, func(evt *event.Event) bool { return isGreeting(evt, user) })) == 0 {
			if time.Now().After(deadline) {
				t.Fatalf("room %d of %d: no greeting", i, manyRooms)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	t.Logf("%d rooms joined and greeted in %v", manyRooms, time.Since(start).Round(time.Millisecond))
	questions := make([]id.EventID, manyRooms)
	for i, room := range rooms {
		questions[i] = p.mustSay(t, room, map[string]any{"body": user.String() + ": glossary APR"})
	}
	for i, room := range rooms {
		p.wait(t, "an answer", room, 1, inThread(user, questions[i]))
	}
	t.Logf("%d rooms joined, greeted and answered in %v", manyRooms, time.Since(start).Round(time.Millisecond))

	timid, few := matrixSettings(t, hs, "bot-password-canary")
	startBot(t, few)
	declined := 0
	for range 14 {
		room, err := p.room(t.Context(), timid, false)
		if err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Minute)
		for {
			members, err := p.JoinedMembers(t.Context(), room)
			if err != nil {
				t.Fatal(err)
			}
			if _, in := members.Joined[timid]; in {
				break
			}
			if found, _ := p.seen(t.Context(), room, 0, those(leftBy(timid))); len(found) > 0 {
				declined++
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("an invitation was neither accepted nor declined")
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if declined != 4 {
		t.Errorf("invitations declined: got %d of 14, want those above ten in an hour", declined)
	}
}
