package store_test

import (
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

func TestARenamedRoomKeepsWhatItOrderedFollowedAndSaid(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, from, to := t.Context(), bot.Room{Platform: "slack", ID: "G0OLD"}, bot.Room{Platform: "slack", ID: "C0NEW"}
		must[bot.Subscription](t)(s.Subscribe(ctx, bot.Subscription{Room: from, Kind: "digest", Cron: "0 8 * * 1", Zone: "UTC", CreatedBy: "U1", CreatedAt: noon(), Next: noon(), Slot: "s"}))
		for room, topics := range map[bot.Room][]string{from: {"norms", "both"}, to: {"both"}} {
			for _, topic := range topics {
				must[bot.Followed](t)(s.Follow(ctx, bot.Followed{Room: room, Text: topic, CreatedBy: "U1", CreatedAt: noon()}))
			}
		}
		m := message("1")
		m.Room, m.Thread = from, "1"
		must[bool](t)(s.Receive(ctx, m, noon(), time.Minute))
		check(t, s.Answered(ctx, m, bot.Receipt{ID: "2"}, bot.Turn{Question: "what are norms?", Said: []string{"Q-1"}, At: m.SentAt}, noon()))
		for i, want := range []int{1, 0} {
			if moved := must[int](t)(s.RenameRoom(ctx, from, to)); moved != want {
				t.Errorf("time %d: got %d subscriptions renamed, want %d", i+1, moved, want)
			}
		}
		for room, want := range map[bot.Room]int{from: 0, to: 1} {
			if subs := must[[]bot.Subscription](t)(s.Subscriptions(ctx, room)); len(subs) != want {
				t.Errorf("%s: got %d subscriptions, want %d", room, len(subs), want)
			}
			later := bot.Message{ID: "9", Room: room, Thread: "1", SentAt: m.SentAt.Add(time.Minute)}
			if turns := must[[]bot.Turn](t)(s.Recall(ctx, later)); len(turns) != want {
				t.Errorf("%s: got %d turns, want %d", room, len(turns), want)
			}
			if topics := must[[]bot.Followed](t)(s.Following(ctx, room)); len(topics) != 2*want {
				t.Errorf("%s: got topics %+v, want %d", room, topics, 2*want)
			}
		}
	})
}

func TestRoomsComeBackThatWereGoneForThatReason(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		room := func(id string) bot.Room { return bot.Room{Platform: "slack", ID: id} }
		for _, id := range []string{"E1.T1/C1", "E1.T1/C2", "E1.T2/C1"} {
			must[bot.Subscription](t)(s.Subscribe(ctx, bot.Subscription{Room: room(id), Kind: "digest", Cron: "0 8 * * 1", Zone: "UTC", CreatedBy: "U1", CreatedAt: noon(), Next: noon(), Slot: "s"}))
		}
		must[[]bot.Subscription](t)(s.Pause(ctx, room("E1.T1/C2"), "archived", noon()))
		check(t, s.PauseAll(ctx, room("E1."), "withdrawn", noon()))
		if got := must[[]bot.Subscription](t)(s.AllSubscriptions(ctx)); active(got) != 0 {
			t.Errorf("got %+v, want none active", got)
		}
		check(t, s.ResumeAll(ctx, room("E1.T1/"), "withdrawn", noon()))
		got := must[[]bot.Subscription](t)(s.Subscriptions(ctx, room("E1.T1/C1")))
		all := must[[]bot.Subscription](t)(s.AllSubscriptions(ctx))
		if len(got) != 1 || got[0].State != bot.SubscriptionActive || active(all) != 1 {
			t.Errorf("got %+v of %+v, want that of C1 active alone: C2 is archived, and the other workspace is not back", got, all)
		}
	})
}

// active counts the subscriptions that are.
func active(subs []bot.Subscription) int {
	n := 0
	for _, sub := range subs {
		if sub.State == bot.SubscriptionActive {
			n++
		}
	}
	return n
}
