package e2e_test

import (
	"cmp"
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
// 20s or 24h, and for eight minutes in CI, while methods of the fake fail at random:
// refused, limited, cut off, broken, done and denied. Each question is answered once,
// and the process has no more threads of work and open files at the end than it had
// when it was warm.
func TestAcceptance20ASoakWithFaultsLeaksNothing(t *testing.T) {
	t.Parallel()
	text := cmp.Or(os.Getenv("SOAK"), "20s")
	if os.Getenv("CI") != "" {
		text = cmp.Or(os.Getenv("SOAK"), "8m")
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	// A post of which nobody knows is looked for twice, and what is posted again may
	// be broken again.
	ctx, cancel := context.WithTimeout(t.Context(), length+8*time.Minute)
	defer cancel()
	fake := workspace(t)
	const people = 40 // each in a channel of their own, so that nobody asks too much
	for i := range people {
		fake.AddUser(slackfake.User{ID: fmt.Sprintf("USOAK%d", i)})
	}
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
		fake.Mention(fmt.Sprintf("C%d", asked%people), fmt.Sprintf("USOAK%d", asked%people), "quote information security")
	}
	quiet := func() {
		t.Helper()
		if _, err := fake.WaitPosts(ctx, asked); err != nil {
			t.Fatalf("after %d questions: %v", asked, err)
		}
	}
	for range people {
		ask()
	}
	quiet()
	refreshes := min(length/2, 2*time.Minute) // Slack does that every few hours; oftener, the bot waits before the next
	refresh := time.Now().Add(refreshes)
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
		if time.Now().After(refresh) {
			refresh = refresh.Add(refreshes)
			fake.Disconnect("refresh_requested")
		}
		ask()
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond): // people take their time
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
			for _, call := range fake.Calls("chat.postMessage") {
				if call.Params["thread_ts"] == thread {
					t.Logf("%s %.120v", call.At.Format(time.StampMicro), call.Params["text"])
				}
			}
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
