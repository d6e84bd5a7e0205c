package calendar_test

import (
	"testing"
	"time"

	"rapporteur/calendar"
)

func date(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDatesAreAsExactAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in          string
		precision   calendar.Precision
		words       string
		first, last string
	}{
		{"2026-12-07", calendar.ToDay, "7 December 2026", "2026-12-07", "2026-12-07"},
		{"2024-02", calendar.ToMonth, "February 2024", "2024-02-01", "2024-02-29"},
		{"2026-12", calendar.ToMonth, "December 2026", "2026-12-01", "2026-12-31"},
		{"2026", calendar.ToYear, "2026", "2026-01-01", "2026-12-31"},
		{"", calendar.NoDate, "no date known", "0001-01-01", "0001-01-01"},
	} {
		d := date(t, c.in)
		if got := d.Precision(); got != c.precision {
			t.Errorf("%q: got precision %d, want %d", c.in, got, c.precision)
		}
		if got := d.String(); got != c.words {
			t.Errorf("%q: got %q, want %q", c.in, got, c.words)
		}
		if got := d.ISO(); got != c.in {
			t.Errorf("%q: got ISO %q, want %q", c.in, got, c.in)
		}
		if got := d.First().Format(time.DateOnly); got != c.first {
			t.Errorf("%q: got first day %s, want %s", c.in, got, c.first)
		}
		if got := d.Last().Format(time.DateOnly); got != c.last {
			t.Errorf("%q: got last day %s, want %s", c.in, got, c.last)
		}
		if got, want := d.IsZero(), c.in == ""; got != want {
			t.Errorf("%q: got IsZero %t, want %t", c.in, got, want)
		}
	}
}

func TestWhatIsNoDateIsRefused(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"2026-13", "2026-02-30", "26", "2026-1", "2026-12-7", "December 2026", "2026/12/07", "0000", "null", " 2026", "2026-12-07T00:00:00Z"} {
		if d, err := calendar.ParseDate(in); err == nil {
			t.Errorf("%q: got %v, want an error", in, d)
		}
	}
}

func TestATimesDateIsTheOneInItsOwnZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 7, 23, 30, 0, 0, time.FixedZone("New York", -5*60*60))
	if got, want := calendar.FromTime(at), date(t, "2026-12-07"); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSpansNameEachMonthAndYearOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ start, end, want string }{
		{"2026-12-07", "2026-12-11", "7–11 December 2026"},
		{"2026-03-30", "2026-03-31", "30–31 March 2026"},
		{"2022-02-28", "2022-03-11", "28 February – 11 March 2022"},
		{"2025-12-29", "2026-01-02", "29 December 2025 – 2 January 2026"},
		{"2026-12-31", "2026-12-31", "31 December 2026"},
		{"2026-12-31", "", "31 December 2026"},
		{"2026-12", "2026-12", "December 2026"},
		{"2026-10", "2026-11", "October – November 2026"},
		{"2025-12", "2026-01", "December 2025 – January 2026"},
		{"2004", "2005", "2004–2005"},
		{"2009-11", "2010", "November 2009 – 2010"},
		{"2016", "2017-06", "2016 – June 2017"},
		{"2021-05", "2021-05-28", "until 28 May 2021"},
		{"2026-09-08", "2026", "from 8 September 2026"},
		{"", "2017-06", "until June 2017"},
		{"", "", "no date known"},
	} {
		if got := calendar.Span(date(t, c.start), date(t, c.end)); got != c.want {
			t.Errorf("%s to %s: got %q, want %q", c.start, c.end, got, c.want)
		}
	}
}

func TestDaysAreCountedFromTheAskersOwnDay(t *testing.T) {
	t.Parallel()
	newYork := time.FixedZone("New York", -5*60*60)
	for _, c := range []struct {
		at            time.Time
		date          string
		days, working int
	}{
		{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), "2026-12-07", 14, 10},
		{time.Date(2026, 11, 23, 22, 0, 0, 0, newYork), "2026-12-07", 14, 10}, // 24 November in Geneva
		{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), "2026-12-31", 38, 28},
		{time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC), "2026-11-30", 3, 1}, // Friday to Monday
		{time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC), "2026-11-29", 1, 0}, // Saturday to Sunday
		{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), "2026-11-23", 0, 0},
		{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), "2026-11-20", -3, 0},
		{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), "2026-12", 8, 6},
		{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), "", 0, 0},
	} {
		d := date(t, c.date)
		if got := calendar.DaysUntil(c.at, d); got != c.days {
			t.Errorf("%v to %v: got %d days, want %d", c.at, d, got, c.days)
		}
		if got := calendar.WorkingDaysUntil(c.at, d); got != c.working {
			t.Errorf("%v to %v: got %d working days, want %d", c.at, d, got, c.working)
		}
	}
}

func TestAFactGoesStaleWhenItsNewestCheckIsTooOld(t *testing.T) {
	t.Parallel()
	fact := calendar.Fact{Sources: []calendar.Source{{Checked: date(t, "2026-10-01")}, {Checked: date(t, "2026-11-23")}}}
	at := time.Date(2026, 12, 23, 10, 0, 0, 0, time.UTC)
	const month = 30 * 24 * time.Hour
	for _, c := range []struct {
		fact  calendar.Fact
		at    time.Time
		days  int
		stale bool
	}{
		{fact, at, 30, false},
		{fact, at.AddDate(0, 0, 1), 31, true},
		{calendar.Fact{}, at, 0, true},
	} {
		days, stale := calendar.Stale(c.fact, c.at, month)
		if days != c.days || stale != c.stale {
			t.Errorf("%v: got %d days, stale %t, want %d, %t", c.at, days, stale, c.days, c.stale)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"", "2026", "2026-12", "2026-12-07", "2024-02-29", "2023-02-29", "0000-01-01", "2026-00", "９９９９", "+026", "2026-1-01"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := calendar.ParseDate(s)
		if err != nil {
			if !d.IsZero() {
				t.Errorf("%q: got %v beside an error, want the zero date", s, d)
			}
			return
		}
		if got := d.ISO(); got != s {
			t.Errorf("%q: got %q back, want the same", s, got)
		}
		if d.Last().Before(d.First()) {
			t.Errorf("%q: got last day %v before first %v", s, d.Last(), d.First())
		}
		if d.String() == "" {
			t.Errorf("%q: got no words, want some", s)
		}
	})
}
