// Package mutate makes claims out of sentences of the record: changed ones,
// which verification must notice, and ones that are only written in another way,
// which it must not mind. Both are made from the corpus and a seed, so that a
// bench needs no file of answers and anybody can repeat it. The words that are
// put in are words of the corpus, for "potato" is easy to find.
//
// It is for tests and for tools/verifybench; nothing that ships imports it.
package mutate

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"rapporteur/corpus"
	"rapporteur/search"
)

// Sentence is a sentence of the record, with where it stands.
type Sentence struct {
	// Text is the sentence as it stands there.
	Text string
	// Passage holds it.
	Passage corpus.Passage
}

// Claim is a text to verify, with what must come out.
type Claim struct {
	// Kind is the kind of mutation or noise, such as "drop" or "soft hyphens".
	Kind string
	// Text is the claim.
	Text string
	// Rulings are those that are right; any of them is.
	Rulings []search.Ruling
	// Alarm must be among the alarms raised; empty where none has to be.
	Alarm string
}

// Pool is what mutations take their words and second halves from. It is
// immutable; the claims made from it depend on the seed alone.
type Pool struct {
	sentences []Sentence
	content   []string // words in lower case, as often as they stand
	names     []string
	states    []string
	random    *rand.Rand
}

// NewPool reads the sentences of a corpus that have at least eight words of
// Latin script, those of unnumbered lines aside. The same corpus and seed make
// the same claims.
func NewPool(c *corpus.Corpus, seed uint64) *Pool {
	p := &Pool{random: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // a repeatable bench
	for _, passage := range c.Passages() {
		if passage.Para == 0 {
			continue
		}
		for _, s := range search.Sentences(passage.Text) {
			text := passage.Text[s.From:s.To]
			if len(wordForm.FindAllString(text, 8)) == 8 && len(strings.Fields(text)) <= 120 {
				p.sentences = append(p.sentences, Sentence{text, passage})
			}
		}
	}
	for _, s := range p.sentences {
		for i, at := range wordForm.FindAllStringIndex(s.Text, -1) {
			word := s.Text[at[0]:at[1]]
			switch {
			case i == 0:
			case properName.MatchString(word) && !slices.Contains(calendarWords(), strings.ToLower(word)) && !marked(strings.ToLower(word)):
				p.names = append(p.names, word)
			case len(word) > 4 && word == strings.ToLower(word) && !marked(word):
				p.content = append(p.content, word)
			}
		}
	}
	p.states = []string{"China", "France", "Brazil", "India", "the United States", "Egypt", "Cuba", "Japan"}
	return p
}

// Sentences returns the sentences of the pool. The slice is shared.
func (p *Pool) Sentences() []Sentence { return p.sentences }

var (
	wordForm   = regexp.MustCompile(`[A-Za-z]+(?:['’][A-Za-z]+)*|\d+`)
	properName = regexp.MustCompile(`^[A-Z][a-z]{2,}$|^[A-Z]{2,5}$`)
)

// marked says whether a word is one whose change must raise an alarm.
func marked(word string) bool {
	return slices.Contains(denials(), word) || slices.Contains(modalVerbs(), word) || slices.Contains(countWords(), word)
}
