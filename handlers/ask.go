package handlers

import (
	"context"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// ask answers a free question. What only the calendar can know (the ninth
// session, the Chair, what replaced what) it answers from there; else the
// record comes first, and the calendar's dated facts after it.
func (d *Desk) ask(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return d.asOf(ctx, m, d.answer)
}

func (d *Desk) answer(_ context.Context, m bot.Message) (bot.Reply, error) {
	question := strings.TrimSpace(m.Text)
	if question == "" {
		return bot.Say("Ask me a question, for example: When did Russia first raise information security at the UN?"), nil
	}
	q := search.Analyse(question)
	ofTheRecord := aboutTheRecord(question) || q.Subject != ""
	if reply, done := d.attributes(m, question, q); done {
		return reply, nil
	}
	if !aboutTheRecord(question) {
		if reply, done := d.term(m, question); done {
			return reply, nil
		}
	}
	if !ofTheRecord {
		if reply, done := d.process(m, question, q); done {
			return d.withRecord(m, question, reply), nil
		}
	}
	found := d.search.Ask(question, m.Said...)
	then := d.deliveredBy(found.Quotations, m)
	if len(then) < len(found.Quotations) && len(then) == 0 {
		found.Why, found.Nearest = "as of "+calendar.FromTime(m.SentAt).String()+" the record held nothing on it", nil
	}
	facts := d.claims(m, then)
	if !ofTheRecord {
		facts = append(facts, d.rows(m, q)...)
	}
	if len(then) == 0 && len(facts) == 0 {
		return d.refuse(m, found.Why, found.Nearest), nil
	}
	reply := quotations(then)
	if len(reply) > 0 && len(facts) > 0 {
		reply = append(reply, bot.Heading{Text: fromCalendar})
	}
	reply = append(reply, facts...)
	return append(reply, d.scope(m)), nil
}

// deliveredBy keeps the quotations from documents that existed on the day of the
// question.
func (d *Desk) deliveredBy(found []corpus.Quotation, m bot.Message) []corpus.Quotation {
	return slices.DeleteFunc(slices.Clone(found), func(q corpus.Quotation) bool { return !d.delivered(q.Document(), m) })
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
