package calendar

import (
	"cmp"
	"time"
)

// relative reads what hangs on the day on which it was said: "today", "last
// month", "for at least another five years", "two years ago", "last April".
func (r *reader) relative(i int) (moment, int, bool) {
	for n, kind := range [...]phrase{yesterdayPhrase, todayPhrase, tomorrowPhrase} {
		if next := r.phrase(i, kind); next > 0 {
			return r.said.moment(days, n-1), next, true
		}
	}
	return r.first(i, []rule{(*reader).namedUnit, (*reader).ago, (*reader).stretch})
}

// moment returns the day, month, year or other unit that lies n units after a
// date, or an unknown one where the date is too vague for it.
func (d Date) moment(u unit, n int) moment {
	m := moment{relative: true, extent: map[unit]Extent{days: DayExtent, weeks: RangeExtent, months: MonthExtent, years: YearExtent, decades: DecadeExtent}[u]}
	switch u {
	case weeks:
		if d.Precision() == ToDay {
			monday := d.First().AddDate(0, 0, 7*n-int(d.First().Weekday()+6)%7)
			m.start, m.end = FromTime(monday), FromTime(monday.AddDate(0, 0, 6))
		}
	case decades:
		if d.Year > 0 {
			m.start.Year = d.Year/10*10 + 10*n
			m.end.Year = m.start.Year + 9
		}
	default:
		m.start = d.shift(u, n)
		m.end = m.start
	}
	return m.within()
}

// within drops dates that have left the calendar's years.
func (m moment) within() moment {
	if min(m.start.Year, m.end.Year) < 1 || max(m.start.Year, m.end.Year) > 9999 {
		m.start, m.end = Date{}, Date{}
	}
	return m
}

