package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"rapporteur/corpus"
	"rapporteur/search"
)

// answerCase is a question that the index can answer, or cannot because the
// articles it is about were left out.
type answerCase struct {
	signals    []float64
	answerable bool
	fold       int
	kind       string // of index: "half" of the articles, or one
}

// answerable asks questions of indexes that hold part of a collection: half of
// the articles, four times, and single articles, as small as a bot's record.
func answerable(collections ...*collection) ([]answerCase, error) {
	var all []answerCase
	for _, c := range collections {
		title := map[string]string{}
		var titles []string
		passages := 0
		for _, d := range c.docs {
			for _, p := range d.Passages() {
				title[p.ID] = d.Title
				passages++
			}
			if !slices.Contains(titles, d.Title) {
				titles = append(titles, d.Title)
			}
		}
		of := func(q question) string {
			for id := range q.Rel {
				return title[id]
			}
			return ""
		}
		for fold := range 4 {
			in := map[string]bool{}
			for i, t := range titles {
				in[t] = (i>>(fold%3)+fold/3)%2 == 0
			}
			cases, err := c.ask(in, every(c.questions[fold:], 2), of)
			if err != nil {
				return nil, err
			}
			for i := range cases {
				cases[i].fold, cases[i].kind = fold, c.name+", half"
			}
			all = append(all, cases...)
		}
		for i, t := range titles {
			if passages < 10*len(titles) {
				break // too small an article for a record
			}
			var some []question
			for n, q := range c.questions {
				if of(q) == t && n%2 == 0 || n%20 == i%20 {
					some = append(some, q)
				}
			}
			cases, err := c.ask(map[string]bool{t: true}, some, of)
			if err != nil {
				return nil, err
			}
			for k := range cases {
				cases[k].fold, cases[k].kind = i%4, c.name+", one article"
			}
			all = append(all, cases...)
		}
	}
	return all, nil
}

// ask asks questions of an index over the articles of some titles.
func (c *collection) ask(in map[string]bool, questions []question, of func(question) string) ([]answerCase, error) {
	var docs []*corpus.Document
	for _, d := range c.docs {
		if in[d.Title] {
			docs = append(docs, d)
		}
	}
	engine, err := search.New(corpus.New(docs...), nil)
	if err != nil {
		return nil, fmt.Errorf("index part of %s: %w", c.name, err)
	}
	_, _, names := search.FeatureNames()
	var cases []answerCase
	for _, q := range questions {
		a := answerCase{signals: engine.Study(q.Text).Signals, answerable: in[of(q)]}
		if len(a.signals) == 0 {
			a.signals = make([]float64, len(names))
			a.signals[0] = 1
		}
		cases = append(cases, a)
	}
	return cases, nil
}

// crossAnswerable tells how well a logistic learned on three folds tells the
// cases of the fourth apart, by the kind of index.
func crossAnswerable(report io.Writer, cases []answerCase, features int) {
	type scores struct{ in, out []float64 }
	kinds := map[string]*scores{}
	for fold := range 4 {
		var learn []answerCase
		for _, c := range cases {
			if c.fold != fold {
				learn = append(learn, c)
			}
		}
		w := logistic(learn, features)
		for _, c := range cases {
			if c.fold != fold {
				continue
			}
			for _, kind := range []string{c.kind, "all"} {
				s := kinds[kind]
				if s == nil {
					s = &scores{}
					kinds[kind] = s
				}
				if c.answerable {
					s.in = append(s.in, dot(w, c.signals))
				} else {
					s.out = append(s.out, dot(w, c.signals))
				}
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		s := kinds[kind]
		slices.Sort(s.in)
		slices.Sort(s.out)
		below := 0
		for _, score := range s.in {
			n, _ := slices.BinarySearch(s.out, score)
			below += n
		}
		threshold := s.in[len(s.in)/20]
		refused, _ := slices.BinarySearch(s.out, threshold)
		_, _ = fmt.Fprintf(report, "answerable, %s: AUROC %.4f, refuses %.3f at 5 %% false refusals (threshold %.2f)\n",
			kind, float64(below)/float64(len(s.in))/float64(len(s.out)), float64(refused)/float64(len(s.out)), threshold)
	}
}
