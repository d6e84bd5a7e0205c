package digest_test

import (
	"strings"
	"testing"
	"time"
)

func TestWhatStandsIsTracedToTheEditionThatShowedIt(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"lead": "7d"})
	s.edition("2026-11-23T08:00:00Z") // shows the deadline
	s.edition("2026-11-24T08:00:00Z")
	s.edition("2026-11-30T08:00:00Z") // reminds of the meetings
	got := s.edition("2026-12-02T08:00:00Z")
	holds(t, "deadlines", section(got, "Deadlines in the next 60 days"), "1 deadline stands as announced by the edition of 23 November 2026.")
	holds(t, "the week", section(got, "This week"), "1 date stands as announced by the edition of 30 November 2026.")
	holds(t, "expectations", section(got, "Expected, without a date"), "6 expectations stand as announced by the edition of 23 November 2026.")
}

func TestEachEditionThatAnnouncedSomethingIsNamed(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"topics": "Global Mechanism"})
	s.edition("2026-11-23T08:00:00Z")
	delete(s.sub.Options, "topics") // all processes from now on
	s.edition("2026-11-24T08:00:00Z")
	got := section(s.edition("2026-11-25T08:00:00Z"), "Expected, without a date")
	holds(t, "expectations", got,
		"Nothing new; 3 expectations stand as announced by the edition of 23 November 2026.",
		"And 3 expectations stand as announced by the edition of 24 November 2026.")
}

func TestAnEditionThatWasLeftOutIsNotNamed(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"empty": "skip"})
	s.edition("2026-11-23T08:00:00Z")
	if left := s.edition("2026-11-24T08:00:00Z"); len(left) > 0 {
		t.Fatalf("got\n%s\nwant nothing", left)
	}
	s.calendar = moved(t, s.calendar, 24, "end", "2026-12-18")
	s.now = s.now.Add(time.Hour)
	s.know("gm-dtg-2026")
	got := s.edition("2026-11-25T08:00:00Z").String()
	holds(t, "changes", got, "Changed since the edition of 23 November 2026", "stands as announced by the edition of 23 November 2026")
	if strings.Contains(got, "edition of 24 November") {
		t.Errorf("got\n%s\nwant no word of an edition that nobody saw", got)
	}
}

func TestNewsIsMissedByNobodyWhoseFirstEditionsWereLeftOut(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-10-01T08:00:00Z", map[string]string{"empty": "skip", "topics": "Global Mechanism", "lead": "5d"})
	s.sub.CreatedAt = s.now
	if left := s.edition("2026-10-01T08:00:00Z"); len(left) > 0 {
		t.Fatalf("got\n%s\nwant nothing", left)
	}
	s.corpus = s.corpus.With(document(t, "ch-2026", "Statement by Switzerland", "The Global Mechanism shall begin with capacity-building."))
	s.now = s.now.Add(time.Hour)
	s.know()
	holds(t, "a month later", section(s.edition("2026-11-01T08:00:00Z"), "New in the corpus"), "shall begin with capacity-building")
}

func TestWhatBeginsTodayBringsOneEditionADay(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-12-07T08:00:00Z", map[string]string{"empty": "skip"})
	holds(t, "08:00", s.edition("2026-12-07T08:00:00Z").String(), ", today")
	if got := s.edition("2026-12-07T09:00:00Z"); len(got) > 0 {
		t.Errorf("got\n%s\nwant nothing an hour later", got)
	}
	s = newSeries(t, "2026-12-07T08:00:00Z", nil)
	s.edition("2026-12-07T08:00:00Z")
	holds(t, "09:00", s.edition("2026-12-07T09:00:00Z").String(), ", today")
}
