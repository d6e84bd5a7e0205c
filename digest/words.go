package digest

import (
	"errors"
	"strings"
	"unicode"
)

const (
	doubleMarks = "\"“”„‟«»`"
	singleMarks = "'‘’‚‛‹›"
)

// split parts a text at the separators that stand outside quotation marks,
// straight or curly, and drops empty parts. What was quoted comes in straight
// double marks. A mark opens only where a word, or a part of one, begins, so
// that an apostrophe is one.
func split(text string, separator func(rune) bool) ([]string, error) {
	var (
		parts []string
		part  strings.Builder
		marks string // what closes; empty outside
		begin = true // of a word or of a part of one
	)
	runes := []rune(text)
	for i, r := range runes {
		last := i == len(runes)-1 || isSpecial(runes[i+1])
		switch {
		case marks == doubleMarks && strings.ContainsRune(marks, r), marks == singleMarks && last && strings.ContainsRune(marks, r):
			marks = ""
			part.WriteRune('"')
		case marks != "":
			part.WriteRune(r)
		case begin && strings.ContainsRune(doubleMarks, r):
			marks = doubleMarks
			part.WriteRune('"')
		case begin && strings.ContainsRune(singleMarks, r):
			marks = singleMarks
			part.WriteRune('"')
		case separator(r):
			if part.Len() > 0 {
				parts = append(parts, part.String())
				part.Reset()
			}
		default:
			part.WriteRune(r)
		}
		begin = isSpecial(r)
	}
	if marks != "" {
		return nil, errors.New("a quotation mark is opened and never closed; write both, as in topics:\"Global Mechanism\"")
	}
	if part.Len() > 0 {
		parts = append(parts, part.String())
	}
	return parts, nil
}

// isSpecial says whether a word ends at r, or a part of one.
func isSpecial(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ':' }

func isQuoted(word string) bool { return strings.HasPrefix(word, `"`) }

func unquoted(word string) string {
	return strings.TrimSuffix(strings.TrimPrefix(word, `"`), `"`)
}
