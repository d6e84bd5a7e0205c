package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a byte range [From, To) of a text.
type Span struct{ From, To int }

// Sentences cuts a text into sentences, in the six official languages and
// others of their scripts. The spans are in order, do not overlap, hold no
// space at their ends, and together hold every byte that is not space.
//
// A mark such as "." ends a sentence when space and no small letter follow, and
// the word before it is no title, abbreviation, initial or paragraph number:
// "Ms. Nakamitsu", "i.a. against", "No. 213" and "12. The Group" hold together.
// Chinese marks need no space after them. A semicolon ends one before an item
// "(b)". A blank line always does; a single line break only where the writer
// broke the line on purpose, see [splitter.breaks].
//
// The rules are our own and not those of Unicode Standard Annex 29, because
// that part leaves open what matters here: it breaks after "Mr.", "No." and
// "12.", and at every line break, so each of its breaks would have to be judged
// again. Measured side by side on 8 MB of UN speeches, rivo/uniseg cuts 24 MB a
// second and clipperhouse/uax29 88 MB, before any such judgement; this scanner,
// which looks closely only at the few bytes that can end a sentence, cuts 220.
func Sentences(text string) []Span { return AppendSentences(nil, text) }

// AppendSentences appends the sentences of the text to dst and returns it. It
// takes time linear in the text, whatever the text, and allocates nothing but
// room in dst.
func AppendSentences(dst []Span, text string) []Span {
	s := splitter{text: text, spans: dst}
	s.cut(0)
	for i := 0; i < len(text); {
		switch b := text[i]; {
		case b < 0x40 && asciiMarks>>b&1 != 0, b >= 0xC0 && leadMarks>>(b-0xC0)&1 != 0:
			i = s.mark(i)
		default:
			i++
		}
	}
	s.cut(len(text))
	return s.spans
}

const (
	// asciiMarks has a bit for each byte below 0x40 that can end a sentence.
	asciiMarks uint64 = 1<<'\n' | 1<<'\v' | 1<<'\f' | 1<<'\r' | 1<<'!' | 1<<'.' | 1<<';' | 1<<'?'
	// leadMarks has a bit for each byte from 0xC0 that begins a character which
	// can: next line, Armenian, Arabic, Urdu, danda, Ethiopic and Khmer, general
	// punctuation, Chinese, full-width forms.
	leadMarks uint64 = 1<<(0xC2-0xC0) | 1<<(0xD6-0xC0) | 1<<(0xD8-0xC0) | 1<<(0xDB-0xC0) |
		1<<(0xE0-0xC0) | 1<<(0xE1-0xC0) | 1<<(0xE2-0xC0) | 1<<(0xE3-0xC0) | 1<<(0xEF-0xC0)
	// longest is how many bytes of a word are looked at: more than any
	// abbreviation has. It bounds the work at each mark.
	longest = 24
)

// endMarks are the kinds of characters found where a sentence may end.
type endMarks uint8

const (
	plainStop endMarks = 1 << iota // one full stop
	strongEnd                      // ! ? ؟ ۔
	dotted                         // … or several full stops
	wideEnd                        // 。！？ and others that need no space after them
	lineEnd
	pageEnd // form feed, paragraph separator
	listEnd // a semicolon
	titleEnd
)

// endMarkOf returns what the character is where sentences end, or 0.
func endMarkOf(r rune) endMarks {
	switch r {
	case '.':
		return plainStop
	case '!', '?', '؟', '۔', '‼', '⁇', '⁈', '⁉':
		return strongEnd
	case '…':
		return dotted
	case '。', '！', '？', '；', '．', '｡', '।', '॥', '։', '።', '។':
		return wideEnd
	case '\n', '\v', '\r', '\u0085', '\u2028':
		return lineEnd
	case '\f', '\u2029':
		return pageEnd
	case ';', '؛':
		return listEnd
	}
	return 0
}

// splitter cuts one text.
type splitter struct {
	text  string
	spans []Span
	from  int // where the open sentence begins, space before it left out

	spokenTo int  // how far the open sentence was searched for a letter
	isSpoken bool // whether one was found

	line     int // where the line begins
	block    int // where the lines without a blank one between them begin
	measured int // up to where width was measured
	width    int // characters of the longest line of the block
}

