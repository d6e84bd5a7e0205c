package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

var (
	successorOf   = regexp.MustCompile(`(?i)\b(?:replac|succe(?:ed|ss)|follow(?:s|ed)? (?:the|on)|came after|comes after|took over|takes over|took the place|instead of|next after)`)
	predecessorOf = regexp.MustCompile(`(?i)\bdid (?:the )?.+ (?:replace|succeed|follow)\s*\??$|\bpredecessor|came before|preceded|precedes`)
	endOf         = regexp.MustCompile(`(?i)^(?:when|has|did|is|how long)\b.*\b(?:end|ends|ended|finish|finished|conclude|concluded|expire|expired|expires|over|wound up|mandate)\b`)
	groupNumbered = regexp.MustCompile(`(?i)\b(` + ordinalNames + `|\d{1,2}(?:st|nd|rd|th)) (?:UN )?(GGE|OEWG|groups? of governmental experts|open[- ]ended working group|ad hoc committee|global mechanism)\b`)
	groupYears    = regexp.MustCompile(`(?i)\b(GGE|OEWG|group of governmental experts|open[- ]ended working group) (?:of )?(?:the )?((?:19|20)\d\d)(?: ?[-–/] ?((?:19|20)\d\d))?`)
)

// succession says what came after a process, or before it.
func (d *Desk) succession(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 {
		return nil, false
	}
	switch {
	case predecessorOf.MatchString(in.lower):
		return d.predecessor(in.Message, in.named[0])
	case successorOf.MatchString(in.lower):
		return d.successor(in.Message, in.named[0])
	}
	return nil, false
}

func (d *Desk) successor(m bot.Message, p calendar.Process) (bot.Reply, bool) {
	next, known := d.calendar.Process(p.Successor)
	if !known || !d.calendar.Decided(next, m.SentAt) {
		return d.refuse(m, "the calendar names no successor of the "+p.Short, nil), true
	}
	text := fmt.Sprintf("The %s follows the %s", next.Short, p.Short)
	if !p.End.IsZero() && p.End.Last().Before(m.SentAt) {
		text += ", which ended " + p.End.On()
	}
	return bot.Reply{d.fact(text, next.Fact, m.SentAt), d.scope(m)}, true
}

func (d *Desk) predecessor(m bot.Message, p calendar.Process) (bot.Reply, bool) {
	before, known := d.calendar.Process(p.Predecessor)
	if !known {
		return d.refuse(m, "the calendar names no predecessor of the "+p.Short, nil), true
	}
	return bot.Reply{d.fact(fmt.Sprintf("Before the %s came the %s", p.Short, before.Short), p.Fact, m.SentAt), d.scope(m)}, true
}

// stranger refuses a question that names a group by a number or by years that
// none has: "the seventh GGE", "the OEWG 2030–2035".
func (d *Desk) stranger(in inquiry) (bot.Reply, bool) {
	var family []calendar.Process
	for _, p := range in.named {
		if p.Kind == "expert-group" || p.Kind == "open-ended-working-group" {
			family = append(family, p)
		}
	}
	if found := groupNumbered.FindStringSubmatch(in.question); found != nil && len(in.named) > 0 && len(in.named) != 1 {
		return d.noSuchGroup(in, family, found[1]+" "+found[2])
	}
	found := groupYears.FindStringSubmatch(in.question)
	if found == nil || len(family) == 0 || groupNumbered.MatchString(in.question) {
		return nil, false
	}
	for _, p := range family {
		fits := strings.Contains(p.Short, found[2]) || !p.Start.IsZero() && p.Start.Year <= number(found[2]) && (p.End.IsZero() || number(found[2]) <= p.End.Year)
		if fits && (found[3] == "" || strings.Contains(p.Short, found[3]) || number(found[3]) <= p.End.Year) {
			return nil, false
		}
	}
	return d.noSuchGroup(in, family, strings.TrimSpace(found[0]))
}

func (d *Desk) noSuchGroup(in inquiry, family []calendar.Process, asked string) (bot.Reply, bool) {
	var known []string
	for _, p := range family {
		known = append(known, p.Short)
	}
	if len(known) == 0 {
		return nil, false
	}
	slices.Reverse(known)
	there := "was one"
	if len(known) > 1 {
		there = "were " + inWords(len(known))
	}
	return bot.Reply{bot.Refusal{Text: fmt.Sprintf("I know no %s. There %s: %s.", asked, there, and(known))}, d.scope(in.Message)}, true
}

// ends says when processes ended, or that they go on.
func (d *Desk) ends(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 || !endOf.MatchString(in.lower) || len(in.q.States) > 0 {
		return nil, false
	}
	if left := in.unexplained("expire", "expired", "expires", "over", "conclude", "concluded", "mandate", "last", "finally", "wound", "up", "exactly"); len(left) > 0 {
		return nil, false
	}
	var reply bot.Reply
	for _, p := range in.named {
		if !p.End.IsZero() && p.End.Last().Before(in.SentAt) {
			reply = append(reply, d.fact("The "+p.Short+" ended "+p.End.On(), p.Fact, in.SentAt))
		}
	}
	if len(reply) == 0 {
		return d.refuse(in.Message, "as of "+calendar.FromTime(in.SentAt).String()+" the "+in.named[0].Short+" had not ended", nil), true
	}
	return append(reply, d.scope(in.Message)), true
}
