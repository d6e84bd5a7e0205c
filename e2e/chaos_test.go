package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
	"rapporteur/store/pgtest"
)

// ownPostgres is a PostgreSQL that the test may crash, with an empty database.
func ownPostgres(t *testing.T) (*pgtest.Server, string) {
	t.Helper()
	server, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err) // .ci/run installs it
	}
	t.Cleanup(func() { _ = server.Stop() })
	dsn, err := server.Database(t.Context(), "chaos")
	if err != nil {
		t.Fatal(err)
	}
	return server, dsn
}

// TestChaosNeitherLosesNorDoubles kills replicas at random and at every step of a
// delivery, stops the leader for longer than its lease, crashes the database and
// lets the platform fail, and then counts what stands in the rooms.
// Acceptance 20, 62, 63.
func TestChaosNeitherLosesNorDoubles(t *testing.T) {
	t.Parallel()
	for i, system := range []struct {
		name     string
		replicas int
		cycles   int
	}{
		{"SQLite, one process", 1, 150},
		{"PostgreSQL, two replicas", 2, 200},
		{"PostgreSQL, three replicas", 3, 200},
	} {
		t.Run(system.name, func(t *testing.T) {
			t.Parallel()
			var server *pgtest.Server
			database := filepath.Join(t.TempDir(), "chaos.db")
			if system.replicas > 1 {
				server, database = ownPostgres(t)
			}
			n := cycles(t, system.cycles)
			// An edition falls due about every tenth of a second, as long as there
			// are cycles.
			window := time.Duration(n) * 150 * time.Millisecond * chaosSpeed
			c := newChaos(t, database, system.replicas, min(2*n, 4000), min(window, 20*time.Hour), uint64(i))
			for place := range c.replicas {
				c.start(place, "")
			}
			for cycle := range n {
				c.cycle()
				switch {
				case cycle%7 == 5:
					c.trouble()
				case cycle%60 == 30 && len(c.replicas) > 1:
					c.freeze()
				case cycle%50 == 40 && server != nil:
					c.crash(server)
				}
			}
			c.settle(90 * time.Second)
			c.verdict(system.name)
		})
	}
}

// trouble lets the next posts go wrong: refused, taken and not answered, not
// taken and not answered, taken and answered with an error.
func (c *chaos) trouble() {
	c.fake.Fail("chat.postMessage", []slackfake.Fault{
		slackfake.RateLimited(1), {Drop: true}, {Drop: true, Store: true}, {Status: 500, Store: true}, {Status: 503}, {Body: "<html>", Store: true},
	}[c.random.IntN(6)])
	if c.random.IntN(3) == 0 {
		c.fake.Fail("conversations.history", slackfake.Fault{Status: 500})
	}
}

// crash stops the database at once and starts it again.
func (c *chaos) crash(server *pgtest.Server) {
	c.t.Helper()
	if err := server.Crash(); err != nil {
		c.t.Fatal(err)
	}
	time.Sleep(time.Duration(c.random.IntN(1000)) * time.Millisecond) // that long it is away
	if err := server.Restart(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.crashes++
}

// TestAKillAtEachStepIsHealed is acceptance 63: killed once at each step from the
// plan to the mark, and started again, every edition is in its room once.
func TestAKillAtEachStepIsHealed(t *testing.T) {
	t.Parallel()
	c := newChaos(t, filepath.Join(t.TempDir(), "chaos.db"), 1, 120, 2*time.Hour, 1)
	for _, step := range steps {
		r := c.start(0, step+":1:kill")
		select {
		case <-r.done:
		case <-time.After(30 * time.Second):
			t.Fatalf("the replica did not come to the step %s", step)
		}
		c.kills++
		c.deaths[step]++
	}
	c.settle(60 * time.Second)
	c.verdict("killed once at each step")
}

// TestANegativeControlDoublesUnderChaos shows that the judge can say no: replicas
// that repeat a doubtful post without a look double it.
func TestANegativeControlDoublesUnderChaos(t *testing.T) {
	t.Parallel()
	c := newChaos(t, filepath.Join(t.TempDir(), "chaos.db"), 1, 40, 30*time.Minute, 4)
	c.with = []string{"-careless"}
	for range 5 {
		r := c.start(0, "post.after:1:kill")
		select {
		case <-r.done:
		case <-time.After(30 * time.Second):
			t.Fatal("the replica did not come to the step")
		}
	}
	c.settle(60 * time.Second)
	doubled := 0
	for _, times := range c.seen() {
		if len(times) > 1 {
			doubled++
		}
	}
	report(t, fmt.Sprintf("CHAOS negative control: %d of %d editions doubled, as they must be", doubled, len(c.owed)))
	if doubled == 0 {
		t.Error("got no doubled edition from replicas that do not look, want some")
	}
}

// TestALeaderThatSleptNeitherPostsNorSettles is acceptance 62: a replica stops
// between its claim and its post, for longer than its lease; the other one
// delivers; the first wakes up and must let go.
func TestALeaderThatSleptNeitherPostsNorSettles(t *testing.T) {
	t.Parallel()
	_, database := ownPostgres(t)
	c := newChaos(t, database, 2, 1, time.Minute, 2)
	leader := c.start(0, "write.after:1:stop", "-every", "10ms")
	deadline := time.Now().Add(30 * time.Second)
	for !stopped(leader) {
		if time.Now().After(deadline) {
			t.Fatal("the leader did not stop")
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.stops = 1
	c.start(1, "")
	if _, err := c.fake.WaitPosts(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	leader.signal(syscall.SIGCONT)
	leader.doomed = false // it has stopped once, and lives on
	c.settle(30 * time.Second)
	if got := len(c.fake.Calls("chat.postMessage")); got != 1 {
		t.Errorf("got %d posts, want one: the leader that slept must not try", got)
	}
	if log := leader.out.String(); !strings.Contains(log, "delivery let go before its post") {
		t.Errorf("got %s, want the leader to say that it let go", log)
	}
	c.verdict("SIGSTOP of the leader")
}

// TestAFullDiskPostsNothingAndHeals is acceptance 64.
func TestAFullDiskPostsNothingAndHeals(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "3m")
	c := newChaos(t, filepath.Join(disk, "chaos.db"), 1, 20, 20*time.Minute, 3)
	fill(t, filepath.Join(disk, "filler"))
	c.start(0, "")
	waitUntil(t, c, c.epoch.Add(45*time.Minute)) // all is due by then, the last a moment ago
	if got := len(c.fake.Posts()); got != 0 {
		t.Errorf("got %d posts with a full disk, want none: nothing is posted without a row", got)
	}
	empty(t, filepath.Join(disk, "filler"))
	c.settle(60 * time.Second)
	if got := c.replicas[0].cmd.ProcessState.ExitCode(); got != 0 {
		t.Errorf("got exit %d, want the same process to heal and to end in order", got)
	}
	c.verdict(fmt.Sprintf("disk full for %v", 45*time.Minute/chaosSpeed))
}
