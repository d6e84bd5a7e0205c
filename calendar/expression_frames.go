package calendar

// expression reads the whole expression that begins at token i: a moment, a range
// of two, or one that a word before it bounds.
func (r *reader) expression(i int) (moment, int, bool) {
	return r.first(i, []rule{(*reader).enclosed, (*reader).deadline, (*reader).since, (*reader).span})
}

// enclosed reads "from 2019 to 2021", "between May and July 2021", "du 26 au 30
// juillet 2021".
func (r *reader) enclosed(i int) (moment, int, bool) {
	between := false
	k := r.phrase(i, fromPhrase)
	if b := r.phrase(i, betweenPhrase); b > 0 {
		k, between = b, true
	}
	if k < 0 {
		return moment{}, 0, false
	}
	k = r.skip(k, 1, articleWord)
	m, next, found := r.twoEnds(k, true)
	if found && m.extent == RangeExtent {
		return m, next, true
	}
	if between {
		return moment{}, 0, false
	}
	m, next, found = r.moment(k)
	if !found {
		return moment{}, 0, false
	}
	if after := r.phrase(next, onwardPhrase); after > 0 {
		m.end, m.extent = Date{}, RangeExtent
		return m, after, true
	}
	return moment{}, 0, false
}

// since reads "since 2004", "с 2004 года".
func (r *reader) since(i int) (moment, int, bool) {
	k := r.phrase(i, sincePhrase)
	if k < 0 {
		return moment{}, 0, false
	}
	k = r.skip(k, 1, articleWord)
	m, next, found := r.moment(k)
	if !found || m.extent == RangeExtent {
		return moment{}, 0, false
	}
	m.end, m.extent = Date{}, RangeExtent
	return m, next, true
}

// deadline reads "by 2023", "no later than 31 December 2026", "before June 2021"
// and, as a range without a start, "until 2025".
func (r *reader) deadline(i int) (moment, int, bool) {
	kind, k := r.bound(i)
	if kind == noPhrase {
		return moment{}, 0, false
	}
	if r.mark(k, ":") {
		k++
	}
	k = r.skip(k, 2, articleWord|inWord)
	m, next, found := r.moment(k)
	if !found {
		return moment{}, 0, false
	}
	if m.extent == RangeExtent && !m.relative { // "до 26–30 июля": as a whole
		m.start = m.end
	}
	if m.extent == RangeExtent && m.relative { // "by another five years" bounds nothing
		return moment{}, 0, false
	}
	end := m.end
	if kind == beforePhrase && !m.yearless && m.part == "" && !end.IsZero() {
		if end = m.start.before(); m.clock != "" {
			end = m.start
		}
	}
	m.start, m.end, m.extent = Date{}, end, DeadlineExtent
	if kind == untilPhrase {
		m.extent = RangeExtent
	}
	return m, next, true
}

// bound reads the words that make a deadline or an end of what follows.
func (r *reader) bound(i int) (phrase, int) {
	for _, kind := range []phrase{byPhrase, untilPhrase, beforePhrase} {
		if next := r.phrase(i, kind); next > 0 {
			return kind, next
		}
	}
	if next := r.phrase(i, paraPhrase); next > 0 && r.spanish(i) {
		return byPhrase, next
	}
	return noPhrase, i
}

// spanish says whether the words around token i are Spanish: "para" is an English
// paragraph otherwise.
func (r *reader) spanish(i int) bool {
	for k := i - lookBack; k < i+lookBack; k++ {
		if k >= 0 && k != i && r.is(k, spanishWord) {
			return true
		}
	}
	return false
}

// span reads a moment or a range without a word before it, and "at the latest"
// after it.
func (r *reader) span(i int) (moment, int, bool) {
	m, next, found := r.twoEnds(i, false)
	if !found {
		return moment{}, 0, false
	}
	if after := r.phrase(next, latestPhrase); after > 0 && m.extent != RangeExtent {
		m.start, m.extent = Date{}, DeadlineExtent
		return m, after, true
	}
	return m, next, true
}

