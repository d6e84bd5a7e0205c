// Command verifybench measures quotation checking: it makes changed and merely
// reset quotations out of every sentence of a corpus and counts how many are
// told apart. Its exit code is 0 whatever the figures.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"rapporteur/corpus"
	"rapporteur/search"
	"rapporteur/search/mutate"
)

func main() {
	folder := flag.String("corpus", "", "folder of the corpus; the embedded one where empty")
	seed := flag.Uint64("seed", 1, "seed of the mutations")
	limit := flag.Int("n", 0, "sentences to take, evenly spread; all where 0")
	verbose := flag.Bool("v", false, "print every miss")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	err := run(out, *folder, *seed, *limit, *verbose)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "verifybench:", err)
		os.Exit(1)
	}
}

// tally is the row of one kind.
type tally struct {
	n, detected, ruled, alarmed, wanted, falsely int
}

func (t *tally) add(o tally) {
	t.n += o.n
	t.detected += o.detected
	t.ruled += o.ruled
	t.alarmed += o.alarmed
	t.wanted += o.wanted
	t.falsely += o.falsely
}

func run(out io.Writer, folder string, seed uint64, limit int, verbose bool) error {
	c, err := load(folder)
	if err != nil {
		return err
	}
	engine, err := search.New(c, nil)
	if err != nil {
		return fmt.Errorf("index the corpus: %w", err)
	}
	pool := mutate.NewPool(c, seed)
	sentences := pool.Sentences()
	if limit > 0 && limit < len(sentences) {
		spread := make([]mutate.Sentence, limit)
		for i := range spread {
			spread[i] = sentences[i*len(sentences)/limit]
		}
		sentences = spread
	}
	if len(sentences) == 0 {
		return errors.New("the corpus has no English sentence of eight words or more")
	}
	rows := map[string]*tally{}
	var took []time.Duration
	for _, s := range sentences {
		for _, claim := range append(pool.Mutations(s), pool.Noises(s)...) {
			start := time.Now()
			v := engine.Verify(claim.Text)
			took = append(took, time.Since(start))
			if rows[claim.Kind] == nil {
				rows[claim.Kind] = &tally{}
			}
			one, miss := judge(claim, v)
			rows[claim.Kind].add(one)
			if miss != "" && verbose {
				_, _ = fmt.Fprintf(out, "%s: %s: got %s %v %s\n  claim:  %q\n  record: %q\n", claim.Kind, miss, v.Ruling, v.Alarm, v.Claimed, claim.Text, s.Text)
			}
		}
	}
	slices.Sort(took)
	_, _ = fmt.Fprintf(out, "%d sentences of %d passages, seed %d; a verification takes %v (median), %v (99 of 100), %v at most\n\n",
		len(sentences), len(c.Passages()), seed, took[len(took)/2].Round(time.Microsecond), took[len(took)*99/100].Round(time.Microsecond), took[len(took)-1].Round(time.Microsecond))
	report(out, rows)
	return nil
}

func load(folder string) (*corpus.Corpus, error) {
	if folder == "" {
		return corpus.Embedded()
	}
	docs, problems, err := corpus.Load(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", folder, err)
	}
	if len(problems) > 0 {
		fmt.Fprintf(os.Stderr, "verifybench: %d problems, the first: %s\n", len(problems), problems[0])
	}
	return corpus.New(docs...), nil
}

// judge counts one verdict. A mutation is detected where the ruling is none of
// the clean ones, or an alarm is raised; noise raises a false alarm where its
// ruling is none of the clean ones, or an alarm is raised.
func judge(c mutate.Claim, v search.Verdict) (t tally, miss string) {
	t.n = 1
	clean := v.Ruling == search.Verbatim || v.Ruling == search.Typography
	right := slices.Contains(c.Rulings, v.Ruling)
	if right {
		t.ruled = 1
	}
	if slices.Contains(c.Rulings, search.Verbatim) {
		if !right || len(v.Alarm) > 0 {
			t.falsely = 1
			return t, "false alarm"
		}
		return t, ""
	}
	if !clean {
		t.detected = 1
	}
	if c.Alarm != "" {
		t.wanted = 1
		if slices.Contains(v.Alarm, c.Alarm) {
			t.alarmed = 1
		}
	}
	switch {
	case clean:
		return t, "not detected"
	case t.wanted > t.alarmed:
		return t, "no alarm of " + c.Alarm
	case !right:
		return t, "another ruling than " + string(c.Rulings[0])
	}
	return t, ""
}

func report(out io.Writer, rows map[string]*tally) {
	table := func(title string, kinds []string, row func(t tally) string) {
		_, _ = fmt.Fprintln(out, title)
		var sum tally
		for _, kind := range kinds {
			if t := rows[kind]; t != nil {
				_, _ = fmt.Fprintf(out, "%-20s %s\n", kind, row(*t))
				sum.add(*t)
			}
		}
		_, _ = fmt.Fprintf(out, "%-20s %s\n\n", "all", row(sum))
	}
	table(fmt.Sprintf("%-20s %7s %17s %17s %17s", "mutation", "n", "detected", "ruled right", "alarmed"), mutate.MutationKinds(), func(t tally) string {
		return fmt.Sprintf("%7d %17s %17s %17s", t.n, share(t.detected, t.n), share(t.ruled, t.n), share(t.alarmed, t.wanted))
	})
	table(fmt.Sprintf("%-20s %7s %17s", "noise", "n", "false alarms"), mutate.NoiseKinds(), func(t tally) string {
		return fmt.Sprintf("%7d %17s", t.n, share(t.falsely, t.n))
	})
}

func share(k, n int) string {
	if n == 0 {
		return strings.Repeat(" ", 9) + "-"
	}
	return fmt.Sprintf("%d (%.2f %%)", k, 100*float64(k)/float64(n))
}
