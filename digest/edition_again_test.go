package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
)

// section is what stands under a heading; empty where there is no such heading.
func section(reply bot.Reply, heading string) string {
	var under bot.Reply
	inside := false
	for _, b := range reply {
		if h, is := b.(bot.Heading); is {
			inside = h.Text == heading
			continue
		}
		if inside {
			under = append(under, b)
		}
	}
	return under.String()
}

// holds says of a text what it lacks.
func holds(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s: got\n%s\nwant it to hold %q", what, text, want)
		}
	}
}

func TestWhatBeginsTodayOrTomorrowIsNamedWhateverWasSaidBefore(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{"", "skip", "short"} {
		options := map[string]string{"empty": empty}
		if empty == "" {
			options = nil
		}
		s := newSeries(t, "2026-12-04T08:00:00Z", options)
		s.edition("2026-12-04T08:00:00Z") // names it under the week
		for _, c := range [][2]string{
			{"2026-12-05", ""},
			{"2026-12-06", "7–11 December 2026, tomorrow"},
			{"2026-12-07", "7–11 December 2026, today"},
			{"2026-12-08", ""},
			{"2026-12-30", "closes for signature: 31 December 2026, New York, tomorrow"},
			{"2026-12-31", "closes for signature: 31 December 2026, New York, today"},
		} {
			week := section(s.edition(c[0]+"T08:00:00Z"), "This week")
			if named := strings.Contains(week, "source:"); named != (c[1] != "") || !strings.Contains(week, c[1]) {
				t.Errorf("empty:%s, %s: got %q, want %q", empty, c[0], week, c[1])
			}
		}
	}
}

func TestAnEditionBeforeASessionNamesItAtEachOfItsDays(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{"", "skip", "short"} {
		s := newSeries(t, "2026-10-08T08:00:00Z", map[string]string{"topics": "Global Mechanism"})
		s.sub.Cron = "sessions T-60,T-30,T-14,T-7,T-1,T-0 08:00"
		if empty != "" {
			s.sub.Options["empty"] = empty
		}
		for _, c := range [][3]string{
			{"2026-10-08", "The session ahead", "in 60 days"},
			{"2026-11-07", "Next 30 days", "in 30 days"},
			{"2026-11-23", "Next 30 days", "in 14 days"},
			{"2026-11-30", "This week", "in 7 days"},
			{"2026-12-06", "This week", "tomorrow"},
			{"2026-12-07", "This week", "today"},
		} {
			holds(t, c[0], section(s.edition(c[0]+"T08:00:00Z"), c[1]), "dedicated thematic group (DTG) meetings: 7–11 December 2026, "+c[2])
		}
	}
}

func TestAnEditionBeforeASessionThatQuietHoursMoveNamesIt(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T07:00:00Z", map[string]string{"quiet": "22:00-07:00", "topics": "Global Mechanism"})
	s.sub.Cron = "sessions T-15,T-9 23:00"
	s.edition("2026-11-23T07:00:00Z")
	holds(t, "moved to the next morning", section(s.edition("2026-11-29T07:00:00Z"), "Next 30 days"), "7–11 December 2026, in 8 days")
	s = newSeries(t, "2026-11-23T08:00:00Z", nil)
	s.sub.Cron = "sessions T-14,T-9 08:00"
	s.edition("2026-11-23T08:00:00Z")
	if got := s.edition("2026-11-25T08:00:00Z").String(); strings.Contains(got, "7–11 December 2026") {
		t.Errorf("got\n%s\nwant nothing twice on a day that is none of those ordered", got)
	}
}

func TestAWeekInWhichASessionHasChangedIsNotSaidToHoldNone(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-12-02T08:00:00Z", nil)
	s.edition("2026-12-02T08:00:00Z")
	s.calendar = moved(t, s.calendar, 24, "end", "2026-12-18")
	s.now = s.now.Add(time.Hour)
	s.know("gm-dtg-2026")
	got := s.edition("2026-12-03T08:00:00Z")
	holds(t, "changes", got.String(), "date was 7–11 December 2026, now 7–18 December 2026")
	holds(t, "the week", section(got, "This week"), "No other session has a known day in the next seven days.")
}
