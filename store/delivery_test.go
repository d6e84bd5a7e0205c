package store_test

import (
	"errors"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

// TestAClaimThatWasTakenOverSettlesNothing is the fencing token: once another
// claim is made, the earlier one holds nothing, gives nothing back and gives
// nothing up. That a post was made is always written down.
func TestAClaimThatWasTakenOverSettlesNothing(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		at := sub.Next
		claim := func(now time.Time) bot.Delivery {
			t.Helper()
			got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", now, time.Minute, 10))
			if len(got) != 1 {
				t.Fatalf("got %d claims, want 1", len(got))
			}
			return got[0]
		}
		holds := func(d bot.Delivery, now time.Time, want bool) {
			t.Helper()
			if got := must[bool](t)(s.Intend(ctx, d, []byte(d.Slot), now)); got != want {
				t.Errorf("attempt %d holds at %s: got %v, want %v", d.Attempt, now, got, want)
			}
		}
		first := claim(at)
		holds(first, at.Add(time.Minute), true)
		holds(first, at.Add(61*time.Second), false) // the lease is over
		second := claim(at.Add(2 * time.Minute))
		if string(second.Body) != first.Slot {
			t.Errorf("got the body %q, want what the first claim meant to say", second.Body)
		}
		holds(first, at.Add(2*time.Minute), false)
		holds(second, at.Add(2*time.Minute), true)
		for name, err := range map[string]error{
			"retry": s.Retry(ctx, first, at, "slow down"), "failed": s.Failed(ctx, first, "refused", at),
		} {
			if !errors.Is(err, bot.ErrTakenOver) {
				t.Errorf("%s by the first claim: got %v, want ErrTakenOver", name, err)
			}
		}
		holds(second, at.Add(2*time.Minute), true)
		check(t, s.Sent(ctx, first, "ts1", at.Add(3*time.Minute))) // it had posted after all
		rows := must[[]bot.Delivery](t)(s.Deliveries(ctx, sub.Room, 1))
		if len(rows[0].Body) > 0 {
			t.Errorf("got the body %s after it was sent, want it forgotten", rows[0].Body)
		}
		if rows[0].State != bot.DeliverySent || rows[0].Receipt != "ts1" || !rows[0].DoneAt.Equal(at.Add(3*time.Minute)) {
			t.Errorf("got %+v, want it sent with the first claim's receipt", rows[0])
		}
		if err := s.Failed(ctx, second, "refused", at); !errors.Is(err, bot.ErrTakenOver) {
			t.Errorf("failed after it was sent: got %v, want ErrTakenOver", err)
		}
	})
}

func TestADeliveryThatSurelyDidNotArriveLeavesNoDoubt(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		first := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next, time.Minute, 1))[0]
		check(t, s.Retry(ctx, first, sub.Next, "rate limited"))
		second := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next, time.Minute, 1))[0]
		if second.Doubtful || second.Attempt != 2 {
			t.Errorf("after a clear refusal: got %+v, want attempt 2 without doubt", second)
		}
		third := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next.Add(2*time.Minute), time.Minute, 1))[0]
		check(t, s.Retry(ctx, third, sub.Next, "rate limited"))
		fourth := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next.Add(2*time.Minute), time.Minute, 1))[0]
		if !third.Doubtful || !fourth.Doubtful {
			t.Errorf("after an attempt without a word: got %+v and %+v, want both doubtful", third, fourth)
		}
	})
}

func TestADoubtOutlivesThatADeliveryIsGivenBack(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		first := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next, time.Minute, 1))[0]
		first.Doubtful = true // it may have arrived
		check(t, s.Retry(ctx, first, sub.Next, "the connection was cut"))
		if second := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next, time.Minute, 1))[0]; !second.Doubtful {
			t.Errorf("got %+v, want it doubtful", second)
		}
	})
}

func TestAPlatformClaimsItsOwnAlone(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		if got := must[[]bot.Delivery](t)(s.Claim(ctx, "matrix", sub.Next, time.Minute, 10)); len(got) != 0 {
			t.Errorf("got %+v, want none", got)
		}
		if n := must[int64](t)(s.Expire(ctx, sub.Next, sub.Next)); n != 0 {
			t.Errorf("got %d expired at once, want none", n)
		}
		if n := must[int64](t)(s.Expire(ctx, sub.Next.Add(time.Second), sub.Next.Add(time.Hour))); n != 1 {
			t.Errorf("got %d expired, want the one that nobody tried", n)
		}
	})
}

