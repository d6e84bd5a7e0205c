package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
)

const (
	newWords  = "points of contact"
	withdrawn = "What was quoted here is no longer in the corpus."
)

// freshly returns a record that holds a new document, and an edition that quotes it
// and shows the thematic groups' meetings.
func freshly(t *testing.T, cal *calendar.Calendar, record *corpus.Corpus) (*corpus.Corpus, bot.Reply) {
	t.Helper()
	fresh := record.With(document(t, "new-statement", "New statement", "We support points of contact."))
	doc, there := fresh.Document("new-statement")
	if !there {
		t.Fatal("the record does not have the new document")
	}
	p := doc.Passages()[0]
	q, err := p.Quote(0, len(p.Text))
	ok(t, err)
	row, _ := cal.ShownRow("gm-dtg-2026")
	return fresh, bot.Reply{
		bot.Fact{ID: row.Row, Text: "DTG: 7–11 December 2026", Version: row.Version()}, bot.Quotation{Quotation: q},
	}
}

// quotedAndMoved has a replica post an edition that quotes a new document, and a
// session in it moved by hand, which it and a replica with an older record know.
func quotedAndMoved(t *testing.T) (w *board, cal *calendar.Calendar, fresh *corpus.Corpus, younger, older *digest.Corrector) {
	t.Helper()
	cal, record := known(t)
	fresh, edition := freshly(t, cal, record)
	s, w := keep(t), &board{}
	younger, older = corrector(s, w, 24), corrector(s, w, 24)
	ok(t, younger.Know(t.Context(), cal, fresh))
	post := bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Key: "edition", Purpose: bot.ForDigest, Reply: edition}
	receipt, err := w.Post(t.Context(), post)
	ok(t, err)
	ok(t, younger.Posted(t.Context(), post, receipt))
	changed, byHand := moved(t, cal, 24, "end", "2026-12-18"), map[string]time.Time{"gm-dtg-2026": clockAt(24)()}
	ok(t, younger.KnowAmended(t.Context(), cal, changed, fresh, byHand))
	ok(t, older.KnowAmended(t.Context(), cal, changed, record, byHand))
	return w, cal, fresh, younger, older
}

// after lets the clock of a corrector show so much later than nine on 24 November.
func after(c *digest.Corrector, d time.Duration) {
	c.Now = func() time.Time { return clockAt(24)().Add(d) }
}

func TestACorrectionIsLeftToAReplicaThatHasReadWhatThePostQuotes(t *testing.T) {
	t.Parallel()
	w, _, _, younger, older := quotedAndMoved(t)
	older.Tick(t.Context())
	if len(w.edits)+len(w.noticesIn(t)) > 0 {
		t.Fatalf("got %d edits and the notices %q from the older record, want none", len(w.edits), w.noticesIn(t))
	}
	after(younger, time.Minute)
	younger.Tick(t.Context())
	if got := w.texts["edition"]; !strings.Contains(got, newWords) || !strings.Contains(got, "18 December 2026") {
		t.Errorf("got\n%s\nwant the new date and the quotation", got)
	}
	if got := w.noticesIn(t); len(got) != 1 {
		t.Errorf("got the notices %q, want one", got)
	}
}

func TestACorrectionIsToldWhereADocumentWasWithdrawn(t *testing.T) {
	t.Parallel()
	_, record := known(t)
	w, cal, fresh, younger, older := quotedAndMoved(t)
	for minutes := range 3 * 60 {
		after(older, time.Duration(minutes)*time.Minute)
		older.Tick(t.Context())
		if told := len(w.noticesIn(t)); minutes <= 2*60 && told > 0 {
			t.Fatalf("told after %d minutes, want the other replicas given two hours", minutes)
		}
	}
	if got := w.texts["edition"]; !strings.Contains(got, withdrawn) || !strings.Contains(got, "18 December 2026") {
		t.Errorf("got\n%s\nwant the new date, and said that the words are gone", got)
	}
	if got := w.noticesIn(t); len(got) != 1 {
		t.Errorf("got the notices %q, want one", got)
	}
	// Its words are in the post no more, so the next correction waits for nobody.
	again, byHand := moved(t, cal, 24, "end", "2026-12-17"), map[string]time.Time{"gm-dtg-2026": clockAt(24)().Add(time.Hour)}
	ok(t, older.KnowAmended(t.Context(), cal, again, record, byHand))
	older.Tick(t.Context())
	if got := w.noticesIn(t); len(got) != 2 {
		t.Errorf("got the notices %q, want the second at once", got)
	}
	// The document is there again: its place was kept.
	again = moved(t, cal, 24, "end", "2026-12-16")
	after(younger, 4*time.Hour)
	ok(t, younger.KnowAmended(t.Context(), cal, again, fresh, map[string]time.Time{"gm-dtg-2026": clockAt(24)().Add(4 * time.Hour)}))
	younger.Tick(t.Context())
	if got := w.texts["edition"]; !strings.Contains(got, newWords) || strings.Contains(got, withdrawn) {
		t.Errorf("got\n%s\nwant the words quoted again", got)
	}
}

func TestACorrectionThatEditsNothingWaitsForNoWords(t *testing.T) {
	t.Parallel()
	w, _, _, _, older := quotedAndMoved(t)
	older.Posters = map[string]digest.Poster{"fake": mute{w}}
	older.Tick(t.Context())
	if got := w.noticesIn(t); len(got) != 1 {
		t.Errorf("got the notices %q, want one at once", got)
	}
}
