package search

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// BM25 parameters, at which questions and quotations both do well.
const (
	k1      = 0.9
	bLength = 0.6
)

// builder makes an index of one language's passages. It keeps no copy of a
// text: a passage goes in, its postings stay.
type builder struct {
	dictionary *dictionary
	analyser   *analyser
	terms      []growing
	pairs      pairBuilder
	length     []uint32
	numbers    []uint32 // of the passages, in the engine

	form   []byte
	counts []uint32 // by term, in the passage at hand
	seen   []uint32
}

// growing is a posting list being written: distances and counts as varints.
type growing struct {
	data []byte
	last uint32
}

// newBuilder returns a builder for texts of a language that come to about that
// many bytes.
func newBuilder(language string, bytes int) *builder {
	a := analyserOf(language)
	return &builder{dictionary: newDictionary(a.language), analyser: a, pairs: newPairBuilder(bytes)}
}

// add takes the next passage.
func (b *builder) add(text string) {
	number := uint32(len(b.length)) //nolint:gosec // fewer than 2^32 passages
	length := uint32(0)
	b.seen = b.seen[:0]
	content, before := int64(-1), int64(-1) // the last term that is no small word, the last of all
	small := false
	var one [1]uint32
	for from, to, plain := nextWord(text, 0); from < len(text); from, to, plain = nextWord(text, to) {
		form := b.number(text[from:to], plain)
		stop := b.dictionary.stopForm[form]
		for _, term := range b.dictionary.termsOf(form, &one) {
			length++
			if before >= 0 && (stop || small) {
				b.pairs.add(uint32(before), term, number) //nolint:gosec // a term
			}
			before, small = int64(term), stop
			if stop {
				continue
			}
			if content >= 0 {
				b.pairs.add(uint32(content), term, number) //nolint:gosec // a term
			}
			content = int64(term)
			if b.counts[term]++; b.counts[term] == 1 {
				b.seen = append(b.seen, term)
			}
		}
	}
	b.length = append(b.length, length)
	for len(b.terms) < len(b.dictionary.term) {
		b.terms = append(b.terms, growing{})
	}
	for _, term := range b.seen {
		g := &b.terms[term]
		g.data = binary.AppendUvarint(g.data, uint64(number-g.last))
		g.data = binary.AppendUvarint(g.data, uint64(b.counts[term]))
		g.last = number
		b.counts[term] = 0
	}
}

// number returns the number of a word's form.
func (b *builder) number(word string, plain bool) uint32 {
	if plain {
		if form, known := b.dictionary.form[word]; known {
			return form
		}
	}
	b.form = appendForm(b.form[:0], word)
	if form, known := b.dictionary.form[string(b.form)]; known {
		return form
	}
	form := b.dictionary.add(b.form, b.analyser)
	for len(b.counts) < len(b.dictionary.term) {
		b.counts = append(b.counts, 0)
	}
	return form
}

// words returns how many terms the passages have together.
func (b *builder) words() int {
	sum := 0
	for _, n := range b.length {
		sum += int(n)
	}
	return sum
}

// index finishes the index. The builder is of no use afterwards.
func (b *builder) index(back *background) *index {
	x := &index{dictionary: b.dictionary, passages: uint32(len(b.length)), numbers: b.numbers} //nolint:gosec // as in add
	if x.dictionary.language == english {
		x.background = back
	}
	x.terms = b.termLists()
	x.pairs, x.pairShift = b.pairs.lists(len(b.length)), b.pairs.shift
	x.sorted = slices.Sorted(maps.Keys(b.dictionary.term))
	return x
}

func (b *builder) termLists() lists {
	total := 0.0
	for _, n := range b.length {
		total += float64(n)
	}
	mean := math.Max(1, total/math.Max(1, float64(len(b.length))))
	norm := make([]float64, len(b.length))
	for i, n := range b.length {
		norm[i] = k1 * (1 - bLength + bLength*float64(n)/mean)
	}
	size := 0
	for i := range b.terms {
		size += len(b.terms[i].data) + tableEntry
	}
	out := lists{impacts: true, data: make([]byte, 0, size)}
	var passages []uint32
	var impacts []byte
	for i := range b.terms {
		g := &b.terms[i]
		passages, impacts = passages[:0], impacts[:0]
		passage := uint32(0)
		for data := g.data; len(data) > 0; {
			distance, n := binary.Uvarint(data)
			count, m := binary.Uvarint(data[n:])
			data = data[n+m:]
			passage += uint32(distance) //nolint:gosec // written by add
			tf := float64(count)
			passages = append(passages, passage)
			impacts = append(impacts, byte(math.Max(1, math.Round(255*tf/(tf+norm[passage])))))
		}
		g.data = nil
		out.appendList(passages, impacts)
	}
	out.finish()
	return out
}
