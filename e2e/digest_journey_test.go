package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// startBotAt starts the program with a clock that begins at noon, UTC, of a day.
func startBotAt(t *testing.T, settings, day string) *process {
	t.Helper()
	config := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(binary(t), "serve", "--config", config, "--at", day), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the program logged:\n%s", p.log())
		}
	})
	return p
}

// TestTheJourneyOfAWeeklyDigest is J4 on Slack, with the program as a process and
// days that pass: a wrong zone, the next three times, downtime within and beyond
// the grace, status, pause and resume, an end and its undo, the session's eve.
func TestTheJourneyOfAWeeklyDigest(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var shift atomic.Int64
	fake, err := slackfake.New(slackfake.Config{
		BotToken: botToken, AppToken: appToken, Retries: []time.Duration{time.Second, 3 * time.Second, 10 * time.Second}, Now: func() time.Time { return time.Now().Add(time.Duration(shift.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	fake.AddUser(slackfake.User{ID: "U1"})
	settings := slackSettings(fake, t.TempDir())
	var program *process
	// day goes on to noon of a day, with the program down before it.
	day := func(date string) {
		t.Helper()
		if program != nil {
			program.kill()
		}
		noon, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		shift.Store(int64(time.Until(noon.Add(12 * time.Hour))))
		program = startBotAt(t, settings, date)
		if err := fake.WaitSockets(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	posted := 0
	// next returns what is posted next.
	next := func(what string) *slackfake.Message {
		t.Helper()
		posts, err := fake.WaitPosts(ctx, posted+1)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		posted++
		return &posts[posted-1]
	}
	say := func(text string, want ...string) *slackfake.Message {
		t.Helper()
		fake.Mention("C1", "U1", text)
		answer := next(text)
		for _, w := range want {
			if got := answer.Visible(); !strings.Contains(got, w) {
				t.Errorf("%s: got %s\nwant it to hold %q", text, got, w)
			}
		}
		return answer
	}

	// until asks for the status until it holds what a moment's work will bring.
	until := func(wants ...string) {
		t.Helper()
		for {
			fake.Mention("C1", "U1", "status")
			got := next("status").Visible()
			missing := slices.DeleteFunc(slices.Clone(wants), func(want string) bool { return strings.Contains(got, want) })
			if len(missing) == 0 {
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("status: got %s, want it to hold %q", got, missing)
			}
		}
	}

	day("2027-03-24")
	say("subscribe digest weekly mon 08:00 Europe/Geneva", "did you mean Europe/Zurich?")
	say(
		`subscribe digest weekly mon 08:00 Europe/Zurich processes:"Global Mechanism" lead:30d lang:en grace:8h`,
		"Mon 29 Mar 2027, 08:00 CEST (UTC+02:00) = Mon 29 Mar 2027, 06:00 UTC", // clocks went forward the day before
		"Mon 5 Apr 2027, 08:00 CEST", "Mon 12 Apr 2027, 08:00 CEST",
	)
	say("subscribe digest monthly 31 09:00 UTC", "Wed 31 Mar 2027, 09:00 UTC", "Fri 30 Apr 2027, 09:00 UTC", "April has no day 31")
	say("yes", "Confirmed #2: digest monthly 31 09:00 UTC")
	ordered := say("subscribe digest daily 18:00 UTC", "#3", "✅ Confirm")
	if _, err := fake.Press(ordered.TS, ordered.Button("❌ Cancel"), "U1"); err != nil {
		t.Fatal(err)
	}
	if got := next("what the button does").Visible(); !strings.Contains(got, "Ended #3: digest daily 18:00 UTC") {
		t.Errorf("cancel: got %s, want the order taken back", got)
	}
	say("pause 2", "Paused #2")
	say("status", "2 subscriptions", "none sent yet", "next Mon 29 Mar 2027")

	// Down over Monday morning, back at noon: once, and it says so.
	day("2027-03-29")
	if edition := next("the late edition"); edition.ThreadTS != "" || !strings.Contains(edition.Visible(), "Delayed by 6 h") {
		t.Errorf("got %s, want the edition, delayed by six hours", edition.Visible())
	}
	until("1 sent, 1 of them late, 0 missed", "sent 6 h") // and the minute in which it was looked for

	// Down for days over the next one: left out, and status tells.
	day("2027-04-08")
	until("1 sent, 1 of them late, 1 missed", "Mon 5 Apr 2027, 08:00: missed")
	say("resume 2", "Resumed #2", "Fri 30 Apr 2027, 09:00 UTC")
	say("unsubscribe 1", "Ended #1", "ten minutes")
	say("subscriptions", "1 subscription", "#2 ")
	say("undo 1", "#1 is back", "Mon 12 Apr 2027")
	say("subscriptions", "2 subscriptions", "#1 ", "#2 ")
	say("unsubscribe 2", "Ended #2")

	// The bot is put out of the room: the subscription stops, its owner is told,
	// once; back in the room, it goes on.
	fake.Leave("C1")
	day("2027-04-12")
	notice := next("the notice to the owner")
	if notice.Channel == "C1" || !strings.Contains(notice.Visible(), "I could not reach the room C1") {
		t.Errorf("got %s in %s, want the owner told", notice.Visible(), notice.Channel)
	}
	day("2027-04-13")
	fake.Join("C1")
	say("resume 1", "Mon 19 Apr 2027")
	until("1 sent, 1 of them late, 2 missed", "Mon 12 Apr 2027, 08:00: failed")
	program.kill()
}
