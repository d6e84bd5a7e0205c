package digest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"

	"github.com/google/go-cmp/cmp"
)

// The acceptance tests of the time, by their numbers in the project's list of
// what a bot must stand.

func TestAcceptance56AReadingThatIsLeftOutRunsOnceAfterTheGap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ spec, zone, ordered, until, slot, at string }{
		{"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-09T00:00:00Z", "2026-03-08T02:30", "2026-03-08T07:00:00Z"},
		{"0 0 * * 5", "Africa/Cairo", "2026-04-20T12:00:00Z", "2026-04-26T00:00:00Z", "2026-04-24T00:00", "2026-04-23T22:00:00Z"},
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-04T12:00:00Z", "2026-10-04T02:15", "2026-10-03T15:30:00Z"},
	} {
		t.Run(c.zone, func(t *testing.T) {
			t.Parallel()
			runOnce(t, c.spec, c.zone, c.ordered, c.until, c.slot, c.at)
		})
	}
}

func TestAcceptance57AReadingThatIsShownTwiceRunsOnceTheFirstTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ spec, zone, ordered, until, slot, at string }{
		{"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-02T00:00:00Z", "2026-11-01T01:30", "2026-11-01T05:30:00Z"},
		{"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-05T12:00:00Z", "2026-04-05T01:45", "2026-04-04T14:45:00Z"},
	} {
		t.Run(c.zone, func(t *testing.T) {
			t.Parallel()
			runOnce(t, c.spec, c.zone, c.ordered, c.until, c.slot, c.at)
		})
	}
}

// runOnce delivers from when it was ordered and wants the slot once, at an
// instant.
func runOnce(t *testing.T, spec, zone, ordered, until, slot, at string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		// A bubble begins in the year 2000; the rules are those of the days named.
		sleepUntil(t, ordered)
		l, w := newLedger(order(t, 1, "C1", spec, zone)), &wall{}
		var posted []string
		w.fault = func(_ int, p bot.Post) (bool, error) {
			posted = append(posted, p.Reply.String()+" "+time.Now().UTC().Format(time.RFC3339))
			return true, nil
		}
		end := begin(t, courier(l, w), courier(l, w))
		sleepUntil(t, until)
		end()
		want := "C1 " + slot + " " + at
		if n := len(slices.DeleteFunc(slices.Clone(posted), func(s string) bool { return s != want })); n != 1 {
			t.Errorf("got %q, want %q once", posted, want)
		}
		for _, p := range posted {
			if strings.Contains(p, slot) && p != want {
				t.Errorf("got %q too", p)
			}
		}
	})
}

