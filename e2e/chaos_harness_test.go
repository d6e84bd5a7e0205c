package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// The clock of the chaos runs four minutes a second: a lease of a quarter of an
// hour is four seconds.
const (
	chaosSpeed = 240
	chaosLease = 15 * time.Minute
)

// replicaBinary builds the chaos replica once for all tests.
func replicaBinary(t *testing.T) string {
	t.Helper()
	path, err := builtReplica()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var builtReplica = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("rapporteur-replica-%d", os.Getpid()))
	build := exec.Command("go", "build", "-tags", "goolm", "-o", path, "./tools/chaosreplica")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the chaos replica: %w: %s", err, out)
	}
	return path, nil
})

// chaos is one system under chaos: replicas on one database, and the judge.
type chaos struct {
	t        *testing.T
	fake     *slackfake.Server
	database string
	args     []string
	epoch    time.Time
	began    time.Time
	owed     []string // "room slot"
	random   *rand.Rand
	replicas []*replica

	// with are further arguments of the replicas.
	with []string
	// read returns what stands in rooms elsewhere than on Slack; nil for nothing.
	read func() []string
	// pending says how much is still to come besides editions; nil for nothing.
	pending func() int

	kills, stops, crashes int
	deaths                map[string]int // by step
}

// replica is one process, or the place of one.
type replica struct {
	cmd  *exec.Cmd
	done chan struct{}
	out  *lockedLog
	// doomed is set where it is to die at a step.
	doomed bool
}

// newChaos prepares a system whose rooms are each owed one edition within a
// window of the fast clock. It begins in the night in which New York's clocks go
// forward.
func newChaos(t *testing.T, database string, replicas, rooms int, window time.Duration, seed uint64) *chaos {
	t.Helper()
	var names []string
	for i := range rooms {
		names = append(names, fmt.Sprintf("C%04d", i))
	}
	c := prepareChaos(t, database, replicas, seed)
	for _, name := range names {
		c.fake.AddChannel(name)
	}
	c.order(names, window)
	return c
}

