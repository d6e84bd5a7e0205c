package handlers

import (
	"fmt"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// tell answers what a question asks of the sessions it means: their days, their
// place, who was in the chair, what came of them, how long they took.
func (d *Desk) tell(in inquiry, found []calendar.Session) bot.Reply {
	more := 0
	if len(found) > mostSessions {
		found, more = found[:mostSessions], len(found)-mostSessions
	}
	var facts bot.Reply
	var lacking []string
	for _, s := range found {
		text, lacks := d.told(in, s)
		if lacks != "" {
			lacking = append(lacking, lacks)
			continue
		}
		facts = append(facts, d.fact(text, s.Fact, in.SentAt, calendar.StatusNote(s, in.SentAt)))
	}
	if len(facts) == 0 {
		return bot.Reply{bot.Refusal{Text: sentence(strings.Join(lacking, "; "))}, d.scope(in.Message)}
	}
	if more > 0 {
		facts = append(facts, bot.Paragraph{Text: fmt.Sprintf("And %d more.", more)})
	}
	return append(facts, d.scope(in.Message))
}

// told says of a session what is asked of it, or what is lacking.
func (d *Desk) told(in inquiry, s calendar.Session) (text, lacks string) {
	line, label := d.calendar.Line(s, in.SentAt), d.calendar.Label(s)
	if !s.Start.IsZero() {
		label += " (" + s.When() + ")"
	}
	held := s.StatusAt(in.SentAt) == calendar.Held
	switch {
	case s.Start.IsZero():
		return "", d.noDate(s, in)
	case chairOf.MatchString(in.question):
		if s.Chair == "" {
			return "", "no source names the Chair of this session: " + label
		}
		return "Chair of the " + label + ": " + s.Chair, ""
	case asksWhere.MatchString(in.question):
		if s.City == "" {
			return "", "no source names the place of this session: " + label
		}
		if s.Venue != "" {
			return label + ": " + s.City + ", " + s.Venue, ""
		}
		return label + ": " + s.City, ""
	case asksLength.MatchString(in.question) && s.Start.Precision() == calendar.ToDay && s.End.Precision() == calendar.ToDay:
		n := calendar.DaysUntil(s.Start.First(), s.End) + 1
		return line + ": " + bot.Count(n, "day"), ""
	case asksResult.MatchString(in.question) && !asksCount.MatchString(in.question):
		if !held || s.Outcome == "" {
			return "", "no outcome of this session is known: " + label
		}
	}
	if held && s.Outcome != "" {
		line += ". " + strings.TrimSuffix(s.Outcome, ".")
	}
	return line, ""
}

// noDate says of a session without any date what is certain about it.
func (d *Desk) noDate(s calendar.Session, in inquiry) string {
	text := "no date is known for this: " + d.calendar.Label(s)
	if s.StatusAt(in.SentAt) == calendar.Expected {
		text += ", which is expected"
	}
	return text + " (source checked " + s.Checked().On() + ")"
}

// sentence makes a sentence of a text: a capital letter and a full stop.
func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// article puts "a" or "an" before a word.
func article(word string) string {
	if strings.ContainsAny(word[:1], "aeiou8") || strings.HasPrefix(word, "11") || strings.HasPrefix(word, "18") {
		return "an " + word
	}
	return "a " + word
}