// shift returns the date n units later, no more exact than the unit; the zero
// Date where d is less exact than the unit or the year leaves the calendar.
func (d Date) shift(u unit, n int) Date {
	var out Date
	switch {
	case d.IsZero():
	case u == decades:
		out = Date{Year: d.Year + 10*n}
	case u == years:
		out = Date{Year: d.Year + n}
	case u == months && d.Month > 0:
		out = FromTime(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
		out.Day = 0
	case (u == days || u == weeks) && d.Day > 0:
		if u == weeks {
			n *= 7
		}
		out = FromTime(d.First().AddDate(0, 0, n))
	}
	if out.Year < 1 || out.Year > 9999 {
		return Date{}
	}
	return out
}

// count reads a small number in digits or words; 0 where there is none.
func (r *reader) count(i int) int {
	switch t := r.tok(i); {
	case t.kind == wordToken:
		return int(t.count)
	case t.kind == numberToken && t.digits <= 3 && r.opens(i) && !r.tok(i+1).glued:
		return t.number
	}
	return 0
}

// directed is a length of time with the direction in which it lies.
type directed struct {
	way     int // -1 back, 0 this, +1 ahead; of a length without direction 2
	count   int // 0 where none is said
	unit    unit
	plural  bool
	rolling bool // from now on or up to now, not the whole unit before or after
	weekday int
	month   time.Month
}

// length reads direction, count and noun in the order of the language: "next five
// years", "cinq prochaines années", "السنوات الخمس المقبلة", "l'année dernière".
func (r *reader) length(i int) (directed, int, bool) {
	l, seen, next := directed{way: 2}, false, i
	for k := i; k < i+5; k++ {
		t := r.tok(k)
		noun := l.unit != noUnit || l.weekday > 0 || l.month > 0
		n := r.count(k)
		switch {
		case t.kind == wordToken && t.class&thisWord != 0 && !noun && l.way == 2:
			l.way = 0
		case t.kind == wordToken && t.class&(lastWord|nextWord|pastWord) != 0 && l.way == 2 && (!noun || t.class&afterNoun != 0):
			l.way = 1
			if t.class&lastWord != 0 {
				l.way = -1
			}
			l.rolling = t.class&(pastWord|moreWord) != 0
			if noun {
				next = k + 1
			}
		case noun && t.unit == noUnit && n > 0 && l.count == 0 && arabic(r.text[t.from:t.to]):
			l.count = n // "السنوات الخمس", the five years
		case t.kind == wordToken && t.unit != noUnit && !noun && (n == 0 || l.way != 2 || l.count > 0 || t.count > 1 || r.is(k+1, afterNoun)):
			l.unit, l.plural, seen, next = t.unit, t.class&plural != 0, true, k+1
			if t.count > 1 { // the Arabic dual
				l.count = int(t.count)
			}
		case n > 0 && l.count == 0 && !noun:
			l.count = n
		case t.kind == wordToken && t.weekday > 0 && !noun && l.count == 0:
			l.weekday, seen, next = int(t.weekday), true, k+1
		case t.kind == wordToken && t.month > 0 && !noun && l.count == 0 && (t.upper || t.class&doubtful == 0):
			l.month, seen, next = time.Month(t.month), true, k+1
		case t.kind == wordToken && t.class&articleWord != 0 && k > i && !noun:
		default:
			return l, next, seen
		}
	}
	return l, next, seen
}

func arabic(s string) bool { return s != "" && s[0] >= 0xd8 && s[0] <= 0xdb }

// namedUnit reads "this year", "last month", "the past decade", "the next five
// years", "last April", "next Friday".
func (r *reader) namedUnit(i int) (moment, int, bool) {
	k := i
	if r.is(k, forWord) {
		k++
	}
	if next := r.phrase(k, leastPhrase); next > 0 {
		k = next
	}
	k = r.skip(k, 1, articleWord)
	l, next, found := r.length(k)
	if !found || l.way == 2 {
		return moment{}, 0, false
	}
	switch {
	case l.month > 0:
		m := r.said.nearMonth(l.month, l.way)
		return m, next, l.count == 0
	case l.weekday > 0:
		return r.said.nearWeekday(l.weekday, l.way), next, l.count == 0
	case l.count == 0 && l.plural, l.way == 0 && l.count > 0:
		return moment{}, 0, false
	case l.count == 0 && !l.rolling && (l.unit != decades || l.way == 0):
		return r.said.moment(l.unit, l.way), next, true
	}
	return r.said.stretch(l.unit, l.way*max(l.count, 1)), next, true
}

// stretch returns the time from a date to n units from it, back where n is
// negative.
func (d Date) stretch(u unit, n int) moment {
	here, there := d.shift(u, 0), d.shift(u, n)
	m := moment{relative: true, extent: RangeExtent, start: here, end: there}
	if n < 0 {
		m.start, m.end = there, here
	}
	if here.IsZero() || there.IsZero() {
		m.start, m.end = Date{}, Date{}
	}
	return m
}

// nearMonth returns the month of that name that comes last before, first after or
// in the year of a date.
func (d Date) nearMonth(mo time.Month, way int) moment {
	m := moment{relative: true, extent: MonthExtent}
	if d.Month == 0 {
		return m
	}
	m.start = Date{Year: d.Year, Month: mo}
	if way < 0 && mo >= d.Month {
		m.start.Year--
	}
	if way > 0 && mo <= d.Month {
		m.start.Year++
	}
	m.end = m.start
	return m.within()
}

// nearWeekday returns the day of that name (1 is Monday) before, after or in the
// week of a date.
func (d Date) nearWeekday(weekday, way int) moment {
	m := moment{relative: true, extent: DayExtent}
	if d.Day == 0 {
		return m
	}
	off := weekday - (int(d.First().Weekday())+6)%7 - 1
	if way < 0 && off >= 0 {
		off -= 7
	}
	if way > 0 && off <= 0 {
		off += 7
	}
	m.start = d.shift(days, off)
	m.end = m.start
	return m
}

// ago reads "two years ago", "il y a deux ans", "a year has passed", "five years
// from now", "через два года".
func (r *reader) ago(i int) (moment, int, bool) {
	k, way := i, 0
	if next := r.phrase(k, agoPhrase); next > 0 {
		k, way = next, -1
	} else if next := r.phrase(k, hencePhrase); next > 0 {
		k, way = next, 1
	}
	if next := r.phrase(k, leastPhrase); next > 0 {
		k = next
	}
	l, next, found := r.length(k)
	if !found || l.way != 2 || l.unit == noUnit || l.count == 0 {
		return moment{}, 0, false
	}
	switch ahead := r.phrase(next, aheadPhrase); {
	case way != 0:
	case r.is(next, agoWord):
		way, next = -1, next+1
	case r.is(next, hasWord) && r.is(next+1, passedWord):
		way, next = -1, next+2
	case ahead > 0:
		way, next = 1, ahead
	default:
		return moment{}, 0, false
	}
	u, n := l.unit, l.count
	if u == decades {
		u, n = years, 10*n
	}
	if u == weeks {
		u, n = days, 7*n
	}
	return r.said.moment(u, way*n), next, true
}

// stretch reads a length of time that lasts until now: "for more than one decade
// by now", "five years already".
func (r *reader) stretch(i int) (moment, int, bool) {
	k := i
	if r.is(k, forWord) {
		k++
	}
	if next := r.phrase(k, leastPhrase); next > 0 {
		k = next
	}
	l, next, found := r.length(k)
	if !found || l.way != 2 || l.unit == noUnit {
		return moment{}, 0, false
	}
	end := r.phrase(next, nowPhrase)
	if end < 0 || l.count == 0 {
		return moment{}, 0, false
	}
	return r.said.stretch(l.unit, -l.count), end, true
}

// thatUnit reads "the year" of "the end of the year": the one in which it is said.
func (r *reader) thatUnit(i int) (moment, int, bool) {
	t := r.tok(i + 1)
	if !r.is(i, articleWord) || t.kind != wordToken || t.unit < months || t.class&plural != 0 || r.is(i+2, ofWord) {
		return moment{}, 0, false
	}
	return r.said.moment(t.unit, 0), i + 2, true
}

// before returns the last date before d that is as exact as d.
func (d Date) before() Date {
	return d.shift(map[Precision]unit{ToYear: years, ToMonth: months, ToDay: days}[cmp.Or(d.Precision(), ToYear)], -1)
}
