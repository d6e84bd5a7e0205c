package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"rapporteur/corpus"
)

// Ruling is what a claimed quotation turns out to be.
type Ruling string

// The rulings.
const (
	// Verbatim means that the record holds these very bytes.
	Verbatim Ruling = "verbatim"
	// Typography means that only quote marks, dashes, spaces, case, punctuation
	// or the form of characters differ.
	Typography Ruling = "typography"
	// Altered means that words differ.
	Altered Ruling = "altered"
	// Stitched means that two or more places of the record are joined as if they
	// were one.
	Stitched Ruling = "stitched"
	// Truncated means that an ellipsis hides words.
	Truncated Ruling = "truncated"
	// Misattributed means that the words are right and speaker, date or symbol
	// are not.
	Misattributed Ruling = "misattributed"
	// TooShort means fewer than four words: found somewhere, proving nothing.
	TooShort Ruling = "too_short"
	// NotInCorpus means that the record holds nothing like it.
	NotInCorpus Ruling = "not_in_corpus"
)

// Edit is one step from the record's words to the claimed ones.
type Edit struct {
	// Op is "equal", "delete" (the record has it, the claim does not) or
	// "insert" (the claim has it, the record does not).
	Op string
	// Text is the words as they are written on their side, marks between them
	// included, on one line.
	Text string
}

// Verdict is the result of [Engine.Verify].
type Verdict struct {
	Ruling Ruling
	// Alarm lists, in order of the alphabet, the kinds of change that carry
	// meaning: date, modal, name, negation, number. Words that are right raise
	// one too where what was left out, by an ellipsis or just in front, denies
	// them.
	Alarm []string
	// Diff leads from the record to the claim; empty where the words agree.
	Diff []Edit
	// Quotations are what the record says there: one for each paragraph of a
	// place, the places of a stitched claim in the claim's order. For a truncated
	// one it is the whole span, hidden words included.
	Quotations []corpus.Quotation
	// Hidden counts the words that ellipses hide.
	Hidden int
	// Occurrences counts where a claim that is too short stands, in the
	// mostShort passages that fit best.
	Occurrences int
	// Claimed is the speaker, date, symbol or paragraph that the claim names
	// wrongly. A wrong paragraph alone leaves the ruling as the words deserve.
	Claimed string
	// Claim is the part of the text that was taken for the quotation.
	Claim string
	// Unread is how many bytes at the text's end were too many to verify. Such a
	// claim is altered at best.
	Unread int
}

// Limits of verification.
const (
	leastWords   = 4         // a claim of fewer words proves nothing
	leastStitch  = 4         // words that each part of a stitched claim must have
	mostParts    = 4         // parts of a stitched claim; more are a collage of common phrases
	leastPart    = 6         // words that these parts must have on average
	leastCovered = 0.8       // share of a stitched claim's weight that its parts must hold
	leastKinship = 0.55      // share of an altered claim's weight that must stand in the record
	leastRun     = 1.8       // weight of the longest run of words of an altered claim that is the record's
	mostBytes    = 256 << 10 // of a text; the rest is not read
	mostShort    = 500       // passages in which a claim that is too short is counted
	mostSpeakers = 200       // passages that are searched for the speaker a claim names
	nextTo       = 3         // passages whose neighbours are read too
)

// Verify says whether the record holds the words of a text: of the quotation in
// it, or of all of it. Words outside the quotation that name a speaker, a date
// or a symbol are checked against what is known of the document.
//
// Its time is bounded: linear in the text, of which at most mostBytes are read,
// and in the candidate passages.
func (e *Engine) Verify(text string) Verdict {
	read := strings.ToValidUTF8(text[:cutAt(text, mostBytes)], " ")
	v := e.verify(read)
	if unread := len(text) - cutAt(text, mostBytes); unread > 0 {
		v.Unread = unread
		if v.Ruling == Verbatim || v.Ruling == Typography || v.Ruling == Truncated || v.Ruling == Misattributed {
			v.Ruling = Altered
		}
	}
	return v
}

