package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// coverage returns the share of the question's weight that the stems hold, and
// whether its rarest word is among them. What the metadata answers for is not
// asked of the text.
func coverage(terms []term, stems, about map[string]bool) (share float64, rarest bool) {
	var total, held, most float64
	rarest = true
	for _, t := range terms {
		if about[t.stem] && !stems[t.stem] {
			continue
		}
		total += t.weight
		here := t.in(stems)
		if here {
			held += t.weight
		}
		if t.weight > most {
			most, rarest = t.weight, here
		}
	}
	if total == 0 {
		return 0, false
	}
	return held / total, rarest
}

// in says whether the stems hold the term, one of its other forms, or a word
// that shares its first five letters.
func (t term) in(stems map[string]bool) bool {
	if stems[t.stem] {
		return true
	}
	for _, alt := range t.alts {
		if !slices.ContainsFunc(alt, func(s string) bool { return !stems[s] }) {
			return true
		}
	}
	if utf8.RuneCountInString(t.stem) >= 6 {
		for s := range stems {
			if len(s) >= 6 && (strings.HasPrefix(s, t.stem) || strings.HasPrefix(t.stem, s)) {
				return true
			}
		}
	}
	return false
}

// adjacent is the share of neighbouring words of the question that stand next
// to each other in the sentence.
func adjacent(terms, tokens []Token) float64 {
	if len(terms) < 2 {
		return 0
	}
	pairs := map[[2]string]bool{}
	for i := 1; i < len(tokens); i++ {
		pairs[[2]string{tokens[i-1].Stem, tokens[i].Stem}] = true
	}
	n := 0
	for i := 1; i < len(terms); i++ {
		if pairs[[2]string{terms[i-1].Stem, terms[i].Stem}] {
			n++
		}
	}
	return float64(n) / float64(len(terms)-1)
}

// worded is the share of all the question's words, small ones too, that stand in
// the sentence: what "stand for" asks is answered where somebody stands for it.
func worded(words, stems map[string]bool) float64 {
	if len(words) == 0 {
		return 0
	}
	n := 0
	for w := range words {
		if stems[w] {
			n++
		}
	}
	return float64(n) / float64(len(words))
}
