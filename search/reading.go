package search

import "encoding/binary"

// reading is a passage in the terms of its index: its words in order, and where
// its sentences end.
type reading struct {
	words     []word
	sentences []sentence
	spans     []Span // room for the sentences of a text
}

// word is a term of a passage. A word of a language without stemmer has several
// terms, one after the other.
type word struct {
	term, form uint32
	stop       bool
	capital    bool // it begins with a capital, and no sentence with it
	digit      bool // it begins with a digit
	first      bool // the first term of its word
}

// sentence is a range of words, and of bytes.
type sentence struct {
	span     Span
	from, to int
}

// add adds a word to the reading.
func (r *reading) add(d *dictionary, form uint32, capital bool) {
	var one [1]uint32
	w := word{form: form, stop: d.stopForm[form], digit: d.digitForm[form], capital: capital, first: true}
	for _, t := range d.termsOf(form, &one) {
		w.term = t
		r.words = append(r.words, w)
		w.first = false
	}
}

// end closes a sentence whose words begin at from.
func (r *reading) end(span Span, from int) {
	if len(r.words) > from {
		r.sentences = append(r.sentences, sentence{span, from, len(r.words)})
	}
}

// read reads a text into r, whose room is used again.
func (x *index) read(text string, r *reading) {
	r.words, r.sentences = r.words[:0], r.sentences[:0]
	r.spans = AppendSentences(r.spans[:0], text)
	var buf [64]byte
	form := buf[:0]
	for _, s := range r.spans {
		begin := len(r.words)
		part := text[s.From:s.To]
		for from, to, plain := nextWord(part, 0); from < len(part); from, to, plain = nextWord(part, to) {
			if plain {
				if f, known := x.dictionary.form[part[from:to]]; known {
					r.add(x.dictionary, f, false)
				}
				continue
			}
			form = appendForm(form[:0], part[from:to])
			if f, known := x.dictionary.form[string(form)]; known {
				c := part[from]
				r.add(x.dictionary, f, len(r.words) > begin && (c >= 0x80 || asciiClass[c] == capital))
			}
		}
		r.end(s, begin)
	}
}

// shelf is the passages of an index, read: for each its sentences, as bytes
// from the end of the one before, length, and words; a word is its form, and
// whether it begins with a capital. Reading them is some thirty times faster
// than reading the texts.
type shelf struct {
	data  []byte
	start []uint32
}

// mostReadings is up to how many words of text an index keeps its readings, for
// they take as much room as its lists.
const mostReadings = 24 << 20

func (l *shelf) append(r *reading) {
	l.start = append(l.start, uint32(len(l.data))) //nolint:gosec // under 4 GB, see mostReadings
	at := 0
	for _, s := range r.sentences {
		l.number(s.span.From - at)
		l.number(s.span.To - s.span.From)
		at = s.span.To
		words := 0
		for _, w := range r.words[s.from:s.to] {
			if w.first {
				words++
			}
		}
		l.number(words)
		for _, w := range r.words[s.from:s.to] {
			if w.first {
				n := int(w.form) << 1
				if w.capital {
					n |= 1
				}
				l.number(n)
			}
		}
	}
}

func (l *shelf) number(n int) {
	l.data = binary.AppendUvarint(l.data, uint64(n)) //nolint:gosec // positive
}

// read reads a passage into r.
func (l *shelf) read(d *dictionary, passage uint32, r *reading) {
	r.words, r.sentences = r.words[:0], r.sentences[:0]
	data := l.data[l.start[passage]:]
	if int(passage)+1 < len(l.start) {
		data = l.data[l.start[passage]:l.start[passage+1]]
	}
	number := func() int {
		if c := data[0]; c < 0x80 {
			data = data[1:]
			return int(c)
		}
		n, size := binary.Uvarint(data)
		data = data[size:]
		return int(n) //nolint:gosec // was one
	}
	for at := 0; len(data) > 0; {
		from := at + number()
		at = from + number()
		begin := len(r.words)
		for range number() {
			n := number()
			r.add(d, uint32(n>>1), n&1 == 1) //nolint:gosec // was one
		}
		r.end(Span{from, at}, begin)
	}
}