func TestAcceptance58ClockJumpsRepeatNothingAndMissesAreListed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(shift *atomic.Int64) // at 10:00:30, after the run of 10:00
		posted  []string
		history []string
	}{
		{
			"two hours back", func(shift *atomic.Int64) { shift.Add(int64(-2 * time.Hour)) },
			[]string{"C1 2026-11-24T10:00"},
			[]string{"2026-11-24T10:00 sent"},
		},
		{
			"26 hours ahead", func(shift *atomic.Int64) { shift.Add(int64(26 * time.Hour)) },
			[]string{"C1 2026-11-24T10:00", "C1 2026-11-25T10:00 late 2h0m30s"},
			[]string{"2026-11-24T10:00 sent", "2026-11-25T10:00 sent"},
		},
		{
			"50 hours ahead", func(shift *atomic.Int64) { shift.Add(int64(50 * time.Hour)) },
			[]string{"C1 2026-11-24T10:00", "C1 2026-11-26T10:00 late 2h0m30s"},
			[]string{"2026-11-24T10:00 sent", "2026-11-25T10:00 missed superseded by a later slot", "2026-11-26T10:00 sent"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-24T09:00:00Z")
				var shift atomic.Int64
				l, w := newLedger(order(t, 1, "C1", "0 10 * * *", "UTC")), &wall{}
				one := courier(l, w)
				one.Now = func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }
				end := begin(t, one)
				sleepUntil(t, "2026-11-24T10:00:29Z")
				time.Sleep(500 * time.Millisecond) // between two ticks
				c.change(&shift)
				time.Sleep(3*time.Hour + 59*time.Minute)
				end()
				if diff := cmp.Diff(c.posted, w.seen()); diff != "" {
					t.Errorf("posted (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.history, l.history()); diff != "" {
					t.Errorf("history (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A machine that is suspended shows a later time when it wakes, and its ticks have
// not counted the hours between.
func TestAcceptance58ASuspendOfEightHoursOverSlotsCatchesUpOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T05:59:00Z")
		var shift atomic.Int64
		daily, often := order(t, 1, "C1", "0 10 * * *", "UTC"), order(t, 2, "C2", "0 6,8,10,12 * * *", "UTC")
		short := order(t, 3, "C3", "0 10 * * *", "UTC")
		short.Options = map[string]string{digest.OptionGrace: "1h"}
		l, w := newLedger(daily, often, short), &wall{}
		one := courier(l, w)
		one.Now = func() time.Time { return time.Now().Round(0).Add(time.Duration(shift.Load())) }
		end := begin(t, one)
		time.Sleep(90*time.Second + 500*time.Millisecond)
		shift.Add(int64(8 * time.Hour)) // from 06:00:30 to 14:00:30
		time.Sleep(time.Hour)
		end()
		got := w.seen()
		slices.Sort(got)
		want := []string{"C1 2026-11-24T10:00 late 4h0m31s", "C2 2026-11-24T06:00", "C2 2026-11-24T12:00 late 2h0m31s"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("posted (-want +got):\n%s", diff)
		}
		history := l.history()
		slices.Sort(history)
		wantHistory := []string{
			"2026-11-24T06:00 sent", "2026-11-24T08:00 missed superseded by a later slot", "2026-11-24T10:00 missed expired: nobody was there to send it in time",
			"2026-11-24T10:00 missed superseded by a later slot", "2026-11-24T10:00 sent", "2026-11-24T12:00 sent",
		}
		if diff := cmp.Diff(wantHistory, history); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

func TestAcceptance59DowntimeOverFiveDailySlots(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		grace, back string
		posted      []string
	}{
		{"6h", "2026-11-28T13:30:00Z", []string{"C1 2026-11-28T08:00 late 5h30m0s"}},
		{"6h", "2026-11-28T14:30:00Z", nil},
		{"0h", "2026-11-28T08:30:00Z", nil},
		{"48h", "2026-11-29T07:59:00Z", []string{"C1 2026-11-28T08:00 late 23h59m0s"}},
	} {
		t.Run(c.grace+" "+c.back, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-23T12:00:00Z")
				sub := order(t, 1, "C1", "0 8 * * *", "UTC")
				sub.Options = map[string]string{digest.OptionGrace: c.grace}
				l, w := newLedger(sub), &wall{}
				sleepUntil(t, c.back)
				end := begin(t, courier(l, w), courier(l, w))
				time.Sleep(time.Minute - time.Second)
				end()
				if diff := cmp.Diff(c.posted, w.seen()); diff != "" {
					t.Errorf("posted (-want +got):\n%s", diff)
				}
				if got, want := l.count(bot.DeliveryMissed), 5-len(c.posted); got != want || len(l.history()) != 5 {
					t.Errorf("got %d missed in %q, want %d: each of the five slots is accounted for", got, l.history(), want)
				}
			})
		})
	}
}

// unwritable is a ledger in which nothing can be planned for so many times.
type unwritable struct {
	*ledger
	times int
}

func (u *unwritable) Plan(ctx context.Context, plans []bot.Plan, now time.Time) error {
	if u.times--; u.times >= 0 {
		return errAway
	}
	return u.ledger.Plan(ctx, plans, now)
}

func TestAcceptance60RulesAndSessionsThatChangeMoveTheInstantAndKeepTheSlot(t *testing.T) {
	t.Parallel()
	t.Run("the rules of the zone", func(t *testing.T) {
		t.Parallel()
		for _, stored := range []time.Duration{-time.Hour, time.Hour} { // as older rules had it
			synctest.Test(t, func(t *testing.T) {
				sleepUntil(t, "2026-11-23T12:00:00Z")
				sub := order(t, 1, "C1", "0 8 * * *", "Europe/Zurich")
				right := sub.Next
				sub.Next = sub.Next.Add(stored)
				l, w := newLedger(sub), &wall{}
				courier(l, w).Tick(t.Context())
				if got := l.sub(1); !got.Next.Equal(right) || got.Slot != sub.Slot {
					t.Errorf("got %s at %s, want %s at %s", got.Slot, got.Next, sub.Slot, right)
				}
			})
		}
	})
	t.Run("the rules of the zone, while the database is away", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			sleepUntil(t, "2026-11-23T12:00:00Z")
			sub := order(t, 1, "C1", "0 8 * * *", "Europe/Zurich")
			right := sub.Next
			sub.Next = sub.Next.Add(time.Hour)
			l := newLedger(sub)
			c := courier(&unwritable{ledger: l, times: 1}, &wall{})
			for range 2 {
				c.Tick(t.Context())
			}
			if got := l.sub(1); !got.Next.Equal(right) {
				t.Errorf("got %s a round after the failure, want %s", got.Next, right)
			}
		})
	})
	t.Run("a session", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			sleepUntil(t, "2026-11-23T12:00:00Z")
			var day atomic.Pointer[time.Time]
			set := func(at string) { d := instant(t, at); day.Store(&d) }
			sub := bot.Subscription{ID: 1, Room: bot.Room{Platform: "wall", ID: "C1"}, Kind: digest.Kind, Cron: "sessions T-7,T-1 09:00", Zone: "UTC", State: bot.SubscriptionActive}
			l, w := newLedger(sub), &wall{}
			c := courierEvery(l, w, time.Minute)
			c.Sessions = func([]string, time.Time) []time.Time {
				if d := day.Load(); d != nil {
					return []time.Time{*d}
				}
				return nil
			}
			end := begin(t, c)
			sleepUntil(t, "2026-11-25T00:00:00Z")
			if got := l.sub(1); !got.Next.IsZero() || got.State != bot.SubscriptionActive {
				t.Errorf("without a session: got %s, %s; want it to wait", got.Next, got.State)
			}
			set("2026-12-07T00:00:00Z") // the calendar learns of it
			sleepUntil(t, "2026-12-02T00:00:00Z")
			set("2026-12-14T00:00:00Z") // and it moves
			sleepUntil(t, "2026-12-20T00:00:00Z")
			end()
			want := []string{"C1 2026-11-30T09:00", "C1 2026-12-07T09:00", "C1 2026-12-13T09:00"}
			if diff := cmp.Diff(want, w.seen()); diff != "" {
				t.Errorf("posted (-want +got):\n%s", diff)
			}
		})
	})
}

