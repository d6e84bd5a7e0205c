package e2e_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapporteur/bot/bottest"
	"rapporteur/bot/slack/slackfake"
)

// goroutine is the first line of each goroutine in a dump.
var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[`)

// dump ends the program as SIGQUIT does, and returns how many goroutines it had.
func (p *process) dump(t *testing.T) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = p.wait(30 * time.Second) // it ends with a status of its own
	n := len(goroutine.FindAllString(p.log(), -1))
	if n == 0 {
		t.Fatal("got no goroutines in the dump")
	}
	return n
}

// TestAcceptance15FiveHundredMentionsOfTheWholeProcess lets a hundred people
// mention the bot five hundred times in ten seconds, in fifty channels, while one
// asks forty times at once, of the whole process with its database on disk.
func TestAcceptance15FiveHundredMentionsOfTheWholeProcess(t *testing.T) { //nolint:paralleltest // it measures
	const mentions, channels, flood = 500, 50, 40
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	fake, err := slackfake.New(slackfake.Config{
		BotToken: botToken, AppToken: appToken, Retries: []time.Duration{time.Hour}, Limits: slackfake.Limits{PostsPerSecond: 1, Burst: 5},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	settings := slackSettings(fake, t.TempDir())
	idle := startBot(t, settings)
	if err := fake.WaitSockets(ctx, 2); err != nil {
		t.Fatal(err)
	}
	fake.Mention("CFIRST", "UFIRST", "What is IIS?")
	if _, err := fake.WaitPosts(ctx, 1); err != nil {
		t.Fatal(err)
	}
	baseline := idle.dump(t)

	bot := startBot(t, settings)
	if err := fake.Wait(ctx, func() bool { return len(fake.Calls("apps.connections.open")) >= 4 && fake.Sockets() == 2 }); err != nil {
		t.Fatal(err)
	}
	acked, stall := len(fake.Acks()), bottest.Stall(t)
	begun := time.Now()
	for range flood {
		fake.Mention("CFLOOD", "UFLOOD", "What does APR stand for?")
	}
	tick := time.NewTicker(10 * time.Second / mentions)
	defer tick.Stop()
	for i := range mentions {
		fake.Mention(fmt.Sprintf("CROOM%02d", i%channels), fmt.Sprintf("UPERSON%02d", i%100), "What is IIS?")
		<-tick.C
	}
	t.Logf("%d mentions took %v", mentions+flood, time.Since(begun))
	if _, err := fake.WaitAcks(ctx, acked+mentions+flood); err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for _, a := range fake.Acks()[acked:] {
		took = append(took, a.Took)
	}
	slices.Sort(took)
	p99, longest := took[len(took)*99/100], took[len(took)-1]
	const all = 1 + mentions + flood + 1 // and the notice
	posts, err := fake.WaitPosts(ctx, all)
	t.Logf("acknowledgements: median %v, p99 %v, longest %v; %d posts after %v", took[len(took)/2], p99, longest, len(posts), time.Since(begun))
	if err != nil {
		t.Fatal(err)
	}
	if beyond := stall(); p99 > 500*time.Millisecond+beyond || longest > 3*time.Second+beyond {
		t.Errorf("got p99 %v and longest %v, want at most 500 ms and 3 s and the %v for which the machine stalled", p99, longest, beyond)
	}
	notices, perThread := 0, map[string]int{}
	for _, m := range posts {
		if strings.Contains(m.Visible(), "questions of yours") {
			notices++
			if m.Channel != "CFLOOD" {
				t.Errorf("got a notice in %s, want it for who asked too much", m.Channel)
			}
			continue
		}
		perThread[m.ThreadTS]++
	}
	for thread, n := range perThread {
		if n != 1 {
			t.Errorf("%s: got %d answers, want one", thread, n)
		}
	}
	if notices != 1 || len(perThread) != all-1 || len(posts) != all {
		t.Errorf("got %d notices, %d questions answered and %d posts, want one, %d and %d", notices, len(perThread), len(posts), all-1, all)
	}
	time.Sleep(5 * time.Second) // what the load took is given back
	if got := bot.dump(t); got > baseline*11/10+2 {
		t.Errorf("got %d goroutines, want them back at %d", got, baseline)
	} else {
		t.Logf("goroutines: %d when idle, %d after the load", baseline, got)
	}
}
