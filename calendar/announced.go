package calendar

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// horizon is how many months ahead the days of a session count as announced
// where no source says since when they were.
const horizon = 18

// Announced reports whether the session was known of on at's day: an answer as
// of a day in the past must not name what was fixed later. A session with a day
// of announcement is known from then. Any other is known at most a year and a
// half ahead, not before its process was decided on, and, where it replaces one
// that was postponed, not before the day on which that one was to open. An
// expectation without a date is today's: it counts from as long before the day
// of checking.
func (c *Calendar) Announced(s Session, at time.Time) bool {
	today := day(at)
	if !s.Announced.IsZero() {
		return !s.Announced.Last().After(today)
	}
	if s.Start.IsZero() {
		return !s.Checked().First().AddDate(0, -horizon, 0).After(today)
	}
	if s.Start.First().After(today.AddDate(0, horizon, 0)) || c.decided(s.Process).After(today) {
		return false
	}
	return !slices.ContainsFunc(c.sessions, func(o Session) bool {
		return o.Status == Postponed && o.Process == s.Process && o.Kind == s.Kind && o.Ordinal == s.Ordinal && o.ID != s.ID &&
			o.Start.First().After(today)
	})
}

// Decided reports whether the process was known of on at's day: it was under way
// or decided on.
func (c *Calendar) Decided(p Process, at time.Time) bool { return !c.decided(p.ID).After(day(at)) }

// decided returns the day from which a process was known of: its beginning, or
// the decision before it, if that has a day. It is the zero time for one without
// a beginning.
func (c *Calendar) decided(process string) time.Time {
	p, _ := c.Process(process)
	first := p.Start.First()
	for _, m := range c.milestones {
		if m.Process == process && m.Kind == "resolution" && !m.Date.IsZero() && m.Date.Last().Before(first) {
			first = m.Date.Last()
		}
	}
	return first
}

// Happened reports whether a milestone had come by at's day. One known to the
// month or the year counts from the end of it; one without a date from the end
// of the Assembly's session that its symbol names, and else as an expectation
// does.
func (m Milestone) Happened(at time.Time) bool {
	today := day(at)
	if !m.Date.IsZero() {
		return !m.Date.Last().After(today)
	}
	if year := sessionYear(m.Symbol); year > 0 {
		return today.Year() >= year
	}
	return !m.Checked().First().AddDate(0, -horizon, 0).After(today)
}

// Announced reports whether a milestone that is still to come on at's day was
// known to be due: it is a deadline or says so itself, and is no farther off than
// a session would be announced.
func (m Milestone) Announced(at time.Time) bool {
	due := m.Kind == KindDeadline || strings.Contains(m.Title, "due to")
	today := day(at)
	return due && !m.Date.First().After(today.AddDate(0, horizon, 0)) && !m.Checked().First().AddDate(0, -horizon, 0).After(today)
}

// SymbolKnown reports whether a resolution of that symbol may have been adopted
// by at's day: the Assembly's session that its number names had begun.
func SymbolKnown(symbol string, at time.Time) bool {
	year := sessionYear(symbol)
	return year == 0 || at.Year() >= year-1
}

// sessionYear returns the year in which the Assembly's session ended that a
// symbol such as "A/RES/78/237" names: the first session ended in 1946. It is 0
// for any other symbol.
func sessionYear(symbol string) int {
	_, number, found := strings.Cut(symbol, "RES/")
	if !found {
		return 0
	}
	session, _, _ := strings.Cut(number, "/")
	n, err := strconv.Atoi(session)
	if err != nil {
		return 0
	}
	return 1945 + n
}
