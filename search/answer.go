package search

import (
	"regexp"
	"slices"

	"rapporteur/corpus"
)

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
