package calendar

import (
	"fmt"
	"slices"
)

// Amendment is a change of one field of one row that people made by hand.
type Amendment struct {
	// Change is the number of the change that it is part of, for several fields of a
	// row may change at once; 0 for one that stands alone.
	Change int64
	// Row is the ID of a session, a deadline or a milestone.
	Row string
	// Field is what changes: "start", "end", "city", "venue" or "status" of a
	// session or deadline, "date" of a milestone.
	Field string
	// Value is what it is from now on; empty for not known.
	Value string
	// Source is the address of the page that says so, Checked the day on which
	// people read it.
	Source  string
	Checked Date
}

// Amended returns a calendar in which the amendments hold, in their order. One of
// a row whose file was checked on a later day is left out, for the file knows
// better, and so is one of a row that is gone. It returns an error, a sentence for
// whoever wrote it, when an amendment makes no sense.
func (c *Calendar) Amended(amendments ...Amendment) (*Calendar, error) {
	out := *c
	out.sessions = make([]Session, len(c.sessions))
	for i, s := range c.sessions {
		out.sessions[i] = s.clone()
	}
	out.milestones = c.Milestones()
	fileDay := map[string]Date{}
	for _, s := range c.sessions {
		fileDay[s.ID] = s.Checked()
	}
	for _, m := range c.milestones {
		fileDay[m.ID] = m.Checked()
	}
	for _, a := range amendments {
		checked, known := fileDay[a.Row]
		if !known || checked.First().After(a.Checked.First()) {
			continue
		}
		if err := out.amend(a); err != nil {
			return nil, err
		}
	}
	for _, s := range out.sessions {
		if !s.Start.IsZero() && !s.End.IsZero() && s.End.Last().Before(s.Start.First()) {
			return nil, &SpanError{Row: s.ID, Start: s.Start, End: s.End}
		}
	}
	sortByDate(&out)
	return &out, nil
}

// SpanError says that a row would end before it starts.
type SpanError struct {
	Row        string
	Start, End Date
}

// Wrong says what is wrong, without what would work.
func (e *SpanError) Wrong() string {
	return fmt.Sprintf("row %s would end on %s, before it starts on %s", e.Row, e.End, e.Start)
}

// Error implements error.
func (e *SpanError) Error() string { return e.Wrong() + "; set start and end so that they fit" }

// LeftOut is a change by hand that does not hold, and why.
type LeftOut struct {
	Change []Amendment
	Err    error
}

// AmendedWithSense is [Calendar.Amended] without the changes that make no sense,
// which it returns: the files may have changed under them. A change holds with all
// its fields or with none, for half of a move is a date that nobody meant.
func (c *Calendar) AmendedWithSense(amendments ...Amendment) (*Calendar, []LeftOut) {
	if all, err := c.Amended(amendments...); err == nil {
		return all, nil
	}
	var (
		with  = c
		sound []Amendment
		left  []LeftOut
	)
	for _, change := range changesOf(amendments) {
		next, err := c.Amended(slices.Concat(sound, change)...)
		if err != nil {
			left = append(left, LeftOut{change, err})
			continue
		}
		with, sound = next, append(sound, change...)
	}
	return with, left
}

// changesOf puts amendments that follow each other and are of one change together.
func changesOf(amendments []Amendment) [][]Amendment {
	var out [][]Amendment
	for _, a := range amendments {
		if last := len(out) - 1; last >= 0 && a.Change != 0 && out[last][0].Change == a.Change {
			out[last] = append(out[last], a)
			continue
		}
		out = append(out, []Amendment{a})
	}
	return out
}

func (c *Calendar) amend(a Amendment) error {
	source := Source{ID: "amendment", URL: a.Source, Says: "set by hand: " + a.Field + " " + a.Value, Checked: a.Checked}
	for i := range c.sessions {
		if s := &c.sessions[i]; s.ID == a.Row {
			if err := s.set(a.Field, a.Value); err != nil {
				return fmt.Errorf("row %s: %w", a.Row, err)
			}
			s.Sources = append([]Source{source}, s.Sources...)
			return nil
		}
	}
	for i := range c.milestones {
		if m := &c.milestones[i]; m.ID == a.Row {
			if a.Field != "date" {
				return fmt.Errorf("row %s: a milestone has no field %.60q that can be set; date works", a.Row, a.Field)
			}
			date, err := readDate(a.Value)
			if err != nil {
				return fmt.Errorf("row %s: %w", a.Row, err)
			}
			m.Date = date
			m.Sources = append([]Source{source}, m.Sources...)
			return nil
		}
	}
	return nil
}

// IsField says whether a row of some kind has a field of that name that can be set.
func IsField(name string) bool {
	return slices.Contains([]string{"start", "end", "city", "venue", "status", "date"}, name)
}

// IsStatus says whether a session or a deadline may have that status.
func IsStatus(name string) bool {
	switch Status(name) {
	case Held, PresumedHeld, Scheduled, Expected, Postponed, Cancelled, Open, Unknown:
		return true
	default:
		return false
	}
}

// readDate reads a date that a person wrote.
func readDate(value string) (Date, error) {
	d, err := ParseDate(value)
	if err != nil {
		return Date{}, fmt.Errorf("%.60q is no date; 2026-12-18, 2026-12 and 2026 work", value)
	}
	return d, nil
}

func (s *Session) set(field, value string) error {
	var err error
	switch field {
	case "start":
		s.Start, err = readDate(value)
	case "end":
		s.End, err = readDate(value)
	case "city":
		s.City = value
	case "venue":
		s.Venue = value
	case "status":
		if s.Status = Status(value); !IsStatus(value) {
			return fmt.Errorf("there is no status %.60q; held, scheduled, expected, postponed, cancelled, open and unknown work", value)
		}
	default:
		return fmt.Errorf("there is no field %.60q that can be set; start, end, city, venue and status work", field)
	}
	return err
}
