package search

import (
	"unicode"
	"unicode/utf8"
)

// nextWord returns the next word of a text from byte i on: letters, digits and
// marks, with apostrophes and invisible characters allowed inside. Both results
// are len(text) where no word follows. plain says that the word holds small
// ASCII letters and digits only, so that it is its own form.
func nextWord(text string, i int) (from, to int, plain bool) {
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			if asciiClass[c] != notWord {
				break
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if wordRune(r) {
			break
		}
		i += size
	}
	from, plain = i, true
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			switch asciiClass[c] {
			case smallOrDigit:
				i++
				continue
			case capital:
				plain = false
				i++
				continue
			}
			if c == '\'' && nextIsWord(text[i+1:]) {
				plain = false
				i++
				continue
			}
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !wordRune(r) && (!inWord(r) || !nextIsWord(text[i+size:])) {
			break
		}
		plain = false
		i += size
	}
	return from, i, plain
}

// Classes of ASCII characters.
const (
	notWord = iota
	smallOrDigit
	capital
)

// asciiClass is the class of each ASCII character.
const asciiClass = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00" +
	"\x00\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x00\x00\x00\x00\x00" +
	"\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00"

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// inWord says whether r may stand between two parts of one word.
func inWord(r rune) bool {
	switch r {
	case '\'', '’', '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060':
		return true
	}
	return false
}

func nextIsWord(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return wordRune(r)
}

// appendForm appends the form of a word: in small letters, without a possessive
// 's, invisible characters and the vowel signs of Arabic, whose variants of alef
// are written as one.
func appendForm(buf []byte, word string) []byte {
	for i := 0; i < len(word); {
		c := word[i]
		if c < utf8.RuneSelf {
			if asciiClass[c] == capital {
				c += 'a' - 'A'
			}
			buf = append(buf, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(word[i:])
		i += size
		switch {
		case r == '’':
			buf = append(buf, '\'')
			continue
		case inWord(r), r == 'ـ', r >= 'ً' && r <= 'ْ':
			continue
		case r == 'أ', r == 'إ', r == 'آ':
			r = 'ا'
		case r == 'ى':
			r = 'ي'
		case r == 'ё', r == 'Ё':
			r = 'е'
		default:
			r = unicode.ToLower(r)
		}
		buf = utf8.AppendRune(buf, r)
	}
	if n := len(buf); n > 2 && buf[n-1] == 's' && buf[n-2] == '\'' {
		buf = buf[:n-2]
	}
	return buf
}
