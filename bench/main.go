// Command bench measures the program against the numbers it is to reach, side by
// side with bleve and SQLite FTS5, and writes the figures as Markdown.
//
// It is a module of its own, so that what it compares with is no dependency of
// the program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.data, "data", "../../shared/data", "folder of the collections")
	flag.StringVar(&o.out, "out", "", "file to write; standard output where empty")
	flag.StringVar(&o.root, "root", "..", "folder of the program's source")
	flag.StringVar(&o.questions, "questions", "../../shared/evals/dev.jsonl,../testdata/questions/open.jsonl", "files of development questions, parted by commas")
	flag.StringVar(&o.date, "date", "", "date to write at the top")
	flag.StringVar(&o.version, "version", "", "version to write at the top")
	flag.BoolVar(&o.quick, "quick", false, "few questions, no index of a million passages")
	deliveries := flag.Bool("deliveries", false, "measure editions due at once and write their section alone")
	only := flag.String("contestant", "", "take part as this engine; for the program itself")
	language := flag.String("language", "en", "language of the passages; with -contestant")
	flag.Parse()
	var err error
	if *only != "" {
		err = compete(*only, *language, os.Stdin, os.Stdout)
	} else if *deliveries {
		err = deliveriesOnly(context.Background(), o, os.Stderr)
	} else {
		err = run(context.Background(), o, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	data, out, root, questions, date, version string
	quick                                     bool
}

// Sizes of a run.
const (
	knownQueries  = 2000
	quickQueries  = 300
	repeats       = 50 // of the development questions
	knownItemSeed = 2026
)

// run measures everything and writes it down.
func run(ctx context.Context, o options, progress io.Writer) error {
	begin := time.Now()
	f := figures{quick: o.quick, started: o.date}
	f.busy[0] = load()
	queries, most, repeat := knownQueries, 0, repeats
	if o.quick {
		queries, most, repeat = quickQueries, quickQueries, 5
	}
	known, err := f.scale(ctx, o, queries, progress)
	if err != nil {
		return err
	}
	all, err := arenas(o.data, known, most)
	if err != nil {
		return err
	}
	for _, a := range all {
		results, err := compare(ctx, a, progress)
		if err != nil {
			return err
		}
		f.results = append(f.results, results...)
	}
	for _, name := range []string{"squad-b", "xquad-es", "xquad-de"} {
		half, single, err := measureRefusal(o.data, name, most)
		if err != nil {
			return err
		}
		f.halves, f.singles = append(f.halves, half), append(f.singles, single)
		_, _ = fmt.Fprintf(progress, "%s: AUROC %.4f\n", half.name, half.auroc)
	}
	if f.embedded, err = measureEmbedded(ctx, o.root, strings.Split(o.questions, ","), repeat); err != nil {
		return err
	}
	if !o.quick { // what has been measured is written even where this fails
		var undelivered error
		f.deliveries, undelivered = measureDeliveries(ctx, o.root, progress)
		f.crossed, err = crossValidated(ctx, o.root, o.data)
		err = errors.Join(undelivered, err)
	}
	f.busy[1], f.took = load(), time.Since(begin).Round(time.Second).String()
	return errors.Join(err, write(o, &f))
}

// scale makes queries whose passage in un100k is known, and, but for a quick run,
// measures an index of a million passages with them.
func (f *figures) scale(ctx context.Context, o options, queries int, progress io.Writer) (known []question, err error) {
	passages, err := readAll([]string{docsFile(filepath.Join(o.data, "un100k"))})
	if err != nil {
		return nil, err
	}
	known = knownItems(passages, queries, knownItemSeed)
	if !o.quick {
		f.scaled, err = measureScale(ctx, passages, known, progress)
	}
	return known, err
}

func write(o options, f *figures) error {
	if o.out == "" {
		return f.write(os.Stdout, o.version)
	}
	file, err := os.Create(o.out)
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	err = f.write(file, o.version)
	if closed := file.Close(); err == nil && closed != nil {
		err = fmt.Errorf("write the figures: %w", closed)
	}
	return err
}
