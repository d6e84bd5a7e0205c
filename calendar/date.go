package calendar

import (
	"fmt"
	"strconv"
	"time"
)

// Precision says how much of a date is known.
type Precision int

// The precisions, from nothing to the day.
const (
	NoDate Precision = iota
	ToYear
	ToMonth
	ToDay
)

// Date is a civil date known to the day, to the month (Day is 0) or to the year
// (Month and Day are 0). The zero Date is an unknown one.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2026-12-07", "2026-12", "2026" or "".
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	if len(s) != len("2006") && len(s) != len("2006-01") && len(s) != len(time.DateOnly) {
		return Date{}, fmt.Errorf("date %q: want YYYY-MM-DD, YYYY-MM or YYYY", s)
	}
	t, err := time.Parse(time.DateOnly[:len(s)], s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: %w", s, err)
	}
	if t.Year() == 0 {
		return Date{}, fmt.Errorf("date %q: there is no year 0", s)
	}
	d := FromTime(t)
	switch len(s) {
	case len("2006"):
		d.Month, d.Day = 0, 0
	case len("2006-01"):
		d.Day = 0
	}
	return d, nil
}

// FromTime returns the civil day of t in t's own zone.
func FromTime(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// Precision returns how much of the date is known.
func (d Date) Precision() Precision {
	switch {
	case d.Year == 0:
		return NoDate
	case d.Month == 0:
		return ToYear
	case d.Day == 0:
		return ToMonth
	default:
		return ToDay
	}
}

// IsZero reports whether nothing is known of the date.
func (d Date) IsZero() bool { return d.Precision() == NoDate }

// First returns the first day that the date may mean, at midnight UTC. It is the
// zero time for an unknown date.
func (d Date) First() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.Year, max(d.Month, 1), max(d.Day, 1), 0, 0, 0, 0, time.UTC)
}

// Last returns the last day that the date may mean, at midnight UTC. It is the
// zero time for an unknown date.
func (d Date) Last() time.Time {
	switch d.Precision() {
	case ToYear:
		return d.First().AddDate(1, 0, -1)
	case ToMonth:
		return d.First().AddDate(0, 1, -1)
	default:
		return d.First()
	}
}

// String returns "7 December 2026", "December 2026", "2026" or "no date known".
func (d Date) String() string {
	switch d.Precision() {
	case ToDay:
		return fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year)
	case ToMonth:
		return fmt.Sprintf("%s %d", d.Month, d.Year)
	case ToYear:
		return strconv.Itoa(d.Year)
	default:
		return "no date known"
	}
}

// ISO returns "2026-12-07", "2026-12", "2026" or "", as ParseDate reads it.
func (d Date) ISO() string {
	switch d.Precision() {
	case ToDay:
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
	case ToMonth:
		return fmt.Sprintf("%04d-%02d", d.Year, int(d.Month))
	case ToYear:
		return fmt.Sprintf("%04d", d.Year)
	default:
		return ""
	}
}

// covers reports whether every day that o may mean is one that d may mean.
func (d Date) covers(o Date) bool {
	return !d.First().After(o.First()) && !d.Last().Before(o.Last())
}

// Span writes the days from start to end with an en dash, each month and year
// once: "7–11 December 2026", "28 February – 11 March 2022", "31 December 2026".
// Of a span whose one end is known better than the other it says no more than is
// known: "until 28 May 2021", "from 8 September 2026".
func Span(start, end Date) string {
	switch {
	case start == end, end.IsZero():
		return start.String()
	case start.IsZero(), start.covers(end):
		return "until " + end.String()
	case end.covers(start):
		return "from " + start.String()
	case start.Precision() != end.Precision(), start.Year != end.Year && start.Precision() != ToYear:
		return start.String() + " – " + end.String()
	case start.Precision() == ToYear:
		return fmt.Sprintf("%d–%d", start.Year, end.Year)
	case start.Precision() == ToMonth:
		return fmt.Sprintf("%s – %s", start.Month, end)
	case start.Month == end.Month:
		return fmt.Sprintf("%d–%s", start.Day, end)
	default:
		return fmt.Sprintf("%d %s – %s", start.Day, start.Month, end)
	}
}

// On returns the date as it stands in a sentence: "on 7 December 2026", "in
// December 2026".
func (d Date) On() string {
	if d.Precision() == ToDay {
		return "on " + d.String()
	}
	return "in " + d.String()
}
