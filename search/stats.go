package search

import "rapporteur/corpus"

// Retrieve returns the passages that the index finds by the words of a text
// alone, at most limit of each language's, best first: what [Engine.Search]
// takes a second look at. It is there to be measured.
func (e *Engine) Retrieve(text string, limit int) []corpus.Passage {
	numbers := e.resembling(text, limit)
	found := make([]corpus.Passage, len(numbers))
	for i, n := range numbers {
		found[i] = e.passages[n]
	}
	return found
}

// IndexBytes returns how much memory the index takes, in bytes: posting lists
// and dictionary, without the texts, which belong to the corpus. What the
// dictionary's maps take is estimated.
func (e *Engine) IndexBytes() int {
	total := 0
	for _, x := range e.indexes {
		total += x.terms.bytes() + x.pairs.bytes() + x.dictionary.bytes()
		total += len(x.numbers)*wordBytes + len(x.sorted)*stringBytes
	}
	return total
}

// Sizes in bytes, on a machine of 64 bits.
const (
	wordBytes   = 4
	stringBytes = 16
	entryBytes  = 30 // of a map from words to numbers, for an entry: string, number and the room left free
)

func (l *lists) bytes() int { return len(l.data) + len(l.start)*wordBytes }

func (d *dictionary) bytes() int {
	total := len(d.of)*wordBytes + len(d.stopForm)
	for word := range d.form {
		total += len(word) + entryBytes
	}
	for term := range d.term {
		total += len(term) + entryBytes
	}
	for _, terms := range d.many {
		total += len(terms)*wordBytes + stringBytes
	}
	return total
}
