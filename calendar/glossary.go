package calendar

import "slices"

// Term is a word or an abbreviation of the trade.
type Term struct {
	Fact
	Term, Expansion string
	Aliases         []string
	Definition      string
	// See is the ID of another term, or empty.
	See string
}

// Term returns the term that people call by that name: its own, an alias or its
// expansion, in that order; upper and lower case, hyphen and dash are alike.
func (c *Calendar) Term(name string) (Term, bool) {
	want := words(name)
	if len(want) == 0 {
		return Term{}, false
	}
	for _, names := range []func(Term) []string{
		func(t Term) []string { return []string{t.Term} },
		func(t Term) []string { return t.Aliases },
		func(t Term) []string { return []string{t.Expansion} },
	} {
		for _, t := range c.terms {
			if slices.ContainsFunc(names(t), func(n string) bool { return sameWords(want, words(n)) }) {
				return t.clone(), true
			}
		}
	}
	return Term{}, false
}

func (t Term) clone() Term {
	t.Fact = t.Fact.clone()
	t.Aliases = slices.Clone(t.Aliases)
	return t
}
