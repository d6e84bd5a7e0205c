package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// TestAcceptance63SlackKilledAtEveryStep kills the program as kill -9 does, at
// each step of an answer and at random instants, with the fake as the judge: every
// question has one answer in the end.
func TestAcceptance63SlackKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	// The last retries come when the killing is over, as Slack's would.
	fake, err := slackfake.New(slackfake.Config{BotToken: botToken, AppToken: appToken, Retries: []time.Duration{time.Second, time.Minute, 30 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	settings := slackSettings(fake, t.TempDir())
	var bot *process
	sockets := 0
	restart := func() {
		t.Helper()
		bot = startBot(t, settings)
		if err := fake.Wait(ctx, func() bool { return len(fake.Calls("apps.connections.open")) >= sockets+2 }); err != nil {
			t.Fatal(err)
		}
		if err := fake.WaitSockets(ctx, 1); err != nil {
			t.Fatal(err)
		}
		sockets = len(fake.Calls("apps.connections.open"))
	}
	asked := map[string]string{} // by channel: at which step
	ask := func(step string) {
		channel := fmt.Sprintf("CKILL%02d", len(asked))
		fake.AddChannel(channel)
		asked[channel] = step
		fake.Mention(channel, "U1", "What is IIS?")
	}
	posted := func() int { return len(fake.Calls("chat.postMessage")) }
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	for _, c := range []struct {
		step  string
		fault *slackfake.Fault
		until func(acks, posts, seen int) bool
	}{
		{"before the acknowledgement", nil, func(int, int, int) bool { return true }},
		{"after the acknowledgement", nil, func(acks, _, _ int) bool { return len(fake.Acks()) > acks }},
		{"after the request, which Slack has carried out", &slackfake.Fault{Store: true, Hold: never}, func(_, posts, _ int) bool { return len(fake.Posts()) > posts }},
		{"after the request, which Slack has not carried out", &slackfake.Fault{Hold: never, Drop: true}, func(_, _, seen int) bool { return posted() > seen }},
		{"after the response, perhaps before the commit", nil, func(_, posts, _ int) bool { return len(fake.Posts()) > posts }},
	} {
		restart()
		acks, posts, seen := len(fake.Acks()), len(fake.Posts()), posted()
		if c.fault != nil {
			fake.Fail("chat.postMessage", *c.fault)
		}
		ask(c.step)
		if err := fake.Wait(ctx, func() bool { return c.until(acks, posts, seen) }); err != nil {
			t.Fatalf("%s: %v", c.step, err)
		}
		bot.kill()
	}
	seed := rand.Uint64() //nolint:gosec // a test
	random := rand.New(rand.NewPCG(seed, 63))
	for range 6 {
		restart()
		wait := time.Duration(random.IntN(400)) * time.Millisecond
		for range 3 {
			ask(fmt.Sprint("after ", wait, ", seed ", seed))
		}
		time.Sleep(wait) // the instant is what is tried
		bot.kill()
	}
	restart()
	err = fake.Wait(ctx, func() bool { return len(fake.Posts()) >= len(asked) })
	if err != nil {
		t.Errorf("got %d answers, want %d: %v", len(fake.Posts()), len(asked), err)
	}
	// Whatever would come twice comes within another lease and its two looks.
	quiet, stop := context.WithTimeout(ctx, 100*time.Second)
	defer stop()
	_ = fake.Wait(quiet, func() bool { return len(fake.Posts()) > len(asked) })
	got := map[string]int{}
	for _, m := range fake.Posts() {
		got[m.Channel]++
	}
	for channel, step := range asked {
		if got[channel] != 1 {
			t.Errorf("killed %s: got %d answers, want 1", step, got[channel])
		}
	}
}
