package digest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"

	"github.com/google/go-cmp/cmp"
)

// expected lists "room slot" of all that is due from now until an instant.
func expected(t *testing.T, until time.Time, subs ...bot.Subscription) []string {
	t.Helper()
	var want []string
	for _, sub := range subs {
		s := schedule(t, sub.Cron, sub.Zone)
		for at := time.Now(); ; {
			due, slot, _ := s.Next(at)
			if due.After(until) {
				break
			}
			want = append(want, sub.Room.ID+" "+slot)
			at = due
		}
	}
	slices.Sort(want)
	return want
}

func TestTwoReplicasDeliverEachEditionOfAYearOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-23T12:00:00Z")
		subs := []bot.Subscription{
			order(t, 1, "C1", "0 8 * * 1", "America/New_York"),
			order(t, 2, "C2", "0 8 * * 1", "Europe/Zurich"),
			order(t, 3, "C3", "30 2 * * 0", "America/New_York"), // left out in March, shown twice in November
			order(t, 4, "C4", "0 0 * * 5", "Africa/Cairo"),      // left out in April
		}
		l, w := newLedger(subs...), &wall{slow: time.Second}
		a, b := courier(l, w), courier(l, w)
		a.Every, b.Every = 4*time.Minute, 271*time.Second
		until := time.Now().AddDate(1, 0, 0)
		want := expected(t, until, subs...)
		end := begin(t, a, b)
		time.Sleep(time.Until(until) + 10*time.Minute)
		end()
		if diff := cmp.Diff(want, w.seen()); diff != "" {
			t.Errorf("posted (-want +got):\n%s", diff)
		}
		if got, want := len(w.attempts()), len(want); got != want || want < 4*52 {
			t.Errorf("got %d attempts, want %d", got, want)
		}
		if got, want := l.count(bot.DeliverySent), len(want); got != want || len(l.history()) != want {
			t.Errorf("got %d sent of %d, want %d", got, len(l.history()), want)
		}
	})
}

func TestFaultsOfAPlatformNeitherLoseNorDouble(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2027-03-01T12:00:00Z")
				subs := []bot.Subscription{
					order(t, 1, "C1", "0 8 * * *", "America/New_York"),
					order(t, 2, "C2", "30 2 * * *", "Europe/Zurich"),
					order(t, 3, "C3", "0 */3 * * *", "Asia/Kolkata"),
				}
				random := rand.New(rand.NewPCG(seed, 1))
				w := &wall{slow: 3 * time.Second, fault: func(int, bot.Post) (bool, error) {
					switch n := random.IntN(10); n {
					case 0, 1:
						return n == 0, &bot.PostError{Outcome: bot.Unknown, Err: errors.New("timeout")}
					case 2, 3:
						return n == 2, errors.New("connection reset") // says nothing
					case 4:
						return false, &bot.PostError{Outcome: bot.NotSent, RetryAfter: 90 * time.Second, Err: errors.New("rate limited")}
					case 5:
						panic("a bug in the adapter")
					}
					return true, nil
				}}
				l := newLedger(subs...)
				until := time.Now().AddDate(0, 0, 30).Add(40 * time.Minute) // and nothing is due for hours
				want := expected(t, until, subs...)
				end := begin(t, courierEvery(l, w, 60*time.Second), courierEvery(l, w, 61*time.Second), courierEvery(l, w, 67*time.Second))
				time.Sleep(time.Until(until) + 2*time.Hour)
				end()
				got := w.seen()
				for i, text := range got {
					got[i], _, _ = strings.Cut(text, " late ")
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("posted (-want +got):\n%s", diff)
				}
				if got, want := l.count(bot.DeliverySent), len(want); got != want {
					t.Errorf("got %d sent, want %d", got, want)
				}
				if got := len(w.attempts()); got < len(want)*5/4 {
					t.Errorf("got %d attempts for %d editions: the faults did not happen", got, len(want))
				}
			})
		})
	}
}

func courierEvery(l *ledger, w *wall, every time.Duration) *digest.Courier {
	c := courier(l, w)
	c.Every = every
	return c
}

