package search

import (
	"strings"

	"rapporteur/corpus"
)

// readAhead is up to how many passages are read when the engine is made; those
// of a larger corpus are read when a question finds them.
const readAhead = 500

// reading is a passage, read: its words, its sentences, and what is known about
// it besides its words.
type reading struct {
	passage   corpus.Passage
	sentences []sentence
	stems     map[string]bool
	words     string // in lower case, parted by spaces, header first
	states    []string

	header       string // what is known, as text
	about        map[string]bool
	headerStates []string
}

type sentence struct {
	span   Span
	tokens []Token
	stems  map[string]bool
}

// reading returns the passage of that number, read.
func (e *Engine) reading(passage int) *reading {
	if len(e.read) > 0 {
		return e.read[passage]
	}
	return read(e.index.passages[passage])
}

func read(p corpus.Passage) *reading {
	d := p.Doc
	r := &reading{passage: p, states: StatesIn(p.Text), stems: map[string]bool{}}
	for _, s := range Sentences(p.Text) {
		tokens := Tokens(p.Text[s.From:s.To], d.Language)
		r.sentences = append(r.sentences, sentence{span: s, tokens: tokens, stems: stemsOf(tokens)})
		for _, t := range tokens {
			r.stems[t.Stem] = true
		}
	}
	r.header = strings.Join([]string{d.Symbol, d.Body, p.By(), d.Delegation, strings.Join(d.OnBehalfOf, " "), d.Date}, " ")
	r.headerStates = StatesIn(r.header)
	r.about = stemsOf(Tokens(r.header+" "+strings.Join(r.headerStates, " "), "en"))
	r.words = " " + strings.Join(wordsOf(r.header+" "+p.Text), " ") + " "
	return r
}

// extend returns the span to quote for sentence i: a short one, which often only
// announces, is quoted together with the sentence after it.
func (r *reading) extend(i int) Span {
	s := r.sentences[i].span
	if i+1 < len(r.sentences) && len(r.sentences[i].tokens) < extendWords {
		s.To = r.sentences[i+1].span.To
	}
	return s
}
