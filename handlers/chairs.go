package handlers

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

var (
	chairOf = regexp.MustCompile(`(?i)\bwho\b.*\b(?:chair|chairs|chaired|chairing|chairperson|chairman|chairwoman|presides?|presided|heads?|headed|leads?|led)\b|\bchair(?:person|man|woman)? (?:of|for|at|in)\b|\b(?:is|was|did|does|has) .*\bchair(?:s|ed|ing)?\b|\bchair\?|\bchairs of\b|\b(?:chair(?:person|man|woman)?|chairmanship)\b[\s?.!]*$|\b(?:name|which \p{L}+|what \p{L}+) .*\bchair(?:s|ed|ing|person|man|woman)?\b|\bchaired by\b|\bnationality\b.*\bchair|\bchair(?:person|man|woman)?\b.*\bfrom\b|^chair(?:person|man|woman)?\b|\b(?:serv(?:e|es|ed|ing)|act(?:s|ed|ing)?) as\b|\bat the helm\b|\bin the chair\b|\bin charge\b`)
	// otherOffice names offices of which the calendar has no holders.
	otherOffice = regexp.MustCompile(`(?i)\b(?:vice|deputy)[- ]?(?:chair|president)\w*|\bco-?facilitat\w+|\bfacilitators?\b|\brapporteurs?\b|\bbureau\b|\bsecretar(?:y|ies)\b|\btreasurers?\b|\bspokes(?:person|man|woman)\b`)
)

// chairs names who leads a process on the day of the question, or led it.
func (d *Desk) chairs(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 {
		return d.whoIs(in)
	}
	if office := otherOffice.FindString(in.question); office != "" {
		return d.refuse(in.Message, "the calendar names no "+strings.ToLower(office)+" of the "+in.named[0].Short, nil), true
	}
	if !chairOf.MatchString(in.question) || strings.HasPrefix(in.lower, "when") {
		return nil, false
	}
	sel := in.selects()
	named, until := d.ledThen(in, sel)
	if len(named) == 0 {
		return bot.Reply{bot.Refusal{Text: "The " + in.named[0].Short + " did not meet " + sel.during + ": " + calendar.Span(in.named[0].Start, in.named[0].End) + "."}, d.scope(in.Message)}, true
	}
	var facts bot.Reply
	known, unsure := "", ""
	for _, p := range named {
		names, states := d.chairNames(p, until)
		switch {
		case len(names) > 0:
			text := "Chair of the " + p.Short + ": " + strings.Join(names, "; ")
			facts, known = append(facts, d.fact(text, p.Fact, in.SentAt)), known+text+" "
		case states != "":
			unsure += "; all that a source gives is " + states
		}
	}
	who := []string{"chair", "chairs", "chaired", "chairing", "chairperson", "chairman", "chairwoman", "presides", "preside", "presided", "head", "heads", "headed", "lead", "leads", "led", "current", "currently", "new", "present", "elected", "over", "ambassador", "mr", "ms", "mrs", "person", "people", "diplomat", "diplomats", "helm", "charge", "served", "serves", "serve", "serving", "acted", "acts", "acting", "nationality", "come", "comes", "chairmanship", "responsible", "states", "state", "nationals", "national", "countries"}
	if left := slices.DeleteFunc(sel.described, func(w string) bool { return slices.Contains(who, w) }); len(facts) > 0 && !holds(known, left) {
		if !d.person(left) {
			return nil, false
		}
		return bot.Reply{bot.Refusal{Text: "I know no such Chair. " + strings.TrimSpace(known) + "."}, d.scope(in.Message)}, true
	}
	if len(facts) == 0 {
		return d.refuse(in.Message, "no Chair of the "+named[0].Short+" is confirmed by a source"+unsure, nil), true
	}
	return append(facts, d.scope(in.Message)), true
}

var (
	asksWho   = regexp.MustCompile(`(?i)^who (?:is|was) `)
	chairWord = regexp.MustCompile(`(?i)\b(?:chair(?:s|ed)?|head(?:s|ed)?|led|lead)\b`)
)

