// Command rapporteur is a Slack and Matrix briefing bot for people who follow
// the United Nations' work on international information security.
//
// This file and its neighbours wire the packages together, and nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones on machines that have none

	"github.com/alecthomas/kong"
)

// version is set at build time.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], environment{getenv: os.Getenv, in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now, reload: reload})
	stop()
	os.Exit(code)
}

// environment is the world outside the program.
type environment struct {
	getenv   func(string) string
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
	reload   <-chan os.Signal // says that the corpus is to be read anew; may be nil
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// cli is the command line.
type cli struct {
	Config string `help:"Settings file (YAML)." placeholder:"FILE" env:"RAPPORTEUR_CONFIG"`
	Corpus string `help:"Folder (or file) of further documents." placeholder:"DIR"`
	JSON   bool   `name:"json" help:"Print JSON instead of text."`
	At     string `help:"Answer as of this day (2026-11-23)." placeholder:"DATE"`

	Serve       serveCmd       `cmd:"" default:"1" help:"Answer on Slack and Matrix, or in the terminal where neither is set up."`
	Ask         askCmd         `cmd:"" help:"Answer a question from the record and the calendar."`
	Quote       quoteCmd       `cmd:"" help:"What was said on a topic, word for word."`
	Verify      verifyCmd      `cmd:"" help:"Whether the record holds these words."`
	Q           codeCmd        `cmd:"" help:"The quotation of a code, word for word."`
	When        whenCmd        `cmd:"" help:"The dates that record and calendar give for a phrase."`
	Timeline    timelineCmd    `cmd:"" help:"The dated steps of a topic, in their order."`
	Upcoming    upcomingCmd    `cmd:"" help:"Sessions and deadlines ahead."`
	Next        nextCmd        `cmd:"" help:"The next session."`
	Glossary    glossaryCmd    `cmd:"" help:"What a term or an acronym means."`
	Schedule    scheduleCmd    `cmd:"" help:"When a schedule would be due."`
	ICS         icsCmd         `cmd:"" name:"ics" help:"Sessions and deadlines as an iCalendar file."`
	Calendar    calendarCmd    `cmd:"" help:"Change the calendar by hand, and see what has changed."`
	Digest      digestCmd      `cmd:"" help:"Print an edition of the digest."`
	Docs        corpusCmd      `cmd:"" name:"corpus" help:"The documents that are searched."`
	Backup      backupCmd      `cmd:"" help:"Copy the database to a new file, while the bot may run."`
	MatrixLogin matrixLoginCmd `cmd:"" help:"Log in to Matrix by OAuth 2.0: prints an address and a code."`
	Check       checkCmd       `cmd:"" help:"Check the settings: what would start and what is missing."`
	Slack       slackCmd       `cmd:"" help:"What Slack needs to know of the bot."`
	Search      searchCmd      `cmd:"" help:"The passages that answer a query best; each line of standard input is one."`
	Eval        evalCmd        `cmd:"" help:"Score a file of questions and print each miss."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// run parses the command line and runs the command. It returns the exit code.
func run(ctx context.Context, args []string, env environment) int {
	var (
		c    cli
		exit = -1
	)
	parser, err := kong.New(&c, kong.Name("rapporteur"), kong.Writers(env.out, env.err),
		kong.Description("Finds, quotes and dates what was said at the UN on international information security; refuses what it does not hold."),
		kong.Exit(func(code int) { exit = code }), kong.UsageOnError())
	if err != nil {
		return fail(env, err, exitError)
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		return fail(env, fmt.Errorf("%w; see rapporteur --help", err), exitUsage)
	}
	at, err := asOf(c.At, env.now())
	if err != nil {
		return fail(env, err, exitUsage)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	var usage *usageError
	switch err := parsed.Run(&program{cli: &c, env: env, at: at, started: env.now()}); {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return fail(env, err, exitUsage)
	default:
		return fail(env, err, exitError)
	}
}

// usageError is a mistake in the command line that only the command can see.
type usageError struct{ reason string }

func (e *usageError) Error() string { return e.reason }

// fail prints an error as one line.
func fail(env environment, err error, code int) int {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' })
	_, _ = fmt.Fprintln(env.err, "rapporteur: "+strings.Join(lines, "; "))
	return code
}

// asOf reads --at: a day; a month or a year means its last day, for that is when
// all of it was known. The time of day is noon, in UTC.
func asOf(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now, nil
	}
	for _, form := range []struct {
		layout string
		last   func(time.Time) time.Time
	}{
		{time.DateOnly, func(t time.Time) time.Time { return t }},
		{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, -1) }},
		{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, -1) }},
	} {
		if t, err := time.Parse(form.layout, s); err == nil {
			return form.last(t).Add(12 * time.Hour), nil
		}
	}
	return time.Time{}, fmt.Errorf("--at: %q is no date; write 2026-11-23, 2026-11 or 2026", s)
}
