package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// echo answers with what it was asked.
func echo() bot.Handler {
	return bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) { return bot.Say("heard: " + m.Text), nil })
}

// acknowledged waits for the acknowledgement of an envelope.
func acknowledged(t *testing.T, fake *slackfake.Server, id string) slackfake.Ack {
	t.Helper()
	if err := fake.Wait(waiting(t), func() bool { return fake.Acked(id) }); err != nil {
		t.Fatalf("wait for the acknowledgement of %s: %v", id, err)
	}
	for _, a := range fake.Acks() {
		if a.EnvelopeID == id {
			return a
		}
	}
	return slackfake.Ack{}
}

func TestAcknowledgementComesAfterTheCommit(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	begun, release := make(chan struct{}), make(chan struct{})
	inbox := &bottest.Inbox{OnReceive: func(context.Context, bot.Message) error {
		close(begun)
		<-release
		return nil
	}}
	fake := start(t, slackfake.Config{})
	serve(t, fake, &bot.Server{Handler: echo(), Inbox: inbox})
	fake.Mention(room, alice, "slow database")
	<-begun
	if acks := fake.Acks(); len(acks) != 0 {
		t.Errorf("while the commit is under way: got %d acknowledgements, want 0", len(acks))
	}
	close(release)
	if _, err := fake.WaitAcks(ctx, 1); err != nil {
		t.Error(err)
	}
}

func TestEventThatCannotBeCommittedIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	var tries atomic.Int32
	inbox := &bottest.Inbox{OnReceive: func(context.Context, bot.Message) error {
		if tries.Add(1) <= 2 {
			return errors.New("the database is down")
		}
		return nil
	}}
	fake := start(t, slackfake.Config{AckTimeout: 2 * time.Second, Retries: []time.Duration{0, time.Millisecond, time.Millisecond}})
	serve(t, fake, &bot.Server{Handler: echo(), Inbox: inbox})
	ts := fake.Mention(room, alice, "try again")
	acks, err := fake.WaitAcks(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := tries.Load(); got != 3 || len(acks) != 1 {
		t.Errorf("got %d acknowledgements after %d commits, want 1 after 3", len(acks), got)
	}
	posts, err := fake.WaitPosts(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	// Once more after it was answered.
	if err := fake.Redeliver(ts); err != nil {
		t.Fatal(err)
	}
	if _, err := fake.WaitAcks(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if got := len(fake.Posts()); got != 1 {
		t.Errorf("got %d answers %q, want 1", got, visible(posts))
	}
}

func TestCommandThatCannotBeCommittedIsToldSo(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	var down atomic.Bool
	inbox := &bottest.Inbox{OnReceive: func(context.Context, bot.Message) error {
		if down.Load() {
			return errors.New("the database is down")
		}
		return nil
	}}
	fake := start(t, slackfake.Config{})
	serve(t, fake, &bot.Server{Handler: bottest.Script{}, Inbox: inbox})

	// A button first, while everything works.
	fake.Mention(room, alice, "all")
	posts, err := fake.WaitPosts(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	down.Store(true)
	v, err := fake.Slash("/iis", "when", room, alice)
	if err != nil {
		t.Fatal(err)
	}
	var payload map[string]string
	if err := json.Unmarshal(acknowledged(t, fake, v.EnvelopeID).Payload, &payload); err != nil {
		t.Fatalf("acknowledgement: %v, want a payload", err)
	}
	if payload["response_type"] != "ephemeral" || !strings.Contains(payload["text"], "temporarily unavailable, please try again") {
		t.Errorf("got payload %v, want an ephemeral text that asks to try again", payload)
	}
	if _, err := fake.Press(posts[0].TS, posts[0].Buttons()[0], alice); err != nil {
		t.Fatal(err)
	}
	shown, err := fake.WaitEphemerals(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := shown[0].Visible(); !strings.Contains(got, "try again") {
		t.Errorf("press a button: got %q, want a text that asks to try again", got)
	}
}

func TestWhatCannotBeParsedIsAcknowledged(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	serve(t, fake, &bot.Server{Handler: echo()})

	fake.Event(map[string]any{"type": "invented_next_year", "user": alice})
	fake.Event(map[string]any{"type": "message", "channel_type": "im", "channel": "D0ALICE", "text": []int{1}})
	if _, err := fake.Envelope("invented_envelope", map[string]any{"a": 1}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := fake.Envelope("interactive", "no object", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := fake.WaitAcks(ctx, 4); err != nil {
		t.Error(err)
	}
	if err := fake.Raw([]byte("{this is no JSON")); err != nil {
		t.Fatal(err)
	}
	// The library gives up a mention with a block it cannot parse; the bot reads
	// the question all the same.
	fake.Event(map[string]any{
		"type": "app_mention", "user": alice, "channel": room, "ts": "1700000000.000100",
		"text": "<@" + fake.BotUser() + "> still there?", "blocks": []any{map[string]any{"type": "rich_text", "elements": "nonsense"}},
	})
	posts, err := fake.WaitPosts(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := posts[0].Visible(); got != "heard: still there?" {
		t.Errorf("got %q, want the answer", got)
	}
	if got := len(fake.Calls("apps.connections.open")); got != 1 {
		t.Errorf("got %d sockets opened, want the first to live", got)
	}
}

func TestSocketsAreOpenedSlowlyWhereTheyDoNotLive(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	fake.DisconnectAfterHello(-1)
	bottest.Serve(t, &bot.Server{Platform: connect(t, fake), Handler: echo()})
	calls, err := fake.WaitCalls(ctx, "apps.connections.open", 4)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := calls[3].At.Sub(calls[0].At), 1900*time.Millisecond; got < want {
		t.Errorf("the fourth socket came %v after the first, want at least %v", got, want)
	}
	fake.DisconnectAfterHello(0)
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Errorf("after the fault: %v", err)
	}
	fake.Mention(room, alice, "recovered?")
	if _, err := fake.WaitPosts(ctx, 1); err != nil {
		t.Error(err)
	}
}

func TestDisconnectedSocketIsOpenedAgain(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{AckTimeout: 2 * time.Second, Retries: []time.Duration{0, time.Millisecond, time.Millisecond, time.Millisecond}})
	serve(t, fake, &bot.Server{Handler: echo()})
	for _, reason := range []string{"warning", "refresh_requested"} {
		fake.Disconnect(reason)
		if err := fake.WaitSockets(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	fake.Mention(room, alice, "still there?")
	if _, err := fake.WaitPosts(ctx, 1); err != nil {
		t.Error(err)
	}
}

func TestTwoSocketsShareTheWork(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	client := connectAs(t, fake, slack.Options{AppToken: appToken}) // two is the default
	bottest.Serve(t, &bot.Server{Platform: client, Handler: echo()})
	if err := fake.WaitSockets(ctx, 2); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		fake.Mention(room, alice, "which socket?")
	}
	acks, err := fake.WaitAcks(ctx, 6)
	if err != nil {
		t.Fatal(err)
	}
	on := map[int]int{}
	for _, a := range acks {
		on[a.Socket]++
	}
	if len(on) != 2 {
		t.Errorf("got acknowledgements on sockets %v, want on two", on)
	}
	if _, err := fake.WaitPosts(ctx, 6); err != nil {
		t.Error(err)
	}
}

func TestListenEndsWhereOnlyAnOperatorCanHelp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, code, want string }{
		{"wrong bot token", "auth.test", "invalid_auth", "bot token: slack refuses the app"},
		{"app removed", "auth.test", "account_inactive", "install it again"},
		{"wrong app token", "apps.connections.open", "invalid_auth", "app token: slack refuses the app"},
		{"app token without its scope", "apps.connections.open", "missing_scope", "compare the app with manifest.yaml"},
		{"bot token as app token", "apps.connections.open", "not_allowed_token_type", "the app token with xapp-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			fake.Fail(c.method, slackfake.APIError(c.code))
			err := connect(t, fake).Listen(waiting(t), &bot.Server{Handler: echo(), Inbox: &bottest.Inbox{}, Log: bottest.Log(t)})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "xapp-of") {
				t.Errorf("got %v, want an error with %q and without the token", err, c.want)
			}
		})
	}
}

func TestListenGoesOnWhereSlackIsIll(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	fake.Fail("auth.test", slackfake.APIError("internal_error"))
	fake.Fail("apps.connections.open", slackfake.Fault{Status: 503, Body: "<html>"})
	bottest.Serve(t, &bot.Server{Platform: connect(t, fake), Handler: echo()})
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Error(err)
	}
}

func TestPeopleAreReadAsTheyWrote(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	me := "<@" + fake.BotUser() + ">"
	for _, c := range []struct{ name, wire, want string }{
		{"mention first", me + " when is the OEWG?", "when is the OEWG?"},
		{"mention with a colon", me + ": when is the OEWG?", "when is the OEWG?"},
		{"mention in the middle", "so, " + me + " when is it?", "so, when is it?"},
		{"mention last", "when is it " + me, "when is it"},
		{"mention twice", me + " " + me + ", help", "help"},
		{"mention with a name", "<@" + fake.BotUser() + "|rapporteur> help", "help"},
		{"mention alone", me, ""},
		{"another person", me + " ask <@U0BOB> or <@U0EVE|eve>", "ask @U0BOB or @eve"},
		{"channel", me + " in <#C1|general>?", "in #general?"},
		{"link", me + " see <https://un.org/a?b=1&amp;c=2> and <https://un.org|un.org>", "see https://un.org/a?b=1&c=2 and un.org"},
		{"mail", me + " <mailto:a@b.example|a@b.example>", "a@b.example"},
		{"broadcast", me + " <!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"},
		{"entities", me + " a &lt; b &amp;&amp; c &gt; d &amp;lt;", "a < b && c > d &lt;"},
		{"unclosed", me + " 1 < 2", "1 < 2"},
		{"lines", me + " one\ntwo", "one\ntwo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			inbox := &bottest.Inbox{}
			serve(t, fake, &bot.Server{Handler: echo(), Inbox: inbox})
			ts := fake.Mention(room, alice, c.wire)
			if _, err := fake.WaitPosts(waiting(t), 1); err != nil {
				t.Fatal(err)
			}
			got := inbox.Messages()[0]
			want := bot.Message{ID: ts, Room: bot.Room{Platform: "slack", ID: room}, Thread: ts, Sender: alice, Text: c.want, SentAt: got.SentAt}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if age := time.Since(got.SentAt); age < 0 || age > time.Minute {
				t.Errorf("sent at %v, want just now", got.SentAt)
			}
		})
	}
}

