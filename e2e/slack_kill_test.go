package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// killing is a bot that is killed as kill -9 does, and Slack, who is the judge.
type killing struct {
	*testing.T
	ctx       context.Context //nolint:containedctx // of the test
	fake      *slackfake.Server
	transport string
	settings  string
	bot       *process
	sockets   int
	// asked says at which step the bot was killed, by channel.
	asked map[string]string
	// blind is set where the bot may not read channels.
	blind bool
}

// never holds an answer of Slack's back until the bot is dead.
func never(t *testing.T) chan struct{} {
	t.Helper()
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	return hold
}

func (k *killing) restart() {
	k.Helper()
	k.bot = startBot(k.T, k.settings)
	opened := func() int { return len(k.fake.Calls("apps.connections.open")) }
	if k.transport == "sockets" {
		if err := k.fake.Wait(k.ctx, func() bool { return opened() >= k.sockets+2 }); err != nil {
			k.Fatal(err)
		}
	}
	reachable(k.ctx, k.T, k.transport, k.fake)
	k.sockets = opened()
}

// ask lets somebody who is unknown ask in a channel that is new.
func (k *killing) ask(step string) {
	channel := fmt.Sprintf("CKILL%03d", len(k.asked))
	k.fake.AddChannel(channel)
	k.asked[channel] = step
	k.fake.Mention(channel, fmt.Sprintf("UKILL%03d", len(k.asked)), "What is IIS?")
}

// answers are how many there are in each channel.
func (k *killing) answers() map[string]int {
	got := map[string]int{}
	for _, m := range k.fake.Posts() {
		if strings.HasPrefix(m.Channel, "CKILL") {
			got[m.Channel]++
		}
	}
	return got
}

// step asks, waits until what is told of Slack has changed as it says, and kills.
func (k *killing) step(name, method string, fault *slackfake.Fault, done func() int) {
	k.Helper()
	k.restart()
	before := done()
	if fault != nil {
		k.fake.Fail(method, *fault)
	}
	k.ask(name)
	if err := k.fake.Wait(k.ctx, func() bool { return done() > before }); err != nil {
		k.Fatalf("%s: %v", name, err)
	}
}

// TestAcceptance63SlackKilledAtEveryStep kills the program at each step of an
// answer, and a hundred times at random instants of two, in both transports:
// every question has one answer in the end. Where the bot may not read channels, it
// has one at most, and the operator hears of those that were left out.
func TestAcceptance63SlackKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, transport := range transports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
			defer cancel()
			var all []*killing
			for _, blind := range []bool{false, true} {
				all = append(all, killAtEveryStep(ctx, t, name, transport, blind))
			}
			// What is left is taken up within a lease and half, and looked for twice:
			// whatever would come twice, or is left out, is known then.
			quiet, stop := context.WithTimeout(ctx, 130*time.Second)
			defer stop()
			<-quiet.Done()
			for _, k := range all {
				// Where many are doubtful, some wait for another lease to be looked for.
				if err := k.fake.Wait(ctx, func() bool { return k.blind || len(k.answers()) >= len(k.asked) }); err != nil {
					t.Error(err)
				}
				k.judge()
			}
		})
	}
}

// killAtEveryStep kills a bot again and again, and leaves the last one alive.
func killAtEveryStep(ctx context.Context, t *testing.T, name string, transport func(*testing.T, *slackfake.Server) string, blind bool) *killing {
	t.Helper()
	// The last retries come when the killing is over, as Slack's would.
	config := slackfake.Config{BotToken: botToken, AppToken: appToken, Retries: []time.Duration{time.Second, time.Minute, 30 * time.Second}}
	if blind {
		config.Scopes = []string{"app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read", "channels:read", "groups:read", "assistant:write"}
	}
	fake, err := slackfake.New(config) //nolint:contextcheck // it lives as long as the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	k := &killing{
		T: t, ctx: ctx, fake: fake, transport: name, blind: blind, asked: map[string]string{},
		settings: "database: " + t.TempDir() + "/bot.db\nslack:\n  bot_token: " + botToken + "\n  api_url: " + fake.APIURL() + "\n  operators: [UOPS]\n" + transport(t, fake),
	}
	hold := never(t)
	acks := func() int { return len(fake.Acks()) }
	posts := func() int { return len(k.answers()) }
	calls := func(method string) func() int { return func() int { return len(fake.Calls(method)) } }
	k.restart()
	k.ask("before the acknowledgement")
	k.bot.kill()
	for _, s := range []struct {
		step, method string
		fault        *slackfake.Fault
		done         func() int
	}{
		{"after the acknowledgement", "", nil, acks},
		{"after the claim, before the answer", "users.info", &slackfake.Fault{Hold: hold}, calls("users.info")},
		{"after the request, which Slack has carried out", "chat.postMessage", &slackfake.Fault{Store: true, Hold: hold}, posts},
		{"after the request, which Slack has not carried out", "chat.postMessage", &slackfake.Fault{Hold: hold, Drop: true}, calls("chat.postMessage")},
		{"after the response, perhaps before the commit", "", nil, posts},
		{"after the commit", "", nil, posts},
	} {
		k.step(s.step, s.method, s.fault, s.done)
		if s.step == "after the commit" {
			time.Sleep(time.Second) // the instant is what is tried
		}
		k.bot.kill()
	}
	seed := rand.Uint64() //nolint:gosec // a test
	random := rand.New(rand.NewPCG(seed, 63))
	for range 25 { // in each of both transports, with and without history: a hundred
		k.restart()
		for range 2 { // each is at another step when the bot dies
			wait := time.Duration(random.IntN(100)) * time.Millisecond
			k.ask(fmt.Sprint("at random, seed ", seed))
			time.Sleep(wait) // the instant is what is tried
		}
		k.bot.kill()
	}
	k.restart()
	return k
}

// judge says what became of the questions.
func (k *killing) judge() {
	k.Helper()
	got, left := k.answers(), 0
	for channel, step := range k.asked {
		switch n := got[channel]; {
		case n > 1 || (n == 0 && !k.blind):
			k.Errorf("killed %s, without history %v: got %d answers, want 1", step, k.blind, n)
		case n == 0:
			left++
		}
	}
	told := 0
	for _, m := range k.fake.Posts() {
		if m.Channel == "DOPS" && strings.Contains(m.Visible(), "left a post out") {
			told++
		}
	}
	k.Logf("without history %v: %d questions, %d left out, %d notices", k.blind, len(k.asked), left, told)
	if (left > 0) != (told > 0) {
		k.Errorf("got %d answers left out and %d notices, want the operator told of them", left, told)
	}
}
