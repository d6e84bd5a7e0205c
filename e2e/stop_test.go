package e2e_test

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// TestAcceptance66ASecondSignalEndsAtOnce stops the program while a post does not
// come back: the first SIGTERM lets it finish, the second does not wait.
func TestAcceptance66ASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	fake := workspace(t)
	bot := startBot(t, slackSettings(fake, t.TempDir()))
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	fake.Fail("chat.postMessage", slackfake.Fault{Hold: never, Drop: true})
	fake.Mention("C1", "U1", "What is IIS?")
	if err := fake.Wait(ctx, func() bool { return len(fake.Calls("chat.postMessage")) > 0 }); err != nil {
		t.Fatal(err)
	}
	if err := bot.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := bot.wait(time.Second); err == nil || err.Error() != "still running" {
		t.Fatalf("after the first signal: got %v, want the post in flight waited for", err)
	}
	if err := bot.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := bot.wait(2 * time.Second)
	if exit, is := errors.AsType[*exec.ExitError](err); !is || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("after the second signal: got %v, want it ended by the signal", err)
	}
}
