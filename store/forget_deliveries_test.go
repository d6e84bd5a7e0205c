package store_test

import (
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

func TestOldDeliveriesAreForgottenAndTheLatestStays(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		plan := bot.Plan{Subscription: sub, Next: sub.Next.AddDate(1, 0, 0), Slot: "next"}
		for i, state := range []string{bot.DeliveryMissed, bot.DeliveryPlanned, bot.DeliveryPlanned, bot.DeliveryPlanned} {
			due := sub.Next.AddDate(0, 0, i)
			plan.Occurrences = append(plan.Occurrences, bot.Delivery{Slot: due.Format(time.DateOnly), Due: due, State: state})
		}
		check(t, s.Plan(ctx, []bot.Plan{plan}, sub.Next))
		// The first two are sent, the last stays open.
		for _, d := range must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next.AddDate(0, 0, 3), time.Minute, 2)) {
			check(t, s.Sent(ctx, d, "ts", d.Due))
		}
		if n := must[int64](t)(s.ForgetDeliveries(ctx, sub.Next)); n != 0 {
			t.Errorf("before any was due: got %d forgotten, want none", n)
		}
		if n := must[int64](t)(s.ForgetDeliveries(ctx, sub.Next.AddDate(2, 0, 0))); n != 2 {
			t.Errorf("got %d forgotten, want the missed one and the older of those that were sent", n)
		}
		rows := must[[]bot.Delivery](t)(s.Deliveries(ctx, sub.Room, 10))
		if len(rows) != 2 || rows[0].State != bot.DeliveryPlanned || rows[1].State != bot.DeliverySent {
			t.Errorf("got %+v, want the open one and the latest that was sent", rows)
		}
	})
}

func TestADamagedRowHidesNoOther(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		bad := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		other := subscription()
		other.Options = nil
		good := must[bot.Subscription](t)(s.Subscribe(ctx, other))
		var plans []bot.Plan
		for _, sub := range []bot.Subscription{bad, good} {
			plans = append(plans, bot.Plan{
				Subscription: sub, Next: sub.Next.AddDate(0, 0, 7), Slot: "2026-11-30T14:00",
				Occurrences: []bot.Delivery{{Slot: sub.Slot, Due: sub.Next, State: bot.DeliveryPlanned}},
			})
		}
		check(t, s.Plan(ctx, plans, noon()))
		_, err := s.DB().ExecContext(ctx, `UPDATE subscription SET options = '{"topics":' WHERE id = $1`, bad.ID)
		check(t, err)
		later := noon().AddDate(0, 0, 8)
		if due := must[[]bot.Subscription](t)(s.Due(ctx, later, 10)); len(due) != 2 || due[0].Broken == "" || due[1].Broken != "" {
			t.Errorf("due: got %+v, want both, the first as broken", due)
		}
		if claimed := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", later, time.Minute, 10)); len(claimed) != 2 {
			t.Errorf("got %d claims, want both", len(claimed))
		}
		to := bad
		to.Options = map[string]string{"lang": "fr"}
		if mended := must[bot.Subscription](t)(s.Change(ctx, bad, to)); mended.Broken != "" || mended.Options["lang"] != "fr" {
			t.Errorf("got %+v, want it mended by other options", mended)
		}
	})
}
