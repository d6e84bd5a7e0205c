package digest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
)

// mortal is the ledger as one process sees it, until it is killed: from then on
// nothing that the process does reaches anybody.
type mortal struct {
	*ledger
	dead *atomic.Bool
}

var errKilled = errors.New("killed")

func (m mortal) Due(ctx context.Context, now time.Time, limit int) ([]bot.Subscription, error) {
	if m.dead.Load() {
		return nil, errKilled
	}
	return m.ledger.Due(ctx, now, limit)
}

func (m mortal) Plan(ctx context.Context, plans []bot.Plan, now time.Time) error {
	if m.dead.Load() {
		return errKilled
	}
	return m.ledger.Plan(ctx, plans, now)
}

func (m mortal) Claim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error) {
	if m.dead.Load() {
		return nil, errKilled
	}
	return m.ledger.Claim(ctx, platform, now, lease, limit)
}

func (m mortal) Sent(ctx context.Context, d bot.Delivery, receipt string, now time.Time) error {
	if m.dead.Load() {
		return errKilled
	}
	return m.ledger.Sent(ctx, d, receipt, now)
}

func (m mortal) Retry(ctx context.Context, d bot.Delivery, notBefore time.Time, reason string) error {
	if m.dead.Load() {
		return errKilled
	}
	return m.ledger.Retry(ctx, d, notBefore, reason)
}

// civilSlots names what a schedule owes a room, from the calendar of civil days
// alone: one slot for each day that keep keeps.
func civilSlots(from, until time.Time, clock string, keep func(day time.Time) bool) []string {
	var slots []string
	for day := from.UTC().Truncate(24 * time.Hour); day.Before(until); day = day.AddDate(0, 0, 1) {
		if keep(day) {
			slots = append(slots, day.Format(time.DateOnly)+"T"+clock)
		}
	}
	return slots
}

// TestTenYearsInSevenZones runs two replicas, which are killed and restarted at
// random, also both at once and also between a post and its mark, for ten years.
// What each room is owed is counted from civil dates and not from the schedule.
func TestTenYearsInSevenZones(t *testing.T) {
	t.Parallel()
	everyDay := func(time.Time) bool { return true }
	monday := func(day time.Time) bool { return day.Weekday() == time.Monday }
	lastDay := func(day time.Time) bool { return day.AddDate(0, 0, 1).Day() == 1 }
	rhythms := []struct {
		spec, clock string
		keep        func(time.Time) bool
	}{
		{"0 0 * * *", "00:00", everyDay}, // left out in Beirut and Santiago
		{"45 1 * * *", "01:45", everyDay},
		{"30 2 * * *", "02:30", everyDay},
		{"0 9 * * *", "09:00", everyDay}, // lost in Lord Howe by a library that steps hours
		{"0 8 * * 1", "08:00", monday},
		{"0 9 L * *", "09:00", lastDay},
	}
	zones := []string{
		"America/New_York", "Europe/Zurich", "Europe/Moscow", "Asia/Beirut", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata",
	}
	years := 10
	if testing.Short() || underRace { // make unit runs all ten without the detector too
		years = 1
	}
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-23T12:00:00Z")
		start := time.Now()
		until := start.AddDate(years, 0, 0)
		var subs []bot.Subscription
		owed := map[string]int{} // "room slot"
		for _, zone := range zones {
			for _, r := range rhythms {
				room := zone + " " + r.spec
				sub := order(t, int64(len(subs)+1), room, r.spec, zone)
				subs = append(subs, sub)
				for _, slot := range civilSlots(start.AddDate(0, 0, 2), until.AddDate(0, 0, -2), r.clock, r.keep) {
					owed[room+" "+slot] = 0
				}
			}
		}
		l, w := newLedger(subs...), &wall{slow: time.Second}
		w.fault = faults(rand.New(rand.NewPCG(10, 7)))
		var kills atomic.Int64
		run := func(seed uint64, every time.Duration) {
			random := rand.New(rand.NewPCG(seed, 2))
			for time.Now().Before(until) {
				ctx, cancel := context.WithCancel(t.Context())
				dead := &atomic.Bool{}
				c := courierEvery(l, w, every)
				c.Ledger = mortal{l, dead}
				var running sync.WaitGroup
				running.Go(func() { c.Run(ctx) })
				time.Sleep(min(time.Duration(random.Int64N(int64(20*24*time.Hour))), time.Until(until)))
				dead.Store(true)
				cancel()
				running.Wait()
				kills.Add(1)
				time.Sleep(time.Duration(random.Int64N(int64(2 * time.Hour))))
			}
		}
		var both sync.WaitGroup
		both.Go(func() { run(1, 67*time.Minute) })
		both.Go(func() { run(2, 83*time.Minute) })
		both.Wait()
		// What was in flight at the end is finished by whoever comes next.
		end := begin(t, courierEvery(l, w, time.Minute))
		time.Sleep(3 * time.Hour)
		end()

		doubled, strange := 0, 0
		for _, text := range w.seen() {
			text, _, _ = strings.Cut(text, " late ")
			if _, known := owed[text]; !known {
				continue // of the days at the edges
			}
			if owed[text]++; owed[text] > 1 {
				doubled++
			}
		}
		lost := 0
		for _, name := range slices.Sorted(maps.Keys(owed)) {
			if owed[name] == 0 {
				if lost++; lost < 10 {
					t.Errorf("lost: %s", name)
				}
			}
		}
		for _, line := range l.history() {
			if !strings.HasSuffix(line, " "+bot.DeliverySent) {
				if strange++; strange < 10 {
					t.Errorf("not sent: %s", line)
				}
			}
		}
		report(t, fmt.Sprintf("SIMULATION %d years, %d zones, %d rooms, two replicas, %d kills: %d editions owed, %d posted, %d attempts: %d lost, %d doubled, %d not sent",
			years, len(zones), len(subs), kills.Load(), len(owed), len(w.seen()), len(w.attempts()), lost, doubled, strange))
		if doubled > 0 || lost > 0 || kills.Load() < int64(30*years) || len(w.attempts()) < len(owed)*21/20 {
			t.Errorf("got %d lost, %d doubled after %d kills and %d attempts for %d editions; want none, and kills and faults to have happened", lost, doubled, kills.Load(), len(w.attempts()), len(owed))
		}
	})
}

