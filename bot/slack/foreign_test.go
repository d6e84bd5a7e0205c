package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
)

// bare is a Slack-compatible server that somebody else might write in an
// afternoon: it opens sockets, never pings them, checks where they come from as
// gorilla's upgrader does, takes posts, and knows no other method than those it is
// given.
type bare struct {
	*httptest.Server
	methods map[string]func(url.Values) map[string]any

	mu      sync.Mutex
	sockets []*websocket.Conn
	calls   []string
	posts   []url.Values
	acks    chan string
}

// newBare starts one. more are methods besides opening sockets and posting.
func newBare(t *testing.T, more map[string]func(url.Values) map[string]any) *bare {
	t.Helper()
	b := &bare{methods: more, acks: make(chan string, 100)}
	b.Server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.Close)
	return b
}

func (b *bare) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/socket" {
		var upgrader websocket.Upgrader
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		_ = conn.WriteJSON(map[string]any{"type": "hello", "num_connections": 1})
		b.mu.Lock()
		b.sockets = append(b.sockets, conn)
		b.mu.Unlock()
		for {
			var ack struct {
				EnvelopeID string `json:"envelope_id"`
			}
			if conn.ReadJSON(&ack) != nil {
				return
			}
			b.acks <- ack.EnvelopeID
		}
	}
	_ = r.ParseForm()
	name := strings.TrimPrefix(r.URL.Path, "/slack/api/")
	b.mu.Lock()
	b.calls = append(b.calls, name)
	answer := map[string]any{"ok": false, "error": "unknown_method"}
	switch {
	case b.methods[name] != nil:
		answer = b.methods[name](r.Form)
	case name == "apps.connections.open":
		answer = map[string]any{"ok": true, "url": "ws" + strings.TrimPrefix(b.URL, "http") + "/socket"}
	case name == "chat.postMessage", name == "chat.postEphemeral":
		answer = map[string]any{"ok": true, "ts": fmt.Sprintf("1700000000.%06d", len(b.posts)+1), "channel": r.Form.Get("channel")}
	}
	if answer["ok"] == true && strings.HasPrefix(name, "chat.post") {
		b.posts = append(b.posts, r.Form)
	}
	b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// said returns what was posted by a method, once there are n posts.
func (b *bare) said(t *testing.T, n int) []url.Values {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		b.mu.Lock()
		posts := b.posts
		b.mu.Unlock()
		if len(posts) >= n {
			return posts
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d posts, want %d; the calls were %q", len(posts), n, b.calls)
		}
	}
}

// deliver sends an envelope to the latest socket, once there is one.
func (b *bare) deliver(t *testing.T, kind, id string, payload any) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		b.mu.Lock()
		n := len(b.sockets)
		if n > 0 {
			err := b.sockets[n-1].WriteJSON(map[string]any{"type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": false})
			b.mu.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-b.acks:
				if got != id {
					t.Errorf("got the acknowledgement of %q, want of %q", got, id)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("envelope %s was never acknowledged", id)
			}
			return
		}
		b.mu.Unlock()
		if time.Now().After(deadline) {
			t.Fatalf("no socket was opened; the calls were %q", b.calls)
		}
	}
}

