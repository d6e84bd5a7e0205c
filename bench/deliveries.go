package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// delivery is what one run of BenchmarkDueAtOnce measured.
type delivery struct {
	database string
	editions int
	measured map[string]float64 // by unit
}

// measureDeliveries runs the program's benchmark of editions that are all due at
// once, each size and database in a process of its own, for its peak of memory.
func measureDeliveries(ctx context.Context, root string, progress io.Writer) ([]delivery, error) {
	var all []delivery
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		for _, editions := range []int{1000, 10_000} {
			name := fmt.Sprintf("DueAtOnce/%s/%d$", database, editions)
			cmd := exec.CommandContext(ctx, "go", "test", "-tags=goolm", "-run", "^$", "-bench", name, "-benchtime", "1x", "./digest") //nolint:gosec // our own names
			cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
			var wrong bytes.Buffer
			cmd.Stderr = &wrong
			out, err := cmd.Output()
			if err != nil {
				return all, fmt.Errorf("benchmark %s: %w: %s%s", name, err, out, wrong.Bytes())
			}
			d := delivery{database: database, editions: editions, measured: readMetrics(string(out))}
			_, _ = fmt.Fprintf(progress, "%s %d: %v\n", database, editions, d.measured)
			if len(d.measured) > 0 { // PostgreSQL may not be here
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// readMetrics reads "2163 posts/s	 4.7 s-to-last" from the lines of a benchmark.
func readMetrics(out string) map[string]float64 {
	measured := map[string]float64{}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "BenchmarkDueAtOnce") {
			continue
		}
		for _, pair := range regexp.MustCompile(`([\d.]+) ([a-zA-Z][\w/-]*)`).FindAllStringSubmatch(line, -1) {
			if v, err := strconv.ParseFloat(pair[1], 64); err == nil {
				measured[pair[2]] = v
			}
		}
	}
	return measured
}

// deliveriesHeading stands above the section of deliveries.
const deliveriesHeading = "## Digests due at once"

func (f *figures) writeDeliveries(p page) {
	if len(f.deliveries) == 0 {
		return
	}
	about := ""
	if f.started != "" {
		about = f.started + ". "
	}
	p.line("%s\n", deliveriesHeading)
	p.line("%sEditions that are due at the same instant, to a platform that takes 20 ms for a post, 100 at a time in one process, from the claim of the first to the mark of the last (`BenchmarkDueAtOnce` in `digest`, once each, in a process of its own; %s; load %s at the beginning, %s at the end). Slack itself takes far fewer; the courier spreads them at 5 a second.\n", about, machine(), f.busy[0], f.busy[1])
	var rows [][]string
	for _, d := range f.deliveries {
		rows = append(rows, []string{
			d.database, strconv.Itoa(d.editions), fmt.Sprintf("%.0f", d.measured["posts/s"]),
			fmt.Sprintf("%.2f s", d.measured["s-to-first"]), fmt.Sprintf("%.2f s", d.measured["s-to-half"]), fmt.Sprintf("%.2f s", d.measured["s-to-last"]),
			fmt.Sprintf("%.0f MB", d.measured["MB-peak"]),
		})
	}
	p.table([]string{"database", "editions", "posts a second", "first", "half", "last", "peak memory of the process"}, rows)
}

// deliveriesOnly writes the section of deliveries anew in the file that is there,
// and leaves the rest as it is.
func deliveriesOnly(ctx context.Context, o options, progress io.Writer) error {
	if o.out == "" {
		return errors.New("-deliveries needs -out, the file whose section it writes")
	}
	f := figures{started: o.date}
	f.busy[0] = load()
	var err error
	if f.deliveries, err = measureDeliveries(ctx, o.root, progress); err != nil {
		return err
	}
	f.busy[1] = load()
	p := page{&strings.Builder{}}
	f.writeDeliveries(p)
	old, err := os.ReadFile(o.out)
	if err != nil {
		return fmt.Errorf("read the figures: %w", err)
	}
	if err := os.WriteFile(o.out, []byte(replaceSection(string(old), deliveriesHeading, p.out.String())), 0o644); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// replaceSection puts a section in the place of the one of that heading, or before
// the one on the method, or at the end.
func replaceSection(text, heading, section string) string {
	before, rest, found := strings.Cut(text, heading+"\n")
	if found {
		_, after, more := strings.Cut(rest, "\n## ")
		if !more {
			return before + section
		}
		return before + section + "## " + after
	}
	const method = "## How it is measured"
	if before, after, found := strings.Cut(text, method); found {
		return before + section + method + after
	}
	return strings.TrimRight(text, "\n") + "\n\n" + section
}
