package calendar

import (
	"cmp"
	_ "embed" // the words and phrases
	"slices"
	"strconv"
	"strings"
	"sync"
)

// class says what a single word may be in an expression of time.
type class uint64

const (
	articleWord class = 1 << iota
	ofWord            // joins day, month and year: "of", "de"
	inWord            // may stand before a month without a year
	toWord            // between the ends of a range
	andWord
	thisWord
	lastWord
	nextWord
	pastWord  // the stretch that touches now, not the whole unit before or after
	moreWord  // "another"
	afterNoun // may follow its noun: "dernière", "المقبل"
	agoWord
	forWord
	hasWord
	passedWord
	yearMark      // stands beside a year: "года", "عام"
	decadeMark    // makes a decade of a year: "années 1990"
	abbreviated   // a short form of a month
	doubtful      // a month that is often another word: "may", "march"
	kanunWord     // with an ordinal: December or January
	tishrinWord   // with an ordinal: October or November
	referenceWord // a number after it is no year: "paragraph"
	quantityWord  // the same: "some"
	countedWord   // a number before it is no year: "delegates"
	spanishWord   // shows that a text is Spanish
	quarterWord
	halfWord
	atWord  // before a time of day
	letterA // of "a.m."
	letterP
	letterM
	plural     // of a unit
	ordinalEnd // "th" after the number of a day
	decadeEnd  // "s" after a year
)

// phrase is what one or more words in a row open or close.
type phrase uint8

const (
	noPhrase phrase = iota
	fromPhrase
	betweenPhrase
	sincePhrase
	byPhrase
	paraPhrase // Spanish "by"; English for a paragraph
	beforePhrase
	untilPhrase
	latestPhrase // closes a deadline: "at the latest"
	onwardPhrase // closes a start: "onwards"
	leastPhrase  // qualifies a length of time: "more than"
	agoPhrase    // opens a length of time that lies back: "il y a"
	hencePhrase  // opens one that lies ahead: "через"
	aheadPhrase  // closes one: "from now"
	nowPhrase    // closes one that lasts until now: "by now"
	todayPhrase
	yesterdayPhrase
	tomorrowPhrase
)

type unit uint8

const (
	noUnit unit = iota
	days
	weeks
	months
	years
	decades
)

// entry is what is known of a word. Its zero value is an unknown word.
type entry struct {
	id                             uint16
	class                          class
	month, weekday, count, ordinal uint8
	unit                           unit
	part                           uint8 // index of partOfIndex
	elides                         bool  // "d'", "l'"
}

// partOfIndex returns the part that a line of the vocabulary numbers.
func partOfIndex(n uint8) Part {
	parts := [...]Part{"", Early, Mid, Late, Beginning, End, Spring, Summer, Autumn, Winter}
	if int(n) >= len(parts) {
		return ""
	}
	return parts[n]
}

//go:embed expression_words.txt
var vocabulary string

//go:embed expression_phrases.txt
var phraseList string

// wording is the vocabulary, read.
type wording struct {
	words map[string]entry
	// phrases of several words or one, by the first word, longest first.
	phrases map[uint16][]wordedPhrase
}

type wordedPhrase struct {
	kind phrase
	ids  []uint16
}

// readOnce reads the vocabulary when it is first asked for.
//
//nolint:gochecknoglobals // like a compiled expression: made once, never changed
var readOnce = sync.OnceValue(func() wording { return readWording(vocabulary, phraseList) })

