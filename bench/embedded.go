package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/handlers"
	"rapporteur/search"
)

// asked is a line of a file of development questions.
type asked struct {
	ID  string `json:"id"`
	Ask string `json:"ask"`
	At  string `json:"at"`
}

// embedded is how the program does on the record that is compiled into it.
type embedded struct {
	questions int
	search    []time.Duration  // the engine's answer
	reply     []time.Duration  // the reply of the desk, calendar and all
	cold      []time.Duration  // of the program, from its start to its end
	right     map[string]tally // of "answer" and "refuse"
	verify    string           // what verifybench printed
	mutations tally            // detected
	negations tally            // alarmed
	noises    tally            // false alarms
}

// tally is how many of how many.
type tally struct{ k, n int }

func (t tally) share() float64 { return share(t.k, t.n) }

// coldStarts is how often the program is started to answer one question.
const coldStarts = 20

// measureEmbedded asks the development questions of the embedded record, again
// and again, and starts the program, which is built from root.
func measureEmbedded(ctx context.Context, root string, files []string, repeat int) (embedded, error) {
	e := embedded{right: map[string]tally{}}
	var questions []asked
	for _, name := range files {
		if err := readLines(name, func(q asked) { questions = append(questions, q) }); err != nil {
			return e, err
		}
	}
	if len(questions) == 0 {
		return e, errors.New("no development questions")
	}
	e.questions = len(questions)
	if err := e.ask(ctx, questions, repeat); err != nil {
		return e, err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return e, fmt.Errorf("make a folder for the program: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program := filepath.Join(dir, "rapporteur")
	if _, err := output(ctx, root, "go", "build", "-o", program, "."); err != nil {
		return e, err
	}
	for i := range coldStarts {
		begin := time.Now()
		if _, err := output(ctx, dir, program, "ask", questions[i%len(questions)].Ask); err != nil {
			return e, err
		}
		e.cold = append(e.cold, time.Since(begin))
	}
	for _, name := range files {
		full, err := filepath.Abs(name)
		if err != nil {
			return e, fmt.Errorf("find the questions: %w", err)
		}
		out, err := output(ctx, dir, program, "eval", full)
		if err != nil {
			return e, err
		}
		for want, t := range evaluated(out) {
			e.right[want] = tally{e.right[want].k + t.k, e.right[want].n + t.n}
		}
	}
	if e.verify, err = output(ctx, root, "go", "run", "./tools/verifybench"); err != nil {
		return e, err
	}
	e.mutations, e.negations, e.noises, err = verified(e.verify)
	return e, err
}

// ask times the answers of the engine and of the desk.
func (e *embedded) ask(ctx context.Context, questions []asked, repeat int) error {
	record, err := corpus.Embedded()
	if err != nil {
		return err
	}
	cal, err := calendar.Embedded()
	if err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	engine, err := search.New(record, nil)
	if err != nil {
		return err
	}
	desk, err := handlers.New(record, cal, 365*24*time.Hour)
	if err != nil {
		return err
	}
	mux, err := bot.NewMux(desk.Verbs()...)
	if err != nil {
		return err
	}
	at := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	for range repeat {
		for _, q := range questions {
			begin := time.Now()
			engine.Search(q.Ask, depth)
			e.search = append(e.search, time.Since(begin))
			begin = time.Now()
			if _, err := mux.Answer(ctx, bot.Message{ID: q.ID, Room: bot.Room{Platform: "cli", ID: "bench"}, Text: "ask " + q.Ask, SentAt: at}); err != nil {
				return fmt.Errorf("%s: %w", q.ID, err)
			}
			e.reply = append(e.reply, time.Since(begin))
		}
	}
	return nil
}

// output runs a command and returns what it prints.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	var out, failed bytes.Buffer
	command.Dir, command.Stdout, command.Stderr = dir, &out, &failed
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, failed.String())
	}
	return out.String(), nil
}

// crossValidated has the weights learned anew and returns what weights reach that
// were learned on the other half of the articles.
func crossValidated(ctx context.Context, root, data string) (string, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", fmt.Errorf("make a folder for the weights: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	full, err := filepath.Abs(data)
	if err != nil {
		return "", fmt.Errorf("find the collections: %w", err)
	}
	command := exec.CommandContext(ctx, "go", "run", "./tools/train", "-data", full, "-out", filepath.Join(dir, "weights.json"))
	command.Dir = root
	out, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tools/train: %w: %s", err, out)
	}
	var kept strings.Builder
	for line := range strings.Lines(string(out)) {
		if learnedElsewhere.MatchString(line) {
			kept.WriteString(line)
		}
	}
	return kept.String(), nil
}

var learnedElsewhere = regexp.MustCompile(`learned on the other half|^answerable, `)

var evaluatedLine = regexp.MustCompile(`(?m)^(answer|refuse): (\d+) of (\d+) right`)

// evaluated reads the last lines of eval.
func evaluated(out string) map[string]tally {
	right := map[string]tally{}
	for _, m := range evaluatedLine.FindAllStringSubmatch(out, -1) {
		right[m[1]] = tally{number(m[2]), number(m[3])}
	}
	return right
}

// A row of verifybench: kind, n, and shares as "54 (98.18 %)".
var (
	verifiedRow   = regexp.MustCompile(`(?m)^(all|negate) +(\d+) +(.*)$`)
	verifiedShare = regexp.MustCompile(`(\d+) \([\d.]+ %\)`)
)

// verified reads the tables of verifybench: the sum of the mutations, the row of
// negations and the sum of the noises.
func verified(out string) (mutations, negations, noises tally, err error) {
	rows := verifiedRow.FindAllStringSubmatch(out, -1)
	if len(rows) != 3 || rows[0][1] != "negate" || rows[1][1] != "all" || rows[2][1] != "all" {
		return mutations, negations, noises, errors.New("verifybench prints other tables than those that are known here")
	}
	cell := func(row, column int) tally {
		cells := verifiedShare.FindAllStringSubmatch(rows[row][3], -1)
		if column >= len(cells) {
			return tally{}
		}
		return tally{number(cells[column][1]), number(rows[row][2])}
	}
	return cell(1, 0), cell(0, 2), cell(2, 0), nil
}

func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}
