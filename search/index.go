package search

import (
	"math"
	"slices"
	"strings"
)

// index is an inverted index over the passages of one language: posting lists
// of terms, with what each adds to a passage's BM25 score, and of neighbouring
// terms. It is immutable.
type index struct {
	dictionary *dictionary
	terms      lists
	pairs      lists // by the high bits of the pair's hash
	pairShift  uint
	passages   uint32
	background *background // nil for languages that have none
	readings   shelf       // of the passages; empty where they are too many
	sorted     []string    // the terms in order, for terms that share a beginning
	numbers    []uint32    // of the passages, in the engine
}

// pairList returns the list of two neighbouring terms.
func (x *index) pairList(first, second uint32) uint32 { return pairHash(first, second) >> x.pairShift }

// pairHash is the hash under which two neighbouring terms are found.
func pairHash(first, second uint32) uint32 {
	h := uint64(first)*0x9e3779b97f4a7c15 ^ uint64(second)*0xc2b2ae3d27d4eb4f
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return uint32(h >> 32) //nolint:gosec // the high half
}

// idf is the inverse document frequency of a term, its frequency here mixed
// with the background's; a passage here weighs ten of the background's.
func (x *index) idf(term string) float64 {
	var n, df, here float64
	if x.background != nil {
		n, df = float64(x.background.passages), float64(x.background.df[term])
	}
	if t, known := x.dictionary.term[term]; known {
		here = float64(x.terms.count(t))
	}
	return math.Log(1 + (n+10*float64(x.passages))/(df+10*here+1))
}

// begins calls add with the terms that begin with the prefix, in their order.
func (x *index) begins(prefix string, add func(number uint32, term string)) {
	at, _ := slices.BinarySearch(x.sorted, prefix)
	for ; at < len(x.sorted) && strings.HasPrefix(x.sorted[at], prefix); at++ {
		add(x.dictionary.term[x.sorted[at]], x.sorted[at])
	}
}

// top returns the passages of the index that score best for a query, best
// first, of those that may be kept; all may where keep is nil. Their numbers are
// those of the index.
func (x *index) top(q *query, limit int, keep func(passage uint32) bool) []scored {
	r := retrievals.Get().(*retrieval) //nolint:forcetypeassert // the pool holds nothing else
	defer retrievals.Put(r)
	r.cursors = r.cursors[:0]
	for _, w := range q.lists {
		r.open(&x.terms, w)
	}
	for _, w := range q.nearby {
		r.open(&x.pairs, w)
	}
	r.may = keep
	return slices.Clone(r.run(x.passages, limit))
}
