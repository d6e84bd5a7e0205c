package slack_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

func TestAcceptance8LongAnswersAreSplitWithinTheLimits(t *testing.T) {
	t.Parallel()
	sixty := bot.Reply{}
	for i := range 60 {
		sixty = append(sixty, bot.Paragraph{Text: fmt.Sprintf("Block %02d.", i)})
	}
	lines := make([]string, 250)
	for i := range lines {
		lines[i] = fmt.Sprintf("Row %03d: %s", i, strings.Repeat("cell · ", 25))
	}
	for name, c := range map[string]struct {
		reply bot.Reply
		marks []string
	}{
		"60 blocks":         {sixty, []string{"Block 00.", "Block 31.", "Block 59."}},
		"30,000 characters": {bot.Reply{bot.Paragraph{Text: "Begin. " + strings.Repeat("It was said at length. ", 1300) + "End."}}, []string{"Begin.", "End."}},
		"250 rows":          {bot.Reply{bot.List{Items: lines}}, []string{"Row 000", "Row 125", "Row 249"}},
		"one long word":     {bot.Reply{bot.Lead{Text: strings.Repeat("x", 30_000)}}, []string{"xxx"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			if _, err := connect(t, fake).Post(waiting(t), post(c.reply)); err != nil {
				t.Fatal(err)
			}
			posts := fake.Posts()
			if len(posts) < 2 || len(fake.Calls("chat.postMessage")) != len(posts) {
				t.Errorf("got %d posts in %d calls, want several, each sent once", len(posts), len(fake.Calls("chat.postMessage")))
			}
			var all strings.Builder
			for i, m := range posts {
				if faults := slack.Faults(m.Blocks, false); len(faults) > 0 {
					t.Errorf("part %d: got %q", i+1, faults)
				}
				if m.ThreadTS != posts[0].ThreadTS || m.Text == "" || len([]rune(m.Text)) > 4000 {
					t.Errorf("part %d: got thread %q and %d characters of text, want one thread and text", i+1, m.ThreadTS, len([]rune(m.Text)))
				}
				all.WriteString(m.Visible() + "\n")
			}
			at := 0
			for _, mark := range c.marks {
				next := strings.Index(all.String()[at:], mark)
				if next < 0 {
					t.Fatalf("%q is not there, or not in its place", mark)
				}
				at += next
			}
		})
	}
}

func TestFaultsFindWhatSlackRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ blocks, want string }{
		"too many":        {"[" + strings.Repeat(`{"type":"header","text":{"type":"plain_text","text":"x"}},`, 50) + `{"type":"header","text":{"type":"plain_text","text":"x"}}]`, "51 elements"},
		"mrkdwn":          {`[{"type":"context","elements":[{"type":"mrkdwn","text":"<!channel>"}]}]`, "mark-up"},
		"a mention":       {`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U1"}]}]}]`, "notify"},
		"a long header":   {`[{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("x", 151) + `"}}]`, "151 characters"},
		"an input":        {`[{"type":"input"}]`, "views"},
		"a link button":   {`[{"type":"actions","elements":[{"type":"button","action_id":"a","url":"https://x.example","text":{"type":"plain_text","text":"x"}}]}]`, "address"},
		"twice the id":    {`[{"type":"actions","elements":[{"action_id":"a","text":{"type":"plain_text","text":"x"}},{"action_id":"a","text":{"type":"plain_text","text":"x"}}]}]`, "twice"},
		"an empty text":   {`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}]`, "empty"},
		"an image":        {`[{"type":"image","image_url":"https://x.example"}]`, "does not draw"},
		"no list":         {`{}`, "no list"},
		"too much of all": {"[" + strings.TrimSuffix(strings.Repeat(`{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"`+strings.Repeat("x", 2900)+`"}]}]},`, 5), ",") + "]", "14500 characters"},
	} {
		if got := slack.Faults([]byte(c.blocks), false); len(got) == 0 || !strings.Contains(strings.Join(got, " "), c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAcceptance18BlockedConsumerKeepsTheSocket(t *testing.T) {
	t.Parallel()
	const pings = 100 * time.Millisecond
	fake := start(t, slackfake.Config{PingInterval: pings, AckTimeout: time.Minute, Retries: []time.Duration{time.Hour}})
	release := make(chan struct{})
	inbox := &bottest.Inbox{OnReceive: func(ctx context.Context, _ bot.Message) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return ctx.Err()
	}}
	serve(t, fake, &bot.Server{Handler: echo(), Inbox: inbox})
	ctx := waiting(t)
	for i := range 60 { // more than the workers and the library's own queue hold
		fake.Mention(room, fmt.Sprintf("U0P%d", i), "x")
	}
	time.Sleep(20 * pings) // nothing is read but pings
	if n := len(fake.Calls("apps.connections.open")); n != 1 {
		t.Errorf("got %d sockets opened, want the one to live on", n)
	}
	close(release)
	if _, err := fake.WaitAcks(ctx, 60); err != nil {
		t.Error(err)
	}
	if n := len(fake.Calls("apps.connections.open")); n != 1 {
		t.Errorf("got %d sockets opened, want no reconnect", n)
	}
}

func TestAcceptance23EventsOutOfOrder(t *testing.T) {
	t.Parallel()
	for _, revokedFirst := range []bool{false, true} {
		t.Run(fmt.Sprint("revoked first ", revokedFirst), func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, client *slack.Client) {
				t.Helper()
				fake.Event(map[string]any{"type": "message", "subtype": "message_changed", "channel_type": "im", "channel": "D0ALICE", "ts": "946684800.000900", "message": map[string]any{"text": "x"}})
				fake.DM(alice, "before")
				time.Sleep(time.Minute)
				if posts := fake.Posts(); len(posts) != 1 {
					t.Errorf("got %q, want the message answered and the change of it not", visible(posts))
				}
				fake.Uninstall("T0WORKSPACE", revokedFirst)
				time.Sleep(time.Second)
				before := len(fake.Calls("chat.postMessage"))
				fake.DM(alice, "after")
				time.Sleep(4 * time.Minute)
				if n := len(fake.Calls("chat.postMessage")) - before; n > 0 {
					t.Errorf("got %d calls with the token that is gone, want none for five minutes", n)
				}
				if client.Counts()["notice"] == 0 {
					t.Error("got no notice for the operator")
				}
			})
		})
	}
}

