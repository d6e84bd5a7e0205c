package store_test

import (
	"testing"

	"rapporteur/bot"
	"rapporteur/store"
)

func TestADeedIsAuditedOnceForEachMessage(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		m := message("1")
		d := bot.Deed{At: noon(), Room: m.Room, Message: m.ID, Person: "U1", Act: "undo", Outcome: "Ended #3."}
		other, refused, nobody := d, d, d
		other.Message, refused.Outcome, nobody.Message = "2", "refused: no", ""
		for _, d := range []bot.Deed{d, d, other, refused, nobody, nobody} {
			check(t, s.Audit(t.Context(), d))
		}
		if got := must[[]bot.Deed](t)(s.Audited(t.Context(), 10)); len(got) != 5 {
			t.Errorf("got %+v, want one for each message and outcome, and all that belong to no message", got)
		}
	})
}
