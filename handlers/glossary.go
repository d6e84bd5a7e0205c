package handlers

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// The words that tell what a question is about.
const (
	asksMeaning lexicon = `what what's whats mean means meaning meant stand stands short acronym acronyms abbreviation abbreviated initials letters term define defined definition explain explained expand expanded expansion spell full long = say says text wording`
	aroundTerm  lexicon = `is are was were does do did by for of the a an in out form version please exactly it that this there again about un context jargon word words expression name called you one we call concept actually even that's it's`
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
		return d.refuse(m, fmt.Sprintf("the glossary has no term %.60q", name), nil), nil
	}
	return d.defined(t, m), nil
}

// term answers "What is APR?", "What does APR stand for?" and "What is the
// acronym for annual progress report?" when what is asked for is a term and
// nothing more. An acronym that the glossary does not have is refused where its
// meaning is all that is asked for.
func (d *Desk) term(m bot.Message, question string) (bot.Reply, bool) {
	if t, is := d.termAlone(question); is {
		return d.defined(t, m), true
	}
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
		return d.refuse(m, fmt.Sprintf("the glossary has no term %.60q", name), nil), true
	}
	return nil, false
}

// The words around a term that ask what it means: those that do so by
// themselves, and the grammar between them.
var (
	// inTheText says where a term stands, or to whom to explain it.
	inTheText = regexp.MustCompile(`(?i)\s+(?:(?:to|for) (?:me|us)|(?:in|of|from) (?:the |this )?(?:2015 |UN |GGE |2015 GGE )?(?:report|statement|speech|text|document|context))(?: (?:say|says|mean|means|require|requires))?[\s?.!]*$`)
	// normForm is a norm by its letter.
	normForm = regexp.MustCompile(`(?i)^norm (?:no\.? ?)?(?:13 ?)?\(?[a-z]\)?$`)
)

// termAlone returns the term of a question that holds nothing but it and words
// that ask for its meaning, in any order: "UNODA meaning", "acronym RID?", "X =
// ?".
func (d *Desk) termAlone(question string) (calendar.Term, bool) {
	if len(question) > longText {
		return calendar.Term{}, false
	}
	if at := inTheText.FindStringIndex(question); at != nil {
		question = question[:at[0]]
	}
	trim := func(w string) string { return strings.ToLower(strings.Trim(w, "?!.,:;\"“”«»'‘’")) }
	words := strings.Fields(strings.ReplaceAll(question, "=", " = "))
	from, to, asks := 0, len(words), false
	glue := func(w string) bool {
		asks = asks || asksMeaning.has(w)
		return w == "" || asksMeaning.has(w) || aroundTerm.has(w)
	}
	for from < to && glue(trim(words[from])) {
		from++
	}
	for to > from && glue(trim(words[to-1])) {
		to--
	}
	name := strings.Trim(strings.Join(words[from:to], " "), "?!.,:;\"“”«»'‘’")
	if name == "" || !asks && !acronym.MatchString(name) && !normForm.MatchString(name) {
		return calendar.Term{}, false
	}
	if asksFullName.MatchString(question) && len(d.calendar.Named(name)) > 0 {
		return calendar.Term{}, false // the processes have their own full names
	}
	return d.calendar.Term(name)
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
