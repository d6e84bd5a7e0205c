package e2e_test

import (
	"strings"
	"sync"
	"testing"
	"time"

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
