package digest_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/digest"
)

// sessionOrder is a subscription before sessions of which the first is due.
func sessionOrder(t *testing.T, slot string) bot.Subscription {
	t.Helper()
	next, err := time.Parse("2006-01-02T15:04", slot)
	ok(t, err)
	return bot.Subscription{
		ID: 1, Room: bot.Room{Platform: "wall", ID: "C1"}, Kind: digest.Kind, Cron: "sessions T-7,T-1 09:00", Zone: "UTC",
		Next: next, Slot: slot, State: bot.SubscriptionActive, Options: map[string]string{digest.OptionTopics: "Global Mechanism"},
	}
}

func TestDowntimeOverASessionLeavesARowForEachDayBeforeIt(t *testing.T) {
	t.Parallel()
	cal, _ := known(t)
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(sessionOrder(t, "2026-11-30T09:00")), &wall{}
		// The meetings begin on 7 December; nobody is there until the 12th.
		sleepUntil(t, "2026-12-12T12:00:00Z")
		c := courier(l, w)
		c.Sessions = digest.SessionsOf(cal)
		c.Tick(t.Context())
		want := []string{
			"2026-11-30T09:00 missed expired: nobody was there to send it in time",
			"2026-12-06T09:00 missed expired: nobody was there to send it in time",
		}
		if diff := cmp.Diff(want, l.history()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestASessionThatMovesMovesItsDigestsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T12:00:00Z")
		var day atomic.Pointer[time.Time]
		set := func(at string) { d := instant(t, at); day.Store(&d) }
		set("2026-12-07T00:00:00Z")
		l, w := newLedger(sessionOrder(t, "2026-11-30T09:00")), &wall{}
		c := courier(l, w)
		c.Sessions = func([]string, time.Time) []time.Time { return []time.Time{*day.Load()} }
		end := begin(t, c)
		defer end()
		time.Sleep(time.Minute)
		set("2026-12-03T00:00:00Z")
		c.Refresh()
		time.Sleep(2 * time.Second)
		if got := l.sub(1); got.Slot != "2026-11-26T09:00" {
			t.Errorf("got %s next, want the day a week before the session's new day", got.Slot)
		}
	})
}

func TestADigestBeforeSessionsFollowsTheProcessesThatItHolds(t *testing.T) {
	t.Parallel()
	cal, _ := known(t)
	now := instant(t, "2026-11-24T10:00:00Z")
	for _, c := range [][2]string{
		{"", "2026-11-30T09:00"},
		{" topics:sovereignty", "2026-11-30T09:00"},      // names no process: all
		{" topics:sovereignty,OEWG", "2026-11-30T09:00"}, // the heir's
		{` processes:"Global Mechanism"`, "2026-11-30T09:00"},
		{" topics:sovereignty processes:nobody", "2026-11-30T09:00"},
		{` topics:"Convention against Cybercrime"`, ""},
	} {
		options, want := c[0], c[1]
		times, err := digest.PreviewFollowing(digest.SessionsOf(cal), "digest sessions T-7,T-1 09:00 UTC"+options, now)
		ok(t, err)
		got := ""
		if len(times) > 0 {
			got = times[0].Due.UTC().Format("2006-01-02T15:04")
		}
		if got != want {
			t.Errorf("%q: comes next on %q, want %q", options, got, want)
		}
	}
}
