package search

import (
	"regexp"
	"slices"
	"strings"

	"rapporteur/corpus"
)

// Engine finds quotations in one state of the corpus. It is immutable and safe
// for concurrent use; a changed corpus is a new Engine.
type Engine struct {
	corpus *corpus.Corpus
	index  *index
	senses []sense
	read   []*reading // of each passage, where the corpus is small; else empty
}

type sense struct {
	short string   // stem of the short form
	long  []string // stems of the expansion
}

// New indexes a corpus. The senses let "information security" find "IIS".
func New(c *corpus.Corpus, senses []Sense) (*Engine, error) {
	back, err := loadBackground(backgroundTable)
	if err != nil {
		return nil, err
	}
	e := &Engine{corpus: c, index: newIndex(c, back)}
	for _, s := range senses {
		short := Tokens(s.Short, "en")
		if len(short) != 1 {
			continue
		}
		long := sense{short: short[0].Stem}
		for _, t := range Tokens(s.Long, "en") {
			if !stopword(t.Word) {
				long.long = append(long.long, t.Stem)
			}
		}
		if len(long.long) > 1 {
			e.senses = append(e.senses, long)
		}
	}
	if len(e.index.passages) <= readAhead {
		for _, p := range e.index.passages {
			e.read = append(e.read, read(p))
		}
	}
	return e, nil
}

// Corpus returns the corpus that is searched.
func (e *Engine) Corpus() *corpus.Corpus { return e.corpus }

// Finding is what the record says to a question.
type Finding struct {
	// Quotations answer, best first. Empty means that the record does not hold
	// the answer.
	Quotations []corpus.Quotation
	// Why says in words why there is no answer, for example "Nothing by China";
	// empty where the record simply does not hold it.
	Why string
	// Nearest are the titles of the documents that came nearest, at most three.
	Nearest []string
}

// Thresholds of the abstention rule, set on shared/evals and checked on it only.
const (
	leastCoverage = 0.55 // of the question's weight in sentence and passage
	leastRest     = 0.80 // the same, where the rarest word is missing
	fewTerms      = 3    // a question of so few words must find all of them in the passage
	extendWords   = 12   // a sentence shorter than this is quoted with the next one
	candidates    = 20
)

// term is one word of a question with its weight and its other forms.
type term struct {
	stem   string
	weight float64
	alts   [][]string // any of these sets of stems stands for the term
}

