package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviated says whether the full stop at i is part of the word before it and
// ends no sentence, given the next word's place and first letter, which is no
// small one.
func (s *splitter) abbreviated(i, next int, first rune) bool {
	start, known := s.wordBefore(i)
	if !known {
		return false
	}
	word := s.text[start:i]
	if i-s.from <= longest && paragraphNumber(strings.TrimLeft(s.text[s.from:i], "([“\"«")) {
		return true
	}
	if n := leadingDigits(word); n == len(word) {
		return n > 0 && n < 3 && germanOrdinal(wordAt(s.text, next))
	}
	switch abbreviationKindOf(word) {
	case alwaysAbbreviation:
		return true
	case beforeNumber:
		return numberLike(s.text[next:], first, word)
	case unlessSentence:
		return !opensSentence(wordAt(s.text, next))
	case initialLetter:
		return !opensAfterInitial(wordAt(s.text, next))
	default:
		return false
	}
}

// wordBefore returns where the word before i begins; known is false for one
// longer than any abbreviation.
func (s *splitter) wordBefore(i int) (start int, known bool) {
	for start = i; start > s.from; {
		r, size := utf8.DecodeLastRuneInString(s.text[s.from:start])
		if unicode.IsSpace(r) || strings.ContainsRune("(['\"“”‘’«»„/,;:–—", r) {
			return start, start < i
		}
		if start -= size; i-start > longest {
			return start, false
		}
	}
	return start, start < i
}

// abbreviationKind says how an abbreviation's full stop is read.
type abbreviationKind uint8

const (
	noAbbreviation     abbreviationKind = iota // no abbreviation
	alwaysAbbreviation                         // never ends a sentence: a name or an example follows
	beforeNumber                               // does not before a number: "art. 5"
	unlessSentence                             // does where the next word plainly opens one: "at 10 a.m. The"
	initialLetter                              // one capital letter
)

// abbreviationKindOf looks a word up. The lists are in code, not in a file,
// because a switch on strings needs neither start-up nor memory.
func abbreviationKindOf(w string) abbreviationKind {
	var buf [2 * longest]byte
	lower := buf[:0]
	letters, dots, single := 0, 0, true
	for _, r := range w {
		switch {
		case r == '.':
			dots++
		case unicode.IsLetter(r):
			letters++
		default:
			single = false
		}
		lower = utf8.AppendRune(lower, unicode.ToLower(r))
	}
	r, _ := utf8.DecodeRuneInString(w)
	switch {
	case !single && listedAbbreviation(string(lower)) == noAbbreviation:
		return noAbbreviation // "1990s", "G-8"
	case letters == 1 && dots == 0 && unicode.IsUpper(r) && r != 'M' && r != 'Г':
		return initialLetter
	case letters == 1 && dots == 0 && !unicode.IsLower(r) && !unicode.IsUpper(r) && !unicode.Is(unicode.Han, r):
		return alwaysAbbreviation // د. محمد
	}
	if w == "M" || w == "MM" {
		return alwaysAbbreviation // French; in small letters they are measures
	}
	if k := listedAbbreviation(string(lower)); k != noAbbreviation {
		return k
	}
	if at := strings.LastIndexByte(w, '.'); at > 0 && listedAbbreviation(string(lower[:strings.IndexByte(string(lower), '.')])) == alwaysAbbreviation {
		return abbreviationKindOf(w[at+1:]) // "Rev.Dr"
	}
	if w == "т.д" || w == "т.п" {
		return noAbbreviation // "and so on" ends many a sentence
	}
	if single && (letters == 1 || dots > 0 && letters == dots+1) {
		return unlessSentence // "U.S", "н.э", "m"
	}
	return noAbbreviation
}

