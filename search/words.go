package search

import (
	_ "embed" // the word lists
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lists of words whose change changes the meaning: in each, one line a
// language, "en: word word=value …"; lines that start with # are comments.
var (
	//go:embed words_negation.txt
	wordsNegation string
	//go:embed words_modal.txt
	wordsModal string
	//go:embed words_number.txt
	wordsNumber string
	//go:embed words_date.txt
	wordsDate string
	//go:embed words_name.txt
	wordsName string
)

// Kinds of change that carry meaning.
const (
	alarmNegation = "negation"
	alarmModal    = "modal"
	alarmNumber   = "number"
	alarmDate     = "date"
	alarmName     = "name"
)

// mark is what a word says that must not be changed unnoticed: of what kind it
// is, and what it stands for, the same for two ways to write the same thing.
type mark struct{ kind, value string }

// lexicon finds the marks of words by the form of comparison. Words of scripts
// without spaces are several units; longest is the most units of one.
type lexicon struct {
	marks   map[string][]mark
	longest int
}

// newLexicon reads the word lists: for a text in one of the six languages its
// own lines alone, for "sin" and "once" are words of two languages; for others,
// all of them.
func newLexicon(language string) *lexicon {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	listed := strings.Contains(" en fr es ru ar zh ", " "+base+" ")
	x := &lexicon{marks: make(map[string][]mark, 256), longest: 1}
	for _, list := range []struct{ kind, lines string }{
		{alarmNegation, wordsNegation},
		{alarmModal, wordsModal},
		{alarmNumber, wordsNumber},
		{alarmDate, wordsDate},
		{alarmName, wordsName},
	} {
		for line := range strings.Lines(list.lines) {
			of, words, found := strings.Cut(line, ": ")
			if !found || strings.HasPrefix(line, "#") || (listed && of != base) {
				continue
			}
			for entry := range strings.FieldsSeq(words) {
				word, value, given := strings.Cut(entry, "=")
				form := string(fold(nil, word))
				if !given {
					value = form
				}
				if list.kind == alarmNegation {
					value = "not"
				}
				x.marks[form] = append(x.marks[form], mark{list.kind, value})
				if of == "zh" {
					x.longest = max(x.longest, utf8.RuneCountInString(form))
				}
			}
		}
	}
	return x
}

// of returns the marks of one word: those listed, those of its contracted parts
// and, for Arabic, those of the word without its prefixes.
func (x *lexicon) of(form string) []mark {
	if found := x.marks[form]; len(found) > 0 {
		return found
	}
	if verb, found := strings.CutSuffix(form, "n't"); found {
		switch verb {
		case "ca":
			verb = "can"
		case "wo":
			verb = "will"
		case "sha":
			verb = "shall"
		}
		return append([]mark{{alarmNegation, "not"}}, x.marks[verb]...)
	}
	if strings.HasSuffix(form, "'ll") {
		return []mark{{alarmModal, "will"}}
	}
	if r, _ := utf8.DecodeRuneInString(form); unicode.Is(unicode.Arabic, r) {
		return x.ofArabic(form)
	}
	return nil
}

// ofArabic strips the prefixes that Arabic writes as part of the next word:
// "and", "so", "with", "to", "as" and the article.
func (x *lexicon) ofArabic(form string) []mark {
	const article = "ال"
	for range 2 {
		_, size := utf8.DecodeRuneInString(form)
		switch {
		case strings.HasPrefix(form, "لل"):
			if found := x.marks[article+form[2*size:]]; len(found) > 0 {
				return found
			}
			form = form[size:]
		case strings.ContainsRune("وفبلك", firstRune(form)):
			form = form[size:]
		case strings.HasPrefix(form, article):
			form = form[len(article):]
		default:
			return nil
		}
		if found := x.marks[form]; len(found) > 0 {
			return found
		}
		if found := x.marks[article+form]; len(found) > 0 {
			return found
		}
	}
	return nil
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// negatedBy says whether one of two words is the other, denied by a prefix or
// an ending: "acceptable" and "unacceptable", "harmful" and "harmless".
func negatedBy(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if utf8.RuneCountInString(a) >= 4 {
		if prefix, found := strings.CutSuffix(b, a); found {
			switch prefix {
			case "un", "in", "im", "ir", "il", "dis", "non", "dés", "des", "не", "без", "бес", "анти", "anti":
				return true
			}
		}
	}
	stem, full := strings.CutSuffix(a, "ful")
	other, less := strings.CutSuffix(b, "less")
	return full && less && stem == other
}
