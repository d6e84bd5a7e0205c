package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/store/pgtest"
)

// TestAnotherReplicaTakesTheAccountOver runs two processes on one PostgreSQL and
// one Matrix account in an encrypted room: one works, the other stands by, and
// takes over within 30 s of the first one's death. Every question is answered
// once, and each answer can be read.
func TestAnotherReplicaTakesTheAccountOver(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	postgres, err := pgtest.Start(ctx)
	if err != nil {
		t.Fatal(err) // .ci/run installs it
	}
	t.Cleanup(func() { _ = postgres.Stop() })
	dsn, err := postgres.Database(ctx, "matrix")
	if err != nil {
		t.Fatal(err)
	}
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	recovery := filepath.Join(t.TempDir(), "recovery")
	settings = strings.Replace(settings, "database: ", "database: "+dsn+" # ", 1) +
		"  pickle_key: the-same-on-all-replicas-0123456789\n  recovery_key_file: " + recovery + "\n"
	replicas := []*process{startBot(t, settings), startBot(t, settings)}
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	asked := 0
	ask := func() (took time.Duration) {
		t.Helper()
		asked++
		start := time.Now()
		question := p.mustSay(t, room, map[string]any{"body": fmt.Sprintf("!iis glossary APR %d", asked)})
		p.wait(t, "an answer", room, 1, inThread(user, question))
		return time.Since(start)
	}
	for range 3 {
		ask()
	}
	working := -1
	for i, r := range replicas {
		if strings.Contains(r.log(), "matrix session open") {
			if working >= 0 {
				t.Error("both replicas work for the account")
			}
			working = i
		}
	}
	if working < 0 {
		t.Fatal("no replica works for the account")
	}
	replicas[working].kill()
	took := ask()
	t.Logf("answered %v after the replica died", took.Round(time.Millisecond))
	if took > 30*time.Second {
		t.Errorf("take-over: took %v, want at most 30 s", took)
	}
	// The other way round, and by a stop in order, which need not be waited for.
	third := startBot(t, settings)
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(third.log(), "stands by"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the third replica did not stand by at first")
		}
	}
	ask()
	_ = replicas[1-working].cmd.Process.Signal(stopSignal)
	if err := replicas[1-working].wait(25 * time.Second); err != nil {
		t.Errorf("stop in order: got %v, want exit 0", err)
	}
	took = ask()
	t.Logf("answered %v after the replica stopped in order", took.Round(time.Millisecond))
	if got := len(p.wait(t, "all answers", room, asked, from(user))); got != asked {
		t.Errorf("got %d answers, want %d: one each", got, asked)
	}
}
