package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// Shown is what people are shown of a dated row of the calendar: what a post
// relies on. When any of it changes, the post is wrong.
type Shown struct {
	// Row is the ID of the row.
	Row string `json:"row"`
	// Kind is "session", "deadline", "milestone" or "process".
	Kind string `json:"kind"`
	// Process is the ID of the process that it belongs to.
	Process string `json:"process,omitempty"`
	// Label is what it is called.
	Label string `json:"label"`
	// Start and End are its dates as [Date.ISO] writes them; empty where unknown.
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
	// City and Venue are where it is.
	City  string `json:"city,omitempty"`
	Venue string `json:"venue,omitempty"`
	// State is its status, where what is going to happen and what has happened
	// as it was to are one: "on", "expected", "postponed", "cancelled", "open",
	// "unknown". That a session has been held corrects nobody.
	State string `json:"state,omitempty"`
	// Source is the address of the page that says so and Checked the ISO day on
	// which it was read. They are no part of the version.
	Source  string `json:"source,omitempty"`
	Checked string `json:"checked,omitempty"`
}

// Version names what is shown by its content: sixteen hexadecimal digits, the same
// wherever and whenever the same is shown.
func (s Shown) Version() string {
	s.Source, s.Checked = "", ""
	data, err := json.Marshal(s)
	if err != nil { // strings only
		data = []byte(s.Row)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// When returns the dates in words.
func (s Shown) When() string {
	start, _ := ParseDate(s.Start) // written by ISO
	end, _ := ParseDate(s.End)
	return Span(start, end)
}

// Difference is a field of a row that is not what it was, in words.
type Difference struct{ Field, Was, Now string }

// Differences returns in what two states of a row differ: date, place, status and
// title, those only that do. now is the zero Shown for a row that is gone, was for one
// that has come back.
func Differences(was, now Shown) []Difference {
	switch {
	case now.Row == "":
		return []Difference{{"row", was.When(), "no longer in the calendar"}}
	case was.Row == "":
		return []Difference{{"row", "no longer in the calendar", "in the calendar again: " + orNone(now.When())}}
	}
	var out []Difference
	add := func(field, a, b string) {
		if a != b {
			out = append(out, Difference{field, orNone(a), orNone(b)})
		}
	}
	if was.Start != now.Start || was.End != now.End {
		add("date", was.When(), now.When())
	}
	add("place", was.Place(), now.Place())
	add("status", was.Status(), now.Status())
	add("title", was.Label, now.Label)
	return out
}

func orNone(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}

// Place returns venue and city in words; empty where neither is known.
func (s Shown) Place() string {
	return strings.TrimPrefix(strings.TrimSuffix(s.Venue+", "+s.City, ", "), ", ")
}

// Status returns the status in words: "takes place", "postponed".
func (s Shown) Status() string {
	if s.State == stateOn {
		return "takes place"
	}
	return s.State
}

const stateOn = "on"

func stateOf(s Status) string {
	switch s {
	case Held, PresumedHeld, Scheduled:
		return stateOn
	default:
		return string(s)
	}
}

// Shown returns what is shown of every session, deadline, milestone and process.
func (c *Calendar) Shown() []Shown {
	out := make([]Shown, 0, len(c.sessions)+len(c.milestones)+len(c.processes))
	for _, s := range c.sessions {
		out = append(out, c.shownSession(s))
	}
	for _, m := range c.milestones {
		out = append(out, Shown{
			Row: m.ID, Kind: "milestone", Process: m.Process, Label: m.Title, Start: m.Date.ISO(), Source: m.Source(), Checked: m.Checked().ISO(),
		})
	}
	for _, p := range c.processes {
		out = append(out, Shown{
			Row: p.ID, Kind: "process", Process: p.ID, Label: p.Short, Start: p.Start.ISO(), End: p.End.ISO(), Source: p.Source(), Checked: p.Checked().ISO(),
		})
	}
	return out
}

func (c *Calendar) shownSession(s Session) Shown {
	kind := "session"
	if s.Kind == KindDeadline {
		kind = KindDeadline
	}
	return Shown{
		Row: s.ID, Kind: kind, Process: s.Process, Label: c.Label(s), Start: s.Start.ISO(), End: s.End.ISO(),
		City: s.City, Venue: s.Venue, State: stateOf(s.Status), Source: s.Source(), Checked: s.Checked().ISO(),
	}
}

// ShownRow returns what is shown of the row of that ID; false where there is no
// such row, or it has no dates.
func (c *Calendar) ShownRow(id string) (Shown, bool) {
	for _, s := range c.Shown() {
		if s.Row == id {
			return s, true
		}
	}
	return Shown{}, false
}

// Session returns the session or deadline of that ID.
func (c *Calendar) Session(id string) (Session, bool) {
	for _, s := range c.sessions {
		if s.ID == id {
			return s.clone(), true
		}
	}
	return Session{}, false
}

// AsShown returns the session or deadline of a row as it is shown, whatever this
// calendar says of it or whether it has it; false for a row that is neither.
func (c *Calendar) AsShown(shown Shown) (Session, bool) {
	if shown.Row == "" || shown.Kind == "milestone" || shown.Kind == "process" {
		return Session{}, false
	}
	s, known := c.Session(shown.Row)
	if !known {
		s = Session{Fact: Fact{ID: shown.Row}, Process: shown.Process, Kind: shown.Kind}
	}
	s.Title, s.City, s.Venue, s.Status = shown.Label, shown.City, shown.Venue, Status(shown.State)
	if shown.State == stateOn {
		s.Status = Scheduled
	}
	s.Start, _ = ParseDate(shown.Start) // written by ISO
	s.End, _ = ParseDate(shown.End)
	checked, _ := ParseDate(shown.Checked)
	if shown.Source != s.Source() || checked != s.Checked() {
		s.Sources = []Source{{ID: "registered", URL: shown.Source, Checked: checked}}
	}
	return s, true
}