// whoIs says which processes somebody led.
func (d *Desk) whoIs(in inquiry) (bot.Reply, bool) {
	name := ""
	if len(in.q.Names) == 1 && asksWho.MatchString(in.lower) {
		name = strings.ToLower(in.q.Names[0])
	} else if asksWho.MatchString(in.lower) || chairWord.MatchString(in.lower) {
		name = strings.Join(in.unexplained("chair", "chairs", "chaired", "chairing", "head", "headed", "lead", "led", "ambassador", "mr", "ms", "mrs"), " ")
	}
	if len(name) <= leastStem {
		return nil, false
	}
	var facts bot.Reply
	for _, p := range d.calendar.Processes() {
		led := slices.ContainsFunc(p.Chairs, func(c calendar.Chair) bool {
			return c.Name != "" && holds(c.Name, strings.Fields(name)) && !d.inOffice(p, c).After(in.SentAt)
		})
		if names, _ := d.chairNames(p, in.SentAt); led && len(names) > 0 && d.calendar.Decided(p, in.SentAt) {
			facts = append(facts, d.fact("Chair of the "+p.Short+": "+strings.Join(names, "; "), p.Fact, in.SentAt))
		}
	}
	for _, s := range d.calendar.Sessions() {
		if len(facts) == 0 && !s.Start.IsZero() && !s.Start.First().After(in.SentAt) && holds(s.Chair, strings.Fields(name)) {
			facts = append(facts, d.fact("Chair of the "+d.calendar.Label(s)+" ("+s.When()+"): "+s.Chair, s.Fact, in.SentAt))
		}
	}
	if len(facts) == 0 {
		return nil, false
	}
	return append(facts, d.scope(in.Message)), true
}

// ledThen returns the processes that the question's days fall into, and the day
// up to which their Chairs count.
func (d *Desk) ledThen(in inquiry, sel selector) ([]calendar.Process, time.Time) {
	if sel.from.IsZero() {
		return in.named, in.SentAt
	}
	var kept []calendar.Process
	for _, p := range in.named {
		over := !p.End.IsZero() && p.End.Last().Before(sel.from)
		if !over && !p.Start.First().After(sel.to) {
			kept = append(kept, p)
		}
	}
	if sel.from.After(in.SentAt) {
		return nil, in.SentAt
	}
	if sel.to.Before(in.SentAt) {
		return kept, sel.to
	}
	return kept, in.SentAt
}

// chairNames returns the names of those who led a process and were known to by a
// day; where no name is known, whom the sources point to.
func (d *Desk) chairNames(p calendar.Process, at time.Time) (names []string, unnamed string) {
	for i, c := range p.Chairs {
		if c.Name == "" {
			unnamed = strings.TrimSpace(c.State + ", " + c.Note)
			continue
		}
		if from := d.inOffice(p, c); i > 0 && from.After(at) || !c.From.IsZero() && c.From.First().After(at) {
			continue
		}
		name := c.Name + parenthesis(c.State)
		if c.Note != "" && !d.later(c.Note, at) {
			name += ", " + c.Note
		}
		names = append(names, name)
	}
	return names, unnamed
}

// inOffice is the day by which a Chair is known to have led: the given one, or
// the first session that names them.
func (d *Desk) inOffice(p calendar.Process, c calendar.Chair) time.Time {
	if !c.From.IsZero() {
		return c.From.First()
	}
	for _, s := range d.calendar.SessionsOf(p.ID) {
		if strings.Contains(s.Chair, c.Name) {
			return s.Start.First()
		}
	}
	return p.Start.First()
}

// person says whether the words are part of a name of somebody who led, or of a
// name with a capital that nobody bears.
func (d *Desk) person(words []string) bool {
	var all []string
	for _, p := range d.calendar.Processes() {
		for _, c := range p.Chairs {
			all = append(all, c.Name, c.State)
		}
	}
	for _, s := range d.calendar.Sessions() {
		all = append(all, s.Chair)
	}
	return holds(strings.Join(all, " "), words)
}
