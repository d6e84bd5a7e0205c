package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"rapporteur/corpus"
)

// source is a passage to compare with.
type source struct {
	passage corpus.Passage
	order   int // its place among the passages of its document
}

// place is one passage, or several that follow each other in one document: a
// claim may run on from one paragraph into the next.
type place struct {
	sources []source
	words   []placed
}

// placed is a word of a place. Its form is not kept, only its number in the
// vocabulary of the claim; 0 is a word that the claim has not.
type placed struct {
	from, to int
	id       int32
	source   int32
}

// wordNumbers numbers the words of a claim.
type wordNumbers struct {
	ids    map[string]int32
	joined map[string]bool    // words that a hyphen at a line's end may part in the claim
	seen   map[string]bool    // of all words that hyphens may part, those that the record has in one
	pairs  map[[2]string]bool // of these, those that it has in two
	buffer []byte
}

func numberWords(words []unit) *wordNumbers {
	v := &wordNumbers{ids: make(map[string]int32, len(words)), joined: map[string]bool{}, seen: map[string]bool{}, pairs: map[[2]string]bool{}}
	for i, w := range words {
		v.add(w.form)
		if w.hyphen && i+1 < len(words) {
			whole := w.form + words[i+1].form
			v.add(whole)
			v.joined[whole] = v.joined[whole] || w.broken
			v.seen[whole] = false
			v.pairs[[2]string{w.form, words[i+1].form}] = false
		}
	}
	return v
}

func (v *wordNumbers) add(form string) {
	if v.ids[form] == 0 {
		v.ids[form] = int32(len(v.ids) + 1) //nolint:gosec // a claim has at most mostBytes words
	}
}

// read adds the words of a source to a place. A word that a hyphen parts in the
// record and not in the claim, or only at the end of a line, is read as one.
func (v *wordNumbers) read(p *place, s source) {
	number := int32(len(p.sources)) //nolint:gosec // at most as many as candidates
	p.sources = append(p.sources, s)
	var before []byte // the word before, where a hyphen follows it
	joins := false
	scan := scanner{text: s.passage.Text}
	for scan.next() {
		id := v.ids[string(scan.form)]
		if joins {
			v.buffer = append(append(v.buffer[:0], before...), scan.form...)
			if whole := v.ids[string(v.buffer)]; whole != 0 {
				if parted, both := v.joined[string(v.buffer)]; !both || parted {
					p.words[len(p.words)-1] = placed{p.words[len(p.words)-1].from, scan.to, whole, number}
					v.mark(string(v.buffer))
					joins = false
					continue
				}
			}
		}
		if n := len(p.words); len(v.pairs) > 0 && n > 0 && p.words[n-1].source == number {
			if pair := [2]string{string(before), string(scan.form)}; !v.pairs[pair] {
				if _, asked := v.pairs[pair]; asked {
					v.pairs[pair] = true
				}
			}
		}
		p.words = append(p.words, placed{scan.from, scan.to, id, number})
		if id != 0 && len(v.seen) > 0 {
			v.mark(string(scan.form))
		}
		joins = scan.hyphen
		if joins || len(v.pairs) > 0 {
			before = append(before[:0], scan.form...)
		}
	}
}

func (v *wordNumbers) mark(form string) {
	if _, asked := v.seen[form]; asked {
		v.seen[form] = true
	}
}

// join puts the parts of a claim's word together that a hyphen parts, where the
// record has it in one.
func (v *wordNumbers) join(words []unit) []unit {
	if len(v.seen) == 0 {
		return words
	}
	out := words[:0:0]
	for i := 0; i < len(words); i++ {
		w := words[i]
		if w.hyphen && i+1 < len(words) {
			next := words[i+1]
			if whole := w.form + next.form; v.seen[whole] && (v.joined[whole] || !v.pairs[[2]string{w.form, next.form}]) {
				w = unit{from: w.from, to: next.to, form: w.form + next.form, hyphen: next.hyphen, broken: next.broken}
				i++
			}
		}
		out = append(out, w)
	}
	return out
}

