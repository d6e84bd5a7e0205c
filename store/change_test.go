package store_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

func TestASubscriptionIsChangedAsItWasRead(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		was := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		to := was
		to.Options = map[string]string{"succession": "no"}
		to.Next, to.Slot = was.Next.Add(time.Hour), was.Slot+"+"
		got := must[bot.Subscription](t)(s.Change(ctx, was, to))
		if got.ID != was.ID || !maps.Equal(got.Options, to.Options) || !got.Next.Equal(to.Next) || got.Slot != to.Slot {
			t.Errorf("got %+v, want the options and the next occurrence of %+v", got, to)
		}
		// Whoever read it before changes the options, and moves nothing back.
		late := was
		late.Options, late.Next = nil, was.Next.Add(-time.Hour)
		if got := must[bot.Subscription](t)(s.Change(ctx, was, late)); len(got.Options) != 0 || !got.Next.Equal(to.Next) {
			t.Errorf("got %+v, want no options and the next occurrence as it was", got)
		}
		other := subscription()
		other.Options = map[string]string{"lang": "fr"}
		twin := must[bot.Subscription](t)(s.Subscribe(ctx, other))
		to.Options = other.Options
		if got, err := s.Change(ctx, was, to); !errors.Is(err, store.ErrAlready) || got.ID != twin.ID {
			t.Errorf("got %d, %v, want %d, ErrAlready", got.ID, err, twin.ID)
		}
		elsewhere := was
		elsewhere.Room.ID = "C2"
		if _, err := s.Change(ctx, elsewhere, to); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another room: got %v, want ErrNotFound", err)
		}
	})
}
