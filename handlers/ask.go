package handlers

import (
	"context"
	"strings"

	"rapporteur/bot"
	"rapporteur/search"
)

// ask answers a free question. What only the calendar can know (the ninth
// session, the Chair, what replaced what) it answers from there; else the
// record comes first, and the calendar's dated facts after it.
func (d *Desk) ask(_ context.Context, m bot.Message) (bot.Reply, error) {
	question := strings.TrimSpace(m.Text)
	if question == "" {
		return bot.Say("Ask me a question, for example: When did Russia first raise information security at the UN?"), nil
	}
	q := search.Analyse(question)
	ofTheRecord := aboutTheRecord(question) || q.Subject != ""
	if reply, done := d.attributes(m, question, q); done {
		return reply, nil
	}
	if !ofTheRecord {
		if reply, done := d.term(m, question); done {
			return reply, nil
		}
		if reply, done := d.process(m, question); done {
			return reply, nil
		}
	}
	found := d.search.Ask(question)
	var facts bot.Reply
	if !ofTheRecord {
		facts = d.rows(m, q)
	}
	if len(found.Quotations) == 0 && len(facts) == 0 {
		return d.refuse(m, found.Why, found.Nearest), nil
	}
	reply := quotations(found.Quotations)
	if len(reply) > 0 && len(facts) > 0 {
		reply = append(reply, bot.Heading{Text: "From the calendar"})
	}
	reply = append(reply, facts...)
	return append(reply, d.scope(m)), nil
}

// aboutTheRecord says whether a question asks for the record alone.
func aboutTheRecord(question string) bool {
	lower := strings.ToLower(question)
	for _, phrase := range []string{"according to the statement", "in the statement", "the statement say", "the statement describe", "the statement mention", "in the text", "in the record", "the speaker"} {
		if strings.Contains(lower, phrase) {
			return true
		}
	}
	return false
}