func TestDowntime(t *testing.T) {
	t.Parallel()
	const (
		superseded = " missed superseded by a later slot"
		expired    = " missed expired: nobody was there to send it in time"
	)
	for _, c := range []struct {
		name, spec, back string // ordered on Monday 23 November 2026 at 12:00 UTC
		posted, history  []string
		next             string
	}{
		{"a minute late is on time", "0 8 * * *", "2026-11-24T08:01:00Z", []string{"C1 2026-11-24T08:00"}, []string{"2026-11-24T08:00 sent"}, "2026-11-25T08:00"},
		{"within the grace", "0 8 * * *", "2026-11-24T09:10:00Z", []string{"C1 2026-11-24T08:00 late 1h10m0s"}, []string{"2026-11-24T08:00 sent"}, "2026-11-25T08:00"},
		{"at the end of the grace", "0 8 * * *", "2026-11-24T14:00:00Z", []string{"C1 2026-11-24T08:00 late 6h0m0s"}, []string{"2026-11-24T08:00 sent"}, "2026-11-25T08:00"},
		{"beyond the grace", "0 8 * * *", "2026-11-24T14:00:01Z", nil, []string{"2026-11-24T08:00" + expired}, "2026-11-25T08:00"},
		{"days, back within the grace of the last", "0 8 * * *", "2026-11-26T09:00:00Z", []string{"C1 2026-11-26T08:00 late 1h0m0s"}, []string{
			"2026-11-24T08:00" + superseded, "2026-11-25T08:00" + superseded, "2026-11-26T08:00 sent",
		}, "2026-11-27T08:00"},
		{"days, back beyond it", "0 8 * * *", "2026-11-26T20:00:00Z", nil, []string{
			"2026-11-24T08:00" + expired, "2026-11-25T08:00" + expired, "2026-11-26T08:00" + expired,
		}, "2026-11-27T08:00"},
		{"the grace is at most half the interval: within", "0 */2 * * *", "2026-11-23T15:00:00Z", []string{"C1 2026-11-23T14:00 late 1h0m0s"}, []string{"2026-11-23T14:00 sent"}, "2026-11-23T16:00"},
		{"the grace is at most half the interval: beyond", "0 */2 * * *", "2026-11-23T15:00:01Z", nil, []string{"2026-11-23T14:00" + expired}, "2026-11-23T16:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-23T12:00:00Z")
				l, w := newLedger(order(t, 1, "C1", c.spec, "UTC")), &wall{}
				sleepUntil(t, c.back)
				courier(l, w).Tick(t.Context())
				courier(l, w).Tick(t.Context()) // harmless
				if diff := cmp.Diff(c.posted, w.seen()); diff != "" {
					t.Errorf("posted (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.history, l.history()); diff != "" {
					t.Errorf("history (-want +got):\n%s", diff)
				}
				if got := l.sub(1).Slot; got != c.next {
					t.Errorf("next: got %s, want %s", got, c.next)
				}
			})
		})
	}
}

func TestYearsOfDowntimeLeaveABoundedTrace(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"*/15 * * * *", "0 * * * *", "*/15 8-9 * * *", "*/15 * * 1 *", "0 8 * * 1"} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-23T12:00:00Z")
				l, w := newLedger(order(t, 1, "C1", spec, "Europe/Zurich")), &wall{}
				sleepUntil(t, "2029-11-23T12:00:00Z")
				courier(l, w).Tick(t.Context())
				history := l.history()
				if len(history) > 400 || len(history) < 150 {
					t.Errorf("got %d rows, want at most 400 and the newest of three years", len(history))
				}
				sub := l.sub(1)
				if _, slot, _ := schedule(t, spec, sub.Zone).Next(time.Now()); sub.Slot != slot {
					t.Errorf("next: got %s, want %s", sub.Slot, slot)
				}
				if got := l.sub(1).Next; !got.After(time.Now()) {
					t.Errorf("next: got %s, want later than now", got)
				}
			})
		})
	}
}

