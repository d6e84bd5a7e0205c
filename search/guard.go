package search

import (
	"regexp"
	"slices"
	"strings"
)

// guard says in words why a passage must not answer the question although it is
// on its subject: it lacks a person, State, number or date that the question
// names. Empty means that it may.
func (e *Engine) guard(q *Question, h *holding) string {
	if why := guardSubject(q, h); why != "" {
		return why
	}
	for _, state := range q.States {
		if slices.Contains(q.subjectStates, state) && !slices.Contains(h.headerStates, state) {
			return "Nothing by " + state
		}
		if !h.names(state) {
			return "Nothing on " + state
		}
	}
	for _, name := range q.people {
		if e.sensed(name, h.stems) {
			continue
		}
		if !strings.Contains(h.words, " "+strings.Join(wordsOf(name), " ")+" ") && !loosely(name, h.about, h.stems) {
			return "Nothing on " + name
		}
	}
	both := h.header + " " + h.passage.Text
	for _, d := range q.Dates {
		if !strings.Contains(both, d) {
			return "Nothing on " + d
		}
	}
	for _, n := range q.Numbers {
		if !holdsNumber(both, n) {
			return "Nothing on " + n
		}
	}
	return ""
}

// guardSubject says why a passage is not the words of whom the question asks
// for: somebody else speaks, and reports nothing of theirs; or they spoke at
// another time.
func guardSubject(q *Question, h *holding) string {
	name := q.speaker
	if name == "" {
		return ""
	}
	own := loosely(name, h.about)
	switch {
	case !own && (!loosely(name, h.stems) || !reported.MatchString(h.passage.Text)):
		return "Nothing by " + name
	case own && q.SaidIn != "" && !strings.Contains(h.passage.Doc.Date, q.SaidIn):
		return "Nothing by " + name + " in " + q.SaidIn
	}
	return ""
}

// holdsNumber says whether the text holds the number, no digit before or after
// it.
func holdsNumber(text, number string) bool {
	digit := func(b byte) bool { return b >= '0' && b <= '9' }
	for at := 0; ; {
		i := strings.Index(text[at:], number)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(number)
		if (from == 0 || !digit(text[from-1])) && (to == len(text) || !digit(text[to])) {
			return true
		}
		at = from + 1
	}
}

// reported finds a verb by which a speaker reports the words of another.
var reported = regexp.MustCompile(`(?i)\b(?:pointed out|said|says|stated|stressed|noted|declared|announced|emphasi[sz]ed|recalled|argued|warned|called for|proposed|underlined)\b`)

// subjectName returns the name in what a question asks the words of; empty where
// it is written without capitals.
func subjectName(subject string) string {
	if subject == strings.ToLower(subject) {
		return ""
	}
	var kept []string
	for _, t := range Tokens(subject, "en") {
		if !scaffold(t.Word) && !stopword(t.Word) {
			kept = append(kept, subject[t.From:t.To])
		}
	}
	return strings.Join(kept, " ")
}

// loosely says whether every word of a name of several words, by its stem,
// stands in one of the sets: "UN Cybercrime Committee" may be written in other
// order.
func loosely(name string, sets ...map[string]bool) bool {
	if strings.Contains(name, "-") {
		return false
	}
	for _, t := range Tokens(name, "en") {
		if !slices.ContainsFunc(sets, func(set map[string]bool) bool { return set[t.Stem] }) {
			return false
		}
	}
	return true
}

// sensed says whether a name is the short or long form of a sense whose other
// form stands in the passage, or names the United Nations, which all of the
// record is about.
func (e *Engine) sensed(name string, stems map[string]bool) bool {
	switch strings.ToLower(name) {
	case "un", "united nations":
		return true
	}
	asked := stemsOf(Tokens(name, "en"))
	for _, s := range e.senses {
		if asked[s.short] && !slices.ContainsFunc(s.long, func(l string) bool { return !stems[l] }) {
			return true
		}
		if stems[s.short] && !slices.ContainsFunc(s.long, func(l string) bool { return !asked[l] }) {
			return true
		}
	}
	return false
}
