package store_test

import (
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

// skewed opens a database on PostgreSQL as two replicas do whose clocks are ninety
// seconds fast and slow.
func skewed(t *testing.T, f func(t *testing.T, fast, slow *store.Store, ahead, behind func() time.Time)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines(t) {
		if !e.many {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			dsn := e.fresh(t)
			var replicas [2]*store.Store
			for i := range replicas {
				s := must[*store.Store](t)(store.Open(t.Context(), dsn))
				t.Cleanup(func() { _ = s.Close() })
				replicas[i] = s
			}
			const skew = 90 * time.Second
			f(t, replicas[0], replicas[1], func() time.Time { return time.Now().Add(skew) }, func() time.Time { return time.Now().Add(-skew) })
		})
	}
}

func TestReplicasWhoseClocksDifferStealNothingFromEachOther(t *testing.T) {
	skewed(t, func(t *testing.T, fast, slow *store.Store, ahead, behind func() time.Time) {
		t.Helper()
		ctx := t.Context()
		const lease = time.Minute // shorter than the clocks differ

		sub := planned(t, slow)
		mine := must[[]bot.Delivery](t)(slow.Claim(ctx, "slack", behind(), lease, 10))
		if len(mine) != 1 {
			t.Fatalf("got %d claims of a delivery, want one", len(mine))
		}
		if got := must[[]bot.Delivery](t)(fast.Claim(ctx, "slack", ahead(), lease, 10)); len(got) != 0 {
			t.Errorf("got %+v stolen by the fast clock", got)
		}
		if !must[bool](t)(slow.Intend(ctx, mine[0], []byte("body"), behind())) || !must[bool](t)(slow.Intend(ctx, mine[0], []byte("body"), ahead())) {
			t.Error("got the claim lost, want it held whatever the clock shows")
		}

		check(t, second(slow.Register(ctx, loaded("2026-11-23", calendarRow("a", "a1")), behind())))
		check(t, slow.Remember(ctx, posted("one", "C1", behind(), bot.Relied{Row: "a", Version: "a1"})))
		check(t, second(slow.Register(ctx, loaded("2026-11-24", calendarRow("a", "a2")), behind())))
		check(t, second(slow.PlanCorrections(ctx, behind().AddDate(0, -6, 0), behind())))
		if got := must[[]bot.Correction](t)(slow.ClaimCorrection(ctx, "slack", behind(), lease)); len(got) != 1 {
			t.Fatalf("got %d corrections, want one", len(got))
		}
		if got := must[[]bot.Correction](t)(fast.ClaimCorrection(ctx, "slack", ahead(), lease)); len(got) != 0 {
			t.Errorf("got %+v stolen by the fast clock", got)
		}

		f := must[bot.Followed](t)(slow.Follow(ctx, bot.Followed{Room: sub.Room, Text: "norms", CreatedAt: behind()}))
		check(t, slow.TurnedUp(ctx, f.ID, []string{"document:b"}))
		if got := must[[]bot.Followed](t)(slow.ClaimFound(ctx, "slack", behind(), lease, 10)); len(got) != 1 {
			t.Fatalf("got %d topics, want one", len(got))
		}
		if got := must[[]bot.Followed](t)(fast.ClaimFound(ctx, "slack", ahead(), lease, 10)); len(got) != 0 {
			t.Errorf("got %+v stolen by the fast clock", got)
		}

		held := behind()
		if !must[bool](t)(slow.Receive(ctx, message("1"), held, lease)) {
			t.Fatal("got a message known, want it fresh")
		}
		if got := must[[]bot.Message](t)(fast.Reclaim(ctx, "slack", ahead(), lease, 10)); len(got) != 0 {
			t.Errorf("got %+v stolen by the fast clock", got)
		}
		m := message("1")
		m.Unsent = true
		check(t, slow.Return(ctx, m, held.Add(lease), behind()))
		if got := must[[]bot.Message](t)(fast.Reclaim(ctx, "slack", ahead(), lease, 10)); len(got) != 1 || !got[0].Unsent {
			t.Errorf("got %+v, want the message that was given back", got)
		}

		check(t, slow.SetState(ctx, sub.ID, bot.SubscriptionGone, "archived", behind()))
		if got, _, err := slow.Untold(ctx, "slack", behind(), lease, 10); err != nil || len(got) != 1 {
			t.Fatalf("got %d owners to tell, %v, want one", len(got), err)
		}
		if got, _, err := fast.Untold(ctx, "slack", ahead(), lease, 10); err != nil || len(got) != 0 {
			t.Errorf("got %+v, %v, want the owner left to the slow clock", got, err)
		}
	})
}

func TestReplicasWhoseClocksDifferClaimEachDeliveryOnce(t *testing.T) {
	skewed(t, func(t *testing.T, fast, slow *store.Store, ahead, behind func() time.Time) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, slow)
		var occurrences []bot.Delivery
		for i := range 200 {
			due := behind().Add(-time.Duration(i) * time.Second)
			occurrences = append(occurrences, bot.Delivery{Slot: due.Format(time.RFC3339Nano), Due: due, State: bot.DeliveryPlanned})
		}
		subs := must[[]bot.Subscription](t)(slow.Subscriptions(ctx, sub.Room))
		check(t, slow.Plan(ctx, []bot.Plan{{Subscription: subs[0], Occurrences: occurrences, Next: subs[0].Next, Slot: subs[0].Slot}}, behind()))
		var (
			wait   sync.WaitGroup
			mu     sync.Mutex
			claims = map[string]int{}
		)
		work := func(s *store.Store, now func() time.Time) {
			for {
				claimed, err := s.Claim(ctx, "slack", now(), 30*time.Second, 3)
				if err != nil {
					t.Error(err)
				}
				if len(claimed) == 0 {
					return
				}
				mu.Lock()
				for _, d := range claimed {
					claims[d.Key]++
				}
				mu.Unlock()
				for _, d := range claimed {
					if err := s.Sent(ctx, d, "ts", now()); err != nil {
						t.Error(err)
					}
				}
			}
		}
		wait.Go(func() { work(fast, ahead) })
		wait.Go(func() { work(slow, behind) })
		wait.Wait()
		for key, n := range claims {
			if n != 1 {
				t.Errorf("%s: got %d claims, want one", key, n)
			}
		}
		if len(claims) != 201 {
			t.Errorf("got %d deliveries claimed, want 201", len(claims))
		}
	})
}
