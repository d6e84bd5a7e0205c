package search

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// reporting finds, at the beginning of a sentence, somebody whose words it
// reports: "China said", "Ambassador Prado of Brazil stated", "The United States
// claims".
var reporting = regexp.MustCompile(`^[“"«]?((?:The |Our |As )?\p{Lu}[\p{L}'’.-]*(?: (?:of |the |and )*\p{Lu}[\p{L}'’.-]*){0,6}(?: (?:delegation|delegate|representative|ambassador|government|colleagues?))?)(?:,[^,]{2,60},)? (?:has |have |had |also |then |itself |themselves ){0,2}(?:said|says|say|stated|states|claimed|claims|claim|declared|declares|stressed|noted|argued|argues|argue|announced|asserted|asserts|maintained|maintains|believes|believe|thinks|insists|insisted|told|pointed out)\b`)

// reports says whether a sentence reports the words of others than those who
// speak: of another State, or of a person whom the header does not know.
func (h *holding) reports(sentence string) bool {
	m := reporting.FindStringSubmatch(sentence)
	if m == nil {
		return false
	}
	if states := StatesIn(m[1]); len(states) > 0 {
		return slices.ContainsFunc(states, func(s string) bool { return !slices.Contains(h.headerStates, s) })
	}
	names := 0
	for _, t := range Tokens(m[1], english) {
		raw := m[1][t.From:t.To]
		if stopword(t.Word) || scaffold(t.Word) || !unicode.IsUpper(firstRune(raw)) || t.Word == "we" || t.Word == "i" || t.Word == "our" || t.Word == "as" {
			continue
		}
		if h.about[t.Stem] {
			return false
		}
		names++
	}
	return names > 0
}

// actorForm finds the words behind a verb that asks what somebody did.
var actorForm = regexp.MustCompile(`(?i)\b(?:did|does|do|has|have|had|is|was|were)\s+(?:the\s+)?([\p{L}'’-]+(?: [\p{L}'’-]+){0,2})`)

// actors returns the States of which a question asks what they did.
func actors(question string) []string {
	for _, m := range actorForm.FindAllStringSubmatch(question, 3) {
		words := strings.Fields(m[1])
		for n := 1; n <= len(words); n++ {
			if states := StatesIn(strings.Join(words[:n], " ")); len(states) > 0 {
				return StatesIn(m[1])
			}
		}
	}
	return nil
}

// ofState finds those who belong to a State, or are against it, and are not it:
// "Russia's allies", "critics of China", "Brazilian hospitals".
var ofState = regexp.MustCompile(`(?i)\b(?:allies|ally|opponents?|critics?|enem(?:y|ies)|adversar(?:y|ies)|partners|friends|neighbou?rs?|rivals?|hackers?|hospitals?|compan(?:y|ies)|banks?|media|press|newspapers?|journalists?|citizens|people|opposition|experts|scholars|academics|universit(?:y|ies)|business(?:es)?|industry|ngos?|victims|everyone|everybody|except|other than|apart from)\b`)

// ownWords says whether those whose words are asked for speak under the header.
func (h *holding) ownWords(q *Question) bool {
	return q.speaker != "" && loosely(q.speaker, h.about) ||
		slices.ContainsFunc(q.subjectStates, func(s string) bool { return slices.Contains(h.headerStates, s) })
}

// spokenDay writes an ISO day as a question does: "14 December 2021".
func spokenDay(iso string) string {
	at, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ""
	}
	return at.Format("2 January 2006")
}

// speaks says whether a reason why there is no answer denies the words of
// somebody who has a document, only none on the subject.
func (e *Engine) speaks(why string) bool {
	_, name, found := strings.Cut(why, "Nothing by ")
	if !found {
		_, name, found = strings.Cut(why, "Nothing on ")
	}
	if !found {
		return false
	}
	states := StatesIn(name)
	for _, h := range e.headers {
		if len(states) == 1 && states[0] == name && slices.Contains(h.states, name) || len(states) == 0 && why == "Nothing by "+name && loosely(name, h.about) {
			return true
		}
	}
	return false
}

// shortForms returns the short forms in capitals of States: "EU", "UK".
func shortForms(states []string) string {
	var out []string
	for line := range strings.Lines(stateNames) {
		name, forms, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		if !slices.Contains(states, name) {
			continue
		}
		for form := range strings.SplitSeq(forms, "|") {
			if len(form) <= 3 && form == strings.ToUpper(form) {
				out = append(out, form)
			}
		}
	}
	return strings.Join(out, " ")
}
