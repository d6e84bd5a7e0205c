package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// TestAcceptance20ASoakWithFaultsLeaksNothing asks for as long as SOAK says, as in
// 5s or 24h, while methods of the fake fail at random: refused, limited, cut off,
// broken, done and denied. Each question is answered once, and the process has no
// more threads of work and open files at the end than it had when it was warm.
//
// It is not part of every run yet: it passes for 5 seconds, and for 20 or more not
// all answers are in two minutes after the last question.
func TestAcceptance20ASoakWithFaultsLeaksNothing(t *testing.T) {
	t.Parallel()
	text := os.Getenv("SOAK")
	if text == "" {
		t.Skip("SOAK is not set")
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), length+2*time.Minute)
	defer cancel()
	fake := workspace(t)
	health := freeAddress(t)
	bot := startBot(t, slackSettings(fake, t.TempDir())+"health: {listen: \""+health+"\"}\n")
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	const seed = 2026
	random := rand.New(rand.NewPCG(seed, seed))
	asked := 0
	ask := func() {
		asked++
		// Slack takes one post a second in a channel.
		fake.Mention(fmt.Sprintf("C%d", asked%40), "U1", "quote information security")
	}
	quiet := func() {
		t.Helper()
		if _, err := fake.WaitPosts(ctx, asked); err != nil {
			t.Fatalf("after %d questions: %v", asked, err)
		}
	}
	for range 20 {
		ask()
	}
	quiet()
	refresh := time.Now().Add(length / 2)
	goroutines, files := gauge(ctx, t, health, bot)
	for until := time.Now().Add(length); time.Now().Before(until); {
		if random.IntN(5) == 0 {
			method := []string{"chat.postMessage", "conversations.info", "users.info", "reactions.add", "reactions.remove", "conversations.history"}[random.IntN(6)]
			fake.Fail(method, []slackfake.Fault{
				{Drop: true},
				{Status: http.StatusInternalServerError},
				{Status: http.StatusBadGateway, Store: true},
				{Drop: true, Store: true},
				slackfake.RateLimited(1), slackfake.APIError("internal_error"),
			}[random.IntN(6)])
		}
		if time.Now().After(refresh) { // Slack does that every few hours; oftener, the bot waits before the next
			refresh = refresh.Add(length)
			fake.Disconnect("refresh_requested")
		}
		ask()
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond): // people take their time
		}
	}
	quiet()
	answers := map[string]int{}
	for _, p := range fake.Posts() {
		answers[p.ThreadTS]++
	}
	for thread, n := range answers {
		if n != 1 {
			t.Errorf("thread %s: got %d answers, want one", thread, n)
		}
	}
	if len(answers) != asked {
		t.Errorf("got answers to %d of %d questions", len(answers), asked)
	}
	// What is in the air lands within a moment.
	var g, f int
	for deadline := time.Now().Add(30 * time.Second); ; {
		if g, f = gauge(ctx, t, health, bot); g <= goroutines+10 && f <= files+10 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("got %d goroutines and %d open files, want about the %d and %d of the beginning", g, f, goroutines, files)
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	report(t, fmt.Sprintf("soak of %s, seed %d: %d questions, %d answered once; goroutines %d, then %d; open files %d, then %d", length, seed, asked, len(answers), goroutines, g, files, f))
}

// gauge returns how many goroutines and open files the program has.
func gauge(ctx context.Context, t *testing.T, health string, p *process) (goroutines, files int) {
	t.Helper()
	_, measured := get(ctx, t, "http://"+health+"/metrics")
	_, rest, found := strings.Cut(measured, "\ngo_goroutines ")
	if _, err := fmt.Sscan(rest, &goroutines); !found || err != nil {
		t.Fatalf("got no go_goroutines in\n%s", measured)
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return goroutines, len(open)
}