// Ask finds the sentences that answer a question, or says why there are none.
func (e *Engine) Ask(question string) Finding {
	q := Analyse(question)
	terms := e.terms(q)
	if len(terms) == 0 {
		return Finding{}
	}
	found := e.candidates(q, terms)
	if len(found) == 0 {
		return Finding{}
	}
	f := Finding{Nearest: nearest(found)}
	kept := found[:0:0]
	for _, c := range found {
		why := e.guard(q, c)
		switch {
		case why != "":
			if f.Why == "" {
				f.Why = why
			}
		case !c.enough(len(terms)), !fits(q.Wanted, c.text()):
		default:
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return f
	}
	f.Why = ""
	for _, c := range kept {
		if len(f.Quotations) == 3 || (len(f.Quotations) > 0 && c.score < 0.6*kept[0].score) {
			break
		}
		quote, err := c.passage.Quote(c.span.From, c.span.To)
		if err == nil && !overlaps(f.Quotations, quote) {
			f.Quotations = append(f.Quotations, quote)
		}
	}
	return f
}

func overlaps(have []corpus.Quotation, q corpus.Quotation) bool {
	return slices.ContainsFunc(have, func(h corpus.Quotation) bool {
		return h.Passage().ID == q.Passage().ID && (strings.Contains(h.Text(), q.Text()) || strings.Contains(q.Text(), h.Text()))
	})
}

func nearest(found []candidate) []string {
	var titles []string
	for _, c := range found {
		if t := c.passage.Doc.Title; t != "" && !slices.Contains(titles, t) && len(titles) < 3 {
			titles = append(titles, t)
		}
	}
	return titles
}

// terms weighs the words of a question. Words that open a sense get its other
// form as an alternative.
func (e *Engine) terms(q Question) []term {
	var terms []term
	have := map[string]bool{}
	for _, t := range q.terms {
		if have[t.Stem] {
			continue
		}
		have[t.Stem] = true
		terms = append(terms, term{stem: t.Stem, weight: e.index.idf(t.Stem)})
	}
	for _, s := range e.senses {
		inQuestion := 0
		for _, stem := range s.long {
			if have[stem] {
				inQuestion++
			}
		}
		wholeOrMost := inQuestion == len(s.long) || (inQuestion >= 2 && inQuestion == len(s.long)-1)
		for i := range terms {
			if wholeOrMost && slices.Contains(s.long, terms[i].stem) {
				terms[i].alts = append(terms[i].alts, []string{s.short})
			}
			if terms[i].stem == s.short {
				terms[i].alts = append(terms[i].alts, s.long)
			}
		}
	}
	return terms
}

func stemsOf(tokens []Token) map[string]bool {
	stems := make(map[string]bool, len(tokens))
	for _, t := range tokens {
		stems[t.Stem] = true
	}
	return stems
}

func wordsOf(text string) []string {
	var out []string
	for _, t := range Tokens(text, "und") {
		out = append(out, t.Word)
	}
	return out
}

// fits says whether a text holds the kind of answer that is wanted.
func fits(w Wanted, text string) bool {
	switch w {
	case Anything:
	case ATime:
		return timeForm.MatchString(text)
	case ANumber:
		return countForm.MatchString(text)
	case ASymbol:
		return symbolForm.MatchString(text)
	case AClock:
		return clockForm.MatchString(text)
	}
	return true
}

// Quotes returns up to limit quotations on a topic, best first: the sentences
// that hold all of it, or none.
func (e *Engine) Quotes(topic string, limit int) Finding {
	q := Question{Text: topic, States: StatesIn(topic), Numbers: numeral.FindAllString(topic, -1)}
	for _, t := range Tokens(topic, "en") {
		if !stopword(t.Word) {
			q.terms = append(q.terms, t)
		}
	}
	terms := e.terms(q)
	if len(terms) == 0 {
		return Finding{}
	}
	found := e.candidates(q, terms)
	f := Finding{Nearest: nearest(found)}
	for _, c := range found {
		if len(f.Quotations) == limit {
			break
		}
		if !c.rarestHere || c.sentence < 0.5 || c.sentence+c.whole < 1.2 || e.guard(q, c) != "" {
			continue
		}
		quote, err := c.passage.Quote(c.span.From, c.span.To)
		if err == nil && !overlaps(f.Quotations, quote) {
			f.Quotations = append(f.Quotations, quote)
		}
	}
	return f
}

// Times returns the sentences of the record that name a time and hold the
// phrase, in the order of the record.
func (e *Engine) Times(phrase string, limit int) Finding {
	f := e.Quotes(phrase, 50)
	timed := f.Quotations[:0:0]
	for _, q := range f.Quotations {
		if timeForm.MatchString(q.Text()) && len(timed) < limit {
			timed = append(timed, q)
		}
	}
	f.Quotations = timed
	return f
}

// TimesIn returns the expressions of time in a text, such as "1998", "early
// 2000s" or "26 March 2021", in their order.
func TimesIn(text string) []string { return longTime.FindAllString(text, -1) }

var longTime = regexp.MustCompile(`(?i)\b(?:(?:early|late|mid)[ -])?(?:\d{1,2} )?(?:(?:january|february|march|april|may|june|july|august|september|october|november|december) )?(?:1[89]\d\d|20\d\d)s?(?:[-–](?:1[89]\d\d|20\d\d))?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)(?: this year| last year| next year)?\b|\b(?:for )?(?:at least )?(?:the )?(?:next|last|another|past) (?:\w+ )?(?:years?|months?|weeks?|decades?)\b`)
