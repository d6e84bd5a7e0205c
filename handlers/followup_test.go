package handlers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/handlers"
	"rapporteur/store"
)

// talk returns what answers in conversations over the store, with further
// documents.
func talk(t *testing.T, db handlers.Memory, more ...*corpus.Document) bot.Handler {
	t.Helper()
	record, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	d, err := handlers.New(record.With(more...), cal, 30*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	d = d.Remembering(db)
	mux, err := bot.NewMux(d.Verbs()...)
	if err != nil {
		t.Fatal(err)
	}
	return d.Converse(mux)
}

func openStore(t *testing.T, path string) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// TestFollowUps plays testdata/followup/*.txt: conversations with threads,
// restarts and pauses, over a database in a file.
func TestFollowUps(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/followup/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d conversations, %v, want some", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := bottest.ParseConversation(filepath.Base(file), data)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bot.db")
			got := bottest.Play(t, c, day(t, "2026-11-23"), func() bottest.Bot {
				db := openStore(t, path)
				return bottest.Bot{Handler: talk(t, db), Inbox: db, Stop: func() { _ = db.Close() }}
			})
			if *update {
				rewrite(t, file, got)
				return
			}
			for i, turn := range c.Turns {
				if diff := cmp.Diff(turn.Reply, strings.TrimSpace(got[i])); diff != "" {
					t.Errorf("%s (-want +got):\n%s", turn.In, diff)
				}
			}
		})
	}
}

func rewrite(t *testing.T, file string, replies []string) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Files {
		if a.Files[i].Name == "reply" {
			a.Files[i].Data = []byte(replies[0] + "\n")
			replies = replies[1:]
		}
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
		t.Fatal(err)
	}
}

// exchange says texts in one thread, each settled before the next, and returns
// the last reply as it would be posted.
func exchange(t *testing.T, db *store.Store, h bot.Handler, texts ...string) bot.Reply {
	t.Helper()
	var last bot.Reply
	for i, text := range texts {
		m := bot.Message{
			ID: t.Name() + string(rune('a'+i)), Room: bot.Room{Platform: "test", ID: t.Name()}, Text: text,
			SentAt: day(t, "2026-11-23").Add(time.Duration(i) * time.Second),
		}
		last = answered(t, db, h, m)
	}
	return last
}

