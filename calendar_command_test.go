package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/store"
)

// TestASessionMovesByTheCommandLine proposes both days under one number, and lists
// and confirms them as one change.
func TestASessionMovesByTheCommandLine(t *testing.T) {
	t.Parallel()
	h := home{t, t.TempDir()}
	h.run("next Global Mechanism\n", "--at", "2026-11-23") // the bot registers what rooms are told
	day := func(args ...string) string { return h.run("", append([]string{"--at", "2026-11-24"}, args...)...) }
	holds(t, "one day alone", day("calendar", "set", "gm-dtg-2026", "start", "2026-12-14", "source:https://example.org/new", "--by=ann"),
		"set both days at once: calendar set gm-dtg-2026 start 2026-12-14 end DAY source:https://example.org/new")
	holds(t, "the proposal", day("calendar", "set", "gm-dtg-2026", "start", "2026-12-14", "end", "2026-12-18", "venue", "The old city hall", "--source=https://example.org/new", "--by=ann"),
		"Change 1 of", "date: was 7–11 December 2026, would be 14–18 December 2026", "would be The old city hall")
	const line = "1: gm-dtg-2026 start is 2026-12-14, end is 2026-12-18 and venue is The old city hall (https://example.org/new), proposed by cli:ann"
	holds(t, "the list", day("calendar", "changes"), line+" on 24 November 2026, waits to be confirmed")
	holds(t, "the list as data", day("calendar", "changes", "--json"), line)
	holds(t, "the same person in capital letters", day("calendar", "confirm", "1", "--by=ANN"), "You proposed this change yourself")
	holds(t, "the second person", day("calendar", "confirm", "1", "--by=ben"), "start is 2026-12-14, end is 2026-12-18 and venue is The old city hall from now on")
	holds(t, "what was told otherwise", day("calendar", "diff"), "date was 7–11 December 2026, now 14–18 December 2026", "place was not known, now The old city hall", "2 changes")
	holds(t, "the same as data", day("calendar", "diff", "--json"), `"was": "7–11 December 2026"`, `"now": "14–18 December 2026"`)
	holds(t, "the bot", h.run("ics Global Mechanism\n", "--at", "2026-11-24"), "14–18 December 2026")
	holds(t, "the file", day("ics", "Global", "Mechanism"), "DTSTART;VALUE=DATE:20261214\r\nDTEND;VALUE=DATE:20261219\r\n")
	if file := day("ics", "Global", "Mechanism"); !strings.Contains(file, "SEQUENCE:1\r\n") || strings.Contains(file, "SEQUENCE:2") {
		t.Errorf("got\n%s\nwant one step of SEQUENCE", file)
	}
}

func TestAChangeByTheCommandLineThatCannotBeReadSaysWhatWorks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"set", "gm-dtg-2026", "start", "--source=https://example.org", "--by=ann"}, "pairs of a field and its value"},
		{[]string{"set", "gm-dtg-2026", "start", "2026-12-14", "end", "--source=https://example.org", "--by=ann"}, "pairs of a field and its value"},
		{[]string{"set", "gm-dtg-2026", "end", "2026-12-18", "--by=ann"}, "say which page says so, as in --source=https://"},
		{[]string{"confirm", "1", "--by= "}, "--by: say who you are"},
	} {
		log := &heard{}
		code := run(t.Context(), append([]string{"calendar"}, c.args...), environment{
			getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": dir}[name] },
			in:     strings.NewReader(""), out: io.Discard, err: log, now: time.Now,
		})
		if code != exitUsage || !strings.Contains(log.String(), c.want) {
			t.Errorf("%q: got exit code %d, %s, want %d and %q", c.args, code, log, exitUsage, c.want)
		}
	}
}

// TestTheCommandLineTellsWhatWasConfirmed asks every command that tells a date, with
// the bot at rest and while it holds its database, which has not registered the
// change yet.
func TestTheCommandLineTellsWhatWasConfirmed(t *testing.T) {
	t.Parallel()
	h := home{t, t.TempDir()}
	path, settings := filepath.Join(h.dir, "own", "bot.db"), filepath.Join(h.dir, "settings.yaml")
	if err := os.WriteFile(settings, []byte("database: "+path+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	day := func(args ...string) string {
		t.Helper()
		return h.run("", append([]string{"--config", settings, "--at", "2026-11-24"}, args...)...)
	}
	commands := []struct {
		args      []string
		was, then string
	}{
		{[]string{"upcoming", "Global", "Mechanism"}, "7–11 December 2026", "14–18 December 2026"},
		{[]string{"next", "Global", "Mechanism"}, "7–11 December 2026", "14–18 December 2026"},
		{[]string{"digest"}, "7–11 December 2026", "14–18 December 2026"},
		{[]string{"ask", "When does the Global Mechanism meet next?"}, "7–11 December 2026", "14–18 December 2026"},
		{[]string{"schedule", "next", "--spec", "sessions T-1 09:00", "--zone", "UTC", "--count", "1"}, "2026-12-06T09:00", "2026-12-13T09:00"},
		{[]string{"ics", "Global", "Mechanism"}, "SEQUENCE:0\r\nDTSTART;VALUE=DATE:20261207", "SEQUENCE:1\r\nDTSTART;VALUE=DATE:20261214"},
	}
	for _, c := range commands {
		holds(t, "before: "+strings.Join(c.args, " "), day(c.args...), c.was)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that asking makes no database", err)
	}
	h.run("next Global Mechanism\n", "--config", settings, "--at", "2026-11-23") // the bot registers what rooms are told
	day("calendar", "set", "gm-dtg-2026", "start", "2026-12-14", "end", "2026-12-18", "--source=https://example.org/new", "--by=ann")
	holds(t, "what only waits", day("next", "Global", "Mechanism"), "7–11 December 2026")
	day("calendar", "confirm", "1", "--by=ben")
	for _, c := range commands {
		holds(t, "at rest: "+strings.Join(c.args, " "), day(c.args...), c.then)
	}
	bot, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		holds(t, "while the bot runs: "+strings.Join(c.args, " "), day(c.args...), c.then)
	}
	if err := bot.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestADatabaseThatCannotBeReadIsNotPassedOver tells no date that may be wrong.
func TestADatabaseThatCannotBeReadIsNotPassedOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	if err := os.WriteFile(path, []byte("this is no database, and long enough to be seen as none"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, log := &heard{}, &heard{}
	code := run(t.Context(), []string{"next"}, environment{
		getenv: func(name string) string { return map[string]string{"RAPPORTEUR_DATABASE": path}[name] },
		in:     strings.NewReader(""), out: out, err: log, now: time.Now,
	})
	if code != exitError || out.String() != "" || !strings.Contains(log.String(), "without them a date may be wrong") {
		t.Errorf("got exit code %d, %s, %s", code, out, log)
	}
}
