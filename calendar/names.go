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
// may have a plural s. A full stop, comma or the like ends a name. A long word
// of a name may be mistyped (typing.go); "GM" may be written small after "the".

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

// name is a name of a process, read once.
type name struct {
	process int // index of the process
	words   []word
	short   bool // of one or two letters
}

// namesOf reads all the names of the processes.
func namesOf(processes []Process) []name {
	var out []name
	for i, p := range processes {
		for _, text := range append([]string{p.Short, p.Name}, p.Aliases...) {
			out = append(out, name{i, words(text), utf8.RuneCountInString(text) <= 2})
		}
	}
	return out
}

// at reports whether the name stands in the text at word i.
func (n name) at(in []word, i int) bool {
	if i+len(n.words) > len(in) || len(n.words) == 0 || in[i].lower == "" || in[i].lower[0] != n.words[0].lower[0] {
		return false
	}
	at := in[i : i+len(n.words)]
	switch {
	case n.short:
		return sameWords(at, n.words) && (at[0].text == n.words[0].text || i > 0 && in[i-1].lower == "the")
	case sameWords(at, n.words):
		return true
	}
	return mistyped(at, n.words)
}

// mention is a place in a text where a name of a process stands: the words from
// from to to.
type mention struct{ from, to, process int }

// mentions returns the places where names of processes stand in a text: a longer
// name hides the shorter ones inside it, and comes first.
func (c *Calendar) mentions(in []word) []mention {
	var found []mention
	for _, n := range c.names {
		for i := range in {
			if n.at(in, i) {
				found = append(found, mention{i, i + len(n.words), n.process})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b mention) int {
		return cmp.Or(
			cmp.Compare(b.to-b.from, a.to-a.from),
			cmp.Compare(a.from, b.from),
			c.processes[b.process].Start.First().Compare(c.processes[a.process].Start.First()),
		)
	})
	taken := make([]mention, len(in)) // by word: the place that it is part of
	kept := found[:0]
	for _, m := range found {
		hidden := false
		for i := m.from; i < m.to; i++ {
			t := taken[i]
			hidden = hidden || t.to > 0 && (t.from != m.from || t.to != m.to)
		}
		if hidden {
			continue
		}
		for i := m.from; i < m.to; i++ {
			taken[i] = m
		}
		kept = append(kept, m)
	}
	return kept
}

// Named returns the processes whose short name, alias or full name stands in the
// text as whole words. A longer name hides the shorter ones inside it, and comes
// first: "the first OEWG" is that one alone, while "the OEWG" may be any of them,
// the most recent first. One letter of a long word may be wrong.
func (c *Calendar) Named(text string) []Process {
	var out []Process
	seen := make([]bool, len(c.processes))
	for _, m := range c.mentions(words(text)) {
		if !seen[m.process] {
			seen[m.process] = true
			out = append(out, c.processes[m.process].clone())
		}
	}
	return out
}

// Unnamed returns the words of the text that are no part of a process's name, in
// lower case.
func (c *Calendar) Unnamed(text string) []string {
	in := words(text)
	named := make([]bool, len(in))
	for _, m := range c.mentions(in) {
		for i := m.from; i < m.to; i++ {
			named[i] = true
		}
	}
	var out []string
	for i, w := range in {
		if !named[i] && w.lower != "" {
			out = append(out, w.lower)
		}
	}
	return out
}
