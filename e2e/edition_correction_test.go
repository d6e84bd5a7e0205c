package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"

	"rapporteur/bot/slack/slackfake"
)

// factsToMove is a folder of the calendar's files, and what moves the day on which
// the cybercrime convention closes for signature.
func factsToMove(t *testing.T) (dir string, move func()) {
	t.Helper()
	dir = t.TempDir()
	need(t, os.CopyFS(dir, os.DirFS("../calendar/facts")))
	return dir, func() {
		t.Helper()
		file := filepath.Join(dir, "sessions.yaml")
		data, err := os.ReadFile(file)
		need(t, err)
		moved := strings.Replace(string(data), "start: 2026-12-31\n  end: 2026-12-31", "start: 2027-01-15\n  end: 2027-01-15", 1)
		if moved == string(data) {
			t.Fatal("the file does not hold the day any more: the test moves nothing")
		}
		need(t, os.WriteFile(file, []byte(moved), 0o600))
	}
}

// vevent returns the event of a row in a calendar file, its lines unfolded.
func vevent(file, row string) string {
	for part := range strings.SplitSeq(strings.ReplaceAll(file, "\r\n", "\n"), "BEGIN:VEVENT") {
		if strings.Contains(part, "UID:"+row+"@rapporteur") {
			return part
		}
	}
	return ""
}

// isEvent says of the event of the convention's last day that it has a number and
// a day.
func isEvent(t *testing.T, what, file, sequence, day string) {
	t.Helper()
	got := vevent(file, "cc-signature-close")
	for _, want := range []string{"SEQUENCE:" + sequence + "\n", "DTSTART;VALUE=DATE:" + day + "\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s\nwant it to hold %q", what, got, want)
		}
	}
}

const editionWithFile = `subscribe digest daily 11:00 UTC processes:"Convention against Cybercrime" ics:yes grace:8h`

// TestSlackEditionIsCorrected runs the program as a process: an edition with a
// calendar file, then a calendar in which a day has moved. The edition is edited
// and its thread is told, once, with the file that puts people's calendars right.
func TestSlackEditionIsCorrected(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var shift atomic.Int64
	fake, err := slackfake.New(slackfake.Config{
		BotToken: botToken, AppToken: appToken, Now: func() time.Time { return time.Now().Add(time.Duration(shift.Load())) },
	})
	need(t, err)
	t.Cleanup(func() { _ = fake.Close() })
	facts, move := factsToMove(t)
	settings := slackSettings(fake, t.TempDir()) + "calendar: " + facts + "\n"
	start := func(day string) *process {
		t.Helper()
		noon, err := time.Parse(time.DateOnly, day)
		need(t, err)
		shift.Store(int64(time.Until(noon.Add(12 * time.Hour))))
		program := startBotAt(t, settings, day)
		need(t, fake.WaitSockets(ctx, 1))
		return program
	}
	program := start("2026-12-10")
	fake.Mention("C1", "U1", editionWithFile)
	posts, err := fake.WaitPosts(ctx, 1)
	need(t, err)
	if !strings.Contains(posts[0].Visible(), "11 Dec 2026, 11:00 UTC") {
		t.Fatalf("got %s, want a daily edition ordered", posts[0].Visible())
	}
	program.kill()
	program = start("2026-12-11") // an hour late
	posts, err = fake.WaitPosts(ctx, 2)
	need(t, err)
	if got := posts[1].Visible(); !strings.Contains(got, "31 December 2026") {
		t.Fatalf("got %s, want the edition with the day as it is in the file", got)
	}
	need(t, fake.Wait(ctx, func() bool { return len(fake.Files()) == 1 && fake.Files()[0].Channel != "" }))
	isEvent(t, "the edition's file", string(fake.Files()[0].Data), "0", "20261231")

	move()
	need(t, program.cmd.Process.Signal(syscall.SIGHUP))
	posts, err = fake.WaitPosts(ctx, 3)
	need(t, err)
	if got := posts[2].Visible(); posts[2].ThreadTS != posts[1].TS || !strings.Contains(got, "was 31 December 2026, now 15 January 2027") {
		t.Errorf("got in thread %q: %s, want what was and what is, in the edition's thread %q", posts[2].ThreadTS, got, posts[1].TS)
	}
	if got := posts[1].Visible(); !posts[1].Edited || !strings.Contains(got, "corrected: date was 31 December 2026, now 15 January 2027") {
		t.Errorf("got edited %v: %s, want the edition put right", posts[1].Edited, got)
	}
	need(t, fake.Wait(ctx, func() bool { return len(fake.Files()) == 2 && fake.Files()[1].Channel != "" }))
	isEvent(t, "the notice's file", string(fake.Files()[1].Data), "1", "20270115")
}