func TestAcceptance32LongAnswersDoNotGoWithTheAcknowledgement(t *testing.T) {
	t.Parallel()
	long := bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) {
		return bot.Say("Begin. " + strings.Repeat("very long ", 4000) + "End."), nil
	})
	fake := start(t, slackfake.Config{})
	serve(t, fake, &bot.Server{Handler: long})
	ctx := waiting(t)
	if _, err := fake.Slash("/iis", "x", room, alice); err != nil {
		t.Fatal(err)
	}
	acks, err := fake.WaitAcks(ctx, 1)
	if err != nil || acks[0].Payload != nil {
		t.Errorf("got the acknowledgement %s (%v), want it empty", acks[0].Payload, err)
	}
	err = fake.Wait(ctx, func() bool {
		shown := visible(fake.Ephemerals())
		return len(shown) > 1 && strings.Contains(strings.Join(shown, " "), "End.")
	})
	if err != nil {
		t.Errorf("got %d ephemeral messages, want the whole answer in them: %v", len(fake.Ephemerals()), err)
	}
}

// A doubting mention in a thread is about its first message; any other message
// there is about itself.
func TestDoubtsAreAboutTheFirstMessageOfTheThread(t *testing.T) {
	t.Parallel()
	tell := bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
		return bot.Say(m.Text + "|" + m.Quoted), nil
	})
	bubble(t, slackfake.Config{}, slack.Options{}, tell, func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		theirs := fake.Say(room, "U0BOB", "", "They &lt;said&gt; it")
		fake.Say(room, "U0BOB", theirs, "in between")
		fake.Mention(room, alice, "first")
		time.Sleep(time.Minute)
		own := fake.Posts()[0].ThreadTS
		before := len(fake.Calls("conversations.replies"))
		for _, c := range []struct{ thread, text, want string }{
			{theirs, "is this right?", "is this right?|They <said> it"},
			{theirs, "did China say that?", "did China say that?|They <said> it"},
			{theirs, "", "|They <said> it"},
			{theirs, "when is the next session of the open-ended working group in New York and Geneva, please, and where", "when is the next session of the open-ended working group in New York and Geneva, please, and where|"},
			{theirs, "glossary APR", "glossary APR|"},
			{own, "is this right?", "is this right?|first"},
		} {
			n := len(fake.Posts())
			fake.MentionIn(room, alice, c.thread, c.text)
			time.Sleep(time.Minute)
			posts := fake.Posts()
			if len(posts) != n+1 || posts[n].Visible() != c.want {
				t.Errorf("%q: got %q, want %q", c.text, visible(posts[n:]), c.want)
			}
		}
		if n := len(fake.Calls("conversations.replies")) - before; n != 4 {
			t.Errorf("got %d threads read, want those of the four doubts alone", n)
		}
	})
}

