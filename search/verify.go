package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

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
	// Stitched means that two places of the record are joined without a mark.
	Stitched Ruling = "stitched"
	// Truncated means that an ellipsis hides words.
	Truncated Ruling = "truncated"
	// Misattributed means that the words are right and speaker or year are not.
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
	// Text is the words, as they are written on their side.
	Text string
}

// Verdict is the result of [Engine.Verify].
type Verdict struct {
	Ruling Ruling
	// Alarm lists the kinds of change that carry meaning: negation, modal,
	// number, date, name.
	Alarm []string
	// Diff leads from the record to the claim; empty where the words agree.
	Diff []Edit
	// Quotations are what the record says there: one place, or two for a
	// stitched claim. For a truncated one it is the whole span, hidden words
	// included.
	Quotations []corpus.Quotation
	// Hidden counts the words that an ellipsis hides.
	Hidden int
	// Occurrences counts where a claim that is too short stands.
	Occurrences int
	// Claimed is whom or when the claim names wrongly; for Misattributed.
	Claimed string
	// Claim is the part of the text that was taken for the quotation.
	Claim string
}

// Limits of verification.
const (
	leastWords   = 4    // a claim of fewer words proves nothing
	mostWords    = 1000 // a longer claim is cut
	leastGap     = 12   // words left out in one passage up to which it is altered, not stitched
	leastStitch  = 4    // words that each part of a stitched claim must have
	leastKinship = 0.55 // share of the claim's words that must stand in the record, in order
)

// Verify says whether the record holds the words of a text: of the longest
// quotation in it, or of all of it. Words outside the quotation that name a
// speaker or a year are checked against the record too.
func (e *Engine) Verify(text string) Verdict {
	var last Verdict
	for i, r := range readings(text) {
		v := e.verify(r.claim)
		v.Claim = strings.TrimSpace(r.claim)
		if v.Ruling == Verbatim || v.Ruling == Typography || v.Ruling == Truncated {
			if claimed := e.misattributed(r.around, v.Quotations[0]); claimed != "" {
				v.Ruling, v.Claimed = Misattributed, claimed
			}
			return v
		}
		if i == 0 || r.quoted || last.Ruling == NotInCorpus {
			last = v
		}
	}
	return last
}

// unit is a word of a claim or of the record, in the form in which they are
// compared.
type unit struct {
	from, to int
	form     string
}

// units cuts a text into words for comparison: compatibility forms are folded,
// case and invisible characters dropped, and Han text goes character by
// character, for it parts no words.
func units(text string) []unit {
	var out []unit
	for _, t := range Tokens(text, "und") {
		raw := text[t.From:t.To]
		if !strings.ContainsFunc(raw, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			form := strings.Map(func(r rune) rune {
				if inWord(r) && r != '\'' && r != '’' {
					return -1
				}
				return r
			}, raw)
			out = append(out, unit{t.From, t.To, strings.ReplaceAll(strings.ToLower(norm.NFKC.String(form)), "’", "'")})
			continue
		}
		for i, r := range raw {
			out = append(out, unit{t.From + i, t.From + i + utf8.RuneLen(r), string(r)})
		}
	}
	return out
}

func (e *Engine) verify(claim string) Verdict {
	parts := ellipsis(claim)
	var words []unit
	var cuts []int // before which word an ellipsis stands
	for i, p := range parts {
		u := units(claim[p.From:p.To])
		for j := range u {
			u[j].from += p.From
			u[j].to += p.From
		}
		if i > 0 && len(u) > 0 && len(words) > 0 {
			cuts = append(cuts, len(words))
		}
		words = append(words, u...)
	}
	if len(words) > mostWords {
		words = words[:mostWords]
	}
	if len(words) == 0 {
		return Verdict{Ruling: NotInCorpus}
	}
	texts := e.texts(words)
	if len(words) < leastWords {
		return tooShort(texts, words)
	}
	for _, t := range texts {
		if at := find(t.units, words, 0); at >= 0 && len(cuts) == 0 {
			return exact(t, at, claim, words)
		}
	}
	if len(cuts) > 0 {
		for _, t := range texts {
			if v, found := truncated(t, words, cuts); found {
				return v
			}
		}
	}
	if v, found := stitched(texts, words); found {
		return v
	}
	return altered(texts, claim, words)
}

// source is a passage to compare with.
type source struct {
	passage corpus.Passage
	units   []unit
}

// texts returns the passages that share most with the words, the best first;
// all of a small corpus.
func (e *Engine) texts(words []unit) []source {
	var stems []string
	for _, w := range words {
		for _, t := range Tokens(w.form, "en") {
			stems = append(stems, t.Stem)
		}
	}
	seen := map[string]bool{}
	unique := stems[:0]
	for _, s := range stems {
		if !seen[s] {
			seen[s] = true
			unique = append(unique, s)
		}
	}
	var out []source
	taken := map[int]bool{}
	for _, hit := range e.index.top(unique, candidates) {
		taken[hit.passage] = true
		out = append(out, source{e.index.passages[hit.passage], units(e.index.passages[hit.passage].Text)})
	}
	if len(e.index.passages) <= readAhead { // a language without a stemmer may share no stem
		for i, p := range e.index.passages {
			if !taken[i] {
				out = append(out, source{p, units(p.Text)})
			}
		}
	}
	return out
}

