package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

var (
	howManySessions = regexp.MustCompile(`(?i)\b(?:how many|number of|count of)\b(?: [\p{L}-]+){0,4}? (?:sessions|meetings|intersessionals|consultations|debates|briefings|roundtables|plenaries)\b|\bhow (?:many times|often) (?:did|has|have|does)\b.*\b(?:met|meet|convened?|discuss(?:ed)?)\b`)
	howManyGroups   = regexp.MustCompile(`(?i)\b(?:how many|number of|count of)(?: the)? (?:UN )?(GGEs?|groups of governmental experts|OEWGs?|open[- ]ended working groups|working groups)\b`)
)

// counts says how many sessions a process held, or how many groups there were.
func (d *Desk) counts(in inquiry) (bot.Reply, bool) {
	if found := howManyGroups.FindStringSubmatch(in.question); found != nil && len(in.unexplained("groups", "gges", "oewgs", "count", "gge", "oewg", "group", "existed", "exist")) == 0 {
		kind, title := "expert-group", "Group of Governmental Experts"
		if !strings.HasPrefix(strings.ToLower(found[1]), "g") {
			kind, title = "open-ended-working-group", "Open-ended Working Group"
		}
		return d.groups(in.Message, kind, title), true
	}
	if !howManySessions.MatchString(in.question) || len(in.named) == 0 {
		return nil, false
	}
	sel := in.selects()
	sel.described = slices.DeleteFunc(sel.described, func(w string) bool {
		return w == "substantive" || w == "formal" || w == "regular" || w == "often" || w == "discussed" || w == "discuss" || w == "left" || w == "cyber" && in.named[0].Kind == "series"
	})
	sel.step, sel.ordinal = 0, 0
	if !sel.timed() && len(sel.described) == 0 {
		return d.countSubstantive(in)
	}
	var facts bot.Reply
	for _, p := range in.named {
		all := slices.DeleteFunc(d.candidates(in, []calendar.Process{p}, sel), func(s calendar.Session) bool {
			return s.Start.IsZero() || len(sel.described) == 0 && !counts(s) && p.Kind != "series"
		})
		n := len(all)
		if n == 0 {
			continue
		}
		of := strings.Join(sel.described, " ")
		if last := sel.described; len(last) > 0 && nounForm.MatchString(" "+last[len(last)-1]+" ") {
			of = strings.TrimSuffix(of, "s")
		} else {
			of = strings.TrimSpace(of + " session")
		}
		if len(sel.described) == 0 && p.Kind != "series" {
			of = "substantive session"
		}
		text := fmt.Sprintf("The calendar has %s of the %s", bot.Count(n, of), p.Short)
		if sel.during != "" {
			text += " " + sel.during
		}
		facts = append(facts, d.fact(text, all[0].Fact, in.SentAt))
		for _, s := range all {
			facts = append(facts, d.session(s, in.SentAt))
		}
	}
	if len(facts) == 0 {
		return nil, false
	}
	if len(facts) > mostSessions+1 {
		facts = facts[:1]
	}
	return append(facts, d.scope(in.Message)), true
}

// countSubstantive counts the sessions of each process named.
func (d *Desk) countSubstantive(in inquiry) (bot.Reply, bool) {
	var facts bot.Reply
	for _, p := range in.named {
		n := d.substantive(p.ID, in.SentAt, in.SentAt)
		of := "substantive session"
		if p.Kind == "series" {
			n, of = 0, "meeting"
			for _, s := range d.calendar.SessionsOf(p.ID) {
				if !s.Start.IsZero() && !s.Start.First().After(in.SentAt) {
					n++
				}
			}
		}
		if n == 0 {
			continue
		}
		verb := "has held"
		switch {
		case p.Kind == "series":
			verb = "has held, as far as the calendar knows,"
		case !p.End.IsZero() && p.End.Last().Before(in.SentAt):
			verb = "held"
		}
		facts = append(facts, d.fact(fmt.Sprintf("The %s %s %s", p.Short, verb, bot.Count(n, of)), p.Fact, in.SentAt))
	}
	if len(facts) == 0 || len(facts) > mostSessions {
		return nil, false
	}
	return append(facts, d.scope(in.Message)), true
}

// substantive counts the sessions of a process that were to begin by a day, as
// known at a time.
func (d *Desk) substantive(process string, by, at time.Time) int {
	seen := map[int]bool{}
	for _, s := range d.calendar.SessionsOf(process) {
		if counts(s) && s.Ordinal > 0 && !s.Start.IsZero() && s.Start.First().Before(by) && d.calendar.Announced(s, at) {
			seen[s.Ordinal] = true
		}
	}
	return len(seen)
}

// groups lists the groups of a kind.
func (d *Desk) groups(m bot.Message, kind, title string) bot.Reply {
	var facts bot.Reply
	for _, p := range d.calendar.Processes() {
		if p.Kind == kind && d.calendar.Decided(p, m.SentAt) && !p.Start.First().After(m.SentAt) {
			facts = append(facts, d.span(p, m))
		}
	}
	first, rest, _ := strings.Cut(title, " ")
	if kind == "expert-group" {
		first = bot.Count(len(facts), first) + " " + rest + ":"
	} else {
		first = bot.Count(len(facts), title) + ":"
	}
	return append(append(bot.Reply{bot.Lead{Text: first}}, facts...), d.scope(m))
}
