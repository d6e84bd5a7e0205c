package search

import (
	"cmp"
	"math"
	"slices"

	"rapporteur/corpus"
)

// deep is how many passages of each language are looked at closely.
const deep = 80

// Contest is how many passages let their sentences compete for the answer.
const Contest = 12

// candidate is a passage that may answer, looked at closely.
type candidate struct {
	query     *query
	number    int // of the passage, in the engine
	passage   *corpus.Passage
	header    uint64 // terms of the query that the document's header answers for
	f         [features]float64
	score     float64 // by the features of the passage
	sentences []spoken
	best      int     // the sentence that answers best
	joint     float64 // score of that sentence, its passage counted in
}

// spoken is a sentence of a candidate.
type spoken struct {
	span  Span
	look  look
	f     [sentenceFeatures]float64
	score float64
}

// rank finds the passages for a question and orders them: those whose sentences
// compete by passage and sentence together, so that a good sentence of the
// second passage beats a poor one of the first; behind them the others by
// passage.
func (e *Engine) rank(asked Question) []candidate {
	out := e.found(asked)
	e.groups(out)
	for i := range out {
		out[i].score = dot(e.weights.passage[:], out[i].f[:])
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	contest := out[:min(Contest, len(out))]
	for i := range contest {
		contest[i].choose(e.weights)
	}
	slices.SortStableFunc(contest, func(a, b candidate) int { return cmp.Compare(b.joint, a.joint) })
	return out
}

// found returns the passages that each language's index finds, looked at
// closely.
func (e *Engine) found(asked Question) []candidate {
	var (
		out   []candidate
		r     reading
		spans []Span
	)
	for _, x := range e.indexes {
		q := x.newQuery(asked, e.senses)
		if q.total == 0 {
			continue
		}
		for _, hit := range e.top(x, q) {
			c := candidate{query: q, number: int(x.numbers[hit.passage])}
			c.passage = &e.passages[c.number]
			c.header = q.under(e.headers[c.passage.Doc])
			c.f[fScore] = float64(hit.score) / q.ideal(c.header)
			spans = x.read(c.passage.Text, &r, spans)
			c.look(&r)
			out = append(out, c)
		}
	}
	return out
}

// top returns the passages of an index that score best; where the question asks
// for somebody's words, those of their documents before all others.
func (e *Engine) top(x *index, q *query) []scored {
	if q.asked.speaker == "" && len(q.asked.subjectStates) == 0 {
		return x.top(q, deep, nil)
	}
	theirs := map[*header]bool{}
	for _, h := range e.headers {
		if _, seen := theirs[h]; !seen {
			theirs[h] = h.by(&q.asked)
		}
	}
	own := x.top(q, deep, func(passage uint32) bool {
		return theirs[e.headers[e.passages[x.numbers[passage]].Doc]]
	})
	for _, hit := range x.top(q, deep, nil) {
		if !slices.ContainsFunc(own, func(s scored) bool { return s.passage == hit.passage }) {
			own = append(own, hit)
		}
	}
	return own
}

// ideal is the score of a passage that holds all that is asked of its words.
func (q *query) ideal(header uint64) float64 {
	sum := q.total + pairCut*q.pairSum
	for i := range q.terms {
		if header&(1<<i) != 0 {
			sum -= q.terms[i].weight
		}
	}
	return math.Max(sum, 0.2*q.total)
}

// groups fills the features that rest on the titles of all candidates.
func (e *Engine) groups(all []candidate) {
	type group struct{ title, first, second float64 }
	titles := map[string]*group{}
	for i := range all {
		c := &all[i]
		title := c.passage.Doc.Title
		if title == "" {
			continue
		}
		t := titles[title]
		if t == nil {
			t = &group{title: c.query.held(title)}
			titles[title] = t
		}
		switch s := c.f[fScore]; {
		case s > t.first:
			t.first, t.second = s, t.first
		case s > t.second:
			t.second = s
		}
	}
	for i := range all {
		c := &all[i]
		t := titles[c.passage.Doc.Title]
		if t == nil {
			continue
		}
		c.f[fTitle], c.f[fGroup] = t.title, t.first
		if c.f[fScore] == t.first {
			c.f[fGroup] = t.second
		}
	}
}

// held is the share of the query's weight whose terms stand in a short text.
func (q *query) held(text string) float64 {
	var (
		mask uint64
		form []byte
		a    = analyserOf(q.language)
	)
	for from, to, _ := nextWord(text, 0); from < len(text); from, to, _ = nextWord(text, to) {
		form = appendForm(form[:0], text[from:to])
		a.terms(string(form), func(term string) {
			for i := range q.terms {
				if q.terms[i].text == term {
					mask |= 1 << i
				}
			}
		})
	}
	sum := 0.0
	for i := range q.terms {
		if mask&(1<<i) != 0 {
			sum += q.terms[i].weight
		}
	}
	return sum / q.total
}

// choose finds the sentence that answers best.
func (c *candidate) choose(w *weights) {
	c.joint = math.Inf(-1)
	for i := range c.sentences {
		s := &c.sentences[i]
		s.f[sScore] = c.score
		s.score = dot(w.sentence[:], s.f[:])
		if s.score > c.joint {
			c.joint, c.best = s.score, i
		}
	}
}

func dot(w, f []float64) float64 {
	sum := 0.0
	for i := range w {
		sum += w[i] * f[i]
	}
	return sum
}
