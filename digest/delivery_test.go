package digest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"

	"github.com/google/go-cmp/cmp"
)

// TestAcceptance62AClaimThatWasTakenOverNeitherPostsNorSettles lets a replica
// sleep between its claim and its post for longer than its lease, as SIGSTOP does.
// e2e does the same with processes.
func TestAcceptance62AClaimThatWasTakenOverNeitherPostsNorSettles(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]error{"wrote it": nil, "could not write it": errors.New("no calendar")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-24T07:59:00Z")
				l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{}
				sleeper := courier(l, w)
				asleep, awake := make(chan struct{}), make(chan struct{})
				sleeper.Writer = writerFunc(func(ctx context.Context, e digest.Edition) (bot.Reply, error) {
					close(asleep)
					<-awake
					if outcome != nil {
						return nil, outcome
					}
					return scribe(ctx, e)
				})
				sleepUntil(t, "2026-11-24T08:00:00Z")
				done := make(chan struct{})
				go func() {
					defer close(done)
					sleeper.Tick(t.Context())
				}()
				<-asleep
				time.Sleep(2 * time.Minute) // the lease is one
				courier(l, w).Tick(t.Context())
				close(awake)
				<-done
				if diff := cmp.Diff([]string{"2026-11-24T08:00 sent"}, l.history()); diff != "" {
					t.Errorf("history (-want +got):\n%s", diff)
				}
				if got := w.attempts(); len(got) != 1 || !got[0].Doubtful {
					t.Errorf("got %+v, want the second replica's post alone", got)
				}
			})
		})
	}
}

// TestACallOffBetweenClaimAndPostHolds ends and pauses a subscription while its
// edition is being written.
func TestACallOffBetweenClaimAndPostHolds(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"removed", bot.SubscriptionPaused} {
		synctest.Test(t, func(t *testing.T) {
			sleepUntil(t, "2026-11-24T07:59:00Z")
			l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{}
			c := courier(l, w)
			c.Writer = writerFunc(func(ctx context.Context, e digest.Edition) (bot.Reply, error) {
				if err := l.SetState(ctx, 1, state, "", time.Now()); err != nil {
					return nil, err
				}
				return scribe(ctx, e)
			})
			sleepUntil(t, "2026-11-24T08:00:00Z")
			c.Tick(t.Context())
			if got := w.attempts(); len(got) != 0 {
				t.Errorf("%s: got %+v, want no post", state, got)
			}
		})
	}
}

func TestALateEditionWaitsUntilTheQuietHoursEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-23T12:00:00Z")
		sub := order(t, 1, "C1", "30 21 * * *", "Europe/Zurich")
		sub.Options = map[string]string{digest.OptionQuiet: "22:00-07:00"}
		l, w := newLedger(sub), &wall{}
		sleepUntil(t, "2026-11-23T22:00:00Z") // 23:00 in Zurich: down since before half past nine
		end := begin(t, courier(l, w), courier(l, w))
		sleepUntil(t, "2026-11-24T05:59:00Z")
		if got := w.seen(); len(got) != 0 {
			t.Errorf("in quiet hours: got %q, want nothing", got)
		}
		sleepUntil(t, "2026-11-24T06:01:00Z")
		end()
		if got := w.seen(); len(got) != 1 || !strings.HasPrefix(got[0], "C1 2026-11-23T21:30 late 9h30m") {
			t.Errorf("got %q, want the edition of the evening at seven", got)
		}
		// What is planned late is looked for, from when it was due: see plan.
		if got := w.attempts(); len(got) != 1 || !got[0].Since.Equal(at(t, "2026-11-23T20:30:00Z")) {
			t.Errorf("got %+v, want one post", got)
		}
	})
}

// TestALateEditionOutlivesTheNight is down over an evening's edition and back in
// quiet hours that last longer than an edition is news otherwise.
func TestALateEditionOutlivesTheNight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-23T12:00:00Z")
		sub := order(t, 1, "C1", "30 18 * * 1", "UTC")
		sub.Options = map[string]string{digest.OptionQuiet: "22:00-07:00"}
		l, w := newLedger(sub), &wall{}
		sleepUntil(t, "2026-11-23T22:30:00Z") // down since before half past six
		end := begin(t, courier(l, w))
		sleepUntil(t, "2026-11-24T07:01:00Z")
		end()
		if got := w.seen(); len(got) != 1 || !strings.HasPrefix(got[0], "C1 2026-11-23T18:30 late 12h30m") {
			t.Errorf("got %q, want the edition of the evening when the night is over", got)
		}
	})
}

func TestQuietHoursMakeOneEditionOfWhatFallsDueInThem(t *testing.T) {
	t.Parallel()
	s := schedule(t, "0 * * * *", "Europe/Zurich").Sparing(quietHours(t, "22:00-07:00"))
	var got []string
	for _, o := range s.Upcoming(instant(t, "2026-11-23T19:30:00Z"), 4) {
		got = append(got, o.Slot)
	}
	if diff := cmp.Diff([]string{"2026-11-23T21:00", "2026-11-24T07:00", "2026-11-24T08:00", "2026-11-24T09:00"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func quietHours(t *testing.T, text string) digest.Quiet {
	t.Helper()
	q, err := digest.ParseQuiet(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestOnePlatformThatIsSlowDoesNotHoldUpAnother blocks all workers of one.
func TestOnePlatformThatIsSlowDoesNotHoldUpAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		var subs []bot.Subscription
		for id := range int64(40) {
			sub := order(t, id+1, "C1", "0 8 * * *", "UTC")
			if sub.Room.Platform = "slow"; id == 39 {
				sub.Room.Platform = "wall"
			}
			subs = append(subs, sub)
		}
		l, w := newLedger(subs...), &wall{}
		c := courier(l, w)
		c.Posters["slow"] = &wall{slow: 40 * time.Second}
		sleepUntil(t, "2026-11-24T07:59:59Z")
		end := begin(t, c)
		sleepUntil(t, "2026-11-24T08:00:03Z")
		if got := len(w.seen()); got != 1 {
			t.Errorf("got %d posts on the quick platform, want 1 at once", got)
		}
		sleepUntil(t, "2026-11-24T08:10:00Z")
		end()
	})
}
