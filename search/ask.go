package search

import (
	"cmp"
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
	kept, why := e.answers(&q, found, said)
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
		return f
	}
	if f.Why = why; e.speaks(why) {
		f.Why += " on that"
	}
	return f
}

// answers returns the sentences that may be quoted, best first, and the first
// reason why a passage may not be. Where a question asks for somebody's words or
// deeds, those in their own documents are the answer and nobody else's.
func (e *Engine) answers(q *Question, found []candidate, said []string) (kept []answer, why string) {
	likely, acting := e.likely(found), actors(q.Text)
	for i := range found[:min(Contest, len(found))] {
		c := &found[i]
		c.goOn(said, e.weights)
		h := e.holding(c.number)
		if reason := e.guard(q, h); reason != "" {
			why = cmp.Or(why, reason)
			continue
		}
		if likely < leastLikely || !c.enough(q.Wanted) {
			continue
		}
		own := h.ownWords(q) || slices.ContainsFunc(acting, func(s string) bool { return slices.Contains(h.headerStates, s) })
		for _, a := range c.answers(q.Wanted) {
			reports := h.reports(a.passage.Text[a.alone.From:a.alone.To])
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
	if slices.ContainsFunc(kept, func(a answer) bool { return a.own }) {
		kept = slices.DeleteFunc(kept, func(a answer) bool { return !a.own })
	}
	slices.SortStableFunc(kept, func(a, b answer) int { return cmp.Compare(b.score, a.score) })
	return kept, why
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
