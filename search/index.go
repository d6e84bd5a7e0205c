package search

import (
	"cmp"
	"math"
	"slices"

	"rapporteur/corpus"
)

// BM25 parameters, the values at which retrieval was measured.
const (
	k1 = 1.2
	b  = 0.75
)

// posting says how often a stem stands in a passage.
type posting struct {
	passage uint32
	count   uint32
}

// index is an inverted index over the paragraphs of a corpus. It is immutable.
type index struct {
	passages []corpus.Passage // the indexed ones: unnumbered lines are left out
	postings map[string][]posting
	length   []uint32 // stems in each passage
	mean     float64
	back     background
}

func newIndex(c *corpus.Corpus, back background) *index {
	x := &index{postings: map[string][]posting{}, back: back}
	total := 0
	for _, p := range c.Passages() {
		if p.Para == 0 {
			continue
		}
		at := uint32(len(x.passages)) //nolint:gosec // a corpus holds fewer than 2^32 passages
		x.passages = append(x.passages, p)
		tokens := Tokens(p.Text, p.Doc.Language)
		for _, t := range tokens {
			list := x.postings[t.Stem]
			if n := len(list); n > 0 && list[n-1].passage == at {
				list[n-1].count++
				continue
			}
			x.postings[t.Stem] = append(list, posting{at, 1})
		}
		x.length = append(x.length, uint32(len(tokens))) //nolint:gosec // as above
		total += len(tokens)
	}
	x.mean = math.Max(1, float64(total)/math.Max(1, float64(len(x.passages))))
	return x
}

// idf is the inverse document frequency of a stem, its frequency here mixed
// with the background's; a local passage weighs ten of the background's.
func (x *index) idf(stem string) float64 {
	n, df := float64(x.back.passages), float64(x.back.df[stem])
	local, here := float64(len(x.passages)), float64(len(x.postings[stem]))
	return math.Log(1 + (n+10*local)/(df+10*here+1))
}

type scored struct {
	passage int
	score   float64
}

// top returns the best passages for the stems by BM25, best first.
func (x *index) top(stems []string, limit int) []scored {
	scores := map[int]float64{}
	for _, stem := range stems {
		idf := x.idf(stem)
		for _, p := range x.postings[stem] {
			tf := float64(p.count)
			norm := k1 * (1 - b + b*float64(x.length[p.passage])/x.mean)
			scores[int(p.passage)] += idf * tf * (k1 + 1) / (tf + norm)
		}
	}
	out := make([]scored, 0, len(scores))
	for p, s := range scores {
		out = append(out, scored{p, s})
	}
	slices.SortFunc(out, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.passage, b.passage))
	})
	return out[:min(limit, len(out))]
}
