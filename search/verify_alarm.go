package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexeme is a word of a claim or of the record, with what alarms need to know of
// it.
type lexeme struct {
	form, raw string
	first     bool // it starts a sentence, where a capital means nothing
	exempt    bool // part of a date that both sides write, each its own way
}

// changes compares claim and record where they differ.
type changes struct {
	lexicon       *lexicon
	record, claim []lexeme
	from, start   int  // the words that record[0] and claim[0] are
	shouting      bool // the claim's capitals mean nothing
	kinds         []string
}

// alarms names the kinds of change that carry meaning between the words of an
// alignment: negation, modal, number, date, name.
func (a alignment) alarms(text string, words []unit, x *lexicon) []string {
	c := changes{lexicon: x, from: a.from, start: a.start}
	for i := a.from; i < a.to; i++ {
		raw := a.place.raw(i)
		c.record = append(c.record, lexeme{form: string(fold(nil, raw)), raw: raw, first: startsAt(a.place.text(i), a.place.words[i].from)})
	}
	end := a.start
	for _, s := range a.steps {
		if s == 'e' || s == 'i' {
			end++
		}
	}
	capitals := 0
	for _, w := range words[a.start:end] {
		raw := text[w.from:w.to]
		c.claim = append(c.claim, lexeme{form: w.form, raw: raw, first: startsAt(text, w.from)})
		if unicode.IsUpper(firstRune(raw)) {
			capitals++
		}
	}
	c.shouting = len(c.claim) > 3 && capitals*10 > 6*len(c.claim)
	all := a.blocks()
	c.exemptDates(all)
	for _, b := range all {
		if !b.same {
			c.compare(b)
		}
	}
	slices.Sort(c.kinds)
	return slices.Compact(c.kinds)
}

// compare raises the alarms of one stretch in which claim and record differ.
func (c *changes) compare(b block) {
	was := c.marks(c.record, b.from-c.from, b.to-c.from, false)
	is := c.marks(c.claim, b.first-c.start, b.end-c.start, c.shouting)
	for _, kind := range []string{alarmNegation, alarmModal, alarmNumber, alarmDate, alarmName} {
		if b.hidden && kind != alarmNegation { // whatever an ellipsis hides holds names and numbers
			continue
		}
		if !slices.Equal(values(was, kind), values(is, kind)) {
			c.kinds = append(c.kinds, kind)
		}
	}
	for _, w := range c.record[b.from-c.from : b.to-c.from] {
		for _, n := range c.claim[b.first-c.start : b.end-c.start] {
			if negatedBy(w.form, n.form) {
				c.kinds = append(c.kinds, alarmNegation)
			}
		}
	}
}

// values returns what the marks of a kind stand for, in order of the alphabet.
func values(marks []mark, kind string) []string {
	var out []string
	for _, m := range marks {
		if m.kind == kind {
			out = append(out, m.value)
		}
	}
	slices.Sort(out)
	return out
}

// marks returns the marks of the words [from, to), of words of several units
// also where they only reach into it.
func (c *changes) marks(words []lexeme, from, to int, shouting bool) []mark {
	var out []mark
	for i := max(0, from-c.lexicon.longest+1); i < to; {
		found, length := c.longestAt(words, i)
		if i+length <= from {
			i++
			continue
		}
		if i < from && length == 1 {
			i++
			continue
		}
		if words[i].exempt {
			i++
			continue
		}
		if value, n := numberAt(c.lexicon, words, i, to); n > 0 && i >= from {
			out = append(out, mark{alarmNumber, value})
			if isYear(words[i].form) {
				out = append(out, mark{alarmDate, value})
			}
			i += n
			continue
		}
		if length > 1 {
			out = append(out, found...)
		} else {
			out = append(out, c.single(words, i, found, shouting)...)
		}
		i += length
	}
	return out
}

// longestAt returns the marks of the longest word of the lists that starts at a
// unit, and its length in units; those of the unit where there is none longer.
func (c *changes) longestAt(words []lexeme, at int) ([]mark, int) {
	if standsAlone(firstRune(words[at].form)) {
		joined := words[at].form
		best, length := c.lexicon.marks[joined], 1
		for n := 2; n <= c.lexicon.longest && at+n <= len(words); n++ {
			joined += words[at+n-1].form
			if found := c.lexicon.marks[joined]; len(found) > 0 {
				best, length = found, n
			}
		}
		return best, length
	}
	return c.lexicon.of(words[at].form), 1
}

