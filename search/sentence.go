package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a byte range [From, To) of a text.
type Span struct{ From, To int }

// Sentences cuts a text into sentences. A full stop ends one when space and the
// start of a new sentence follow, and the word before it is no title,
// abbreviation or initial: "Ms.Nakamitsu", "i.a. against" and "No. 213" hold
// together. The spans hold no space at their ends.
func Sentences(text string) []Span {
	var out []Span
	from := 0
	add := func(to int) {
		lead := len(text[from:to]) - len(strings.TrimLeftFunc(text[from:to], unicode.IsSpace))
		tail := len(strings.TrimRightFunc(text[from:to], unicode.IsSpace))
		if lead < tail {
			out = append(out, Span{from + lead, from + tail})
		}
		from = to
	}
	for i, r := range text {
		if i < from {
			continue
		}
		size := utf8.RuneLen(r)
		if size < 0 {
			size = 1
		}
		switch {
		case strings.ContainsRune("。！？", r):
			add(closing(text, i+size))
		case strings.ContainsRune(".!?…؟۔", r):
			end := closing(text, i+size)
			if end >= len(text) || (startsSentence(text[end:]) && (r != '.' || !abbreviation(text[from:i], text[i+size:]))) {
				add(end)
			}
		}
	}
	if from < len(text) {
		add(len(text))
	}
	return out
}

// closing skips the marks that close a sentence after its last one.
func closing(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !strings.ContainsRune(".!?…\"'”’»)]", r) {
			break
		}
		i += size
	}
	return i
}

// startsSentence says whether space and then a capital, a digit, an opening
// mark or a script without capitals follows.
func startsSentence(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	if !unicode.IsSpace(r) {
		return false
	}
	for size < len(rest) {
		var n int
		r, n = utf8.DecodeRuneInString(rest[size:])
		if !unicode.IsSpace(r) {
			break
		}
		size += n
	}
	return !unicode.IsLower(r)
}

// abbreviation says whether the text ends in a word whose full stop does not
// end a sentence, or does not before a number.
func abbreviation(text, rest string) bool {
	word := text[strings.LastIndexFunc(text, unicode.IsSpace)+1:]
	word = strings.TrimLeft(word, "(\"'“«[")
	if r := []rune(word); len(r) == 1 && unicode.IsUpper(r[0]) {
		return true // an initial
	}
	switch strings.ToLower(word) {
	case "mr", "mrs", "ms", "mme", "dr", "prof", "st", "h.e", "amb", "gen", "cf", "i.a", "i.e", "e.g", "etc", "vs", "u.s", "u.n":
		return true
	case "no", "nos", "art", "arts", "para", "paras", "vol", "p", "pp", "ch", "sec", "fig", "res":
		r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(rest, unicode.IsSpace))
		return unicode.IsDigit(r)
	}
	return false
}
