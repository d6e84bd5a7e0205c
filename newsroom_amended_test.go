package main

import (
	"log/slog"
	"testing"
	"time"

	"rapporteur/calendar"
)

// TestOneChangeThatMakesNoSenseLeavesTheOthers keeps a change by hand of one row,
// although one of another row makes no sense under the files as they are by now.
func TestOneChangeThatMakesNoSenseLeavesTheOthers(t *testing.T) {
	t.Parallel()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	change := func(row, field, value string) calendar.Amendment {
		return calendar.Amendment{Row: row, Field: field, Value: value, Source: "https://example.org/new", Checked: calendar.Date{Year: 2026, Month: time.November, Day: 24}}
	}
	senseless := change("cc-signature-close", "end", "1999-01-01") // before it begins
	if _, err := cal.Amended(senseless); err == nil {
		t.Fatal("the change makes sense: the test shows nothing")
	}
	confirmed := map[string]time.Time{"gm-dtg-2026": time.Now(), "cc-signature-close": time.Now()}
	n := &newsroom{log: slog.New(slog.DiscardHandler)}
	got := n.amended(t.Context(), cal, []calendar.Amendment{senseless, change("gm-dtg-2026", "end", "2026-12-18")}, confirmed)
	if row, _ := got.ShownRow("gm-dtg-2026"); row.End != "2026-12-18" {
		t.Errorf("got the end %s, want the change that makes sense", row.End)
	}
	if row, _ := got.ShownRow("cc-signature-close"); row.End == "1999-01-01" {
		t.Error("got the change that makes no sense")
	}
	if _, counts := confirmed["cc-signature-close"]; counts || len(confirmed) != 1 {
		t.Errorf("got confirmed %v, want the row of the other alone", confirmed)
	}
}

// TestHalfOfAChangeByHandIsNeverTold keeps the move of a session whole, although a
// change of another row makes no sense.
func TestHalfOfAChangeByHandIsNeverTold(t *testing.T) {
	t.Parallel()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	change := func(number int64, row, field, value string) calendar.Amendment {
		return calendar.Amendment{Change: number, Row: row, Field: field, Value: value, Source: "https://example.org/new", Checked: calendar.Date{Year: 2026, Month: time.November, Day: 24}}
	}
	confirmed := map[string]time.Time{"gm-dtg-2026": time.Now(), "cc-signature-close": time.Now()}
	n := &newsroom{log: slog.New(slog.DiscardHandler)}
	got := n.amended(t.Context(), cal, []calendar.Amendment{
		change(1, "cc-signature-close", "end", "1999-01-01"),
		change(2, "gm-dtg-2026", "start", "2026-12-14"), change(2, "gm-dtg-2026", "end", "2026-12-18"),
		change(4, "gm-dtg-2026", "start", "2026-12-20"), // later than the end
	}, confirmed)
	if row, _ := got.ShownRow("gm-dtg-2026"); row.When() != "14–18 December 2026" {
		t.Errorf("got %s, want the move, whole", row.When())
	}
	if _, counts := confirmed["gm-dtg-2026"]; !counts || len(confirmed) != 1 {
		t.Errorf("got confirmed %v, want the row of which a change holds", confirmed)
	}
}