func TestOutcomesOfAPost(t *testing.T) {
	t.Parallel()
	cause := errors.New("not_in_channel")
	for _, c := range []struct {
		name    string
		outcome error
		reaches bool
		// state and reason after the first tick, and when it is tried again
		state, reason string
		again         time.Duration
		subscription  string
	}{
		{"sent", nil, true, "sent", "", 0, "active"},
		{"not sent", &bot.PostError{Outcome: bot.NotSent, Err: cause}, false, "planned", "not sent: not_in_channel", 30 * time.Second, "active"},
		{"not sent, wait", &bot.PostError{Outcome: bot.NotSent, RetryAfter: 2 * time.Minute, Err: cause}, false, "planned", "not sent: not_in_channel", 2 * time.Minute, "active"},
		{"not sent, wait for days", &bot.PostError{Outcome: bot.NotSent, RetryAfter: 48 * time.Hour, Err: cause}, false, "failed", "given up after 1 attempts: not sent: not_in_channel", 0, "active"},
		{"unknown, reached", &bot.PostError{Outcome: bot.Unknown, Err: cause}, true, "sending", "", time.Minute, "active"},
		{"unknown, did not reach", &bot.PostError{Outcome: bot.Unknown, Err: cause}, false, "sending", "", time.Minute, "active"},
		{"unknown, reached, look soon", &bot.PostError{Outcome: bot.Unknown, RetryAfter: 40 * time.Second, Err: cause}, true, "planned", "outcome unknown: not_in_channel", 40 * time.Second, "active"},
		{"says nothing", cause, true, "sending", "", time.Minute, "active"},
		{"refused", &bot.PostError{Outcome: bot.Refused, Err: cause}, false, "failed", "refused: not_in_channel", 0, "active"},
		{"gone", &bot.PostError{Outcome: bot.Gone, Err: cause}, false, "failed", "room gone: not_in_channel", 0, "gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-23T12:00:00Z")
				l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{fault: func(n int, _ bot.Post) (bool, error) {
					if n == 1 {
						return c.reaches, c.outcome
					}
					return true, nil
				}}
				sleepUntil(t, "2026-11-24T08:00:00Z")
				began := time.Now()
				courier(l, w).Tick(t.Context())
				want := []string{strings.TrimSpace("2026-11-24T08:00 " + c.state + " " + c.reason)}
				if diff := cmp.Diff(want, l.history()); diff != "" {
					t.Errorf("history (-want +got):\n%s", diff)
				}
				if got := l.sub(1).State; got != c.subscription {
					t.Errorf("subscription: got %s, want %s", got, c.subscription)
				}
				// Whatever happened, the room sees it at most once, and exactly
				// once where that is still possible.
				sleepUntil(t, "2026-11-24T09:00:00Z")
				end := begin(t, courier(l, w), courier(l, w))
				sleepUntil(t, "2026-11-24T10:00:00Z")
				end()
				attempts, seen := w.attempts(), 1
				if c.subscription == bot.SubscriptionGone {
					told := attempts[len(attempts)-1]
					if told.Room.ID != "U1" || told.Purpose != bot.ForNotice || len(attempts) != 2 {
						t.Errorf("got %+v, want the owner told, once", attempts)
					}
					return
				}
				if c.state == "failed" {
					seen = 0
				}
				if got := w.seen(); len(got) != seen {
					t.Errorf("got %q, want %d posts", got, seen)
				}
				if c.again == 0 {
					if len(attempts) != 1 {
						t.Errorf("got %d attempts, want 1", len(attempts))
					}
					return
				}
				key := bot.DeliveryKey(1, "2026-11-24T08:00")
				if len(attempts) != 2 || attempts[0].Key != key || attempts[1].Key != key {
					t.Fatalf("got attempts %+v, want 2 with the key %s", attempts, key)
				}
				first, second := attempts[0], attempts[1]
				unsure := bot.NotSent != outcomeOf(c.outcome) // a clear refusal leaves no doubt
				if first.Doubtful || second.Unlikely || second.Doubtful != unsure || !second.Since.Equal(began) || second.Purpose != bot.ForDigest || second.Room != (bot.Room{Platform: "wall", ID: "C1"}) {
					t.Errorf("got %+v and %+v, want the second doubtful (%v) since %s", first, second, unsure, began)
				}
			})
		})
	}
}

func TestARetryWaitsAsLongAsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		var at []string
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{fault: func(n int, _ bot.Post) (bool, error) {
			at = append(at, time.Now().Format("15:04:05"))
			after := time.Duration(0)
			if n == 2 {
				after = 10 * time.Minute
			}
			return false, &bot.PostError{Outcome: bot.NotSent, RetryAfter: after, Err: errors.New("rate limited")}
		}}
		end := begin(t, courier(l, w))
		sleepUntil(t, "2026-11-25T07:00:00Z")
		end()
		want := []string{"08:00:00", "08:00:30", "08:10:30", "08:12:30", "08:16:30", "08:24:30", "08:40:30", "09:10:30", "09:40:30"}
		if diff := cmp.Diff(want, at[:min(len(want), len(at))]); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if got, want := at[len(at)-1], "19:40:30"; got != want {
			t.Errorf("last attempt: got %s, want %s", got, want)
		}
		if diff := cmp.Diff([]string{fmt.Sprintf("2026-11-24T08:00 failed given up after %d attempts: not sent: rate limited", len(at))}, l.history()); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

// dying is a ledger as seen by a process that is killed after its post and
// before it can write that down.
type dying struct {
	*ledger
	kill context.CancelFunc
}

func (d dying) Sent(context.Context, bot.Delivery, string, time.Time) error {
	d.kill()
	return errors.New("killed")
}

func TestACrashBetweenPostAndMarkIsRepeatedAsDoubtful(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{}
		ctx, kill := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			courier(dying{l, kill}, w).Run(ctx)
		}()
		<-done
		if diff := cmp.Diff([]string{"2026-11-24T08:00 sending"}, l.history()); diff != "" {
			t.Fatalf("history after the crash (-want +got):\n%s", diff)
		}
		end := begin(t, courier(l, w), courier(l, w))
		sleepUntil(t, "2026-11-24T08:10:00Z")
		end()
		attempts := w.attempts()
		if len(attempts) != 2 || attempts[0].Key != attempts[1].Key || attempts[0].Doubtful || !attempts[1].Doubtful {
			t.Errorf("got attempts %+v, want two with the same key, the second doubtful", attempts)
		}
		if diff := cmp.Diff([]string{"C1 2026-11-24T08:00"}, w.seen()); diff != "" {
			t.Errorf("posted (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"2026-11-24T08:00 sent"}, l.history()); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

func TestADoubtThatIsTooOldIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome bot.Outcome
		want    string
	}{
		"unknown":  {bot.Unknown, "2026-11-24T08:00 failed expired before it could be sent; an earlier attempt may have reached the room"},
		"not sent": {bot.NotSent, "2026-11-24T08:00 failed expired before it could be sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-24T07:00:00Z")
				l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{fault: func(int, bot.Post) (bool, error) {
					return false, &bot.PostError{Outcome: c.outcome, Err: errors.New("broken")}
				}}
				sleepUntil(t, "2026-11-24T08:00:00Z")
				courier(l, w).Tick(t.Context())
				sleepUntil(t, "2026-11-24T20:00:01Z")
				courier(l, w).Tick(t.Context())
				if diff := cmp.Diff([]string{c.want}, l.history()); diff != "" || len(w.attempts()) != 1 {
					t.Errorf("%d attempts, history (-want +got):\n%s", len(w.attempts()), diff)
				}
			})
		})
	}
}

func TestAClockSetBackRepeatsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		subs := []bot.Subscription{order(t, 1, "C1", "0 */2 * * *", "UTC")}
		l, w := newLedger(subs...), &wall{}
		var shift atomic.Int64
		skewed := func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }
		a, b := courier(l, w), courier(l, w)
		a.Now, b.Now = skewed, skewed
		want := expected(t, instant(t, "2026-11-24T16:30:00Z"), subs...)
		end := begin(t, a, b)
		sleepUntil(t, "2026-11-24T12:30:00Z") // 08:00, 10:00 and 12:00 are out
		for _, back := range []time.Duration{-time.Minute, -3 * time.Hour, -5 * time.Hour, -30 * time.Minute} {
			shift.Store(int64(back))
			time.Sleep(time.Minute)
		}
		sleepUntil(t, "2026-11-24T17:00:00Z") // half an hour behind: 16:30 for them
		end()
		if diff := cmp.Diff(want, w.seen()); diff != "" || len(w.attempts()) != len(want) {
			t.Errorf("%d attempts, posted (-want +got):\n%s", len(w.attempts()), diff)
		}
	})
}

