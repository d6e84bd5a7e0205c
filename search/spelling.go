package search

import "unicode/utf8"

// leastSpelled is the length in letters from which a word that the index does
// not know is taken for another one, misspelt.
const leastSpelled = 5

// misspelt calls add with the terms of the index that differ from an unknown
// one by a letter too many, missing, wrong, or by two that changed places; the
// first letter has to be right.
func (x *index) misspelt(term string, add func(term uint32)) {
	if x.dictionary.grams || utf8.RuneCountInString(term) < leastSpelled {
		return
	}
	x.begins(term[:runes(term, 1)], func(number uint32, other string) {
		if d := len(other) - len(term); d >= -2 && d <= 2 && near1(term, other) {
			add(number)
		}
	})
}

// near1 says whether one edit makes a of b.
func near1(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	j := 0
	for j < len(a)-i && j < len(b)-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	restA, restB := a[i:len(a)-j], b[i:len(b)-j]
	if len(restA) == 2 && len(restB) == 2 {
		return restA[0] == restB[1] && restA[1] == restB[0]
	}
	return utf8.RuneCountInString(restA) <= 1 && utf8.RuneCountInString(restB) <= 1
}
