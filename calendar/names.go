package calendar

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How names are found in a text. Text and names are cut into words of letters
// and digits, so that hyphen, en dash, slash and brackets are alike; case does
// not matter, save for names of one or two letters ("GM"), which are too easily
// part of something else. A possessive 's is dropped, and the last word of a name
// may have a plural s. A full stop, comma or the like ends a name.

// word is a word of a text, or a stop, with both fields empty.
type word struct{ text, lower string }

func words(s string) []word {
	var out []word
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, word{b.String(), strings.ToLower(b.String())})
			b.Reset()
		}
	}
	runes := []rune(s)
	after := func(i int) rune { // a text ends as with a space
		if i < len(runes) {
			return runes[i]
		}
		return ' '
	}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case (r == '\'' || r == '’') && unicode.ToLower(after(i+1)) == 's' && !isLetter(after(i+2)):
			flush()
			i++
		case isLetter(r):
			b.WriteRune(r)
		case strings.ContainsRune(".,;:!?", r):
			// A stop is one only before a space: "e.g." and "2.5" hold together.
			flush()
			if unicode.IsSpace(after(i+1)) && len(out) > 0 {
				out = append(out, word{})
			}
		default:
			flush()
		}
	}
	flush()
	for len(out) > 0 && out[len(out)-1] == (word{}) {
		out = out[:len(out)-1]
	}
	return out
}

// isLetter reports whether r is part of a word.
func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// sameWords reports whether the text is the name and nothing else.
func sameWords(text, name []word) bool {
	if len(text) != len(name) || len(name) == 0 {
		return false
	}
	for i, n := range name {
		last := i == len(name)-1
		same := text[i].lower == n.lower || last && text[i].lower == n.lower+"s"
		if !same {
			return false
		}
	}
	return true
}

// mention is a place in a text where a name of a process stands.
type mention struct {
	from, to int
	process  Process
}

// Named returns the processes whose short name, alias or full name stands in the
// text as whole words. A longer name hides the shorter ones inside it, and comes
// first: "the first OEWG" is that one alone, while "the OEWG" may be any of them,
// the most recent first.
func (c *Calendar) Named(text string) []Process {
	in := words(text)
	var found []mention
	for _, p := range c.processes {
		for _, name := range append([]string{p.Short, p.Name}, p.Aliases...) {
			want := words(name)
			for i := 0; i+len(want) <= len(in); i++ {
				at := in[i : i+len(want)]
				if sameWords(at, want) && (utf8.RuneCountInString(name) > 2 || at[0].text == name) {
					found = append(found, mention{i, i + len(want), p})
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b mention) int {
		return cmp.Or(
			cmp.Compare(b.to-b.from, a.to-a.from),
			cmp.Compare(a.from, b.from),
			b.process.Start.First().Compare(a.process.Start.First()),
		)
	})
	var kept []mention
	var out []Process
	for _, m := range found {
		if slices.ContainsFunc(kept, func(k mention) bool {
			return m.from < k.to && k.from < m.to && (m.from != k.from || m.to != k.to)
		}) {
			continue
		}
		kept = append(kept, m)
		if !slices.ContainsFunc(out, func(p Process) bool { return p.ID == m.process.ID }) {
			out = append(out, m.process.clone())
		}
	}
	return out
}
