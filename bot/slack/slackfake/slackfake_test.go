package slackfake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"rapporteur/bot/slack/slackfake"
)

func start(t *testing.T, config slackfake.Config) *slackfake.Server {
	t.Helper()
	config.BotToken, config.AppToken = "xoxb-fake", "xapp-fake"
	s, err := slackfake.New(config)
	if err != nil {
		t.Fatal(err)
	}
	s.AddChannel("C1")
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func waiting(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(stop)
	return ctx
}

// call calls a method with a form and returns the answer.
func call(t *testing.T, s *slackfake.Server, method, token string, form url.Values) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(waiting(t), http.MethodPost, s.APIURL()+method, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return answer
}

func TestTokensAreChecked(t *testing.T) {
	t.Parallel()
	s := start(t, slackfake.Config{})
	for _, c := range []struct{ method, token, want string }{
		{"auth.test", "", "not_authed"},
		{"auth.test", "xoxb-other", "invalid_auth"},
		{"auth.test", "xapp-fake", "not_allowed_token_type"},
		{"auth.test", "xoxb-fake", ""},
		{"apps.connections.open", "xoxb-fake", "not_allowed_token_type"},
		{"apps.connections.open", "xapp-fake", ""},
		{"no.such", "xoxb-fake", "unknown_method"},
	} {
		if got, _ := call(t, s, c.method, c.token, nil)["error"].(string); got != c.want {
			t.Errorf("%s with %q: got %q, want %q", c.method, c.token, got, c.want)
		}
	}
}

func TestBlocksAreChecked(t *testing.T) {
	t.Parallel()
	s := start(t, slackfake.Config{})
	text := func(n int) string { return strings.Repeat("x", n) }
	header := func(n int) string {
		return fmt.Sprintf(`{"type":"header","text":{"type":"plain_text","text":%q}}`, text(n))
	}
	section := func(n int) string {
		return fmt.Sprintf(`{"type":"section","text":{"type":"mrkdwn","text":%q}}`, text(n))
	}
	many := func(n int, block string) string { return strings.TrimSuffix(strings.Repeat(block+",", n), ",") }
	button := `{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"}}`
	for _, c := range []struct{ name, blocks, want string }{
		{"header", header(150), ""},
		{"long header", header(151), "invalid_blocks"},
		{"section", section(3000), ""},
		{"long section", section(3001), "invalid_blocks"},
		{"empty section", section(0), "invalid_blocks"},
		{"50 blocks", many(50, header(1)), ""},
		{"51 blocks", many(51, header(1)), "invalid_blocks"},
		{"too much in all", many(5, section(2900)), "msg_blocks_too_long"},
		{"unknown block", `{"type":"hologram"}`, "invalid_blocks"},
		{"empty text in rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}`, "invalid_blocks"},
		{"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"x"}]}]}`, ""},
		{"same action twice", `{"type":"actions","elements":[` + button + "," + button + `]}`, "invalid_blocks"},
		{"no actions", `{"type":"actions","elements":[]}`, "invalid_blocks"},
	} {
		answer := call(t, s, "chat.postMessage", "xoxb-fake", url.Values{"channel": {"C1"}, "text": {"x"}, "blocks": {"[" + c.blocks + "]"}})
		if got, _ := answer["error"].(string); got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.name, got, answer["errors"], c.want)
		}
	}
}

func TestMessagesAreFoundAgain(t *testing.T) {
	t.Parallel()
	s := start(t, slackfake.Config{})
	parent := s.Mention("C1", "U1", "hello")
	metadata := `{"event_type":"e","event_payload":{"delivery":"d"}}`
	var stamps []string
	for range 3 {
		answer := call(t, s, "chat.postMessage", "xoxb-fake", url.Values{"channel": {"C1"}, "text": {"x"}, "thread_ts": {parent}, "metadata": {metadata}})
		ts, _ := answer["ts"].(string)
		if len(stamps) > 0 && ts <= stamps[len(stamps)-1] {
			t.Errorf("got ts %s after %s, want a later one", ts, stamps[len(stamps)-1])
		}
		stamps = append(stamps, ts)
	}
	find := func(method string, form url.Values) []string {
		form.Set("channel", "C1")
		messages, _ := call(t, s, method, "xoxb-fake", form)["messages"].([]any)
		var found []string
		for _, m := range messages {
			m, _ := m.(map[string]any)
			ts, _ := m["ts"].(string)
			if m["metadata"] != nil {
				ts += "+"
			}
			found = append(found, ts)
		}
		return found
	}
	check := func(what string, got, want []string) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	check("history leaves threads out", find("conversations.history", url.Values{}), []string{parent})
	check("a thread", find("conversations.replies", url.Values{"ts": {parent}}), []string{parent, stamps[0], stamps[1], stamps[2]})
	check("with metadata, since the first", find("conversations.replies", url.Values{"ts": {parent}, "oldest": {stamps[0]}, "include_all_metadata": {"1"}}),
		[]string{parent, stamps[1] + "+", stamps[2] + "+"})
	check("a page", find("conversations.replies", url.Values{"ts": {parent}, "limit": {"2"}}), []string{parent, stamps[0]})
	check("the next page", find("conversations.replies", url.Values{"ts": {parent}, "limit": {"2"}, "cursor": {"next:2"}}), []string{stamps[1], stamps[2]})
	s.Archive("C1")
	if got := call(t, s, "chat.postMessage", "xoxb-fake", url.Values{"channel": {"C1"}, "text": {"x"}})["error"]; got != "is_archived" {
		t.Errorf("post into an archived channel: got %v, want is_archived", got)
	}
}

// open opens a socket and reads hello.
func open(t *testing.T, s *slackfake.Server) *websocket.Conn {
	t.Helper()
	address, _ := call(t, s, "apps.connections.open", "xapp-fake", nil)["url"].(string)
	conn, resp, err := websocket.DefaultDialer.DialContext(waiting(t), address, http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	if got := read(t, conn)["type"]; got != "hello" {
		t.Fatalf("first frame: got %v, want hello", got)
	}
	return conn
}

func read(t *testing.T, conn *websocket.Conn) map[string]any {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var frame map[string]any
	if err := conn.ReadJSON(&frame); err != nil {
		t.Fatal(err)
	}
	return frame
}

func TestEventsAreRetriedUntilTheyAreAcknowledged(t *testing.T) {
	t.Parallel()
	s := start(t, slackfake.Config{AckTimeout: 20 * time.Millisecond, Retries: []time.Duration{0, time.Millisecond}})
	conn := open(t, s)
	if err := s.WaitSockets(waiting(t), 1); err != nil {
		t.Fatal(err)
	}
	s.Mention("C1", "U1", "hello")
	var ids []any
	for attempt := range 3 {
		frame := read(t, conn)
		if got := frame["retry_attempt"]; got != float64(attempt) {
			t.Errorf("delivery %d: got retry_attempt %v, want %d", attempt+1, got, attempt)
		}
		payload, _ := frame["payload"].(map[string]any)
		ids = append(ids, payload["event_id"])
		if attempt == 2 {
			if err := conn.WriteJSON(map[string]any{"envelope_id": frame["envelope_id"]}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if ids[0] != ids[1] || ids[1] != ids[2] {
		t.Errorf("got event ids %v, want one", ids)
	}
	acks, err := s.WaitAcks(waiting(t), 1)
	if err != nil || acks[0].Payload != nil {
		t.Errorf("got acknowledgements %v (%v), want one without payload", acks, err)
	}
}

func TestEachEnvelopeGoesToOneSocket(t *testing.T) {
	t.Parallel()
	s := start(t, slackfake.Config{})
	conns := []*websocket.Conn{open(t, s), open(t, s)}
	if err := s.WaitSockets(waiting(t), 2); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if _, err := s.Slash("/x", "", "C1", "U1"); err != nil {
			t.Fatal(err)
		}
	}
	var reading sync.WaitGroup
	seen := make([]map[any]bool, len(conns))
	for i, conn := range conns {
		seen[i] = map[any]bool{}
		reading.Go(func() {
			for range 2 {
				var frame map[string]any
				if err := conn.ReadJSON(&frame); err != nil {
					t.Error(err)
					return
				}
				seen[i][frame["envelope_id"]] = true
			}
		})
	}
	reading.Wait()
	for id := range seen[0] {
		if seen[1][id] {
			t.Errorf("envelope %v came on both sockets", id)
		}
	}
	s.Disconnect("refresh_requested")
	if got := read(t, conns[0])["reason"]; got != "refresh_requested" {
		t.Errorf("got disconnect with reason %v, want refresh_requested", got)
	}
}

func TestResponseAddressWorksFiveTimesInHalfAnHour(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := start(t, slackfake.Config{Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	open(t, s)
	if err := s.WaitSockets(waiting(t), 1); err != nil {
		t.Fatal(err)
	}
	use := func(address string) string {
		r, err := http.NewRequestWithContext(waiting(t), http.MethodPost, address, strings.NewReader(`{"text":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		told, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(told))
	}
	one, err := s.Slash("/x", "", "C1", "U1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		want := "ok"
		if i == 5 {
			want = "used_url"
		}
		if got := use(one.ResponseURL); got != want {
			t.Errorf("use %d: got %q, want %q", i+1, got, want)
		}
	}
	two, err := s.Slash("/x", "", "C1", "U1")
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	now = now.Add(31 * time.Minute)
	mu.Unlock()
	if got := use(two.ResponseURL); got != "expired_url" {
		t.Errorf("after 31 minutes: got %q, want expired_url", got)
	}
	if got := len(s.Ephemerals()); got != 5 {
		t.Errorf("got %d ephemeral messages, want 5", got)
	}
}

func TestHarmIsSeenOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		m    slackfake.Message
	}{
		{"broadcast in the text", slackfake.Message{Text: "<!channel>"}},
		{"person in mrkdwn", slackfake.Message{Blocks: json.RawMessage(`[{"type":"section","text":{"type":"mrkdwn","text":"<@U1>"}}]`)}},
		{"person as an element", slackfake.Message{Blocks: json.RawMessage(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U1"}]}]}]`)}},
		{"link that runs", slackfake.Message{Blocks: json.RawMessage(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"javascript:alert(1)"}]}]}]`)}},
		{"image", slackfake.Message{Blocks: json.RawMessage(`[{"type":"image","image_url":"https://evil.example/x","alt_text":"x"}]`)}},
		{"unfurled", slackfake.Message{Text: "x", UnfurlLinks: true}},
		{"names are linked", slackfake.Message{Text: "@here", LinkNames: true}},
	} {
		if got := c.m.Harm(); len(got) != 1 {
			t.Errorf("%s: got %q, want one sentence", c.name, got)
		}
	}
	harmless := slackfake.Message{Text: "&lt;!channel&gt; @here", Blocks: json.RawMessage(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"<!channel>"}]}]}]`)}
	if got := harmless.Harm(); len(got) != 0 {
		t.Errorf("harmless: got %q, want nothing", got)
	}
}
