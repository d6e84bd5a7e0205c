package handlers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/handlers"
	"rapporteur/store"
)

// TestEveryCodeOfAnAnswerLeadsBackWithoutAMemory asks, and looks up each code
// that comes: the spans that the engine cuts are all tried.
func TestEveryCodeOfAnAnswerLeadsBackWithoutAMemory(t *testing.T) {
	t.Parallel()
	mux := desk(t)
	n := 0
	for _, text := range []string{
		"What does Russia say about sovereignty in the digital domain?", "quote digital gap", "quote IIS", "quote OEWG", "when OEWG",
		"timeline OEWG", "Why should the rules be legally binding?", "What is said about sanctions?",
		`verify "tasked to draft a corresponding convention by 2023"`,
		`verify "drafting a corresponding convention by 2023"`,
		`verify Russia: "Those who believe themselves to be more advanced must impose anything on the others."`,
		"verify It was Russia that back in 1998 … and proposing a relevant UNGA resolution.",
		"verify Our logic is very simple. We stand for equal and mutually respectful dialogue.",
		"verify a narrow group of technologically-advanced countries. Those who believe themselves to be more “advanced”",
	} {
		for _, q := range say(t, mux, "2026-11-23", text).Quotations() {
			n++
			got := say(t, mux, "2026-11-23", "q "+q.Code()).Quotations()
			if len(got) != 1 || got[0].Text() != q.Text() || got[0].Passage().ID != q.Passage().ID {
				t.Errorf("%s: %s leads to %v, want %q", text, q.Code(), got, q.Text())
			}
		}
	}
	if n < 20 {
		t.Errorf("got %d quotations, want at least 20", n)
	}
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	mux := desk(t)
	code := say(t, mux, "2026-11-23", "quote digital gap").Quotations()[0].Code()
	digits := strings.TrimPrefix(code, "Q-")
	for _, typed := range []string{
		"q " + code, "q " + digits, "q " + strings.ToLower(code), "Q: " + code, "q  " + digits[:3] + " " + digits[3:], "q «" + code + "».",
		"q q " + digits, "quote " + code, "quote " + strings.ToLower(code) + " ", "q Q–" + digits, "q \u200b" + code,
	} {
		if got := say(t, mux, "2026-11-23", typed).Quotations(); len(got) != 1 || got[0].Code() != code {
			t.Errorf("%q: got %v, want %s", typed, got, code)
		}
	}
	for _, typed := range []string{"q", "q x", "q Q-12345", "q Q-1234567", "q " + code + " please", "q Q-ЖЖЖЖЖЖ", "q ١٢٣٤٥٦"} {
		if got := say(t, mux, "2026-11-23", typed); len(got.Quotations()) > 0 || !strings.Contains(got.String(), "Q-") {
			t.Errorf("%q: got %s, want to be told what a code looks like", typed, got)
		}
	}
	if got := say(t, mux, "2026-11-23", "quote decade"); strings.Contains(got.String(), "Q-DECADE") {
		t.Errorf("got %s, want a word to be no code", got)
	}
}

// twins returns a document with two sentences of one code, found by trying.
func twins(t *testing.T) (doc *corpus.Document, code string) {
	t.Helper()
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "The delegation of island number %d took the floor.\n\n", i)
	}
	load := func(text string) *corpus.Document {
		docs, _, err := corpus.Load(fstest.MapFS{"t.md": {Data: []byte("---\ntitle: Twins\ndelegation: Ruritania\n---\n" + text)}})
		if err != nil {
			t.Fatal(err)
		}
		return docs[0]
	}
	seen := map[string]string{}
	for _, p := range load(text.String()).Passages() {
		q, err := p.Quote(0, len(p.Text))
		if err != nil {
			t.Fatal(err)
		}
		if other, have := seen[q.Code()]; have {
			return load(other + "\n\n" + p.Text), q.Code()
		}
		seen[q.Code()] = p.Text
	}
	t.Fatal("got no two sentences of one code among 20,000")
	return nil, ""
}