func TestPeopleAreKnownByLanguageZoneAndWhetherTheyAreGuests(t *testing.T) {
	t.Parallel()
	tell := bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
		return bot.Say(fmt.Sprint(m.Language, " ", m.Zone, " ", m.Public)), nil
	})
	bubble(t, slackfake.Config{}, slack.Options{}, tell, func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.AddUser(slackfake.User{ID: alice, TZ: "Asia/Kathmandu", Locale: "de-DE"})
		fake.AddUser(slackfake.User{ID: "U0GUEST", Guest: true, TZ: "UTC", Locale: "en-US"})
		fake.AddUser(slackfake.User{ID: "U0OTHER", Team: "T0OTHER", Stranger: true, TZ: "UTC", Locale: "fr-FR"})
		fake.AddChannel("C0SHARED")
		fake.ShareChannel("C0SHARED")
		ask := func(channel, user, want string) {
			t.Helper()
			n := len(fake.Posts())
			fake.Mention(channel, user, "x")
			time.Sleep(time.Minute)
			if posts := fake.Posts(); len(posts) != n+1 || posts[n].Visible() != want {
				t.Errorf("%s in %s: got %q, want %q", user, channel, visible(posts[n:]), want)
			}
		}
		ask(room, alice, "de-DE Asia/Kathmandu false")
		ask(room, alice, "de-DE Asia/Kathmandu false")
		if n := len(fake.Calls("users.info")); n != 1 {
			t.Errorf("got %d calls of users.info, want one", n)
		}
		fake.ChangeUser(slackfake.User{ID: alice, TZ: "America/New_York", Locale: "es-ES"})
		time.Sleep(time.Second)
		ask(room, alice, "es-ES America/New_York false")
		ask(room, "U0GUEST", "en-US UTC true")
		ask(room, "U0OTHER", "fr-FR UTC true")
		ask("C0SHARED", alice, "es-ES America/New_York true")
		fake.Fail("users.info", slackfake.APIError("internal_error"))
		ask(room, "U0UNKNOWN", "true") // of whom nothing is known
	})
}

func TestWhoMayOrderDigests(t *testing.T) {
	t.Parallel()
	parse := func(text string) bot.Verb {
		verb, _, _ := strings.Cut(text, " ")
		return bot.Verb{Name: verb, Manages: verb == "subscribe"}
	}
	for name, c := range map[string]struct {
		managers []string
		may      []string
		mayNot   []string
		names    string
	}{
		"everybody but guests":    {nil, []string{alice}, []string{"U0GUEST", "U0OTHER"}, "Members of this workspace may"},
		"the members of a group":  {[]string{"S0DESK"}, []string{"U0BOB", "U0GUEST"}, []string{alice}, "the user group S0DESK"},
		"people by name":          {[]string{"U0BOB", "U0CAROL"}, []string{"U0BOB"}, []string{alice}, "Person U0CAROL"},
		"everybody and one guest": {[]string{"everyone", "U0GUEST"}, []string{alice, "U0GUEST"}, []string{"U0OTHER"}, "These may"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			fake.AddUser(slackfake.User{ID: "U0GUEST", Guest: true})
			fake.AddUser(slackfake.User{ID: "U0OTHER", Team: "T0OTHER"})
			fake.AddUserGroup(slackfake.UserGroup{ID: "S0DESK", Users: []string{"U0BOB", "U0GUEST"}})
			client := connectAs(t, fake, slack.Options{AppToken: appToken, Managers: c.managers})
			if _, err := client.Post(waiting(t), post(bot.Say("x"))); err != nil { // so that the workspace is known
				t.Fatal(err)
			}
			h := client.Permit(parse, echo())
			answer := func(user, channel, text string) bot.Reply {
				t.Helper()
				r, err := h.Answer(waiting(t), bot.Message{Room: bot.Room{Platform: "slack", ID: channel}, Sender: user, Text: text})
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			for _, user := range c.may {
				if r := answer(user, room, "subscribe x"); !r.Answered() {
					t.Errorf("%s: got %q, want it done", user, r)
				}
			}
			for _, user := range c.mayNot {
				if r := answer(user, room, "subscribe x"); r.Answered() || !strings.Contains(r.String(), c.names) {
					t.Errorf("%s: got %q, want a refusal that names %q", user, r, c.names)
				}
				if r := answer(user, "D0DIRECT", "subscribe x"); !r.Answered() {
					t.Errorf("%s directly: got %q, want it done", user, r)
				}
				if r := answer(user, room, "quote x"); !r.Answered() {
					t.Errorf("%s asking: got %q, want it answered", user, r)
				}
			}
		})
	}
}

