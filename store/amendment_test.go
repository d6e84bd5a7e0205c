package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/store"
)

// TestSeveralFieldsOfARowChangeTogether has one number, one confirmation and one
// instant for both days of a session that moves.
func TestSeveralFieldsOfARowChangeTogether(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		field := func(row, field, value string) bot.Amendment {
			return bot.Amendment{Row: row, Field: field, Value: value, Source: "https://example.org", ProposedBy: "slack:U1", ProposedAt: noon()}
		}
		move := must[int64](t)(s.Propose(ctx, field("a", "start", "2026-12-14"), field("a", "end", "2026-12-18")))
		other := must[int64](t)(s.Propose(ctx, field("b", "start", "2027-01-04"), field("b", "end", "2027-01-08")))
		if err := s.Confirm(ctx, move+1, "slack:U2", noon()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("half a change: got %v, want that it is not found", err)
		}
		if err := s.Withdraw(ctx, move+1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("half a change: got %v, want that it is not found", err)
		}
		check(t, s.Confirm(ctx, move, "slack:U2", noon().Add(time.Hour)))
		check(t, s.Withdraw(ctx, other))
		want := []bot.Amendment{field("a", "start", "2026-12-14"), field("a", "end", "2026-12-18")}
		for i := range want {
			want[i].ID, want[i].ConfirmedBy, want[i].ConfirmedAt = move, "slack:U2", noon().Add(time.Hour)
		}
		if diff := cmp.Diff(want, must[[]bot.Amendment](t)(s.Amendments(ctx))); diff != "" {
			t.Errorf("(want, got):\n%s", diff)
		}
		if _, err := s.Propose(ctx); err == nil {
			t.Error("a change of nothing is kept")
		}
	})
}

// TestChangesHoldInTheOrderInWhichTheyWereConfirmed has a clock that goes back
// between two confirmations.
func TestChangesHoldInTheOrderInWhichTheyWereConfirmed(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		stores := []*store.Store{s}
		if e.many {
			stores = append(stores, open(t, dsn))
		}
		for i, value := range []string{"2026-12-18", "2026-12-16", "2026-12-17"} {
			id := must[int64](t)(s.Propose(ctx, bot.Amendment{Row: "a", Field: "end", Value: value, Source: "https://example.org", ProposedBy: "slack:U1", ProposedAt: noon()}))
			check(t, stores[i%len(stores)].Confirm(ctx, id, "slack:U2", noon().Add(-time.Duration(i)*time.Minute)))
		}
		all := must[[]bot.Amendment](t)(s.Amendments(ctx))
		for i, want := range []struct {
			value string
			at    time.Time
		}{{"2026-12-18", noon()}, {"2026-12-16", noon().Add(time.Millisecond)}, {"2026-12-17", noon().Add(2 * time.Millisecond)}} {
			if got := all[i]; got.Value != want.value || !got.ConfirmedAt.Equal(want.at) {
				t.Errorf("got %s at %s as number %d, want %s at %s", got.Value, got.ConfirmedAt, i+1, want.value, want.at)
			}
		}
	})
}

// TestPostgreSQLTellsWhenAChangeWasConfirmed has replicas whose clocks are wrong by
// a day: what counts is the clock that they share.
func TestPostgreSQLTellsWhenAChangeWasConfirmed(t *testing.T) {
	t.Parallel()
	for _, e := range engines(t) {
		if !e.many {
			continue
		}
		s := must[*store.Store](t)(store.Open(t.Context(), e.fresh(t)))
		t.Cleanup(func() { _ = s.Close() })
		id := must[int64](t)(s.Propose(t.Context(), bot.Amendment{Row: "a", Field: "end", Value: "2026-12-18", Source: "https://example.org", ProposedBy: "slack:U1", ProposedAt: noon()}))
		check(t, s.Confirm(t.Context(), id, "slack:U2", time.Now().Add(24*time.Hour)))
		if got := must[[]bot.Amendment](t)(s.Amendments(t.Context()))[0].ConfirmedAt; time.Since(got).Abs() > time.Hour {
			t.Errorf("got %s, want the time of the database", got)
		}
	}
}
