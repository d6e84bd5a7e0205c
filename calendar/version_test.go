package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/calendar"
)

func day(t *testing.T, iso string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(iso)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAVersionChangesWithWhatIsShownAndWithNothingElse(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	was, known := c.ShownRow("gm-dtg-2026")
	if !known {
		t.Fatal("the row is not known")
	}
	for _, a := range []struct {
		field, value string
		same         bool
		want         []calendar.Difference
	}{
		{"end", "2026-12-11", true, nil},
		{"status", "held", true, nil}, // what took place as announced corrects nobody
		{"end", "2026-12-18", false, []calendar.Difference{{Field: "date", Was: "7–11 December 2026", Now: "7–18 December 2026"}}},
		{"city", "New York", false, []calendar.Difference{{Field: "place", Was: "not known", Now: "New York"}}},
		{"status", "postponed", false, []calendar.Difference{{Field: "status", Was: "takes place", Now: "postponed"}}},
	} {
		changed, err := c.Amended(calendar.Amendment{Row: "gm-dtg-2026", Field: a.field, Value: a.value, Source: "https://example.org/new", Checked: day(t, "2026-11-24")})
		if err != nil {
			t.Fatal(err)
		}
		now, _ := changed.ShownRow("gm-dtg-2026")
		if same := was.Version() == now.Version(); same != a.same {
			t.Errorf("%s %s: same version %v, want %v", a.field, a.value, same, a.same)
		}
		if diff := cmp.Diff(a.want, calendar.Differences(was, now)); diff != "" {
			t.Errorf("%s %s (want, got):\n%s", a.field, a.value, diff)
		}
		if now.Source != "https://example.org/new" || now.Checked != "2026-11-24" {
			t.Errorf("%s %s: got source %s of %s, want that of the amendment", a.field, a.value, now.Source, now.Checked)
		}
		if still, _ := c.ShownRow("gm-dtg-2026"); still != was {
			t.Errorf("%s %s: the calendar itself has changed", a.field, a.value)
		}
	}
	if got := was.Version(); len(got) != 16 {
		t.Errorf("got version %q, want sixteen digits", got)
	}
}

func TestWorkingDaysLeaveOutTheHolidaysOfTheDutyStation(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, w := range []struct {
		at, until, city string
		days            int
		off             string
	}{
		{"2026-11-23", "2026-12-07", "New York", 9, "Thanksgiving Day"},
		{"2026-11-23", "2026-12-31", "New York", 26, "Thanksgiving Day, Christmas Day"},
		{"2026-11-23", "2026-12-31", "Vienna", 27, "Christmas Day"},
		{"2026-11-26", "2026-11-27", "New York", 1, ""},            // the day itself has begun
		{"2026-11-23", "2026-12-31", "Geneva", 28, "no list"},      // no list was found
		{"2026-11-23", "2026-12-31", "Addis Ababa", 28, "no list"}, // no duty station with a list
		{"2021-11-23", "2021-12-31", "New York", 28, "no list"},    // no list for the year
		{"2027-12-20", "2028-01-10", "New York", 15, "no list"},    // none for one of the two
		{"2026-07-02", "2026-07-06", "New York", 1, "Independence Day (observed)"},
		{"2026-12-07", "2026-11-23", "New York", 0, "no list"},
	} {
		at, err := time.Parse(time.DateOnly, w.at)
		if err != nil {
			t.Fatal(err)
		}
		days, off := c.WorkingDays(at, day(t, w.until), w.city)
		got := "no list"
		if len(off) > 0 {
			var names []string
			for _, h := range off {
				for _, d := range h.Days {
					names = append(names, d.Name)
				}
			}
			got = strings.Join(names, ", ")
		}
		if days != w.days || got != w.off {
			t.Errorf("%s to %s in %s: got %d without %q, want %d without %q", w.at, w.until, w.city, days, got, w.days, w.off)
		}
	}
}

func TestEveryHolidayIsAWorkdayWithASource(t *testing.T) {
	t.Parallel()
	lists := embedded(t).Holidays()
	if len(lists) < 6 {
		t.Fatalf("got %d lists of holidays, want those of New York and Vienna for 2025 to 2027", len(lists))
	}
	for _, h := range lists {
		if h.Source() == "" || h.Checked().IsZero() || h.Withheld["days"] == "" {
			t.Errorf("%s: no source, no day of checking, or nothing about the days that are missing", h.ID)
		}
		for _, d := range h.Days {
			if wd := d.Date.First().Weekday(); wd == time.Saturday || wd == time.Sunday {
				t.Errorf("%s: %s (%s) is a %s, when nobody works anyway", h.ID, d.Date, d.Name, wd)
			}
		}
	}
}
