package slack_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

const mention = `{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention","user":"U0ALICE","channel":"C0ROOM","ts":"1700000000.000100","text":"hello"}}`

// A request that is not Slack's gets a number and nothing else, and nobody reads it.
func TestAcceptance40OnlySignedRequestsAreRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	const secret, next = "right-secret", "next-secret"
	sign := func(secret string, at time.Time, body string) http.Header {
		stamp := strconv.FormatInt(at.Unix(), 10)
		return http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {slackfake.Sign(secret, stamp, []byte(body))}, "Content-Type": {"application/json"}}
	}
	with := func(h http.Header, name, value string) http.Header {
		h = h.Clone()
		if h.Del(name); value != "" {
			h.Set(name, value)
		}
		return h
	}
	good := sign(secret, now, mention)
	form := url.Values{"payload": {`{"type":"block_actions"}`}}.Encode()
	large := strings.Repeat("x", 5<<20)
	for _, c := range []struct {
		name, method, target, body string
		header                     http.Header
		status, heard              int
	}{
		{"signed", "POST", "/slack/events", mention, good, 200, 1},
		{"signed with the next secret", "POST", "/slack/events", mention, sign(next, now, mention), 200, 1},
		{"signed, another path", "POST", "/", mention, good, 200, 1},
		{"4 min 59 s ago", "POST", "/", mention, sign(secret, now.Add(-299*time.Second), mention), 200, 1},
		{"wrong secret", "POST", "/", mention, sign("wrong", now, mention), 401, 0},
		{"empty secret", "POST", "/", mention, sign("", now, mention), 401, 0},
		{"6 min ago", "POST", "/", mention, sign(secret, now.Add(-6*time.Minute), mention), 401, 0},
		{"6 min ahead", "POST", "/", mention, sign(secret, now.Add(6*time.Minute), mention), 401, 0},
		{"no signature", "POST", "/", mention, with(good, "X-Slack-Signature", ""), 401, 0},
		{"no time", "POST", "/", mention, with(good, "X-Slack-Request-Timestamp", ""), 401, 0},
		{"time that is no number", "POST", "/", mention, with(good, "X-Slack-Request-Timestamp", "now"), 401, 0},
		{"signature of another version", "POST", "/", mention, with(good, "X-Slack-Signature", "v1="+good.Get("X-Slack-Signature")[3:]), 401, 0},
		{"short signature", "POST", "/", mention, with(good, "X-Slack-Signature", good.Get("X-Slack-Signature")[:20]), 401, 0},
		{"another body", "POST", "/", strings.ReplaceAll(mention, "hello", "hullo"), good, 401, 0},
		{"5 MiB", "POST", "/", large, sign(secret, now, large), 413, 0},
		{"payload in the address", "POST", "/?payload=" + url.QueryEscape(form), "", sign(secret, now, ""), 400, 0},
		{"signed nonsense", "POST", "/", "{", sign(secret, now, "{"), 400, 0},
		{"signed form of nothing", "POST", "/", "a=b", with(sign(secret, now, "a=b"), "Content-Type", "application/x-www-form-urlencoded"), 400, 0},
		{"ssl check", "POST", "/", "ssl_check=1", with(sign(secret, now, "ssl_check=1"), "Content-Type", "application/x-www-form-urlencoded"), 200, 0},
		{"looked at", "GET", "/", "", good, 405, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			client, err := slack.New(slack.Options{
				BotToken: botToken, SigningSecrets: []string{secret, next}, APIURL: "http://127.0.0.1:1/api/",
				Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&logged, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			inbox := &bottest.Inbox{}
			handler := client.Handler(&bot.Server{Platform: client, Handler: echo(), Inbox: inbox, Log: bottest.Log(t)})
			r := httptest.NewRequestWithContext(t.Context(), c.method, c.target, strings.NewReader(c.body))
			r.Header = c.header
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != c.status || len(inbox.Messages()) != c.heard {
				t.Errorf("got %d and %d messages heard, want %d and %d", w.Code, len(inbox.Messages()), c.status, c.heard)
			}
			if w.Body.Len() != 0 {
				t.Errorf("got the body %q, want none", w.Body)
			}
			for _, leak := range []string{"hello", secret, next, c.header.Get("X-Slack-Signature")} {
				if leak != "" && strings.Contains(logged.String(), leak) {
					t.Errorf("got the log %s, want no %q in it", &logged, leak)
				}
			}
		})
	}
}

func TestRequestAddressGivesTheChallengeBack(t *testing.T) {
	t.Parallel()
	fake := offline(t, slackfake.Config{})
	serveHTTP(t, fake, &bot.Server{Handler: echo()}, slack.Options{})
	if err := fake.VerifyAddress(t.Context()); err != nil {
		t.Error(err)
	}
	body := []byte(`{"type":"url_verification","challenge":"<script>"}`)
	resp, err := fake.Post(t.Context(), "application/json", body, http.Header{"X-Slack-Signature": {"v0=00"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a challenge that is not signed: got %d, want 401", resp.StatusCode)
	}
}

func TestAnswerOverHTTPComesAfterTheCommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{})
		release := make(chan struct{})
		inbox := &bottest.Inbox{OnReceive: func(context.Context, bot.Message) error {
			<-release
			return nil
		}}
		serveHTTP(t, fake, &bot.Server{Handler: echo(), Inbox: inbox}, slack.Options{})
		fake.Mention(room, alice, "slow database")
		time.Sleep(time.Second)
		if got := fake.Acks(); len(got) != 0 {
			t.Errorf("while the commit is under way: got answers %+v, want none", got)
		}
		close(release)
		synctest.Wait()
		acks := fake.Acks()
		if len(acks) != 1 || acks[0].Status != 200 || acks[0].Payload != nil {
			t.Errorf("got %+v, want 200 and no body", acks)
		}
	})
}

func TestInboxThatFailsMakesSlackTryAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		broken func(ctx context.Context) error
		status int // of the first answers; 0 for none in time
	}{
		"it says so":         {func(context.Context) error { return errors.New("disk full") }, 503},
		"it does not answer": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := offline(t, slackfake.Config{})
				var up atomic.Bool
				inbox := &bottest.Inbox{OnReceive: func(ctx context.Context, _ bot.Message) error {
					if !up.Load() {
						return c.broken(ctx)
					}
					return nil
				}}
				serveHTTP(t, fake, &bot.Server{Handler: echo(), Inbox: inbox}, slack.Options{})
				fake.Mention(room, alice, "are you there?")
				time.Sleep(30 * time.Second)
				for _, a := range fake.Acks() {
					if a.Status != c.status || a.Took > 3*time.Second {
						t.Errorf("got %d after %v, want %d within 3 s", a.Status, a.Took, c.status)
					}
				}
				v, err := fake.Slash("/iis", "help", room, alice)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Second)
				for _, a := range fake.Acks() {
					if a.EnvelopeID == v.EnvelopeID && (a.Status != 200 || !strings.Contains(string(a.Payload), "temporarily unavailable")) {
						t.Errorf("a command: got %d %s, want 200 and words", a.Status, a.Payload)
					}
				}
				up.Store(true)
				time.Sleep(10 * time.Minute)
				if posts := fake.Posts(); len(posts) != 1 || posts[0].Visible() != "heard: are you there?" {
					t.Errorf("got posts %q, want the answer once the inbox works", visible(posts))
				}
			})
		})
	}
}

func TestSlackIsHeardAtAnAddress(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	_ = free.Close()
	fake := start(t, slackfake.Config{Retries: []time.Duration{100 * time.Millisecond, time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second}})
	client := connectAs(t, fake, slack.Options{SigningSecrets: []string{fake.SigningSecret()}, Addr: addr})
	bottest.Serve(t, &bot.Server{Platform: client, Handler: echo()})
	fake.DeliverTo("http://"+addr+"/slack/events", nil)
	fake.Mention(room, alice, "over the wire")
	if _, err := fake.WaitPosts(waiting(t), 1); err != nil {
		t.Fatal(err)
	}
	// Another listener on that address cannot be.
	other := connectAs(t, fake, slack.Options{SigningSecrets: []string{fake.SigningSecret()}, Addr: addr})
	if err := other.Listen(waiting(t), &bot.Server{Handler: echo(), Inbox: &bottest.Inbox{}, Log: bottest.Log(t)}); err == nil || !strings.Contains(err.Error(), "listen for slack") {
		t.Errorf("a second listener: got %v, want an error that says so", err)
	}
}

// What Slack or its stand-in names to post to and to connect to is followed
// where the API is, and nowhere else.
func TestOnlyTheAPIsOwnHostsAreFollowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		api, address string
		want         bool
	}{
		{"", "https://hooks.slack.com/commands/T1/2/3", true},
		{"", "https://hooks.slack-gov.com/commands/T1/2/3", true},
		{"", "https://slack.com/x", true},
		{"", "http://hooks.slack.com/x", false},
		{"", "https://hooks.slack.com.evil.example/x", false},
		{"", "https://evilslack.com/x", false},
		{"", "https://hooks.slack.com:8443/x", false},
		{"", "https://me@hooks.slack.com/x", false},
		{"", "https://127.0.0.1/x", false},
		{"https://slack-gov.com/api/", "https://hooks.slack-gov.com/x", true},
		{"https://slack-gov.com/api/", "https://hooks.slack.com/x", false},
		{"https://slack.example.org/api", "https://slack.example.org/response/1", true},
		{"https://slack.example.org/api", "https://hooks.slack.example.org:444/1", true},
		{"https://slack.example.org/api", "http://slack.example.org/1", false},
		{"https://slack.example.org/api", "https://example.org/1", false},
		{"http://127.0.0.1:9000/api", "http://127.0.0.1:9001/response/1", true},
		{"http://127.0.0.1:9000/api", "http://localhost:9001/response/1", true},
		{"http://127.0.0.1:9000/api", "http://169.254.169.254/latest", false},
		{"http://127.0.0.1:9000/api", "file:///etc/passwd", false},
		{"http://127.0.0.1:9000/api", "", false},
	} {
		var asked []string
		client, err := slack.New(slack.Options{
			BotToken: botToken, SigningSecrets: []string{"s"}, APIURL: c.api,
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				asked = append(asked, r.URL.String())
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("ok")), Request: r}, nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Post(t.Context(), bot.Post{Room: bot.Room{Platform: "slack", ID: room}, To: alice, Return: c.address, Reply: bot.Say("x"), Key: "k"})
		if c.address == "" {
			continue // no address: it goes to the room
		}
		if got := err == nil && len(asked) == 1 && asked[0] == c.address; got != c.want {
			t.Errorf("API at %q, response to %q: got it followed %v (%v, asked %q), want %v", c.api, c.address, got, err, asked, c.want)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSocketElsewhereIsNotOpened(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	strange := `{"ok":true,"url":"ws://203.0.113.7/link/?ticket=x"}`
	fake.Fail("apps.connections.open", slackfake.Fault{Body: strange})
	ctx := waiting(t)
	bottest.Serve(t, &bot.Server{Platform: connect(t, fake), Handler: echo()})
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Errorf("after a strange address: got %v, want the next one opened", err)
	}
	if got := len(fake.Calls("apps.connections.open")); got != 2 {
		t.Errorf("got %d openings, want 2", got)
	}
}