// bareClient is the bot at such a server.
func bareClient(t *testing.T, b *bare) *slack.Client {
	t.Helper()
	client, err := slack.New(slack.Options{BotToken: botToken, AppToken: "xapp-x", APIURL: b.URL + "/slack/api", Sockets: 1, PostGap: time.Millisecond, Ratings: &ratings{}, Log: bottest.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestAServerThatKnowsTheLeastIsEnough(t *testing.T) {
	t.Parallel()
	b := newBare(t, nil)
	client := bareClient(t, b)
	public := bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
		return bot.Reply{record(t, "We advocate inviolability."), bot.Paragraph{Text: fmt.Sprint(m.Text, " public:", m.Public)}}, nil
	})
	bottest.Serve(t, &bot.Server{Platform: client, Handler: public, Log: bottest.Log(t)})

	b.deliver(t, "events_api", "e1", map[string]any{"event": map[string]any{"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1700000000.000100", "text": "<@UBOT> sovereignty?"}})
	b.deliver(t, "events_api", "e2", map[string]any{"event": map[string]any{"type": "message", "user": "U1", "channel": "D1", "ts": "1700000001.000100", "text": "sovereignty?"}})
	b.deliver(t, "slash_commands", "e3", map[string]any{"command": "/quote", "text": "sovereignty", "channel_id": "C1", "user_id": "U1"})
	b.deliver(t, "slash_commands", "e4", map[string]any{"command": "/quote", "text": "borders", "channel_id": "C1", "user_id": "U1", "response_url": "http://hooks.internal/x"})
	b.deliver(t, "interactive", "e5", map[string]any{
		"type": "block_actions", "user": map[string]any{"id": "U1"}, "channel": map[string]any{"id": "C1"},
		"container": map[string]any{"type": "message", "message_ts": "1700000000.000001"}, "message": map[string]any{"ts": "1700000000.000001"},
		"actions": []map[string]any{{"action_id": "command/0", "value": "more"}},
	})
	want := map[string]string{ // by place, the words
		"C1 1700000000.000100 ": "sovereignty? public:false", "D1 1700000001.000100 ": "sovereignty? public:false",
		"C1  U1": "quote ", "C1 1700000000.000001 ": "more public:false",
	}
	for _, p := range b.said(t, 5) {
		place := p.Get("channel") + " " + p.Get("thread_ts") + " " + p.Get("user")
		if words := want[place]; words == "" || !strings.Contains(p.Get("text"), words) || !strings.Contains(p.Get("text"), "«We advocate inviolability.»") {
			t.Errorf("at %q: got %q, want it to hold %q and the quotation", place, p.Get("text"), words)
		}
	}
}

// A server that keeps no metadata is asked for the words of a doubtful post.
func TestADoubtfulPostIsKnownByItsWordsWhereThereIsNoMetadata(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var text string
	b := newBare(t, map[string]func(url.Values) map[string]any{
		"auth.test": func(url.Values) map[string]any { return map[string]any{"ok": true, "user_id": "UBOT"} },
		"conversations.replies": func(url.Values) map[string]any {
			mu.Lock()
			defer mu.Unlock()
			return map[string]any{"ok": true, "messages": []map[string]any{
				{"type": "message", "user": "U1", "ts": "1700000000.000100", "thread_ts": "1700000000.000100", "text": text},
				{"type": "message", "user": "UBOT", "ts": "1700000000.000300", "thread_ts": "1700000000.000100", "text": "something else"},
				{"type": "message", "user": "UBOT", "ts": "1700000000.000200", "thread_ts": "1700000000.000100", "text": text},
			}}
		},
	})
	client := bareClient(t, b)
	p := bot.Post{
		Room: bot.Room{Platform: "slack", ID: "C1"}, Thread: "1700000000.000100", Key: "k",
		Reply: bot.Reply{record(t, "We advocate inviolability."), bot.Paragraph{Text: "A & B"}},
	}
	if _, err := client.Post(waiting(t), p); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	text = b.said(t, 1)[0].Get("text")
	mu.Unlock()
	p.Doubtful = true
	receipt, err := client.Post(waiting(t), p)
	if err != nil || receipt.ID != "1700000000.000200" || len(b.said(t, 1)) != 1 {
		t.Errorf("got %v, %v and %d posts, want the post that is there", receipt, err, len(b.posts))
	}
}

func TestBlocksThatAServerDoesNotKnowBecomeText(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"unsupported_block_type", "rich_text_not_supported", "invalid_attachments"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			b := newBare(t, map[string]func(url.Values) map[string]any{
				"chat.postMessage": func(v url.Values) map[string]any {
					if v.Get("blocks") != "" {
						return map[string]any{"ok": false, "error": code}
					}
					return map[string]any{"ok": true, "ts": "1700000000.000200"}
				},
			})
			client := bareClient(t, b)
			_, err := client.Post(waiting(t), bot.Post{Room: bot.Room{Platform: "slack", ID: "C1"}, Key: "k", Reply: bot.Reply{record(t, "We advocate inviolability.")}})
			if posts := b.said(t, 1); err != nil || len(posts) != 1 || !strings.Contains(posts[0].Get("text"), "«We advocate inviolability.»") {
				t.Errorf("got %v and %v, want the words as text", posts, err)
			}
		})
	}
}

// slack-go takes a socket without pings for dead after half a minute.
func TestAServerThatNeverPingsKeepsItsSocket(t *testing.T) {
	t.Parallel()
	b := newBare(t, nil)
	bottest.Serve(t, &bot.Server{Platform: bareClient(t, b), Handler: echo(), Log: bottest.Log(t)})
	b.deliver(t, "events_api", "e1", map[string]any{"event": map[string]any{"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1700000000.000100", "text": "one"}})
	time.Sleep(40 * time.Second) // longer than the library waits for a ping
	b.deliver(t, "events_api", "e2", map[string]any{"event": map[string]any{"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1700000001.000100", "text": "two"}})
	b.said(t, 2)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.sockets) != 1 {
		t.Errorf("got %d sockets opened, want one", len(b.sockets))
	}
}