func readWording(vocabulary, phraseList string) wording {
	classes := map[string]class{
		"article": articleWord, "of": ofWord, "in": inWord, "to": toWord, "and": andWord, "this": thisWord, "last": lastWord,
		"next": nextWord, "past": pastWord, "more": moreWord, "afternoun": afterNoun, "ago": agoWord, "for": forWord,
		"has": hasWord, "passed": passedWord, "yearmark": yearMark, "decademark": decadeMark, "abbreviated": abbreviated,
		"doubtful": doubtful, "kanun": kanunWord, "tishrin": tishrinWord, "reference": referenceWord, "quantity": quantityWord,
		"counted": countedWord, "spanish": spanishWord, "quarter": quarterWord, "half": halfWord, "at": atWord,
		"a": letterA, "p": letterP, "m": letterM, "plural": plural, "ordinalend": ordinalEnd, "decadeend": decadeEnd,
	}
	w := wording{words: map[string]entry{}, phrases: map[uint16][]wordedPhrase{}}
	for kind, word := range listed(vocabulary) {
		kind, number, _ := strings.Cut(kind, " ")
		value, _ := strconv.ParseUint(number, 10, 8) // a line without a number has none
		n := uint8(value)
		e := w.word(word)
		switch kind {
		case "month":
			e.month = n
		case "weekday":
			e.weekday = n
		case "count":
			e.count = n
		case "ordinal":
			e.ordinal = n
		case "unit":
			e.unit = unit(n)
		case "part":
			e.part = n
		case "elides":
			e.elides = true
		default:
			e.class |= classes[kind]
		}
		w.words[word] = e
	}
	kinds := map[string]phrase{
		"from": fromPhrase, "between": betweenPhrase, "since": sincePhrase, "by": byPhrase, "para": paraPhrase, "before": beforePhrase,
		"until": untilPhrase, "latest": latestPhrase, "onward": onwardPhrase, "least": leastPhrase, "ago": agoPhrase,
		"hence": hencePhrase, "ahead": aheadPhrase, "now": nowPhrase, "today": todayPhrase, "yesterday": yesterdayPhrase, "tomorrow": tomorrowPhrase,
	}
	for line := range strings.Lines(phraseList) {
		kind, list, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if kinds[kind] == noPhrase {
			continue
		}
		for text := range strings.SplitSeq(list, ",") {
			p := wordedPhrase{kind: kinds[kind]}
			for word := range strings.FieldsSeq(text) {
				word = plainWord(word)
				e := w.word(word)
				w.words[word] = e
				p.ids = append(p.ids, e.id)
			}
			if len(p.ids) > 0 {
				w.phrases[p.ids[0]] = append(w.phrases[p.ids[0]], p)
			}
		}
	}
	for _, p := range w.phrases {
		slices.SortStableFunc(p, func(a, b wordedPhrase) int { return cmp.Compare(len(b.ids), len(a.ids)) })
	}
	return w
}

// listed yields the words of a list with what stands before the colon of their
// line.
func listed(list string) func(yield func(kind, word string) bool) {
	return func(yield func(kind, word string) bool) {
		for line := range strings.Lines(list) {
			kind, words, found := strings.Cut(strings.TrimSpace(line), ": ")
			if !found {
				continue
			}
			for word := range strings.FieldsSeq(words) {
				if !yield(kind, plainWord(word)) {
					return
				}
			}
		}
	}
}

// word returns the entry of a word, with a number of its own.
func (w wording) word(word string) entry {
	e := w.words[word]
	if e.id == 0 {
		e.id = uint16(len(w.words) + 1) //nolint:gosec // the vocabulary has some hundred words
	}
	return e
}

func plainWord(word string) string {
	return strings.Map(func(c rune) rune {
		if c = plainRune(c); c == 0 {
			return -1
		}
		return c
	}, word)
}

// phrase returns the place after the longest phrase of that kind at token i, or -1.
func (r *reader) phrase(i int, kind phrase) int {
	t := r.tok(i)
	if t.kind != wordToken || t.id == 0 {
		return -1
	}
	for _, p := range r.phrases[t.id] {
		if p.kind == kind && r.follow(i, p.ids) {
			return i + len(p.ids)
		}
	}
	return -1
}

func (r *reader) follow(i int, ids []uint16) bool {
	for k, id := range ids {
		if t := r.tok(i + k); t.kind != wordToken || t.id != id {
			return false
		}
	}
	return true
}
