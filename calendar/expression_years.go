package calendar

import (
	"fmt"
	"strings"
	"time"
)

// opens says whether the number at i stands free on its left: nothing of a word, a
// symbol or another number is glued to it.
func (r *reader) opens(i int) bool {
	t, before := r.tok(i), r.tok(i-1)
	if !t.glued || i == 0 || before.kind == hanToken {
		return !r.mark(i-1, "$€£#№§¶")
	}
	if before.kind == wordToken { // an Arabic particle, or an elided article
		return before.elides || before.to-before.from == len("و") && before.from < before.to && r.text[before.from] >= 0xd8
	}
	switch {
	case r.mark(i-1, "([{\"'“”„«‹‘’—…¿¡*،؛、。，（「《：；？！"):
		return true
	case r.mark(i-1, "-–"): // "mid-2023", "post-2015"; not "COVID-19"
		w := r.tok(i - 2)
		if w.kind == numberToken && w.digits == 4 && t.digits <= 2 { // "December 2020–11 July 2025"
			return true
		}
		return !before.glued || w.kind == wordToken && (w.part > 0 || w.to-w.from <= len("post") && !w.upper)
	}
	return false
}

// closes says whether the number at i stands free on its right.
func (r *reader) closes(i int) bool {
	t, after := r.tok(i+1), r.tok(i+2)
	if !t.glued || t.kind == endToken {
		return !r.mark(i+1, "%€£")
	}
	switch {
	case t.kind == wordToken:
		return t.class&yearMark != 0
	case t.kind == hanToken:
		return true
	case r.mark(i+1, ".,:'’-–/") && after.glued && after.kind == numberToken:
		return false
	case r.mark(i+1, "-–"):
		return after.glued && after.kind == wordToken && !after.upper
	}
	return r.mark(i+1, ".,;:)]}\"'“”»›‘’?!…—،؛؟*。，、）」》：；？！\n")
}

// clean says whether the number at i stands free on its left and has no grouped
// digits.
func (r *reader) clean(i int) bool { return r.opens(i) && r.tok(i).number >= 0 }

// joined says whether the number at i and the one after next are joined by one of
// the marks without any space.
func (r *reader) joined(i int, marks string) bool {
	return r.tok(i).kind == numberToken && r.mark(i+1, marks) && r.tok(i+1).glued && r.tok(i+2).kind == numberToken && r.tok(i+2).glued
}

func (r *reader) wordGlued(i int) bool { return r.tok(i).kind == wordToken && r.tok(i).glued }

// dash says whether token i is a hyphen or a dash.
func (r *reader) dash(i int) bool { return r.mark(i, "-–—‑−～") }

// bareYear reads a year that stands alone: a number of four digits that no word
// around it makes a reference or a count.
func (r *reader) bareYear(i int) (moment, int, bool) {
	if !r.isYear(i) || !r.closes(i) {
		return moment{}, 0, false
	}
	return at(Date{Year: r.tok(i).number}), r.yearSuffix(i + 1), true
}

// isYear says whether the number at i can be a year by its value and by the words
// around it, whatever is glued to its right.
func (r *reader) isYear(i int) bool {
	t := r.tok(i)
	if t.kind != numberToken || t.digits != 4 || t.number < firstYear || t.number > lastYear || !r.opens(i) {
		return false
	}
	return !r.refers(i) && !r.counts(i)
}

// refers says whether the number at i names something: "paragraph 2019",
// "resolution 1904 (2009)", also later in a list of such numbers.
func (r *reader) refers(i int) bool {
	t := r.tok(i)
	if r.refused == t.to { // asked before
		return true
	}
	refers := r.is(i-1, referenceWord) && (r.phrase(i-1, paraPhrase) != i || !r.spanish(i-1))
	if r.mark(i-1, ".") && r.tok(i-1).glued && r.is(i-2, referenceWord) {
		refers = true
	}
	if y := r.tok(i + 2); r.mark(i+1, "(") && y.digits == 4 && r.mark(i+3, ")") {
		refers = true
	}
	if r.refused >= 0 && r.refused <= t.from && t.from-r.refused <= len(" and ") {
		switch strings.Trim(r.text[r.refused:t.from], " ,;&") {
		case "", "and", "or", "to", "et", "y", "и":
			refers = true
		}
	}
	if !refers {
		return false
	}
	r.refused = t.to
	if r.mark(i+1, "(") && r.mark(i+3, ")") {
		r.refused = r.tok(i + 3).to
	}
	return true
}

// counts says whether the number at i counts something: "some 2000 delegates".
func (r *reader) counts(i int) bool {
	t, after := r.tok(i), r.tok(i+1)
	round := t.number%100 == 0
	switch {
	case r.is(i+1, countedWord), r.mark(i+1, "%$€£°") || r.is(i-1, quantityWord):
		return true
	case r.is(i-1, quantityWord), round && r.phrase(i-1, leastPhrase) == i:
		return true
	case r.phrase(i-2, leastPhrase) == i, after.kind == hanToken && after.rune != '年':
		return true
	}
	return false
}

