package search

import (
	"cmp"
	"slices"
	"strings"

	"rapporteur/corpus"
)

// Limits of the search for the passages that a claim may come from.
const (
	seedWords    = 8  // words of a claim that are looked for together
	seedRare     = 5  // of these the rarest, which find the place
	seedPassages = 6  // passages that are taken for each such group
	seedAll      = 20 // passages that are taken for all of it
	mostSeeds    = 40 // groups that are looked for; a longer claim is sampled
)

// texts returns the passages that the words may come from, the best first: those
// that share most with all of them, and, because a claim may be stitched of
// several places, those that share the rarest words of each part.
func (e *Engine) texts(words []unit) []source {
	var (
		out   []source
		taken = map[int]bool{}
	)
	take := func(words []unit, rare, limit int) {
		for _, number := range e.resembling(e.rarest(words, rare), limit) {
			if !taken[number] {
				taken[number] = true
				out = append(out, newSource(e.passages[number]))
			}
		}
	}
	take(words, 4*seedRare, seedAll)
	if groups := (len(words) + seedWords - 1) / seedWords; groups > 1 {
		step := max(1, groups/mostSeeds)
		for g := 0; g < groups; g += step {
			take(words[g*seedWords:min(len(words), (g+1)*seedWords)], seedRare, seedPassages)
		}
	}
	return out
}

// more returns as many passages for the words as the limit allows, for a count
// of occurrences or for another speaker with the same words.
func (e *Engine) more(words []unit, limit int) []source {
	var out []source
	for _, number := range e.resembling(e.rarest(words, seedRare), limit) {
		out = append(out, newSource(e.passages[number]))
	}
	return out
}

// everything returns all numbered passages; for a small corpus.
func (e *Engine) everything() []source {
	var out []source
	for _, p := range e.passages {
		if p.Para > 0 {
			out = append(out, newSource(p))
		}
	}
	return out
}

// rarest returns the words that the fewest passages hold, in their order.
func (e *Engine) rarest(words []unit, limit int) string {
	weights := make([]float64, len(words))
	for _, x := range e.indexes {
		a := analyserOf(x.dictionary.language)
		for i, w := range words {
			if !x.dictionary.stop(w.form) {
				a.terms(w.form, func(term string) {
					if t, known := x.dictionary.term[term]; known && x.terms.count(t) > 0 {
						weights[i] = max(weights[i], x.idf(term))
					}
				})
			}
		}
	}
	order := make([]int, len(words))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	order = order[:min(limit, len(order))]
	slices.Sort(order)
	var text strings.Builder
	for _, i := range order {
		if i > 0 && (!standsAlone(firstRune(words[i].form)) || !standsAlone(firstRune(words[i-1].form))) {
			text.WriteByte(' ') // characters of one run stay together: pairs of them are terms
		}
		text.WriteString(words[i].form)
	}
	return text.String()
}

// newSource finds the place of a passage among those of its document.
func newSource(p corpus.Passage) source {
	all := p.Doc.Passages()
	for i := max(0, min(p.Para-1, len(all)-1)); i < len(all); i++ { // headings may come between
		if all[i].ID == p.ID {
			return source{p, i}
		}
	}
	return source{p, slices.IndexFunc(all, func(o corpus.Passage) bool { return o.ID == p.ID })}
}
