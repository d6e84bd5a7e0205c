package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	snowballenglish "github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
)

// Token is one word of a text, or one of the pieces a word is indexed by.
type Token struct {
	// From and To are the byte offsets of the word.
	From, To int
	// Word is the word in lower case, without a possessive 's.
	Word string
	// Stem is the stem under which the word is indexed.
	Stem string
}

// Tokens cuts a text into words and stems them by the language, a BCP 47 tag;
// English where it is empty. Hyphens part words; apostrophes within a word do
// not. Where no stemmer is kept the stem is the word.
func Tokens(text, language string) []Token {
	a := analyserOf(language)
	var (
		out  []Token
		form []byte
	)
	for from, to, _ := nextWord(text, 0); from < len(text); from, to, _ = nextWord(text, to) {
		form = appendForm(form[:0], text[from:to])
		t := Token{From: from, To: to, Word: string(form)}
		t.Stem = a.stemmed(t.Word)
		out = append(out, t)
	}
	return out
}

// english is the language of the record where no other is named.
const english = "en"

// analyser knows how the words of one language become the terms of the index:
// by a Snowball stemmer for English, French, Spanish and Russian; Han by
// overlapping pairs of characters; every other language, Arabic too, by
// overlapping groups of four, which measured as well as a light stemmer or
// better.
type analyser struct {
	language string
	stem     func(*snowballstem.Env) bool
	env      *snowballstem.Env
	grams    bool
}

// analyserOf returns the analyser of a BCP 47 tag. It is for one goroutine.
func analyserOf(language string) *analyser {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	a := &analyser{language: base, env: snowballstem.NewEnv("")}
	switch base {
	case "", "en":
		a.language, a.stem = english, snowballenglish.Stem
	case "fr":
		a.stem = french.Stem
	case "es":
		a.stem = spanish.Stem
	case "ru":
		a.stem = russian.Stem
	default:
		a.grams = true
	}
	return a
}

func (a *analyser) stemmed(form string) string {
	if a.stem == nil || len(form) > longestWord {
		return form
	}
	if a.language == english {
		form = oneSpelling(form)
	}
	a.env.SetCurrent(form)
	a.stem(a.env)
	return a.env.Current()
}

// longestWord is the length in bytes above which a word is taken as it is and
// its pieces are not indexed: it is no word of a language.
const longestWord = 256

// gramLength is the length of the pieces of words in languages without stemmer.
const gramLength = 4

// terms calls add with each term by which a form is indexed.
func (a *analyser) terms(form string, add func(term string)) {
	if !a.grams || len(form) > longestWord {
		add(a.stemmed(form))
		return
	}
	n := gramLength
	if r, _ := utf8.DecodeRuneInString(form); unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
		n = 2
	}
	count := utf8.RuneCountInString(form)
	if count <= n {
		add(form)
		return
	}
	from := 0
	for i := 0; i+n <= count; i++ {
		to := from
		for range n {
			_, size := utf8.DecodeRuneInString(form[to:])
			to += size
		}
		add(form[from:to])
		_, size := utf8.DecodeRuneInString(form[from:])
		from += size
	}
}
