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

// TestSlackIsToldOfAFollowedTopicOnce runs the program as a process: a room
// follows a topic, a document on it comes in, the room is told with the words
// around the match; a later document and a restart tell nothing more.
func TestSlackIsToldOfAFollowedTopicOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	fake := workspace(t)
	record := t.TempDir()
	settings := slackSettings(fake, t.TempDir()) + "corpus: " + record + "\n"
	file := func(id, text string) {
		t.Helper()
		header := "---\nid: " + id + "\ntitle: Statement by Switzerland\nkind: statement\nbody: First Committee\nspeaker: A. Delegate\ndelegation: Switzerland\ndate: 2026-11-24\ndate_source: text\nlanguage: en\n---\n"
		if err := os.WriteFile(filepath.Join(record, id+".md"), []byte(header+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file("ch-first", "We thank the Chair for the floor.")
	bot := startBot(t, settings)
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	fake.Mention("C1", "U1", "follow submarine cables")
	if posts, err := fake.WaitPosts(ctx, 1); err != nil || !strings.Contains(posts[0].Visible(), "submarine cables") {
		t.Fatalf("got %v, %v, want it followed", posts, err)
	}
	file("ch-second", "Madam Chair, thank you. We ask that submarine cables be protected by all. We stand ready.")
	if err := bot.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	posts, err := fake.WaitPosts(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	got := posts[1]
	for _, want := range []string{"New on submarine cables", "We ask that submarine cables be protected by all.", "Switzerland", "You are told once"} {
		if !strings.Contains(got.Visible(), want) {
			t.Errorf("got %s\nwant it to hold %q", got.Visible(), want)
		}
	}
	if got.ThreadTS != "" {
		t.Errorf("got it in thread %q, want it in the channel", got.ThreadTS)
	}
	// One more match, and a restart after kill -9: what is said next is the help.
	file("ch-third", "Submarine cables matter.")
	bot.kill()
	startBot(t, settings)
	if err := fake.WaitSockets(ctx, 2); err != nil {
		t.Fatal(err)
	}
	for n := 3; n <= 4; n++ {
		fake.Mention("C1", "U1", "help")
		if posts, err := fake.WaitPosts(ctx, n); err != nil || strings.Contains(posts[n-1].Visible(), "New on") {
			t.Errorf("after a restart: got %v, %v, want the help and no second word", posts, err)
		}
	}
}
