package slackfake_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// app is an app behind a request address: it notes what comes and answers with
// what it is told to.
type app struct {
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	answer func(n int, w http.ResponseWriter)
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	a.mu.Lock()
	a.got, a.bodies = append(a.got, r), append(a.bodies, string(body))
	n := len(a.got)
	a.mu.Unlock()
	if err == nil && a.answer != nil {
		a.answer(n, w)
	}
}

func (a *app) requests() ([]*http.Request, []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.got, a.bodies
}

func offline(t *testing.T, config slackfake.Config) *slackfake.Server {
	t.Helper()
	config.NoListener = true
	return start(t, config)
}

func TestEventsAreRetriedOverHTTPOnSlacksSchedule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		answer  func(n int, w http.ResponseWriter)
		pauses  []time.Duration
		reasons []string
	}{
		{"accepted", nil, []time.Duration{0}, []string{""}},
		{
			"refused for ever", func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
			[]time.Duration{0, 0, time.Minute, 6 * time.Minute},
			[]string{"", "http_error", "http_error", "http_error"},
		},
		{"refused once", func(n int, w http.ResponseWriter) {
			if n == 1 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}, []time.Duration{0, 0}, []string{"", "http_error"}},
		{"refused, and no retry wanted", func(_ int, w http.ResponseWriter) {
			w.Header().Set("X-Slack-No-Retry", "1")
			w.WriteHeader(http.StatusInternalServerError)
		}, []time.Duration{0}, []string{""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := offline(t, slackfake.Config{})
				a := &app{answer: c.answer}
				s.DeliverTo("http://app.example/slack/events", slackfake.InMemory(a))
				begun := time.Now()
				s.Mention("C1", "U1", "hello")
				var at []time.Duration
				for range 20 {
					time.Sleep(30 * time.Second)
					got, _ := a.requests()
					for len(at) < len(got) {
						at = append(at, time.Since(begun))
					}
				}
				got, bodies := a.requests()
				if len(got) != len(c.pauses) {
					t.Fatalf("got %d deliveries, want %d", len(got), len(c.pauses))
				}
				for i, r := range got {
					if d := at[i] - c.pauses[i]; d < 0 || d > 31*time.Second {
						t.Errorf("delivery %d: got it within %v, want about %v", i+1, at[i], c.pauses[i])
					}
					num, reason := r.Header.Get("X-Slack-Retry-Num"), r.Header.Get("X-Slack-Retry-Reason")
					if (i == 0) != (num == "") || reason != c.reasons[i] {
						t.Errorf("delivery %d: got retry %q for %q, want reason %q", i+1, num, reason, c.reasons[i])
					}
					stamp := r.Header.Get("X-Slack-Request-Timestamp")
					if want := slackfake.Sign(s.SigningSecret(), stamp, []byte(bodies[i])); r.Header.Get("X-Slack-Signature") != want {
						t.Errorf("delivery %d: got signature %q, want %q", i+1, r.Header.Get("X-Slack-Signature"), want)
					}
				}
			})
		})
	}
}

// The example of docs.slack.dev/authentication/verifying-requests-from-slack.
func TestSignatureIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	const want = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
	if got := slackfake.Sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", []byte(body)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCommandsAndInteractionsAreFormsOverHTTP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := offline(t, slackfake.Config{})
		a := &app{answer: func(_ int, w http.ResponseWriter) { _, _ = io.WriteString(w, `{"text":"ok"}`) }}
		s.DeliverTo("http://app.example/", slackfake.InMemory(a))
		v, err := s.Slash("/x", "a & b", "C1", "U1")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, err := s.GlobalShortcut("check", "U1"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		_, bodies := a.requests()
		form, err := url.ParseQuery(bodies[0])
		if err != nil || form.Get("command") != "/x" || form.Get("text") != "a & b" || form.Get("response_url") != v.ResponseURL {
			t.Errorf("command: got %v (%v), want a form", form, err)
		}
		form, err = url.ParseQuery(bodies[1])
		if err != nil || !strings.Contains(form.Get("payload"), `"callback_id":"check"`) {
			t.Errorf("shortcut: got %v (%v), want a payload", form, err)
		}
		acks := s.Acks()
		if len(acks) != 2 || string(acks[0].Payload) != `{"text":"ok"}` || acks[0].EnvelopeID != v.EnvelopeID {
			t.Errorf("got acknowledgements %+v, want two with payload", acks)
		}
	})
}

func TestCommandsAreNeverRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := offline(t, slackfake.Config{})
		a := &app{answer: func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }}
		s.DeliverTo("http://app.example/", slackfake.InMemory(a))
		if _, err := s.Slash("/x", "", "C1", "U1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		if got, _ := a.requests(); len(got) != 1 {
			t.Errorf("got %d deliveries, want 1", len(got))
		}
	})
}

func TestRequestAddressMustGiveTheChallengeBack(t *testing.T) {
	t.Parallel()
	s := offline(t, slackfake.Config{})
	a := &app{}
	s.DeliverTo("http://app.example/", slackfake.InMemory(a))
	if err := s.VerifyAddress(t.Context()); err == nil {
		t.Error("an app that says nothing: got no error")
	}
}

func TestChannelsAndMethodsAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := offline(t, slackfake.Config{Limits: slackfake.Limits{PostsPerSecond: 1, Burst: 3, PerMinute: map[string]int{"conversations.history": 1}}})
		s.AddChannel("C2")
		client := &http.Client{Transport: s.Transport()}
		status := func(method, channel string) (int, string) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.APIURL()+method, strings.NewReader(url.Values{"channel": {channel}, "text": {"x"}}.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer xoxb-fake")
			resp, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			return resp.StatusCode, resp.Header.Get("Retry-After")
		}
		for i := range 4 {
			want := 200
			if i == 3 {
				want = 429
			}
			if got, after := status("chat.postMessage", "C1"); got != want || (got == 429) != (after == "1") {
				t.Errorf("post %d: got %d with Retry-After %q, want %d", i+1, got, after, want)
			}
		}
		if got, _ := status("chat.postMessage", "C2"); got != 200 {
			t.Errorf("another channel: got %d, want 200", got)
		}
		time.Sleep(time.Second)
		if got, _ := status("chat.postMessage", "C1"); got != 200 {
			t.Errorf("a second later: got %d, want 200", got)
		}
		_, _ = status("conversations.history", "C1")
		if got, after := status("conversations.history", "C1"); got != 429 || after != "60" {
			t.Errorf("history twice in a minute: got %d with Retry-After %q, want 429 with 60", got, after)
		}
		if n := len(s.Posts()); n != 5 {
			t.Errorf("got %d posts, want 5", n)
		}
	})
}
