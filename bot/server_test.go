package bot_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
)

func notSent(after time.Duration) error {
	return &bot.PostError{Outcome: bot.NotSent, RetryAfter: after, Err: errors.New("x")}
}

// A worker that waited as long as the platform asks would hold up everybody
// behind it.
func TestAMessageThatMustWaitLongGoesBackToTheInbox(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.fail = []error{notSent(30 * time.Second)}
		ctx, cancel := context.WithCancel(t.Context())
		s := &bot.Server{Platform: m, Handler: bot.HandlerFunc(echo), Inbox: m, Log: quiet(), Workers: 1}
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		m.messages <- bot.Message{ID: "limited", Text: "a"}
		m.messages <- bot.Message{ID: "behind", Text: "b"}
		time.Sleep(time.Second)
		synctest.Wait()
		if !m.rows["behind"].done {
			t.Error("got the second message waiting behind the first, want it answered")
		}
		time.Sleep(2 * time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if len(m.posts) != 3 || m.posts[2].Doubtful || !m.rows["limited"].done {
			t.Errorf("got %d posts, want the third to be the first again, and not doubtful, for it was surely not sent", len(m.posts))
		}
	})
}

func TestADoubtfulMessageStaysDoubtfulWhenItGoesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.fail = []error{&bot.PostError{Outcome: bot.Unknown, Err: errors.New("x")}, notSent(30 * time.Second)}
		serve(t, m, 5*time.Minute, bot.Message{ID: "1", Text: "a"})
		if len(m.posts) != 3 || !m.posts[2].Doubtful {
			t.Errorf("got %+v, want three posts, the last of them doubtful", m.posts)
		}
	})
}

// TestAPostThatCanSoonBeLookedForIsLookedForSoon answers within seconds, and keeps the
// doubt when a later attempt surely did not go out.
func TestAPostThatCanSoonBeLookedForIsLookedForSoon(t *testing.T) {
	t.Parallel()
	unknown := &bot.PostError{Outcome: bot.Unknown, RetryAfter: time.Second, Err: errors.New("x")}
	for name, c := range map[string]struct {
		fail  []error
		run   time.Duration
		posts int
	}{
		"found":          {[]error{unknown}, 3 * time.Second, 2},
		"limited behind": {[]error{unknown, notSent(30 * time.Second)}, 5 * time.Minute, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				m.fail = c.fail
				serve(t, m, c.run, bot.Message{ID: "1", Text: "a"})
				if len(m.posts) != c.posts || m.posts[0].Doubtful || !m.posts[len(m.posts)-1].Doubtful || !m.rows["1"].done {
					t.Errorf("got %+v, want %d posts, the last of them looked for", m.posts, c.posts)
				}
			})
		})
	}
}

func TestAStopEndsTheWaitForARepetition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.fail = []error{notSent(9 * time.Second)}
		begun := time.Now()
		serve(t, m, time.Second, bot.Message{ID: "1", Text: "a"})
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("the stop took %v, want it at once", took)
		}
		// And the next process may take it up, as surely not sent.
		serve(t, m, 40*time.Second)
		if len(m.posts) != 2 || m.posts[1].Doubtful {
			t.Errorf("got %d posts, want a second one that is not doubtful", len(m.posts))
		}
	})
}

// TestWhatWaitsForAWorkerIsGivenBackAtAStop stops a server while messages wait: the next
// process takes them up at once, and as never tried.
func TestWhatWaitsForAWorkerIsGivenBackAtAStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		slow := bot.HandlerFunc(func(ctx context.Context, q bot.Message) (bot.Reply, error) {
			time.Sleep(2 * time.Second)
			return echo(ctx, q)
		})
		ctx, cancel := context.WithCancel(t.Context())
		s := &bot.Server{Platform: m, Handler: slow, Inbox: m, Log: quiet(), Workers: 1}
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		for _, id := range []string{"1", "2", "3"} {
			m.messages <- bot.Message{ID: id, Text: id}
		}
		time.Sleep(time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		serve(t, m, 2*time.Second)
		if len(m.posts) != 3 {
			t.Fatalf("got %d answers two seconds after the stop, want 3", len(m.posts))
		}
		for _, p := range m.posts {
			if p.Doubtful {
				t.Errorf("%s: got it taken up as doubtful, want it as never tried", p.Key)
			}
		}
	})
}

// count is how many posts there are.
func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.posts)
}

// bystander leaves its work to another replica until a time.
type bystander struct {
	*memory
	until time.Time
}

func (b bystander) StandsBy() bool { return time.Now().Before(b.until) }

