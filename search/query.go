package search

import (
	"math"
	"unicode"
	"unicode/utf8"
)

// mostTerms is how many words, and terms, of a question are looked for: the
// bits of a word of memory.
const mostTerms = 64

const (
	nearLength  = 4    // letters that two terms must share to be near
	mostNear    = 32   // terms that may be near one
	scaffoldCut = 0.4  // what a word about the asking weighs
	pairCut     = 0.35 // what neighbours add in the first look, for their weight
	smallCut    = 0.2  // the same for neighbours of which one is a small word
)

// query is a question in the terms of one index.
type query struct {
	asked    Question
	language string
	words    []queryWord // the first mostTerms, in order
	terms    []queryTerm
	pairs    []queryPair
	lists    []weighted // posting lists of terms by which passages are found
	nearby   []weighted // posting lists of neighbours
	looked   slots      // what a term of a passage is to the query
	written  slots      // what a form is to the query's words

	total, pairSum float64 // weights, summed
	rarest         int     // of terms
}

type queryWord struct {
	form string
	stop bool
}

type queryTerm struct {
	text   string
	words  uint64 // the words of the query, as bits, that have the term
	weight float64
	name   bool     // it is written with a capital within the question
	frame  bool     // it is about the asking, not the subject
	alts   []uint64 // sets of bits of slot.alt that stand for the term
}

// queryPair is two terms of the query that are neighbours.
type queryPair struct {
	a, b   int
	weight float64
}

// weighted is a posting list with what it counts.
type weighted struct {
	list   uint32
	weight float64
}

// newQuery puts a question into the terms of an index.
func (x *index) newQuery(asked Question, senses []sense) *query {
	b := queryBuilder{x: x, q: &query{asked: asked, language: x.dictionary.language}, analyser: analyserOf(x.dictionary.language), at: map[string]int{}, last: -1}
	var form []byte
	text := asked.Text
	for from, to, _ := nextWord(text, 0); from < len(text) && len(b.q.words) < mostTerms; from, to, _ = nextWord(text, to) {
		form = appendForm(form[:0], text[from:to])
		r, _ := utf8.DecodeRuneInString(text[from:])
		b.word(string(form), len(b.q.words) > 0 && unicode.IsUpper(r))
	}
	b.finish(senses)
	return b.q
}

type queryBuilder struct {
	x        *index
	q        *query
	analyser *analyser
	at       map[string]int // terms of the query by their text
	last     int            // the term before
	before   smallPair
}

// smallPair remembers the word before, for neighbours with small words.
type smallPair struct {
	term        uint32
	known, stop bool
}

func (b *queryBuilder) word(form string, capital bool) {
	position := len(b.q.words)
	w := queryWord{form: form, stop: b.x.dictionary.stop(form)}
	b.q.words = append(b.q.words, w)
	b.small(w)
	if w.stop {
		return
	}
	b.analyser.terms(form, func(text string) {
		i := b.term(text, form)
		if i < 0 {
			return
		}
		t := &b.q.terms[i]
		t.words |= 1 << position
		t.name = t.name || capital
		if b.last >= 0 && b.last != i {
			b.pair(b.last, i)
		}
		b.last = i
	})
}

// term returns the number of a term of the query, -1 where there are too many.
func (b *queryBuilder) term(text, form string) int {
	i, seen := b.at[text]
	if seen {
		return i
	}
	if len(b.q.terms) == mostTerms {
		return -1
	}
	t := queryTerm{text: text, weight: b.x.idf(text)}
	if b.x.dictionary.language == english && scaffold(form) {
		t.weight *= scaffoldCut
		t.frame = true
	}
	b.at[text] = len(b.q.terms)
	b.q.terms = append(b.q.terms, t)
	return b.at[text]
}

