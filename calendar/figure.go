package calendar

import (
	"reflect"
	"slices"
)

// Figure is a number that people ask for, or a rule that holds one: signatories,
// votes, the instruments that bring a treaty into force.
type Figure struct {
	Fact
	// Process is the ID of the process it belongs to, or empty.
	Process string
	// Symbols are the texts it is about, such as the resolution that was voted
	// on.
	Symbols []string
	// Ask are the words by which people ask for it, in lower case.
	Ask []string
	// Text is the sentence that answers.
	Text string
	// Date is the day from which it holds.
	Date Date
	// Unsettled is set where the sources do not agree on the number: Text says
	// so and what is known instead.
	Unsettled bool
}

// Figures returns all figures in the order of the file.
func (c *Calendar) Figures() []Figure {
	out := make([]Figure, len(c.figures))
	for i, f := range c.figures {
		f.Fact = f.clone()
		f.Symbols, f.Ask = slices.Clone(f.Symbols), slices.Clone(f.Ask)
		out[i] = f
	}
	return out
}

type figureRow struct {
	Fact      factRow  `yaml:",inline"`
	Process   string   `yaml:"process"`
	Symbols   []string `yaml:"symbols"`
	Ask       []string `yaml:"ask"`
	Text      string   `yaml:"text"`
	Date      string   `yaml:"date"`
	Unsettled bool     `yaml:"unsettled"`
}

func (l *loader) readFigures(cal *Calendar) []Figure {
	const file = "figures.yaml"
	seen := map[string]bool{}
	var out []Figure
	for _, p := range readRows[figureRow](l.fsys, file, l.reporter(file)) {
		r, c := p.row, checker{p.line, p.row.Fact.ID, l.reporter(file)}
		c.unique(seen)
		c.need("text", r.Text)
		if len(r.Ask) == 0 {
			c.fault("ask is missing")
		}
		if _, ok := cal.Process(r.Process); !ok && r.Process != "" {
			c.fault("unknown process %q", r.Process)
		}
		date := c.date("date", r.Date)
		if date.IsZero() {
			c.fault("date is missing")
		}
		out = append(out, Figure{
			Fact:    l.fact(c, r.Fact, reflect.TypeFor[figureRow]()),
			Process: r.Process, Symbols: r.Symbols, Ask: r.Ask, Text: r.Text, Date: date, Unsettled: r.Unsettled,
		})
	}
	return out
}
