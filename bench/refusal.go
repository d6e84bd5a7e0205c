package main

import (
	"fmt"
	"path/filepath"

	"rapporteur/corpus"
	"rapporteur/search"
)

// refusal is how well questions whose articles are not indexed are told from
// those whose articles are.
type refusal struct {
	name               string
	answerable, absent int
	auroc              float64 // of the likelihood of the first hit
	recall             float64 // of it, at 5 % false refusals
	refused            float64 // share of the absent that the engine says it would not answer
	falsely            float64 // share of the answerable that it would not answer
}

// falseRefusals is the share of answerable questions that may be refused.
const falseRefusals = 0.05

// splits is how many ways the articles are halved.
const splits = 4

// measureRefusal indexes half of a collection's articles at a time, chosen in
// four ways, and asks everything; and each article alone, as small as a bot's
// record, with questions about it and one of twenty about others.
func measureRefusal(data, name string, most int) (half, single refusal, err error) {
	folder := filepath.Join(data, name)
	docs, err := documents([]string{docsFile(folder)})
	if err != nil {
		return half, single, err
	}
	questions, err := questionsOf(folder)
	if err != nil {
		return half, single, err
	}
	questions = evenly(questions, most)
	article := map[string]int{} // of each passage
	for i, d := range docs {
		for _, p := range d.Passages() {
			article[p.ID] = i
		}
	}
	about := func(q question) int {
		for id := range q.Rel {
			return article[id]
		}
		return -1
	}
	var halves, singles cases
	for split := range splits {
		in := func(i int) bool { return (i>>split)&1 == split&1 }
		if err := halves.ask(docs, in, questions, about); err != nil {
			return half, single, err
		}
	}
	for i := range docs {
		var some []question
		for n, q := range questions {
			if about(q) == i || n%20 == i%20 {
				some = append(some, q)
			}
		}
		if err := singles.ask(docs, func(k int) bool { return k == i }, some, about); err != nil {
			return half, single, err
		}
	}
	return halves.result(name + ", half of the articles"), singles.result(name + ", one article"), nil
}

// cases are scores of questions that can be answered and of those that cannot.
type cases struct {
	in, out         []float64
	missed, rightly int // not answered: of the answerable, of the others
}

// ask indexes the articles that are in and asks questions.
func (c *cases) ask(docs []*corpus.Document, in func(int) bool, questions []question, about func(question) int) error {
	var some []*corpus.Document
	for i, d := range docs {
		if in(i) {
			some = append(some, d)
		}
	}
	engine, err := search.New(corpus.New(some...), nil)
	if err != nil {
		return fmt.Errorf("index some articles: %w", err)
	}
	for _, q := range questions {
		hits, answered := engine.Search(q.Text, 1)
		score := 0.0
		if len(hits) > 0 {
			score = hits[0].Score
		}
		if in(about(q)) {
			c.in = append(c.in, score)
			if !answered {
				c.missed++
			}
		} else {
			c.out = append(c.out, score)
			if !answered {
				c.rightly++
			}
		}
	}
	return nil
}

func (c *cases) result(name string) refusal {
	return refusal{
		name: name, answerable: len(c.in), absent: len(c.out),
		auroc: auroc(c.in, c.out), recall: refusedAt(c.in, c.out, falseRefusals),
		refused: share(c.rightly, len(c.out)), falsely: share(c.missed, len(c.in)),
	}
}

func share(part, whole int) float64 { return float64(part) / float64(max(1, whole)) }
