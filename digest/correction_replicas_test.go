package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// TestTheFileOfACorrectionSaysWhatWasRegistered has a replica tell of a change that
// another one registered, whose younger calendar it does not have.
func TestTheFileOfACorrectionSaysWhatWasRegistered(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	old := corrector(s, w, 23)
	ok(t, old.Know(t.Context(), cal, record))
	announce(t, old, w, cal, record, "A", "edition-a")
	ok(t, corrector(s, w, 24).Know(t.Context(), moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18", "city", "Geneva"), record))
	old.Tick(t.Context())
	if len(w.posts) != 2 {
		t.Fatalf("got %d posts, want the edition and a notice", len(w.posts))
	}
	file := string(w.posts[1].Reply.Files()[0].Data)
	for _, want := range []string{"SEQUENCE:1", "DTSTART;VALUE=DATE:20261214", "DTEND;VALUE=DATE:20261219", "LOCATION:Geneva", "https://example.org/new"} {
		if !strings.Contains(file, want) {
			t.Errorf("got\n%s\nwant it to hold %q", file, want)
		}
	}
}

// TestAnOlderReplicaDoesNotForceAChangeThatTheFilesHaveOvertaken is a rolling
// deployment: the younger file knows better than a change by hand, and a replica
// with the older file still lets the change hold.
func TestAnOlderReplicaDoesNotForceAChangeThatTheFilesHaveOvertaken(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	byHand := map[string]time.Time{"gm-dtg-2026": clockAt(24)()}
	changed := moved(t, cal, 24, "end", "2026-12-12")
	young := moved(t, cal, 26, "end", "2026-12-18")
	older, younger := corrector(s, w, 24), corrector(s, w, 26)
	ok(t, older.KnowAmended(t.Context(), cal, changed, record, byHand))
	ok(t, younger.KnowAmended(t.Context(), young, young, record, byHand))
	for range 2 { // it looks again and again, and is started again
		ok(t, older.KnowAmended(t.Context(), cal, changed, record, byHand))
		ok(t, corrector(s, w, 26).KnowAmended(t.Context(), cal, changed, record, byHand))
	}
	states, err := s.RowStates(t.Context())
	ok(t, err)
	if got := shownEnd(t, young); states["gm-dtg-2026"].Sequence != 1 || states["gm-dtg-2026"].Version != got {
		t.Errorf("got %+v, want it changed once, to what the younger file says", states["gm-dtg-2026"])
	}
}

func shownEnd(t *testing.T, cal *calendar.Calendar) string {
	t.Helper()
	row, there := cal.ShownRow("gm-dtg-2026")
	if !there {
		t.Fatal("the calendar does not have the row any more")
	}
	return row.Version()
}

func TestADateThatIsSetBackOnTheSameDayIsTold(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	c := corrector(s, w, 24)
	first, second := moved(t, cal, 24, "end", "2026-12-11"), moved(t, cal, 24, "end", "2026-12-18")
	ok(t, c.Know(t.Context(), first, record))
	reply := bot.Reply{bot.Fact{ID: "gm-dtg-2026", Text: "DTG: 7–11 December 2026"}}
	ok(t, c.Posted(t.Context(), bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Key: "answer", Reply: reply}, bot.Receipt{ID: "event-answer"}))
	for _, cal := range []*calendar.Calendar{second, first} { // the file is read anew, twice
		ok(t, c.Know(t.Context(), cal, record))
		c.Tick(t.Context())
	}
	if got := w.noticesIn(t); len(got) != 2 || !strings.Contains(got[1], "was 7–18 December 2026, now 7–11 December 2026") {
		t.Errorf("got the notices %q, want there and back", got)
	}
}
