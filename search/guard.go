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
	for _, name := range h.namesOf(q) {
		if e.sensed(name, h.stems) {
			continue
		}
		if !strings.Contains(h.words, " "+strings.Join(wordsOf(name), " ")+" ") && !loosely(name, h.about, h.stems) && !h.stemmed(name) {
			return "Nothing on " + name
		}
	}
	both := h.header + " " + h.passage.Text
	for _, d := range q.Dates {
		if !strings.Contains(both, d) && (!h.ownWords(q) || !strings.EqualFold(spokenDay(h.passage.Doc.Date), d)) {
			return "Nothing on " + d
		}
	}
	for _, n := range q.Numbers {
		if !holdsNumber(both, n) {
			return "Nothing on " + n
		}
	}
	if date := h.passage.Doc.Date; q.SaidIn != "" && h.ownWords(q) && !strings.HasPrefix(date, q.SaidIn) && !strings.HasPrefix(q.SaidIn, date) {
		return "Nothing by " + q.Subject + " of that time"
	}
	if why := otherCount(q.Text, h.passage.Text); why != "" {
		return why
	}
	return uncounted(q.Text, h.passage.Text)
}

// toCome finds a question for words that are still to be said.
var toCome = regexp.MustCompile(`(?i)^(?:what|when|how) (?:exactly )?will .{2,60}\b(?:say|state|declare|announce)\b`)

// howMany finds what a question wants counted.
var howMany = regexp.MustCompile(`(?i)\bhow many (?:more |other |different |new )?([\p{L}-]+)(?: ([\p{L}-]+))?`)

// uncounted says where a question wants a number of things and the passage, which
// may hold other numbers, does not count them.
func uncounted(question, passage string) string {
	m := howMany.FindStringSubmatch(question)
	if m == nil {
		return ""
	}
	of := map[string]bool{}
	for _, t := range Tokens(m[1]+" "+m[2], english) {
		if !stopword(t.Word) {
			of[t.Stem] = true
		}
	}
	tokens := Tokens(passage, english)
	for i, t := range tokens {
		if !of[t.Stem] {
			continue
		}
		for _, before := range tokens[max(0, i-4):i] {
			if countForm.MatchString(before.Word) && !fullYear.MatchString(before.Word) {
				return ""
			}
		}
	}
	return "No number of " + m[1]
}

var fullYear = regexp.MustCompile(`^(?:1[89]|20)\d\d$`)

// otherCount says where a question counts in words what the passage counts
// otherwise: "six million dollars" where it says five million.
func otherCount(question, passage string) string {
	asked := counted.FindAllStringSubmatch(question, -1)
	if len(asked) == 0 {
		return ""
	}
	have := map[string][]string{} // numbers by the word behind them
	for _, m := range counted.FindAllStringSubmatch(passage, -1) {
		of := strings.ToLower(m[2])
		have[of] = append(have[of], strings.ToLower(m[1]))
	}
	for _, m := range asked {
		n, of := strings.ToLower(m[1]), strings.ToLower(m[2])
		if numbers := have[of]; len(numbers) > 0 && !slices.Contains(numbers, n) {
			return "Nothing on " + m[0]
		}
	}
	return ""
}

var counted = regexp.MustCompile(`(?i)\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)[ -](\p{L}+)`)

// namesOf returns the names that the passage has to hold. Capitals name nobody in
// German, and where words are indexed by their letters a name's own form may not
// stand there; then only the speaker counts.
func (h *holding) namesOf(q *Question) []string {
	if !analyserOf(h.passage.Doc.Language).grams {
		return q.people
	}
	if q.speaker == "" {
		return nil
	}
	return []string{q.speaker}
}

// guardSubject says why a passage is not the words of whom the question asks
// for: somebody else speaks, and reports nothing of theirs; or they spoke at
// another time.
func guardSubject(q *Question, h *holding) string {
	if toCome.MatchString(q.Text) {
		return "what is not yet said is not in the record"
	}
	if len(q.subjectStates) > 0 && ofState.MatchString(q.Subject) {
		return "Nothing by " + q.Subject
	}
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

// stemmed says whether every word of a name stands in the passage by its stem in
// the passage's language.
func (h *holding) stemmed(name string) bool {
	for _, t := range Tokens(name, h.passage.Doc.Language) {
		if !h.stems[t.Stem] {
			return false
		}
	}
	return true
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