func TestManyPlansAreWrittenDownAtOnce(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		const n = 450 // more than one statement takes
		var plans []bot.Plan
		for i := range n {
			sub := subscription()
			sub.Room.ID = string(rune('a'+i%26)) + string(rune('A'+i/26))
			sub = must[bot.Subscription](t)(s.Subscribe(ctx, sub))
			plans = append(plans, bot.Plan{
				Subscription: sub, Next: sub.Next.AddDate(0, 0, 7), Slot: "next",
				Occurrences: []bot.Delivery{
					{Slot: "missed", Due: sub.Next, State: bot.DeliveryMissed, Reason: "superseded"},
					{Slot: sub.Slot, Due: sub.Next, State: bot.DeliveryPlanned},
				},
			})
		}
		stale := plans[0]
		stale.Subscription.Slot = "as it was once"
		check(t, s.Plan(ctx, append([]bot.Plan{stale}, plans...), noon()))
		check(t, s.Plan(ctx, plans, noon())) // comes second: nothing
		if got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", noon().AddDate(0, 0, 1), time.Minute, 2*n)); len(got) != n {
			t.Errorf("got %d to deliver, want %d", len(got), n)
		}
		if due := must[[]bot.Subscription](t)(s.Due(ctx, noon().AddDate(0, 0, 1), 2*n)); len(due) != 0 {
			t.Errorf("got %d still due, want none", len(due))
		}
		if missed := must[[]bot.Delivery](t)(s.Deliveries(ctx, plans[n-1].Subscription.Room, 10)); len(missed) != 2 || missed[0].State == missed[1].State {
			t.Errorf("got %+v, want one sending and one missed", missed)
		}
	})
}

func TestASubscriptionSleepsWakesEndsAndComesBack(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		elsewhere := bot.Room{Platform: "slack", ID: "C2"}
		if _, err := s.Sleep(ctx, elsewhere, sub.ID, "x", noon()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("sleep from another room: got %v, want ErrNotFound", err)
		}
		if _, err := s.Wake(ctx, sub.Room, sub.ID, noon(), "x", noon()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("wake of one that is awake: got %v, want ErrNotFound", err)
		}
		asleep := must[bot.Subscription](t)(s.Sleep(ctx, sub.Room, sub.ID, "since noon", noon()))
		kept := must[[]bot.Subscription](t)(s.Subscriptions(ctx, sub.Room))[0]
		if asleep.State != bot.SubscriptionPaused || kept.State != bot.SubscriptionPaused || kept.Reason != "since noon" || !kept.StateAt.Equal(noon()) {
			t.Errorf("got %+v, kept as %+v, want it paused, with the reason", asleep, kept)
		}
		next := noon().AddDate(0, 0, 14)
		must[bot.Subscription](t)(s.Wake(ctx, sub.Room, sub.ID, next, "2026-12-07T14:00", noon()))
		if kept := must[[]bot.Subscription](t)(s.Subscriptions(ctx, sub.Room))[0]; kept.State != bot.SubscriptionActive || kept.Slot != "2026-12-07T14:00" || !kept.Next.Equal(next) || kept.Reason != "" {
			t.Errorf("got %+v, want it active from its next occurrence on", kept)
		}
		// What was planned is called off, and planned again by the undo.
		must[bot.Subscription](t)(s.Unsubscribe(ctx, sub.Room, sub.ID, noon()))
		if _, err := s.Restore(ctx, sub.Room, sub.ID, noon().Add(time.Second)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("undo too late: got %v, want ErrNotFound", err)
		}
		if _, err := s.Restore(ctx, elsewhere, sub.ID, noon()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("undo from another room: got %v, want ErrNotFound", err)
		}
		if got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next, time.Minute, 10)); len(got) != 0 {
			t.Errorf("got %+v for an ended one, want none", got)
		}
		back := must[bot.Subscription](t)(s.Restore(ctx, sub.Room, sub.ID, noon()))
		if back.ID != sub.ID || back.State != bot.SubscriptionActive || back.Slot != "2026-12-07T14:00" {
			t.Errorf("got %+v, want it back as it was", back)
		}
		if got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next, time.Minute, 10)); len(got) != 1 || got[0].Doubtful {
			t.Errorf("got %+v, want what was called off planned again", got)
		}
		// The same was ordered anew meanwhile.
		must[bot.Subscription](t)(s.Unsubscribe(ctx, sub.Room, sub.ID, noon()))
		must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		if _, err := s.Restore(ctx, sub.Room, sub.ID, noon()); !errors.Is(err, store.ErrAlready) {
			t.Errorf("undo of what was ordered anew: got %v, want ErrAlready", err)
		}
	})
}

