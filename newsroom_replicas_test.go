package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/store"
	"rapporteur/store/pgtest"
)

// bystander is a seat on Matrix for whose account another replica works.
type bystander struct{ *noting }

func (bystander) StandsBy() bool { return true }

// replicas are processes on one PostgreSQL, as serve makes them but for what listens.
type replicas struct {
	dsn     string
	ctx     context.Context //nolint:containedctx // as long as the test
	running sync.WaitGroup
	db      *store.Store // of the last one
}

func newReplicas(t *testing.T) *replicas {
	t.Helper()
	server, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err) // .ci/run installs it
	}
	t.Cleanup(func() { _ = server.Stop() })
	r := &replicas{}
	if r.dsn, err = server.Database(t.Context(), "replicas"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r.ctx = ctx
	t.Cleanup(func() {
		stop()
		r.running.Wait()
	})
	return r
}

func (r *replicas) start(t *testing.T, seats ...bot.Platform) *newsroom {
	t.Helper()
	db, err := store.Open(r.ctx, r.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.running.Wait()
		_ = db.Close()
	})
	r.db = db
	p := &program{cli: &cli{}, env: environment{getenv: func(string) string { return "" }, now: time.Now}}
	c := config.Config{Administrators: []string{"test:ann", "test:ben"}}
	k, err := p.know(c)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	n, err := p.openNewsroom(r.ctx, c, k, db, log, seats)
	if err != nil {
		t.Fatal(err)
	}
	courier := p.courier(db, n, log)
	r.running.Go(func() { courier.Run(r.ctx) })
	r.running.Go(func() { n.run(r.ctx) })
	return n
}

// order subscribes a room of each platform to a digest that is due now.
func (r *replicas) order(t *testing.T, platforms ...string) {
	t.Helper()
	now := time.Now()
	for _, platform := range platforms {
		if _, err := r.db.Subscribe(r.ctx, bot.Subscription{
			Room: bot.Room{Platform: platform, ID: "room"}, Kind: "digest", Cron: "0 8 * * *", Zone: "UTC", CreatedBy: "somebody", Options: map[string]string{digest.OptionSuccession: digest.No},
			CreatedAt: now.Add(-time.Hour), State: bot.SubscriptionActive, Next: now, Slot: now.UTC().Format("2006-01-02T15:04"),
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func (n *noting) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.posted)
}

func inTime(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestAReplicaThatStandsByLearnsOfChanges confirms a change on the replica that works
// for the Matrix account: the other one, which hears Slack too, answers by it.
func TestAReplicaThatStandsByLearnsOfChanges(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	works := r.start(t, &noting{name: "slack"}, &noting{name: "matrix"})
	standsBy := r.start(t, &noting{name: "slack"}, bystander{&noting{name: "matrix"}})
	works.say(t, "ann", "calendar set gm-dtg-2026 end 2026-12-18 source:https://example.org/new")
	works.say(t, "ben", "calendar confirm 1")
	for name, n := range map[string]*newsroom{"works": works, "stands by": standsBy} {
		inTime(t, "the new day where a replica "+name, func() bool {
			return strings.Contains(n.say(t, "zoe", "calendar gm-dtg-2026"), "18 December 2026")
		})
	}
}

// TestPlatformsDoNotShareATurn has one replica with Matrix alone, and one with Slack
// that stands by for Matrix: each delivers what it can.
func TestPlatformsDoNotShareATurn(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	slack, matrix, idle := &noting{name: "slack"}, &noting{name: "matrix"}, &noting{name: "matrix"}
	r.start(t, matrix)
	r.start(t, slack, bystander{idle})
	r.order(t, "slack", "matrix")
	inTime(t, "both editions", func() bool { return slack.count() == 1 && matrix.count() == 1 })
	if idle.count() > 0 {
		t.Error("a replica that stands by has posted")
	}
}

// TestWhatASeatThatFellCannotPostAnotherReplicaPosts has a replica whose seat on Matrix
// has stopped for good: it takes nothing that the other one could post.
func TestWhatASeatThatFellCannotPostAnotherReplicaPosts(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	broken, slack := &noting{name: "matrix"}, &noting{name: "slack"}
	n := r.start(t, broken, slack)
	n.fell(broken)
	if n.serves("matrix") || !n.serves("slack") {
		t.Fatalf("got matrix served %v and slack %v, want slack alone", n.serves("matrix"), n.serves("slack"))
	}
	r.order(t, "slack", "matrix")
	inTime(t, "the edition of the platform that goes on", func() bool { return slack.count() == 1 })
	works := &noting{name: "matrix"}
	r.start(t, works)
	inTime(t, "the edition by the replica that works", func() bool { return works.count() == 1 })
	if got := fmt.Sprint(broken.count(), slack.count()); got != "0 1" {
		t.Errorf("got %s posts by the seat that fell and on Slack, want none and one", got)
	}
}