func TestAcceptance61WhatIsNoScheduleIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{
		"TZ=UTC", "CRON_TZ=", "TZ=", "CRON_TZ=UTC 0 8 * * *", "0 0 30 2 *", "@every 1ns", "@every 1h", "@daily", "@reboot", "* * * * *", "*/14 * * * *",
		strings.Repeat("1,", 5000) + " * * * *", "0 8 \x00 * *", "٠ ٨ * * *", "0 8 * * ,", "", "0 0 9 * * 1", "0 8 31 4,6,9,11 *",
	} {
		_, err := digest.Parse(spec, "UTC")
		if err == nil || len(err.Error()) < 20 || len(err.Error()) > 400 {
			t.Errorf("%.40q: got %v, want a reason", spec, err)
		}
		// The best of ten: a busy machine is no slow parser.
		best := time.Hour
		for range 10 {
			began := time.Now()
			_, _ = digest.Parse(spec, "UTC")
			best = min(best, time.Since(began))
		}
		if best > 10*time.Millisecond {
			t.Errorf("%.40q: took %s, want less than 10 ms", spec, best)
		}
	}
}

func TestAcceptance16AThousandDueAtOnceAreSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		var subs []bot.Subscription
		for id := range int64(1000) {
			subs = append(subs, order(t, id+1, fmt.Sprintf("C%04d", id), "0 8 * * *", "UTC"))
		}
		l, w := newLedger(subs...), &wall{slow: 200 * time.Millisecond}
		perSecond := map[int64]int{}
		w.fault = func(int, bot.Post) (bool, error) {
			perSecond[time.Now().Unix()]++
			return true, nil
		}
		c := courier(l, w)
		c.PerSecond = map[string]float64{"wall": 5}
		end := begin(t, c)
		sleepUntil(t, "2026-11-24T08:05:00Z")
		end()
		if got := l.count(bot.DeliverySent); got != 1000 || len(w.seen()) != 1000 {
			t.Errorf("got %d sent and %d posted within five minutes, want 1000 of each", got, len(w.seen()))
		}
		for second, n := range perSecond {
			if n > 11 { // a second's worth that was saved up, and one more
				t.Errorf("got %d posts in the second %d, want at most five and what was saved up", n, second)
			}
		}
	})
}
