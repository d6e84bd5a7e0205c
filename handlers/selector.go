package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"rapporteur/calendar"
)

// selector is which sessions a question means.
type selector struct {
	// noun is the word that shows that a session is meant; empty where none.
	noun string
	// ordinal is the number of the session, 0 for none.
	ordinal int
	// step counts from the day of the question: 1 is the next session, 2 the one
	// after next, -1 the last one, -2 the one before it.
	step int
	// from and to bound the days in question, inclusive; zero for none. during
	// is the same in words, as it ends a sentence: "in July 2024".
	from, to time.Time
	during   string
	// month is a month without its year.
	month time.Month
	// described are the other words: all have to stand in a session's row.
	described []string
}

const sessionNouns = `sessions?|meetings?|plenar(?:y|ies)|intersessionals?|consultations?|roundtables?|round table|debates?|briefings?|townhalls?|town halls?|thematic groups?|ceremony|conference|conferences|meets?|convenes?|talks|rounds?|events?|gatherings?`

var (
	nounForm    = regexp.MustCompile(` (` + sessionNouns + `) `)
	ordinalForm = regexp.MustCompile(` (` + ordinalNames + `|\d{1,2}(?:st|nd|rd|th))((?: (?:and|final|last|formal|regular|substantive|organizational|annual|[a-z]+)){0,3}?) (?:` + sessionNouns + `) `)
	anyOrdinal  = regexp.MustCompile(` (` + ordinalNames + `) `)
	numberForm  = regexp.MustCompile(` (session|meeting|plenary) (?:(?:no|nr|number) )?(\d{1,2}|` + numberNames + `) `)

	isoForm      = regexp.MustCompile(` (\d{4}) (\d{2}) (\d{2}) `)
	dayForm      = regexp.MustCompile(` (\d{1,2})(?:st|nd|rd|th)?(?: (?:(?:to|and|until|through) )?(\d{1,2})(?:st|nd|rd|th)?)?(?: of)? (` + monthNames + `)(?: (\d{4}))? `)
	monthDayForm = regexp.MustCompile(` (` + monthNames + `) (\d{1,2})(?:st|nd|rd|th)?(?: (?:(?:to|and|until|through) )?(\d{1,2})(?:st|nd|rd|th)?)?(?: (\d{4}))? `)
	monthForm    = regexp.MustCompile(` (?:(in|of|during|since|for|next|last|this) )?(` + monthNames + `)(?: of)?(?: (\d{4}))? `)
	yearsForm    = regexp.MustCompile(` (?:between |from )?((?:19|20)\d\d)(?: (?:and|to|until))? ((?:19|20)\d\d) `)
	yearForm     = regexp.MustCompile(` ((?:19|20)\d\d) `)
	windowForm   = regexp.MustCompile(` (last|past|previous|next|coming|this|current) (week|month|year) `)
	aheadForm    = regexp.MustCompile(` (?:in|within|over|during) (?:the )?(?:next|coming) (?:(\d{1,3}|` + numberNames + `) )?(day|week|month|year)s? `)
	todayForm    = regexp.MustCompile(` (today|tomorrow|yesterday|right now|currently|at the moment) `)

	nextButOne = regexp.MustCompile(` (?:after (?:the )?next|next but one) `)
	lastButOne = regexp.MustCompile(` (?:before (?:the )?last|last but one|penultimate|second to last) `)
	nextOne    = regexp.MustCompile(` (?:next|upcoming|forthcoming|following) `)
	lastOne    = regexp.MustCompile(` (?:last|latest|previous|most recent|past|preceding) `)
)

// selects reads which sessions the question means.
func (in inquiry) selects() selector {
	var sel selector
	// Every part read is cut out; what is left describes the session. Spaces are
	// doubled so that neighbouring parts do not share one.
	text := " " + strings.Join(in.words, "  ") + " "
	cut := func(form *regexp.Regexp) []string {
		single := strings.ReplaceAll(text, "  ", " ")
		at := form.FindStringSubmatchIndex(single)
		if at == nil {
			return nil
		}
		found := form.FindStringSubmatch(single)
		text = single[:at[0]] + "  " + single[at[1]:]
		return found
	}
	if found := nounForm.FindStringSubmatch(strings.ReplaceAll(text, "  ", " ")); found != nil {
		sel.noun = found[1]
	}
	sel.readWindow(in.SentAt, cut)
	if found := cut(ordinalForm); found != nil {
		sel.ordinal = ordinal(found[1])
		text += strings.ReplaceAll(found[2]+" ", " ", "  ")
		text += sel.noun + " "
	} else if found := cut(numberForm); found != nil {
		sel.ordinal = number(found[2])
		text += found[1] + " "
	}
	if series := len(in.named) == 1 && in.named[0].Kind == "series"; series && sel.ordinal == 0 {
		if found := cut(anyOrdinal); found != nil { // "the first Arria-formula meeting": the noun is part of the name
			sel.ordinal, sel.noun = ordinal(found[1]), "meeting"
		}
	}
	switch {
	case sel.ordinal > 0:
	case cut(nextButOne) != nil:
		sel.step = 2
	case cut(lastButOne) != nil:
		sel.step = -2
	case cut(nextOne) != nil:
		sel.step = 1
	case cut(lastOne) != nil:
		sel.step = -1
	}
	left := inquiry{words: strings.Fields(text)}
	sel.described = left.unexplained()
	return sel
}

