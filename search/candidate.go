package search

import (
	"cmp"
	"slices"
)

// candidate is a sentence that may answer.
type candidate struct {
	*reading
	span       Span
	score      float64
	sentence   float64 // share of the question's weight in the sentence
	whole      float64 // the same for the passage
	rarestHere bool    // the rarest word of the question stands in the passage
}

func (c candidate) text() string { return c.passage.Text[c.span.From:c.span.To] }

func (c candidate) enough(terms int) bool {
	if terms <= fewTerms && c.whole < 1 {
		return false
	}
	share := (c.sentence + c.whole) / 2
	if c.rarestHere {
		return share >= leastCoverage
	}
	return share >= leastRest
}

// candidates returns the best sentences of the best passages, best first:
// sentences of all passages compete, so that a good sentence of the second
// passage beats a poor one of the first.
func (e *Engine) candidates(q Question, terms []term) []candidate {
	var stems []string
	for _, t := range terms {
		stems = append(stems, t.stem)
		for _, alt := range t.alts {
			stems = append(stems, alt...)
		}
	}
	slices.Sort(stems)
	top := e.index.top(slices.Compact(stems), candidates)
	var out []candidate
	for _, hit := range top {
		r := e.reading(hit.passage)
		wholeShare, rarest := coverage(terms, r.stems, r.about)
		for i, sentence := range r.sentences {
			share, _ := coverage(terms, sentence.stems, r.about)
			if share == 0 {
				continue
			}
			c := candidate{reading: r, span: r.extend(i), sentence: share, whole: wholeShare, rarestHere: rarest}
			c.score = share + 0.35*wholeShare + 0.4*adjacent(q.terms, sentence.tokens) + 0.15*hit.score/top[0].score + 0.5*worded(q.words, sentence.stems)
			if q.Wanted != Anything && fits(q.Wanted, r.passage.Text[sentence.span.From:sentence.span.To]) {
				c.score += 0.3
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return out
}
