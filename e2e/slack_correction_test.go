package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSlackIsToldOfADateThatMoved runs the program as a process: an answer, then a
// calendar in which the day has moved, read anew; then kill -9 and a new start.
// The answer is edited and its thread is told, once.
func TestSlackIsToldOfADateThatMoved(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	fake := workspace(t)
	dir, facts := t.TempDir(), t.TempDir()
	if err := os.CopyFS(facts, os.DirFS("../calendar/facts")); err != nil {
		t.Fatal(err)
	}
	settings := slackSettings(fake, dir) + "calendar: " + facts + "\n"
	bot := startBot(t, settings)
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	asked := fake.Mention("C1", "U1", "upcoming cybercrime convention 366d")
	if posts, err := fake.WaitPosts(ctx, 1); err != nil || !strings.Contains(posts[0].Visible(), "31 December 2026") {
		t.Fatalf("got %v, %v, want the day as it is in the file", posts, err)
	}

	file := filepath.Join(facts, "sessions.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(data), "start: 2026-12-31\n  end: 2026-12-31", "start: 2027-01-15\n  end: 2027-01-15", 1)
	if moved == string(data) {
		t.Fatal("the file does not hold the day any more: the test moves nothing")
	}
	if err := os.WriteFile(file, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := bot.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	posts, err := fake.WaitPosts(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := posts[1].Visible(); posts[1].ThreadTS != asked || !strings.Contains(got, "was 31 December 2026, now 15 January 2027") || !strings.Contains(got, "The post above says so now.") {
		t.Errorf("got in thread %q: %s, want what was and what is, in thread %q", posts[1].ThreadTS, got, asked)
	}
	if got := posts[0].Visible(); !posts[0].Edited || !strings.Contains(got, "15 January 2027") || !strings.Contains(got, "corrected: date was 31 December 2026") {
		t.Errorf("got edited %v: %s, want the answer put right", posts[0].Edited, got)
	}

	bot.kill()
	startBot(t, settings)
	if err := fake.WaitSockets(ctx, 2); err != nil {
		t.Fatal(err)
	}
	fake.Mention("C1", "U1", "help")
	if posts, err := fake.WaitPosts(ctx, 3); err != nil || strings.Contains(posts[2].Visible(), "Correction:") {
		t.Errorf("after a restart: got %v, %v, want the help and no second correction", posts, err)
	}
	// By the second answer it has looked for what there is to tell.
	fake.Mention("C1", "U1", "help verify")
	if posts, err := fake.WaitPosts(ctx, 4); err != nil || len(posts) != 4 || strings.Contains(posts[3].Visible(), "Correction:") {
		t.Errorf("a moment later: got %v, %v, want the two answers alone", posts, err)
	}
}
