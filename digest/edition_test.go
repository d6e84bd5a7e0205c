package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
)

func press(t *testing.T) *digest.Press {
	t.Helper()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	record, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return digest.NewPress(cal, record, 30*24*time.Hour)
}

// edition writes the edition due on a day with the options "name:value".
func edition(t *testing.T, day string, late time.Duration, options map[string]string) bot.Reply {
	t.Helper()
	due, err := time.Parse(time.RFC3339, day+"T08:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	e := digest.Edition{Subscription: bot.Subscription{Options: options}, Due: due, Now: due.Add(late), Late: late}
	reply, err := press(t).Write(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestAnEditionSaysWhatIsAheadAsOfItsDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		day     string
		options map[string]string
		want    []string
		without []string
	}{
		{
			"2026-11-23", nil,
			[]string{"OEWG 2021–2025 ended on 11 July 2025; the Global Mechanism follows it", "No session in the next seven days", "Next 30 days\n• Global Mechanism, dedicated thematic group", "7–11 December 2026, in 14 days", "31 December 2026", "source: https://meetings.unoda.org/meeting/76825 · checked 23 November 2026"},
			[]string{"2021,"},
		},
		{"2026-12-04", nil, []string{"This week\n• Global Mechanism, dedicated thematic group"}, nil},
		{"2026-12-09", nil, []string{"under way"}, nil},
		{"2021-11-29", nil, []string{"OEWG 2021–2025, first substantive session: 13–17 December 2021"}, []string{"December 2026"}},
		{"2026-11-23", map[string]string{"topics": "Convention against Cybercrime"}, []string{"31 December 2026"}, []string{"dedicated thematic"}},
		{"2026-11-23", map[string]string{"topics": "OEWG"}, []string{"dedicated thematic"}, []string{"closes for signature"}},
		{"2026-11-23", map[string]string{"lead": "10d"}, []string{"No other session has a known day in the next 10 days"}, nil},
		{"2026-10-05", map[string]string{"lead": "2d"}, []string{"No further session in the next 2 days"}, []string{"day not known"}},
		{"2027-06-01", nil, []string{"checked 190 days ago"}, nil},
	} {
		got := edition(t, c.day, 0, c.options).String()
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s %v: got\n%s\nwant it to hold %q", c.day, c.options, got, want)
			}
		}
		for _, without := range c.without {
			if strings.Contains(got, without) {
				t.Errorf("%s %v: got\n%s\nwant it without %q", c.day, c.options, got, without)
			}
		}
	}
}

func TestALateEditionSaysSoAndIsOtherwiseTheSame(t *testing.T) {
	t.Parallel()
	onTime, late := edition(t, "2026-11-23", 0, nil).String(), edition(t, "2026-11-23", 70*time.Minute, nil).String()
	if !strings.Contains(late, "Delayed by 1 h 10 min: it was due at 08:00 UTC on 23 November 2026.") {
		t.Errorf("got %s, want the delay", late)
	}
	if _, rest, _ := strings.Cut(late, "2026.\n\n"); !strings.HasSuffix(onTime, rest) {
		t.Errorf("got %s, want the same edition below the delay", late)
	}
}

func TestAnEmptyEditionIsSkippedOrShort(t *testing.T) {
	t.Parallel()
	if got := edition(t, "2030-03-01", 0, map[string]string{"empty": "skip"}); len(got) != 0 {
		t.Errorf("got %s, want nothing", got)
	}
	if got := edition(t, "2030-03-01", 0, map[string]string{"empty": "short"}); len(got) != 1 {
		t.Errorf("got %s, want one line", got)
	}
}