// pair notes that two terms of the query are neighbours.
func (b *queryBuilder) pair(i, j int) {
	weight := min(b.q.terms[i].weight, b.q.terms[j].weight)
	b.q.pairSum += weight
	first, known1 := b.x.dictionary.term[b.q.terms[i].text]
	second, known2 := b.x.dictionary.term[b.q.terms[j].text]
	if known1 && known2 && len(b.q.pairs) < mostTerms {
		b.q.pairs = append(b.q.pairs, queryPair{i, j, weight})
		b.q.nearby = append(b.q.nearby, weighted{b.x.pairList(first, second), pairCut * weight})
	}
}

// small notes neighbours of which one is a small word: quotations are found by
// them.
func (b *queryBuilder) small(w queryWord) {
	now := smallPair{stop: w.stop}
	if !b.x.dictionary.grams {
		now.term, now.known = b.x.dictionary.term[b.analyser.stemmed(w.form)]
	}
	if now.known && b.before.known && (now.stop || b.before.stop) {
		list := b.x.pairList(b.before.term, now.term)
		if n := b.x.pairs.count(list); n > 0 {
			b.q.nearby = append(b.q.nearby, weighted{list, smallCut * math.Log(1+float64(b.x.passages)/float64(n))})
		}
	}
	b.before = now
}

func (b *queryBuilder) finish(senses []sense) {
	q, x := b.q, b.x
	looked := slotMap{}
	for i, t := range q.terms {
		q.total += t.weight
		if t.weight > q.terms[q.rarest].weight {
			q.rarest = i
		}
		if term, known := x.dictionary.term[t.text]; known && x.terms.count(term) > 0 {
			looked.of(term).exact |= 1 << i
			q.lists = append(q.lists, weighted{term, t.weight})
		} else {
			x.misspelt(t.text, func(term uint32) {
				looked.of(term).exact |= 1 << i
				q.lists = append(q.lists, weighted{term, t.weight})
			})
		}
		if n := utf8.RuneCountInString(t.text); !x.dictionary.grams && n >= nearLength {
			found := 0
			x.begins(t.text[:runes(t.text, max(nearLength, n-2))], func(term uint32, _ string) {
				if found++; found <= mostNear {
					looked.of(term).near |= 1 << i
				}
			})
		}
	}
	b.senses(senses, looked)
	q.looked = newSlots(looked)
	written := slotMap{}
	for i, w := range q.words {
		if form, known := x.dictionary.form[w.form]; known {
			written.of(form).exact |= 1 << i
		}
	}
	q.written = newSlots(written)
}

// senses lets a short form be found by its expansion and the other way round.
func (b *queryBuilder) senses(senses []sense, looked slotMap) {
	used := 0
	stand := func(of []int, terms []string) {
		var found []uint32
		for _, t := range terms {
			term, known := b.x.dictionary.term[t]
			if !known || used+len(terms) > mostTerms {
				return
			}
			found = append(found, term)
		}
		var set uint64
		for _, term := range found {
			looked.of(term).alt |= 1 << used
			set |= 1 << used
			used++
			b.q.lists = append(b.q.lists, weighted{term, b.q.terms[of[0]].weight / float64(len(found))})
		}
		for _, i := range of {
			b.q.terms[i].alts = append(b.q.terms[i].alts, set)
		}
	}
	for _, s := range senses {
		var in []int
		for _, long := range s.long {
			if i, here := b.at[long]; here {
				in = append(in, i)
			}
		}
		if len(in) == len(s.long) || (len(in) >= 2 && len(in) == len(s.long)-1) {
			stand(in, []string{s.short})
		}
		if i, here := b.at[s.short]; here {
			stand([]int{i}, s.long)
		}
	}
}

// frames returns the terms that are about the asking, as bits.
func (q *query) frames() uint64 {
	var mask uint64
	for i := range q.terms {
		if q.terms[i].frame {
			mask |= 1 << i
		}
	}
	return mask
}

// under returns the terms of the query, as bits, that a header answers for.
func (q *query) under(h *header) uint64 {
	var mask uint64
	if h == nil {
		return 0
	}
	for i := range q.terms {
		if h.about[q.terms[i].text] {
			mask |= 1 << i
		}
	}
	return mask
}

// runes returns how many bytes the first n characters of s have.
func runes(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
