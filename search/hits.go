package search

import (
	"slices"

	"rapporteur/corpus"
)

// Hit is a passage found for a query.
type Hit struct {
	Passage corpus.Passage
	// Sentence is the sentence that answers best, a span of the passage; the
	// zero Quotation where the passage has none.
	Sentence corpus.Quotation
	// Score is between 0 and 1 and falls from hit to hit. That of the first hit
	// is how likely it is that the corpus holds an answer.
	Score float64
}

// MostHits is how many passages a search returns at most.
const MostHits = 100

// Search returns the passages that answer a query best, at most limit, and
// whether the engine would answer it with the first.
func (e *Engine) Search(text string, limit int) (hits []Hit, answered bool) {
	q := Analyse(text)
	found := e.rank(q, max(deep, min(limit, MostHits)))
	if len(found) == 0 {
		return nil, false
	}
	likely := e.likely(found)
	for i := range found[:min(max(limit, 0), len(found))] {
		c := &found[i]
		h := Hit{Passage: *c.passage, Score: likely / float64(i+1)}
		if len(c.sentences) > 0 {
			span := c.sentences[c.best].span
			h.Sentence, _ = c.passage.Quote(span.From, span.To) // a sentence is a span of whole characters
		}
		hits = append(hits, h)
	}
	return hits, likely >= leastLikely && e.guard(&q, e.holding(found[0].number)) == ""
}

// resembling returns the numbers of the passages that have most in common with
// a text, at most limit of each language's, best first.
func (e *Engine) resembling(text string, limit int) []int {
	var all []scored
	for _, x := range e.indexes {
		for _, hit := range x.top(x.newQuery(Question{Text: text}, nil), limit, nil) {
			all = append(all, scored{x.numbers[hit.passage], hit.score})
		}
	}
	slices.SortFunc(all, byScore)
	numbers := make([]int, len(all))
	for i, s := range all {
		numbers[i] = int(s.passage)
	}
	return numbers
}
