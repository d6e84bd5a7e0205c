package digest_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/store"
)

// cutOff is an edition that quotes a new document, and of which the process died
// before it was posted.
func cutOff(t *testing.T, s *store.Store, now *atomic.Int64) (w *board, cal *calendar.Calendar, fresh *corpus.Corpus, younger, older *office) {
	t.Helper()
	cal, record := known(t)
	fresh, edition := freshly(t, cal, record)
	w = &board{}
	younger, older = openOffice(t, s, w, now), openOffice(t, s, w, now)
	dead := openOffice(t, s, w, now)
	dead.know(cal, fresh)
	dead.courier.Writer = writerFunc(func(context.Context, digest.Edition) (bot.Reply, error) { return edition, nil })
	dead.courier.Posters = map[string]digest.Poster{"fake": relay(func(context.Context, bot.Post) (bot.Receipt, error) { return bot.Receipt{}, errCut })}
	dead.courier.Tick(t.Context())
	younger.know(cal, fresh)
	older.know(cal, record)
	now.Add(2 * time.Minute.Milliseconds())
	return w, cal, fresh, younger, older
}

func TestADoubtfulEditionIsLeftToAReplicaThatHasReadWhatItQuotes(t *testing.T) {
	t.Parallel()
	s, now := ordered(t)
	w, _, _, younger, older := cutOff(t, s, now)
	older.courier.Tick(t.Context())
	if len(w.posts) > 0 {
		t.Fatalf("got\n%s\nwant nothing posted from the older record", w.posts[0].Reply)
	}
	now.Add(time.Minute.Milliseconds())
	younger.courier.Tick(t.Context())
	if len(w.posts) != 1 || !strings.Contains(w.posts[0].Reply.String(), newWords) {
		t.Errorf("got the posts %+v, want one with the quotation", w.posts)
	}
}

func TestADoubtfulEditionGoesOutWhereADocumentWasWithdrawn(t *testing.T) {
	t.Parallel()
	s, now := ordered(t)
	w, cal, fresh, younger, older := cutOff(t, s, now)
	for minutes := 0; len(w.posts) == 0; minutes++ {
		if minutes > 2*60 {
			t.Fatal("nothing posted after two hours")
		}
		now.Add(time.Minute.Milliseconds())
		older.courier.Tick(t.Context())
		if len(w.posts) > 0 && minutes < 100 {
			t.Fatalf("posted after %d minutes, want the other replicas given two hours", minutes)
		}
	}
	if got := w.posts[0].Reply.String(); !strings.Contains(got, withdrawn) {
		t.Errorf("got\n%s\nwant said that the words are gone", got)
	}
	// The place of the words was kept: who knows the document quotes it again.
	changed := moved(t, cal, 24, "end", "2026-12-18")
	ok(t, younger.corrector.Know(t.Context(), changed, fresh, "gm-dtg-2026"))
	younger.corrector.Tick(t.Context())
	if got := w.texts[w.posts[0].Key]; !strings.Contains(got, newWords) || !strings.Contains(got, "18 December 2026") {
		t.Errorf("got\n%s\nwant the new date and the words quoted again", got)
	}
}

// TestADoubtfulEditionGoesOutBeforeTheNextOneIsDue has an edition of every hour wait
// for words that nobody knows.
func TestADoubtfulEditionGoesOutBeforeTheNextOneIsDue(t *testing.T) {
	t.Parallel()
	s, now := orderedAs(t, "0 * * * *", "2026-11-23T09:00Z")
	w, _, _, _, older := cutOff(t, s, now)
	for range 57 {
		now.Add(time.Minute.Milliseconds())
		older.courier.Tick(t.Context())
	}
	if len(w.posts) != 1 || !strings.Contains(w.posts[0].Reply.String(), withdrawn) {
		t.Errorf("got the posts %+v, want one before the next edition is due", w.posts)
	}
}
