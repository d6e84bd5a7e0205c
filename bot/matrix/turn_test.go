package matrix_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"rapporteur/bot/matrix"
)

// lease is a [matrix.Leases] that gives the lease to whom the test says.
type lease struct {
	mu     sync.Mutex
	state  *state
	holder string
	fence  int64
	free   bool
}

func (l *lease) Acquire(_ context.Context, _, holder string, _ time.Duration) (int64, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free && l.holder != holder {
		l.holder, l.free = holder, false
		l.fence++
	}
	return l.fence, l.holder == holder, nil
}

func (l *lease) Release(_ context.Context, _, holder string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = l.free || l.holder == holder
	return nil
}

func (l *lease) SetFenced(ctx context.Context, space, key, value, _ string, fence int64) (bool, error) {
	l.mu.Lock()
	same := fence == l.fence
	l.mu.Unlock()
	if !same {
		return false, nil
	}
	return true, l.state.Set(ctx, space, key, value)
}

// TestAReplicaThatStandsByDoesNothing lets one of two listen, and the other when
// the first has given its lease back.
func TestAReplicaThatStandsByDoesNothing(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	turns := &lease{state: s, free: true}
	shared := func(o *matrix.Options) { o.Leases = turns }
	first, second := newClient(t, h, s, shared), newClient(t, h, s, shared)
	one, two := &ear{h: h}, &ear{h: h}
	if !first.StandsBy() || newClient(t, h, s).StandsBy() {
		t.Error("want a replica to stand by until it knows whose turn it is, and one that is alone not")
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	h.batches = []string{joinBatch(says("$1", "!iis one"))}
	go func() { ended <- first.Listen(ctx, one) }()
	h.settled(t, "s1")
	listen(t, second, two)
	h.change(func() { h.batches = append(h.batches, joinBatch(says("$2", "!iis two"))) })
	h.settled(t, "s2")
	if !slices.Equal(one.texts(), []string{"one", "two"}) || len(two.texts()) > 0 {
		t.Errorf("heard: got %q and %q, want all by the first", one.texts(), two.texts())
	}
	if first.StandsBy() || !second.StandsBy() {
		t.Errorf("stands by: got %v and %v, want the second alone", first.StandsBy(), second.StandsBy())
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	h.change(func() { h.batches = append(h.batches, joinBatch(says("$3", "!iis three"))) })
	h.settled(t, "s3")
	if !slices.Equal(two.texts(), []string{"three"}) {
		t.Errorf("heard by the second: got %q, want what came after the first had gone", two.texts())
	}
}

// TestAReplicaThatSleptCommitsNothing lets somebody else take over while a batch
// is under way.
func TestAReplicaThatSleptCommitsNothing(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	turns := &lease{state: s, free: true}
	h.batches = []string{joinBatch(says("$1", "!iis one"))}
	e := &ear{h: h, fail: func(int) error {
		turns.mu.Lock()
		defer turns.mu.Unlock()
		turns.fence++ // another holder
		return nil
	}}
	listen(t, newClient(t, h, s, func(o *matrix.Options) { o.Leases = turns }), e)
	h.until(t, "the message to be heard", func() bool { return len(e.texts()) > 0 })
	h.until(t, "the batch to be asked for again", func() bool {
		n := 0
		for _, since := range h.since {
			if since == "s0" {
				n++
			}
		}
		return n > 1
	})
	if got := s.value("since"); got != "s0" {
		t.Errorf("sync token: got %q, want the old one", got)
	}
}

// TestAReplicaThatCannotReachTheHomeserverLetsAnotherTry has a first replica that has
// the database and no way to the homeserver, and a second one that has both.
func TestAReplicaThatCannotReachTheHomeserverLetsAnotherTry(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	turns := &lease{state: s, free: true}
	first := newClient(t, h, s, func(o *matrix.Options) { o.Leases, o.Homeserver = turns, "http://127.0.0.1:1" })
	first.Hurry()
	second := newClient(t, h, s, func(o *matrix.Options) { o.Leases = turns })
	h.batches = []string{joinBatch(says("$1", "!iis one"))}
	listen(t, first, &ear{h: h})
	waitFor(t, "the first replica to work", 20*time.Second, func() bool { return !first.StandsBy() })
	two := &ear{h: h}
	listen(t, second, two)
	waitFor(t, "the second replica to hear", time.Minute, func() bool { return len(two.texts()) > 0 })
}
