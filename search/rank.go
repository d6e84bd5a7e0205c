package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"rapporteur/corpus"
)

// deep is how many passages of each language are looked at closely: more find
// hardly more, and cost their time.
const deep = 40

// Contest is how many passages let their sentences compete for the answer.
const Contest = 12

// candidate is a passage that may answer, looked at closely.
type candidate struct {
	query     *query
	number    int // of the passage, in the engine
	passage   *corpus.Passage
	header    uint64 // terms of the query that the document's header answers for
	f         [features]float64
	subject   float64 // share of the weight of the question's subject that the passage holds
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
func (e *Engine) rank(asked Question, depth int) []candidate {
	out := e.found(asked, depth)
	e.groups(out)
	for i := range out {
		out[i].score = dot(e.weights.passage[:], out[i].f[:])
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	contest := out[:min(Contest, len(out))]
	for i := range contest {
		contest[i].choose(e.weights)
	}
	slices.SortStableFunc(contest, func(a, b candidate) int { return cmp.Compare(b.score+b.joint, a.score+a.joint) })
	return out
}

// found returns the passages that each language's index finds, looked at
// closely.
func (e *Engine) found(asked Question, depth int) []candidate {
	var (
		out []candidate
		r   reading
	)
	for _, x := range e.indexes {
		q := x.newQuery(asked, e.senses)
		if q.total == 0 {
			continue
		}
		for _, hit := range e.top(x, q, depth) {
			c := candidate{query: q, number: int(x.numbers[hit.passage])}
			c.passage = &e.passages[c.number]
			c.header = q.under(e.headers[c.passage.Doc])
			c.f[fScore] = float64(hit.score) / q.ideal(c.header)
			if len(x.readings.start) > 0 {
				x.readings.read(x.dictionary, hit.passage, &r)
			} else {
				x.read(c.passage.Text, &r)
			}
			c.look(&r)
			out = append(out, c)
		}
	}
	return out
}

// top returns the passages of an index that score best; where the question asks
// for somebody's words, those of their documents before all others.
func (e *Engine) top(x *index, q *query, depth int) []scored {
	if q.asked.speaker == "" && len(q.asked.subjectStates) == 0 {
		return x.top(q, depth, nil)
	}
	theirs := map[*header]bool{}
	for _, h := range e.headers {
		if _, seen := theirs[h]; !seen {
			theirs[h] = h.by(&q.asked)
		}
	}
	own := x.top(q, depth, func(passage uint32) bool {
		return theirs[e.headers[e.passages[x.numbers[passage]].Doc]]
	})
	for _, hit := range x.top(q, depth, nil) {
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
	type group struct {
		title         uint64 // terms of the query that it holds
		first, second float64
	}
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
		c.f[fTitle], c.f[fGroup] = c.query.share(t.title&^c.header), t.first
		if c.f[fScore] == t.first {
			c.f[fGroup] = t.second
		}
	}
}

// held returns the terms of the query, as bits, that stand in a short text.
func (q *query) held(text string) uint64 {
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
	return mask
}

// share is the share of the query's weight that terms, as bits, have.
func (q *query) share(terms uint64) float64 {
	sum := 0.0
	for set := terms; set != 0; set &= set - 1 {
		sum += q.terms[bits.TrailingZeros64(set)].weight
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
