package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// TestAcceptance64TheWholeProgramOnAFullDisk asks until the disk takes no more: what is
// not written down is not acknowledged, a command is told so, and when there is room
// again, without a restart, each question has its one answer.
func TestAcceptance64TheWholeProgramOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "6m")
	retries := make([]time.Duration, 60)
	for i := range retries {
		retries[i] = 2 * time.Second
	}
	fake, err := slackfake.New(slackfake.Config{BotToken: botToken, AppToken: appToken, AckTimeout: 2 * time.Second, Retries: retries})
	need(t, err)
	t.Cleanup(func() { _ = fake.Close() })
	bot := startBot(t, slackSettings(fake, disk))
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	defer stop()
	need(t, fake.WaitSockets(ctx, 2))

	// What SQLite has already, it uses up first.
	fill(t, filepath.Join(disk, "filler"))
	asked, full := 0, false
	for ; asked < 500 && !full; asked++ {
		fake.Mention(fmt.Sprintf("CROOM%03d", asked), "U1", "What does APR stand for?")
		moment, enough := context.WithTimeout(ctx, time.Second)
		_, err := fake.WaitAcks(moment, asked+1)
		full = err != nil
		enough()
	}
	if !full {
		t.Fatalf("%d questions are written down on a full disk", asked)
	}
	t.Logf("%d questions were written down before the disk took no more", asked-1)
	v, err := fake.Slash("/iis", "next", "CROOM000", "U2")
	need(t, err)
	told := func() bool {
		for _, a := range fake.Acks() {
			if a.EnvelopeID == v.EnvelopeID && strings.Contains(string(a.Payload), "temporarily unavailable") {
				return true
			}
		}
		return false
	}
	if err := fake.Wait(ctx, told); err != nil {
		t.Fatalf("a command on a full disk: %v, want it told that it is not taken", err)
	}
	empty(t, filepath.Join(disk, "filler"))
	if _, err := fake.WaitPosts(ctx, asked); err != nil {
		t.Fatal(err)
	}

	need(t, bot.cmd.Process.Signal(syscall.SIGTERM))
	if err := bot.wait(30 * time.Second); err != nil {
		t.Errorf("the program ended with %v, want the same process to heal and to end in order", err)
	}
	rooms := map[string]int{}
	for _, p := range fake.Posts() {
		rooms[p.Channel]++
	}
	if len(rooms) != asked || len(fake.Posts()) != asked {
		t.Errorf("got %d answers in %d rooms, want one for each of %d questions", len(fake.Posts()), len(rooms), asked)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(disk, "bot.db"))
	need(t, err)
	defer func() { _ = db.Close() }()
	var verdict string
	need(t, db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict))
	if verdict != "ok" {
		t.Errorf("integrity_check: got %s, want ok", verdict)
	}
}
