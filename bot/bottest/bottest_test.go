package bottest_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
)

var update = flag.Bool("update", false, "write the golden conversations anew")

func TestConversationsAreWhatTheScriptSays(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("got %d conversations (%v), want some", len(names), err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(data)
		if _, err := bottest.ParseConversation(name, data); err != nil {
			t.Error(err)
		}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			in := strings.TrimSpace(string(archive.Files[i].Data))
			reply, err := bottest.Script{}.Answer(t.Context(), bot.Message{Text: in})
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				archive.Files[i+1].Data = []byte(reply.String() + "\n")
				continue
			}
			if diff := cmp.Diff(strings.TrimSpace(string(archive.Files[i+1].Data)), reply.String()); diff != "" {
				t.Errorf("%s, reply to %q (-want +got):\n%s", name, in, diff)
			}
		}
		if *update {
			if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// room is the smallest platform there is: it lives in memory. Its flaw, where
// it has one, is a mistake that the suite must find.
type room struct {
	flaw string

	mu      sync.Mutex
	in      bot.Receiver
	said    []bot.Message
	posts   []bot.Post
	changed chan struct{}
	heard   chan struct{}
}

func newRoom(flaw string) *room {
	return &room{flaw: flaw, changed: make(chan struct{}), heard: make(chan struct{})}
}

func (r *room) Name() string { return "memory" }

func (r *room) Listen(ctx context.Context, in bot.Receiver) error {
	r.mu.Lock()
	r.in = in
	close(r.heard)
	r.mu.Unlock()
	<-ctx.Done()
	return nil
}

func (r *room) Post(_ context.Context, p bot.Post) (bot.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.flaw {
	case "posts twice":
		r.posts = append(r.posts, p)
	case "wrong thread":
		p.Thread = "1"
	case "loses an item":
		for i, b := range p.Reply {
			if l, ok := b.(bot.List); ok {
				p.Reply[i] = bot.List{Items: l.Items[:1]}
			}
		}
	}
	r.posts = append(r.posts, p)
	close(r.changed)
	r.changed = make(chan struct{})
	return bot.Receipt{ID: strconv.Itoa(len(r.posts))}, nil
}

func (r *room) say(ctx context.Context, m bot.Message) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-r.heard:
	}
	r.mu.Lock()
	m.ID = strconv.Itoa(len(r.said) + 1)
	m.Room = bot.Room{Platform: "memory", ID: "room"}
	if m.Thread == "" {
		m.Thread = m.ID
	}
	m.SentAt = time.Unix(int64(len(r.said)), 0)
	r.said = append(r.said, m)
	in := r.in
	r.mu.Unlock()
	return m.ID, in.Receive(ctx, m)
}

func (r *room) Say(ctx context.Context, text string) (string, error) {
	return r.say(ctx, bot.Message{Text: text, Sender: "person"})
}

func (r *room) SayIn(ctx context.Context, key, text string) (string, error) {
	return r.say(ctx, bot.Message{Text: text, Sender: "person", Thread: key})
}

func (r *room) Elsewhere(context.Context) ([]string, error) { return nil, nil }

func (r *room) SayAsBot(ctx context.Context, text string) error {
	if r.flaw == "talks to bots" {
		_, err := r.say(ctx, bot.Message{Text: text, Sender: "bot"})
		return err
	}
	return nil
}

func (r *room) SayAsSelf(context.Context, string) error { return nil }

func (r *room) Redeliver(ctx context.Context, key string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.said {
		if m.ID != key {
			continue
		}
		if r.flaw == "answers again" {
			m.ID += "'"
		}
		return r.in.Receive(ctx, m)
	}
	return errors.New("no such message")
}

func (r *room) Replies(ctx context.Context, key string, n int) ([]string, error) {
	if r.flaw == "wrong thread" { // the answer never comes: no need to wait long for it
		var stop func()
		ctx, stop = context.WithTimeout(ctx, 100*time.Millisecond)
		defer stop()
	}
	for {
		r.mu.Lock()
		var thread string
		for _, m := range r.said {
			if m.ID == key {
				thread = m.Thread
			}
		}
		var got []string
		for _, p := range r.posts {
			// In a thread of several questions the key tells whose answer it is.
			if p.Thread == thread && strings.HasPrefix(p.Key, "answer/memory:room/"+key) || r.flaw == "wrong thread" && p.Thread == thread {
				got = append(got, p.Reply.String())
			}
		}
		changed := r.changed
		r.mu.Unlock()
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-ctx.Done():
			return got, ctx.Err()
		case <-changed:
		}
	}
}

func (r *room) Harm(context.Context, string) ([]string, error) {
	if r.flaw == "pings" {
		return []string{"it notifies everybody"}, nil
	}
	return nil, nil
}

func TestARoomInMemoryIsAPlatform(t *testing.T) {
	t.Parallel()
	// With a flaw in its environment this test plays the broken platform of
	// TestTheSuiteFindsFlaws.
	flaw := os.Getenv("BOTTEST_FLAW")
	bottest.Platform(t, func(t *testing.T, h bot.Handler) bottest.Seat {
		t.Helper()
		r := newRoom(flaw)
		bottest.Serve(t, &bot.Server{Platform: r, Handler: h})
		return r
	})
}