// single returns the marks of a word that is no number: listed ones, or that of
// a name.
func (c *changes) single(words []lexeme, at int, found []mark, shouting bool) []mark {
	w := words[at]
	capital := unicode.IsUpper(firstRune(w.raw)) && !shouting
	var out []mark
	for _, m := range found {
		switch {
		case m.kind == alarmNumber: // read by numberAt, or an acronym such as "UN"
		case m.kind == alarmDate && w.form == "may" && (!capital || w.first) && !besideNumber(words, at):
		case m.kind == alarmDate && w.form == "march" && !capital && !shouting:
		case m.kind == alarmModal && w.form == "may" && capital && (!w.first || besideNumber(words, at)):
		default:
			out = append(out, m)
		}
	}
	if len(out) == 0 && c.isName(w, shouting) {
		out = append(out, mark{alarmName, strings.ReplaceAll(strings.TrimSuffix(w.form, "'s"), "'", "")})
	}
	return out
}

func besideNumber(words []lexeme, at int) bool {
	digit := func(i int) bool {
		return i >= 0 && i < len(words) && words[i].form != "" && words[i].form[0] >= '0' && words[i].form[0] <= '9'
	}
	return digit(at-1) || digit(at+1)
}

// isName says whether a word is a proper name. A capital shows it where it does
// not start a sentence; there, and in a claim all in capitals, only States and
// short forms are known.
func (c *changes) isName(w lexeme, shouting bool) bool {
	r, size := utf8.DecodeRuneInString(w.raw)
	if w.form == "i" || strings.HasPrefix(w.form, "i'") {
		return false
	}
	upper := unicode.IsUpper(r)
	inner := strings.ContainsFunc(w.raw[size:], unicode.IsUpper)
	switch {
	case shouting, !upper && !inner:
		return len(w.form) > 3 && !stopword(w.form) && len(StatesIn(w.raw)) > 0
	case inner, !w.first:
		return true
	}
	return !stopword(w.form) && len(StatesIn(w.raw)) > 0
}

// startsAt says whether a sentence starts at an offset.
func startsAt(text string, at int) bool {
	before := strings.TrimRightFunc(text[max(0, at-64):at], func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'“”«»„‘’(-–—[", r) || invisible(r)
	})
	if before == "" {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	if r == '.' && endsInTitle(strings.TrimRight(before, ".")) {
		return false // "Ms. Nakamitsu"
	}
	return strings.ContainsRune(".!?:…؟。！？：", r)
}

// endsInTitle says whether a text ends in an initial or a title, behind which a
// name follows.
func endsInTitle(text string) bool {
	word := text[strings.LastIndexFunc(text, unicode.IsSpace)+1:]
	if r, size := utf8.DecodeRuneInString(word); size == len(word) && unicode.IsUpper(r) {
		return true
	}
	switch strings.ToLower(word) {
	case "mr", "mrs", "ms", "mme", "dr", "prof", "st", "h.e", "amb", "gen", "sr", "sra", "no", "г":
		return true
	}
	return false
}

// hiddenNegation says whether words of the record that a claim leaves out deny
// something.
func hiddenNegation(p *place, from, to int, x *lexicon) bool {
	for i := from; i < to; i++ {
		for _, m := range x.of(string(fold(nil, p.raw(i)))) {
			if m.kind == alarmNegation {
				return true
			}
		}
	}
	return false
}

// exemptDates marks the dates that claim and record write differently and mean
// the same by: "26 March 2021" and "2021-03-26".
func (c *changes) exemptDates(all []block) {
	in := func(d dated, first bool) bool {
		return slices.ContainsFunc(all, func(b block) bool {
			from, to := b.from-c.from, b.to-c.from
			if first {
				from, to = b.first-c.start, b.end-c.start
			}
			return !b.same && cmp.Less(from, d.to) && cmp.Less(d.from, to)
		})
	}
	theirs := datesIn(c.lexicon, c.claim)
	for _, d := range datesIn(c.lexicon, c.record) {
		for i, t := range theirs {
			if t.date == d.date && (in(d, false) || in(t, true)) {
				for n := d.from; n < d.to; n++ {
					c.record[n].exempt = true
				}
				for n := t.from; n < t.to; n++ {
					c.claim[n].exempt = true
				}
				theirs = slices.Delete(theirs, i, i+1)
				break
			}
		}
	}
}