func TestACodeOfTwoQuotationsIsToldWithBoth(t *testing.T) {
	t.Parallel()
	doc, code := twins(t)
	one, err := doc.Passages()[0].Quote(0, len(doc.Passages()[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	two, err := doc.Passages()[1].Quote(0, len(doc.Passages()[1].Text))
	if err != nil {
		t.Fatal(err)
	}
	long := []string{one.Codes()[1], two.Codes()[1]}

	mux := desk(t, doc)
	both := say(t, mux, "2026-11-23", "q "+code)
	if both.Answered() || !strings.Contains(both.String(), long[0]+": Twins, ¶1") || !strings.Contains(both.String(), long[1]+": Twins, ¶2") {
		t.Errorf("without a memory: got %s, want both sources with their longer codes", both)
	}
	if got := say(t, mux, "2026-11-23", "q "+long[1]).Quotations(); len(got) != 1 || got[0].Text() != two.Text() || got[0].Code() != long[1] {
		t.Errorf("got %v, want the second under its longer code", got)
	}

	db := openStore(t, store.Memory)
	defer func() { _ = db.Close() }()
	h := talk(t, db, doc)
	ask := func(text string) bot.Reply {
		return answered(t, db, h, bot.Message{ID: text, Room: bot.Room{Platform: "test", ID: "r"}, Text: text, SentAt: day(t, "2026-11-23")})
	}
	first, second := ask("verify "+one.Text()), ask("verify "+two.Text())
	if got := first.Quotations()[0].Code(); got != code {
		t.Errorf("given first: got %s, want %s", got, code)
	}
	if got := second.Quotations()[0].Code(); got != long[1] {
		t.Errorf("given second: got %s, want %s", got, long[1])
	}
	reply := ask("q " + code)
	if q := reply.Quotations(); len(q) != 1 || q[0].Text() != one.Text() || !strings.Contains(reply.String(), long[1]+": Twins, ¶2") {
		t.Errorf("got %s, want the one it was given for, and the other named", reply)
	}
	if q := ask("q " + long[1]).Quotations(); len(q) != 1 || q[0].Text() != two.Text() || q[0].Code() != long[1] {
		t.Errorf("got %v, want the second", q)
	}
}

func FuzzCode(f *testing.F) {
	for _, seed := range []string{"Q-26DEC9", "q 26dec9", "Q-0CB10C", "", "Q-", "Q-00000000", "ſ26DEC9", "\x00\xff", "Q–26 DE C9", strings.Repeat("A", 64), strings.Repeat("F", 1000)} {
		f.Add(seed)
	}
	record, err := corpus.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	cal, err := calendar.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	d, err := handlers.New(record, cal, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	mux, err := bot.NewMux(d.Verbs()...)
	if err != nil {
		f.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		reply, err := mux.Answer(context.Background(), bot.Message{Text: "q " + text, SentAt: at})
		if err != nil {
			t.Fatal(err)
		}
		if len(reply) == 0 {
			t.Errorf("q %q: got silence", text)
		}
		for _, q := range reply.Quotations() {
			digits := strings.TrimPrefix(q.Code(), "Q-")
			typed := strings.ToUpper(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }), ""))
			if !strings.Contains(q.Document().Text, q.Text()) || digits != typed {
				t.Errorf("q %q: got %s %q", text, q.Code(), q.Text())
			}
		}
	})
}

// FuzzConversation holds conversations of three messages.
func FuzzConversation(f *testing.F) {
	f.Add("What does Russia say about sovereignty?", "and China?", "why?")
	f.Add("When was the ninth session of the OEWG?", "and the eighth?", "the one after")
	f.Add("quote digital gap", "more", "> x\nis this right?")
	f.Add("timeline OEWG", "and in 2018?", "when was that?")
	f.Add("What is IIS?", "and \xff?", "who else")
	f.Add("ask and?", "and and and", "what about what about")
	record, err := corpus.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	cal, err := calendar.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	d, err := handlers.New(record, cal, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, one, two, three string) {
		memory := &notebook{}
		d := d.Remembering(memory)
		mux, err := bot.NewMux(d.Verbs()...)
		if err != nil {
			t.Fatal(err)
		}
		h := d.Converse(mux)
		for _, text := range []string{one, two, three} {
			reply, err := h.Answer(context.Background(), bot.Message{Text: text, SentAt: at})
			if err != nil {
				t.Fatal(err)
			}
			turn := bot.Turn{At: at}
			for _, b := range reply {
				if topic, is := b.(bot.Topic); is {
					turn.Question = topic.Question
				}
			}
			for _, q := range reply.Quotations() {
				turn.Said = append(turn.Said, q.Code())
				if !strings.Contains(q.Document().Text, q.Text()) {
					t.Errorf("%q %q %q: got %q, which nobody said", one, two, three, q.Text())
				}
			}
			if !reply.Answered() && (len(reply.Quotations()) > 0 || len(reply.Facts()) > 0) {
				t.Errorf("%q %q %q: got a refusal with sources", one, two, three)
			}
			memory.turns = append(memory.turns, turn)
		}
	})
}

// notebook is a memory of one conversation.
type notebook struct{ turns []bot.Turn }

func (n *notebook) Recall(context.Context, bot.Message) ([]bot.Turn, error) { return n.turns, nil }

func (n *notebook) Give(_ context.Context, _ bot.Given, codes []string) (string, error) {
	return codes[0], nil
}

func (n *notebook) Lookup(context.Context, string, string) ([]bot.Given, error) { return nil, nil }

func BenchmarkConverse(b *testing.B) {
	record, err := corpus.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	cal, err := calendar.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	d, err := handlers.New(record, cal, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	d = d.Remembering(&notebook{turns: []bot.Turn{{Question: "What does Russia say about sovereignty in the digital domain?"}}})
	mux, err := bot.NewMux(d.Verbs()...)
	if err != nil {
		b.Fatal(err)
	}
	h := d.Converse(mux)
	for name, text := range map[string]string{"complete": "When did Russia first raise information security at the UN?", "follow-up": "and who should define the rules?"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := h.Answer(b.Context(), bot.Message{Text: text}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" without a conversation", func(b *testing.B) {
			for b.Loop() {
				if _, err := mux.Answer(b.Context(), bot.Message{Text: text}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