func TestAChangeOfTheZonesRulesDoublesNothing(t *testing.T) {
	t.Parallel()
	for name, shift := range map[string]time.Duration{"stored an hour early": -time.Hour, "stored an hour late": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-23T12:00:00Z")
				sub := order(t, 1, "C1", "0 8 * * *", "Europe/Zurich")
				sub.Next = sub.Next.Add(shift) // as older rules had it
				l, w := newLedger(sub), &wall{}
				end := begin(t, courier(l, w))
				sleepUntil(t, "2026-11-25T12:00:00Z")
				end()
				if diff := cmp.Diff([]string{"C1 2026-11-24T08:00", "C1 2026-11-25T08:00"}, w.seen()); diff != "" {
					t.Errorf("posted (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestABadSubscriptionIsPausedAndStopsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		zone, spec, good := order(t, 1, "C1", "0 8 * * *", "UTC"), order(t, 2, "C2", "0 8 * * *", "UTC"), order(t, 3, "C3", "0 8 * * *", "UTC")
		zone.Zone, spec.Cron = "Europe/Geneva", "CRON_TZ="
		damaged := order(t, 4, "C4", "0 8 * * *", "UTC")
		damaged.Broken = "its options cannot be read"
		l, w := newLedger(zone, spec, good, damaged), &wall{}
		end := begin(t, courier(l, w))
		sleepUntil(t, "2026-11-24T08:10:00Z")
		end()
		if seen := w.seen(); len(seen) != 4 || seen[0] != "C3 2026-11-24T08:00" || !strings.HasPrefix(seen[1], "I have paused, in the room C1") || !strings.HasPrefix(seen[2], "I have paused, in the room C2") || !strings.HasPrefix(seen[3], "I have paused, in the room C4") {
			t.Errorf("got %q, want the edition of the good one, and the owners of the others told why they stand still", seen)
		}
		got := []string{l.sub(1).State + ": " + l.sub(1).Reason, l.sub(2).State + ": " + l.sub(2).Reason, l.sub(3).State, l.sub(4).State + ": " + l.sub(4).Reason}
		want := []string{
			`paused: There is no time zone "Europe/Geneva"; did you mean Europe/Zurich?`,
			"paused: A cron expression holds no time zone; write it behind the expression, as in 0 8 * * 1 Europe/Zurich.",
			"active",
			"paused: Its options cannot be read; give it new ones, for example change 4 succession:yes, or end it with unsubscribe 4.",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

func TestAPlatformThatIsNotServedHereWaitsForOneThatServesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC"), order(t, 2, "C2", "0 8 * * *", "UTC")), &wall{}
		var log bytes.Buffer
		without := courier(l, w)
		without.Posters, without.Log = nil, slog.New(slog.NewTextHandler(&log, nil))
		end := begin(t, without)
		sleepUntil(t, "2026-11-24T08:10:00Z")
		end()
		if got := strings.Count(log.String(), "not configured here"); got != 1 {
			t.Errorf("got %d lines about the platform, want 1:\n%s", got, &log)
		}
		if got := l.history(); len(got) != 2 || got[0] != "2026-11-24T08:00 planned" {
			t.Errorf("got %q, want both planned", got)
		}
		end = begin(t, courier(l, w))
		sleepUntil(t, "2026-11-24T08:20:00Z")
		end()
		if got := w.seen(); len(got) != 2 {
			t.Errorf("got %q, want both", got)
		}
	})
}

func TestAnEditionIsWrittenAgainWhenWritingFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{}
		c, n := courier(l, w), 0
		c.Writer = writerFunc(func(ctx context.Context, e digest.Edition) (bot.Reply, error) {
			switch n++; n {
			case 1:
				return nil, errors.New("no calendar")
			case 2:
				panic("a bug in the writer")
			case 3:
				<-ctx.Done() // so slow that another replica may take over
			}
			return scribe(ctx, e)
		})
		end := begin(t, c)
		sleepUntil(t, "2026-11-24T08:20:00Z")
		end()
		if got := w.seen(); n != 4 || len(got) != 1 || !strings.HasPrefix(got[0], "C1 2026-11-24T08:00") || len(w.attempts()) != 1 {
			t.Errorf("got %q after %d tries and %d posts, want one after 4 and 1", got, n, len(w.attempts()))
		}
	})
}