// twoEnds reads "2021-2025", "26 July to 3 August 2021" or one moment. Between the
// ends of an enclosed range "and" and "until" may stand.
func (r *reader) twoEnds(i int, enclosed bool) (moment, int, bool) {
	if m, next, ok := r.yearRange(i, enclosed); ok {
		return m, next, true
	}
	if m, next, ok := r.dayToDate(i, enclosed); ok {
		return m, next, true
	}
	a, next, found := r.moment(i)
	if !found {
		return moment{}, 0, false
	}
	if a.extent == RangeExtent {
		return a, next, true
	}
	k := r.joins(next, enclosed)
	if k < 0 {
		return a, next, true
	}
	b, after, ok := r.moment(k)
	if !ok || b.extent != a.extent || b.extent == DecadeExtent {
		return a, next, true
	}
	if both, ok := join(a, b); ok {
		return both, after, true
	}
	return a, next, true
}

// join makes a range of two moments; a start without a year takes that of the end.
func join(a, b moment) (moment, bool) {
	if a.yearless && !b.yearless {
		a.start.Year = b.start.Year
		if a.start.Month > b.start.Month {
			a.start.Year--
		}
		a.relative = b.relative
	}
	unknown := a.relative && a.start.IsZero() || b.relative && b.start.IsZero()
	m := moment{
		start: a.start, end: b.end, extent: RangeExtent, clock: a.clock,
		relative: a.relative || b.relative, yearless: b.yearless,
	}
	if unknown {
		m.start, m.end = Date{}, Date{}
		return m, true
	}
	if a.part != "" || b.part != "" || a.yearless != b.yearless && !b.yearless && a.start.Year == 0 {
		return moment{}, false
	}
	return m, m.yearless || m.start.First().Before(m.end.First())
}

// joins returns the place after what may stand between the ends of a range, or -1.
func (r *reader) joins(i int, enclosed bool) int {
	switch {
	case r.mark(i, "—") && !r.tok(i).glued: // parts clauses
		return -1
	case r.dash(i):
		return i + 1
	case r.is(i, toWord):
		return r.skip(i+1, 2, articleWord|inWord)
	case enclosed && r.is(i, andWord):
		return r.skip(i+1, 2, articleWord)
	case enclosed:
		if next := r.phrase(i, untilPhrase); next > 0 {
			return r.skip(next, 2, articleWord|inWord)
		}
	}
	return -1
}

// yearRange reads "2021-2025", "2019/2021", "2019–21", "2019 to 2021".
func (r *reader) yearRange(i int, enclosed bool) (moment, int, bool) {
	i = r.skip(i, 1, yearMark)
	if !r.isYear(i) {
		return moment{}, 0, false
	}
	from, k := r.tok(i).number, i+2
	short := r.joined(i, "-–—‑−")
	if !short && !r.joined(i, "/") {
		if k = r.joins(r.yearSuffix(i+1), enclosed); k < 0 || !r.closes(i) {
			return moment{}, 0, false
		}
		k = r.skip(k, 1, yearMark)
	}
	t := r.tok(k)
	to := t.number
	if short && t.digits == 2 {
		to += from / 100 * 100
	} else if t.digits != 4 {
		return moment{}, 0, false
	}
	if t.kind != numberToken || to <= from || to > lastYear || !r.closes(k) || r.counts(k) {
		return moment{}, 0, false
	}
	return moment{start: Date{Year: from}, end: Date{Year: to}, extent: RangeExtent}, r.yearSuffix(k + 1), true
}

// dayToDate reads the enclosed range of a day and a date of the same month where
// the words between them need the enclosure: "between 3 and 5 May 2021".
func (r *reader) dayToDate(i int, enclosed bool) (moment, int, bool) {
	if !enclosed {
		return moment{}, 0, false
	}
	d, next := r.day(i)
	if d == 0 {
		return moment{}, 0, false
	}
	k := r.joins(next, true)
	if k < 0 {
		return moment{}, 0, false
	}
	b, after, ok := r.moment(k)
	if !ok || b.extent != DayExtent || b.start.Day <= d {
		return moment{}, 0, false
	}
	b.start.Day, b.extent = d, RangeExtent
	return b, after, true
}
