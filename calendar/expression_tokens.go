package calendar

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	endToken tokenKind = iota
	wordToken
	numberToken
	markToken // one punctuation mark or symbol; '\n' is a blank line
	hanToken  // one Chinese character
)

// token is a word, a number, a mark or a Chinese character.
type token struct {
	from, to int
	kind     tokenKind
	glued    bool // no space parts it from the token before
	upper    bool // begins with a capital
	rune     rune // of a mark or a Chinese character
	number   int  // value of a number of up to six digits, else -1
	digits   int
	entry    // of a word
}

// mayOpen says whether an expression can begin with the token.
func (t *token) mayOpen() bool {
	return t.kind == numberToken || t.kind == hanToken || t.kind == wordToken && t.entry != entry{}
}

// reader cuts a text into tokens as they are asked for and keeps only those near
// the place that is read, so that a long text needs little memory.
type reader struct {
	wording
	text    string
	said    Date
	read    int // where the next token begins
	toks    []token
	end     token // what stands past either end
	refused int   // where the last number ended that refers to something, not a year
}

const (
	lookBack  = 8    // tokens kept before the one that is read
	forgetAt  = 1024 // tokens after which those before are dropped
	longWord  = 40   // bytes of the longest word that is looked up
	mostDigit = 6
)

// tok returns the token at i; an endToken past either end. It holds until the
// next call of forget.
func (r *reader) tok(i int) *token {
	for len(r.toks) <= i && r.scan() { //nolint:revive // scan does the work
	}
	if i < 0 || i >= len(r.toks) {
		return &r.end
	}
	return &r.toks[i]
}

// forget drops what lies far before token i and returns where i is then.
func (r *reader) forget(i int) int {
	if i < forgetAt {
		return i
	}
	r.toks = r.toks[:copy(r.toks, r.toks[i-lookBack:])]
	return lookBack
}

// scan reads one more token; false at the end of the text.
func (r *reader) scan() bool {
	start, lines := r.read, 0
	for r.read < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[r.read:])
		if !blank(c) {
			break
		}
		if c == '\n' {
			lines++
		}
		r.read += size
	}
	if lines > 1 { // a new paragraph parts what a wrapped line does not
		r.toks = append(r.toks, token{from: start, to: start, kind: markToken, rune: '\n'})
	}
	if r.read >= len(r.text) {
		return lines > 1
	}
	c, size := utf8.DecodeRuneInString(r.text[r.read:])
	t := token{from: r.read, glued: r.read == start && start > 0, number: -1, rune: c}
	switch {
	case digit(c) >= 0:
		r.scanNumber(&t)
	case unicode.Is(unicode.Han, c) || c == '〇':
		t.kind = hanToken
		r.read += size
	case wordRune(c):
		r.scanWord(&t)
	default:
		t.kind = markToken
		r.read += size
	}
	t.to = r.read
	r.toks = append(r.toks, t)
	return true
}

func (r *reader) scanNumber(t *token) {
	t.kind, t.number = numberToken, 0
	for r.read < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[r.read:])
		d := digit(c)
		if d < 0 {
			break
		}
		if t.digits < mostDigit {
			t.number = t.number*10 + d
		}
		t.digits++
		r.read += size
	}
	if t.digits > mostDigit {
		t.number = -1
	}
}

func (r *reader) scanWord(t *token) {
	t.kind = wordToken
	var form [longWord]byte
	n := 0
	for r.read < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[r.read:])
		if !wordRune(c) {
			break
		}
		if t.from == r.read {
			t.upper = unicode.IsUpper(c)
		}
		r.read += size
		if n <= longWord-utf8.UTFMax {
			if c = plainRune(c); c > 0 {
				n += utf8.EncodeRune(form[n:], c)
			}
		} else {
			n = longWord // too long to be known
		}
	}
	if n < longWord {
		t.entry = r.look(form[:n])
	}
	if t.elides && r.read < len(r.text) { // "d'ici": the apostrophe belongs to the word
		if c, size := utf8.DecodeRuneInString(r.text[r.read:]); c == '\'' || c == '’' {
			r.read += size
		}
	}
}

// look returns what is known of a word, in Arabic also without the particles that
// are written onto it.
func (r *reader) look(form []byte) entry {
	if e, known := r.words[string(form)]; known {
		return e
	}
	for range 2 {
		c, size := utf8.DecodeRune(form)
		if !strings.ContainsRune("وفبلك", c) || len(form) <= size {
			break
		}
		form = form[size:]
		if e, known := r.words[string(form)]; known {
			return e
		}
		if c == 'ل' { // the article loses its first letter after this one
			if e, known := r.words["ا"+"ل"+strings.TrimPrefix(string(form), "ل")]; known {
				return e
			}
		}
	}
	return entry{}
}

func wordRune(c rune) bool {
	return unicode.IsLetter(c) && !unicode.Is(unicode.Han, c) || unicode.IsMark(c) || c == '\u00ad'
}

// blank says whether a character parts words without being seen: spaces, marks of
// direction, joiners.
func blank(c rune) bool {
	switch c {
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u200e', '\u200f', '\u061c':
		return true
	}
	return unicode.IsSpace(c) || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069'
}

// digit returns the value of a Western, Eastern Arabic, Persian or full-width
// digit; -1 for anything else.
func digit(c rune) int {
	for _, zero := range [...]rune{'0', '٠', '۰', '０'} {
		if c >= zero && c <= zero+9 {
			return int(c - zero)
		}
	}
	return -1
}

// plainRune returns the letter in lower case without accent, as the word table has
// it, and 0 for what carries no letter: combining marks, soft hyphens.
func plainRune(c rune) rune {
	if c < utf8.RuneSelf {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	if unicode.IsMark(c) || c == '\u00ad' || c == 'ـ' {
		return 0
	}
	c = unicode.ToLower(c)
	switch c {
	case 'à', 'â', 'á', 'ä':
		return 'a'
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'í', 'î', 'ï':
		return 'i'
	case 'ó', 'ô':
		return 'o'
	case 'ú', 'ù', 'û', 'ü':
		return 'u'
	case 'ñ':
		return 'n'
	case 'ç':
		return 'c'
	case 'ё':
		return 'е'
	case 'й':
		return 'и'
	case 'أ', 'إ', 'آ':
		return 'ا'
	}
	return c
}

// is says whether token i is a word of the class.
func (r *reader) is(i int, c class) bool {
	t := r.tok(i)
	return t.kind == wordToken && t.class&c != 0
}

// mark says whether token i is one of the marks.
func (r *reader) mark(i int, marks string) bool {
	t := r.tok(i)
	return t.kind == markToken && strings.ContainsRune(marks, t.rune)
}

// skip returns the place after up to n words of the class.
func (r *reader) skip(i, n int, c class) int {
	for ; n > 0 && r.is(i, c); n-- {
		i++
	}
	return i
}
