package calendar_test

import (
	"strings"
	"testing"

	"rapporteur/calendar"
)

func TestAnAmendmentGivesWayToAFileThatWasCheckedLater(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	changed, err := c.Amended(
		calendar.Amendment{Row: "gm-dtg-2026", Field: "end", Value: "2026-12-18", Source: "https://example.org", Checked: day(t, "2026-11-22")},
		calendar.Amendment{Row: "no-such-row", Field: "end", Value: "2026-12-18", Source: "https://example.org", Checked: day(t, "2026-11-24")},
	)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := changed.Session("gm-dtg-2026"); s.When() != "7–11 December 2026" {
		t.Errorf("got %s, want what the file says, which was checked on 23 November", s.When())
	}
}

func TestAnAmendmentThatMakesNoSenseSaysWhy(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, a := range []struct{ row, field, value, want string }{
		{"gm-dtg-2026", "start", "soon", `"soon" is no date`},
		{"gm-dtg-2026", "end", "2026-12-01", "before it starts"},
		{"gm-dtg-2026", "status", "maybe", "scheduled, expected, postponed"},
		{"gm-dtg-2026", "chair", "somebody", "start, end, city, venue and status work"},
	} {
		_, err := c.Amended(calendar.Amendment{Row: a.row, Field: a.field, Value: a.value, Source: "https://example.org", Checked: day(t, "2026-11-24")})
		if err == nil || !strings.Contains(err.Error(), a.want) {
			t.Errorf("%s %s %q: got %v, want %q in it", a.row, a.field, a.value, err, a.want)
		}
	}
}

// move is a session that moves by a week: one change of two fields.
func move(t *testing.T, number int64, start, end string) []calendar.Amendment {
	t.Helper()
	of := func(field, value string) calendar.Amendment {
		return calendar.Amendment{Change: number, Row: "gm-dtg-2026", Field: field, Value: value, Source: "https://example.org/new", Checked: day(t, "2026-11-24")}
	}
	return []calendar.Amendment{of("start", start), of("end", end)}
}

func TestASessionMovesWithBothItsDays(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	changed, err := c.Amended(move(t, 1, "2026-12-14", "2026-12-18")...)
	if err != nil {
		t.Fatal(err)
	}
	was, _ := c.ShownRow("gm-dtg-2026")
	now, _ := changed.ShownRow("gm-dtg-2026")
	got := calendar.Differences(was, now)
	if len(got) != 1 || got[0].Was != "7–11 December 2026" || got[0].Now != "14–18 December 2026" {
		t.Errorf("got %+v, want one change of the dates", got)
	}
}

// TestHalfOfAChangeNeverHolds has a change whose one half makes sense alone.
func TestHalfOfAChangeNeverHolds(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	senseless := calendar.Amendment{Change: 1, Row: "cc-signature-close", Field: "end", Value: "1999-01-01", Source: "https://example.org/new", Checked: day(t, "2026-11-24")}
	changed, left := c.AmendedWithSense(append([]calendar.Amendment{senseless}, move(t, 2, "2026-12-14", "2026-12-18")...)...)
	if got, _ := changed.ShownRow("gm-dtg-2026"); got.When() != "14–18 December 2026" {
		t.Errorf("got %s, want the change that makes sense, whole", got.When())
	}
	if len(left) != 1 || left[0].Change[0].Row != "cc-signature-close" {
		t.Errorf("got %+v left out, want the other", left)
	}
	changed, left = c.AmendedWithSense(move(t, 3, "2026-12-10", "2026-12-09")...)
	if got, _ := changed.ShownRow("gm-dtg-2026"); got.When() != "7–11 December 2026" || len(left) != 1 || len(left[0].Change) != 2 {
		t.Errorf("got %s and %+v left out, want neither half of the change", got.When(), left)
	}
}
