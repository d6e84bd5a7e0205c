package slack

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// topText is the text of a post besides its blocks: escaped, and cut to what
// Slack takes.
func topText(plain string, limit int) string {
	var all, short strings.Builder
	size, over := 0, false
	escaped(plain, func(piece string) bool {
		size += units16(piece)
		if size > limit {
			over = true
			return false
		}
		if size+units16("…") <= limit { // an entity or a time is never cut
			short.WriteString(piece)
		}
		all.WriteString(piece)
		return true
	})
	if over {
		return strings.TrimRightFunc(short.String(), unicode.IsSpace) + "…"
	}
	return all.String()
}

// tidy takes from prose what turns text around or hides in it: bidirectional
// embeddings, overrides and isolates, the tag characters, control characters
// other than line break and tab. The marks that right-to-left text needs stay.
func tidy(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r >= 0xE0000 && r <= 0xE007F,
			unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, s)
}

// pieces cuts a text into pieces that fit into a block, which put together are the
// text again: after a line, else after a word, else between characters. Empty
// text has no pieces.
func pieces(s string) []string {
	var all []string
	for s != "" {
		at := splitAt(s, maxBlock)
		all = append(all, s[:at])
		s = s[at:]
	}
	return all
}

// splitAt returns how many bytes of s make a piece.
func splitAt(s string, limit int) int {
	size, line, word, char := 0, 0, 0, 0
	joined := false // the last character joins the next to itself
	for i, r := range s {
		combines := joined || unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || r == '\u200d' || (r >= 0x1F3FB && r <= 0x1F3FF)
		if !combines && i > 0 {
			char = i
			if before, _ := utf8.DecodeLastRuneInString(s[:i]); unicode.IsSpace(before) && !unicode.IsSpace(r) {
				word = i
				if before == '\n' {
					line = i
				}
			}
		}
		if size += utf16Len(r); size > limit {
			switch {
			case line > i/2:
				return line
			case word > i/2:
				return word
			case char > 0:
				return char
			}
			return max(i, 1) // one character alone is over the limit
		}
		joined = r == '\u200d'
	}
	return len(s)
}

// cut shortens a text to limit, with an ellipsis where something is missing.
func cut(s string, limit int) string {
	if units16(s) <= limit {
		return s
	}
	return strings.TrimRightFunc(s[:splitAt(s, limit-1)], unicode.IsSpace) + "…"
}

// units16 counts UTF-16 units.
func units16(s string) int {
	n := 0
	for _, r := range s {
		n += utf16Len(r)
	}
	return n
}

func utf16Len(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}
