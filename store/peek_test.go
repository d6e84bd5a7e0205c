package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/store"
)

// TestChangesByHandAreSeenWhileTheBotRuns looks into a database that another process
// holds, and into one that is not there.
func TestChangesByHandAreSeenWhileTheBotRuns(t *testing.T) {
	both(t, func(t *testing.T, _ engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		id := must[int64](t)(s.Propose(ctx, bot.Amendment{Row: "a", Field: "end", Value: "2026-12-18", Source: "https://example.org", ProposedBy: "slack:U1", ProposedAt: noon()}))
		check(t, s.Confirm(ctx, id, "slack:U2", noon()))
		must[[]bot.RowState](t)(s.Register(ctx, loaded("2026-11-23", calendarRow("a", "a1")), noon()))
		seen := must[store.ByHand](t)(store.Peek(ctx, dsn))
		if diff := cmp.Diff(must[[]bot.Amendment](t)(s.Amendments(ctx)), seen.Amendments); diff != "" {
			t.Errorf("changes by hand (want, got):\n%s", diff)
		}
		if diff := cmp.Diff(must[map[string]bot.RowState](t)(s.RowStates(ctx)), seen.Rows); diff != "" {
			t.Errorf("rows (want, got):\n%s", diff)
		}
		check(t, s.Set(ctx, "after", "the look", time.Now().String()))
	})
}

func TestALookMakesNoDatabase(t *testing.T) {
	t.Parallel()
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			dsn := e.fresh(t)
			if seen := must[store.ByHand](t)(store.Peek(t.Context(), dsn)); len(seen.Amendments)+len(seen.Rows) != 0 {
				t.Errorf("got %+v, want nothing", seen)
			}
			if _, err := os.Stat(filepath.Dir(dsn)); !e.many && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("got %v, want no file and no folder", err)
			}
			fillOld(t, e, dsn)
			if _, err := store.Peek(t.Context(), dsn); !errors.Is(err, store.ErrOlder) {
				t.Errorf("got %v, want that it is older", err)
			}
		})
	}
	broken := filepath.Join(t.TempDir(), "broken.db")
	check(t, os.WriteFile(broken, []byte("this is no database, and long enough to be seen as none"), 0o600))
	if _, err := store.Peek(t.Context(), broken); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("got %v, want that it is damaged", err)
	}
}
