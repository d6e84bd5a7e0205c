package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rapporteur": main})
}

// TestScripts runs the program as a process: testdata/script/*.txt.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_STATE_HOME", "")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

// exits runs a command and compares its exit status: exits 2 rapporteur ask.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("got exit status %d, want %d", got, want)
	}
}

// TestREADMETranscriptIsWhatTheProgramPrints runs the questions of the README's
// transcript and compares.
func TestREADMETranscriptIsWhatTheProgramPrints(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```console\n")
	block, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("got no transcript in README.md")
	}
	steps := strings.Split(block, "$ printf '")[1:]
	if len(steps) < 2 {
		t.Fatalf("got %d steps, want at least 2", len(steps))
	}
	for _, step := range steps {
		command, want, _ := strings.Cut(step, "\n")
		question, _, found := strings.Cut(command, "\\n' | make -s run")
		if !found {
			t.Fatalf("got %q, want a question piped into make -s run", command)
		}
		var out, errs strings.Builder
		code := run(t.Context(), []string{"serve", "--at", "2026-11-23"}, environment{
			getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": t.TempDir()}[name] },
			in:     strings.NewReader(question + "\n"), out: &out, err: &errs, now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
		})
		if code != 0 || errs.Len() > 0 {
			t.Fatalf("%s: got exit %d, %s", question, code, errs.String())
		}
		if got := strings.TrimRight(out.String(), "\n"); got != strings.TrimRight(want, "\n") {
			t.Errorf("%s\n got %s\nwant %s", question, got, want)
		}
	}
}