// TestAnUndoneUnsubscribeLeavesADeliveryToWhoeverIsPostingIt: the other replica's
// post may be in flight, and its lease lasts.
func TestAnUndoneUnsubscribeLeavesADeliveryToWhoeverIsPostingIt(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		now := sub.Next
		back := func(n int) {
			t.Helper()
			must[bot.Subscription](t)(s.Unsubscribe(ctx, sub.Room, sub.ID, now))
			must[bot.Subscription](t)(s.Restore(ctx, sub.Room, sub.ID, now))
			if got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", now.Add(time.Second), time.Minute, 10)); len(got) != n {
				t.Errorf("got %+v to be claimed, want %d", got, n)
			}
		}
		mine := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", now, time.Minute, 10))[0]
		back(0)
		if !must[bool](t)(s.Intend(ctx, mine, []byte("{}"), now)) {
			t.Error("got taken over, want it to be of the claim that has it")
		}
		// One that was given back is nobody's, though its lease would last.
		check(t, s.Retry(ctx, mine, now, "slow down"))
		back(1)
		// Once the lease has run out somebody else looks for it.
		back(0)
		if got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", now.Add(2*time.Minute), time.Minute, 10)); len(got) != 1 || !got[0].Doubtful {
			t.Errorf("got %+v, want it as doubtful", got)
		}
	})
}

func TestTheOwnerOfARoomThatIsGoneIsToBeToldOnce(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		untold := func(platform string, now time.Time) ([]bot.Subscription, bool) {
			t.Helper()
			subs, doubtful, err := s.Untold(ctx, platform, now, time.Minute, 10)
			check(t, err)
			return subs, doubtful
		}
		check(t, s.SetState(ctx, sub.ID, bot.SubscriptionGone, "archived", noon()))
		if got, _ := untold("matrix", noon()); len(got) != 0 {
			t.Errorf("another platform: got %+v, want none", got)
		}
		if got, doubtful := untold("slack", noon()); len(got) != 1 || doubtful || got[0].CreatedBy != "U1" || got[0].Reason != "archived" {
			t.Errorf("got %+v, %v, want the subscription, for the first time", got, doubtful)
		}
		if got, _ := untold("slack", noon().Add(30*time.Second)); len(got) != 0 {
			t.Errorf("while somebody tells: got %+v, want none", got)
		}
		if got, doubtful := untold("slack", noon().Add(2*time.Minute)); len(got) != 1 || !doubtful {
			t.Errorf("after that process died: got %+v, %v, want it in doubt", got, doubtful)
		}
		check(t, s.Told(ctx, sub.ID))
		check(t, s.SetState(ctx, sub.ID, bot.SubscriptionGone, "archived again", noon()))
		if got, _ := untold("slack", noon().Add(time.Hour)); len(got) != 0 {
			t.Errorf("once told: got %+v, want none", got)
		}
	})
}

func TestFailuresAreCountedSinceTheLastSuccessOrTheLastWake(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		day := 0
		edition := func(fail bool) {
			t.Helper()
			day++
			now := sub.Next.AddDate(0, 0, day)
			subs := must[[]bot.Subscription](t)(s.Subscriptions(ctx, sub.Room))
			check(t, s.Plan(ctx, []bot.Plan{{
				Subscription: subs[0], Next: subs[0].Next, Slot: subs[0].Slot,
				Occurrences: []bot.Delivery{{Slot: now.Format(time.DateOnly), Due: now, State: bot.DeliveryPlanned}},
			}}, now))
			for _, d := range must[[]bot.Delivery](t)(s.Claim(ctx, "slack", now, time.Minute, 10)) {
				if fail {
					check(t, s.Failed(ctx, d, "refused", now))
				} else {
					check(t, s.Sent(ctx, d, "ts", now))
				}
			}
		}
		want := func(n int) {
			t.Helper()
			if got := must[int](t)(s.Failures(ctx, sub.ID)); got != n {
				t.Errorf("day %d: got %d failures in a row, want %d", day, got, n)
			}
		}
		want(0)
		edition(true)
		edition(true)
		want(3) // with the one that was planned
		edition(false)
		want(0)
		edition(true)
		want(1)
		now := sub.Next.AddDate(0, 0, day).Add(time.Hour)
		check(t, s.SetState(ctx, sub.ID, bot.SubscriptionPaused, "5 editions", now))
		untold, _, err := s.Untold(ctx, "slack", now, time.Minute, 10)
		if err != nil || len(untold) != 1 || untold[0].State != bot.SubscriptionPaused {
			t.Errorf("got %+v, %v, want its owner to be told", untold, err)
		}
		check(t, second(s.Wake(ctx, sub.Room, sub.ID, now.AddDate(0, 0, 30), "later", now)))
		want(0)
	})
}
