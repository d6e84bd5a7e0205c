package search

import (
	"slices"
	"strings"

	"rapporteur/corpus"
)

// header is what is known about a document besides its words and its title: who
// spoke, for whom, where, when. Documents of one speaker, body and day share it.
type header struct {
	text   string
	about  map[string]bool // stems, those of the States' short names too
	states []string        // for whom it was said
}

// headers reads the headers of the documents that have one.
func headers(c *corpus.Corpus) map[*corpus.Document]*header {
	known := map[string]*header{}
	of := map[*corpus.Document]*header{}
	for _, d := range c.Documents() {
		if h := headerOf(d, d.Speaker, known); h != nil {
			of[d] = h
		}
	}
	return of
}

// headerOf returns the header of a document whose words the speaker spoke; nil
// where nothing is known.
func headerOf(d *corpus.Document, speaker string, known map[string]*header) *header {
	group := strings.Join(d.OnBehalfOf, " ")
	text := strings.TrimSpace(strings.Join([]string{d.Symbol, d.Body, speaker, d.Delegation, group, d.Date}, " "))
	if text == "" {
		return nil
	}
	if h := known[text]; h != nil {
		return h
	}
	h := &header{text: text}
	if h.states = StatesIn(strings.Join([]string{speaker, d.Delegation, group}, " ")); len(h.states) == 0 && speaker == "" && d.Delegation == "" {
		h.states = StatesIn(d.Title)
	}
	h.about = stemsOf(Tokens(text+" "+strings.Join(h.states, " ")+" "+shortForms(h.states), english))
	known[text] = h
	return h
}

// by says whether a question that asks for somebody's words asks for those under
// the header.
func (h *header) by(q *Question) bool {
	for _, state := range q.subjectStates {
		if slices.Contains(h.states, state) {
			return true
		}
	}
	return q.speaker != "" && loosely(q.speaker, h.about)
}
