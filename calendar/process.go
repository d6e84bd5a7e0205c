package calendar

import (
	"slices"
	"time"
)

// Process is a body or a track of work: a group of experts, a working group, the
// Global Mechanism, a treaty.
type Process struct {
	Fact
	// Name is the full official name, Short the one that people use.
	Name, Short string
	// Aliases are other names for it; several processes may share one.
	Aliases []string
	// Body is what it belongs to, Kind what it is, Members who sits in it.
	Body, Kind, Members string
	// Resolutions are the symbols of the texts that established it.
	Resolutions []string
	// Start and End bound its mandate; a process without an End goes on.
	Start, End  Date
	Chairs      []Chair
	Secretariat string
	Outcomes    []Outcome
	// Predecessor and Successor are IDs of processes, or empty.
	Predecessor, Successor string
	// Status is in words: "closed", "active".
	Status string
}

// Chair is who led a process. Name is empty where the sources give only the
// State.
type Chair struct {
	Name, State, Note string
	From, Until       Date
}

// Outcome is a report or a text in which the work of a process ended.
type Outcome struct {
	// Symbol is the document's symbol; it is empty where no source gives it.
	Symbol  string
	Adopted Date
	// Consensus reports whether it was agreed by all.
	Consensus bool
	Note      string
}

// Alive reports whether the process is under way on at's day. A Start that is not
// known counts as long past, and so does an End as far away; of dates known only
// to the month or the year the widest meaning is taken.
func Alive(p Process, at time.Time) bool {
	today := day(at)
	begun := p.Start.IsZero() || !p.Start.First().After(today)
	over := !p.End.IsZero() && p.End.Last().Before(today)
	return begun && !over
}

// Heir returns the process that carries on the work of the named one on at's day:
// the process itself while it is alive, or else the first of its successors that
// is. Between two processes there is none.
func (c *Calendar) Heir(id string, at time.Time) (Process, bool) {
	// Load has made sure that the successors end somewhere.
	for p, ok := c.Process(id); ok; p, ok = c.Process(p.Successor) {
		if Alive(p, at) {
			return p, true
		}
	}
	return Process{}, false
}

func (p Process) clone() Process {
	p.Fact = p.Fact.clone()
	p.Aliases = slices.Clone(p.Aliases)
	p.Resolutions = slices.Clone(p.Resolutions)
	p.Chairs = slices.Clone(p.Chairs)
	p.Outcomes = slices.Clone(p.Outcomes)
	return p
}

// AliveNames returns the short names of the processes that are under way at a time,
// in the calendar's order.
func (c *Calendar) AliveNames(at time.Time) []string {
	var names []string
	for _, p := range c.Processes() {
		if Alive(p, at) {
			names = append(names, p.Short)
		}
	}
	return names
}
