package calendar_test

import (
	"testing"
	"time"

	"rapporteur/calendar"
)

// TestWhatWasAnnouncedByADay takes sessions of which it is known, or follows
// from a rule, since when their days were known.
func TestWhatWasAnnouncedByADay(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	sessions := map[string]calendar.Session{}
	for _, s := range c.Sessions() {
		sessions[s.ID] = s
	}
	for _, test := range []struct {
		session, at string
		want        bool
	}{
		{"oewg2-s1", "2021-05-31", false}, // fixed at the organizational session
		{"oewg2-s1", "2021-06-01", true},
		{"oewg2-s11", "2021-11-29", false}, // too far ahead
		{"oewg2-s11", "2025-01-01", true},
		{"oewg1-s3", "2020-03-01", false}, // still meant for July 2020
		{"oewg1-s3", "2020-09-01", true},
		{"gm-org-2026", "2025-03-01", false}, // the Mechanism was not decided on
		{"gm-org-2026", "2026-01-15", true},
		{"cc-signature-close", "2024-12-23", false}, // by the Convention itself
		{"cc-signature-close", "2024-12-24", true},
		{"ahc-protocol", "2021-11-29", false},
		{"gm-plenary-2027", "2021-11-29", false}, // an expectation of today
		{"gm-plenary-2027", "2026-11-23", true},
	} {
		at, err := time.Parse(time.DateOnly, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Announced(sessions[test.session], at); got != test.want {
			t.Errorf("%s on %s: got announced %t, want %t", test.session, test.at, got, test.want)
		}
	}
}

func TestUpcomingAndNextNameNothingThatWasFixedLater(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, at := range []string{"2018-12-31", "2019-06-04", "2020-03-01", "2021-03-01", "2021-11-29", "2023-05-01", "2025-01-01"} {
		day, err := time.Parse(time.DateOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		found := append(c.Upcoming(day, day.AddDate(20, 0, 0)), c.Undated("", day)...)
		for _, p := range c.Processes() {
			if s, ok := c.Next(p.ID, day); ok {
				found = append(found, s)
			}
		}
		for _, s := range found {
			if !c.Announced(s, day) {
				t.Errorf("on %s: got %s, which was not yet announced", at, s.ID)
			}
		}
	}
}

func TestAMilestoneHasHappenedWhenItsLastDayIsOver(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		m    calendar.Milestone
		at   string
		want bool
	}{
		{calendar.Milestone{Date: calendar.Date{Year: 2025}}, "2025-06-01", false},
		{calendar.Milestone{Date: calendar.Date{Year: 2025}}, "2025-12-31", true},
		{calendar.Milestone{Date: calendar.Date{Year: 2022, Month: 7}}, "2022-07-30", false},
		{calendar.Milestone{Date: calendar.Date{Year: 2021, Month: 3, Day: 12}}, "2021-03-12", true},
		{calendar.Milestone{Symbol: "A/RES/78/237"}, "2021-03-12", false},
		{calendar.Milestone{Symbol: "A/RES/78/237"}, "2023-12-31", true},
	} {
		at, err := time.Parse(time.DateOnly, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := test.m.Happened(at); got != test.want {
			t.Errorf("%s %s on %s: got happened %t, want %t", test.m.Date, test.m.Symbol, test.at, got, test.want)
		}
	}
}
