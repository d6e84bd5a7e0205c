package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"
)

// arena is files that every contestant indexes, and the sets of questions that
// all are then asked.
type arena struct {
	name     string
	folders  []string
	language string
	sets     []set
	slow     int // FTS5 is asked one question of so many
}

type set struct {
	name      string
	questions []question
}

// result is how a contestant did on a set.
type result struct {
	arena, set, contestant string
	built                  built
	quality                quality
	// same is how the program's engine did on the questions that a slow
	// contestant was asked; zero where it was asked all.
	same   quality
	rounds []round
}

// round is how long the answers of one round took.
type round struct{ p50, p99 time.Duration }

// p50 and p99 are those of the middle round, which a busy moment of the machine
// does not move.
func (r result) p50() time.Duration {
	return middle(r.rounds, func(r round) time.Duration { return r.p50 })
}

func (r result) p99() time.Duration {
	return middle(r.rounds, func(r round) time.Duration { return r.p99 })
}

// quietest are the least of any round: what the machine can do when nothing else
// wants it.
func (r result) quietest() round {
	if len(r.rounds) == 0 {
		return round{}
	}
	least := r.rounds[0]
	for _, o := range r.rounds[1:] {
		least.p50, least.p99 = min(least.p50, o.p50), min(least.p99, o.p99)
	}
	return least
}

func middle(rounds []round, of func(round) time.Duration) time.Duration {
	all := make([]time.Duration, len(rounds))
	for i, r := range rounds {
		all[i] = of(r)
	}
	return median(all)
}

// rounds is how many times the contestants take turns.
const rounds = 5

// arenas returns where the contestants meet. most is how many questions of a set
// are asked, 0 for all.
func arenas(data string, known []question, most int) ([]arena, error) {
	var failed error
	ask := func(folder string) []question {
		all, err := questionsOf(filepath.Join(data, folder))
		failed = errors.Join(failed, err)
		return evenly(all, most)
	}
	squad := ask("squad-b")
	all := []arena{
		{name: "squad-b", folders: []string{"squad-b"}, language: "en", slow: 1, sets: []set{{"squad-b", squad}}},
		{name: "un100k and squad-b", folders: []string{"un100k", "squad-b"}, language: "en", slow: 10, sets: []set{
			{setAmong, squad}, {setKnown, known},
		}},
		{name: "xquad-es", folders: []string{"xquad-es"}, language: "es", slow: 1, sets: []set{{"xquad-es", ask("xquad-es")}}},
		{name: "xquad-de", folders: []string{"xquad-de"}, language: "de", slow: 1, sets: []set{{"xquad-de", ask("xquad-de")}}},
		{name: "cranfield", folders: []string{"cranfield"}, language: "en", slow: 1, sets: []set{{"cranfield", ask("cranfield")}}},
	}
	for i := range all {
		for k, folder := range all[i].folders {
			all[i].folders[k] = docsFile(filepath.Join(data, folder))
		}
	}
	return all, failed
}

// Names of the sets that are asked of 100,000 passages.
const (
	setAmong = "squad-b among un100k"
	setKnown = "un100k known items"
)

// compare lets the contestants meet in an arena.
func compare(ctx context.Context, a arena, progress io.Writer) (results []result, err error) {
	var parties []*party
	defer func() {
		for _, p := range parties {
			if !p.raw {
				err = errors.Join(err, p.process.close())
			}
		}
	}()
	for _, name := range contestants {
		process, err := start(ctx, name, a.language)
		if err != nil {
			return nil, err
		}
		p := &party{name: name, process: process, step: 1}
		parties = append(parties, p)
		if p.built, err = process.build(a.folders...); err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(progress, "%s: %s indexed %d passages in %v\n", a.name, name, p.built.Count, p.built.Index.Round(time.Millisecond))
		if name == fts5 {
			p.step = a.slow
		}
		if name == ours {
			parties = append(parties, &party{name: oursRaw, process: process, step: 1, raw: true, built: p.built})
		}
	}
	for _, s := range a.sets {
		for _, p := range parties {
			p.begin(a, s)
		}
		for r := range rounds {
			for _, p := range parties {
				if err := p.turn(s.questions, r); err != nil {
					return results, err
				}
			}
		}
		for _, p := range parties {
			results = append(results, p.end(parties[0]))
			_, _ = fmt.Fprintf(progress, "%s: %s: accuracy@1 %.4f, p50 %v\n", s.name, p.name, results[len(results)-1].quality.first, results[len(results)-1].p50())
		}
	}
	return results, nil
}

// party is a contestant in an arena. Two looks at the program's engine share a
// process.
type party struct {
	name    string
	process *process
	raw     bool
	step    int // it is asked one question of so many
	built   built
	result  result
	own     []quality // of single questions, for comparison on fewer
}

// warmUp is how many questions are asked before the first that counts.
const warmUp = 20

func (p *party) begin(a arena, s set) {
	p.result = result{arena: a.name, set: s.name, contestant: p.name, built: p.built}
	p.own = make([]quality, len(s.questions))
}

// turn asks the questions of a round: every fifth, or fewer for a slow one.
func (p *party) turn(questions []question, r int) error {
	var asked []question
	var numbers []int
	for i := r; i < len(questions); i += rounds {
		if i/rounds%p.step == 0 {
			asked = append(asked, questions[i])
			numbers = append(numbers, i)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	if r == 0 {
		if _, err := p.process.ask(asked[:min(warmUp, len(asked))], p.raw); err != nil {
			return err
		}
	}
	answers, err := p.process.ask(asked, p.raw)
	if err != nil {
		return err
	}
	took := make([]time.Duration, len(answers))
	for i, a := range answers {
		took[i] = a.Took
		one := &p.own[numbers[i]]
		one.judge(asked[i].Rel, a.IDs)
		if at := asked[i].answerAt(); len(at) > 0 && p.name == ours {
			one.judgeSentence(a.holds(asked[i]))
		}
	}
	p.result.rounds = append(p.result.rounds, round{percentile(took, 50), percentile(took, 99)})
	return nil
}

// end returns the result; own is the program's engine.
func (p *party) end(own *party) result {
	var mine, same quality
	for i, q := range p.own {
		if q.n == 0 {
			continue
		}
		mine.add(q)
		same.add(own.own[i])
	}
	p.result.quality = mine.means()
	if p.step > 1 {
		p.result.same = same.means()
	}
	return p.result
}

// holds says whether the first hit's sentence holds the place of an answer, in a
// passage that is right.
func (a answer) holds(q question) bool {
	if len(a.IDs) == 0 || q.Rel[a.IDs[0]] <= 0 {
		return false
	}
	return slices.ContainsFunc(q.answerAt(), func(at int) bool { return at >= a.Sentence[0] && at < a.Sentence[1] })
}

// add adds the sums of another.
func (q *quality) add(o quality) {
	q.n += o.n
	q.first += o.first
	q.five += o.five
	q.reciprocal += o.reciprocal
	q.discount += o.discount
	q.sentences += o.sentences
	q.sentence += o.sentence
}
