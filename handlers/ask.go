package handlers

import (
	"context"
	"regexp"
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
	for _, answer := range []func(bot.Message, string) (bot.Reply, bool){d.paragraph, d.attributes} {
		if reply, done := answer(m, question); done {
			return reply, nil
		}
	}
	question = asWhen(question)
	q := search.Analyse(question)
	ofTheRecord := aboutTheRecord(question) || q.Subject != ""
	if !aboutTheRecord(question) {
		if reply, done := d.term(m, question); done {
			return reply, nil
		}
	}
	if chat(question) {
		return d.refuse(m, "that is no question about it", nil), nil
	}
	if !ofTheRecord {
		if reply, done := d.process(m, question, q); done {
			return d.withRecord(m, question, reply), nil
		}
	}
	found := d.inRecord(m, question)
	then := d.deliveredBy(found.Quotations, m)
	if len(then) < len(found.Quotations) && len(then) == 0 {
		found.Why, found.Nearest = "as of "+calendar.FromTime(m.SentAt).String()+" the record held nothing on it", nil
	}
	facts := d.claims(m, then)
	if !ofTheRecord {
		facts = append(facts, d.rows(m, search.Analyse(d.spelledOut(question)))...)
	}
	if len(then) == 0 && len(facts) == 0 {
		return d.refuse(m, firstOf(d.unnumbered(m, question), found.Why), found.Nearest), nil
	}
	reply := quotations(then)
	if len(reply) > 0 && len(facts) > 0 {
		reply = append(reply, bot.Heading{Text: fromCalendar})
	}
	reply = append(reply, facts...)
	return append(reply, d.scope(m)), nil
}

// atAnEnd finds words that say where in a statement something was said.
var atAnEnd = regexp.MustCompile(`(?i)\s*\b(?:at|in|from|towards) the (?:very )?(beginning|start|outset|opening|end|close|conclusion)(?: of (?:the|his|this) (?:statement|speech|intervention|text|remarks))?`)

// mostAtAnEnd is how many paragraphs are the beginning of a statement, or its end.
const mostAtAnEnd = 3

// inRecord asks the record. "At the start" is a place in the text and no subject:
// the question is asked without it, and answered from the first paragraphs.
func (d *Desk) inRecord(m bot.Message, question string) search.Finding {
	if found := atAnEnd.FindStringSubmatch(question); found != nil {
		there := d.search.Ask(atAnEnd.ReplaceAllString(question, ""), m.Said...)
		there.Quotations = slices.DeleteFunc(there.Quotations, func(q corpus.Quotation) bool {
			switch strings.ToLower(found[1]) {
			case "end", "close", "conclusion":
				return q.Passage().Para <= lastParagraph(q.Document())-mostAtAnEnd
			}
			return q.Passage().Para > mostAtAnEnd
		})
		if len(there.Quotations) > 0 {
			return there
		}
	}
	found := d.search.Ask(question, m.Said...)
	if assesses.MatchString(question) {
		for i, q := range found.Quotations {
			found.Quotations[i] = withVerdict(q)
		}
	}
	return found
}

var (
	// assesses asks what somebody thinks of something.
	assesses = regexp.MustCompile(`(?i)^(?:how|as what) (?:does|do|did|is|are) .*\b(?:considers?|considered|regard(?:s|ed)?|assess(?:es|ed)?|view(?:s|ed)?|see|sees|seen|perceived?|evaluated?|judged?|characteri[sz]ed?|describe[ds]?|qualif(?:y|ied)|feel|rate|react|respond)\b|\bwhat (?:does|do|did) .* (?:think of|make of)\b`)
	// verdict opens a sentence that says what the speaker thinks of what the
	// sentence before it names.
	verdict = regexp.MustCompile(`^(?:We|I) (?:consider|regard|see|view|perceive|find|believe|deem) (?:such|this|that|these|those|it|them)\b`)
)

// withVerdict extends a quotation by the next sentence of its passage where that
// passes judgement on it, as "We consider such attempts as destructive" does.
func withVerdict(q corpus.Quotation) corpus.Quotation {
	text := q.Passage().Text
	from := strings.Index(text, q.Text())
	to := from + len(q.Text())
	for _, s := range search.Sentences(text) {
		if s.From < to {
			continue
		}
		if verdict.MatchString(text[s.From:s.To]) {
			if longer, err := q.Passage().Quote(from, s.To); err == nil {
				return longer
			}
		}
		break
	}
	return q
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