// places reads the sources, neighbours in one document together.
func (v *wordNumbers) places(sources []source) []place {
	const near = 2 // passages between two sources that are read too
	rank := map[*corpus.Document]int{}
	for i, s := range sources {
		if _, found := rank[s.passage.Doc]; !found {
			rank[s.passage.Doc] = i
		}
	}
	sorted := slices.Clone(sources)
	slices.SortStableFunc(sorted, func(a, b source) int {
		return cmp.Or(cmp.Compare(rank[a.passage.Doc], rank[b.passage.Doc]), cmp.Compare(a.order, b.order))
	})
	var out []place
	var last source
	for i, s := range sorted {
		between := s.order - last.order - 1
		switch {
		case i > 0 && s.passage.Doc == last.passage.Doc && between < 0:
			continue
		case i > 0 && s.passage.Doc == last.passage.Doc && between <= near:
			for n := last.order + 1; n < s.order; n++ {
				v.read(&out[len(out)-1], source{s.passage.Doc.Passages()[n], n})
			}
		default:
			out = append(out, place{})
		}
		v.read(&out[len(out)-1], s)
		last = s
	}
	return out
}

// neighbours adds the passages before and after the best sources, into which a
// claim may run on.
func neighbours(sources []source, best int) []source {
	out := slices.Clone(sources)
	for _, s := range sources[:min(best, len(sources))] {
		all := s.passage.Doc.Passages()
		for _, n := range []int{s.order - 1, s.order + 1} {
			if s.order >= 0 && n >= 0 && n < len(all) {
				out = append(out, source{all[n], n})
			}
		}
	}
	return out
}

// numbers returns the claim's words as numbers of the vocabulary.
func (v *wordNumbers) numbers(words []unit) []int32 {
	out := make([]int32, len(words))
	for i, w := range words {
		out[i] = v.ids[w.form]
	}
	return out
}

// find returns where the words stand in the place, at most limit times, in time
// linear in both (Knuth, Morris, Pratt).
func (p *place) find(words []int32, limit int) []int {
	if len(words) == 0 || len(words) > len(p.words) {
		return nil
	}
	back := make([]int, len(words))
	for i, k := 1, 0; i < len(words); i++ {
		for k > 0 && words[i] != words[k] {
			k = back[k-1]
		}
		if words[i] == words[k] {
			k++
		}
		back[i] = k
	}
	var out []int
	k := 0
	for i := range p.words {
		for k > 0 && p.words[i].id != words[k] {
			k = back[k-1]
		}
		if p.words[i].id == words[k] {
			k++
		}
		if k == len(words) {
			out = append(out, i+1-k)
			if len(out) == limit {
				break
			}
			k = back[k-1]
		}
	}
	return out
}

// text returns the passage that a word of the place stands in.
func (p *place) text(word int) string { return p.sources[p.words[word].source].passage.Text }

// raw returns a word as it is written.
func (p *place) raw(word int) string { return p.text(word)[p.words[word].from:p.words[word].to] }

// quote quotes the words [from, to) with the mark that closes them: one
// quotation for each passage that they stand in.
func (p *place) quote(from, to int) []corpus.Quotation {
	return p.spans(from, to, func(text string, first, last int) (int, int) {
		if r, size := utf8.DecodeRuneInString(text[last:]); strings.ContainsRune(".!?…。！？", r) {
			last += size
		}
		return first, last
	})
}

// quoteSentences quotes the whole sentences that hold the words [from, to).
func (p *place) quoteSentences(from, to int) []corpus.Quotation {
	return p.spans(from, to, func(text string, first, last int) (int, int) {
		a, _ := sentenceAround(text, first)
		_, b := sentenceAround(text, last-1)
		return min(a, first), max(b, last)
	})
}

func (p *place) spans(from, to int, widen func(text string, first, last int) (int, int)) []corpus.Quotation {
	var out []corpus.Quotation
	for from < to {
		end := from + 1
		for end < to && p.words[end].source == p.words[from].source {
			end++
		}
		first, last := widen(p.text(from), p.words[from].from, p.words[end-1].to)
		if q, err := p.sources[p.words[from].source].passage.Quote(first, last); err == nil {
			out = append(out, q)
		}
		from = end
	}
	return out
}

// sentenceAround returns the bounds of the sentence that holds a byte. A text
// without sentences is one.
func sentenceAround(text string, at int) (from, to int) {
	for _, s := range Sentences(text) {
		if s.From <= at && at < s.To {
			return s.From, s.To
		}
	}
	return at, at + 1
}

// sentence returns the words [first, end) of the sentence that holds a word.
func (p *place) sentence(word int) (first, end int) {
	w := p.words[word]
	from, to := sentenceAround(p.text(word), w.from)
	first, end = word, word+1
	for first > 0 && p.words[first-1].source == w.source && p.words[first-1].from >= from {
		first--
	}
	for end < len(p.words) && p.words[end].source == w.source && p.words[end].to <= to {
		end++
	}
	return first, end
}
