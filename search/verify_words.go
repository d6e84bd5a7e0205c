package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// unit is a word in the form in which claim and record are compared. The words
// of comparison are cut differently from those of the index: nothing is stemmed,
// and everything that is mere typography is folded away, so that two texts have
// the same units exactly if they have the same words.
type unit struct {
	from, to int
	form     string
	hyphen   bool // a hyphen joins the next word
	broken   bool // the hyphen stands at the end of a line: it may part one word
}

// units cuts a text into words for comparison, in time linear in the text.
func units(text string) []unit {
	out := make([]unit, 0, len(text)/6+1)
	s := scanner{text: text}
	for s.next() {
		out = append(out, unit{s.from, s.to, string(s.form), s.hyphen, s.broken})
	}
	return out
}

// scanner walks over the words of a text. Its fields describe the word it
// stands on; form is only valid until the next step.
type scanner struct {
	text           string
	from, to       int
	form           []byte
	hyphen, broken bool
	pos            int
}

// next steps to the next word and says whether there is one.
func (s *scanner) next() bool {
	for s.pos < len(s.text) {
		r, size := s.rune(s.pos)
		switch {
		case standsAlone(r):
			s.from, s.pos = s.pos, s.pos+size
			s.to = s.pos
			for s.pos < len(s.text) { // vowel signs belong to their letter
				m, size := s.rune(s.pos)
				if !unicode.IsMark(m) || invisible(m) {
					break
				}
				s.pos += size
				s.to = s.pos
			}
			s.finish()
			return true
		case starts(r), r == '[' && s.bracketed(s.pos) > 0:
			s.word()
			return true
		default:
			s.pos += size
		}
	}
	return false
}

// rune returns the rune at a place, full-width forms of ASCII as ASCII.
func (s *scanner) rune(at int) (rune, int) {
	if c := s.text[at]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	r, size := utf8.DecodeRuneInString(s.text[at:])
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	return r, size
}

// word reads the word that starts at pos.
func (s *scanner) word() {
	s.from = s.pos
	digits := true // only digits so far
	var last rune
	for s.pos < len(s.text) {
		if n := s.bracketed(s.pos); n > 0 { // "[T]he" is an editor's "The"
			digits = false
			s.pos += n
			s.to = s.pos
			continue
		}
		r, size := s.rune(s.pos)
		switch {
		case standsAlone(r):
			s.finish()
			return
		case starts(r), unicode.IsMark(r) && !invisible(r):
			digits = digits && unicode.IsDigit(r)
		case invisible(r):
			s.pos += size
			continue
		case apostrophe(r) && starts(s.following(s.pos+size)) && !elided(s.text[s.from:s.to]):
			digits = false
		case digits && (r == '.' || r == ',' || r == '\u202f') && s.inNumber(r, s.pos+size):
		default:
			s.finish()
			return
		}
		last = r
		s.pos += size
		if !apostrophe(last) {
			s.to = s.pos
		}
	}
	s.finish()
}

// bracketed returns the length of "[x]" at a place where a letter follows it;
// else 0.
func (s *scanner) bracketed(at int) int {
	if s.text[at] != '[' || at+3 >= len(s.text) {
		return 0
	}
	r, size := utf8.DecodeRuneInString(s.text[at+1:])
	if end := at + 1 + size; unicode.IsLetter(r) && end+1 < len(s.text) && s.text[end] == ']' {
		if next, _ := utf8.DecodeRuneInString(s.text[end+1:]); unicode.IsLetter(next) {
			return size + 2
		}
	}
	return 0
}

// following returns the next visible rune.
func (s *scanner) following(at int) rune {
	for at < len(s.text) {
		r, size := s.rune(at)
		if !invisible(r) {
			return r
		}
		at += size
	}
	return ' '
}

// inNumber says whether a mark between digits belongs to the number: a point
// before a digit, or a mark of thousands before exactly three.
func (s *scanner) inNumber(mark rune, at int) bool {
	n := 0
	for n < 4 && at < len(s.text) {
		r, size := s.rune(at)
		if !unicode.IsDigit(r) {
			break
		}
		at += size
		n++
	}
	if mark == '.' {
		return n > 0
	}
	first := s.text[s.from:s.to]
	if i := strings.IndexAny(first, ",，\u202f"); i >= 0 {
		first = first[:i]
	}
	return n == 3 && utf8.RuneCountInString(first) <= 3
}

