package calendar

import (
	"maps"
	"slices"
)

// Source is a page on which a fact was read.
type Source struct {
	// ID is the short name by which rows refer to the source.
	ID string
	// URL is the page's address.
	URL string
	// Says is what the page says on the matter, in our words.
	Says string
	// Checked is the day on which it was read.
	Checked Date
}

// Confidence says how far a row can be relied on.
type Confidence string

// The confidences.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Fact is what every row has: where it comes from and how far to trust it.
type Fact struct {
	ID         string
	Sources    []Source
	Confidence Confidence
	// Notes is a remark for the reader; it may be empty.
	Notes string
	// Withheld names the fields of the row in which something was left out, or
	// made less exact, for want of a source, and says why.
	Withheld map[string]string
}

// Checked returns the latest day on which a source of the fact was checked.
func (f Fact) Checked() Date {
	var latest Date
	for _, s := range f.Sources {
		if s.Checked.First().After(latest.First()) {
			latest = s.Checked
		}
	}
	return latest
}

// Source returns the address of the first source, the one that bears the fact.
func (f Fact) Source() string {
	if len(f.Sources) == 0 {
		return ""
	}
	return f.Sources[0].URL
}

func (f Fact) clone() Fact {
	f.Sources = slices.Clone(f.Sources)
	f.Withheld = maps.Clone(f.Withheld)
	return f
}

// Checked returns the latest day on which a source of the calendar was checked.
func (c *Calendar) Checked() Date {
	var latest Date
	see := func(f Fact) {
		if d := f.Checked(); d.First().After(latest.First()) {
			latest = d
		}
	}
	for _, p := range c.processes {
		see(p.Fact)
	}
	for _, s := range c.sessions {
		see(s.Fact)
	}
	for _, m := range c.milestones {
		see(m.Fact)
	}
	for _, t := range c.terms {
		see(t.Fact)
	}
	return latest
}