// listedAbbreviation returns the kind of an abbreviation in small letters,
// without its last full stop.
func listedAbbreviation(lower string) abbreviationKind {
	switch lower {
	// English
	case "mr", "mrs", "ms", "messrs", "dr", "drs", "prof", "amb", "gen", "col", "lt", "sgt", "capt", "cmdr",
		"rev", "hon", "sen", "gov", "st", "h.e", "h.r.h", "h.m", "rt", "cf", "viz", "i.a", "i.e", "e.g", "eg", "ie", "vs", "v", "approx", "resp", "incl":
		return alwaysAbbreviation
	case "no", "nos", "art", "arts", "para", "paras", "par", "vol", "vols", "p", "pp", "ch", "chap", "sec", "sect", "secs",
		"fig", "figs", "res", "doc", "add", "corr", "suppl", "supp", "app", "ed", "eds", "op", "sess", "mtg", "ser", "pt", "cl", "jan", "feb", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec":
		return beforeNumber
	case "al", "a.m", "p.m", "u.s", "u.n", "u.k", "u.s.a", "inc", "ltd", "co", "corp", "jr", "ph.d", "dept", "govt", "ibid", "loc", "cit":
		return unlessSentence
	// French
	case "mme", "mmes", "mlle", "mlles", "mgr", "s.e", "s.exc", "p.ex", "ex", "env", "c.-à-d", "c.à.d":
		return alwaysAbbreviation
	case "n", "n°", "nº", "rés", "déc", "janv", "févr", "juill", "av", "alin":
		return beforeNumber
	// Spanish
	case "sr", "sra", "srta", "sres", "sras", "dra", "excmo", "excma", "lic", "ing", "ee", "dña", "ud", "uds", "vd", "p.ej", "ej", "aprox", "s.m":
		return alwaysAbbreviation
	case "núm", "núms", "num", "nro", "párr", "párrs", "pár", "apdo", "cap", "caps", "pág", "págs", "secc", "t":
		return beforeNumber
	case "uu", "ee.uu":
		return unlessSentence
	// Russian
	case "г-н", "г-жа", "гг-да", "г-на", "г-ну", "г-ном", "г-же", "г-жи", "г-жу", "проф", "акад", "им", "т.е", "т.н", "т.к", "т.о", "т.ч", "напр", "см", "ср",
		"е", "ул", "св", "доц", "ген", "полк", "и.о", "е.п", "е.в", "англ", "фр", "исп", "лат", "рус", "кит", "араб":
		return alwaysAbbreviation
	case "ст", "ст.ст", "п", "пп", "п.п", "д", "подп", "рис", "гл", "ч", "т", "тт", "стр", "с", "сс", "разд", "табл", "абз", "рез", "док", "доп", "прил", "№", "кн", "вып":
		return beforeNumber
	case "г", "гг", "в", "вв", "н.э", "тыс", "млн", "млрд", "руб", "долл", "кв", "р", "ок":
		return unlessSentence
	// German and Portuguese, as far as a letter needs them
	case "z.b", "bzw", "fr", "u.a", "d.h", "ca", "vgl", "sog", "exmo", "exma", "srª":
		return alwaysAbbreviation
	case "nr", "abs", "bd", "kap", "ziff", "s":
		return beforeNumber
	}
	return noAbbreviation
}

// numberLike says whether a number follows: in figures, in Roman figures, or a
// single letter. "No. I disagree" is an answer and not number one.
func numberLike(rest string, first rune, abbreviation string) bool {
	if unicode.IsDigit(first) || first == '№' {
		return true
	}
	w := wordAt(rest, 0)
	if w == "" || w == "I" && strings.EqualFold(abbreviation, "no") || w == "A" {
		return false
	}
	_, size := utf8.DecodeRuneInString(w)
	return isRoman(w) || size == len(w) && unicode.IsUpper(first) && !opensSentence(w)
}

// wordAt returns the letters at i; empty where they are more than an
// abbreviation has, or where a full stop makes them an initial.
func wordAt(text string, i int) string {
	for end, r := range text[i:min(len(text), i+longest)] {
		if !unicode.IsLetter(r) {
			if r == '.' || r == '-' {
				return ""
			}
			return text[i : i+end]
		}
	}
	if len(text)-i < longest {
		return text[i:]
	}
	return ""
}

