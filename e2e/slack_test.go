package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

const (
	botToken = "xoxb-e2e"
	appToken = "xapp-e2e"
)

// slackSettings is a configuration for the whole process, over Socket Mode.
func slackSettings(fake *slackfake.Server, dir string) string {
	return "database: " + dir + "/bot.db\nslack:\n  bot_token: " + botToken + "\n  app_token: " + appToken + "\n  api_url: " + fake.APIURL() + "\n"
}

func workspace(t *testing.T) *slackfake.Server {
	t.Helper()
	fake, err := slackfake.New(slackfake.Config{BotToken: botToken, AppToken: appToken, TriggerLife: time.Minute, Retries: []time.Duration{time.Second, 3 * time.Second, 10 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	return fake
}

// TestSlackAnswersAndDeliversOnce runs the program as a process against the
// fake: mention, direct message, slash commands, hostile words, a redelivery, a
// subscription, kill -9, and the edition that is due after it.
func TestSlackAnswersAndDeliversOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	fake := workspace(t)
	dir := t.TempDir()
	bot := startBot(t, slackSettings(fake, dir))
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}

	// A mention gets one threaded answer; the event sent again gets no second.
	ts := fake.Mention("C1", "U1", "When did Russia first raise information security at the UN?")
	posts, err := fake.WaitPosts(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := posts[0]; p.ThreadTS != ts || !strings.Contains(p.Visible(), "1998") || !strings.Contains(p.Visible(), "¶5") {
		t.Errorf("got thread %q, %s, want the answer with ¶5 in thread %q", p.ThreadTS, p.Visible(), ts)
	}
	if err := fake.Redeliver(ts); err != nil {
		t.Fatal(err)
	}

	// A direct message; hostile words ping nobody.
	_, dm := fake.DM("U2", "quote sovereignty <!channel> <@U9>")
	posts, err = fake.WaitPosts(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	if posts[1].ThreadTS != dm && posts[1].ThreadTS != "" {
		t.Errorf("got the answer in thread %q, want %q", posts[1].ThreadTS, dm)
	}
	for _, p := range posts {
		if harm := p.Harm(); len(harm) > 0 {
			t.Errorf("got %q in a post", harm)
		}
	}

	// Slash commands are acknowledged and answered to the person alone.
	for _, c := range [][2]string{{"/iis", "upcoming OEWG"}, {"/quote", "digital gap"}, {"/iis", "help"}, {"/iis", ""}} {
		if _, err := fake.Slash(c[0], c[1], "C1", "U1"); err != nil {
			t.Fatal(err)
		}
	}
	shown, err := fake.WaitEphemerals(ctx, 4)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, m := range shown {
		all.WriteString(m.Visible() + "\n")
	}
	for _, want := range []string{"7–11 December 2026", "digital gap", "What I can do"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("got %s\nwant it to hold %q", all.String(), want)
		}
	}

	// A subscription, then kill -9, then the edition that falls due: once.
	due := time.Now().UTC().Add(20 * time.Second).Truncate(time.Minute).Add(time.Minute)
	fake.Mention("C1", "U1", "subscribe digest daily "+due.Format("15:04")+" UTC")
	posts, err = fake.WaitPosts(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(posts[2].Visible(), due.Format("15:04")) {
		t.Errorf("got %s, want the next times", posts[2].Visible())
	}
	bot.kill()
	startBot(t, slackSettings(fake, dir))
	posts, err = fake.WaitPosts(ctx, 4)
	if err != nil {
		t.Fatalf("the edition due at %s: %v", due, err)
	}
	if p := posts[3]; p.ThreadTS != "" || !strings.Contains(p.Visible(), "Global Mechanism") {
		t.Errorf("got thread %q, %s, want the edition in the channel", p.ThreadTS, p.Visible())
	}
	// Nothing is said twice: a question after the edition is the next post.
	fake.Mention("C1", "U1", "What is IIS?")
	posts, err = fake.WaitPosts(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(posts[4].Visible(), "nternational information security") {
		t.Errorf("got %s, want the glossary's answer next", posts[4].Visible())
	}
}

// TestOnePlatformDownDoesNotStopTheOther gives a homeserver that nobody runs.
func TestOnePlatformDownDoesNotStopTheOther(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	fake := workspace(t)
	startBot(t, slackSettings(fake, t.TempDir())+"matrix:\n  homeserver: http://127.0.0.1:9\n  user: \"@bot:localhost\"\n  password: nobody\n")
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	fake.Mention("C1", "U1", "What is IIS?")
	if _, err := fake.WaitPosts(ctx, 1); err != nil {
		t.Fatal(err)
	}
}

// TestARefusedTokenIsSaidInWords starts with a token that Slack does not know.
func TestARefusedTokenIsSaidInWords(t *testing.T) {
	t.Parallel()
	fake := workspace(t)
	settings := strings.ReplaceAll(slackSettings(fake, t.TempDir()), appToken, "xapp-wrong")
	bot := startBot(t, settings)
	if err := bot.wait(30 * time.Second); err == nil {
		t.Fatal("got exit 0, want a failure")
	}
	if log := bot.log(); !strings.Contains(log, "slack") || strings.Contains(log, "xapp-wrong") {
		t.Errorf("got %s, want the platform named and no token", log)
	}
}
