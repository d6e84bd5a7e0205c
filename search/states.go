package search

import (
	"cmp"
	_ "embed" // the names of States
	"slices"
	"strings"
	"sync"
)

// stateNames holds one State a line: its short name as it is shown, then the
// words by which a text may name it, parted by "|" and in the form of
// plainWords.
//
//go:embed states.txt
var stateNames string

// nobody is the name, in the table, of forms that hold a State's name and name
// none: "Latin America".
const nobody = "-"

// stateForm is a way to name a State.
type stateForm struct {
	words []string
	line  int // of the table
	name  string
}

// stateForms are the forms by their first word, the longest first.
var stateForms = sync.OnceValue(func() map[string][]stateForm { //nolint:gochecknoglobals // read once, never changed
	all := map[string][]stateForm{}
	line := 0
	for text := range strings.Lines(stateNames) {
		name, forms, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "|")
		for form := range strings.SplitSeq(forms, "|") {
			if words := strings.Fields(form); len(words) > 0 {
				all[words[0]] = append(all[words[0]], stateForm{words, line, name})
			}
		}
		line++
	}
	for _, forms := range all {
		slices.SortStableFunc(forms, func(a, b stateForm) int { return cmp.Compare(len(b.words), len(a.words)) })
	}
	return all
})

// StatesIn returns the short names of the States, and of the bodies that speak
// like one, that the text names, in the order of the table. Of names that stand
// in one another the longest counts: "South Sudan" is not Sudan.
func StatesIn(text string) []string {
	words, forms := plainWords(text), stateForms()
	var found []stateForm
	for at := 0; at < len(words); {
		next := at + 1
		for _, f := range forms[words[at]] {
			if len(f.words) <= len(words)-at && slices.Equal(f.words, words[at:at+len(f.words)]) {
				if f.name != nobody && !slices.ContainsFunc(found, func(have stateForm) bool { return have.line == f.line }) {
					found = append(found, f)
				}
				next = at + len(f.words)
				break
			}
		}
		at = next
	}
	slices.SortFunc(found, func(a, b stateForm) int { return cmp.Compare(a.line, b.line) })
	var names []string
	for _, f := range found {
		names = append(names, f.name)
	}
	return names
}

// plainWords returns the words of a text in lower case; short forms in capitals
// ("US", "UK", "EU") keep their case, for "us" is a pronoun.
func plainWords(text string) []string {
	var out []string
	for _, t := range Tokens(text, "und") {
		raw := text[t.From:t.To]
		if len(raw) <= 3 && raw == strings.ToUpper(raw) {
			out = append(out, raw)
			continue
		}
		out = append(out, t.Word)
	}
	return out
}