// paragraphNumber says whether the text, which stands before a full stop at the
// start of a sentence, is the number of a paragraph or heading: "12", "3.1",
// "12 bis", "IV", "B".
func paragraphNumber(text string) bool {
	number, suffix, _ := strings.Cut(text, " ")
	if suffix != "" && !slices.Contains([]string{"bis", "ter", "quater", "quinquies", "sexies"}, suffix) {
		return false
	}
	if r, size := utf8.DecodeRuneInString(number); size == len(number) && unicode.IsLetter(r) {
		return unicode.IsUpper(r) || unicode.IsLower(r)
	}
	if isRoman(number) || number == "№" {
		return true
	}
	for part := range strings.SplitSeq(number, ".") {
		if n := leadingDigits(part); n == 0 || n > 3 || n < len(part) {
			return false
		}
	}
	return true
}

// itemMarker returns the length of the number of a list's item at the start of
// the text, with space after it: "(a)", "iv)", "(12)", "12.", "12 bis.", "B.",
// "一、"; else 0. A number with a full stop counts where no small letter follows.
func itemMarker(text string) int {
	head := text[:min(len(text), 2*longest)]
	if n := bracketedMarker(head); n > 0 {
		return n
	}
	if r, size := utf8.DecodeRuneInString(head); strings.ContainsRune("一二三四五六七八九十", r) {
		if n := strings.Index(head, "、"); n > 0 && n <= 3*size {
			return n + len("、")
		}
	}
	at := strings.IndexByte(head, '.')
	if at <= 0 || !paragraphNumber(head[:at]) {
		return 0
	}
	next, spaced := skipSpace(text, at+1)
	if _, first := firstLetter(text, next); !spaced || unicode.IsLower(first) {
		return 0
	}
	return at + 1
}

// bracketedMarker returns the length of "(a)", "a)", "(iv)", "12)" at the start of
// the text, where space follows; else 0.
func bracketedMarker(head string) int {
	at := strings.IndexAny(head, ")）")
	if at <= 0 {
		return 0
	}
	inner := strings.TrimLeft(head[:at], "(（")
	_, one := utf8.DecodeRuneInString(inner)
	if inner == "" || one < len(inner) && leadingDigits(inner) < len(inner) && !isRoman(inner) && strings.Trim(inner, "ivx") != "" || leadingDigits(inner) > 3 {
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(inner); !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return 0
	}
	_, size := utf8.DecodeRuneInString(head[at:])
	if r, _ := utf8.DecodeRuneInString(head[at+size:]); size == 1 && !unicode.IsSpace(r) {
		return 0
	}
	return at + size
}

// itemFollows says whether an item in brackets stands at the start of the text,
// a joining word of up to three letters aside: "and (b)".
func itemFollows(text string) bool {
	head := text[:min(len(text), 2*longest)]
	if bracketedMarker(head) > 0 {
		return true
	}
	first, rest, _ := strings.Cut(head, " ")
	return utf8.RuneCountInString(first) <= 3 && !strings.ContainsAny(first, "()") && strings.HasPrefix(rest, "(") && bracketedMarker(rest) > 0
}

// beginsBullet says whether the line begins with a sign that stands for nothing else.
func beginsBullet(line string) bool {
	r, size := utf8.DecodeRuneInString(line)
	after, _ := utf8.DecodeRuneInString(line[size:])
	return strings.ContainsRune("•‣◦▪●○■□*·➢✓", r) && (unicode.IsSpace(after) || r != '*' && r != '·')
}

// beginsDash says whether the line begins with a dash and space.
func beginsDash(line string) bool {
	r, size := utf8.DecodeRuneInString(line)
	after, _ := utf8.DecodeRuneInString(line[size:])
	return strings.ContainsRune("-–—―−", r) && unicode.IsSpace(after)
}