func TestTheSuiteFindsFlaws(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for flaw, caughtBy := range map[string]string{
		"posts twice":   "a_question_is_answered",
		"wrong thread":  "a_question_is_answered_in_its_thread",
		"talks to bots": "other_voices_are_ignored",
		"answers again": "a_redelivered_message_is_answered_once",
		"loses an item": "conversations/talk",
		"pings":         "hostile_text_is_harmless",
	} {
		t.Run(flaw, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestARoomInMemoryIsAPlatform$/^"+strings.ReplaceAll(caughtBy, "/", "$/^")+"$", "-test.v")
			cmd.Env = append(os.Environ(), "BOTTEST_FLAW="+flaw)
			out, err := cmd.CombinedOutput()
			if want := "--- FAIL: TestARoomInMemoryIsAPlatform/" + caughtBy; err == nil || !bytes.Contains(out, []byte(want)) {
				t.Errorf("a platform with the flaw %q: got %v and\n%s\nwant %q", flaw, err, out, want)
			}
		})
	}
}

func TestInboxLeasesMessages(t *testing.T) {
	t.Parallel()
	var inbox bottest.Inbox
	ctx, now := t.Context(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m := bot.Message{ID: "1", Room: bot.Room{Platform: "slack", ID: "C1"}}
	for i, want := range []bool{true, false} {
		if got, err := inbox.Receive(ctx, m, now, time.Minute); err != nil || got != want {
			t.Fatalf("receive number %d: got fresh %v (%v), want %v", i+1, got, err, want)
		}
	}
	reclaim := func(platform string, at time.Time, want int) {
		t.Helper()
		got, err := inbox.Reclaim(ctx, platform, at, time.Minute, 10)
		if err != nil || len(got) != want {
			t.Errorf("reclaim for %s after %v: got %d messages (%v), want %d", platform, at.Sub(now), len(got), err, want)
		}
	}
	reclaim("slack", now.Add(59*time.Second), 0)
	reclaim("matrix", now.Add(time.Hour), 0)
	reclaim("slack", now.Add(time.Minute), 1)
	reclaim("slack", now.Add(time.Minute), 0) // leased again
	if err := inbox.Answered(ctx, m, bot.Receipt{ID: "ts"}, bot.Turn{}, now); err != nil {
		t.Fatal(err)
	}
	reclaim("slack", now.Add(time.Hour), 0)
	if got, done := inbox.Receipt(m); !done || got.ID != "ts" {
		t.Errorf("receipt: got %q, %v, want ts, true", got.ID, done)
	}
	if err := inbox.Answered(ctx, bot.Message{ID: "2"}, bot.Receipt{}, bot.Turn{}, now); err == nil {
		t.Error("answer a message that was never received: got no error")
	}
}

func TestAConversationHasThreadsRestartsAndPauses(t *testing.T) {
	t.Parallel()
	c, err := bottest.ParseConversation("x.txt", []byte("Talk.\n-- in --\na\n-- reply --\nb\n-- restart --\n-- after 25h --\n-- quoted --\nq\n-- in side --\nc\n-- reply --\nd\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := bottest.Conversation{Name: "x", Turns: []bottest.Turn{
		{In: "a", Reply: "b"}, {In: "c", Reply: "d", Thread: "side", Quoted: "q", Restart: true, After: 25 * time.Hour},
	}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	for _, broken := range []string{
		"", "-- in --\na\n", "-- reply --\na\n", "-- in --\na\n-- in --\nb\n", "-- in --\na\n-- reply --\nb\n-- restart --\n",
		"-- after long --\n-- in --\na\n-- reply --\nb\n", "-- what --\n-- in --\na\n-- reply --\nb\n",
	} {
		if _, err := bottest.ParseConversation("x.txt", []byte(broken)); err == nil {
			t.Errorf("%q: got no error", broken)
		}
	}
}

// TestPlayHoldsAConversation plays one to a bot that says what it heard, and how
// often it was started.
func TestPlayHoldsAConversation(t *testing.T) {
	t.Parallel()
	started, stopped := 0, 0
	var inbox bottest.Inbox
	from := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := bottest.Conversation{Turns: []bottest.Turn{{In: "a"}, {In: "b", Thread: "t", Quoted: "q", Restart: true, After: time.Hour}}}
	got := bottest.Play(t, c, from, func() bottest.Bot {
		started++
		n := started
		return bottest.Bot{
			Inbox: &inbox, Stop: func() { stopped++ },
			Handler: bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
				return bot.Reply{bot.Paragraph{Text: strconv.Itoa(n) + m.Text + m.Thread + m.Quoted + m.SentAt.Format("15:04:05")}, bot.Topic{Question: m.Text}}, nil
			}),
		}
	})
	if diff := cmp.Diff([]string{"1a12:00:01", "2btq13:00:02"}, got); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	if started != 2 || stopped != 2 {
		t.Errorf("got %d starts and %d stops, want 2 and 2", started, stopped)
	}
	if turn := inbox.Turn(inbox.Messages()[1]); turn.Question != "b" {
		t.Errorf("got the turn %+v, want its question", turn)
	}
}
