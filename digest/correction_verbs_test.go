package digest_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/digest"
	"rapporteur/store"
)

// amending is the verb calendar, on a calendar in which what is confirmed holds.
func amending(t *testing.T, cal *calendar.Calendar, s *store.Store, now func() time.Time) (verb bot.Verb, reloads func() int) {
	t.Helper()
	current, count := cal, 0
	return digest.Amending{
		Now: now, Book: s, Calendar: func() *calendar.Calendar { return current },
		Administrator: func(_, person string) bool { return slices.Contains([]string{"ann", "ANN", "ben"}, person) },
		Changed: func(ctx context.Context) error {
			count++
			all, err := s.Amendments(ctx)
			if err != nil {
				return err
			}
			var hold []calendar.Amendment
			for _, a := range all {
				if !a.ConfirmedAt.IsZero() {
					hold = append(hold, digest.AmendmentOf(a, a.ConfirmedAt))
				}
			}
			current, err = cal.Amended(hold...)
			return err
		},
	}.Verb(), func() int { return count }
}

func TestTwoAdministratorsChangeTheCalendar(t *testing.T) {
	t.Parallel()
	cal, _ := known(t)
	verb, reloads := amending(t, cal, keep(t), nil)
	const set = "set gm-dtg-2026 end 2026-12-18"
	for _, step := range []struct{ who, text, want string }{
		{"eve", set + " source:https://example.org/new", "Only an administrator may change the calendar; you are fake:eve"},
		{"ann", "set gm-dtg-2026", "calendar set gm-dtg-2026 end 2026-12-18 source:https://"},
		{"ann", set, "Say which page says so"},
		{"ann", "set no-such-row end 2026-12-18 source:https://example.org/new", `has no row "no-such-row"`},
		{"ann", "set gm-dtg-2026 end soon source:https://example.org/new", `Row gm-dtg-2026: "soon" is no date`},
		{"ann", "set gm-dtg-2026 end 2026-12-11 source:https://example.org/new", "That is what the calendar says already"},
		{"ben", "confirm 1", "No change waits to be confirmed."},
		{"ann", set + " source:https://example.org/new", "date: was 7–11 December 2026, would be 7–18 December 2026"},
		{"ann", "confirm 1", "You proposed this change yourself"},
		{"eve", "confirm 1", "Only an administrator"},
		{"ben", "confirm 7", "these wait: 1"},
		{"ann", "gm-dtg-2026", "7–11 December 2026"},
		{"ben", "confirm 1", "Confirmed: Global Mechanism, dedicated thematic group (DTG) meetings: end is 2026-12-18 from now on"},
		{"ben", "confirm 1", "No change waits"},
		{"eve", "gm-dtg-2026", "7–18 December 2026"},
		{"eve", "changes", "proposed by fake:ann on 24 November 2026, confirmed by fake:ben on 24 November 2026"},
		{"ben", "set gm-dtg-2026 city Geneva source:https://example.org/new", "place: was not known, would be Geneva"},
		{"ann", "withdraw 2", "Change 2 of gm-dtg-2026 is withdrawn."},
		{"ann", "confirm 2", "No change waits"},
	} {
		reply, err := verb.Handler.Answer(t.Context(), bot.Message{Room: bot.Room{Platform: "fake", ID: "A"}, Sender: step.who, Text: step.text, SentAt: clockAt(24)()})
		ok(t, err)
		if got := reply.String(); !strings.Contains(got, step.want) {
			t.Errorf("%s says %q: got\n%s\nwant it to hold %q", step.who, step.text, got, step.want)
		}
	}
	if reloads() != 1 {
		t.Errorf("the calendar was read anew %d times, want once", reloads())
	}
}

