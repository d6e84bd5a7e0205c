package digest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
	"rapporteur/store"
)

// kept is a courier over a real database whose clock the test sets.
type kept struct {
	path string
	db   *store.Store
	now  atomic.Pointer[time.Time]
	wall *wall
}

func newKept(t *testing.T, path, now string) *kept {
	t.Helper()
	k := &kept{path: path, wall: &wall{}}
	k.set(t, now)
	k.open(t)
	return k
}

func (k *kept) open(t *testing.T) {
	t.Helper()
	db, err := store.Open(t.Context(), k.path, store.CallersClock()) // the test sets it
	if err != nil {
		t.Fatal(err)
	}
	k.db = db
	t.Cleanup(func() { _ = db.Close() })
}

func (k *kept) close(t *testing.T) {
	t.Helper()
	if err := k.db.Close(); err != nil {
		t.Fatal(err)
	}
}

func (k *kept) set(t *testing.T, now string) {
	t.Helper()
	at := instant(t, now)
	k.now.Store(&at)
}

func (k *kept) courier() *digest.Courier {
	return &digest.Courier{
		Ledger: k.db, Posters: map[string]digest.Poster{"wall": k.wall}, Writer: writerFunc(scribe), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return *k.now.Load() }, Every: 10 * time.Millisecond,
	}
}

