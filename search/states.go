package search

import (
	_ "embed" // the names of States
	"strings"
)

// stateNames holds one State a line: its short name as it is shown, then the
// words by which a text may name it, parted by "|" and in the form of
// plainWords.
//
//go:embed states.txt
var stateNames string

// StatesIn returns the short names of the States, and of the bodies that speak
// like one, that the text names, in the order of the table.
func StatesIn(text string) []string {
	words := " " + strings.Join(plainWords(text), " ") + " "
	var out []string
	for line := range strings.Lines(stateNames) {
		name, forms, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		for form := range strings.SplitSeq(forms, "|") {
			if namesWords(words, form) {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

// namesWords says whether words, with a space at both ends, hold form whole.
func namesWords(words, form string) bool {
	for at := 0; ; {
		i := strings.Index(words[at:], form)
		if i < 0 {
			return false
		}
		i += at
		if words[i-1] == ' ' && words[i+len(form)] == ' ' {
			return true
		}
		at = i + 1
	}
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