// answered answers m and settles it.
func answered(t *testing.T, db *store.Store, h bot.Handler, m bot.Message) bot.Reply {
	t.Helper()
	ctx := t.Context()
	if _, err := db.Receive(ctx, m, m.SentAt, time.Minute); err != nil {
		t.Fatal(err)
	}
	reply, err := h.Answer(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	turn := bot.Turn{At: m.SentAt}
	var posted bot.Reply
	for _, b := range reply {
		switch b := b.(type) {
		case bot.Topic:
			turn.Question = b.Question
			continue
		case bot.Quotation:
			turn.Said = append(turn.Said, b.Code())
		}
		posted = append(posted, b)
	}
	if err := db.Answered(ctx, m, bot.Receipt{}, turn, m.SentAt); err != nil {
		t.Fatal(err)
	}
	return posted
}

// TestAFollowUpIsTakenAsTheQuestionItStandsFor pairs a question and a follow-up
// with what that is taken to mean; empty where the follow-up stands for itself.
func TestAFollowUpIsTakenAsTheQuestionItStandsFor(t *testing.T) {
	t.Parallel()
	db := openStore(t, store.Memory)
	defer func() { _ = db.Close() }()
	h := talk(t, db)
	const sovereignty = "What does Russia say about sovereignty in 2021?"
	for _, c := range []struct{ first, then, want string }{
		{sovereignty, "what about China?", "What does China say about sovereignty in 2021?"},
		{sovereignty, "And China", "What does China say about sovereignty in 2021?"},
		{sovereignty, "China?", "What does China say about sovereignty in 2021?"},
		{sovereignty, "and in 2018?", "What does Russia say about sovereignty in 2018?"},
		{sovereignty, "2018", "What does Russia say about sovereignty in 2018?"},
		{sovereignty, "and since March 2020?", "What does Russia say about sovereignty since March 2020?"},
		{sovereignty, "how about the use of force?", "What does Russia say about the use of force in 2021?"},
		{sovereignty, "on sanctions?", "What does Russia say about sanctions in 2021?"},
		{sovereignty, "and Brazil on sanctions in 2019?", "What does Brazil say about sanctions in 2019?"},
		{sovereignty, "and President Macron?", "What does President Macron say about sovereignty in 2021?"},
		{sovereignty, "more", sovereignty},
		{sovereignty, "what else?", sovereignty},
		{sovereignty, "who else?", "What is said about sovereignty?"},
		{sovereignty, "Why?", "Why does Russia say so about sovereignty?"},
		{sovereignty, "when was that?", "When was the Russia statement delivered?"},
		{sovereignty, "when did they say that?", "When was the Russia statement delivered?"},
		{sovereignty, "and what did China say?", "What did China say on sovereignty in 2021?"},
		{sovereignty, "what did they say about sanctions?", "What did Russia say about sanctions in 2021?"},
		{sovereignty, "and who should protect it?", "According to Russia, who should protect sovereignty in 2021?"},
		{sovereignty, "and what did China say about sanctions?", ""},
		{sovereignty, "Who chairs the Global Mechanism?", ""},
		{sovereignty, "And who chairs the Global Mechanism?", ""},
		{sovereignty, "What is IIS?", ""},
		{sovereignty, "sanctions", ""},
		{sovereignty, "What does the statement say about rules that bind?", ""},
		{"When was the ninth session of the OEWG?", "and the eighth?", "When was the eighth session of the OEWG?"},
		{"When was the ninth session of the OEWG?", "the 10th session", "When was the 10th session of the OEWG?"},
		{"When was the ninth session of the OEWG?", "and the following one?", "When was the 10th session of the OEWG?"},
		{"When was the ninth session of the OEWG?", "and the one before?", "When was the 8th session of the OEWG?"},
		{"When was the ninth session of the OEWG 2021-2025?", "and the GGE?", "When was the ninth session of the GGE?"},
		{"When was the ninth session of the OEWG?", "who chaired it?", "Who chaired the OEWG?"},
		{"When was the ninth session of the OEWG?", "where was it?", "Where was the ninth session of the OEWG?"},
		{"When was the ninth session of the OEWG?", "where?", "Where was the ninth session of the OEWG?"},
		{"When was the ninth session of the OEWG?", "what was adopted there?", "What was adopted at the ninth session of the OEWG?"},
		{"When did Russia first raise information security at the UN?", "and China?", "When did China first raise information security at the UN?"},
		{"When did Russia first raise information security at the UN?", "why?", "Why did Russia first raise information security at the UN?"},
		{"quote digital gap", "and sovereignty?", "quote sovereignty"},
		{"quote digital gap", "what about China?", "What does China say about digital gap?"},
		{"timeline OEWG", "and the Ad Hoc Committee?", "timeline Ad Hoc Committee"},
		{"upcoming OEWG", "and the Global Mechanism?", "upcoming Global Mechanism"},
		{"What is IIS?", "and GGE?", "What is GGE?"},
	} {
		t.Run(c.first+" "+c.then, func(t *testing.T) {
			got := exchange(t, db, h, c.first, c.then).String()
			_, taken, _ := strings.Cut(got, "Taken as: ")
			if taken, _, _ = strings.Cut(taken, "\n"); taken != c.want {
				t.Errorf("%s — %s\n got %q\nwant %q in\n%s", c.first, c.then, taken, c.want, got)
			}
		})
	}
}

// TestWhatCannotBeFittedIsNotGuessed follows up where the last question has no
// place for it.
func TestWhatCannotBeFittedIsNotGuessed(t *testing.T) {
	t.Parallel()
	db := openStore(t, store.Memory)
	defer func() { _ = db.Close() }()
	h := talk(t, db)
	for _, c := range [][2]string{
		{"Who chairs the Global Mechanism?", "what about China?"},
		{"Who chairs the Global Mechanism?", "and the eighth?"},
		{"What does Russia say about sanctions?", "and the eighth?"},
		{"When did Russia first raise information security at the UN?", "and who supported it?"},
		{"Who chairs the Global Mechanism?", "why?"},
		{"Who chairs the Global Mechanism?", "who else?"},
	} {
		t.Run(c[1], func(t *testing.T) {
			got := exchange(t, db, h, c[0], c[1])
			if got.Answered() || !strings.Contains(got.Lead(), "ask in full") || !strings.Contains(got.Lead(), c[0]) {
				t.Errorf("%s — %s\n got %s\nwant a refusal that names the last question", c[0], c[1], got)
			}
		})
	}
}

func TestAFollowUpDoesNotRepeatWhatWasQuoted(t *testing.T) {
	t.Parallel()
	db := openStore(t, store.Memory)
	defer func() { _ = db.Close() }()
	h := talk(t, db)
	for i, first := range []string{"What does Russia say about sovereignty in the digital domain?", "quote OEWG", "when OEWG"} {
		seen := map[string]bool{}
		texts := []string{first, "more", "more", "what else?"}
		for n := range texts {
			m := bot.Message{ID: first + texts[n] + string(rune('a'+n)), Room: bot.Room{Platform: "test", ID: first}, Text: texts[n], SentAt: day(t, "2026-11-23").Add(time.Duration(n) * time.Second)}
			for _, q := range answered(t, db, h, m).Quotations() {
				if seen[q.Text()] {
					t.Errorf("conversation %d, %q: got %q again", i, texts[n], q.Text())
				}
				seen[q.Text()] = true
			}
		}
		if len(seen) == 0 {
			t.Errorf("%s: got no quotation at all", first)
		}
	}
}

// TestReplicasHoldOneConversation lets two bots over one store answer in turn,
// and one answer a message again that the other had answered.
func TestReplicasHoldOneConversation(t *testing.T) {
	t.Parallel()
	db := openStore(t, store.Memory)
	defer func() { _ = db.Close() }()
	one, two := talk(t, db), talk(t, db)
	at := day(t, "2026-11-23")
	say := func(h bot.Handler, id, text string, after time.Duration) string {
		return answered(t, db, h, bot.Message{ID: id, Room: bot.Room{Platform: "test", ID: "r"}, Thread: "t", Text: text, SentAt: at.Add(after)}).String()
	}
	say(one, "1", "When was the ninth session of the OEWG?", 0)
	first := say(two, "2", "and the eighth?", time.Second)
	if !strings.Contains(first, "Taken as: When was the eighth session of the OEWG?") {
		t.Fatalf("got %s, want the other replica's conversation", first)
	}
	if again := say(one, "2", "and the eighth?", time.Second); again != first {
		t.Errorf("answered again: got %s\nwant %s", again, first)
	}
	if next := say(one, "3", "who chaired it?", 2*time.Second); !strings.Contains(next, "Taken as: Who chaired the OEWG?") {
		t.Errorf("got %s, want it to go on", next)
	}
}

// TestACodeOutlivesAnUpdatedDocument gives a quotation and then loads later
// editions of its document.
func TestACodeOutlivesAnUpdatedDocument(t *testing.T) {
	t.Parallel()
	edition := func(text string) *corpus.Document {
		docs, problems, err := corpus.Load(fstest.MapFS{"r.md": {Data: []byte("---\ntitle: Statement of Ruritania\ndelegation: Ruritania\nspeaker: A. Delegate\n---\n" + text)}})
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		return docs[0]
	}
	db := openStore(t, store.Memory)
	defer func() { _ = db.Close() }()
	say := func(docs []*corpus.Document, text string) bot.Reply {
		return answered(t, db, talk(t, db, docs...), bot.Message{ID: text + string(rune('a'+len(docs))), Room: bot.Room{Platform: "test", ID: t.Name()}, Text: text, SentAt: day(t, "2026-11-23")})
	}
	const words = "We will defend the bananas of the world."
	first := say([]*corpus.Document{edition(words)}, "What did Ruritania say about bananas?").Quotations()
	if len(first) != 1 || first[0].Text() != words {
		t.Fatalf("got %v, want the words", first)
	}
	code := "q " + first[0].Code()
	moved := say([]*corpus.Document{edition("A new beginning stands here.\n\n" + words)}, code+" ")
	if q := moved.Quotations(); len(q) != 1 || q[0].Text() != words || q[0].Passage().Para != 2 || !strings.Contains(moved.String(), "stood in ¶1") {
		t.Errorf("moved: got %s, want the words in ¶2 with a note", moved)
	}
	gone := say([]*corpus.Document{edition("We will defend the papayas of the world.")}, code+"  ")
	if gone.Answered() || len(gone.Quotations()) > 0 || strings.Contains(gone.String(), "bananas") || !strings.Contains(gone.Lead(), "no longer stand in Statement of Ruritania") {
		t.Errorf("gone: got %s, want it to say so without the words", gone)
	}
	lost := say(nil, code)
	if lost.Answered() || !strings.Contains(lost.Lead(), `from the document "r"`) {
		t.Errorf("without the document: got %s, want it to say so", lost)
	}
}