func TestOnlyPeopleWhoSpeakToTheBotAreHeard(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	inbox := &bottest.Inbox{}
	serve(t, fake, &bot.Server{Handler: echo(), Inbox: inbox})
	me := "<@" + fake.BotUser() + "> "
	for i, e := range []map[string]any{
		{"type": "message", "channel_type": "channel", "channel": room, "user": alice, "text": me + "twin", "ts": "1700000000.000100"},
		{"type": "message", "channel_type": "im", "channel": "D1", "user": alice, "subtype": "message_changed", "ts": "1700000000.000200"},
		{"type": "message", "channel_type": "im", "channel": "D1", "user": alice, "subtype": "channel_join", "text": "x", "ts": "1700000000.000300"},
		{"type": "message", "channel_type": "im", "channel": "D1", "user": alice, "bot_id": "B1", "text": "x", "ts": "1700000000.000400"},
		{"type": "message", "channel_type": "im", "channel": "D1", "user": fake.BotUser(), "text": "x", "ts": "1700000000.000500"},
		{"type": "app_mention", "channel": room, "user": alice, "text": me + "x", "ts": "1700000000.000600", "edited": map[string]any{"user": alice, "ts": "1700000001.000000"}},
		{"type": "app_mention", "channel": room, "user": "", "text": me + "x", "ts": "1700000000.000700"},
		{"type": "app_home_opened", "channel": "D1", "user": alice, "tab": "messages"},
		// And one that counts, of which the first was the twin.
		{"type": "app_mention", "channel": room, "user": alice, "text": me + "twin", "ts": "1700000000.000100"},
	} {
		fake.Event(e)
		if _, err := fake.WaitAcks(ctx, i+1); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
	got := inbox.Messages()
	if len(got) != 1 || got[0].ID != "1700000000.000100" || got[0].Text != "twin" {
		t.Errorf("got messages %+v, want the mention alone", got)
	}
}

func TestSlashCommandsAreCommands(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	inbox := &bottest.Inbox{}
	serve(t, fake, &bot.Server{Handler: echo(), Inbox: inbox})
	for i, c := range []struct{ command, text, want string }{
		{"/iis", "when <#C1|general> &amp; co", "when #general & co"},
		{"/iis", "", ""},
		{"/quote", "cyber terrorism", "quote cyber terrorism"},
		{"/quote", "", "quote"},
	} {
		v, err := fake.Slash(c.command, c.text, room, alice)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := fake.WaitEphemerals(ctx, i+1)
		if err != nil {
			t.Fatal(err)
		}
		got := inbox.Messages()[i]
		if !strings.HasPrefix(got.ID, v.TriggerID) {
			t.Errorf("got the id %q, want it to begin with the trigger %q", got.ID, v.TriggerID)
		}
		want := bot.Message{
			ID: got.ID, Room: bot.Room{Platform: "slack", ID: room}, Sender: alice, Text: c.want, Return: v.ResponseURL, SentAt: got.SentAt,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.command, c.text, diff)
		}
		if shown[i].ShownTo != alice {
			t.Errorf("%s: got an answer for %q, want for %s alone", c.command, shown[i].ShownTo, alice)
		}
	}
	for _, a := range fake.Acks() {
		if a.Payload != nil {
			t.Errorf("acknowledgement: got payload %s, want none", a.Payload)
		}
	}
	if got := fake.Posts(); len(got) != 0 {
		t.Errorf("got posts %q in the room, want none", visible(got))
	}
}

