package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/store"
	"rapporteur/store/pgtest"
)

// crowd is a platform on which people ask while editions are posted.
type crowd struct {
	mu       sync.Mutex
	editions map[string]int
	asked    map[string]asked
	waited   []waited
	wrong    []string
	listen   func(ctx context.Context, in bot.Receiver)
	all      chan struct{} // closed with the last edition
	want     int
}

// asked is when a question was asked, and after how many editions.
type asked struct {
	at       time.Time
	editions int
}

// waited is how long a question waited, and how many editions went before it
// meanwhile.
type waited struct {
	took   time.Duration
	before int
}

func (*crowd) Name() string { return "crowd" }

func (c *crowd) Listen(ctx context.Context, in bot.Receiver) error {
	c.listen(ctx, in)
	return nil
}

func (c *crowd) Post(_ context.Context, p bot.Post) (bot.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.Purpose == bot.ForDigest {
		if c.editions[p.Key]++; len(c.editions) == c.want && c.editions[p.Key] == 1 {
			close(c.all)
		}
		return bot.Receipt{ID: "ts"}, nil
	}
	if !p.Reply.Answered() {
		c.wrong = append(c.wrong, p.Reply.String())
	}
	if a, was := c.asked[p.Room.ID]; was {
		c.waited = append(c.waited, waited{time.Since(a.at), len(c.editions) - a.editions})
		delete(c.asked, p.Room.ID)
	}
	return bot.Receipt{ID: "answer"}, nil
}

// TestAFloodOfEditionsStarvesNoQuestion floods with 2,000 editions, and with
// 10,000 where MEASURE is set (make flood).
func TestAFloodOfEditionsStarvesNoQuestion(t *testing.T) {
	const questions = 60
	editions := 2000
	if os.Getenv("MEASURE") != "" {
		editions = 10_000
	}
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		t.Run(database, func(t *testing.T) {
			ctx := t.Context()
			path := filepath.Join(t.TempDir(), "bot.db")
			if database == "PostgreSQL" {
				server, err := pgtest.Start(ctx)
				if err != nil {
					t.Skipf("no PostgreSQL: %v", err)
				}
				t.Cleanup(func() { _ = server.Stop() })
				if path, err = server.Database(ctx, "flood"); err != nil {
					t.Fatal(err)
				}
			}
			db, err := store.Open(ctx, path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			due := time.Now().Truncate(time.Minute).UTC()
			subscribeMany(t, db, editions, due)
			c := &crowd{editions: map[string]int{}, asked: map[string]asked{}, all: make(chan struct{}), want: editions}
			flood(t, db, c, questions)
			for key, times := range c.editions {
				if times != 1 {
					t.Errorf("edition %s: got it %d times, want once", key, times)
				}
			}
			worst := waited{}
			for _, w := range c.waited {
				worst.took, worst.before = max(worst.took, w.took), max(worst.before, w.before)
			}
			t.Logf("%d editions, %d questions, the slowest answer after %s, at most %d editions before one", len(c.editions), len(c.waited), worst.took, worst.before)
			// A question that waits its turn behind the flood waits for all of it.
			if len(c.editions) != editions || len(c.waited) != questions || len(c.wrong) > 0 || worst.before > editions/10 {
				t.Errorf("got %d editions and %d answers, %d editions before one of them, and %q; want %d and %d, and at most a tenth before one",
					len(c.editions), len(c.waited), worst.before, c.wrong, editions, questions)
			}
		})
	}
}

// subscribeMany writes rows as Subscribe does, many at once.
func subscribeMany(t *testing.T, db *store.Store, n int, due time.Time) {
	t.Helper()
	tx, err := db.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := tx.ExecContext(t.Context(), `
			INSERT INTO subscription (platform, room, kind, cron, zone, options, created_by, created_ms, next_ms, slot, state, reason)
			VALUES ('crowd', $1, 'digest', $2, 'UTC', '{}', 'U1', $3, $4, $5, 'active', '')`,
			fmt.Sprintf("C%05d", i), due.Format("4 15")+" * * *", due.Add(-time.Hour).UnixMilli(), due.UnixMilli(), due.Format("2006-01-02T15:04")); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// flood delivers what is due while people ask, until both are done.
func flood(t *testing.T, db *store.Store, c *crowd, questions int) {
	t.Helper()
	p := &program{cli: &cli{}, env: environment{getenv: func(string) string { return "" }, now: time.Now}, at: time.Now(), started: time.Now()}
	k, err := p.know(config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	news, err := p.openNewsroom(t.Context(), config.Config{}, k, db, log, []bot.Platform{c})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	defer stop()
	c.listen = func(ctx context.Context, in bot.Receiver) {
		for i := range questions {
			room := fmt.Sprintf("Q%d", i)
			c.mu.Lock()
			c.asked[room] = asked{time.Now(), len(c.editions)}
			c.mu.Unlock()
			m := bot.Message{ID: room, Room: bot.Room{Platform: "crowd", ID: room}, Sender: "U1", Text: "quote information security", SentAt: time.Now()}
			if err := in.Receive(ctx, m); err != nil {
				t.Errorf("question %d: %v", i, err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(50 * time.Millisecond): // people do not ask all at once
			}
		}
		<-ctx.Done()
	}
	// One edition for all: what is measured is the delivery.
	writer := writes(func(context.Context, digest.Edition) (bot.Reply, error) { return bot.Say("an edition"), nil })
	courier := &digest.Courier{Ledger: db, Posters: map[string]digest.Poster{"crowd": c}, Writer: writer, Log: log}
	var work sync.WaitGroup
	work.Go(func() { courier.Run(ctx) })
	work.Go(func() {
		server := &bot.Server{Platform: c, Handler: bot.Guard(log, answerLimit, news.swap), Inbox: db, Log: log, Workers: chatWorkers}
		_ = server.Run(ctx)
	})
	select {
	case <-c.all:
	case <-ctx.Done():
	}
	for ctx.Err() == nil {
		c.mu.Lock()
		answered := len(c.waited)
		c.mu.Unlock()
		if answered == questions {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	work.Wait()
}

// writes is a function as a [digest.Writer].
type writes func(ctx context.Context, e digest.Edition) (bot.Reply, error)

func (f writes) Write(ctx context.Context, e digest.Edition) (bot.Reply, error) { return f(ctx, e) }