// cutAt returns the length of the text, or the most bytes of whole characters
// that the limit allows.
func cutAt(text string, limit int) int {
	if len(text) <= limit {
		return len(text)
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return limit
}

// outcome is the verdict on one reading of a text, with what it takes to compare
// it with those on the others.
type outcome struct {
	Verdict
	cost    int          // words by which record and claim differ
	matched map[int]bool // bytes of the text at which words start that the record has
	near    map[int]bool // of these, those that stand next to the rest there
}

// inquiry is a text with the passages that it is compared with.
type inquiry struct {
	engine *Engine
	text   string
	words  []unit
	vocab  *wordNumbers
	places []place

	lexicons map[string]*lexicon // by language, read when first wanted
}

func (e *Engine) verify(text string) Verdict {
	q := &inquiry{engine: e, text: text, words: units(text)}
	if len(q.words) == 0 {
		return Verdict{Ruling: NotInCorpus}
	}
	all := readings(text)
	v := q.judge(all, neighbours(q.sources(all), nextTo))
	if few := len(e.passages) <= readAhead; few && v.Ruling == NotInCorpus {
		return q.judge(all, e.everything()) // a language whose words the index does not part
	}
	return v
}

// judge gives the verdict on the best reading of the text, by the sources.
func (q *inquiry) judge(all []claimed, sources []source) Verdict {
	q.words = units(q.text)
	q.vocab = numberWords(q.words)
	q.places = q.vocab.places(sources)
	q.words = q.vocab.join(q.words)
	var (
		whole, best outcome
		found       bool
	)
	if v, others := q.reported(all); others {
		return v
	}
	for i, r := range all {
		if i > 0 && q.belongs(whole, r) {
			continue
		}
		o := q.rule(r)
		o.Claim = strings.TrimSpace(q.text[r.From:r.To])
		if i == 0 {
			whole = o
		}
		if o.Ruling == Verbatim || o.Ruling == Typography || o.Ruling == Truncated || o.Ruling == Misattributed {
			return o.Verdict
		}
		if !found || rank(o) < rank(best) {
			best, found = o, true
		}
	}
	return best.Verdict
}

// reported gives the verdict on a text of the form «China said: "…"» whose words
// the record holds as those of somebody else, who reports them of China: that
// the record holds the report, lead and all, does not make them China's.
func (q *inquiry) reported(all []claimed) (v Verdict, found bool) {
	whole := trimmed(q.text, Span{0, len(q.text)})
	cut, lead := cutLead(q.text, whole)
	if !lead {
		return Verdict{}, false
	}
	for _, r := range all[1:] {
		if !r.quoted || r.From < cut.From || strings.ContainsFunc(q.text[cut.From:r.From], wordRune) || strings.ContainsFunc(q.text[r.To:whole.To], wordRune) {
			continue
		}
		o := q.rule(r)
		o.Claim = strings.TrimSpace(q.text[r.From:r.To])
		return o.Verdict, o.Ruling == Misattributed
	}
	return Verdict{}, false
}

// rank orders outcomes that are not clean, the most telling first.
func rank(o outcome) int {
	switch o.Ruling {
	case Altered, Stitched:
		return o.cost
	case TooShort:
		return 1 << 20
	default:
		return 1 << 21
	}
}

// belongs says whether most of what a reading takes for an attribution stands in
// the record, next to the rest: then it is part of the claim.
func (q *inquiry) belongs(whole outcome, r claimed) bool {
	var outside, matched int
	for _, w := range q.words {
		if w.from >= r.From && w.to <= r.To {
			continue
		}
		outside++
		if whole.near[w.from] {
			matched++
		}
	}
	return 2*matched > outside
}

// sources finds the passages to compare with: those for the whole text, and for
// a quotation within a long one.
func (q *inquiry) sources(all []claimed) []source {
	var out []source
	seen := map[string]bool{}
	add := func(found []source) {
		for _, s := range found {
			if !seen[s.passage.ID] {
				seen[s.passage.ID] = true
				out = append(out, s)
			}
		}
	}
	for _, r := range all {
		if inner := q.within(r.Span); r.quoted && len(inner) > 0 && 2*len(inner) < len(q.words) {
			add(q.engine.texts(inner))
		}
	}
	add(q.engine.texts(q.words))
	return out
}

// within returns the words in a span of the text.
func (q *inquiry) within(s Span) []unit {
	first := slices.IndexFunc(q.words, func(w unit) bool { return w.from >= s.From })
	if first < 0 {
		return nil
	}
	end := first
	for end < len(q.words) && q.words[end].to <= s.To {
		end++
	}
	return q.words[first:end]
}

// rule gives the verdict on one reading.
func (q *inquiry) rule(r claimed) outcome {
	c := &claim{words: q.within(r.Span)}
	if len(c.words) == 0 {
		return outcome{Verdict: Verdict{Ruling: NotInCorpus}}
	}
	c.ids, c.weights = q.vocab.numbers(c.words), weigh(c.words)
	c.cuts = cuts(q.text, r.Span, c.words)
	if count(c.words) < leastWords {
		return outcome{Verdict: q.tooShort(c)}
	}
	if len(c.cuts) == 0 {
		if v, found := q.exact(c, r); found {
			return outcome{Verdict: v}
		}
	} else if v, found := q.truncated(c, r); found {
		return outcome{Verdict: v}
	}
	return q.differing(c)
}

// cuts returns before which words of a claim an ellipsis stands.
func cuts(text string, s Span, words []unit) []int {
	var out []int
	for _, at := range ellipsisForm.FindAllStringIndex(text[s.From:s.To], -1) {
		n, _ := slices.BinarySearchFunc(words, s.From+at[0], func(w unit, from int) int { return w.from - from })
		if len(out) == 0 || out[len(out)-1] != n {
			out = append(out, n)
		}
	}
	return out
}

// tooShort counts where a claim stands that is too short to prove anything.
func (q *inquiry) tooShort(c *claim) Verdict {
	v := Verdict{Ruling: TooShort}
	vocab := numberWords(c.words)
	ids := vocab.numbers(c.words)
	for _, s := range q.engine.more(c.words, mostShort) {
		var p place
		vocab.read(&p, s)
		found := p.find(ids, -1)
		if len(found) > 0 && v.Occurrences == 0 {
			v.Quotations = p.quote(found[0], found[0]+len(ids))
		}
		v.Occurrences += len(found)
	}
	if v.Occurrences == 0 {
		v.Ruling = NotInCorpus
	}
	return v
}
