package search

// reading is a passage in the terms of its index: its words in order, and where
// its sentences end.
type reading struct {
	words     []word
	sentences []sentence
}

// word is a term of a passage. A word of a language without stemmer has several
// terms, one after the other.
type word struct {
	term, form uint32
	from       uint32 // byte offset in the passage
	stop       bool
	capital    bool // it begins with a capital, and no sentence with it
	digit      bool
	first      bool // the first term of its word
}

// sentence is a range of words, and of bytes.
type sentence struct {
	span     Span
	from, to int
}

// read reads a text into r, whose room is used again.
func (x *index) read(text string, r *reading, spans []Span) []Span {
	r.words, r.sentences = r.words[:0], r.sentences[:0]
	spans = AppendSentences(spans[:0], text)
	var (
		one [1]uint32
		buf [64]byte
	)
	form := buf[:0]
	for _, s := range spans {
		begin := len(r.words)
		part := text[s.From:s.To]
		for from, to, plain := nextWord(part, 0); from < len(part); from, to, plain = nextWord(part, to) {
			var (
				f     uint32
				known bool
			)
			w := word{from: uint32(s.From + from), first: true} //nolint:gosec // passages are shorter than 4 GB
			if plain {
				f, known = x.dictionary.form[part[from:to]]
			} else {
				form = appendForm(form[:0], part[from:to])
				f, known = x.dictionary.form[string(form)]
				c := part[from]
				w.capital = len(r.words) > begin && (c < 0x80 && asciiClass[c] == capital || c >= 0x80)
			}
			if !known {
				continue
			}
			w.form, w.stop = f, x.dictionary.stopForm[f]
			w.digit = part[from] >= '0' && part[from] <= '9'
			for _, t := range x.dictionary.termsOf(f, &one) {
				w.term = t
				r.words = append(r.words, w)
				w.first = false
			}
		}
		if len(r.words) > begin {
			r.sentences = append(r.sentences, sentence{s, begin, len(r.words)})
		}
	}
	return spans
}