// readWindow reads the days in question.
func (s *selector) readWindow(at time.Time, cut func(*regexp.Regexp) []string) {
	today := calendar.FromTime(at).First()
	within := func(from, to time.Time, during string) { s.from, s.to, s.during = from, to, during }
	date := func(year, month, first, last string) {
		if year == "" {
			year = strconv.Itoa(nearestYear(at, monthOf(month), number(first)))
		}
		from, readable := readDay(first + " " + month + " " + year)
		if !readable {
			return
		}
		to := from
		if last != "" {
			if d, readable := readDay(last + " " + month + " " + year); readable && d.First().After(from.First()) {
				to = d
			}
		}
		within(from.First(), to.First(), "on "+calendar.Span(from, to))
	}
	if found := cut(isoForm); found != nil {
		if d, readable := readDay(found[1] + "-" + found[2] + "-" + found[3]); readable {
			within(d.First(), d.First(), d.On())
		}
	} else if found := cut(dayForm); found != nil {
		date(found[4], found[3], found[1], found[2])
	} else if found := cut(monthDayForm); found != nil {
		date(found[4], found[1], found[2], found[3])
	} else if found := cut(monthForm); found != nil && (found[2] != "may" || found[1]+found[3] != "") {
		month := monthOf(found[2])
		switch {
		case found[3] != "":
			d := calendar.Date{Year: number(found[3]), Month: month}
			within(d.First(), d.Last(), d.On())
		default:
			s.month, s.during = month, "in "+month.String()
		}
	} else if found := cut(yearsForm); found != nil {
		within(calendar.Date{Year: number(found[1])}.First(), calendar.Date{Year: number(found[2])}.Last(), "in "+found[1]+"–"+found[2])
	} else if found := cut(yearForm); found != nil {
		d := calendar.Date{Year: number(found[1])}
		within(d.First(), d.Last(), d.On())
	} else if found := cut(aheadForm); found != nil {
		n := max(number(found[1]), 1)
		within(today, ahead(today, n, found[2]), "in the next "+strings.TrimSpace(found[1]+" "+found[2]+"s"))
	} else if found := cut(windowForm); found != nil {
		step := 0
		switch found[1] {
		case "last", "past", "previous":
			step = -1
		case "next", "coming":
			step = 1
		}
		from, to := period(today, found[2], step)
		within(from, to, found[1]+" "+found[2])
	} else if found := cut(todayForm); found != nil {
		day := today
		switch found[1] {
		case "tomorrow":
			day = today.AddDate(0, 0, 1)
		case "yesterday":
			day = today.AddDate(0, 0, -1)
		}
		within(day, day, calendar.FromTime(day).On())
	}
}

// nearestYear is the year that a day without one means: the one in which it is
// nearest to at.
func nearestYear(at time.Time, month time.Month, day int) int {
	best := at.Year()
	for _, y := range []int{at.Year() - 1, at.Year() + 1} {
		if distance(at, y, month, day) < distance(at, best, month, day) {
			best = y
		}
	}
	return best
}

func distance(at time.Time, year int, month time.Month, day int) time.Duration {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Sub(at).Abs()
}

// ahead is the day that lies n units after a day.
func ahead(day time.Time, n int, unit string) time.Time {
	switch unit {
	case "week":
		return day.AddDate(0, 0, 7*n)
	case "month":
		return day.AddDate(0, n, 0)
	case "year":
		return day.AddDate(n, 0, 0)
	}
	return day.AddDate(0, 0, n)
}

// period is the calendar week (from Monday), month or year that is step units
// from the one of a day.
func period(day time.Time, unit string, step int) (from, to time.Time) {
	switch unit {
	case "week":
		monday := day.AddDate(0, 0, -int(day.Weekday()+6)%7+7*step)
		return monday, monday.AddDate(0, 0, 6)
	case "month":
		first := time.Date(day.Year(), day.Month()+time.Month(step), 1, 0, 0, 0, 0, time.UTC)
		return first, first.AddDate(0, 1, -1)
	}
	first := time.Date(day.Year()+step, 1, 1, 0, 0, 0, 0, time.UTC)
	return first, first.AddDate(1, 0, -1)
}

// timed says whether the selector bounds the days.
func (s selector) timed() bool { return !s.from.IsZero() || s.month > 0 }

// covers says whether a session falls into the days in question.
func (s selector) covers(session calendar.Session) bool {
	if !s.timed() {
		return true
	}
	if session.Start.IsZero() {
		return false
	}
	first, last := session.Start.First(), session.Start.Last()
	if !session.End.IsZero() {
		last = session.End.Last()
	}
	if s.month > 0 {
		return session.Start.Precision() >= calendar.ToMonth && (first.Month() == s.month || last.Month() == s.month)
	}
	if session.Start.Precision() == calendar.ToYear && (first.Before(s.from) || last.After(s.to)) {
		return false // it may have been at any time of the year
	}
	return !first.After(s.to) && !last.Before(s.from)
}
