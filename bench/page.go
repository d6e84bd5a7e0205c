package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// page writes Markdown.
type page struct{ out *strings.Builder }

func (p page) line(format string, args ...any) { _, _ = fmt.Fprintf(p.out, format+"\n", args...) }

func (p page) table(head []string, rows [][]string) {
	p.line("| %s |", strings.Join(head, " | "))
	p.line("|%s", strings.Repeat("---|", len(head)))
	for _, row := range rows {
		p.line("| %s |", strings.Join(row, " | "))
	}
	p.line("")
}

// write writes the figures down.
func (f *figures) write(out io.Writer, version string) error {
	p := page{&strings.Builder{}}
	p.line("# Benchmarks\n")
	p.line("Written by `make bench` (the program in `bench/`); do not edit. %s", f.about(version))
	if f.quick {
		p.line("\n**A quick run: fewer questions, no index of a million passages. Its figures count for nothing.**")
	}
	p.line("")
	f.writeGoals(p)
	f.writeSets(p)
	f.writeScale(p)
	f.writeRefusal(p)
	f.writeEmbedded(p)
	f.writeCrossed(p)
	f.writeDeliveries(p)
	f.writeMethod(p)
	if _, err := io.WriteString(out, p.out.String()); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

func (f *figures) about(version string) string {
	parts := []string{machine()}
	if version != "" {
		parts = append([]string{"version " + version}, parts...)
	}
	if f.started != "" {
		parts = append([]string{f.started}, parts...)
	}
	return strings.Join(parts, "; ") + fmt.Sprintf("; %s in all; load %s at the beginning, %s at the end.", f.took, f.busy[0], f.busy[1])
}

func (f *figures) writeGoals(p page) {
	p.line("## Numbers to reach\n")
	var rows [][]string
	for _, g := range f.goals() {
		for i, part := range g.parts {
			what, measured := g.what, "–"
			if i > 0 {
				what = ""
			}
			if part.name != "" {
				what = strings.TrimSpace(what + ": " + part.name)
				what = strings.TrimPrefix(what, ": ")
			}
			if !math.IsNaN(part.value) {
				measured = part.print(part.value)
				if part.quiet > 0 {
					measured += " (" + part.print(part.quiet) + " at best)"
				}
			}
			on := ""
			if i == 0 {
				on = g.on
			}
			rows = append(rows, []string{what, part.print(part.least), part.print(part.aim), measured, part.verdict(), on})
		}
	}
	p.table([]string{"what", "least", "aim", "measured", "reaches", "on"}, rows)
}

func (f *figures) writeSets(p page) {
	p.line("## Side by side\n")
	arena := ""
	for _, r := range f.results {
		if r.arena != arena {
			arena = r.arena
			p.line("### %s: %d passages\n", arena, r.built.Count)
			f.writeBuilds(p, arena)
		}
		if r.contestant == ours {
			f.writeSet(p, r.set)
		}
	}
}

// writeBuilds writes what the indexes of an arena cost.
func (f *figures) writeBuilds(p page, arena string) {
	var rows [][]string
	set := ""
	for _, r := range f.results {
		if r.arena != arena || r.contestant == oursRaw || set != "" && r.set != set {
			continue
		}
		set = r.set
		rows = append(rows, []string{
			r.contestant, wholeSeconds(r.built.Index.Seconds()), wholeSeconds(r.built.CPU.Seconds()), megabytes(float64(r.built.Bytes)), megabytes(float64(r.built.RSS)),
		})
	}
	p.table([]string{"engine", "build", "processor time, reading too", "index", "RSS"}, rows)
}

func (f *figures) writeSet(p page, set string) {
	var rows [][]string
	n := 0
	for _, r := range f.results {
		if r.set != set {
			continue
		}
		q := r.quality
		n = max(n, q.n)
		sentence, name := "", r.contestant
		if q.sentences > 0 {
			sentence = decimals(q.sentence)
		}
		if r.same.n > 0 {
			name += fmt.Sprintf(" (%d questions; rapporteur on these: accuracy@1 %s)", q.n, decimals(r.same.first))
		}
		rows = append(rows, []string{
			name, milliseconds(r.p50().Seconds()), milliseconds(r.p99().Seconds()),
			decimals(q.first), decimals(q.five), decimals(q.reciprocal), decimals(q.discount), sentence,
		})
	}
	p.line("%s, %d questions:\n", set, n)
	p.table([]string{"engine", "p50", "p99", "accuracy@1", "hit@5", "MRR@10", "nDCG@10", "sentence"}, rows)
}

func (f *figures) writeScale(p page) {
	s := f.scaled
	if s.built.Count == 0 {
		return
	}
	p.line("## A million passages\n")
	p.line("%d windows of sentences that slide along the speeches of un100k, neighbours sharing three quarters; %s of JSON Lines; %d known-item queries of un100k.\n",
		s.built.Count, megabytes(float64(s.size)), s.questions)
	p.table([]string{"", "time or size"}, [][]string{
		{"read the passages", wholeSeconds(s.built.Read.Seconds())},
		{"index them", wholeSeconds(s.built.Index.Seconds())},
		{"processor time of both", wholeSeconds(s.built.CPU.Seconds())},
		{"index", megabytes(float64(s.built.Bytes))},
		{"RSS afterwards, texts included", megabytes(float64(s.built.RSS))},
		{"peak RSS till then", megabytes(float64(s.built.Peak))},
		{"first look only, p50 / p99", milliseconds(s.raw.p50().Seconds()) + " / " + milliseconds(s.raw.p99().Seconds())},
		{"full answer, p50 / p99", milliseconds(s.full.p50().Seconds()) + " / " + milliseconds(s.full.p99().Seconds())},
	})
}

func (f *figures) writeRefusal(p page) {
	p.line("## Refusing what is not indexed\n")
	p.line("By the score of the first hit: AUROC, and how many of the absent are refused where 5 %% of the answerable are. By `answered`: how many of the absent are refused, and how many of the answerable.\n")
	var rows [][]string
	for _, r := range slices.Concat(f.halves, f.singles) {
		rows = append(rows, []string{
			r.name, fmt.Sprintf("%d / %d", r.answerable, r.absent), decimals(r.auroc), decimals(r.recall), percents(r.refused), percents(r.falsely),
		})
	}
	p.table([]string{"indexed", "answerable / absent", "AUROC", "recall at 5 %", "absent refused", "answerable refused"}, rows)
}

func (f *figures) writeEmbedded(p page) {
	e := f.embedded
	p.line("## The embedded record\n")
	p.line("%d development questions (`shared/evals`, `testdata/questions`), asked over and over; the program started %d times to answer one.\n", e.questions, len(e.cold))
	row := func(name string, took []time.Duration) []string {
		return []string{name, milliseconds(percentile(took, 50).Seconds()), milliseconds(percentile(took, 99).Seconds())}
	}
	p.table([]string{"", "p50", "p99"}, [][]string{
		row("the engine's answer", e.search), row("the desk's reply, calendar and all", e.reply), row("cold start to first answer", e.cold),
	})
	p.line("`verifybench` on the same record:\n\n```\n%s\n```\n", strings.TrimSpace(e.verify))
}

func (f *figures) writeCrossed(p page) {
	if f.crossed == "" {
		return
	}
	p.line("## Learned on the other half\n")
	p.line("The weights were learned on squad-b, xquad-es, xquad-de and UN known items, so the rows above flatter. `tools/train` on all of these together, the weights learned on the one half of the articles and tested on the other; refusals learned on three of four folds:\n")
	p.line("```\n%s\n```\n", strings.TrimSpace(f.crossed))
}

func (f *figures) writeMethod(p page) {
	p.line("## How it is measured\n")
	p.line("```")
	p.line("make bench                          # everything: writes this page")
	p.line("cd bench && go run . -quick         # two minutes, to standard output")
	p.line("go run . eval FILE                  # the questions that are missed")
	p.line("go run ./tools/verifybench -v       # the quotations that are misjudged")
	p.line("go run ./tools/train -out FILE      # cross-validated figures, and the weights")
	p.line("```\n")
	for _, note := range []string{
		fmt.Sprintf("Each engine runs in a process of its own and is asked one question at a time. They take turns in %d rounds, each with its part of the questions, the same for all; a latency is that of the middle round. SQLite is asked one question of ten among 100,000 passages.", rounds),
		"Ours answers in full: it ranks again, chooses the sentence and decides whether it would answer; its first look alone is what the others do. Its RSS holds the texts, which it quotes from; the others keep only their index, bleve and SQLite on disk.",
		"The others index title and text as one field, with bleve's analyser for the language; FTS5 has a stemmer for English only, and is spared the small words of a question.",
		"The weights of the second look and of the refusal were learned on squad-b, xquad-es, xquad-de and known items made with another seed, so those rows flatter. Nothing was learned on cranfield.",
		"The machine is shared with other work. What a round at best took is written beside the middle one, and what a build took of the processors beside its time; the verdict is by the middle round and by time.",
		"squad-b is 20 of the 35 articles of the SQuAD 2.0 development set, so its least and aim were set on another and larger set of the kind. The data are those of `shared/data`: SQuAD 2.0 and XQuAD (CC BY-SA 4.0), Cranfield, the UN General Debate Corpus (CC0).",
	} {
		p.line("- %s", note)
	}
}
