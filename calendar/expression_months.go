package calendar

import "time"

// month reads the name of a month, in Arabic also two names with a slash, and
// returns 0 where there is none.
func (r *reader) month(i int) (time.Month, int) {
	t := r.tok(i)
	m, next := time.Month(t.month), i+1
	if o := r.tok(i + 1); t.kind == wordToken && m == 0 && t.class&(kanunWord|tishrinWord) != 0 {
		switch {
		case o.ordinal == 1 && t.class&tishrinWord != 0:
			m = time.October
		case o.ordinal == 2 && t.class&tishrinWord != 0:
			m = time.November
		case o.ordinal == 1:
			m = time.December
		case o.ordinal == 2:
			m = time.January
		}
		next = i + 2
	}
	if m == 0 || t.kind != wordToken {
		return 0, i
	}
	if r.mark(next, "/") && time.Month(r.tok(next+1).month) == m {
		next += 2
	}
	if t.class&abbreviated != 0 && r.mark(next, ".") && r.tok(next).glued {
		next++
	}
	return m, next
}

// day reads the number of a day, "1er" and "26th" and "первого" included, and
// returns 0 where there is none.
func (r *reader) day(i int) (int, int) {
	t := r.tok(i)
	if t.kind == wordToken && t.ordinal == 1 {
		return 1, i + 1
	}
	if t.kind != numberToken || t.digits > 2 || t.number < 1 || t.number > 31 || !r.opens(i) {
		return 0, i
	}
	next := i + 1
	switch u := r.tok(next); {
	case r.is(next, ordinalEnd) && u.glued:
		next++
	case r.mark(next, "º°") && u.glued:
		next++
	case r.mark(next, "-") && u.glued && r.is(next+1, ordinalEnd) && r.tok(next+1).glued:
		next += 2
	}
	return t.number, next
}

// dayMonth reads "26 March 2021", "26th of March", "26 to 30 July 2021" and "26
// March this year"; of "3 and 5 May 2021" it reads the first day.
func (r *reader) dayMonth(i int) (moment, int, bool) {
	d, next := r.day(i)
	if d == 0 {
		return moment{}, 0, false
	}
	if m, after, ok := r.monthOfDay(next, d); ok {
		return m, after, true
	}
	if other, after := r.rangeOfDays(next, d); other > 0 {
		if m, end, ok := r.monthOfDay(after, other); ok && d < other {
			m.end = m.start
			m.start.Day, m.extent = d, RangeExtent
			return m, end, true
		}
	}
	// A list of days that share their month.
	k := next
	for range 6 {
		if !r.mark(k, ",،") && !r.is(k, andWord) {
			break
		}
		k++
		if r.is(k, andWord) {
			k++
		}
		after := r.skip(k, 1, articleWord)
		other, end := r.day(after)
		if other <= d {
			break
		}
		if m, _, ok := r.monthOfDay(end, other); ok {
			m.start.Day, m.end.Day = d, d
			if m.extent == DayExtent && (m.yearless || m.start.real()) {
				return m, next, true
			}
			break
		}
		k = end
	}
	return moment{}, 0, false
}

// rangeOfDays reads what stands between the days of "26–30 July" and the second
// day; 0 where there is none.
func (r *reader) rangeOfDays(i, d int) (int, int) {
	if !r.dash(i) && !r.is(i, toWord) {
		return 0, i
	}
	other, next := r.dayAfterDash(r.skip(i+1, 1, articleWord))
	if other <= d {
		return 0, i
	}
	return other, next
}

func (r *reader) dayAfterDash(i int) (int, int) {
	t := r.tok(i)
	if t.kind == numberToken && t.digits <= 2 && t.number >= 1 && t.number <= 31 {
		if !r.dash(i-1) || r.closes(i) || r.is(i+1, ordinalEnd) {
			next := i + 1
			if r.is(next, ordinalEnd) && r.tok(next).glued {
				next++
			}
			return t.number, next
		}
	}
	return 0, i
}

// monthOfDay reads the month and the year of a day that has been read.
func (r *reader) monthOfDay(i, d int) (moment, int, bool) {
	i = r.skip(i, 1, ofWord)
	mo, next := r.month(i)
	if mo == 0 {
		return moment{}, 0, false
	}
	m := at(Date{Month: mo, Day: d})
	m, next = r.withYear(m, next)
	if !m.start.real() {
		return moment{}, 0, false
	}
	return m, next, true
}

