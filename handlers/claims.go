package handlers

import (
	"cmp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// mostClaims is how many dates are set beside the words of the record.
const mostClaims = 3

// claims sets beside quotations what the calendar knows of their words: the
// statement says "in 2019 we launched", the calendar has the day. It says nothing
// of what came after the day of the question.
func (d *Desk) claims(m bot.Message, found []corpus.Quotation) bot.Reply {
	var facts bot.Reply
	seen := map[string]bool{}
	for _, q := range found {
		var dated, other []calendar.Claim
		for _, c := range d.calendar.Claims() {
			switch {
			case seen[c.ID] || !d.claimed(c, q, m):
			case c.Kind == "undated claim" || c.Kind == "expectation":
				other = append(other, c)
			default:
				dated = append(dated, c)
			}
		}
		if len(dated) == 0 {
			dated = other // words without a time matter where the sentence has no others
		}
		asked := search.Terms(m.Text)
		slices.SortStableFunc(dated, func(a, b calendar.Claim) int {
			return cmp.Compare(shared(q, b, asked), shared(q, a, asked))
		})
		for _, c := range dated {
			if seen[c.ID] = true; len(facts) < mostClaims {
				facts = append(facts, d.claim(c, m))
			}
		}
	}
	return facts
}

// shared counts the terms of a question in the sentence of a quotation that holds
// a claim's words: of two dates that are quoted together, the one asked for comes
// first.
func shared(q corpus.Quotation, c calendar.Claim, asked []string) int {
	n := 0
	for _, s := range search.Sentences(q.Text()) {
		sentence := q.Text()[s.From:s.To]
		if !strings.Contains(sentence, c.Wording) {
			continue
		}
		for _, t := range search.Terms(sentence) {
			if slices.Contains(asked, t) {
				n++
			}
		}
	}
	return n
}

// claimed says whether a quotation holds the words of a claim of which a date is
// known by the time of the question.
func (d *Desk) claimed(c calendar.Claim, q corpus.Quotation, m bot.Message) bool {
	return c.Wording != "" && q.Document().ID == c.Document && strings.Contains(q.Text(), c.Wording) && d.claimKnown(c, m)
}

func (d *Desk) claimKnown(c calendar.Claim, m bot.Message) bool {
	return !c.Date.IsZero() && !c.Known().Last().After(m.SentAt) && !d.later(c.Event, m.SentAt)
}

// claim writes what the statement says and what the calendar knows.
func (d *Desk) claim(c calendar.Claim, m bot.Message) bot.Fact {
	return d.fact("The statement says «"+c.Wording+"»; "+calendar.Span(c.Date, c.End)+": "+c.Event, c.Fact, m.SentAt, c.Loose)
}

// withRecord puts the record's own words before a fact of the calendar that
// dates them: where both answer, the record leads.
func (d *Desk) withRecord(m bot.Message, question string, reply bot.Reply) bot.Reply {
	facts := reply.Facts()
	if len(facts) != 1 {
		return reply
	}
	all := d.calendar.Claims()
	i := slices.IndexFunc(all, func(c calendar.Claim) bool {
		return c.Wording != "" && d.dates(c, facts[0].ID) && d.claimKnown(c, m)
	})
	if i < 0 {
		return reply
	}
	c := all[i]
	for _, q := range d.search.Ask(question).Quotations {
		if d.claimed(c, q, m) && d.delivered(q.Document(), m) {
			labelled := facts[0]
			labelled.Text = "The statement says «" + c.Wording + "»; " + labelled.Text
			return bot.Reply{bot.Quotation{Quotation: q}, bot.Heading{Text: fromCalendar}, labelled, d.scope(m)}
		}
	}
	return reply
}

// dates says whether the row is the one that a claim is about.
func (d *Desk) dates(c calendar.Claim, row string) bool {
	if c.Milestone == row {
		return true
	}
	return c.Process != "" && slices.ContainsFunc(d.calendar.SessionsOf(c.Process), func(s calendar.Session) bool { return s.ID == row && s.Start == c.Date })
}

// fromCalendar heads the facts that follow the words of the record.
const fromCalendar = "From the calendar"

// delivered says whether a document existed on the day of the question. One
// without a date counts as old.
func (d *Desk) delivered(doc *corpus.Document, m bot.Message) bool {
	date, err := calendar.ParseDate(doc.Date)
	return err != nil || !date.First().After(m.SentAt)
}
