package calendar

import "reflect"

// Claim links words of a document of the record to what they stand for: a
// speaker says "in 2019 we launched", and the calendar knows the day.
type Claim struct {
	Fact
	// Document is the ID of the document that holds the words.
	Document string
	// Wording is an exact piece of the document's text; it is empty where the
	// text says nothing and the claim is about the document as a whole.
	Wording string
	// Kind says how the words give the time: "year only", "relative date".
	Kind string
	// Event is what the words stand for, in the calendar's words.
	Event string
	// Date and End bound the event; Date is unknown where no source gives it.
	Date, End Date
	// Process and Milestone are IDs of rows, or empty.
	Process, Milestone string
	// Loose says in what the words are looser than the event; it is empty where
	// they are exact.
	Loose string
}

// Claims returns all claims in the order of the file.
func (c *Calendar) Claims() []Claim {
	out := make([]Claim, len(c.claims))
	for i, claim := range c.claims {
		claim.Fact = claim.clone()
		out[i] = claim
	}
	return out
}

// Known returns the day from which all of the event is known: its last day.
func (c Claim) Known() Date {
	if c.End.IsZero() {
		return c.Date
	}
	return c.End
}

type claimRow struct {
	Fact      factRow `yaml:",inline"`
	Document  string  `yaml:"document"`
	Wording   string  `yaml:"wording"`
	Kind      string  `yaml:"kind"`
	Event     string  `yaml:"event"`
	Date      string  `yaml:"date"`
	End       string  `yaml:"end"`
	Process   string  `yaml:"process"`
	Milestone string  `yaml:"milestone"`
	Loose     string  `yaml:"loose"`
}

func (l *loader) readClaims(cal *Calendar) []Claim {
	const file = "claims.yaml"
	milestones := map[string]bool{"": true}
	for _, m := range cal.milestones {
		milestones[m.ID] = true
	}
	seen := map[string]bool{}
	var out []Claim
	for _, p := range readRows[claimRow](l.fsys, file, l.reporter(file)) {
		r, c := p.row, checker{p.line, p.row.Fact.ID, l.reporter(file)}
		c.unique(seen)
		c.need("document", r.Document)
		c.need("kind", r.Kind)
		c.need("event", r.Event)
		if _, ok := cal.Process(r.Process); !ok && r.Process != "" {
			c.fault("unknown process %q", r.Process)
		}
		if !milestones[r.Milestone] {
			c.fault("unknown milestone %q", r.Milestone)
		}
		claim := Claim{
			Fact:     l.fact(c, r.Fact, reflect.TypeFor[claimRow]()),
			Document: r.Document, Wording: r.Wording, Kind: r.Kind, Event: r.Event,
			Process: r.Process, Milestone: r.Milestone, Loose: r.Loose,
		}
		claim.Date, claim.End = c.span("date", r.Date, "end", r.End)
		if claim.Date.IsZero() && !claim.End.IsZero() {
			c.fault("it has an end and no date")
		}
		out = append(out, claim)
	}
	return out
}
