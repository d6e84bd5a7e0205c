package search

import (
	"maps"
	"slices"
	"strings"

	"rapporteur/corpus"
)

// holding is what a passage and the header of its document hold, for the guards:
// a question may name nothing that neither holds.
type holding struct {
	passage *corpus.Passage
	stems   map[string]bool // of the passage
	words   string          // of header and passage, in small letters, parted by spaces
	states  []string        // named in the passage

	header       string          // title included
	about        map[string]bool // stems of the header
	headerStates []string
}

// readAhead is up to how many passages are held ready; those of a larger corpus
// are read when a question finds them.
const readAhead = 500

// holding returns what a passage holds.
func (e *Engine) holding(number int) *holding {
	if len(e.held) > 0 {
		return e.held[number]
	}
	return newHolding(&e.passages[number])
}

func newHolding(p *corpus.Passage) *holding {
	d := p.Doc
	h := &holding{passage: p, states: StatesIn(p.Text), stems: stemsOf(Tokens(p.Text, d.Language))}
	if known := headerOf(d, p.By(), map[string]*header{}); known != nil {
		h.header, h.about, h.headerStates = known.text, known.about, known.states
	}
	h.header += " " + d.Title
	h.about = union(h.about, stemsOf(Tokens(d.Title, english)))
	h.words = " " + strings.Join(wordsOf(h.header+" "+p.Text), " ") + " "
	return h
}

// names says whether the passage, or what is known about it, names a State.
func (h *holding) names(state string) bool {
	return slices.Contains(h.states, state) || slices.Contains(h.headerStates, state)
}

func stemsOf(tokens []Token) map[string]bool {
	stems := make(map[string]bool, len(tokens))
	for _, t := range tokens {
		stems[t.Stem] = true
	}
	return stems
}

func wordsOf(text string) []string {
	var out []string
	for _, t := range Tokens(text, "und") {
		out = append(out, t.Word)
	}
	return out
}

func union(a, b map[string]bool) map[string]bool {
	out := maps.Clone(b)
	maps.Copy(out, a)
	return out
}