// report logs a line, and writes it into the file that REPORT names: go test hides
// what a passing test logs.
func report(t *testing.T, line string) {
	t.Helper()
	t.Log(line)
	path := os.Getenv("REPORT")
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Error(err)
		return
	}
	_, err = file.WriteString(line + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		t.Error(err)
	}
}

// faults makes one post in ten go wrong, in each of the ways there are.
func faults(random *rand.Rand) func(int, bot.Post) (bool, error) {
	return func(int, bot.Post) (bool, error) {
		switch random.IntN(40) {
		case 0:
			return true, &bot.PostError{Outcome: bot.Unknown, Err: errors.New("timeout after it arrived")}
		case 1:
			return false, errors.New("connection reset")
		case 2:
			return false, &bot.PostError{Outcome: bot.NotSent, RetryAfter: 90 * time.Second, Err: errors.New("rate limited")}
		case 3:
			panic("a bug in the adapter")
		}
		return true, nil
	}
}

// TestANegativeControlDoubles shows that the simulation can fail: a platform that
// does not look before it repeats a post, as a careless adapter would.
func TestANegativeControlDoubles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-23T12:00:00Z")
		l := newLedger(order(t, 1, "C1", "0 9 * * *", "UTC"))
		w := &wall{}
		w.fault = func(n int, _ bot.Post) (bool, error) {
			if n%2 == 1 {
				return true, errors.New("connection reset")
			}
			return true, nil
		}
		careless := courierEvery(l, w, time.Minute)
		careless.Posters = map[string]digest.Poster{"wall": posterFunc(func(ctx context.Context, p bot.Post) (bot.Receipt, error) {
			p.Doubtful = false
			return w.Post(ctx, p)
		})}
		end := begin(t, careless)
		time.Sleep(10 * 24 * time.Hour)
		end()
		if got := len(w.seen()); got != 20 {
			t.Errorf("got %d posts of ten editions, want every one doubled", got)
		}
		if got := l.count(bot.DeliverySent); got != 10 {
			t.Errorf("got %d sent, want 10", got)
		}
	})
}
