package calendar

// Milestone is a day that mattered: a resolution, a report, a signature.
type Milestone struct {
	Fact
	Date  Date
	Title string
	Kind  string
	// Process is the ID of the process it belongs to, or empty.
	Process string
	// Symbol is the symbol of the text; it is empty where no source gives it.
	Symbol string
}

func (m Milestone) clone() Milestone {
	m.Fact = m.Fact.clone()
	return m
}
