package handlers

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// when returns the dates that record and calendar give for a phrase: the
// record's own words first, then the calendar's rows.
func (d *Desk) when(_ context.Context, m bot.Message) (bot.Reply, error) {
	phrase := strings.Trim(strings.TrimSpace(m.Text), `"“”«»`)
	if phrase == "" {
		return bot.Say("Name a phrase, for example: when OEWG"), nil
	}
	found := d.search.Times(phrase, 3)
	var facts bot.Reply
	for _, p := range begun(d.calendar.Named(phrase), m.SentAt) {
		facts = append(facts, d.span(p, m))
	}
	if len(facts) == 0 {
		facts = d.rows(m, search.Analyse("when "+phrase))
	}
	return d.withDates(m, found, facts), nil
}

// withDates joins quotations and facts, or refuses when there are neither.
func (d *Desk) withDates(m bot.Message, found search.Finding, facts bot.Reply) bot.Reply {
	if len(found.Quotations) == 0 && len(facts) == 0 {
		return d.refuse(m, found.Why, found.Nearest)
	}
	var reply bot.Reply
	if len(found.Quotations) > 0 {
		times := search.TimesIn(found.Quotations[0].Text())
		if len(times) > 0 {
			reply = append(reply, bot.Lead{Text: strings.Join(times, ", ") + ", stated in the text:"})
		}
		reply = append(reply, quotations(found.Quotations)...)
	}
	if len(facts) > 0 {
		reply = append(append(reply, bot.Heading{Text: "From the calendar"}), facts...)
	}
	return append(reply, d.scope(m))
}

// span makes a fact of the life of a process.
func (d *Desk) span(p calendar.Process, m bot.Message) bot.Fact {
	text := p.Short + ": "
	switch {
	case p.End.IsZero() && p.Start.IsZero():
		text += "no dates known"
	case p.End.IsZero(), !p.End.Last().Before(m.SentAt):
		text += "since " + p.Start.String()
	default:
		text += calendar.Span(p.Start, p.End)
	}
	return d.fact(text, p.Fact, m.SentAt)
}

// timeline returns the dated steps of a topic in their order.
func (d *Desk) timeline(_ context.Context, m bot.Message) (bot.Reply, error) {
	topic := strings.TrimSpace(m.Text)
	if topic == "" {
		return bot.Say("Name a topic, for example: timeline OEWG"), nil
	}
	found := d.search.Times(topic, 6)
	slices.SortStableFunc(found.Quotations, func(a, b corpus.Quotation) int { return cmp.Compare(firstYear(a), firstYear(b)) })
	processes := map[string]bool{}
	for _, p := range d.calendar.Named(topic) {
		processes[p.ID] = true
	}
	terms := search.Terms(topic)
	var facts bot.Reply
	for _, ms := range d.calendar.Milestones() {
		if processes[ms.Process] || (len(processes) == 0 && share(terms, stems(d.milestoneText(ms))) == 1) {
			if !ms.Date.IsZero() && happened(ms, m.SentAt) {
				facts = append(facts, d.milestone(ms, m.SentAt))
			}
		}
	}
	if len(found.Quotations) == 0 && len(facts) == 0 {
		return d.refuse(m, found.Why, found.Nearest), nil
	}
	var reply bot.Reply
	if len(found.Quotations) > 0 {
		reply = append(append(reply, bot.Heading{Text: "In the record"}), quotations(found.Quotations)...)
	}
	if len(facts) > 0 {
		reply = append(append(reply, bot.Heading{Text: "From the calendar"}), facts...)
	}
	return append(reply, d.scope(m)), nil
}

func stems(text string) map[string]bool {
	out := map[string]bool{}
	for _, t := range search.Terms(text) {
		out[t] = true
	}
	return out
}

var year = regexp.MustCompile(`\b(?:1[89]|20)\d\d`)

// firstYear is the first year a quotation names; the year of its document where
// it names none.
func firstYear(q corpus.Quotation) string {
	if y := year.FindString(q.Text()); y != "" {
		return y
	}
	return q.Document().Date
}
