package handlers

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

var definition = regexp.MustCompile(`(?i)^(?:please\s+)?(?:what(?:'s|’s| is| are| does| do)|define|explain|expand|(?:what is )?the meaning of)\s+(?:meant by\s+)?(?:the\s+|an?\s+)?(?:(?:acronym|abbreviation|term)\s+)?["“«]?(.+?)["”»]?(?:\s+(?:mean|means|stand for|stands for|short for))?\s*[?.!]*$`)

// glossary explains a term, or lists the terms.
func (d *Desk) glossary(_ context.Context, m bot.Message) (bot.Reply, error) {
	name := strings.Trim(strings.TrimSpace(m.Text), `"“”«»?`)
	if name == "" {
		var names []string
		for _, t := range d.calendar.Terms() {
			names = append(names, t.Term)
		}
		return bot.Reply{bot.Heading{Text: "Terms I know"}, bot.Paragraph{Text: strings.Join(names, ", ") + "."}, d.scope(m)}, nil
	}
	t, known := d.calendar.Term(name)
	if !known {
		return d.refuse(m, fmt.Sprintf("the glossary has no term %q", name), nil), nil
	}
	return bot.Reply{d.meaning(t, m), d.scope(m)}, nil
}

// term answers "What is APR?" and "What does APR stand for?" when what is asked
// for is a term and nothing more.
func (d *Desk) term(m bot.Message, question string) (bot.Reply, bool) {
	found := definition.FindStringSubmatch(question)
	if found == nil {
		return nil, false
	}
	t, known := d.calendar.Term(found[1])
	if !known {
		return nil, false
	}
	return bot.Reply{d.meaning(t, m), d.scope(m)}, true
}

func (d *Desk) meaning(t calendar.Term, m bot.Message) bot.Fact {
	text := t.Term
	if !strings.EqualFold(t.Term, t.Expansion) && t.Expansion != "" {
		text += ": " + t.Expansion + "."
	}
	return d.fact(text+" "+t.Definition, t.Fact, m.SentAt)
}
