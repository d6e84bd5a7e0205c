package handlers

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

var (
	definition = regexp.MustCompile(`(?i)^(?:please\s+)?(?:what(?:'s|’s| is| are| does| do)|define|explain|expand|spell out|(?:what(?:'s|’s| is) )?the (?:meaning|definition|full form|long form) of)\s+(?:meant by\s+|the (?:meaning|definition|full form|long form) of\s+)?(?:the\s+|an?\s+)?(?:(?:acronym|abbreviation|term|word)s?\s+)?["“«']?(.+?)["”»']?(?:\s+(?:mean|means|stand for|stands for|short for|say|says|require|requires|provide|provides))?(?:\s+in (?:the )?(?:UN|this|OEWG) (?:context|jargon|language))?\s*[?.!]*$`)
	// shortFormOf asks the other way round: which letters stand for a name.
	shortFormOf = regexp.MustCompile(`(?i)^(?:please\s+)?(?:what(?:'s|’s| is)\s+)?(?:the\s+)?(?:acronym|abbreviation|short form|initials|short name)s?\s+(?:for|of)\s+(?:the\s+|an?\s+)?["“«']?(.+?)["”»']?\s*[?.!]*$|^how (?:is|do you|does one) (?:the\s+|an?\s+)?(?:abbreviate\s+)?(.+?)(?:\s+abbreviated)?\s*[?.!]*$`)
	// acronym is a word that can only be one.
	acronym      = regexp.MustCompile(`^\p{Lu}[\p{L}\d]*\p{Lu}[\p{L}\d]*$`)
	asksLongForm = regexp.MustCompile(`(?i)\b(?:stands? for|short for|means?|acronym|abbreviation)\b`)
)

// glossary explains a term, or lists the terms.
func (d *Desk) glossary(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return d.asOf(ctx, m, d.explain)
}

func (d *Desk) explain(_ context.Context, m bot.Message) (bot.Reply, error) {
	name := strings.Trim(strings.TrimSpace(m.Text), `"“”«»?`)
	if name == "" {
		var names []string
		for _, t := range d.calendar.Terms() {
			if !d.later(t.Term, m.SentAt) {
				names = append(names, t.Term)
			}
		}
		return bot.Reply{bot.Heading{Text: "Terms I know"}, bot.Paragraph{Text: strings.Join(names, ", ") + "."}, d.scope(m)}, nil
	}
	t, known := d.calendar.Term(name)
	if !known {
		return d.refuse(m, fmt.Sprintf("the glossary has no term %q", name), nil), nil
	}
	return d.defined(t, m), nil
}

// term answers "What is APR?", "What does APR stand for?" and "What is the
// acronym for annual progress report?" when what is asked for is a term and
// nothing more. An acronym that the glossary does not have is refused where its
// meaning is all that is asked for.
func (d *Desk) term(m bot.Message, question string) (bot.Reply, bool) {
	name := strings.Trim(question, "?!. ")
	if found := shortFormOf.FindStringSubmatch(question); found != nil {
		name = found[1] + found[2] // one of the two is empty
	} else if found := definition.FindStringSubmatch(question); found != nil {
		name = found[1]
	} else if !acronym.MatchString(name) {
		return nil, false
	}
	if t, known := d.calendar.Term(name); known {
		return d.defined(t, m), true
	}
	if acronym.MatchString(name) && asksLongForm.MatchString(question) {
		return d.refuse(m, fmt.Sprintf("the glossary has no term %q", name), nil), true
	}
	return nil, false
}

// defined explains a term as far as it was known on the day of the question. A
// definition that speaks of later events is left out.
func (d *Desk) defined(t calendar.Term, m bot.Message) bot.Reply {
	if d.later(t.Term, m.SentAt) {
		return d.refuse(m, "as of "+calendar.FromTime(m.SentAt).String()+" there was no "+t.Term, nil)
	}
	text := t.Term
	if !strings.EqualFold(t.Term, t.Expansion) && t.Expansion != "" && !d.later(t.Expansion, m.SentAt) {
		text += ": " + t.Expansion + "."
	}
	if d.later(t.Definition, m.SentAt) {
		return bot.Reply{d.fact(text, t.Fact, m.SentAt, "the definition tells of later events and is left out"), d.scope(m)}
	}
	return bot.Reply{d.fact(text+" "+t.Definition, t.Fact, m.SentAt), d.scope(m)}
}
