package calendar

import (
	"cmp"
	"strings"
)

// How expressions of time are found in a text. The text is cut into words,
// numbers and marks once, from left to right; where one of them can open an
// expression, its grammar is tried, and no rule looks further ahead than a
// sentence part of some twenty words, so that the time is linear in the text.
// The words of the six official languages stand in one table and mix freely.
//
// The grammar is our own, for no kept library fits, as of November 2026:
//
//   - markusmobius/go-dateparser (v1.4.7, kept, BSD-3) knows 200 languages, but
//     compiles their expressions when a program starts: 160 ms and 50 MB, more
//     than this program's whole cold start may take. Its search gives words
//     without offsets, has no ranges, decades or deadlines, fills the missing day
//     in with today's, takes "resolution 73/27" and the verb "may" for dates, and
//     needs eight seconds for 150 kB.
//   - olebedev/when (v1.1.0, of 2024) gives an offset but no precision, one
//     expression a text, and reads neither "26 March 2021" nor "1998".
//   - araddon/dateparse (last changed in 2021) and tj/go-naturaldate (2020) read
//     a string that is a date, do not find one in a text, and know English only.
//
// Civil dates, their limits and their arithmetic are the standard library's.

// Extent types an expression: how exact it is, or that it bounds a stretch.
type Extent string

// The extents.
const (
	// DayExtent is one day.
	DayExtent Extent = "day"
	// MonthExtent is one month.
	MonthExtent Extent = "month"
	// YearExtent is one year.
	YearExtent Extent = "year"
	// DecadeExtent is ten years: "the 1990s".
	DecadeExtent Extent = "decade"
	// RangeExtent is a stretch from a start to an end, either of which may be
	// open: "2021-2025", "since 2004".
	RangeExtent Extent = "range"
	// DeadlineExtent is a last moment: "by 2023".
	DeadlineExtent Extent = "deadline"
)

// Provenance says how a date is known.
type Provenance string

// The provenances.
const (
	// InText means that the words themselves give the date.
	InText Provenance = "in the text"
	// Reckoned means that the words give it relative to the day on which they
	// were said: "April this year".
	Reckoned Provenance = "relative to the statement's date"
	// Unreckoned means that the words are relative and the day on which they
	// were said is not known, or not well enough. There is no date.
	Unreckoned Provenance = "relative to a date that is not known"
	// Yearless means that the words name a day or a month and no year. There is
	// no date.
	Yearless Provenance = "in the text without a year"
	// FromMetadata means that the date comes from a document's header.
	FromMetadata Provenance = "from metadata"
	// FromCalendar means that the date is the calendar's.
	FromCalendar Provenance = "from the calendar"
)

// Part is the part of a month, year or decade that an expression names.
type Part string

// The parts; the empty one is the whole.
const (
	Early     Part = "early"
	Mid       Part = "mid"
	Late      Part = "late"
	Beginning Part = "beginning of"
	End       Part = "end of"
	Spring    Part = "spring"
	Summer    Part = "summer"
	Autumn    Part = "autumn"
	Winter    Part = "winter"
)

// Expression is a stretch of text that names a time.
type Expression struct {
	// From and To are the byte offsets of the words in the text.
	From, To int
	// Start and End are the first and the last date, equal for a day, a month or
	// a year, first and last year for a decade. An open end is the zero Date, and
	// so is the start of a deadline. Both are zero where the Provenance is
	// Unreckoned or Yearless.
	Start, End Date
	// Precision is the kind of expression; how exact the ends of a range or a
	// deadline are, they say themselves.
	Precision Extent
	// Part narrows the date down where the words do: "early 2000s".
	Part Part
	// Clock is the time of day, "15:00", where the words give one; else empty.
	// No zone is reckoned with.
	Clock string
	// Provenance is InText, Reckoned, Unreckoned or Yearless.
	Provenance Provenance
}

// Expressions returns the expressions of time in a text, in English, French,
// Spanish, Russian, Arabic and Chinese, in their order; they do not overlap. What
// is relative is reckoned from said, the date of the text; where that is zero or
// too vague, the expression stays without dates. Years count from 1800 to 2099.
// A time of day without a date, a length of time that hangs on nothing ("a
// five-year plan") and a vague one ("recent years") are no expressions.
func Expressions(text string, said Date) []Expression {
	r := &reader{wording: readOnce(), text: text, said: said, refused: -1, end: token{from: len(text), to: len(text)}}
	var out []Expression
	for i := 0; ; {
		t := r.tok(i)
		if t.kind == endToken {
			return out
		}
		if !t.mayOpen() {
			i = r.forget(i + 1)
			continue
		}
		m, next, found := r.expression(i)
		if !found {
			i = r.forget(i + 1)
			continue
		}
		out = append(out, r.finish(m, i, next))
		i = r.forget(next)
	}
}

