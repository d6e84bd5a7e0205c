package digest_test

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store/pgtest"
)

// onPostgres is a courier over a PostgreSQL of the test's own, which it may crash.
func onPostgres(t *testing.T, now string) (*kept, *pgtest.Server) {
	t.Helper()
	server, err := pgtest.Start(t.Context())
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("no PostgreSQL: %v", err)
	}
	ok(t, err)
	t.Cleanup(func() { _ = server.Stop() })
	dsn, err := server.Database(context.WithoutCancel(t.Context()), "digest")
	ok(t, err)
	return newKept(t, dsn, now), server
}

// TestAcceptance65APostgresThatIsDownForFiveMinutesLosesAndDoublesNothing lets the
// database go while one post is in flight and others are due.
func TestAcceptance65APostgresThatIsDownForFiveMinutesLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	k, server := onPostgres(t, "2026-11-24T07:00:00Z")
	k.subscribe(t, "C1")
	inFlight, away := make(chan struct{}), make(chan struct{})
	var once sync.Once
	k.wall.fault = func(int, bot.Post) (bool, error) {
		once.Do(func() {
			close(inFlight)
			<-away
		})
		return true, nil
	}
	c := k.courier()
	// Nothing takes it over while it is known to be in flight here.
	c.Lease = 10 * time.Minute
	var asked atomic.Int64
	c.Now = func() time.Time {
		asked.Add(1)
		return *k.now.Load()
	}
	k.set(t, "2026-11-24T08:00:00Z")
	end := begin(t, c)
	var ended sync.Once
	stop := func() { ended.Do(end) }
	defer stop()
	<-inFlight
	k.subscribe(t, "C2") // due tomorrow
	ok(t, server.Crash())
	close(away) // it is in the room, and cannot be written down
	for _, now := range []string{"2026-11-24T08:01:00Z", "2026-11-24T08:02:30Z", "2026-11-24T08:05:00Z"} {
		k.set(t, now)
		before := asked.Load()
		eventually(t, "it to look again", func() bool { return asked.Load() > before+10 })
	}
	ok(t, server.Restart(t.Context()))
	eventually(t, "the edition to be written down", func() bool {
		rows, err := k.db.Deliveries(t.Context(), bot.Room{Platform: "wall", ID: "C1"}, 10)
		return err == nil && len(rows) == 1 && rows[0].State == bot.DeliverySent
	})
	k.set(t, "2026-11-25T08:00:00Z")
	eventually(t, "the editions of the next day", func() bool { return len(k.wall.seen()) == 3 })
	stop()
	if got := k.wall.attempts(); len(got) != 3 {
		t.Errorf("got %d posts, want one of each edition", len(got))
	}
	if got, want := k.states(t, "C1"), "2026-11-24T08:00 sent; 2026-11-25T08:00 sent; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAcceptance65AConnectionThatBreaksInACommitOnPostgres breaks the connection
// of each commit in turn, after it was carried out and before that is known.
func TestAcceptance65AConnectionThatBreaksInACommitOnPostgres(t *testing.T) {
	t.Parallel()
	k, _ := onPostgres(t, "2026-11-24T07:00:00Z")
	k.subscribe(t, "C1")
	c := k.courier()
	ledger := &committedUnheard{Store: k.db}
	ledger.broken.Store(2)
	c.Ledger = ledger
	var remembered atomic.Int64
	c.Posted = func(context.Context, bot.Post, bot.Receipt) error {
		remembered.Add(1)
		return nil
	}
	for _, now := range []string{"2026-11-24T08:00:00Z", "2026-11-24T08:00:01Z", "2026-11-24T08:02:00Z"} {
		k.set(t, now)
		c.Tick(t.Context())
	}
	if got := k.states(t, "C1"); got != "2026-11-24T08:00 sent; " || len(k.wall.attempts()) != 1 || remembered.Load() != 1 {
		t.Errorf("got %s after %d posts, remembered %d times, want it sent by one", got, len(k.wall.attempts()), remembered.Load())
	}
}