// withYear adds the year that follows a month: a number, a relative one, or one
// that a list shares ("3 May and 5 June 2021").
func (r *reader) withYear(m moment, i int) (moment, int) {
	set := func(y int) {
		m.start.Year, m.yearless = y, y == 0
		m.end = m.start
	}
	if y, next := r.yearOfMonth(i); y > 0 {
		set(y)
		return m, next
	}
	k := r.skip(r.skip(i, 1, ofWord), 1, articleWord)
	if y, next, ok := r.relative(k); ok && y.extent == YearExtent && y.relative {
		set(y.start.Year)
		m.relative, m.yearless = true, false
		if y.start.IsZero() {
			m.start, m.end = Date{}, Date{}
		}
		return m, next
	}
	// A list that shares its year.
	k = i
	for range 3 {
		if !r.mark(k, ",،") && !r.is(k, andWord) {
			return m, i
		}
		k++
		if r.is(k, andWord) {
			k++
		}
		k = r.skip(k, 2, articleWord|inWord)
		if d, next := r.day(k); d > 0 {
			if other, end := r.rangeOfDays(next, d); other > 0 {
				next = end
			}
			k = r.skip(next, 1, ofWord)
		}
		mo, next := r.month(k)
		if mo < m.start.Month || mo == 0 {
			return m, i
		}
		if y, _ := r.yearOfMonth(next); y > 0 {
			set(y)
			return m, i
		}
		k = next
	}
	return m, i
}

// yearOfMonth reads the year after a month: "2021", ", 2021", "de 2021", "2021
// года", "عام 2021"; 0 where there is none.
func (r *reader) yearOfMonth(i int) (int, int) {
	if r.mark(i, ",،") && r.tok(i+1).kind == numberToken {
		i++
	}
	i = r.skip(i, 1, ofWord)
	if r.is(i, articleWord) && r.is(i+1, yearMark) {
		i++
	}
	i = r.skip(i, 1, yearMark)
	t := r.tok(i)
	if t.kind != numberToken || t.digits != 4 || t.number < 1000 || t.number > 2999 || !r.closes(i) && !r.dash(i+1) {
		return 0, i
	}
	return t.number, r.yearSuffix(i + 1)
}

// yearSuffix skips "года", "г." and the like.
func (r *reader) yearSuffix(i int) int {
	t := r.tok(i)
	if t.kind == hanToken && t.rune == '年' {
		return i + 1
	}
	if t.kind != wordToken || t.class&yearMark == 0 || !cyrillic(r.text[t.from:t.to]) {
		return i
	}
	if short := t.to-t.from <= len("гг"); short && r.mark(i+1, ".") && r.tok(i+1).glued && r.tok(i+2).kind != endToken {
		return i + 2
	}
	return i + 1
}

func cyrillic(s string) bool { return s != "" && (s[0] == 0xd0 || s[0] == 0xd1) }

// monthDay reads what begins with a month: "March 26, 2021", "July 26–30, 2021",
// "June 2021", "April this year", and a month alone after "in" and its like.
func (r *reader) monthDay(i int) (moment, int, bool) {
	mo, next := r.month(i)
	if mo == 0 {
		return moment{}, 0, false
	}
	t := r.tok(i)
	if d, after := r.day(next); d > 0 && r.tok(next).kind == numberToken && (t.upper || t.class&doubtful == 0) {
		m := at(Date{Month: mo, Day: d})
		other, end := r.rangeOfDays(after, d)
		if other > 0 && r.tok(end).month == 0 {
			after = end
		} else {
			other = 0
		}
		if m, after = r.withYear(m, after); m.start.real() && (r.closes(next) || !m.yearless || other > 0) {
			if other > 0 {
				m.end.Day, m.extent = other, RangeExtent
			}
			return m, after, m.end.real()
		}
	}
	m, after := r.withYear(at(Date{Month: mo}), next)
	if d, to := r.day(i - 1); d > 0 && to == i && !(Date{m.start.Year, mo, d}).real() { // "31 February 2021" is no February either
		return moment{}, 0, false
	}
	switch {
	case !m.yearless && (t.upper || t.class&doubtful == 0 || !english(r.text[t.from:t.to])):
		return m, after, true
	case m.yearless && t.class&abbreviated == 0 && (t.upper || t.class&doubtful == 0) && (r.is(i-1, inWord) || r.joinsMonth(after)):
		return m, after, true
	}
	return moment{}, 0, false
}

// joinsMonth says whether a range leads from here to another month: "May–June".
func (r *reader) joinsMonth(i int) bool {
	k := r.joins(i, false)
	if k < 0 {
		return false
	}
	mo, _ := r.month(k)
	return mo > 0
}

// english says whether a doubtful month is an English word; the others are not
// written with a capital.
func english(word string) bool {
	return word == "may" || word == "march" || word == "august" || word == "mar" || word == "dec"
}
