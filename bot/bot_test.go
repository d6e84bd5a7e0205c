package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/corpus"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func quotation(t *testing.T, para int) bot.Quotation {
	t.Helper()
	c, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Passages() {
		if p.Para == para {
			q, err := p.Quote(0, strings.IndexByte(p.Text, '.')+1)
			if err != nil {
				t.Fatal(err)
			}
			return bot.Quotation{Quotation: q}
		}
	}
	t.Fatalf("no paragraph %d", para)
	return bot.Quotation{}
}

func TestAReplyReadsCompleteAsPlainText(t *testing.T) {
	t.Parallel()
	reply := bot.Reply{
		bot.Heading{Text: "Title"},
		quotation(t, 15),
		bot.Fact{ID: "x", Text: "A fact", Source: "https://example.org/", Checked: "2026-11-23", Confidence: "high", Note: "expected"},
		bot.List{Items: []string{"one", "two"}},
		bot.Actions{{Label: "More", Command: "quote sovereignty"}},
		bot.Scope{Documents: 1, Passages: 19, Version: "abc", AsOf: "2026-11-23"},
	}
	q := reply.Quotations()[0]
	want := strings.Join([]string{
		"Title",
		"Russian Federation: «We advocate inviolability of states’ sovereignty in the digital domain.»",
		"  Vassily Nebenzia (Russian Federation) · Security Council, open VTC \"Maintenance of international peace and security: Cyber security\" · 29 June 2021 (from metadata, not in the text) · ¶15 · mission release, en · " + q.Code(),
		"",
		"• A fact (expected)",
		"  source: https://example.org/ · checked 23 November 2026 · confidence high",
		"",
		"• one",
		"• two",
		"",
		"→ More: quote sovereignty",
		"",
		"Searched 1 document, 19 passages (corpus abc) · as of 23 November 2026",
	}, "\n")
	if diff := cmp.Diff(want, reply.String()); diff != "" {
		t.Errorf("plain text (-want +got):\n%s", diff)
	}
}

func TestLeadIsTheLineAReaderNeeds(t *testing.T) {
	t.Parallel()
	fact := bot.Fact{Text: "fact", Note: "open"}
	for _, c := range []struct {
		want  string
		reply bot.Reply
	}{
		{"lead", bot.Reply{bot.Heading{Text: "h"}, bot.Lead{Text: "lead"}, fact}},
		{"fact (open)", bot.Reply{bot.Paragraph{Text: "p"}, fact}},
		{"p", bot.Reply{bot.Heading{Text: "h"}, bot.Paragraph{Text: "p"}}},
		{"no", bot.Reply{bot.Refusal{Text: "no"}}},
		{"", nil},
	} {
		if got := c.reply.Lead(); got != c.want {
			t.Errorf("%#v: got %q, want %q", c.reply, got, c.want)
		}
	}
}

func TestTheSchemaOfAnAnswerIsStable(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	data, err := json.Marshal(bot.Reply{quotation(t, 15), bot.Fact{ID: "f"}, bot.Scope{Documents: 1, Passages: 2}}.Data("ask", at))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	has := func(m map[string]any, keys string) {
		t.Helper()
		for k := range strings.FieldsSeq(keys) {
			if _, found := m[k]; !found {
				t.Errorf("got no %q in %v", k, m)
			}
		}
	}
	has(got, "answered verb as_of lead text quotations facts searched")
	has(got["quotations"].([]any)[0].(map[string]any), "text code document title speaker body paragraph date date_source language record_kind")
	has(got["facts"].([]any)[0].(map[string]any), "id text source checked confidence")
	has(got["searched"].(map[string]any), "documents passages")

	refused := bot.Reply{bot.Refusal{Text: "no"}}.Data("ask", at)
	if refused.Answered || refused.Quotations == nil || refused.Facts == nil {
		t.Errorf("got %+v, want not answered and empty lists", refused)
	}
}

