package digest_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
	"rapporteur/store"
	"rapporteur/store/pgtest"
)

// BenchmarkDueAtOnce delivers editions that are all due at the same instant, to a
// platform that takes 20 ms for a post, from the claim of the first to the mark of
// the last. It reports posts a second and the time until half and all of them
// stand in their rooms.
func BenchmarkDueAtOnce(b *testing.B) {
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		for _, editions := range []int{1000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", database, editions), func(b *testing.B) {
				for range b.N {
					deliverAtOnce(b, database, editions)
				}
			})
		}
	}
}

func deliverAtOnce(b *testing.B, database string, editions int) {
	b.Helper()
	b.StopTimer()
	ctx := b.Context()
	path := filepath.Join(b.TempDir(), "bench.db")
	if database == "PostgreSQL" {
		server, err := pgtest.Start(ctx)
		if err != nil {
			b.Skipf("no PostgreSQL: %v", err)
		}
		defer func() { _ = server.Stop() }()
		if path, err = server.Database(ctx, "bench"); err != nil {
			b.Fatal(err)
		}
	}
	db, err := store.Open(ctx, path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	due := time.Now().Truncate(time.Minute)
	for i := range editions {
		sub := bot.Subscription{
			Room: bot.Room{Platform: "wall", ID: fmt.Sprintf("C%05d", i)}, Kind: digest.Kind, Cron: due.UTC().Format("4 15") + " * * *", Zone: "UTC",
			CreatedBy: "U1", CreatedAt: due.Add(-time.Hour), Next: due, Slot: due.UTC().Format("2006-01-02T15:04"),
		}
		if _, err := db.Subscribe(ctx, sub); err != nil {
			b.Fatal(err)
		}
	}
	var (
		mu    sync.Mutex
		times []time.Duration
		began time.Time
	)
	done, cancel := context.WithCancel(ctx)
	defer cancel()
	poster := posterFunc(func(context.Context, bot.Post) (bot.Receipt, error) {
		time.Sleep(20 * time.Millisecond) // what it stands for takes time
		mu.Lock()
		defer mu.Unlock()
		times = append(times, time.Since(began))
		if len(times) == editions {
			cancel() // Run still writes down what is in flight
		}
		return bot.Receipt{ID: "ts"}, nil
	})
	c := &digest.Courier{
		Ledger: db, Posters: map[string]digest.Poster{"wall": poster}, Writer: writerFunc(scribe), Log: slog.New(slog.DiscardHandler), Workers: 100,
	}
	began = time.Now()
	b.StartTimer()
	c.Run(done)
	b.StopTimer()
	if len(times) != editions {
		b.Fatalf("got %d posts, want %d", len(times), editions)
	}
	last := times[len(times)-1]
	b.ReportMetric(float64(editions)/last.Seconds(), "posts/s")
	b.ReportMetric(times[0].Seconds(), "s-to-first")
	b.ReportMetric(times[len(times)/2].Seconds(), "s-to-half")
	b.ReportMetric(last.Seconds(), "s-to-last")
	b.ReportMetric(peakMemory(b), "MB-peak")
	b.ReportMetric(0, "ns/op")
}

// peakMemory is the most memory that the process has had, in megabytes; 0 where
// the system does not say.
func peakMemory(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes float64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		return 0
	}
	return kilobytes / 1024
}
