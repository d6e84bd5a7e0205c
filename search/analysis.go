package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
)

// Token is one word of a text.
type Token struct {
	// From and To are the byte offsets of the word.
	From, To int
	// Word is the word in lower case, without a possessive 's.
	Word string
	// Stem is the stem under which the word is indexed.
	Stem string
}

// Tokens cuts a text into words and stems them by the language, a BCP 47 tag;
// English where it is empty. Hyphens part words; apostrophes within a word and
// full stops within an abbreviation do not.
func Tokens(text, language string) []Token {
	stem := stemmer(language)
	env := snowballstem.NewEnv("")
	var out []Token
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !wordRune(r) {
			i += size
			continue
		}
		from := i
		for i < len(text) {
			r, size = utf8.DecodeRuneInString(text[i:])
			if wordRune(r) || (inWord(r) && nextIsWord(text[i+size:])) {
				i += size
				continue
			}
			break
		}
		word := strings.ToLower(text[from:i])
		word = strings.NewReplacer("’", "'", "\u00ad", "", "\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "").Replace(word)
		word = strings.TrimSuffix(word, "'s")
		t := Token{From: from, To: i, Word: word, Stem: word}
		if stem != nil {
			env.SetCurrent(word)
			stem(env)
			t.Stem = env.Current()
		}
		out = append(out, t)
	}
	return out
}

func stemmer(language string) func(*snowballstem.Env) bool {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	switch base {
	case "", "en":
		return english.Stem
	case "fr":
		return french.Stem
	case "es":
		return spanish.Stem
	case "ru":
		return russian.Stem
	}
	return nil
}

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

// stopword says whether a word says nothing about the subject.
func stopword(word string) bool {
	switch word {
	case "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "about", "as", "into", "over", "under",
		"and", "or", "but", "not", "no", "nor", "so", "than", "then", "that", "this", "these", "those", "there", "here",
		"is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "done", "has", "have", "had", "having",
		"will", "would", "shall", "should", "can", "could", "may", "might", "must", "it", "its", "he", "she", "they", "them",
		"his", "her", "their", "we", "us", "our", "you", "your", "i", "me", "my", "who", "whom", "whose", "what", "which",
		"when", "where", "why", "how", "if", "any", "some", "such", "all", "also", "just", "very", "more", "most", "other",
		"please", "up", "out", "against", "between", "during", "while", "because", "only", "own", "same", "too", "s", "t":
		return true
	}
	return false
}

// scaffold says whether a word of a question is about the asking, not the
// subject: "What does the statement say about …".
func scaffold(word string) bool {
	switch word {
	case "say", "says", "said", "saying", "tell", "tells", "told", "state", "stated", "mention", "mentions", "mentioned",
		"describe", "describes", "described", "description", "speak", "speaks", "spoke", "spoken", "talk", "talked",
		"statement", "statements", "text", "document", "record", "according", "kind", "sort", "type", "position", "view",
		"views", "think", "thinks", "call", "calls", "called", "explain", "give", "given", "exactly", "regarding",
		"concerning", "mean", "means", "happen", "happened", "delegation", "speaker", "quote", "find", "show", "need",
		"want", "wants", "stand", "stands", "issue", "issues", "question", "questions", "year", "date", "first", "many",
		"much", "contain", "contains", "contained", "include", "includes", "included", "matter", "matters", "president", "mr", "mrs", "ms", "ambassador":
		return true
	}
	return false
}

// Sense is what a term stands for besides itself: a short form and its
// expansion, such as "IIS" and "international information security".
type Sense struct{ Short, Long string }