// hosts is a transport that notes whom it calls.
type hosts struct {
	mu    sync.Mutex
	names []string
}

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	if !slices.Contains(h.names, r.URL.Host) {
		h.names = append(h.names, r.URL.Host)
	}
	h.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

func (h *hosts) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.names)
}

func TestForeignResponseAddressIsNotUsed(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	var called hosts
	client := connectAs(t, fake, slack.Options{AppToken: appToken, Sockets: 1, PostGap: time.Millisecond, Transport: &called})
	bottest.Serve(t, &bot.Server{Platform: client, Handler: echo(), Inbox: &bottest.Inbox{}, Log: bottest.Log(t)})
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimSuffix(strings.TrimPrefix(fake.APIURL(), "http://"), "/api/")
	for i, address := range []string{
		"http://169.254.169.254/latest/meta-data/", "https://hooks.slack.com.evil.example/x", "https://hooks.slack.com/x",
		"http://user@" + host + "/response/x", "http://127.0.0.1.evil.example/x", "http://10.0.0.1/x", "file:///etc/passwd", "",
	} {
		if _, err := fake.Envelope("slash_commands", map[string]any{
			"command": "/iis", "text": "x", "channel_id": room, "user_id": alice, "trigger_id": "trigger" + address, "response_url": address,
		}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := fake.WaitAcks(ctx, i+1); err != nil {
			t.Fatal(err)
		}
	}
	// Who asked is answered all the same, by the API.
	if _, err := fake.WaitEphemerals(ctx, 8); err != nil {
		t.Fatal(err)
	}
	_, err := client.Post(ctx, bot.Post{Room: bot.Room{Platform: "slack", ID: room}, Return: "http://10.0.0.1/x", Reply: bot.Say("x"), Key: "k"})
	if outcome, _ := bot.OutcomeOf(err); outcome != bot.Refused {
		t.Errorf("post to a foreign address: got %v, want it refused", err)
	}
	if got := called.all(); len(got) != 1 || got[0] != host {
		t.Errorf("got calls to %q, want to the API's host %q alone", got, host)
	}
}

func TestPressedButtonSaysItsCommand(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	inbox := &bottest.Inbox{}
	serve(t, fake, &bot.Server{Handler: bottest.Script{}, Inbox: inbox})

	ts := fake.Mention(room, alice, "all")
	posts, err := fake.WaitPosts(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	v, err := fake.Press(posts[0].TS, posts[0].Buttons()[0], "U0BOB")
	if err != nil {
		t.Fatal(err)
	}
	posts, err = fake.WaitPosts(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	got := inbox.Messages()[1]
	want := bot.Message{ID: v.ActionTS, Room: bot.Room{Platform: "slack", ID: room}, Thread: ts, Sender: "U0BOB", Text: "show Q-123456", SentAt: got.SentAt}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pressed in a thread (-want +got):\n%s", diff)
	}
	if got := posts[1]; got.ThreadTS != ts || got.Visible() != "You said: show Q-123456" {
		t.Errorf("got %q in thread %s, want the answer in %s", got.Visible(), got.ThreadTS, ts)
	}
	acknowledged(t, fake, v.EnvelopeID)

	// Under an answer that one person sees, the next is for that person too.
	if _, err := fake.Slash("/iis", "all", room, alice); err != nil {
		t.Fatal(err)
	}
	shown, err := fake.WaitEphemerals(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fake.Press(shown[0].TS, shown[0].Buttons()[1], alice); err != nil {
		t.Fatal(err)
	}
	shown, err = fake.WaitEphemerals(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := shown[1]; got.ShownTo != alice || got.Visible() != "You said: help" {
		t.Errorf("got %q shown to %s, want the answer shown to %s", got.Visible(), got.ShownTo, alice)
	}
	if got := len(fake.Posts()); got != 2 {
		t.Errorf("got %d posts in the room, want 2", got)
	}
	// A button that is not the bot's is acknowledged and nothing else.
	id, err := fake.Envelope("interactive", map[string]any{
		"type": "block_actions", "user": map[string]any{"id": alice}, "channel": map[string]any{"id": room},
		"actions": []any{map[string]any{"action_id": "somebody-elses", "value": "help", "action_ts": "1.1"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged(t, fake, id)
	if got := len(inbox.Messages()); got != 4 {
		t.Errorf("got %d messages, want 4", got)
	}
}

func TestNewSaysWhatIsWrongWithTheOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options slack.Options
		want    []string
	}{
		{"nothing set", slack.Options{}, []string{"no bot token", "no app token and no signing secret"}},
		{"swapped", slack.Options{BotToken: "xapp-1", AppToken: "xoxb-1"}, []string{"swapped"}},
		{"bad address", slack.Options{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: "slack"}, []string{"api url"}},
		{"bad commands", slack.Options{BotToken: "xoxb-1", AppToken: "xapp-1", Command: "/quote"}, []string{"slash commands"}},
		{"both ways", slack.Options{BotToken: "xoxb-1", AppToken: "xapp-1", SigningSecrets: []string{"s"}}, []string{"not both"}},
		{"empty secret", slack.Options{BotToken: "xoxb-1", SigningSecrets: []string{" "}}, []string{"empty signing secret"}},
		{"three secrets", slack.Options{BotToken: "xoxb-1", SigningSecrets: []string{"a", "b", "c"}}, []string{"3 signing secrets"}},
		{"too many sockets", slack.Options{BotToken: "xoxb-1", AppToken: "xapp-1", Sockets: 9}, []string{"9 sockets"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := slack.New(c.options)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			}
		})
	}
}