// An answer that must wait long for its channel does not hold up the others.
func TestAcceptance24OtherChannelsGoOn(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.Fail("chat.postMessage", slackfake.RateLimited(30))
		for i := range 20 { // more than there are workers
			fake.Mention(room, alice, fmt.Sprint("limited ", i))
		}
		time.Sleep(time.Second)
		fake.Mention("C0OTHER", alice, "elsewhere")
		time.Sleep(2 * time.Second)
		// Those that were on their way when Slack refused one may be there.
		if posts := fake.Posts(); !slices.Contains(visible(posts), "heard: elsewhere") || len(posts) > 3 {
			t.Errorf("after 2 s: got %q, want the answer in the other channel", visible(posts))
		}
		time.Sleep(10 * time.Minute)
		if got := visible(fake.Posts()); len(got) != 21 || len(fake.Calls("chat.postMessage")) != 22 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 21 {
			t.Errorf("got %d posts in %d calls, want all 21 once, and one refusal", len(got), len(fake.Calls("chat.postMessage")))
		}
	})
}

// The handler takes 2 s, as a model would, and what the load took is given back.
func TestAcceptance15LoadIsGivenBack(t *testing.T) { //nolint:paralleltest // it measures
	const mentions, channels = 500, 50
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	fake := start(t, slackfake.Config{Retries: []time.Duration{time.Hour}, Limits: slackfake.Limits{PostsPerSecond: 1, Burst: 5}})
	var working, most atomic.Int64
	slow := bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		n := working.Add(1)
		defer working.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
		}
		return bot.Say("heard: " + m.Text), nil
	})
	client := connectAs(t, fake, slack.Options{AppToken: appToken})
	bottest.Serve(t, &bot.Server{Platform: client, Handler: slow, Workers: 32, Log: bottest.Log(t)})
	if err := fake.WaitSockets(ctx, 2); err != nil {
		t.Fatal(err)
	}
	round := func(n int) {
		t.Helper()
		before := len(fake.Posts())
		for i := range n {
			fake.Mention(fmt.Sprintf("C0ROOM%02d", i%channels), fmt.Sprintf("U0PERSON%d", i%100), fmt.Sprintf("question %d", i))
			time.Sleep(10 * time.Second / mentions)
		}
		if _, err := fake.WaitPosts(ctx, before+n); err != nil {
			t.Fatal(err)
		}
	}
	memory := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	round(50) // what is made once is made
	acked, stall := len(fake.Acks()), bottest.Stall(t)
	goroutines, baseline := runtime.NumGoroutine(), memory()
	round(mentions)
	var took []time.Duration
	for _, a := range fake.Acks()[acked:] {
		took = append(took, a.Took)
	}
	slices.Sort(took)
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines*11/10 && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	after := memory()
	t.Logf("acknowledgements: p99 %v, longest %v; at most %d at work; goroutines %d, then %d; memory %d KiB, then %d KiB, of which the fake keeps every message",
		took[len(took)*99/100], took[len(took)-1], most.Load(), goroutines, runtime.NumGoroutine(), baseline>>10, after>>10)
	if p99, beyond := took[len(took)*99/100], stall(); p99 > 500*time.Millisecond+beyond || took[len(took)-1] > 3*time.Second+beyond {
		t.Errorf("got p99 %v and longest %v, want at most 500 ms and 3 s and the %v for which the machine stalled", p99, took[len(took)-1], beyond)
	}
	if most.Load() > 32 {
		t.Errorf("got %d at work at once, want at most 32", most.Load())
	}
	if got := runtime.NumGoroutine(); got > goroutines*11/10+5 {
		t.Errorf("got %d goroutines, want them back at %d", got, goroutines)
	}
	if len(fake.Posts()) != mentions+50 {
		t.Errorf("got %d posts, want %d: each once", len(fake.Posts()), mentions+50)
	}
}