// TestASessionMovesInOneChange goes from the refusal of one day alone to a change of
// both, told as one correction.
func TestASessionMovesInOneChange(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	verb, _ := amending(t, cal, s, clockAt(24))
	const source = " source:https://example.org/new"
	for _, step := range []struct{ who, text, want string }{
		{"ann", "set gm-dtg-2026 start 2026-12-14" + source, "would end on 11 December 2026, before it starts on 14 December 2026; set both days at once: calendar set gm-dtg-2026 start 2026-12-14 end DAY source:https://example.org/new."},
		{"ann", "set gm-dtg-2026 city Geneva end 2026-12-01" + source, "set both days at once: calendar set gm-dtg-2026 city Geneva start DAY end 2026-12-01 source:"},
		{"ann", "set gm-dtg-2026 start 2026-12-14 end 2026-12-09" + source, "set start and end so that they fit"},
		{"ann", "set gm-dtg-2026 start 2026-12-14 start 2026-12-15" + source, `The field "start" stands there twice; write it once, and in quotation marks`},
		{"ann", "set gm-dtg-2026 start 2026-12-14 end" + source, `Say what "end" is from now on, or none for not known`},
		{"ann", "set gm-dtg-2026 start 2026-12-14 chair somebody" + source, `"2026-12-14 chair somebody" is no date`},
		{"ann", "set gm-dtg-2026 start 2026-12-14 End 2026-12-18" + source, "date: was 7–11 December 2026, would be 14–18 December 2026"},
		{"ann", "changes", "1: gm-dtg-2026 start is 2026-12-14 and end is 2026-12-18 (https://example.org/new), proposed by fake:ann on 24 November 2026, waits to be confirmed"},
		{"ann", "confirm 1", "You proposed this change yourself"},
		{"ANN", "confirm 1", "You proposed this change yourself"},
		{"ben", "confirm 2", "Say which change; these wait: 1."},
		{"ben", "confirm 1", "start is 2026-12-14 and end is 2026-12-18 from now on"},
		{"eve", "gm-dtg-2026", "14–18 December 2026"},
		{"eve", "changes", "1 change by hand."},
		{"ben", `set gm-dtg-2026 venue The old city hall, room 2 city New York status postponed` + source, "place: was not known, would be The old city hall, room 2, New York"},
		{"ben", `set gm-dtg-2026 venue "Palais, city wing" city Geneva` + source, "would be Palais, city wing, Geneva"},
		{"ben", `set gm-dtg-2026 venue The old city hall` + source, "would be The old city hall\n"},
		{"ben", `set gm-dtg-2026 city 's-Gravenhage` + source, "would be 's-Gravenhage"},
	} {
		reply, err := verb.Handler.Answer(t.Context(), bot.Message{Room: bot.Room{Platform: "fake", ID: "A"}, Sender: step.who, Text: step.text, SentAt: clockAt(24)()})
		ok(t, err)
		if got := reply.String(); !strings.Contains(got, step.want) {
			t.Errorf("%s says %q: got\n%s\nwant it to hold %q", step.who, step.text, got, step.want)
		}
	}
	with, confirmed := held(t, cal, s)
	ok(t, c.KnowAmended(t.Context(), cal, with, record, confirmed))
	c.Tick(t.Context())
	if got := w.noticesIn(t); len(got) != 1 || !strings.Contains(got[0], "was 7–11 December 2026, now 14–18 December 2026") {
		t.Errorf("told %q, want one correction of the whole move", got)
	}
	rows, err := s.RowStates(t.Context())
	ok(t, err)
	if got := rows["gm-dtg-2026"].Sequence; got != 1 {
		t.Errorf("got SEQUENCE %d, want one step", got)
	}
}

// held returns the calendar with the changes that hold, and when the last of each
// row was confirmed.
func held(t *testing.T, cal *calendar.Calendar, s *store.Store) (*calendar.Calendar, map[string]time.Time) {
	t.Helper()
	all, err := s.Amendments(t.Context())
	ok(t, err)
	confirmed := map[string]time.Time{}
	var hold []calendar.Amendment
	for _, a := range all {
		if !a.ConfirmedAt.IsZero() {
			hold = append(hold, digest.AmendmentOf(a, a.ConfirmedAt))
			confirmed[a.Row] = a.ConfirmedAt
		}
	}
	with, err := cal.Amended(hold...)
	ok(t, err)
	return with, confirmed
}

// TestWhatIsConfirmedLastHolds has two platforms, and the clock of the second is
// two minutes behind.
func TestWhatIsConfirmedLastHolds(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	clock := clockAt(24)()
	verb, _ := amending(t, cal, s, func() time.Time { return clock })
	say := func(who, text string, sent time.Time) {
		t.Helper()
		_, err := verb.Handler.Answer(t.Context(), bot.Message{Room: bot.Room{Platform: "fake", ID: "A"}, Sender: who, Text: text, SentAt: sent})
		ok(t, err)
	}
	for i, step := range []struct {
		set, told string
		behind    time.Duration
	}{
		{"end 2026-12-18", "now 7–18 December 2026", 0},
		{"end 2026-12-16", "now 7–16 December 2026", 2 * time.Minute},
		{"city Vienna", "now Vienna", time.Minute},
	} {
		clock = clock.Add(time.Second)
		say("ann", "set gm-dtg-2026 "+step.set+" source:https://example.org/new", clock.Add(-step.behind))
		say("ben", "confirm "+strconv.Itoa(i+1), clock.Add(-step.behind))
		with, confirmed := held(t, cal, s)
		ok(t, c.KnowAmended(t.Context(), cal, with, record, confirmed))
		c.Tick(t.Context())
		if got := w.noticesIn(t); len(got) != i+1 || !strings.Contains(got[i], step.told) {
			t.Errorf("after %s: told %q, want %q", step.set, got, step.told)
		}
		row, _ := with.ShownRow("gm-dtg-2026")
		rows, err := s.RowStates(t.Context())
		ok(t, err)
		if rows["gm-dtg-2026"].Version != row.Version() {
			t.Errorf("after %s: answers show %s, which is not what is written down", step.set, row.When())
		}
	}
}
