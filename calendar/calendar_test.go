package calendar_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/calendar"
)

// on returns the middle of a day.
func on(t *testing.T, day string) time.Time {
	t.Helper()
	return date(t, day).First().Add(12 * time.Hour)
}

func session(t *testing.T, c *calendar.Calendar, id string) calendar.Session {
	t.Helper()
	for _, s := range c.Sessions() {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("there is no session %s", id)
	return calendar.Session{}
}

func ids(sessions []calendar.Session) []string {
	var out []string
	for _, s := range sessions {
		out = append(out, s.ID)
	}
	return out
}

func TestTheNextThingsAreTheThematicGroupsAndTheEndOfSignature(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	at := on(t, "2026-11-23")
	upcoming := c.Upcoming(at, at.AddDate(0, 3, 0))
	if diff := cmp.Diff([]string{"gm-dtg-2026", "cc-signature-close", "ga-81-action"}, ids(upcoming)); diff != "" {
		t.Fatalf("upcoming (-want +got):\n%s", diff)
	}
	for i, want := range []string{"7–11 December 2026", "31 December 2026", "December 2026"} {
		if got := upcoming[i].When(); got != want {
			t.Errorf("%s: got %q, want %q", upcoming[i].ID, got, want)
		}
	}
}

func TestUpcomingKeepsToItsDays(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, test := range []struct {
		name, at, until string
		want            []string
	}{
		{"a session is there while it runs", "2026-12-11", "2026-12-12", []string{"gm-dtg-2026", "ga-81-action"}},
		{"and gone when it is over", "2026-12-12", "2026-12-12", []string{"ga-81-action"}},
		{"until counts", "2026-12-31", "2026-12-31", []string{"cc-signature-close", "ga-81-action"}},
		{"what comes later is left out", "2026-11-23", "2026-11-30", nil},
		{"what was called off is left out", "2020-03-30", "2020-07-31", []string{"sc-2020-05", "oewg1-inf-2020-06"}},
	} {
		if diff := cmp.Diff(test.want, ids(c.Upcoming(on(t, test.at), on(t, test.until)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestTheNextSessionOfAProcessIsTheFirstThatIsNotOver(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, test := range []struct{ process, at, want, when string }{
		{"oewg-2021", "2021-11-29", "oewg2-s1", "13–17 December 2021"},
		{"oewg-2021", "2021-12-17", "oewg2-s1", "13–17 December 2021"},
		{"oewg-2021", "2024-04-01", "oewg2-roundtable", "10 May 2024"}, // not the deadline of 15 April
		{"oewg-2021", "2025-07-12", "", ""},
		{"oewg-2019", "2020-03-01", "oewg1-inf-2020-06", "15–19 June 2020"}, // not those called off
		{"global-mechanism", "2026-11-23", "gm-dtg-2026", "7–11 December 2026"},
		{"cybercrime-convention", "2026-11-23", "", ""}, // a deadline is no session
		{"nonsense", "2026-11-23", "", ""},
	} {
		got, ok := c.Next(test.process, on(t, test.at))
		if ok != (test.want != "") || got.ID != test.want {
			t.Errorf("%s at %s: got %q, want %q", test.process, test.at, got.ID, test.want)
			continue
		}
		if ok && got.When() != test.when {
			t.Errorf("%s at %s: got %q, want %q", test.process, test.at, got.When(), test.when)
		}
	}
}

func TestUndatedSessionsAreThoseOfLivingProcesses(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, test := range []struct {
		process, at string
		want        []string
	}{
		{"global-mechanism", "2026-11-23", []string{"gm-plenary-2027", "gm-dtg-2027", "gm-roundtable-next"}},
		{"oewg-2021", "2026-11-23", nil},
		{"", "2026-11-23", []string{"gm-plenary-2027", "gm-dtg-2027", "gm-roundtable-next", "ahc-protocol", "cc-cosp1", "sc-next"}},
	} {
		if diff := cmp.Diff(test.want, ids(c.Undated(test.process, on(t, test.at)))); diff != "" {
			t.Errorf("%q at %s (-want +got):\n%s", test.process, test.at, diff)
		}
	}
}

func TestAStatusIsTheOneOfItsDay(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, test := range []struct {
		id, at string
		want   calendar.Status
	}{
		{"oewg2-s1", "2021-11-29", calendar.Scheduled},
		{"oewg2-s1", "2021-12-15", calendar.Scheduled}, // under way
		{"oewg2-s1", "2021-12-18", calendar.Held},
		{"gm-plenary-2026", "2026-07-19", calendar.Scheduled},
		{"gm-plenary-2026", "2026-11-23", calendar.PresumedHeld},
		{"gm-dtg-2026", "2026-11-23", calendar.Scheduled},
		{"gm-dtg-2026", "2026-12-11", calendar.Scheduled},
		{"gm-dtg-2026", "2026-12-12", calendar.PresumedHeld},
		{"ga-81-action", "2026-12-31", calendar.Expected},
		{"ga-81-action", "2027-01-01", calendar.Unknown},
		{"c1-81", "2026-11-23", calendar.PresumedHeld},
		{"c1-81", "2025-11-23", calendar.Scheduled},
		{"oewg2-inter-2022-12", "2022-11-30", calendar.Scheduled},
		{"oewg2-inter-2022-12", "2022-12-31", calendar.Held},
		{"oewg1-s3-planned", "2020-01-01", calendar.Postponed},
		{"oewg1-inter-2020-03", "2026-11-23", calendar.Cancelled},
		{"gm-stake-form", "2030-01-01", calendar.Open},
		{"gm-plenary-2027", "2030-01-01", calendar.Expected},
		{"sc-next", "2026-11-23", calendar.Unknown},
	} {
		if got := session(t, c, test.id).StatusAt(on(t, test.at)); got != test.want {
			t.Errorf("%s at %s: got %q, want %q", test.id, test.at, got, test.want)
		}
	}
}

func TestTheOEWGsLeadToTheGlobalMechanism(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, test := range []struct{ id, at, want string }{
		{"oewg-2019", "2020-01-01", "oewg-2019"},
		{"oewg-2019", "2021-04-15", ""}, // between the two
		{"oewg-2019", "2021-11-29", "oewg-2021"},
		{"oewg-2021", "2021-11-29", "oewg-2021"},
		{"oewg-2021", "2025-07-11", "oewg-2021"},
		{"oewg-2021", "2025-07-12", ""},
		{"oewg-2021", "2026-11-23", "global-mechanism"},
		{"oewg-2019", "2026-11-23", "global-mechanism"},
		{"gge-2004", "2026-11-23", "global-mechanism"},
		{"global-mechanism", "2026-11-23", "global-mechanism"},
		{"ahc-cybercrime", "2026-11-23", "ahc-cybercrime"},
		{"nonsense", "2026-11-23", ""},
	} {
		got, ok := c.Heir(test.id, on(t, test.at))
		if got.ID != test.want || ok != (test.want != "") {
			t.Errorf("heir of %s at %s: got %q, want %q", test.id, test.at, got.ID, test.want)
		}
	}
}

func TestAProcessIsAliveFromItsFirstDayToItsLast(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, test := range []struct {
		id, at string
		want   bool
	}{
		{"oewg-2021", "2021-05-31", false},
		{"oewg-2021", "2021-06-01", true},
		{"oewg-2021", "2025-07-11", true},
		{"oewg-2021", "2025-07-12", false},
		{"global-mechanism", "2099-01-01", true},
		{"gge-2014", "2015-12-31", true}, // the year is all that is known
		{"unga-first-committee", "1998-12-04", true},
	} {
		p, ok := c.Process(test.id)
		if !ok {
			t.Errorf("there is no process %s", test.id)
		}
		if got := calendar.Alive(p, on(t, test.at)); got != test.want {
			t.Errorf("%s at %s: got alive %t, want %t", test.id, test.at, got, test.want)
		}
	}
}

func TestALabelNamesTheProcessAndTheSession(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for id, want := range map[string]string{
		"oewg2-s11":        "OEWG 2021–2025, eleventh and final substantive session",
		"oewg2-roundtable": "OEWG 2021–2025, Global Roundtable on ICT security capacity-building",
		"gge-2019-s2":      "sixth GGE (2019–2021), second session",
		"gm-dtg-2026":      "Global Mechanism, dedicated thematic group (DTG) meetings",
		"c1-80":            "First Committee, 80th session, end of work",
		"sc-2025-01":       "Security Council on cyber, Arria-formula meeting: Commercial spyware",
	} {
		if got := c.Label(session(t, c, id)); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

func TestRowsComeInTheOrderOfTheirDates(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	order := func(a, b calendar.Date) int {
		switch {
		case a.IsZero() && b.IsZero():
			return 0
		case a.IsZero():
			return 1
		case b.IsZero():
			return -1
		}
		return a.Last().Compare(b.Last())
	}
	if !slices.IsSortedFunc(c.Sessions(), func(a, b calendar.Session) int { return order(a.Start, b.Start) }) {
		t.Errorf("got sessions %v, want them in order", ids(c.Sessions()))
	}
	if !slices.IsSortedFunc(c.Milestones(), func(a, b calendar.Milestone) int { return order(a.Date, b.Date) }) {
		t.Error("got milestones out of order")
	}
	if !slices.IsSortedFunc(c.Processes(), func(a, b calendar.Process) int { return order(a.Start, b.Start) }) {
		t.Error("got processes out of order")
	}
	of := c.SessionsOf("oewg-2021")
	substantive := 0
	for _, s := range of {
		if s.Kind == "substantive" {
			substantive++
			if s.Ordinal != substantive {
				t.Errorf("%s: got ordinal %d, want %d", s.ID, s.Ordinal, substantive)
			}
		}
	}
	if substantive != 11 || len(of) != 25 {
		t.Errorf("got %d sessions, %d of them substantive, want 25 and 11", len(of), substantive)
	}
}

func TestTermsAreFoundByAnyOfTheirNames(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for name, want := range map[string]string{
		"APR":                                "gl-apr",
		"annual progress reports":            "gl-apr",
		"iis":                                "gl-iis",
		"International Information Security": "gl-iis",
		"cbms":                               "gl-cbm",
		"confidence building measures":       "gl-cbm",
		"town hall":                          "gl-townhall",
		"norm 13(f)":                         "gl-norm-13-f",
		"norm f":                             "gl-norm-13-f",
		"Hanoi convention":                   "gl-hanoi-convention",
		"Programme of Action":                "gl-poa",
		"Points of Contact Directory":        "gl-poc-directory",
		"Global, intergovernmental Points of Contact Directory": "gl-poc-directory",
		"":                                  "",
		"the":                               "",
		"dedicated thematic groups":         "gl-dtg",
		"UN Office for Disarmament Affairs": "gl-unoda",
		"capacity building":                 "gl-capacity-building",
		"legally-binding instrument":        "gl-legally-binding-instrument",
		"Council of Europe Convention on Cybercrime": "gl-budapest-convention",
	} {
		got, ok := c.Term(name)
		if got.ID != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", name, got.ID, want)
		}
	}
}