// find returns where words stand in text from start on, or -1.
func find(text, words []unit, start int) int {
	for at := start; at+len(words) <= len(text); at++ {
		same := true
		for i, w := range words {
			if text[at+i].form != w.form {
				same = false
				break
			}
		}
		if same {
			return at
		}
	}
	return -1
}

// quote quotes the words [from, to) of a source with the marks that close them.
func (t source) quote(from, to int) []corpus.Quotation {
	end := t.units[to-1].to
	if r, size := utf8.DecodeRuneInString(t.passage.Text[end:]); strings.ContainsRune(".!?…。！？", r) {
		end += size
	}
	q, err := t.passage.Quote(t.units[from].from, end)
	if err != nil {
		return nil
	}
	return []corpus.Quotation{q}
}

// quoteSentences quotes the whole sentences that hold the words [from, to).
func (t source) quoteSentences(from, to int) []corpus.Quotation {
	first, last := t.units[from].from, t.units[to-1].to
	for _, s := range Sentences(t.passage.Text) {
		if s.From <= t.units[from].from && t.units[from].from < s.To {
			first = s.From
		}
		if s.From < t.units[to-1].to && t.units[to-1].to <= s.To {
			last = s.To
		}
	}
	q, err := t.passage.Quote(first, last)
	if err != nil {
		return nil
	}
	return []corpus.Quotation{q}
}

func tooShort(texts []source, words []unit) Verdict {
	v := Verdict{Ruling: TooShort}
	for _, t := range texts {
		for at := find(t.units, words, 0); at >= 0; at = find(t.units, words, at+1) {
			v.Occurrences++
			if len(v.Quotations) == 0 {
				v.Quotations = t.quote(at, at+len(words))
			}
		}
	}
	if v.Occurrences == 0 {
		v.Ruling = NotInCorpus
	}
	return v
}

// exact rules on words that stand in the record as claimed.
func exact(t source, at int, claim string, words []unit) Verdict {
	last := at + len(words) - 1
	record := t.passage.Text[t.units[at].from:t.units[last].to]
	v := Verdict{Ruling: Typography, Quotations: t.quote(at, last+1)}
	if claim[words[0].from:words[len(words)-1].to] == record {
		v.Ruling = Verbatim
	}
	return v
}

// truncated rules on a claim whose parts stand in order in one passage, with
// hidden words between them.
func truncated(t source, words []unit, cuts []int) (Verdict, bool) {
	bounds := append(append([]int{0}, cuts...), len(words))
	start, first, hidden := 0, -1, 0
	for i := 1; i < len(bounds); i++ {
		part := words[bounds[i-1]:bounds[i]]
		at := find(t.units, part, start)
		if at < 0 {
			return Verdict{}, false
		}
		if first < 0 {
			first = at
		} else {
			hidden += at - start
		}
		start = at + len(part)
	}
	v := Verdict{Ruling: Truncated, Hidden: hidden, Quotations: t.quote(first, start)}
	if hidden == 0 {
		v.Ruling = Typography
	}
	return v, true
}

// stitched rules on a claim whose beginning stands in one place and whose rest
// in another.
func stitched(texts []source, words []unit) (Verdict, bool) {
	for cut := len(words) - leastStitch; cut >= leastStitch; cut-- {
		for _, a := range texts {
			from := find(a.units, words[:cut], 0)
			if from < 0 {
				continue
			}
			for _, b := range texts {
				to := find(b.units, words[cut:], 0)
				if gap := to - from - cut; a.passage.ID == b.passage.ID && gap >= 0 && gap <= leastGap {
					continue // a few words left out are an alteration
				}
				if to >= 0 {
					return Verdict{
						Ruling:     Stitched,
						Quotations: append(a.quote(from, from+cut), b.quote(to, to+len(words)-cut)...),
					}, true
				}
			}
		}
	}
	return Verdict{}, false
}

// altered rules on a claim that is like a place of the record, word by word, or
// like none.
func altered(texts []source, claim string, words []unit) Verdict {
	var (
		best  alignment
		where source
	)
	for _, t := range texts {
		if a := align(t.units, words); a.same > best.same || (a.same == best.same && a.cost < best.cost && a.same > 0) {
			best, where = a, t
		}
	}
	if best.same == 0 || float64(best.same)/float64(len(words)) < leastKinship || best.same < leastWords-1 {
		return Verdict{Ruling: NotInCorpus}
	}
	v := Verdict{Ruling: Altered, Quotations: where.quoteSentences(best.from, best.to)}
	v.Diff, v.Alarm = difference(where, claim, words, best)
	return v
}
