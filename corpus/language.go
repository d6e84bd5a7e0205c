package corpus

import (
	"unicode"
	"unicode/utf8"
)

// Where the language of a document was found.
const (
	// LanguageFromHeader means that the header or the line names it.
	LanguageFromHeader = "header"
	// LanguageDetected means that it was found by [Detect].
	LanguageDetected = "detected"
	// LanguageUnknown means that it is not known.
	LanguageUnknown = "none"
)

// undetermined is the BCP 47 tag of a language that is not known.
const undetermined = "und"

const (
	// sampled is how many bytes are read of each of three places of a long text.
	// More changed nothing on the measured sets.
	sampled = 160
	// sure is by how much evidence a language must lead to be taken as certain.
	sure = 6
)

// Detect returns the language of a text as a BCP 47 tag, "und" where it cannot
// tell. The script decides first; among languages in Latin letters it knows
// English, French, Spanish, German, Portuguese and Italian by their small
// words, endings and letters, and says "und" of others.
//
// It reads at most three samples of a long text, because every passage of a
// million goes through it. Measured on 3,000 sentences of XQuAD and UN speeches,
// 129 bytes in the mean: whatlanggo, told of nine languages, took 109 µs each and
// was right for 97 % of the German and Spanish ones; lingua-go took 314 µs, 159 MB
// and half a second to start, and was right for 99 %. This takes one µs and was
// right for 99 %, so that no library is needed.
func Detect(text string) string {
	tag, _ := detect(text)
	return tag
}

// detect returns the language and whether the evidence leaves no doubt.
func detect(text string) (tag string, certain bool) {
	var e evidence
	if len(text) <= 3*sampled {
		e.read(text)
	} else {
		for _, at := range [...]int{0, len(text)/2 - sampled/2, len(text) - sampled} {
			e.read(window(text, at))
		}
	}
	return e.language()
}

// glance returns the language of a text's first words: enough to see that a
// passage is in the language of those before it.
func glance(text string) string {
	var e evidence
	e.read(window(text, 0))
	tag, _ := e.language()
	return tag
}

// window returns about as many bytes as are sampled from at on, in whole
// words or at least whole characters.
func window(text string, at int) string {
	part := text[at:min(at+sampled, len(text))]
	for len(part) > 0 && !utf8.RuneStart(part[0]) {
		part = part[1:]
	}
	if at == 0 {
		return part
	}
	for i := range min(len(part), 32) {
		if part[i] == ' ' {
			return part[i:]
		}
	}
	return part
}

// evidence is what a text shows of its language.
type evidence struct {
	latin   votes // of the words in Latin letters
	letters [scripts]int
	foreign [scripts]rune // a letter that only some languages of the script have
}

// script is a writing system that tells languages apart.
type script uint8

const (
	latinScript script = iota
	cyrillicScript
	arabicScript
	hanScript
	kanaScript
	otherScript
	scripts
)