func TestMuxPartsVerbsFromQuestions(t *testing.T) {
	t.Parallel()
	verb := func(name string, alsoQuestion bool) bot.Verb {
		return bot.Verb{Name: name, Usage: name, Summary: "does " + name, AlsoQuestion: alsoQuestion, Handler: bot.HandlerFunc(
			func(_ context.Context, m bot.Message) (bot.Reply, error) { return bot.Say(name + "|" + m.Text), nil })}
	}
	no := verb("no", false)
	no.Numbered = true
	mux, err := bot.NewMux(verb("ask", false), verb("when", true), verb("quote", false), no)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"quote digital gap":            "quote|digital gap",
		"Quote: digital gap":           "quote|digital gap",
		"when OEWG":                    "when|OEWG",
		"When was the OEWG launched?":  "ask|When was the OEWG launched?",
		"when did it start":            "ask|when did it start",
		"  what   is IIS ":             "ask|what   is IIS",
		"ask what is IIS":              "ask|what is IIS",
		"quote\nsovereignty":           "quote|sovereignty",
		"quotes of the day":            "ask|quotes of the day",
		"\"quote\" is a word, is it":   "ask|\"quote\" is a word, is it",
		"when, in your view, is peace": "when|in your view, is peace",
		"No!":                          "no|",
		"no #3.":                       "no|#3.",
		"No sanctions since 2015?":     "ask|No sanctions since 2015?",
		"No 3 of the GGEs agreed":      "ask|No 3 of the GGEs agreed",
	} {
		reply, err := mux.Answer(t.Context(), bot.Message{Text: in})
		if err != nil || reply.String() != want {
			t.Errorf("%q: got %q, %v, want %q", in, reply, err, want)
		}
	}
	for _, in := range []string{"", "help", "HELP"} {
		reply, err := mux.Answer(t.Context(), bot.Message{Text: in})
		if err != nil || !strings.Contains(reply.String(), "does quote") {
			t.Errorf("%q: got %q, %v, want the list of verbs", in, reply, err)
		}
	}
	if _, err := bot.NewMux(verb("a", false), verb("a", false)); err == nil {
		t.Error("two verbs of one name: got no error")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "help", "when OEWG", "When is it?", "\x00", "quote \xff", "ask:", "   ", "ask ask", "\u202equote x"} {
		f.Add(s)
	}
	h := bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) { return bot.Say(m.Text), nil })
	mux, err := bot.NewMux(bot.Verb{Name: "ask", Handler: h}, bot.Verb{Name: "when", AlsoQuestion: true, Handler: h})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		verb, rest := mux.Parse(text)
		if verb.Name == "" || !strings.Contains(text, rest) {
			t.Errorf("%q: got verb %q, rest %q, want a verb and a part of the text", text, verb.Name, rest)
		}
	})
}

func TestGuardTurnsPanicsAndErrorsIntoOneApology(t *testing.T) {
	t.Parallel()
	var logged strings.Builder
	log := slog.New(slog.NewTextHandler(&logged, nil))
	for name, h := range map[string]bot.HandlerFunc{
		"panic": func(context.Context, bot.Message) (bot.Reply, error) { panic("boom") },
		"error": func(context.Context, bot.Message) (bot.Reply, error) { return nil, errors.New("boom") },
		"slow": func(ctx context.Context, _ bot.Message) (bot.Reply, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	} {
		reply, err := bot.Guard(log, 10*time.Millisecond, h).Answer(t.Context(), bot.Message{})
		if err != nil || reply.String() != bot.Apology {
			t.Errorf("%s: got %q, %v, want the apology", name, reply, err)
		}
	}
	if got := strings.Count(logged.String(), "level=ERROR"); got != 3 {
		t.Errorf("got %d log lines, want 3", got)
	}
}

// memory is an inbox and a platform in one, for the server's tests.
type memory struct {
	mu       sync.Mutex
	rows     map[string]*row
	posts    []bot.Post
	fail     []error // outcomes of the next posts
	messages chan bot.Message
	broken   error // Receive fails with it
}

type row struct {
	message bot.Message
	lease   time.Time
	done    bool
	unsent  bool
	turn    bot.Turn
}

func (m *memory) Receive(_ context.Context, msg bot.Message, now time.Time, lease time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return false, m.broken
	}
	if m.rows[msg.ID] != nil {
		return false, nil
	}
	m.rows[msg.ID] = &row{message: msg, lease: now.Add(lease)}
	return true, nil
}

func (m *memory) Reclaim(_ context.Context, _ string, now time.Time, lease time.Duration, limit int) ([]bot.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []bot.Message
	for _, r := range m.rows {
		if !r.done && r.lease.Before(now) && len(out) < limit {
			r.lease = now.Add(lease)
			msg := r.message
			msg.Unsent, r.unsent = r.unsent, false
			out = append(out, msg)
		}
	}
	return out, nil
}

func (m *memory) Return(_ context.Context, msg bot.Message, held, notBefore time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rows[msg.ID]; !r.done && r.lease.Equal(held) {
		r.lease, r.unsent = notBefore, msg.Unsent
	}
	return nil
}

func (m *memory) Answered(_ context.Context, msg bot.Message, _ bot.Receipt, turn bot.Turn, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows[msg.ID].done, m.rows[msg.ID].turn = true, turn
	return nil
}

func (m *memory) Name() string { return "memory" }

func (m *memory) Listen(ctx context.Context, in bot.Receiver) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case msg := <-m.messages:
			_ = in.Receive(ctx, msg)
		}
	}
}