// When writes the date of the expression: "1998", "early 2000s", "2021–2025", "by
// 2023", "since 2004". It is empty where there is none.
func (e Expression) When() string {
	if e.Start.IsZero() && e.End.IsZero() {
		return ""
	}
	var s string
	switch e.Precision {
	case DeadlineExtent:
		s = "by " + e.part(e.End.String())
	case DecadeExtent:
		s = e.part(e.Start.String() + "s")
	case RangeExtent:
		switch {
		case e.End.IsZero():
			s = "since " + e.part(e.Start.String())
		case e.Start.IsZero():
			s = "until " + e.part(e.End.String())
		default:
			s = Span(e.Start, e.End)
		}
	default:
		s = e.part(e.Start.String())
	}
	if e.Clock != "" {
		s += ", " + e.Clock
	}
	return s
}

func (e Expression) part(date string) string {
	switch e.Part {
	case "":
		return date
	case Mid:
		return "mid-" + date
	case Beginning, End:
		return "the " + string(e.Part) + " " + date
	default:
		return string(e.Part) + " " + date
	}
}

// Typed says how exact the expression is: "year precision", "range, year
// precision", "deadline, day precision".
func (e Expression) Typed() string {
	if e.Precision != RangeExtent && e.Precision != DeadlineExtent {
		return string(e.Precision) + " precision"
	}
	exact := e.Start.Precision()
	if e.Start.IsZero() || !e.End.IsZero() && e.End.Precision() < exact {
		exact = e.End.Precision()
	}
	if exact == NoDate {
		return string(e.Precision)
	}
	return string(e.Precision) + ", " + exact.String() + " precision"
}

// Sorting returns the date by which the expression is put in order of time: its
// start, or its end where that is all there is. It is zero where neither is known.
func (e Expression) Sorting() Date {
	if e.Start.IsZero() {
		return e.End
	}
	return e.Start
}

// String returns "day", "month", "year" or "none".
func (p Precision) String() string {
	return [...]string{NoDate: "none", ToYear: "year", ToMonth: "month", ToDay: "day"}[p]
}

// Compare orders dates in time: -1 where d comes first, +1 where o does. A date
// known to the month or the year comes after the days that it may mean, an unknown
// one last.
func (d Date) Compare(o Date) int { return byDate(d, o) }

// moment is a time as far as it has been read.
type moment struct {
	start, end Date
	extent     Extent
	part       Part
	clock      string
	relative   bool
	yearless   bool // start and end lack their year
}

// at returns the moment of one date.
func at(d Date) moment {
	return moment{start: d, end: d, extent: extentOf(d), yearless: d.Year == 0}
}

func extentOf(d Date) Extent {
	switch {
	case d.Day > 0:
		return DayExtent
	case d.Month > 0:
		return MonthExtent
	default:
		return YearExtent
	}
}

// finish makes the expression of a moment that was read from token i to next.
func (r *reader) finish(m moment, i, next int) Expression {
	e := Expression{
		From: r.tok(i).from, To: r.tok(next - 1).to, Start: m.start, End: m.end,
		Precision: m.extent, Part: m.part, Clock: m.clock, Provenance: InText,
	}
	switch {
	case m.yearless:
		e.Start, e.End, e.Provenance = Date{}, Date{}, Yearless
	case m.relative && m.start.IsZero() && m.end.IsZero():
		e.Provenance = Unreckoned
	case m.relative:
		e.Provenance = Reckoned
	}
	e.To = e.From + len(strings.TrimRight(r.text[e.From:e.To], "'’"))
	return e
}

// real says whether there is such a day; a year that is not known is taken for a
// leap year.
func (d Date) real() bool {
	d.Year = cmp.Or(d.Year, 2000)
	return d.Month >= 1 && d.Month <= 12 && d.Day >= 0 && (d.Day == 0 || FromTime(d.First()) == d)
}