// finish folds the word that was read and looks at what joins it to the next.
func (s *scanner) finish() {
	s.form = fold(s.form[:0], s.text[s.from:s.to])
	s.hyphen, s.broken = false, false
	at := s.to
	for at < len(s.text) {
		r, size := s.rune(at)
		switch {
		case r == '\u00ad' || isHyphen(r):
			s.hyphen = true
		case invisible(r):
		case unicode.IsSpace(r) && s.hyphen:
			s.broken = true
		default:
			if !unicode.IsLetter(r) {
				s.hyphen, s.broken = false, false
			}
			return
		}
		if at-s.to > 24 { // a wide gap parts words
			s.hyphen, s.broken = false, false
			return
		}
		at += size
	}
}

// fold appends a word in the form of comparison to out: lower case,
// compatibility forms and ligatures resolved, composed, without invisible
// characters, with plain apostrophes and ASCII digits.
func fold(out []byte, raw string) []byte {
	plain := true
	for i := range len(raw) {
		c := raw[i]
		if c >= utf8.RuneSelf || c == '[' || c == ',' {
			plain = false
			break
		}
	}
	if plain {
		for i := range len(raw) {
			c := raw[i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
		}
		return out
	}
	if strings.ContainsFunc(raw, invisible) { // or a mark could not join its letter
		raw = strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, raw)
	}
	for _, r := range norm.NFKC.String(raw) {
		switch {
		case invisible(r), unicode.IsSpace(r), r == '[', r == ']', r == ',':
		case apostrophe(r):
			out = append(out, '\'')
		case r == 'œ' || r == 'Œ':
			out = append(out, "oe"...)
		case r == 'æ' || r == 'Æ':
			out = append(out, "ae"...)
		case r == 'ß' || r == 'ẞ':
			out = append(out, "ss"...)
		case r == 'ё' || r == 'Ё':
			out = utf8.AppendRune(out, 'е')
		case r > utf8.RuneSelf && unicode.IsDigit(r):
			out = append(out, digit(r))
		default:
			out = utf8.AppendRune(out, unicode.ToLower(unicode.ToUpper(r)))
		}
	}
	return out
}

// digit returns the ASCII digit of the same value as a decimal digit of any
// script: their digits stand in rows of ten.
func digit(r rune) byte {
	for _, row := range unicode.Digit.R16 {
		if lo := rune(row.Lo); r >= lo && r <= rune(row.Hi) {
			return "0123456789"[(r-lo)%10]
		}
	}
	for _, row := range unicode.Digit.R32 {
		if lo := rune(row.Lo); r >= lo && r <= rune(row.Hi) { //nolint:gosec // a table of runes
			return "0123456789"[(r-lo)%10]
		}
	}
	return '0'
}

// starts says whether a word may start with r.
func starts(r rune) bool { return unicode.IsLetter(r) && !invisible(r) || unicode.IsDigit(r) }

// standsAlone says whether r is a unit by itself: a character of a script that
// parts no words, or a sign that is read as a word.
func standsAlone(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r == '%' || r == '$'
	case r == '‰', unicode.Is(unicode.Sc, r):
		return true
	case r < 0x0e00:
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && unicode.IsLetter(r)
}

// invisible says whether r changes how a text looks and not what it says: soft
// hyphens, zero-width and direction marks, the Arabic tatweel and vowel signs.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x034f, r == 0x061c, r == 0x0640, r == 0x0670, r == 0x180e, r == 0xfeff:
		return true
	case r >= 0x064b && r <= 0x065f, r >= 0x06d6 && r <= 0x06ed && r != 0x06de && r != 0x06e5 && r != 0x06e6 && r != 0x06e9:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r >= 0xfe00 && r <= 0xfe0f:
		return true
	case r >= 0xfe70 && r <= 0xfe7f: // the vowel signs' presentation forms
		return true
	}
	return false
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', '‛', '´', '`', '′', '＇':
		return true
	}
	return false
}

func isHyphen(r rune) bool {
	switch r {
	case '-', '‐', '‑', '–', '—', '−', '﹣', '⁃':
		return true
	}
	return false
}

// elided says whether a word has lost its last vowel before an apostrophe, as
// in French "l'information", "n'est", "qu'il": these are two words.
func elided(word string) bool {
	if len(word) > 24 { // six letters of full width, and something invisible
		return false
	}
	return slices.Contains([]string{"l", "d", "n", "s", "c", "j", "m", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}, string(fold(nil, word)))
}

// count counts words as people do: of a script that parts no words, two
// characters are about one.
func count(words []unit) int {
	single := 0
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w.form); standsAlone(r) {
			single++
		}
	}
	return len(words) - single + (single+1)/2
}