// subscribe orders a daily digest at eight.
func (k *kept) subscribe(t *testing.T, room string) {
	t.Helper()
	now := *k.now.Load()
	due, slot, _ := schedule(t, "0 8 * * *", "UTC").Next(now)
	_, err := k.db.Subscribe(t.Context(), bot.Subscription{
		Room: bot.Room{Platform: "wall", ID: room}, Kind: digest.Kind, Cron: "0 8 * * *", Zone: "UTC", CreatedBy: "U1", CreatedAt: now, Next: due, Slot: slot,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (k *kept) states(t *testing.T, room string) string {
	t.Helper()
	rows, err := k.db.Deliveries(t.Context(), bot.Room{Platform: "wall", ID: room}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var line strings.Builder
	for _, row := range slices.Backward(rows) {
		line.WriteString(row.Slot + " " + row.State + "; ")
	}
	return line.String()
}

func TestAcceptance65AWriterFromOutsideDelaysAndLosesNothing(t *testing.T) {
	t.Parallel()
	k := newKept(t, filepath.Join(t.TempDir(), "bot.db"), "2026-11-24T07:00:00Z")
	k.subscribe(t, "C1")
	k.set(t, "2026-11-24T08:00:00Z")
	outside, err := sql.Open("sqlite", "file:"+k.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outside.Close() }()
	outside.SetMaxOpenConns(1)
	if _, err := outside.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	end := begin(t, k.courier())
	defer end()
	time.Sleep(6 * time.Second) // longer than the busy timeout
	if got := k.wall.attempts(); len(got) != 0 {
		t.Errorf("got %d posts while nothing can be written down, want none", len(got))
	}
	if _, err := outside.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the edition", func() bool { return k.states(t, "C1") == "2026-11-24T08:00 sent; " })
	if got := k.wall.attempts(); len(got) != 1 {
		t.Errorf("got %d posts, want one", len(got))
	}
}

// committedUnheard commits what it is told to claim and answers with an error, as
// a connection does that breaks in the commit.
type committedUnheard struct {
	*store.Store
	broken atomic.Int64
}

func (c *committedUnheard) Claim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error) {
	claimed, err := c.Store.Claim(ctx, platform, now, lease, limit)
	if len(claimed) > 0 && c.broken.Add(-1) >= 0 {
		return nil, errors.New("connection reset in the commit")
	}
	return claimed, err
}

func (c *committedUnheard) Plan(ctx context.Context, plans []bot.Plan, now time.Time) error {
	err := c.Store.Plan(ctx, plans, now)
	if err == nil && c.broken.Add(-1) >= 0 {
		return errors.New("connection reset in the commit")
	}
	return err
}

func TestAcceptance65ACommitOfUnknownOutcomeNeitherLosesNorDoubles(t *testing.T) {
	t.Parallel()
	k := newKept(t, filepath.Join(t.TempDir(), "bot.db"), "2026-11-24T07:00:00Z")
	k.subscribe(t, "C1")
	c := k.courier()
	ledger := &committedUnheard{Store: k.db}
	ledger.broken.Store(2)
	c.Ledger = ledger
	for _, now := range []string{"2026-11-24T08:00:00Z", "2026-11-24T08:00:01Z", "2026-11-24T08:02:00Z"} {
		k.set(t, now)
		c.Tick(t.Context())
	}
	if got := k.states(t, "C1"); got != "2026-11-24T08:00 sent; " || len(k.wall.attempts()) != 1 {
		t.Errorf("got %s after %d posts, want it sent by one", got, len(k.wall.attempts()))
	}
}

func TestAcceptance66AStopUnderLoadFinishesWhatItBegan(t *testing.T) {
	t.Parallel()
	k := newKept(t, filepath.Join(t.TempDir(), "bot.db"), "2026-11-24T07:00:00Z")
	const rooms = 60
	for i := range rooms {
		k.subscribe(t, fmt.Sprint("C", i))
	}
	k.set(t, "2026-11-24T08:00:00Z")
	k.wall.slow = 50 * time.Millisecond
	end := begin(t, k.courier())
	eventually(t, "the first posts", func() bool { return len(k.wall.attempts()) > 0 })
	began := time.Now()
	end()
	if took := time.Since(began); took > 25*time.Second {
		t.Errorf("the stop took %s, want at most 25 s", took)
	}
	sent := 0
	for i := range rooms {
		if k.states(t, fmt.Sprint("C", i)) == "2026-11-24T08:00 sent; " {
			sent++
		}
	}
	if got := len(k.wall.attempts()); got != sent || sent == rooms {
		t.Errorf("got %d posts and %d marked as sent, want all that was begun marked, and not everything begun", got, sent)
	}
	k.close(t)
	k.open(t)
	k.courier().Tick(t.Context())
	if got := k.wall.attempts(); len(got) != rooms || len(k.wall.seen()) != rooms {
		t.Errorf("got %d posts after the restart, want %d: the rest resumes", len(got), rooms)
	}
}

func TestAcceptance67ABackupOfYesterdaySendsNothingOldAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := newKept(t, filepath.Join(dir, "bot.db"), "2026-11-23T12:00:00Z")
	k.subscribe(t, "C1")
	k.close(t)
	backup, err := os.ReadFile(k.path)
	if err != nil {
		t.Fatal(err)
	}
	k.open(t)
	k.set(t, "2026-11-24T08:00:00Z")
	k.courier().Tick(t.Context())
	if got := len(k.wall.attempts()); got != 1 {
		t.Fatalf("got %d posts, want one", got)
	}
	// The machine fails, and the backup comes back within the window.
	k.restore(t, backup)
	k.set(t, "2026-11-24T10:00:00Z")
	k.courier().Tick(t.Context())
	if got := k.wall.seen(); len(got) != 1 {
		t.Errorf("got %q in the room, want no second post of an edition within its window", got)
	}
	if got := k.wall.attempts(); len(got) != 2 || !got[1].Doubtful || !got[1].Unlikely || !got[1].Since.Equal(at(t, "2026-11-24T08:00:00Z")) {
		t.Errorf("got %+v, want it looked for from when it was due", got[1:])
	}
	if got, want := k.states(t, "C1"), "2026-11-24T08:00 sent; "; got != want {
		t.Errorf("within the window: got %s, want %s", got, want)
	}
	// It fails again, and the backup comes back in the afternoon.
	k.restore(t, backup)
	k.set(t, "2026-11-24T15:00:00Z")
	k.courier().Tick(t.Context())
	if got := len(k.wall.attempts()); got != 2 {
		t.Errorf("got %d attempts, want none more at an edition older than its window", got)
	}
	if got, want := k.states(t, "C1"), "2026-11-24T08:00 missed; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	k.set(t, "2026-11-25T08:00:00Z")
	k.courier().Tick(t.Context())
	if got, want := k.states(t, "C1"), "2026-11-24T08:00 missed; 2026-11-25T08:00 sent; "; got != want {
		t.Errorf("the next day: got %s, want %s", got, want)
	}
}

// restore puts a backup in the place of the database.
func (k *kept) restore(t *testing.T, backup []byte) {
	t.Helper()
	k.close(t)
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(k.path + suffix)
	}
	if err := os.WriteFile(k.path, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	k.open(t)
}

// at reads an instant.
func at(t *testing.T, instant string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, instant)
	ok(t, err)
	return out
}

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 30 s for %s", what)
		}
	}
}
