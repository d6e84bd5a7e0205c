package digest_test

import (
	"context"
	"strings"
	"testing"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/digest"
)

func TestTwoAdministratorsChangeTheCalendar(t *testing.T) {
	t.Parallel()
	cal, _ := known(t)
	s := keep(t)
	current, reloads := cal, 0
	verb := digest.Amending{
		Book: s, Calendar: func() *calendar.Calendar { return current },
		Administrator: func(_, person string) bool { return person == "ann" || person == "ben" },
		Changed: func(ctx context.Context) error {
			reloads++
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
	}.Verb()
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
	if reloads != 1 {
		t.Errorf("the calendar was read anew %d times, want once", reloads)
	}
}