func TestAnEmptyEditionIsNotPosted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{}
		c := courier(l, w)
		c.Writer = writerFunc(func(context.Context, digest.Edition) (bot.Reply, error) { return nil, nil })
		sleepUntil(t, "2026-11-24T08:00:00Z")
		c.Tick(t.Context())
		if got := l.history(); len(w.attempts()) != 0 || !slices.Equal(got, []string{"2026-11-24T08:00 sent"}) {
			t.Errorf("got %q and %d posts, want it done without a post", got, len(w.attempts()))
		}
	})
}

func TestNothingIsPostedToARoomThatUnsubscribed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{fault: func(int, bot.Post) (bool, error) {
			return false, &bot.PostError{Outcome: bot.NotSent, Err: errors.New("rate limited")}
		}}
		sleepUntil(t, "2026-11-24T08:00:00Z")
		courier(l, w).Tick(t.Context())
		if err := l.SetState(t.Context(), 1, "removed", "", time.Now()); err != nil {
			t.Fatal(err)
		}
		sleepUntil(t, "2026-11-24T08:10:00Z")
		courier(l, w).Tick(t.Context())
		if got := l.history(); len(w.attempts()) != 1 || !strings.HasPrefix(got[0], "2026-11-24T08:00 failed the subscription is removed") {
			t.Errorf("got %q and %d posts, want it given up after the first", got, len(w.attempts()))
		}
	})
}

func TestAStopWaitsForThePostInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{slow: 10 * time.Second}
		end := begin(t, courier(l, w))
		sleepUntil(t, "2026-11-24T08:00:05Z")
		end()
		if diff := cmp.Diff([]string{"2026-11-24T08:00 sent"}, l.history()); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

func TestAPostIsWrittenDownOnceTheDatabaseIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l, w := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC")), &wall{slow: 10 * time.Second}
		end := begin(t, courier(l, w), courier(l, w))
		sleepUntil(t, "2026-11-24T08:00:05Z")
		l.setAway(true) // while it is being posted
		sleepUntil(t, "2026-11-24T08:30:00Z")
		l.setAway(false)
		sleepUntil(t, "2026-11-24T08:40:00Z")
		end()
		if diff := cmp.Diff([]string{"2026-11-24T08:00 sent"}, l.history()); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
		if got := w.seen(); len(got) != 1 {
			t.Errorf("got %q, want one post", got)
		}
	})
}

func TestAHungPlatformEndsBeforeItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC"))
		var (
			mu             sync.Mutex
			at, most, hung int
		)
		c := func() *digest.Courier {
			c := courier(l, nil)
			c.Posters["wall"] = posterFunc(func(ctx context.Context, _ bot.Post) (bot.Receipt, error) {
				mu.Lock()
				hung++
				at++
				most = max(most, at)
				mu.Unlock()
				<-ctx.Done()
				mu.Lock()
				at--
				mu.Unlock()
				return bot.Receipt{}, ctx.Err()
			})
			return c
		}
		end := begin(t, c(), c(), c())
		sleepUntil(t, "2026-11-24T08:30:00Z")
		end()
		if most != 1 || hung < 20 {
			t.Errorf("got %d posts of one edition at once in %d attempts, want 1 and at least 20", most, hung)
		}
	})
}

type posterFunc func(ctx context.Context, p bot.Post) (bot.Receipt, error)

func (f posterFunc) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) { return f(ctx, p) }

func TestManyDueAtOnceAreAllDeliveredAFewAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		var subs []bot.Subscription
		for id := range int64(250) {
			subs = append(subs, order(t, id+1, fmt.Sprintf("C%03d", id), "0 8 * * *", "UTC"))
		}
		l, w := newLedger(subs...), &wall{slow: time.Second}
		sleepUntil(t, "2026-11-24T08:00:00Z")
		courier(l, w).Tick(t.Context())
		if got := l.count(bot.DeliverySent); got != 250 || len(w.seen()) != 250 || l.plans != 250 {
			t.Errorf("got %d sent, %d posted and %d planned, want 250 of each", got, len(w.seen()), l.plans)
		}
		// Eight at a time, a second each.
		if got, want := time.Since(instant(t, "2026-11-24T08:00:00Z")), 32*time.Second; got != want {
			t.Errorf("took %s, want %s", got, want)
		}
	})
}

func outcomeOf(err error) bot.Outcome {
	outcome, _ := bot.OutcomeOf(err)
	return outcome
}
