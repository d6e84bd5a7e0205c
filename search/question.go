package search

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Wanted is the kind of answer a question asks for.
type Wanted int

// The kinds of answer.
const (
	// Anything is any sentence on the subject.
	Anything Wanted = iota
	// ATime is a date, a year, a period.
	ATime
	// ANumber is a count.
	ANumber
	// ASymbol is a document symbol or number.
	ASymbol
	// AClock is a time of day.
	AClock
	// APerson is a person or a body.
	APerson
)

// Question is what a question says it wants.
type Question struct {
	// Text is the question as asked.
	Text string
	// Wanted is the kind of answer.
	Wanted Wanted
	// Subject is whose words are asked for, as written; empty where nobody's.
	Subject string
	// Names are the capitalised names the answer has to be about.
	Names []string
	// States are the States named, by their short English names.
	States []string
	// SaidIn is the year in which the words asked for were said, where the
	// question names it: "What did she say in 2023?".
	SaidIn string
	// Dates are the days named, such as "26 March 2021".
	Dates []string
	// Numbers are years and other numbers named.
	Numbers []string
	// terms are the words that carry the subject.
	terms []Token
	// speaker is the person whose words are asked for; people are all persons
	// and bodies named, the speaker too. States are not among them.
	speaker string
	people  []string
	// subjectStates are the States among those whose words are asked for.
	subjectStates []string
	// words are the stems of all words of the question.
	words map[string]bool
}

var (
	subjectOf   = regexp.MustCompile(`(?i)\b(?:did|does|do|has|have)\s+(?:the\s+)?(.{2,60}?)\s+(?:say|said|state|stated|think|mention|speak|spoke|stress|argue|call|believe|propose|want|advocate|announce|declare)\b`)
	positionOf  = regexp.MustCompile(`(?i)\b(?:position|view|views|stance|statement|words) (?:of|by) (?:the )?([\p{L} .-]{2,40}?)(?:\s+(?:on|about|regarding)\b|[?.!]|$)`)
	accordingTo = regexp.MustCompile(`(?i)\baccording to (?:the )?([\p{L} .-]{2,40}?)(?:[,?.!]|$)`)
	wantsSymbol = regexp.MustCompile(`(?i)\b(?:resolution|decision|document|report) (?:number|symbol)|\bsymbol\b|\bnumber of the (?:resolution|decision)`)
	saidIn      = regexp.MustCompile(`(?i)\b(?:say|said|state|stated|speak|spoke|mention|mentioned)\s+(?:back )?in (?:(january|february|march|april|may|june|july|august|september|october|november|december),? )?((?:19|20)\d\d)\b`)
	dayForm     = regexp.MustCompile(`(?i)\b\d{1,2} (?:january|february|march|april|may|june|july|august|september|october|november|december) \d{4}\b`)
	numeral     = regexp.MustCompile(`\b\d[\d/.,]*\b`)
	symbolForm  = regexp.MustCompile(`\b[A-Z]{1,4}/(?:[A-Z0-9.]+/)*[A-Z0-9.]+|\b\d{2}/\d{1,3}\b`)
	clockForm   = regexp.MustCompile(`(?i)\b\d{1,2}(?::\d{2}|\s?[ap]\.?m\b)`)
	countForm   = regexp.MustCompile(`(?i)\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?|millions?)\b`)
	timeForm    = regexp.MustCompile(`(?i)\b(?:1[89]\d\d|20\d\d)s?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b|\b(?:next|last|another|past) (?:\w+ )?(?:years?|months?|weeks?|decades?)\b|\b(?:a|one|two|three|five|ten) (?:years?|decades?)\b|\bthis year\b|\b(?:today|yesterday|tomorrow)\b`)
)

// Analyse reads a question.
func Analyse(text string) Question {
	q := Question{Text: text}
	lower := strings.ToLower(text)
	switch {
	case wantsSymbol.MatchString(text):
		q.Wanted = ASymbol
	case strings.HasPrefix(lower, "what time"):
		q.Wanted = AClock
	default:
		q.Wanted = wantedBy(lower)
	}
	for _, form := range []*regexp.Regexp{subjectOf, positionOf, accordingTo} {
		if m := form.FindStringSubmatch(text); m != nil {
			if s := strings.TrimSpace(m[1]); !strings.EqualFold(s, "statement") && !strings.EqualFold(s, "text") && !strings.EqualFold(s, "we") && !strings.EqualFold(s, "you") {
				q.Subject = s
				break
			}
		}
	}
	q.States = StatesIn(text)
	q.Dates = dayForm.FindAllString(text, -1)
	if m := saidIn.FindStringSubmatch(text); m != nil {
		q.SaidIn = m[2]
		if at, err := time.Parse("January 2006", m[1]+" "+m[2]); err == nil {
			q.SaidIn = at.Format("2006-01")
		}
	}
	q.Numbers = numeral.FindAllString(dayForm.ReplaceAllString(text, ""), -1)
	tokens := Tokens(text, "en")
	q.Names = names(text, tokens)
	q.words = stemsOf(tokens)
	q.subjectStates = StatesIn(q.Subject)
	if name := subjectName(q.Subject); len(StatesIn(name)) == 0 {
		q.speaker = name
	}
	for _, name := range append(slices.Clone(q.Names), q.speaker) {
		if name != "" && len(StatesIn(name)) == 0 {
			q.people = append(q.people, name)
		}
	}
	for _, t := range tokens {
		if !stopword(t.Word) && !scaffold(t.Word) {
			q.terms = append(q.terms, t)
		}
	}
	return q
}

func isMonth(word string) bool {
	switch word {
	case "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december":
		return true
	}
	return false
}

// names returns the capitalised names of a question, the word that opens it
// aside; hyphens hold a name together, a comma parts two.
func names(text string, tokens []Token) []string {
	var (
		out  []string
		from = -1
		to   int
	)
	flush := func() {
		if from >= 0 {
			out = append(out, text[from:to])
			from = -1
		}
	}
	for i, t := range tokens {
		r, _ := utf8.DecodeRuneInString(text[t.From:])
		capital := unicode.IsUpper(r) && i > 0 && !isMonth(t.Word) && !stopword(t.Word) && !scaffold(t.Word)
		if i > 0 && from >= 0 && strings.ContainsAny(text[to:t.From], ",;:()") {
			flush()
		}
		if !capital {
			flush()
			continue
		}
		if from < 0 {
			from = t.From
		}
		to = t.To
		to -= len(text[t.From:t.To]) - len(strings.TrimSuffix(strings.TrimSuffix(text[t.From:t.To], "'s"), "’s"))
	}
	flush()
	return out
}

// Terms returns the stems of the words of a text that carry its subject, each
// once.
func Terms(text string) []string {
	var out []string
	for _, t := range Tokens(text, "en") {
		if !stopword(t.Word) && !scaffold(t.Word) && !slices.Contains(out, t.Stem) {
			out = append(out, t.Stem)
		}
	}
	return out
}
