package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

// follows carries out that a room follows a topic.
func follows(s *store.Store, topic string) func(ctx context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		f, err := s.Follow(ctx, bot.Followed{Room: message("1").Room, Text: topic, CreatedAt: noon()})
		return []byte("follows " + f.Text), err
	}
}

func TestAMessageIsCarriedOutOnceUntilItIsForgotten(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, m := t.Context(), message("1")
		must[bool](t)(s.Receive(ctx, m, noon(), time.Minute))
		for _, topic := range []string{"norms", "capacity"} {
			if got := must[[]byte](t)(s.CarryOut(ctx, m, follows(s, topic))); string(got) != "follows norms" {
				t.Errorf("%s: got %q, want what came of it the first time", topic, got)
			}
		}
		check(t, s.Answered(ctx, m, bot.Receipt{ID: "r"}, bot.Turn{}, noon()))
		var kept string
		check(t, s.DB().QueryRowContext(ctx, `SELECT done FROM inbox`).Scan(&kept))
		if kept != "" {
			t.Errorf("got %q kept of an answered message, want it blank", kept)
		}
		// An attempt that was slow finds it answered.
		if got := must[[]byte](t)(s.CarryOut(ctx, m, follows(s, "capacity"))); len(got) != 0 {
			t.Errorf("got %q, want nothing more to say", got)
		}
		if got := must[[]bot.Followed](t)(s.Following(ctx, m.Room)); len(got) != 1 {
			t.Errorf("got %+v followed, want the one topic", got)
		}
	})
}

// TestWhatIsNotCarriedOutLeavesNothing lets an order fail after its first step, and
// lets a step fail inside an order that goes on.
func TestWhatIsNotCarriedOutLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, m, cut := t.Context(), message("1"), errors.New("cut")
		must[bool](t)(s.Receive(ctx, m, noon(), time.Minute))
		_, err := s.CarryOut(ctx, m, func(ctx context.Context) ([]byte, error) {
			return []byte("lost"), errors.Join(second(follows(s, "norms")(ctx)), cut)
		})
		if !errors.Is(err, cut) {
			t.Errorf("got %v, want %v", err, cut)
		}
		if got := must[[]bot.Followed](t)(s.Following(ctx, m.Room)); len(got) != 0 {
			t.Errorf("got %+v, want nothing followed", got)
		}
		first := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		must[bot.Subscription](t)(s.Unsubscribe(ctx, first.Room, first.ID, noon()))
		must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		got := must[[]byte](t)(s.CarryOut(ctx, m, func(ctx context.Context) ([]byte, error) {
			if _, err := s.Restore(ctx, first.Room, first.ID, noon()); !errors.Is(err, store.ErrAlready) {
				t.Errorf("got %v, want ErrAlready", err)
			}
			return follows(s, "norms")(ctx)
		}))
		if followed := must[[]bot.Followed](t)(s.Following(ctx, m.Room)); string(got) != "follows norms" || len(followed) != 1 {
			t.Errorf("got %q and %+v, want the order to go on after a step that failed", got, followed)
		}
	})
}

// TestAMessageThatNobodyCanTakeOverIsCarriedOutEachTime is the command line's: it is
// in no inbox.
func TestAMessageThatNobodyCanTakeOverIsCarriedOutEachTime(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		for _, topic := range []string{"norms", "capacity"} {
			if got := must[[]byte](t)(s.CarryOut(t.Context(), message("cli"), follows(s, topic))); string(got) != "follows "+topic {
				t.Errorf("got %q, want it carried out", got)
			}
		}
	})
}

// TestTwoReplicasCarryAMessageOutOnce lets both have it at the same time.
func TestTwoReplicasCarryAMessageOutOnce(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, a *store.Store) {
		t.Helper()
		ctx, m, b := t.Context(), message("1"), a
		if e.many {
			b = open(t, dsn)
		}
		must[bool](t)(a.Receive(ctx, m, noon(), time.Minute))
		inside, said := make(chan struct{}), make(chan string, 2)
		carry := func(s *store.Store, topic string, begun func()) {
			got, err := s.CarryOut(ctx, m, func(ctx context.Context) ([]byte, error) {
				begun()
				return follows(s, topic)(ctx)
			})
			if err != nil {
				t.Error(err)
			}
			said <- string(got)
		}
		go carry(a, "norms", func() {
			close(inside)
			time.Sleep(50 * time.Millisecond)
		})
		<-inside
		go carry(b, "capacity", func() { t.Error("the second one was carried out too") })
		for range 2 {
			if got := <-said; got != "follows norms" {
				t.Errorf("got %q, want what the first one said", got)
			}
		}
	})
}
