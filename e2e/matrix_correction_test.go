package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"maunium.net/go/mautrix/event"
)

// TestMatrixIsToldOfADateThatMoved runs the program as a process against a
// homeserver: an answer, then a calendar in which the day has moved, read anew.
// The answer is replaced and its thread is told, once.
func TestMatrixIsToldOfADateThatMoved(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	facts := t.TempDir()
	need(t, os.CopyFS(facts, os.DirFS("../calendar/facts")))
	bot := startBot(t, "calendar: "+facts+"\n"+settings)
	p := newPerson(t, hs, "person")
	room := p.greetedRoom(t, user, false)
	asked := p.mustSay(t, room, map[string]any{"body": "!iis upcoming cybercrime convention 366d"})
	answer := p.wait(t, "the answer", room, 1, inThread(user, asked))[0]
	if got := text(answer); !strings.Contains(got, "31 December 2026") {
		t.Fatalf("got %q, want the day as it is in the file", got)
	}

	file := filepath.Join(facts, "sessions.yaml")
	data, err := os.ReadFile(file)
	need(t, err)
	moved := strings.Replace(string(data), "start: 2026-12-31\n  end: 2026-12-31", "start: 2027-01-15\n  end: 2027-01-15", 1)
	if moved == string(data) {
		t.Fatal("the file does not hold the day any more: the test moves nothing")
	}
	need(t, os.WriteFile(file, []byte(moved), 0o600))
	need(t, bot.cmd.Process.Signal(syscall.SIGHUP))

	edits := func(evt *event.Event) bool {
		return raw(evt, "m.relates_to", "rel_type") == "m.replace" && from(user)(evt)
	}
	edit := p.wait(t, "the edit", room, 1, edits)[0]
	if raw(edit, "m.relates_to", "event_id") != answer.ID.String() {
		t.Errorf("got an edit of %v, want one of %s", raw(edit, "m.relates_to", "event_id"), answer.ID)
	}
	if got, _ := raw(edit, "m.new_content", "body").(string); !strings.Contains(got, "15 January 2027") || !strings.Contains(got, "corrected: date was 31 December 2026") {
		t.Errorf("got %q, want the answer put right", got)
	}
	notices := func(evt *event.Event) bool {
		return inThread(user, asked)(evt) && strings.Contains(text(evt), "Correction:")
	}
	notice := p.wait(t, "the notice", room, 1, notices)[0]
	if got := text(notice); raw(notice, "msgtype") != "m.text" || !strings.Contains(got, "was 31 December 2026, now 15 January 2027") {
		t.Errorf("got %v %q, want what was and what is, for people to notice", raw(notice, "msgtype"), got)
	}
	bot.kill()
	startBot(t, "calendar: "+facts+"\n"+settings)
	again := p.mustSay(t, room, map[string]any{"body": "!iis help"})
	p.wait(t, "the help after a restart", room, 1, inThread(user, again))
	if n, m := len(p.wait(t, "notices", room, 1, notices)), len(p.wait(t, "edits", room, 1, edits)); n != 1 || m != 1 {
		t.Errorf("got %d notices and %d edits, want one of each", n, m)
	}
}