func TestAReplicaThatTakesOverLooksAtOnceForWhatWasLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.rows["1"] = &row{message: bot.Message{ID: "1", Text: "left by a replica that died"}}
		ctx, cancel := context.WithCancel(t.Context())
		s := &bot.Server{Platform: bystander{m, time.Now().Add(16 * time.Second)}, Handler: bot.HandlerFunc(echo), Inbox: m, Log: quiet()}
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		time.Sleep(15 * time.Second)
		if m.count() > 0 {
			t.Errorf("got %d posts by a replica that stands by, want none", m.count())
		}
		time.Sleep(3*time.Second + time.Millisecond)
		if m.count() != 1 {
			t.Errorf("got %d posts two seconds after it took over, want the answer", m.count())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// What waited in memory until its lease is nearly over might be answered by
// somebody else at the same time.
func TestAMessageIsNotAnsweredWhenItsLeaseIsNearlyOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		ctx, cancel := context.WithCancel(t.Context())
		slow := bot.HandlerFunc(func(ctx context.Context, msg bot.Message) (bot.Reply, error) {
			time.Sleep(25 * time.Second)
			return bot.Say(msg.Text), ctx.Err()
		})
		s := &bot.Server{Platform: m, Handler: slow, Inbox: m, Log: quiet(), Workers: 1}
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		for _, id := range []string{"1", "2", "3", "4"} {
			m.messages <- bot.Message{ID: id, Text: id}
		}
		time.Sleep(10 * time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		seen := map[string]int{}
		for _, p := range m.posts {
			if seen[p.Key]++; seen[p.Key] > 1 || p.Doubtful {
				t.Errorf("%s: got post %d, doubtful %v, want one that is not", p.Key, seen[p.Key], p.Doubtful)
			}
		}
		if len(seen) != 4 {
			t.Errorf("got %d answers, want 4", len(seen))
		}
	})
}

// An answer counts as answered when it is remembered, so that what it says can be
// put right.
func TestAnAnswerIsDoneWhenItIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		ctx, cancel := context.WithCancel(t.Context())
		var order []string
		down := 2
		s := &bot.Server{
			Platform: m, Handler: bot.HandlerFunc(echo), Inbox: m, Log: quiet(), Workers: 1,
			Posting: func(context.Context, bot.Post) error {
				if order = append(order, "posting"); len(m.posts) > 0 {
					t.Error("got it posted before it was kept what it says")
				}
				if len(order) == 1 {
					return errors.New("the database is away")
				}
				return nil
			},
			Posted: func(_ context.Context, _ bot.Post, r bot.Receipt) error {
				if order = append(order, "posted"); m.rows["1"].done || r.ID == "" {
					t.Errorf("got receipt %q of a message that is done already: %v", r.ID, m.rows["1"].done)
				}
				if down--; down >= 0 {
					return errors.New("the database is away")
				}
				return nil
			},
		}
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		m.messages <- bot.Message{ID: "1", Text: "a"}
		time.Sleep(5 * time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got := strings.Join(order, " "); got != "posting posting posted posted posted" || len(m.posts) != 1 || m.posts[0].Doubtful || !m.rows["1"].done {
			t.Errorf("got %s, %d posts, done %v, want one post that is remembered in the end", got, len(m.posts), m.rows["1"].done)
		}
	})
}

// fragile panics at its first post.
type fragile struct {
	*memory

	broke bool
}

func (f *fragile) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) {
	if !f.broke {
		f.broke = true
		panic("poison")
	}
	return f.memory.Post(ctx, p)
}

func TestAPostThatPanicsEndsNothingAndIsLookedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		var lines strings.Builder
		ctx, cancel := context.WithCancel(t.Context())
		s := &bot.Server{Platform: &fragile{memory: m}, Handler: bot.HandlerFunc(echo), Inbox: m, Log: slog.New(slog.NewTextHandler(&lines, nil)), Workers: 1}
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		m.messages <- bot.Message{ID: "breaks", Text: "a"}
		m.messages <- bot.Message{ID: "behind", Text: "b"}
		time.Sleep(3 * time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if len(m.posts) != 2 || m.posts[0].Doubtful || !m.posts[1].Doubtful || !m.rows["breaks"].done {
			t.Errorf("got %+v, want the second answer, and then the first, as doubtful", m.posts)
		}
		if got := lines.String(); strings.Count(got, "poison") != 1 || !strings.Contains(got, "server_test.go") {
			t.Errorf("got the log %s, want the panic once, with its stack", got)
		}
	})
}
