package search

import (
	"regexp"
	"slices"
	"strings"

	"rapporteur/corpus"
)

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

// Limits of an answer.
const (
	mostQuotations = 3
	announceWords  = 14   // a longer sentence does more than announce
	extendWords    = 60   // sentences that belong together are quoted together up to so many words
	leastLikely    = 0.4  // of the best passage
	leastHeld      = 0.6  // of the weight of the question's subject that the passage must hold
	leastHeldKind  = 0.75 // the same where a time or a number is asked for: a wrong one is worse than none
	leastHeldRare  = 0.8  // the same where the rarest word is missing
	leastHeldShort = 0.95 // the same where the subject is of one or two words
	furtherBelow   = 1.5  // how far the score of a further quotation may lie below the first one's
)

// Ask finds the sentences that answer a question, or says why there are none.
// Quotations whose codes were said before are passed over.
func (e *Engine) Ask(question string, said ...string) Finding {
	q := Analyse(question)
	if len(q.terms) == 0 {
		return Finding{}
	}
	found := e.rank(q, deep)
	f := Finding{Nearest: nearest(found)}
	if len(found) == 0 {
		return f
	}
	var (
		kept   []answer
		likely = e.likely(found)
		acting = actors(question)
	)
	for i := range found[:min(Contest, len(found))] {
		c := &found[i]
		c.goOn(said, e.weights)
		why := e.guard(&q, e.holding(c.number))
		switch {
		case why != "":
			if f.Why == "" {
				f.Why = why
			}
		case likely < leastLikely, !c.enough(q.Wanted):
		default:
			h := e.holding(c.number)
			for _, a := range c.answers(q.Wanted) {
				reports := h.reports(a.passage.Text[a.alone.From:a.alone.To])
				own := h.ownWords(&q) || slices.ContainsFunc(acting, func(s string) bool { return slices.Contains(h.headerStates, s) })
				if a.said(said) || own && reports && q.Wanted != Anything {
					continue // who asks what a State did does not ask what it says of others
				}
				if reports && a.span.To == a.alone.To {
					a.span.To = c.after(a.alone) // which says what the speaker thinks of it
				}
				a.own = own
				kept = append(kept, a)
			}
		}
	}
	if slices.ContainsFunc(kept, func(a answer) bool { return a.own }) {
		kept = slices.DeleteFunc(kept, func(a answer) bool { return !a.own })
	}
	slices.SortStableFunc(kept, func(a, b answer) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	for _, a := range kept {
		if len(f.Quotations) == mostQuotations || a.score < kept[0].score-furtherBelow {
			break
		}
		quote, err := a.passage.Quote(a.span.From, a.span.To)
		if err == nil && !overlaps(f.Quotations, quote) {
			f.Quotations = append(f.Quotations, quote)
		}
	}
	if len(f.Quotations) > 0 {
		f.Why = ""
	} else if e.speaks(f.Why) {
		f.Why += " on that"
	}
	return f
}

// enough says whether the passage holds enough of what the question is about.
func (c *candidate) enough(wanted Wanted) bool {
	least := leastHeld
	if wanted != Anything && wanted != APerson {
		least = leastHeldKind
	}
	if c.f[fRare] == 0 {
		least = leastHeldRare
	}
	words := 0
	for i, t := range c.query.terms {
		if !t.frame && c.header&(1<<i) == 0 {
			words++
		}
	}
	if words <= 2 {
		least = leastHeldShort
	}
	return c.subject >= least || c.query.quoted(c.passage.Text)
}

// quoted says whether the question quotes words of the text, at least three.
func (q *query) quoted(text string) bool {
	for _, m := range inMarks.FindAllStringSubmatch(q.asked.Text, -1) {
		if words := wordsOf(m[1]); len(words) >= 3 && strings.Contains(" "+strings.Join(wordsOf(text), " ")+" ", " "+strings.Join(words, " ")+" ") {
			return true
		}
	}
	return false
}

var inMarks = regexp.MustCompile(`["“”«„]([^"“”«»„]{6,200})["”»“]`)

// likely is how likely it is that the candidates hold an answer.
func (e *Engine) likely(found []candidate) float64 {
	best := 0.0
	for i := range found[:min(3, len(found))] {
		s := found[i].signals()
		best = max(best, e.weights.likely(&s))
	}
	return best
}

// answer is a span that may be quoted.
type answer struct {
	passage *corpus.Passage
	alone   Span // the sentence that answers
	span    Span // what is quoted: it, or it and the next one
	score   float64
	own     bool // it is by those of whom the question asks
}

// after returns where the sentence ends that follows a span of the passage.
func (c *candidate) after(s Span) int {
	for i := range c.sentences {
		if c.sentences[i].span.From >= s.To {
			return c.sentences[i].span.To
		}
	}
	return s.To
}

// said says whether the sentence that answers was quoted before, alone or with
// the next one.
func (a answer) said(codes []string) bool {
	if len(codes) == 0 {
		return false
	}
	for _, span := range []Span{a.alone, a.span} {
		if q, err := a.passage.Quote(span.From, span.To); err == nil && slices.ContainsFunc(codes, q.HasCode) {
			return true
		}
	}
	return false
}

// answers returns the sentences of a candidate that hold the kind of answer
// that is wanted.
func (c *candidate) answers(wanted Wanted) []answer {
	var out []answer
	for i := range c.sentences {
		s := &c.sentences[i]
		if s.f[sNear] == 0 {
			continue
		}
		span := c.extend(i)
		if fits(wanted, c.passage.Text[span.From:span.To]) {
			out = append(out, answer{passage: c.passage, alone: s.span, span: span, score: s.score})
		}
	}
	return out
}

// goOn weighs the sentences of a passage of which one was quoted before as its
// continuation: what that one holds of the question, they need not say again.
func (c *candidate) goOn(said []string, w *weights) {
	if len(said) == 0 {
		return
	}
	var before look
	for i := range c.sentences {
		s := &c.sentences[i]
		if (answer{passage: c.passage, alone: s.span, span: c.extend(i)}).said(said) {
			before.merge(&s.look)
		}
	}
	if before.length == 0 {
		return
	}
	for i := range c.sentences {
		s := &c.sentences[i]
		together := s.look
		together.merge(&before)
		sh := c.query.shares(&together, c.header)
		s.f[sCover], s.f[sNear], s.f[sExact] = sh.cover, sh.near, sh.exact
	}
	c.choose(w)
}

// extend returns the span to quote for sentence i. A sentence that begins with
// "It" or "These" is quoted with the one it speaks of, lest the reader take it for
// something else; the next one is quoted too when the sentence only announces it,
// when it takes the sentence up, or when it holds more of the question.
func (c *candidate) extend(i int) Span {
	s := &c.sentences[i]
	text := func(i int) string { return c.passage.Text[c.sentences[i].span.From:c.sentences[i].span.To] }
	span, words := s.span, s.look.length
	if i > 0 && refersBack.MatchString(text(i)) && !cleft.MatchString(text(i)) && words+c.sentences[i-1].look.length <= extendWords {
		words += c.sentences[i-1].look.length
		span.From = c.sentences[i-1].span.From
	}
	if i+1 == len(c.sentences) {
		return span
	}
	next := &c.sentences[i+1]
	more := next.look.exact &^ s.look.exact &^ c.header &^ c.query.frames()
	if words+next.look.length <= extendWords && (more != 0 || (s.look.length < announceWords && announces.MatchString(text(i))) || (goesOn.MatchString(text(i+1)) && !cleft.MatchString(text(i+1)))) {
		span.To = next.span.To
	}
	return span
}

var (
	// announces finds a sentence that ends in a colon, or in something not yet
	// named: "we witness a dangerous trend."
	announces = regexp.MustCompile(`(?i)(?::|\b(?:an?|some|several|two|three|the following)(?: [\p{L}-]+){1,3}\.)$`)
	// refersBack finds a sentence that cannot be understood alone.
	refersBack = regexp.MustCompile(`^(?:It|They|This|These|Such|Those|That|He|She|Its|Their|His|Her|Both of (?:them|these)|None of (?:them|these)|Neither of (?:them|these))\b`)
	// cleft finds a sentence whose "It" speaks of nothing before: "It was Russia
	// that …".
	cleft = regexp.MustCompile(`^It (?:is|was) (?:\p{Lu}|in |on |at |by |only |because |thanks )`)
	// goesOn finds a sentence that takes up the one before it.
	goesOn = regexp.MustCompile(`^(?:(?:It|They|This|These|Such|Those|That|He|She|Its|Their|His|Her|But|However|Yet|Nevertheless|Therefore|Thus|Hence)\b|(?:We|I) (?:consider|regard|see|view|condemn|reject|oppose|support|welcome) (?:such|this|these|that|those|it|them)\b|(?:In|To|For|On|By|With|Of|At) (?:this|that|these|those)\b)`)
)

func overlaps(have []corpus.Quotation, q corpus.Quotation) bool {
	return slices.ContainsFunc(have, func(h corpus.Quotation) bool {
		return h.Passage().ID == q.Passage().ID && (strings.Contains(h.Text(), q.Text()) || strings.Contains(q.Text(), h.Text()))
	})
}

func nearest(found []candidate) []string {
	var titles []string
	for i := range found {
		if t := found[i].passage.Doc.Title; t != "" && !slices.Contains(titles, t) && len(titles) < 3 {
			titles = append(titles, t)
		}
	}
	return titles
}

// fits says whether a text holds the kind of answer that is wanted.
func fits(w Wanted, text string) bool {
	switch w {
	case Anything, APerson:
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
	found := e.rank(q, max(deep, min(limit, MostHits)))
	f := Finding{Nearest: nearest(found)}
	for i := range found {
		c := &found[i]
		if len(f.Quotations) == limit {
			break
		}
		if c.f[fRare] == 0 || c.f[fBest]+c.f[fCover] < 1.2 || e.guard(&q, e.holding(c.number)) != "" {
			continue
		}
		for j := range c.sentences {
			s := &c.sentences[j]
			if len(f.Quotations) == limit || s.f[sCover] < max(0.5, c.f[fBest]-0.01) {
				continue
			}
			span := c.extend(j)
			if span == s.span && e.holding(c.number).reports(c.passage.Text[span.From:span.To]) {
				span.To = c.after(span)
			}
			quote, err := c.passage.Quote(span.From, span.To)
			if err == nil && !overlaps(f.Quotations, quote) {
				f.Quotations = append(f.Quotations, quote)
			}
		}
	}
	return f
}
