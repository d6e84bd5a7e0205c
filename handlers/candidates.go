package handlers

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"rapporteur/calendar"
)

// candidates returns the sessions of the processes, or of all, that were known
// of by then and fit the words and days of the selector.
func (d *Desk) candidates(in inquiry, processes []calendar.Process, sel selector) []calendar.Session {
	off := in.has("postponed", "cancelled", "canceled", "called")
	var out []calendar.Session
	for _, s := range d.calendar.Sessions() {
		if len(processes) > 0 && !slices.ContainsFunc(processes, func(p calendar.Process) bool { return p.ID == s.Process }) {
			continue
		}
		called := s.Status == calendar.Postponed || s.Status == calendar.Cancelled
		if s.Kind == calendar.KindDeadline || called && !off || !d.calendar.Announced(s, in.SentAt) || !sel.covers(s) {
			continue
		}
		if holds(d.sessionFullText(s, in.SentAt), sel.described) {
			out = append(out, s)
		}
	}
	return out
}

// sessionFullText is all that a question may say of a session, as far as known
// at a time.
func (d *Desk) sessionFullText(s calendar.Session, at time.Time) string {
	p, _ := d.calendar.Process(s.Process)
	text := strings.Join([]string{d.calendar.Label(s), s.Kind, s.When(), s.City, s.Venue, s.Format, string(s.StatusAt(at)), p.Short}, " ")
	if p.Kind != "series" { // the names of a series list the kinds of its meetings
		text += " " + d.processText(p.ID)
	}
	if s.Status == calendar.Cancelled {
		text += " called off canceled"
	}
	if s.Kind == "signing" {
		text += " sign signed signature signatures opened"
	}
	if !s.Start.First().After(at) {
		text += " " + s.Chair + " " + s.Outcome
	}
	return text
}

// withOrdinal returns the sessions of a process that have the number. Of a
// series, whose meetings nobody numbers, it is the nth that fits the words.
func (d *Desk) withOrdinal(in inquiry, p calendar.Process, sel selector) []calendar.Session {
	of := []calendar.Process{p}
	var kept []string
	for _, w := range sel.described {
		if w != "formal" && w != "regular" && w != "substantive" && w != "final" {
			kept = append(kept, w)
		}
	}
	if p.Kind == "series" {
		kept = sel.described
	}
	sel.described = kept
	all := d.candidates(in, of, sel)
	if p.Kind == "series" {
		if sel.ordinal <= len(all) {
			return all[sel.ordinal-1 : sel.ordinal]
		}
		return nil
	}
	word := ordinalWord(sel.ordinal)
	var counted, other []calendar.Session
	for _, s := range all {
		switch {
		case s.Ordinal == sel.ordinal && counts(s):
			counted = append(counted, s)
		case len(sel.described) > 0 && (s.Ordinal == sel.ordinal || holds(strings.ToLower(s.Title), []string{word}) && strings.Contains(strings.ToLower(s.Title), word)):
			other = append(other, s)
		}
	}
	if len(counted) > 0 {
		return counted[:1]
	}
	return other
}

// counts says whether a session is one that people count by number.
func counts(s calendar.Session) bool {
	return s.Status != calendar.Postponed && s.Status != calendar.Cancelled && (s.Kind == "substantive" || s.Kind == "expert-meeting")
}

// places says whether the words are places at which sessions meet.
func (d *Desk) places(words []string) bool {
	var cities []string
	for _, s := range d.calendar.Sessions() {
		cities = append(cities, s.City)
	}
	return holds(strings.Join(cities, " "), words)
}

var pastTense = regexp.MustCompile(`(?i)\b(?:was|were|did|held|happened|took|met|chaired)\b`)

// sameYear keeps of the sessions of a month those of one year: of what is to
// come the nearest, of what has been the latest.
func sameYear(found []calendar.Session, month time.Month, in inquiry) []calendar.Session {
	past := pastTense.MatchString(in.lower)
	best := 0
	for _, s := range found {
		y := s.Start.Year
		over := calendar.Date{Year: y, Month: month}.Last().Before(calendar.FromTime(in.SentAt).First())
		switch {
		case past && !s.Start.First().After(in.SentAt), !past && over && (best == 0 || best < in.SentAt.Year()):
			best = max(best, y)
		case !past && !over && (best < in.SentAt.Year() || y < best):
			best = y
		}
	}
	return slices.DeleteFunc(found, func(s calendar.Session) bool { return s.Start.Year != best })
}

// step picks the session that lies so many steps from a day, of those with days:
// forward from what has not ended, back from what has.
func step(all []calendar.Session, n int, at time.Time) []calendar.Session {
	today := calendar.FromTime(at).First()
	var ahead, over []calendar.Session
	for _, s := range all {
		if s.Start.IsZero() {
			continue
		}
		last := s.Start
		if !s.End.IsZero() {
			last = s.End
		}
		switch {
		case last.Last().Before(today):
			over = append(over, s)
		case s.Start.Precision() == calendar.ToDay:
			ahead = append(ahead, s)
		}
	}
	switch {
	case n > 0 && n <= len(ahead):
		return ahead[n-1 : n]
	case n < 0 && -n <= len(over):
		return over[len(over)+n : len(over)+n+1]
	}
	return nil
}
