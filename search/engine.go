package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

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
	// Timed is set when the best quotation names a time.
	Timed bool
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
	word   string
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
	f.Timed = len(f.Quotations) > 0 && timeForm.MatchString(f.Quotations[0].Text())
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
		terms = append(terms, term{stem: t.Stem, word: t.Word, weight: e.index.idf(t.Stem)})
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

// candidate is a sentence that may answer.
type candidate struct {
	*reading
	span       Span
	score      float64
	sentence   float64 // share of the question's weight in the sentence
	whole      float64 // the same for the passage
	rarestHere bool    // the rarest word of the question stands in the passage
}

func (c candidate) text() string { return c.passage.Text[c.span.From:c.span.To] }

func (c candidate) enough(terms int) bool {
	if terms <= fewTerms && c.whole < 1 {
		return false
	}
	share := (c.sentence + c.whole) / 2
	if c.rarestHere {
		return share >= leastCoverage
	}
	return share >= leastRest
}

// candidates returns the best sentences of the best passages, best first:
// sentences of all passages compete, so that a good sentence of the second
// passage beats a poor one of the first.
func (e *Engine) candidates(q Question, terms []term) []candidate {
	var stems []string
	for _, t := range terms {
		stems = append(stems, t.stem)
		for _, alt := range t.alts {
			stems = append(stems, alt...)
		}
	}
	slices.Sort(stems)
	top := e.index.top(slices.Compact(stems), candidates)
	var out []candidate
	for _, hit := range top {
		r := e.reading(hit.passage)
		wholeShare, rarest := coverage(terms, r.stems, r.about)
		for i, sentence := range r.sentences {
			share, _ := coverage(terms, sentence.stems, r.about)
			if share == 0 {
				continue
			}
			c := candidate{reading: r, span: r.extend(i), sentence: share, whole: wholeShare, rarestHere: rarest}
			c.score = share + 0.35*wholeShare + 0.4*adjacent(q.terms, sentence.tokens) + 0.15*hit.score/top[0].score + 0.5*worded(q.words, sentence.stems)
			if q.Wanted != Anything && fits(q.Wanted, r.passage.Text[sentence.span.From:sentence.span.To]) {
				c.score += 0.3
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return out
}

// coverage returns the share of the question's weight that the stems hold, and
// whether its rarest word is among them. What the metadata answers for is not
// asked of the text.
func coverage(terms []term, stems, about map[string]bool) (share float64, rarest bool) {
	var total, held, most float64
	rarest = true
	for _, t := range terms {
		if about[t.stem] && !stems[t.stem] {
			continue
		}
		total += t.weight
		here := t.in(stems)
		if here {
			held += t.weight
		}
		if t.weight > most {
			most, rarest = t.weight, here
		}
	}
	if total == 0 {
		return 0, false
	}
	return held / total, rarest
}

// in says whether the stems hold the term, one of its other forms, or a word
// that shares its first five letters.
func (t term) in(stems map[string]bool) bool {
	if stems[t.stem] {
		return true
	}
	for _, alt := range t.alts {
		if !slices.ContainsFunc(alt, func(s string) bool { return !stems[s] }) {
			return true
		}
	}
	if utf8.RuneCountInString(t.stem) >= 6 {
		for s := range stems {
			if len(s) >= 6 && (strings.HasPrefix(s, t.stem) || strings.HasPrefix(t.stem, s)) {
				return true
			}
		}
	}
	return false
}

// adjacent is the share of neighbouring words of the question that stand next
// to each other in the sentence.
func adjacent(terms, tokens []Token) float64 {
	if len(terms) < 2 {
		return 0
	}
	pairs := map[[2]string]bool{}
	for i := 1; i < len(tokens); i++ {
		pairs[[2]string{tokens[i-1].Stem, tokens[i].Stem}] = true
	}
	n := 0
	for i := 1; i < len(terms); i++ {
		if pairs[[2]string{terms[i-1].Stem, terms[i].Stem}] {
			n++
		}
	}
	return float64(n) / float64(len(terms)-1)
}

// worded is the share of all the question's words, small ones too, that stand in
// the sentence: what "stand for" asks is answered where somebody stands for it.
func worded(words, stems map[string]bool) float64 {
	if len(words) == 0 {
		return 0
	}
	n := 0
	for w := range words {
		if stems[w] {
			n++
		}
	}
	return float64(n) / float64(len(words))
}

func stemsOf(tokens []Token) map[string]bool {
	stems := make(map[string]bool, len(tokens))
	for _, t := range tokens {
		stems[t.Stem] = true
	}
	return stems
}

// guard says in words why a passage must not answer the question although it is
// on its subject: it lacks a person, State, number or date that the question
// names. Empty means that it may.
func (e *Engine) guard(q Question, c candidate) string {
	if why := e.guardSubject(q, c); why != "" {
		return why
	}
	both := c.header + " " + c.passage.Text
	for _, state := range q.States {
		if sameState(state, q.Subject) && !slices.Contains(c.headerStates, state) {
			return "Nothing by " + state
		}
		if !slices.Contains(c.headerStates, state) && !slices.Contains(c.states, state) {
			return "Nothing on " + state
		}
	}
	for _, name := range append(slices.Clone(q.Names), subjectName(q)...) {
		if len(StatesIn(name)) > 0 || e.sensed(name, c.stems) {
			continue
		}
		if !strings.Contains(c.words, " "+strings.Join(wordsOf(name), " ")+" ") && !loosely(name, c.about, c.stems) {
			return "Nothing on " + name
		}
	}
	for _, d := range q.Dates {
		if !strings.Contains(both, d) {
			return "Nothing on " + d
		}
	}
	for _, n := range q.Numbers {
		if !regexp.MustCompile(`(?:^|[^\d])` + regexp.QuoteMeta(n) + `(?:[^\d]|$)`).MatchString(both) {
			return "Nothing on " + n
		}
	}
	return ""
}

// guardSubject says why a passage is not the words of whom the question asks
// for: somebody else speaks, and reports nothing of theirs; or they spoke at
// another time.
func (e *Engine) guardSubject(q Question, c candidate) string {
	for _, name := range subjectName(q) {
		if len(StatesIn(name)) > 0 {
			continue // guarded as a State
		}
		own := loosely(name, c.about)
		switch {
		case !own && (!loosely(name, stemsOf(Tokens(c.text(), "en"))) || !reported.MatchString(c.text())):
			return "Nothing by " + name
		case own && q.SaidIn != "" && !strings.Contains(c.passage.Doc.Date, q.SaidIn):
			return "Nothing by " + name + " in " + q.SaidIn
		}
	}
	return ""
}

// reported finds a verb by which a speaker reports the words of another.
var reported = regexp.MustCompile(`(?i)\b(?:pointed out|said|says|stated|stressed|noted|declared|announced|emphasi[sz]ed|recalled|argued|warned|called for|proposed|underlined)\b`)

// subjectName returns the person whose words are asked for, where the question
// writes a name.
func subjectName(q Question) []string {
	if q.Subject == "" || q.Subject == strings.ToLower(q.Subject) {
		return nil
	}
	var kept []string
	for _, t := range Tokens(q.Subject, "en") {
		if !scaffold(t.Word) && !stopword(t.Word) {
			kept = append(kept, q.Subject[t.From:t.To])
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return []string{strings.Join(kept, " ")}
}

// loosely says whether every word of a name of several words, by its stem,
// stands in one of the sets: "UN Cybercrime Committee" may be written in other
// order.
func loosely(name string, sets ...map[string]bool) bool {
	if strings.Contains(name, "-") {
		return false
	}
	for _, t := range Tokens(name, "en") {
		if !slices.ContainsFunc(sets, func(set map[string]bool) bool { return set[t.Stem] }) {
			return false
		}
	}
	return true
}

// sensed says whether a name is the short or long form of a sense whose other
// form stands in the passage, or names the United Nations, which all of the
// record is about.
func (e *Engine) sensed(name string, stems map[string]bool) bool {
	switch strings.ToLower(name) {
	case "un", "united nations":
		return true
	}
	asked := stemsOf(Tokens(name, "en"))
	for _, s := range e.senses {
		if asked[s.short] && !slices.ContainsFunc(s.long, func(l string) bool { return !stems[l] }) {
			return true
		}
		if stems[s.short] && !slices.ContainsFunc(s.long, func(l string) bool { return !asked[l] }) {
			return true
		}
	}
	return false
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
