package calendar

import "time"

// The limits of a year that stands without a month.
const (
	firstYear = 1800
	lastYear  = 2099
)

// moment reads the time that begins at token i: a date, a part of one, a decade,
// or one that is relative to when it was said. It returns the place after it.
func (r *reader) moment(i int) (moment, int, bool) {
	start := i
	clock, next := r.clock(i)
	if clock != "" {
		for next = r.skip(next, 1, inWord); r.mark(next, ","); next++ { //nolint:revive // moves on
		}
		i = r.skip(next, 1, inWord|articleWord)
	}
	if t := r.tok(i); t.weekday > 0 {
		i++
		if r.mark(i, ",،") {
			i++
		}
		i = r.skip(i, 1, articleWord)
	}
	m, next, found := r.date(i)
	if !found || i != start && m.extent != DayExtent {
		return moment{}, 0, false
	}
	if clock != "" {
		m.clock = clock
	}
	if m.clock == "" && m.extent == DayExtent {
		k := next
		if r.mark(k, ",") {
			k++
		}
		k = r.skip(k, 1, atWord)
		if c, after := r.clock(k); c != "" {
			m.clock, next = c, after
		}
	}
	return m, next, true
}

// date reads a date without weekday and clock.
func (r *reader) date(i int) (moment, int, bool) {
	if r.tok(i).kind == wordToken {
		if m, next, ok := r.partOf(i); ok {
			return m, next, true
		}
		if m, next, ok := r.quarter(i); ok {
			return m, next, true
		}
	}
	return r.wholeDate(i)
}

// rule reads the time that begins at token i and returns the place after it.
type rule func(r *reader, i int) (moment, int, bool)

// first returns what the first of the rules that holds reads.
func (r *reader) first(i int, rules []rule) (moment, int, bool) {
	for _, read := range rules {
		if m, next, ok := read(r, i); ok {
			return m, next, true
		}
	}
	return moment{}, 0, false
}

// wholeDate reads a date that is not a part of one.
func (r *reader) wholeDate(i int) (moment, int, bool) {
	switch r.tok(i).kind {
	case hanToken:
		return r.han(i)
	case numberToken:
		return r.first(i, []rule{(*reader).han, (*reader).iso, (*reader).numeric, (*reader).dayMonth, (*reader).decade, (*reader).relative, (*reader).bareYear})
	case endToken, markToken:
	case wordToken:
		return r.first(i, []rule{(*reader).monthDay, (*reader).dayMonth, (*reader).decade, (*reader).relative, (*reader).markedYear})
	}
	return moment{}, 0, false
}

// iso reads "2021-06-29", with or without a time after it.
func (r *reader) iso(i int) (moment, int, bool) {
	y, mo, d := r.tok(i), r.tok(i+2), r.tok(i+4)
	if y.digits != 4 || !r.clean(i) || !r.joined(i, "-") || mo.digits != 2 {
		return moment{}, 0, false
	}
	if month := (Date{y.number, time.Month(mo.number), 0}); y.number >= firstYear && y.number <= lastYear && month.real() && r.closes(i+2) {
		return at(month), i + 3, true
	}
	if !r.joined(i+2, "-") || d.digits != 2 {
		return moment{}, 0, false
	}
	date := Date{y.number, time.Month(mo.number), d.number}
	if y.number == 0 || !date.real() || r.wordGlued(i+5) && !r.tok(i+5).upper {
		return moment{}, 0, false
	}
	m := at(date)
	if r.wordGlued(i+5) && r.tok(i+6).glued { // "T10:00Z"
		if c, next := r.hour(i + 6); c != "" {
			m.clock = c
			if z := r.tok(next); r.wordGlued(next) && r.text[z.from:z.to] == "Z" {
				next++
			}
			return m, next, true
		}
	}
	return m, i + 5, true
}

// numeric reads "29.06.2021" and "29/06/2021"; with slashes the month and the day
// are known only where one of them is over twelve, else only the year is.
func (r *reader) numeric(i int) (moment, int, bool) {
	a, b, y := r.tok(i), r.tok(i+2), r.tok(i+4)
	dots, slashes := r.joined(i, ".") && r.joined(i+2, "."), r.joined(i, "/") && r.joined(i+2, "/")
	if !dots && !slashes || a.digits > 2 || b.digits > 2 || y.digits != 4 || y.number < firstYear || y.number > lastYear || !r.opens(i) || !r.closes(i+4) {
		return moment{}, 0, false
	}
	d := Date{y.number, time.Month(b.number), a.number}
	if slashes && b.number > 12 {
		d = Date{y.number, time.Month(a.number), b.number}
	}
	if d.Day == 0 || !d.real() {
		return moment{}, 0, false
	}
	if slashes && a.number <= 12 && b.number <= 12 && a.number != b.number {
		d.Month, d.Day = 0, 0
	}
	return at(d), i + 5, true
}