// TestMatrixEditionIsCorrected is the same on a homeserver, in rooms of both kinds
// (journey J4, its last step but one).
func TestMatrixEditionIsCorrected(t *testing.T) {
	t.Parallel()
	inBothKinds(t, matrixEditionIsCorrected)
}

func matrixEditionIsCorrected(t *testing.T, secret bool) {
	t.Helper()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	facts, move := factsToMove(t)
	keys := settings
	settings = "calendar: " + facts + "\n" + ofEither(t, settings, secret)
	program := startBotAt(t, settings, "2026-12-10")
	p := newSomebody(t, hs, secret)
	room := p.roomOf(t, user, secret)
	_, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: newPerson(t, hs, "listener").UserID})
	need(t, err)
	asked := p.mustSay(t, room, map[string]any{"body": "!iis " + editionWithFile})
	p.wait(t, "the order", room, 1, inThread(user, asked))
	program.kill()
	program = startBotAt(t, settings, "2026-12-11") // an hour late

	// fileOf is the calendar file among the events of a post: attached, or shown.
	fileOf := func(what string, keep func(*event.Event) bool) string {
		t.Helper()
		holds := func(evt *event.Event) bool {
			return keep(evt) && (raw(evt, "msgtype") == "m.file" || strings.Contains(text(evt), "BEGIN:VCALENDAR"))
		}
		evt := p.wait(t, what, room, 1, holds)[0]
		if raw(evt, "msgtype") != "m.file" {
			return text(evt)
		}
		return p.calendarIn(t, evt, secret)
	}
	edits := func(evt *event.Event) bool {
		return from(user)(evt) && raw(evt, "m.relates_to", "rel_type") == "m.replace"
	}
	ofEdition := func(evt *event.Event) bool {
		return from(user)(evt) && !edits(evt) && !inThread(user, asked)(evt) && !strings.Contains(text(evt), "Correction:")
	}
	edition := p.wait(t, "the edition", room, 1, func(evt *event.Event) bool {
		return ofEdition(evt) && strings.Contains(text(evt), "31 December 2026")
	})[0]
	isEvent(t, "the edition's file", fileOf("the edition's file", ofEdition), "0", "20261231")

	move()
	need(t, program.cmd.Process.Signal(syscall.SIGHUP))
	edit := p.wait(t, "the edit", room, 1, edits)[0]
	if got, _ := raw(edit, "m.new_content", "body").(string); raw(edit, "m.relates_to", "event_id") != edition.ID.String() || !strings.Contains(got, "corrected: date was 31 December 2026, now 15 January 2027") {
		t.Errorf("got an edit of %v: %s, want the edition %s put right", raw(edit, "m.relates_to", "event_id"), got, edition.ID)
	}
	inItsThread := inThread(user, edition.ID)
	notice := p.wait(t, "the notice", room, 1, func(evt *event.Event) bool { return inItsThread(evt) && strings.Contains(text(evt), "Correction:") })[0]
	if got := text(notice); !strings.Contains(got, "was 31 December 2026, now 15 January 2027") {
		t.Errorf("got %s, want what was and what is", got)
	}
	isEvent(t, "the notice's file", fileOf("the notice's file", inItsThread), "1", "20270115")
	if secret {
		nothingInPlain(t, proxy, keys, "15 January 2027", "Correction", "VCALENDAR")
	}
}