// cut ends the open sentence before to.
func (s *splitter) cut(to int) {
	if s.from < to {
		if end := s.from + len(strings.TrimRightFunc(s.text[s.from:to], unicode.IsSpace)); s.from < end {
			s.spans = append(s.spans, Span{s.from, end})
		}
	}
	s.from, _ = skipSpace(s.text, to)
	s.spokenTo, s.isSpoken = s.from, false
}

// spoken says whether the open sentence holds a letter or digit before i: what
// does not is a bullet, a rule or a leading ellipsis, and no sentence yet.
func (s *splitter) spoken(i int) bool {
	for !s.isSpoken && s.spokenTo < i {
		r, size := utf8.DecodeRuneInString(s.text[s.spokenTo:])
		s.isSpoken = unicode.IsLetter(r) || unicode.IsDigit(r)
		s.spokenTo += size
	}
	return s.isSpoken
}

// mark looks at the character at i, which may end a sentence, ends it where it
// does, and returns where to look on.
func (s *splitter) mark(i int) int {
	r, size := utf8.DecodeRuneInString(s.text[i:])
	switch m := endMarkOf(r); m {
	case 0:
		return i + size
	case lineEnd, pageEnd:
		return s.lineBreak(i)
	case listEnd:
		if next, spaced := skipSpace(s.text, i+size); spaced && itemFollows(s.text[next:]) {
			s.cut(i + size)
		}
		return i + size
	default:
		end, m := closingMarks(s.text, i+size, m)
		if s.ends(i, end, m) {
			s.cut(end)
		}
		return end
	}
}

// ends says whether the marks m, which stand in the bytes [i, end) with the
// quotes and brackets that close after them, end the open sentence.
func (s *splitter) ends(i, end int, m endMarks) bool {
	if !s.spoken(i) || end == len(s.text) {
		return false
	}
	if m&titleEnd != 0 {
		return false
	}
	if m&wideEnd != 0 {
		r, _ := utf8.DecodeRuneInString(s.text[end:])
		return !strings.ContainsRune("，、：,:", r)
	}
	next, spaced := skipSpace(s.text, end)
	if !spaced || next == len(s.text) {
		return false
	}
	if m == dotted && (s.text[i-1] == '[' || s.text[i-1] == '(') {
		return false // words left out, not a sentence trailing off
	}
	word, first := firstLetter(s.text, next)
	if unicode.IsLower(first) {
		return bracketedMarker(s.text[next:min(len(s.text), next+longest)]) > 0
	}
	return m&^plainStop != 0 || !s.abbreviated(i, word, first)
}

// closingMarks skips further end marks and what closes after them: quotes,
// brackets, the number of a footnote. It returns where they end and all marks
// met, of which several full stops are an ellipsis.
func closingMarks(text string, i int, met endMarks) (int, endMarks) {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		m := endMarkOf(r)
		switch {
		case m == plainStop && met == plainStop:
			met = dotted
		case m == plainStop && met&dotted != 0:
		case m&(plainStop|strongEnd|dotted|wideEnd) != 0:
			met |= m
		case r == '》' || r == '〉':
			met |= titleEnd // 《为什么？》 is a title
		case strings.ContainsRune("\"'”’»›)]」』）】〕｣¹²³", r):
		case (r == '“' || r == '‘') && met&wideEnd == 0: // German; in Chinese they open
		case r == '[' && footnoteMark(text[i:]) > 0:
			size = footnoteMark(text[i:])
		case r == ' ' || r == '\u00A0' || r == '\u202F':
			// French sets a space before the closing quote: « Non ! »
			quote := guillemet(text[i+size:])
			if quote == 0 {
				return i, met
			}
			size += quote
		default:
			return i, met
		}
		i += size
	}
	return i, met
}

// guillemet returns the length of a » that closes a quotation at the start of
// rest, else 0. In German a » opens, and the word follows it at once.
func guillemet(rest string) int {
	after, found := strings.CutPrefix(rest, "»")
	if r, _ := utf8.DecodeRuneInString(after); !found || unicode.IsLetter(r) || unicode.IsDigit(r) {
		return 0
	}
	return len("»")
}

// footnoteMark returns the length of "[12]" at the start of rest, else 0.
func footnoteMark(rest string) int {
	n := leadingDigits(rest[1:])
	if n > 0 && n < 4 && len(rest) > n+1 && rest[n+1] == ']' {
		return n + 2
	}
	return 0
}