// leadingDigits returns how many ASCII digits the text begins with.
func leadingDigits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// isRoman says whether the text is a Roman number in capitals, up to eight long.
func isRoman(text string) bool {
	return text != "" && len(text) <= 8 && strings.Trim(text, "IVXLC") == ""
}

// germanOrdinal says whether a word makes the number before it an ordinal:
// German writes "12. April".
func germanOrdinal(next string) bool {
	switch next {
	case "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
		"Jahrhundert", "Jahrhunderts", "Sitzung", "Tagung", "Plenarsitzung":
		return true
	}
	return false
}

// opensAfterInitial says whether a word opens a sentence even after a single
// capital letter, as in "annex A. The". Articles that are parts of names do not.
func opensAfterInitial(next string) bool {
	switch next {
	case "Le", "La", "Les", "El", "Los", "Las", "De", "Al", "Da", "Di", "Die", "Des", "Du", "Dos", "Do", "Se", "So", "No", "I", "A", "И", "А", "В", "С", "О", "У":
		return false
	}
	return opensSentence(next)
}

// opensSentence says whether a capitalised word plainly opens a sentence, being
// no part of a name: articles, pronouns, prepositions, joining words.
func opensSentence(next string) bool {
	switch next {
	case "The", "This", "That", "These", "Those", "It", "Its", "We", "Our", "He", "She", "His", "Her", "They", "Their", "There", "I", "You",
		"A", "An", "In", "On", "At", "By", "For", "From", "To", "With", "Without", "Under", "After", "Before", "During", "Since", "As", "If", "When", "While",
		"Where", "What", "Who", "Why", "How", "However", "But", "And", "Or", "Nor", "Yet", "So", "Also", "Moreover", "Furthermore", "Therefore", "Thus",
		"Although", "Because", "Many", "Some", "Most", "All", "Each", "Both", "Such", "Then", "Thank", "Let", "Several", "Another", "Other", "One", "Is", "Are", "Not", "No":
		return true
	case "Le", "La", "Les", "L", "Un", "Une", "Ce", "Cet", "Cette", "Ces", "C", "Il", "Elle", "Ils", "Elles", "Nous", "Vous", "Dans", "Pour", "Par",
		"Mais", "Et", "Cela", "À", "Au", "Aux", "Son", "Sa", "Ses", "De", "Des", "D", "Du", "Toutefois", "Cependant", "Ainsi", "Après", "Avant", "Lors", "Si", "Sur", "Selon", "En":
		return true
	case "El", "Los", "Las", "Lo", "Una", "Unos", "Este", "Esta", "Estos", "Estas", "Esto", "Ese", "Esa", "Es", "Por", "Para", "Con", "Sin", "Se", "Su", "Sus",
		"Al", "Del", "Como", "Cuando", "Pero", "Y", "Además", "Asimismo", "También", "Nosotros", "Nuestro", "Nuestra", "Ellos", "Ella", "Tras", "Durante", "Según", "Hay":
		return true
	case "Это", "Этот", "Эта", "Эти", "Этого", "Он", "Она", "Оно", "Они", "Мы", "Вы", "Я", "В", "Во", "На", "По", "С", "Со", "К", "О", "Об", "От", "До", "Из", "За", "Для", "При",
		"После", "Перед", "Но", "И", "А", "Или", "Однако", "Кроме", "Так", "Также", "Таким", "Такой", "Такие", "Поэтому", "Как", "Если", "Когда", "Что", "Наш", "Наша", "Наши",
		"Их", "Его", "Её", "Ее", "У", "Все", "Под", "Без", "Между", "Тем", "Там", "Тогда", "Не", "Нет":
		return true
	case "Der", "Die", "Das", "Ein", "Eine", "Er", "Sie", "Wir", "Im", "Am", "Auf", "Mit", "Für", "Von", "Zu", "Und", "Aber", "Wenn", "Nach", "Dies", "Diese", "O", "Os", "Um", "Uma", "Não", "E", "Em", "Nos":
		return true
	}
	return false
}
