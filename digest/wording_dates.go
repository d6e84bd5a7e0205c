package digest

import (
	"strconv"
	"strings"
	"time"

	"rapporteur/calendar"
)

// date writes a date in the language, as much as is known of it.
func (w *wording) date(d calendar.Date) string {
	if w.english() {
		return d.String()
	}
	switch d.Precision() {
	case calendar.ToDay:
		return w.say("day", w.dated(d, calendar.Date{}, "month")...)
	case calendar.ToMonth:
		return w.say("only.month", w.dated(d, calendar.Date{}, "month.alone")...)
	case calendar.ToYear:
		return w.say("only.year", w.dated(d, calendar.Date{}, "month")...)
	default:
		return w.say("no.date")
	}
}

// day writes the civil day of t in its own zone.
func (w *wording) day(t time.Time) string { return w.date(calendar.FromTime(t)) }

// iso writes an ISO date; what is none comes back as it is.
func (w *wording) iso(date string) string {
	d, err := calendar.ParseDate(date)
	if err != nil {
		return date
	}
	return w.date(d)
}

// on writes a date as it stands in a sentence.
func (w *wording) on(d calendar.Date) string {
	switch {
	case w.english():
		return d.On()
	case d.Precision() == calendar.ToDay:
		return w.say("on.day", "date", w.date(d))
	}
	return w.say("on.month", "date", w.date(d))
}

// span writes the days from start to end, each month and year once where the
// language does that.
func (w *wording) span(start, end calendar.Date) string {
	switch {
	case w.english():
		return calendar.Span(start, end)
	case start == end, end.IsZero():
		return w.date(start)
	case start.IsZero(), within(end, start):
		return w.say("until", "date", w.date(end))
	case within(start, end):
		return w.say("from", "date", w.date(start))
	case start.Precision() != calendar.ToDay, end.Precision() != calendar.ToDay, start.Year != end.Year:
		return w.date(start) + " – " + w.date(end)
	case start.Month == end.Month:
		return w.say("days", w.dated(start, end, "month")...)
	}
	return w.say("days.months", w.dated(start, end, "month")...)
}

// within says whether every day that a date may mean is one that a wider one may
// mean.
func within(d, wide calendar.Date) bool {
	return !wide.First().After(d.First()) && !wide.Last().Before(d.Last())
}

// dated are the parts of one or two dates by their names.
func (w *wording) dated(d, end calendar.Date, months string) []string {
	names := strings.Fields(w.text[months])
	month := func(m time.Month) string {
		if m < 1 || int(m) > len(names) {
			return ""
		}
		return strings.ReplaceAll(names[m-1], "_", " ")
	}
	day := func(n int) string {
		if n == 1 {
			return w.text["first"]
		}
		return strconv.Itoa(n)
	}
	return []string{
		"d", day(d.Day), "month", month(d.Month), "y", strconv.Itoa(d.Year),
		"D", day(end.Day), "Month", month(end.Month),
	}
}

// duration writes "1 h 10 min".
func (w *wording) duration(d time.Duration) string {
	d = d.Round(time.Minute)
	h, m := int(d.Hours()), int(d.Minutes())%60
	hours, minutes := strconv.Itoa(h), strconv.Itoa(m)
	switch {
	case h == 0:
		return w.say("minutes", "m", strconv.Itoa(max(m, 1)))
	case m == 0:
		return w.say("hours", "h", hours)
	}
	return w.say("hours.minutes", "h", hours, "m", minutes)
}