// prepareChaos prepares a system to which nothing is owed yet.
func prepareChaos(t *testing.T, database string, replicas int, seed uint64) *chaos {
	t.Helper()
	c := &chaos{
		t: t, database: database, random: rand.New(rand.NewPCG(seed, 5)), deaths: map[string]int{},
		epoch: time.Date(2027, time.March, 14, 5, 30, 0, 0, time.UTC), began: time.Now(),
	}
	fake, err := slackfake.New(slackfake.Config{BotToken: botToken, AppToken: appToken, Now: c.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	c.fake = fake
	c.args = []string{
		"-database", database, "-epoch", strconv.FormatInt(c.epoch.UnixMilli(), 10), "-began", strconv.FormatInt(c.began.UnixMilli(), 10),
		"-speed", strconv.Itoa(chaosSpeed), "-lease", chaosLease.String(),
	}
	c.replicas = make([]*replica, replicas)
	t.Cleanup(func() {
		for _, r := range c.replicas {
			if r == nil {
				continue
			}
			r.kill()
			if t.Failed() {
				t.Logf("a replica logged:\n%.20000s", r.out)
			}
		}
	})
	return c
}

// order owes each of the rooms an edition within a window.
func (c *chaos) order(rooms []string, window time.Duration, args ...string) {
	c.t.Helper()
	list, err := json.Marshal(rooms)
	if err != nil {
		c.t.Fatal(err)
	}
	args = append([]string{"-rooms", string(list), "-window", window.String()}, args...)
	if err := json.Unmarshal(c.command("seed", args...), &c.owed); err != nil {
		c.t.Fatal(err)
	}
}

// clock is that of the replicas.
func (c *chaos) clock() time.Time {
	return c.epoch.Add(time.Duration(float64(time.Since(c.began)) * chaosSpeed))
}

// command runs a command of the chaos replica to its end.
func (c *chaos) command(name string, args ...string) []byte {
	c.t.Helper()
	cmd := exec.Command(replicaBinary(c.t), append([]string{name}, append(slices.Clone(c.args), args...)...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		c.t.Fatalf("%s: %v: %s", name, err, errs.String())
	}
	return out.Bytes()
}

// start starts the replica in a place. death is "step:number:signal" or empty.
func (c *chaos) start(place int, death string, args ...string) *replica {
	c.t.Helper()
	all := append([]string{"deliver"}, append(slices.Clone(c.args), "-slack", c.fake.APIURL(), "-die", death)...)
	all = append(all, c.with...)
	r := &replica{cmd: exec.Command(replicaBinary(c.t), append(all, args...)...), done: make(chan struct{}), out: &lockedLog{}, doomed: death != ""}
	r.cmd.Stdout, r.cmd.Stderr = r.out, r.out
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := r.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait()
		close(r.done)
	}()
	c.replicas[place] = r
	return r
}

func (r *replica) kill() {
	_ = r.cmd.Process.Kill()
	<-r.done
}

// ended says whether the process is dead.
func (r *replica) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (r *replica) signal(s syscall.Signal) { _ = r.cmd.Process.Signal(s) }

// steps are where a replica may be killed, in the order of a delivery.
var steps = []string{
	"plan.before", "plan.after", "claim.before", "claim.after", "write.after", "post.before",
	"request.written", "response.read", "post.after", "sent.before", "sent.after",
}

// cycle kills one replica, from outside or by itself at a step, and starts it
// again.
func (c *chaos) cycle() {
	place := c.random.IntN(len(c.replicas))
	if r := c.replicas[place]; r != nil && !r.ended() {
		r.kill()
	}
	death := ""
	if c.random.IntN(2) == 0 {
		step := steps[c.random.IntN(len(steps))]
		death = step + ":" + strconv.Itoa(1+c.random.IntN(2)) + ":kill"
	}
	r := c.start(place, death)
	patience := time.Duration(60+c.random.IntN(140)) * time.Millisecond
	if death != "" {
		patience *= 3
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case <-r.done:
		if death != "" {
			step, _, _ := strings.Cut(death, ":")
			c.deaths[step]++
		}
	case <-wait.C:
	}
	c.kills++
}

// freeze stops a running replica for longer than its lease, while the others go
// on, and lets it go on in turn.
func (c *chaos) freeze() {
	for _, r := range c.replicas {
		if r == nil || r.ended() {
			continue
		}
		r.signal(syscall.SIGSTOP)
		time.AfterFunc(time.Duration(float64(chaosLease)/chaosSpeed)+time.Second, func() { r.signal(syscall.SIGCONT) })
		c.stops++
		return
	}
}

// settle lets all replicas live until everything that is owed is in the rooms, and
// a little longer for what must not come.
func (c *chaos) settle(limit time.Duration) {
	c.t.Helper()
	for place, r := range c.replicas {
		switch {
		case r == nil || r.ended():
			c.start(place, "")
		case r.doomed:
			r.kill()
			c.start(place, "")
		}
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), limit)
	defer cancel()
	for {
		missing := 0
		seen := c.seen()
		for _, name := range c.owed {
			if len(seen[name]) == 0 {
				missing++
			}
		}
		if c.pending != nil {
			missing += c.pending()
		}
		if missing == 0 {
			break
		}
		if ctx.Err() != nil {
			c.t.Errorf("%d editions or corrections are still missing after %v", missing, limit)
			break
		}
		for place, r := range c.replicas { // one that dies in peace is a bug, and told below
			if r.ended() {
				c.t.Errorf("replica %d ended: %.4000s", place, r.out)
				c.start(place, "")
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	// Longer than a lease and the pause before another attempt.
	time.Sleep(time.Duration(float64(chaosLease)/chaosSpeed) + 2*time.Second)
	for _, r := range c.replicas {
		r.signal(syscall.SIGTERM)
	}
	for _, r := range c.replicas {
		select {
		case <-r.done:
		case <-time.After(20 * time.Second):
			c.t.Error("a replica did not end within 20 s of SIGTERM")
			r.kill()
		}
	}
}

// seen returns the timestamps of the editions in the rooms, by "room slot".
func (c *chaos) seen() map[string][]string {
	seen := map[string][]string{}
	add := func(text, at string) {
		if _, rest, found := strings.Cut(text, "Edition "); found {
			name, _, _ := strings.Cut(rest, " end")
			seen[name] = append(seen[name], at)
		}
	}
	for _, p := range c.fake.Posts() {
		add(p.Visible(), p.TS)
	}
	if c.read != nil {
		for i, text := range c.read() {
			add(text, strconv.Itoa(i))
		}
	}
	return seen
}

// verdict judges by what stands in the rooms and by the ledger, and prints the
// zeros.
func (c *chaos) verdict(name string) {
	c.t.Helper()
	seen := c.seen()
	lost, doubled := 0, 0
	for _, slot := range c.owed {
		switch n := len(seen[slot]); {
		case n == 0:
			lost++
			c.t.Errorf("lost: %s", slot)
		case n > 1:
			doubled++
			c.t.Errorf("doubled: %s at %v", slot, seen[slot])
		}
		delete(seen, slot)
	}
	for slot := range seen {
		c.t.Errorf("nobody ordered %s", slot)
	}
	var ledger struct {
		States map[string]int
		Unsent []string
		Intact string
	}
	if err := json.Unmarshal(c.command("audit"), &ledger); err != nil {
		c.t.Fatal(err)
	}
	if len(ledger.Unsent) > 0 || ledger.States["sent"] != len(c.owed) || ledger.Intact != "ok" {
		c.t.Errorf("the ledger: got %v, %.10q, integrity %s, want %d sent and nothing else", ledger.States, ledger.Unsent, ledger.Intact, len(c.owed))
	}
	report(c.t, fmt.Sprintf("CHAOS %s: %d editions owed, %d kill -9 (%d of them by itself at a step: %v), %d SIGSTOP beyond the lease, %d crashes of the database, %d tries on Slack: %d lost, %d doubled",
		name, len(c.owed), c.kills, sum(c.deaths), c.deaths, c.stops, c.crashes, len(c.fake.Calls("chat.postMessage")), lost, doubled))
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

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// cycles is how many kills a run has; CHAOS_CYCLES makes it longer.
func cycles(t *testing.T, otherwise int) int {
	t.Helper()
	text := os.Getenv("CHAOS_CYCLES")
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CHAOS_CYCLES: got %q, want a number", text)
	}
	return n
}
