package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/corpus"
)

// quoteMarks are the opening marks of the six languages with what closes them.
var quoteMarks = regexp.MustCompile(`["“”„«»「」『』]`)

var attribution = regexp.MustCompile(`^\s*(\p{Lu}[^:"“«\n]{1,80}?)(?:\s+(?:said|says|stated|states|declared))?\s*:\s+(.{12,})$`)

// claimed is one way to read a text: what is claimed to be a quotation, and the
// words around it.
type claimed struct {
	claim, around string
	quoted        bool // marks or a name show that only the claim is meant
}

// readings returns the ways to read a text: all of it (for "Let me stress: …"
// may be the record's own words), all but a citation behind it, the quotation in
// it, and that without a citation.
func readings(text string) []claimed {
	text = strings.TrimSpace(text)
	out := []claimed{{claim: text}}
	if head, citation, found := cutCitation(text); found {
		out = append(out, claimed{head, citation, false})
	}
	if claim, around := claimIn(text); around != "" || claim != text {
		out = append(out, claimed{claim, around, true})
		if head, citation, found := cutCitation(claim); found {
			out = append(out, claimed{head, around + " " + citation, false})
		}
	}
	return out
}

// cutCitation cuts "(Nebenzia, ¶5)" off the end of a text.
func cutCitation(text string) (head, citation string, found bool) {
	trimmed := strings.TrimRight(text, ". \t\n")
	at := strings.LastIndex(trimmed, "(")
	if at <= 0 || !strings.HasSuffix(trimmed, ")") {
		return "", "", false
	}
	return text[:at], trimmed[at:], true
}

// claimIn parts a text into the words that are claimed to be a quotation and
// what stands around them: the longest stretch between quote marks, where it is
// long enough; else what follows "Somebody:"; else all of it.
func claimIn(text string) (claim, around string) {
	text = strings.TrimSpace(text)
	marks := quoteMarks.FindAllStringIndex(text, -1)
	if len(marks) >= 2 {
		from, to := marks[0][1], marks[len(marks)-1][0]
		inner, outer := text[from:to], text[:marks[0][0]]+" "+text[marks[len(marks)-1][1]:]
		if words := len(units(inner)); words >= leastWords && words >= len(units(outer)) {
			return inner, outer
		}
	}
	if m := attribution.FindStringSubmatch(strings.ReplaceAll(text, "\n", " ")); m != nil && len(strings.Fields(m[1])) <= 6 {
		return m[2], m[1]
	}
	return text, ""
}

// ellipsis parts a claim at its ellipses: …, ..., [...], (…).
func ellipsis(claim string) []Span {
	var out []Span
	from := 0
	for _, at := range ellipsisForm.FindAllStringIndex(claim, -1) {
		out = append(out, Span{from, at[0]})
		from = at[1]
	}
	return append(out, Span{from, len(claim)})
}

var ellipsisForm = regexp.MustCompile(`[\[(]?\s*(?:…+|\.{3,}|(?:\. ){2,}\.)\s*[\])]?`)

// misattributed returns whom or which year the words around a claim name,
// where the record says otherwise; empty where they agree.
func (e *Engine) misattributed(around string, q corpus.Quotation) string {
	d := q.Document()
	about := strings.Join([]string{d.Symbol, d.Title, d.Body, d.Meeting, q.Passage().By(), d.Delegation, strings.Join(d.OnBehalfOf, " "), d.Date, d.Date[:min(4, len(d.Date))]}, " ")
	have := StatesIn(about)
	for _, s := range StatesIn(around) {
		if !slices.Contains(have, s) {
			return s
		}
	}
	stems := stemsOf(Tokens(about+" "+strings.Join(have, " "), "en"))
	for _, y := range yearForm.FindAllString(around, -1) {
		if !strings.HasPrefix(d.Date, y) {
			return y
		}
	}
	for _, name := range speakers(around) {
		if len(StatesIn(name)) == 0 && !loosely(name, stems) {
			return name
		}
	}
	return ""
}

var yearForm = regexp.MustCompile(`\b(?:19|20)\d\d\b`)

// speakers returns the names in what stands around a claim.
func speakers(around string) []string {
	var out []string
	for _, t := range Tokens(around, "en") {
		raw := around[t.From:t.To]
		r, _ := utf8.DecodeRuneInString(raw)
		if unicode.IsUpper(r) && len(raw) > 2 && !stopword(t.Word) && !scaffold(t.Word) && !isMonth(t.Word) && t.Word != "representative" && t.Word != "permanent" {
			out = append(out, raw)
		}
	}
	return out
}