// read counts the letters of the text by script and lets its Latin words vote.
func (e *evidence) read(text string) {
	var buf [maxWord + utf8.UTFMax]byte
	word, long := buf[:0], false
	for i := 0; i < len(text); {
		b := text[i]
		if b < utf8.RuneSelf {
			i++
			if lower := b | 0x20; lower >= 'a' && lower <= 'z' {
				e.letters[latinScript]++
				if len(word) < maxWord {
					word = append(word, lower)
				} else {
					long = true
				}
				continue
			}
			if len(word) > 0 {
				e.vote(word, long, b == '\'')
				word, long = buf[:0], false
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch s := scriptOf(r); {
		case s == latinScript:
			e.letters[latinScript]++
			r = unicode.ToLower(r)
			e.latin += votesOfLetter(r)
			if len(word) < maxWord {
				word = utf8.AppendRune(word, r)
			} else {
				long = true
			}
			continue
		case s < scripts:
			e.letters[s]++
			if e.foreign[s] == 0 && tells(s, r) {
				e.foreign[s] = r
			}
		case r == '¿' || r == '¡':
			e.latin += 4 * spanish
		}
		if len(word) > 0 {
			e.vote(word, long, r == '’')
			word, long = buf[:0], false
		}
	}
	if len(word) > 0 && !long {
		e.vote(word, long, false)
	}
}

// vote adds what a word in small letters says. elided says that an apostrophe
// follows it.
func (e *evidence) vote(word []byte, long, elided bool) {
	if e.latin&ballotFull != 0 {
		return // one of the languages leads by far
	}
	if elided {
		e.latin += votesOfElision(word)
		return
	}
	if !long {
		if v := votesOfWord(word); v != 0 {
			e.latin += v
			return
		}
	}
	e.latin += votesOfEnding(word, long)
}

// language weighs the evidence.
func (e *evidence) language() (tag string, certain bool) {
	// A Chinese character is worth about three letters of an alphabet.
	e.letters[hanScript] *= 3
	e.letters[kanaScript] *= 3
	if e.letters[kanaScript] > 0 && e.letters[kanaScript]*8 > e.letters[hanScript] {
		e.letters[kanaScript] += e.letters[hanScript]
	}
	best := latinScript
	for s := range scripts {
		if e.letters[s] > e.letters[best] {
			best = s
		}
	}
	switch {
	case e.letters[best] == 0:
		return undetermined, false
	case best != latinScript:
		return tagOf(best, e.foreign[best]), true
	}
	return e.latin.winner()
}

// scriptOf returns the script of a letter; scripts for what is none.
func scriptOf(r rune) script {
	switch {
	case r >= 0xC0 && r < 0x250 && r != 0xD7 && r != 0xF7, r >= 0x1E00 && r < 0x1F00:
		return latinScript
	case r >= 0x400 && r < 0x530:
		return cyrillicScript
	case r >= 0x620 && r < 0x64B, r >= 0x66E && r < 0x6D4, r >= 0x750 && r < 0x780, r >= 0xFB50 && r < 0xFDD0, r >= 0xFE70 && r < 0xFEFD:
		return arabicScript
	case r >= 0x4E00 && r < 0xA000, r >= 0x3400 && r < 0x4DC0, r >= 0x20000 && r < 0x32000:
		return hanScript
	case r >= 0x3041 && r < 0x3100, r >= 0xFF66 && r < 0xFF9E:
		return kanaScript
	case r < 0x370, !unicode.IsLetter(r):
		return scripts
	default:
		return otherScript
	}
}

// tells says whether a letter tells a language from the commonest of its script.
func tells(s script, r rune) bool {
	return s == otherScript || tagOf(s, r) != tagOf(s, 0)
}

// tagOf returns the language of a script in which the letter was met; a letter
// of 0 is one that all languages of the script have.
func tagOf(s script, r rune) string {
	switch s {
	case cyrillicScript:
		switch r {
		case 'і', 'ї', 'є', 'ґ', 'І', 'Ї', 'Є', 'Ґ':
			return "uk"
		case 'ў', 'Ў':
			return "be"
		case 'ђ', 'ј', 'љ', 'њ', 'ћ', 'џ', 'Ђ', 'Ј', 'Љ', 'Њ', 'Ћ', 'Џ':
			return "sr"
		case 'қ', 'ғ', 'ұ', 'ә', 'ң', 'ө', 'ү', 'һ', 'Қ', 'Ғ', 'Ұ', 'Ә', 'Ң', 'Ө', 'Ү', 'Һ':
			return undetermined
		}
		return "ru"
	case arabicScript:
		switch r {
		case 'پ', 'چ', 'ژ', 'گ', 'ک', 'ی':
			return "fa"
		case 'ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ہ', 'ھ':
			return "ur"
		}
		return "ar"
	case hanScript:
		return "zh"
	case kanaScript:
		return "ja"
	case otherScript:
		return tagOfOther(r)
	default:
		return undetermined
	}
}

// tagOfOther returns the language of a script that one language, or one far
// before others, is written in.
func tagOfOther(r rune) string {
	for _, known := range [...]struct {
		from, to rune
		tag      string
	}{
		{0x370, 0x3FF, "el"},
		{0x530, 0x58F, "hy"},
		{0x590, 0x5FF, "he"},
		{0x900, 0x97F, "hi"},
		{0x980, 0x9FF, "bn"},
		{0xA00, 0xA7F, "pa"},
		{0xA80, 0xAFF, "gu"},
		{0xB80, 0xBFF, "ta"},
		{0xC00, 0xC7F, "te"},
		{0xC80, 0xCFF, "kn"},
		{0xD00, 0xD7F, "ml"},
		{0xD80, 0xDFF, "si"},
		{0xE00, 0xE7F, "th"},
		{0xE80, 0xEFF, "lo"},
		{0xF00, 0xFFF, "bo"},
		{0x1000, 0x109F, "my"},
		{0x10A0, 0x10FF, "ka"},
		{0x1100, 0x11FF, "ko"},
		{0xAC00, 0xD7AF, "ko"},
		{0x1200, 0x137F, "am"},
		{0x1780, 0x17FF, "km"},
	} {
		if r >= known.from && r <= known.to {
			return known.tag
		}
	}
	return undetermined
}