// decade reads "1990s", "the 1990's", "années 1990", "2000-х годов", "90-е годы".
func (r *reader) decade(i int) (moment, int, bool) {
	marked := r.is(i, decadeMark)
	k := i
	if marked {
		k = r.skip(i+1, 1, ofWord)
	}
	t, next := r.tok(k), k+1
	if t.kind != numberToken || t.number%10 != 0 || !r.opens(k) {
		return moment{}, 0, false
	}
	n := t.number
	if r.mark(next, "'’-") && r.tok(next).glued && r.tok(next+1).glued && r.is(next+1, decadeEnd) {
		next++
	}
	if r.is(next, decadeEnd) && r.tok(next).glued {
		next++
	}
	suffixed := next > k+1
	if after := r.yearSuffix(next); suffixed && after > next {
		if next = after; t.digits == 2 && n >= 20 {
			n += 1900
		}
	}
	if !suffixed && !marked || n < firstYear || n > lastYear || !suffixed && !r.closes(k) {
		return moment{}, 0, false
	}
	if marked && !suffixed && r.text[r.tok(i).from] >= 0xd0 { // a Russian year, not a decade
		return moment{}, 0, false
	}
	return moment{start: Date{Year: n}, end: Date{Year: n + 9}, extent: DecadeExtent}, next, true
}

// markedYear reads a year after its noun: "عام 2021", "год 2021".
func (r *reader) markedYear(i int) (moment, int, bool) {
	if !r.is(i, yearMark) || r.tok(i+1).kind != numberToken {
		return moment{}, 0, false
	}
	return r.bareYear(i + 1)
}

// partOf reads "early 2000s", "mid-2023", "the end of June 2021", "summer 2022".
func (r *reader) partOf(i int) (moment, int, bool) {
	p := partOfIndex(r.tok(i).part)
	if p == "" || r.tok(i).kind != wordToken {
		return moment{}, 0, false
	}
	k := i + 1
	if r.dash(k) && r.tok(k).glued {
		k++
	}
	m, next, found := moment{}, 0, false
	for range 3 {
		if m, next, found = r.wholeDate(k); found {
			break
		}
		if m, next, found = r.thatUnit(k); found {
			break
		}
		if !r.is(k, ofWord|articleWord|inWord) {
			return moment{}, 0, false
		}
		k++
	}
	if !found || m.extent != MonthExtent && m.extent != YearExtent && m.extent != DecadeExtent {
		return moment{}, 0, false
	}
	m.part = p
	if m.extent == DecadeExtent && (p == Beginning || p == End) {
		m.part = map[Part]Part{Beginning: Early, End: Late}[p]
	}
	return m, next, true
}

// quarter reads "the first quarter of 2022", "second half of 2022", "Q1 2022".
func (r *reader) quarter(i int) (moment, int, bool) {
	t := r.tok(i)
	n := int(t.ordinal)
	q, h := r.is(i+1, quarterWord), r.is(i+1, halfWord)
	k := i + 2
	switch {
	case t.to-t.from == 1 && strings.EqualFold(r.text[t.from:t.to], "q") && r.tok(i+1).glued && r.tok(i+1).digits == 1:
		n = r.tok(i + 1).number
	case n == 0 || !q && !h:
		return moment{}, 0, false
	}
	for range 2 {
		k = r.skip(k, 1, ofWord|inWord)
	}
	y, next, found := r.wholeDate(k)
	if !found || y.extent != YearExtent || n < 1 || h && n > 2 || n > 4 {
		return moment{}, 0, false
	}
	length := time.Month(3)
	if h {
		length = 6
	}
	y.extent = RangeExtent
	if !y.start.IsZero() {
		y.start.Month = time.Month(n-1)*length + 1
		y.end.Month = y.start.Month + length - 1
	}
	return y, next, true
}

// clock reads a time of day: "10:30", "10.30 a.m.", "3 p.m.", "10 h 30". It
// returns "15:04", or "" where there is none.
func (r *reader) clock(i int) (string, int) {
	i = r.skip(i, 1, atWord)
	if !r.opens(i) {
		return "", i
	}
	return r.hour(i)
}

// hour reads a time of day, whatever stands before it.
func (r *reader) hour(i int) (string, int) {
	h := r.tok(i)
	if h.kind != numberToken || h.digits > 2 || h.number > 23 {
		return "", i
	}
	minute, next, sure := 0, i+1, false
	if m := r.tok(i + 2); r.joined(i, ":.") && m.digits == 2 && m.number < 60 {
		minute, next, sure = m.number, i+3, r.mark(i+1, ":")
		if sure && r.joined(i+2, ":") && r.tok(i+4).digits == 2 { // seconds
			next = i + 5
		}
	}
	half, after := r.halfOfDay(next)
	if half >= 0 && h.number >= 1 && h.number <= 12 {
		return fmt.Sprintf("%02d:%02d", h.number%12+12*half, minute), after
	}
	if !sure {
		return "", i
	}
	return fmt.Sprintf("%02d:%02d", h.number, minute), next
}

// halfOfDay reads "am" and "p.m."; -1 where there is none.
func (r *reader) halfOfDay(i int) (int, int) {
	t := r.tok(i)
	if t.kind != wordToken {
		return -1, i
	}
	switch word := strings.ToLower(r.text[t.from:t.to]); word {
	case "am":
		return 0, i + 1
	case "pm":
		return 1, i + 1
	}
	half := -1
	switch {
	case r.is(i, letterA):
		half = 0
	case r.is(i, letterP):
		half = 1
	}
	if half < 0 || !r.mark(i+1, ".") || !r.is(i+2, letterM) || !r.tok(i+2).glued {
		return -1, i
	}
	if r.mark(i+3, ".") && r.tok(i+3).glued && r.tok(i+4).kind != endToken && !r.tok(i+4).upper {
		return half, i + 4
	}
	return half, i + 3
}
