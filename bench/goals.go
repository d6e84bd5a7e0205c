package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// figures is everything that one run measures.
type figures struct {
	quick         bool
	results       []result
	halves        []refusal
	singles       []refusal
	scaled        scaled // zero where it was not measured
	embedded      embedded
	crossed       string // what tools/train prints; empty where it was not run
	deliveries    []delivery
	started, took string
	busy          [2]string // load when the run began and when it ended
}

// goal is a row of the numbers to reach: figures with the least that counts and
// the aim.
type goal struct {
	what  string
	on    string // what it was measured on, where that is not plain
	parts []part
}

// part is one figure of a goal.
type part struct {
	name       string // where the goal has several
	value      float64
	least, aim float64
	print      func(float64) string
	fewer      bool    // the smaller the better
	quiet      float64 // the same in the quietest round; 0 where there are no rounds
}

// verdict says what a figure reaches.
func (p part) verdict() string {
	better := func(a, b float64) bool {
		if p.fewer {
			return a <= b
		}
		return a >= b
	}
	switch {
	case math.IsNaN(p.value):
		return "not measured"
	case better(p.value, p.aim):
		return "aim"
	case better(p.value, p.least):
		return "least"
	}
	return "**below**"
}

// find returns the result of the program's engine on a set; full or first look.
func (f *figures) find(set, contestant string) (result, bool) {
	for _, r := range f.results {
		if r.set == set && r.contestant == contestant {
			return r, true
		}
	}
	return result{}, false
}

// own returns a figure of the engine's on a set, NaN where there is none.
func (f *figures) own(set string, of func(result) float64) float64 {
	if r, found := f.find(set, ours); found && r.quality.n > 0 {
		return of(r)
	}
	return math.NaN()
}

func first(r result) float64      { return r.quality.first }
func reciprocal(r result) float64 { return r.quality.reciprocal }

func quietP50(r result) time.Duration { return r.quietest().p50 }
func quietP99(r result) time.Duration { return r.quietest().p99 }

// goals holds what was measured against the numbers to reach.
func (f *figures) goals() []goal {
	none := math.NaN()
	rate := func(name string, value, least, aim float64) part {
		return part{name: name, value: value, least: least, aim: aim, print: decimals}
	}
	percent := func(name string, value, least, aim float64) part {
		return part{name: name, value: value, least: least, aim: aim, print: percents}
	}
	took := func(name string, value, quiet, least, aim time.Duration) part {
		return part{name: name, value: seconds(value), quiet: quiet.Seconds(), least: least.Seconds(), aim: aim.Seconds(), print: milliseconds, fewer: true}
	}
	cost := func(name string, value, least, aim float64, print func(float64) string) part {
		return part{name: name, value: value, least: least, aim: aim, print: print, fewer: true}
	}
	half := refusal{auroc: none, recall: none}
	if len(f.halves) > 0 {
		half = f.halves[0]
	}
	slowest := func(of func(result) time.Duration) time.Duration {
		var most time.Duration
		for _, set := range []string{setAmong, setKnown} {
			if r, found := f.find(set, ours); found {
				most = max(most, of(r))
			}
		}
		return most
	}
	sentences, n := 0.0, 0
	for _, set := range []string{"xquad-es", "xquad-de"} {
		if r, found := f.find(set, ours); found {
			sentences += r.quality.sentence * float64(r.quality.sentences)
			n += r.quality.sentences
		}
	}
	if n > 0 {
		sentences /= float64(n)
	} else {
		sentences = none
	}
	big, here := f.scaled, f.embedded
	return []goal{
		{"development-like questions on the record and the calendar, right answers", "the development questions", []part{percent("", rightShare(here.right["answer"]), .85, .95)}},
		{"the same kinds, right refusals", "the development questions", []part{percent("", rightShare(here.right["refuse"]), .85, .95)}},
		{"SQuAD paragraphs", "squad-b, 570 of the 1,216", []part{rate("accuracy@1", f.own("squad-b", first), .86, .90), rate("MRR@10", f.own("squad-b", reciprocal), .90, .935)}},
		{"top-1 sentence, end to end", "xquad-es and xquad-de: squad-b has no places of answers", []part{rate("", sentences, .75, .80)}},
		{"SQuAD questions among 100k UN passages", setAmong, []part{rate("accuracy@1", f.own(setAmong, first), .81, .86)}},
		{"UN known-item quotes and keywords among 100k", setKnown, []part{rate("accuracy@1", f.own(setKnown, first), .90, .97)}},
		{"refusing questions whose articles are not indexed", "squad-b, half of the articles", []part{rate("AUROC", half.auroc, .974, .985), rate("recall at 5 % false refusals", half.recall, .86, .95)}},
		{"XQuAD-like paragraphs, accuracy@1", "other languages' data are not here", []part{
			rate("Spanish", f.own("xquad-es", first), .91, .95), rate("Russian", none, .90, .94), rate("Arabic", none, .89, .93), rate("Chinese", none, .92, .95),
		}},
		{"full answer, one thread, at 100k passages", "the slower of two sets", []part{
			took("p50", slowest(result.p50), slowest(quietP50), 2*time.Millisecond, time.Millisecond),
			took("p99", slowest(result.p99), slowest(quietP99), 5*time.Millisecond, 2*time.Millisecond),
		}},
		{"a million passages", "windows over un100k", []part{
			took("raw retrieval p99", big.raw.p99(), quietP99(big.raw), 4400*time.Microsecond, 2*time.Millisecond),
			cost("index", bytesOf(big.built.Bytes), 300e6, 200e6, megabytes),
			cost("build, reading included", seconds(big.built.total()), 25, 15, wholeSeconds),
			cost("peak memory, texts included", bytesOf(big.built.Peak), 1.5e9, 1e9, megabytes),
		}},
		{"the embedded record", "the development questions", []part{
			took("full answer, p50", median(here.search), 0, time.Millisecond, 100*time.Microsecond),
			took("cold start to first answer", median(here.cold), percentile(here.cold, 0), 150*time.Millisecond, 50*time.Millisecond),
		}},
		{"verify", "mutations and noises of every sentence of the embedded record", []part{
			percent("altered quotes detected", rightShare(here.mutations), .99, .999),
			percent("negation flips alarmed", rightShare(here.negations), 1, 1),
			cost("false alarms on typographic noise", rightShare(here.noises), .02, .001, percents),
		}},
	}
}

// rightShare is the share of a tally, NaN where there is none.
func rightShare(t tally) float64 {
	if t.n == 0 {
		return math.NaN()
	}
	return t.share()
}

// seconds and bytesOf make NaN of what was not measured.
func seconds(d time.Duration) float64 {
	if d == 0 {
		return math.NaN()
	}
	return d.Seconds()
}

func bytesOf(n int) float64 {
	if n == 0 {
		return math.NaN()
	}
	return float64(n)
}

// Ways to print a figure.

func decimals(v float64) string {
	return strings.TrimPrefix(fmt.Sprintf("%.4f", v), "0")
}

func percents(v float64) string {
	return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.1f", 100*v), "0"), ".") + " %"
}

func milliseconds(v float64) string {
	switch ms := 1000 * v; {
	case ms < 0.1:
		return fmt.Sprintf("%.4f ms", ms)
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	default:
		return fmt.Sprintf("%.0f ms", ms)
	}
}

func wholeSeconds(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%.2f s", v)
	}
	return fmt.Sprintf("%.1f s", v)
}

func megabytes(v float64) string {
	if v < 10e6 {
		return fmt.Sprintf("%.1f MB", v/1e6)
	}
	return fmt.Sprintf("%.0f MB", v/1e6)
}
