package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/calendar"
	"rapporteur/digest"
)

func TestASessionWhoseMonthIsKnownIsInTheEdition(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-28T08:00:00Z", map[string]string{"topics": "First Committee"})
	const (
		row     = "General Assembly plenary takes First Committee texts (81st session): December 2026, New York (expected; no day is known)"
		heading = "Ahead, day not known"
	)
	first := s.edition("2026-11-28T08:00:00Z")
	holds(t, "the first", section(first, heading), row)
	holds(t, "the first", section(first, "This week"), "No other session has a known day in the next seven days.")
	holds(t, "the first", section(first, "Next 30 days"), "No other session has a known day in the next 30 days.")
	second := s.edition("2026-11-29T08:00:00Z")
	holds(t, "the second", section(second, heading), "Nothing new; 1 date stands as announced")
	if got := second.String(); strings.Contains(got, row) || strings.Contains(got, "No session") || strings.Contains(got, "No further") {
		t.Errorf("got\n%s\nwant it to deny nothing and to say nothing twice", got)
	}
	if early := section(newSeries(t, "2026-10-05T08:00:00Z", map[string]string{"topics": "First Committee"}).edition("2026-10-05T08:00:00Z"), heading); early != "" {
		t.Errorf("got %q before the month is within reach", early)
	}
}

func TestAMonthWithinReachIsNewsEvenWhereNothingElseIs(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-28T08:00:00Z", map[string]string{"topics": "First Committee", "empty": "skip"})
	holds(t, "empty:skip", s.edition("2026-11-28T08:00:00Z").String(), "December 2026, New York (expected; no day is known)")
	if got := s.edition("2026-11-29T08:00:00Z"); len(got) > 0 {
		t.Errorf("got\n%s\nwant nothing twice", got)
	}
}

func TestASessionThatLosesItsDayIsToldAsChanged(t *testing.T) {
	t.Parallel()
	for language, want := range map[string][3]string{
		"en": {"date was 7–11 December 2026, now December 2026", "meetings: December 2026 (no day is known)", "Ahead, day not known"},
		"fr": {"date : auparavant 7–11 décembre 2026, désormais décembre 2026", "meetings: décembre 2026 (jour inconnu)", "À venir, jour inconnu"},
	} {
		s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{digest.OptionTopics: "Global Mechanism", digest.OptionLanguage: language})
		s.edition("2026-11-23T08:00:00Z")
		s.calendar = moved(t, s.calendar, 24, "start", "2026-12", "end", "2026-12")
		s.now = s.now.Add(time.Hour)
		s.know("gm-dtg-2026")
		holds(t, language, s.edition("2026-11-25T08:00:00Z").String(), want[0], strings.TrimSuffix(strings.Split(want[1], " (")[0], ")"))
		if got := section(s.edition("2026-11-26T08:00:00Z"), want[2]); got == "" || strings.Contains(got, "2026-12") {
			t.Errorf("%s: got %q, want the row among those whose day is not known", language, got)
		}
		late := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{digest.OptionTopics: "Global Mechanism", digest.OptionLanguage: language})
		late.calendar = s.calendar
		late.know("gm-dtg-2026")
		holds(t, language, section(late.edition("2026-11-24T08:00:00Z"), want[2]), want[1])
	}
}

func TestASessionThatMovesOutOfSightIsToldAsChanged(t *testing.T) {
	t.Parallel()
	for _, to := range [][2]string{{"2027-01-11", "11 January 2027"}, {"2027-01", "January 2027"}, {"2027", "2027"}} {
		s := newSeries(t, "2026-11-23T08:00:00Z", nil)
		s.edition("2026-11-23T08:00:00Z")
		s.calendar = moved(t, s.calendar, 24, "start", to[0], "end", to[0])
		s.now = s.now.Add(time.Hour)
		s.know("gm-dtg-2026")
		holds(t, to[0], s.edition("2026-11-25T08:00:00Z").String(), "Changed since the edition of 23 November 2026\n", "date was 7–11 December 2026, now "+to[1])
	}
}

func TestADeadlineWhoseMonthIsKnownStandsAmongTheDeadlines(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{digest.OptionLead: "5d"})
	amendment := func(field string) calendar.Amendment {
		return calendar.Amendment{Row: "cc-signature-close", Field: field, Value: "2026-12", Source: "https://example.org/new", Checked: calendar.Date{Year: 2026, Month: time.November, Day: 23}}
	}
	changed, err := s.calendar.Amended(amendment("start"), amendment("end"))
	ok(t, err)
	s.calendar = changed
	holds(t, "deadlines", section(s.edition("2026-11-23T08:00:00Z"), "Deadlines in the next 60 days"), "December 2026, New York (no day is known)")
}