func (m *memory) Post(_ context.Context, p bot.Post) (bot.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posts = append(m.posts, p)
	if len(m.fail) > 0 {
		err := m.fail[0]
		m.fail = m.fail[1:]
		return bot.Receipt{}, err
	}
	return bot.Receipt{ID: "r"}, nil
}

func newMemory() *memory { return &memory{rows: map[string]*row{}, messages: make(chan bot.Message)} }

func echo(_ context.Context, m bot.Message) (bot.Reply, error) {
	if m.Text == "" {
		return nil, nil
	}
	return bot.Say(m.Text), nil
}

// serve runs a server in a synctest bubble, gives it the messages and returns
// after the time given.
func serve(t *testing.T, m *memory, run time.Duration, messages ...bot.Message) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &bot.Server{Platform: m, Handler: bot.HandlerFunc(echo), Inbox: m, Log: quiet()}
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	for _, msg := range messages {
		m.messages <- msg
	}
	time.Sleep(run)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAMessageHeardTwiceIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		serve(t, m, time.Second, bot.Message{ID: "1", Text: "a"}, bot.Message{ID: "1", Text: "a"}, bot.Message{ID: "2", Text: ""})
		if len(m.posts) != 1 || m.posts[0].Key != bot.AnswerKey(bot.Message{ID: "1"}) || m.posts[0].Doubtful {
			t.Errorf("got posts %+v, want one, not doubtful", m.posts)
		}
		if !m.rows["1"].done || !m.rows["2"].done {
			t.Error("got messages left open, want both done, the silent one too")
		}
	})
}

func TestWhatADeadProcessLeftIsAnsweredAsDoubtful(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.rows["old"] = &row{message: bot.Message{ID: "old", Text: "late", SentAt: time.Now()}, lease: time.Now().Add(20 * time.Second)}
		serve(t, m, 10*time.Second)
		if len(m.posts) != 0 {
			t.Fatalf("got %d posts while the lease runs, want none", len(m.posts))
		}
		serve(t, m, 2*time.Minute)
		if len(m.posts) != 1 || !m.posts[0].Doubtful {
			t.Errorf("got %+v, want one doubtful post", m.posts)
		}
	})
}

func TestOutcomesDecideWhatIsRepeated(t *testing.T) {
	t.Parallel()
	failed := func(o bot.Outcome, after time.Duration) error {
		return &bot.PostError{Outcome: o, RetryAfter: after, Err: errors.New("x")}
	}
	for name, c := range map[string]struct {
		fail     []error
		posts    int
		doubtful bool // the last one
	}{
		"not sent is repeated with the same key": {[]error{failed(bot.NotSent, 3*time.Second), failed(bot.NotSent, 0)}, 3, false},
		"refused is given up":                    {[]error{failed(bot.Refused, 0)}, 1, false},
		"a gone room is given up":                {[]error{failed(bot.Gone, 0)}, 1, false},
		"unknown is repeated as doubtful":        {[]error{failed(bot.Unknown, 0)}, 2, true},
		"a bare error is unknown":                {[]error{errors.New("x")}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				m.fail = c.fail
				serve(t, m, 5*time.Minute, bot.Message{ID: "1", Text: "a"})
				if len(m.posts) != c.posts || m.posts[len(m.posts)-1].Doubtful != c.doubtful {
					t.Fatalf("got %d posts, last doubtful %v, want %d, %v", len(m.posts), m.posts[len(m.posts)-1].Doubtful, c.posts, c.doubtful)
				}
				if m.posts[0].Key != m.posts[len(m.posts)-1].Key || !m.rows["1"].done {
					t.Error("got another key or an open message, want the same key and done")
				}
			})
		})
	}
}

func TestADoubtfulAnswerIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		for range 10_000 {
			m.fail = append(m.fail, &bot.PostError{Outcome: bot.Unknown, Err: errors.New("x")})
		}
		serve(t, m, 72*time.Hour, bot.Message{ID: "1", Text: "a", SentAt: time.Now()})
		if n := len(m.posts); n < 100 || n > 2000 || !m.rows["1"].done {
			t.Errorf("got %d attempts, done %v, want them to end after a day", n, m.rows["1"].done)
		}
	})
}

func TestReceiveFailsWhenNothingWasCommitted(t *testing.T) {
	t.Parallel()
	m := newMemory()
	m.broken = errors.New("disk full")
	s := &bot.Server{Platform: m, Handler: bot.HandlerFunc(echo), Inbox: m, Log: quiet()}
	if err := s.Receive(t.Context(), bot.Message{ID: "1"}); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v, want the cause, so that the platform does not acknowledge", err)
	}
}
