package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// How much of the record when and timeline show.
const (
	mostWhen     = 3  // sentences of when
	mostTimeline = 12 // sentences of a timeline
	mostRead     = 50 // sentences in which times are looked for
)

// when returns the dates that record and calendar give for a phrase: the
// record's own words first, each with its expressions of time typed, then the
// calendar's rows.
func (d *Desk) when(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return d.asOf(ctx, m, d.whenSaid)
}

func (d *Desk) whenSaid(_ context.Context, m bot.Message) (bot.Reply, error) {
	phrase := strings.Trim(strings.TrimSpace(m.Text), `"“”«»`)
	if phrase == "" {
		return bot.Say("Name a phrase, for example: when OEWG"), nil
	}
	found := d.search.Quotes(phrase, mostRead)
	said := dated(found.Quotations, m.SentAt)
	said = said[:min(len(said), mostWhen)]
	var facts bot.Reply
	for _, p := range begun(d.calendar.Named(phrase), m.SentAt) {
		fact := d.span(p, m)
		if typed := lifeTyped(p, m.SentAt); typed != "" {
			fact.Text += " (" + typed + ")"
		}
		facts = append(facts, fact)
	}
	if len(facts) == 0 {
		facts = d.rows(m, search.Analyse("when "+phrase))
	}
	if len(said) == 0 && len(facts) == 0 {
		return d.refuse(m, found.Why, found.Nearest), nil
	}
	var reply bot.Reply
	for _, s := range said {
		reply = append(reply, bot.Lead{Text: s.typed()}, bot.Quotation{Quotation: s.quotation})
	}
	reply = append(reply, ownDates(said)...)
	if len(facts) > 0 {
		reply = append(append(reply, bot.Heading{Text: "From the calendar"}), facts...)
	}
	return append(reply, d.scope(m)), nil
}

// datedSentence is a sentence of the record with its expressions of time.
type datedSentence struct {
	quotation   corpus.Quotation
	said        calendar.Date
	expressions []calendar.Expression
}

// dated returns the quotations that name a time, as known at a day: what was said
// after it is left out.
func dated(quotations []corpus.Quotation, at time.Time) []datedSentence {
	var out []datedSentence
	for _, q := range quotations {
		said, err := calendar.ParseDate(q.Document().Date)
		if err != nil { // a date of a form that nothing can be reckoned from
			said = calendar.Date{}
		}
		if said.First().After(at) {
			continue
		}
		if found := calendar.Expressions(q.Text(), said); len(found) > 0 {
			out = append(out, datedSentence{quotation: q, said: said, expressions: found})
		}
	}
	return out
}

// typed says what the times of the sentence are and how each is known: "June 2021
// (month precision), 2021–2025 (range, year precision) — stated in the text".
func (s datedSentence) typed() string {
	var b strings.Builder
	last := ""
	for i, e := range s.expressions {
		date, how := s.describe(e)
		switch {
		case i == 0:
		case how == last:
			b.WriteString(", ")
		default:
			b.WriteString(" — " + last + "; ")
		}
		b.WriteString(date)
		last = how
	}
	return b.String() + " — " + last
}

// describe says what one time is and how it is known. The words themselves stand
// beside a date that was reckoned or that reads otherwise.
func (s datedSentence) describe(e calendar.Expression) (date, how string) {
	words := `"` + s.quotation.Text()[e.From:e.To] + `"`
	when := e.When() + " (" + e.Typed() + ")"
	switch e.Provenance {
	case calendar.Reckoned:
		return when, words + ", reckoned from the statement's date, " + s.said.String()
	case calendar.Unreckoned:
		return words + " (" + e.Typed() + ")", "not reckoned: the statement's date is not known well enough"
	case calendar.Yearless:
		return words + " (" + e.Typed() + ")", "stated in the text without a year"
	case calendar.InText, calendar.FromMetadata, calendar.FromCalendar:
	}
	if plainDash(e.When()) != plainDash(strings.Trim(words, `"`)) && e.Precision == calendar.DeadlineExtent {
		return when, words + ", stated in the text"
	}
	return when, "stated in the text"
}

func plainDash(s string) string { return strings.ToLower(strings.ReplaceAll(s, "–", "-")) }

// ownDates says of each document whose sentences are shown when it was delivered
// and how that is known, for a reader takes the nearest date for the statement's.
func ownDates(said []datedSentence) bot.Reply {
	var lines []string
	var seen []*corpus.Document
	for _, s := range said {
		if d := s.quotation.Document(); !slices.Contains(seen, d) {
			seen = append(seen, d)
			lines = append(lines, ownDate(d, s.said))
		}
	}
	if len(lines) > 1 {
		for i, d := range seen {
			lines[i] += " — " + d.Title
		}
		return bot.Reply{bot.Paragraph{Text: "The statements' own dates:"}, bot.List{Items: lines}}
	}
	var reply bot.Reply
	for _, line := range lines {
		reply = append(reply, bot.Paragraph{Text: "The statement's own date: " + line})
	}
	return reply
}

func ownDate(d *corpus.Document, said calendar.Date) string {
	switch {
	case said.IsZero():
		return "not known"
	case d.DateSource == corpus.DateFromText:
		return said.String() + ", stated in the text"
	}
	line := "not in the text; from metadata, " + said.String()
	if d.DateURL != "" {
		line += ", source " + d.DateURL
	}
	if d.DateChecked != "" {
		line += ", checked " + bot.Day(d.DateChecked)
	}
	return line
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

// lifeTyped says how exact the dates of a process's life are, as far as they are
// known at a day.
func lifeTyped(p calendar.Process, at time.Time) string {
	life := calendar.Expression{Start: p.Start, End: p.End, Precision: calendar.RangeExtent}
	if !p.End.IsZero() && !p.End.Last().Before(at) {
		life.End = calendar.Date{}
	}
	if life.When() == "" {
		return ""
	}
	return life.Typed()
}