// skipSpace returns the place of the first character from i on that is not
// space, and whether there was space.
func skipSpace(text string, i int) (int, bool) {
	from := i
	for i < len(text) {
		b := text[i]
		if b == ' ' || b >= '\t' && b <= '\r' {
			i++
			continue
		}
		if b < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsSpace(r) {
			break
		}
		i += size
	}
	return i, i > from
}

// firstLetter returns the first character of the words at i and its place:
// opening quotes, brackets and dashes do not count, up to eight of them.
func firstLetter(text string, i int) (int, rune) {
	for range 8 {
		r, size := utf8.DecodeRuneInString(text[i:])
		if i == len(text) || !unicode.IsSpace(r) && !strings.ContainsRune("\"'“‘„‚«»‹([{¿¡-–—―•*…\u2066\u2067\u200E\u200F", r) {
			return i, r
		}
		i += size
	}
	return i, utf8.RuneError
}

// lineBreak looks at the line break at i and returns where the next line with
// words begins.
func (s *splitter) lineBreak(i int) int {
	breaks, next := 0, i
	for next < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[next:])
		if !unicode.IsSpace(r) {
			break
		}
		switch {
		case r == '\r' && strings.HasPrefix(s.text[next+1:], "\n"): // counted once, at the \n
		case endMarkOf(r) == lineEnd:
			breaks++
		case endMarkOf(r) == pageEnd:
			breaks += 2
		}
		next += size
	}
	switch {
	case breaks > 1:
		s.cut(i)
		s.block, s.measured = next, 0
	case s.breaks(i, next):
		s.cut(i)
	}
	s.line = next
	return next
}

// breaks says whether the single line break at i, with the next line's words at
// next, ends the open sentence. An item's bullet or number on the next line
// does. Otherwise the break must have been made on purpose, as after a heading
// or a line of verse: where a text is only wrapped, a line is broken because the
// next word would not fit, so a line that had room for it was ended by its
// writer. A small letter continues the sentence all the same, except after ";"
// or ":".
func (s *splitter) breaks(i, next int) bool {
	if next == len(s.text) || !s.spoken(i) {
		return false
	}
	line := strings.TrimRightFunc(s.text[s.line:i], unicode.IsSpace)
	last, _ := utf8.DecodeLastRuneInString(line)
	if last == '.' || last == '-' || last == '\u00AD' {
		return false // judged already: an abbreviation; or a word parted by the line's end
	}
	rest := s.text[next:]
	if beginsBullet(rest) || itemMarker(rest) > 0 {
		return true
	}
	_, first := firstLetter(s.text, next)
	small := unicode.IsLower(first)
	switch announced := strings.ContainsRune(";:؛；：", last); {
	case beginsDash(rest):
		return announced || last == ',' || !small || beginsDash(line) || s.fits(line, next)
	case announced && !small && last != ':':
		return true
	case small && !announced:
		return false
	}
	return s.fits(line, next)
}

// fits says whether the first word of the line at next would have had room on
// the line before it.
func (s *splitter) fits(line string, next int) bool {
	if s.measured <= next {
		s.measure()
		s.measured = max(s.measured, next+1)
	}
	length := utf8.RuneCountInString(line)
	first, _ := utf8.DecodeRuneInString(s.text[next:])
	if unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana) {
		return length*4 < s.width*3 // any character may begin a line
	}
	room := s.width - length - 1
	for _, r := range s.text[next:] {
		if unicode.IsSpace(r) {
			break
		}
		if room--; room < 0 {
			return false
		}
	}
	return true
}

// measure finds the longest line from the block's first to the next blank one.
func (s *splitter) measure() {
	s.width = 0
	i, length, words := s.block, 0, 0
	for i < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		m := endMarkOf(r)
		switch {
		case m == lineEnd || m == pageEnd:
			if r == '\r' && strings.HasPrefix(s.text[i+1:], "\n") {
				break
			}
			if words == 0 || m == pageEnd {
				s.measured = i + size
				return
			}
			s.width = max(s.width, words)
			length, words = 0, 0
		case unicode.IsSpace(r):
			length++
		default:
			length++
			words = length
		}
		i += size
	}
	s.width = max(s.width, words)
	s.measured = i + 1
}
