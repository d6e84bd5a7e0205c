package calendar

import (
	"cmp"
	"slices"
	"time"
)

// Calendar is all that the files say. It never changes.
type Calendar struct {
	processes  []Process
	sessions   []Session
	milestones []Milestone
	terms      []Term
	claims     []Claim
	figures    []Figure
	holidays   []Holidays
	names      []name
}

// Processes returns all processes by their start, those without one last.
func (c *Calendar) Processes() []Process {
	out := slices.Clone(c.processes)
	for i := range out {
		out[i] = out[i].clone()
	}
	return out
}

// Process returns the process of that ID.
func (c *Calendar) Process(id string) (Process, bool) {
	for _, p := range c.processes {
		if p.ID == id {
			return p.clone(), true
		}
	}
	return Process{}, false
}

// Sessions returns all sessions by their start, those without one last.
func (c *Calendar) Sessions() []Session {
	return c.sessionsWhere(func(Session) bool { return true })
}

// SessionsOf returns the sessions of one process by their start, those without one
// last.
func (c *Calendar) SessionsOf(process string) []Session {
	return c.sessionsWhere(func(s Session) bool { return s.Process == process })
}

// Milestones returns all milestones by their date, those without one last.
func (c *Calendar) Milestones() []Milestone {
	out := slices.Clone(c.milestones)
	for i := range out {
		out[i] = out[i].clone()
	}
	return out
}

// Terms returns all terms in the order of the file.
func (c *Calendar) Terms() []Term {
	out := slices.Clone(c.terms)
	for i := range out {
		out[i] = out[i].clone()
	}
	return out
}

// Rows returns how many processes, sessions, milestones, terms, claims and
// figures there are.
func (c *Calendar) Rows() int {
	return len(c.processes) + len(c.sessions) + len(c.milestones) + len(c.terms) + len(c.claims) + len(c.figures)
}

// Upcoming returns the sessions and deadlines that may fall into the days from at
// to until, or are under way at at, by their start. It leaves out what was called
// off, what has no start known at least to the month, and what was not yet
// announced at at.
func (c *Calendar) Upcoming(at, until time.Time) []Session {
	from, to := day(at), day(until)
	return c.sessionsWhere(func(s Session) bool {
		return s.takesPlace() && s.dated() && !s.Start.First().After(to) && !s.LastDate().Last().Before(from) && c.Announced(s, at)
	})
}

// Next returns the first session of the process, deadlines apart, that ends on or
// after at's day. It leaves out what was called off, what has no start known at
// least to the month, and what was not yet announced.
func (c *Calendar) Next(process string, at time.Time) (Session, bool) {
	today := day(at)
	next := c.sessionsWhere(func(s Session) bool {
		return s.Process == process && s.Kind != KindDeadline && s.takesPlace() && s.dated() && !s.LastDate().Last().Before(today) && c.Announced(s, at)
	})
	if len(next) == 0 {
		return Session{}, false
	}
	return next[0], true
}

// Undated returns the sessions that are to come, or may be, without any date
// known, of one process or, if that is empty, of all; only of those alive at at.
func (c *Calendar) Undated(process string, at time.Time) []Session {
	return c.sessionsWhere(func(s Session) bool {
		if process != "" && s.Process != process || s.Status != Expected && s.Status != Unknown || !s.Start.IsZero() || !s.End.IsZero() {
			return false
		}
		p, ok := c.Process(s.Process)
		return ok && Alive(p, at) && c.Announced(s, at)
	})
}

func (c *Calendar) sessionsWhere(keep func(Session) bool) []Session {
	var out []Session
	for _, s := range c.sessions {
		if keep(s) {
			out = append(out, s.clone())
		}
	}
	return out
}

// byDate orders known dates before unknown ones. A date known to the month or the
// year comes after the days that it may mean: among the things of December, those
// that are fixed come first, and a text of "2025" stands after the July report that
// it endorsed.
func byDate(a, b Date) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.Last().Compare(b.Last()), cmp.Compare(b.Precision(), a.Precision()))
}
