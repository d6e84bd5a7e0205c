package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapporteur/store/pgtest"
)

// TestTwoReplicasAnswerAndDeliverOnce runs two processes on one PostgreSQL and
// one Slack app: each question is answered once, the edition is delivered once,
// also when one of them is killed just before it is due.
func TestTwoReplicasAnswerAndDeliverOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	postgres, err := pgtest.Start(ctx)
	if err != nil {
		t.Fatal(err) // .ci/run installs it
	}
	t.Cleanup(func() { _ = postgres.Stop() })
	dsn, err := postgres.Database(ctx, "replicas")
	if err != nil {
		t.Fatal(err)
	}
	fake := workspace(t)
	settings := strings.Replace(slackSettings(fake, t.TempDir()), "database: ", "database: "+dsn+" # ", 1)
	startBot(t, settings)
	second := startBot(t, settings)
	if err := fake.WaitSockets(ctx, 2); err != nil {
		t.Fatal(err)
	}

	const questions = 12
	for i := range questions {
		ts := fake.Mention(fmt.Sprint("C", i), "U1", "What is IIS?")
		if err := fake.Redeliver(ts); err != nil { // to any socket: the other replica may get it
			t.Fatal(err)
		}
	}
	if _, err := fake.WaitPosts(ctx, questions); err != nil {
		t.Fatal(err)
	}

	due := time.Now().UTC().Add(20 * time.Second).Truncate(time.Minute).Add(time.Minute)
	fake.Mention("CDIGEST", "U1", "subscribe digest daily "+due.Format("15:04")+" UTC")
	if _, err := fake.WaitPosts(ctx, questions+1); err != nil {
		t.Fatal(err)
	}
	second.kill()
	if _, err := fake.WaitPosts(ctx, questions+2); err != nil {
		t.Fatalf("the edition due at %s: %v", due, err)
	}
	fake.Mention("CDIGEST", "U1", "What does APR stand for?")
	posts, err := fake.WaitPosts(ctx, questions+3)
	if err != nil {
		t.Fatal(err)
	}
	perRoom := map[string]int{}
	for _, p := range posts {
		perRoom[p.Channel]++
	}
	for i := range questions {
		if room := fmt.Sprint("C", i); perRoom[room] != 1 {
			t.Errorf("%s: got %d answers, want 1", room, perRoom[room])
		}
	}
	if perRoom["CDIGEST"] != 3 {
		t.Errorf("got %d posts, want the confirmation, one edition and one answer", perRoom["CDIGEST"])
	}
}
