package handlers

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// mostSessions is how many sessions one answer lists.
const mostSessions = 6

var (
	asksAgenda = regexp.MustCompile(`(?i)^(?:so )?(?:what(?:'s|’s| is| was| were| are| will be)? (?:on|up|happening|planned|scheduled|coming up|going on|there|ahead|next|happens|happened|took place|takes place)\b|(?:is|are|was|were) (?:there )?(?:anything|something|any)\b|anything\b|what happens\b|what happened\b|what takes place\b|what took place\b)`)
	asksLength = regexp.MustCompile(`(?i)\bhow long\b|\bhow many days (?:did|was|does|is|were|are|will)\b|\bduration\b`)
	asksWhere  = regexp.MustCompile(`(?i)^where(?:abouts)?\b|\b(?:in|at) (?:which|what) (?:city|place|country|venue|building|location)\b|\bvenue\b|\blocation\b|\bwhat city\b|\bwhich city\b`)
	asksResult = regexp.MustCompile(`(?i)\b(?:outcomes?|results?|agreed|agree|adopted|adopt|achieved?|decided?|produced?|come of|came of|happened at|happened in|happened during)\b`)
	asksCount  = regexp.MustCompile(`(?i)\bhow many\b`)
)

// sessions answers for sessions by number, name or time. A number, a time or a
// place that no session has is a mistake in the question, and the refusal says
// what there is instead.
func (d *Desk) sessions(in inquiry) (bot.Reply, bool) {
	sel := in.selects()
	sel.described = slices.DeleteFunc(sel.described, aspect)
	agenda := sel.timed() && asksAgenda.MatchString(in.lower)
	whereabouts := asksWhere.MatchString(in.lower) && len(in.named) > 0 && len(sel.described) > 0
	awaited := toCome.MatchString(in.lower) && len(in.named) > 0 && len(sel.described) > 0
	whatNext := sel.step > 0 && strings.HasPrefix(in.lower, "what")
	if sel.noun == "" && !agenda && !whereabouts && !awaited && !whatNext {
		return nil, false
	}
	if first, is := d.firstMeeting(in, sel); is {
		return d.tell(in, first), true
	}
	if len(in.named) == 0 && len(in.words) == 0 {
		return nil, false
	}
	switch {
	case sel.ordinal > 0:
		return d.numbered(in, sel)
	case sel.timed():
		return d.during(in, sel, agenda)
	case sel.step != 0:
		return d.stepped(in, sel)
	case len(in.named) == 0 && len(sel.described) == 1 && ordinary(sel.described) && presentTense.MatchString(in.lower):
		sel.step = 1 // "when does the plenary begin?"
		return d.stepped(in, sel)
	case len(sel.described) > 0:
		return d.described(in, sel)
	case len(in.named) > 0 && presentTense.MatchString(in.lower) && !asksWhere.MatchString(in.lower) && !chairOf.MatchString(in.lower):
		sel.step = 1
		return d.stepped(in, sel)
	}
	return nil, false
}

// aspect says whether a word says what is asked of a session, and not which one.
func aspect(word string) bool {
	switch word {
	case "outcome", "outcomes", "result", "results", "agreed", "agree", "adopt", "adopted", "achieve", "achieved", "decide", "decided", "produce", "produced", "come", "came", "report",
		"chair", "chairs", "chaired", "chairing", "chairperson", "chairman", "chairwoman", "presided", "presides", "preside", "over", "led", "lead", "leads",
		"duration", "place", "during", "left", "current", "ongoing", "under", "way":
		return true
	}
	return false
}

// presentTense finds questions of what is to come: "When does the OEWG meet?".
var presentTense = regexp.MustCompile(`(?i)^when (?:does|do|will|is|are)\b|\bhow (?:long|many days) (?:until|till|to|before)\b|\bdays (?:until|till|to|before|left)\b`)

// numbered answers for a session by its number.
func (d *Desk) numbered(in inquiry, sel selector) (bot.Reply, bool) {
	var found []calendar.Session
	processes := in.named
	if len(processes) == 0 {
		processes = d.calendar.Processes()
	}
	for _, p := range processes {
		found = append(found, d.withOrdinal(in, p, sel)...)
	}
	if len(found) > 0 && len(found) <= mostSessions {
		return d.tell(in, found), true
	}
	if len(in.named) == 0 {
		if len(found) > 0 || len(sel.described) > 0 {
			return nil, false
		}
		return bot.Reply{bot.Refusal{Text: "I know no process with " + article(ordinalWord(sel.ordinal)) + " session."}, d.scope(in.Message)}, true
	}
	loose := sel
	loose.from, loose.to, loose.month, loose.described = time.Time{}, time.Time{}, 0, nil
	var others []string
	for _, p := range in.named {
		for _, s := range d.withOrdinal(in, p, loose) {
			others = append(others, d.calendar.Line(s, in.SentAt))
		}
	}
	switch {
	case len(others) > 0 && (len(sel.described) == 0 || d.places(sel.described)):
		return bot.Reply{bot.Refusal{Text: "I know no such session; what I know is " + strings.Join(others, "; ") + "."}, d.scope(in.Message)}, true
	case len(others) > 0 || len(sel.described) > 0 && !d.places(sel.described) && !ordinary(sel.described):
		return nil, false
	}
	return d.noSuchNumber(in, sel.ordinal), true
}

// ordinary says whether the words describe a session as such and no subject.
func ordinary(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "substantive", "formal", "organizational", "plenary", "intersessional", "informal", "regular", "final", "last", "concluding", "annual":
			return false
		}
		return true
	})
}

// noSuchNumber corrects a question for a session that never was.
func (d *Desk) noSuchNumber(in inquiry, n int) bot.Reply {
	var counted []string
	for _, p := range in.named {
		if k := d.substantive(p.ID, in.SentAt.AddDate(1, 6, 0), in.SentAt); k > 0 {
			counted = append(counted, fmt.Sprintf("the %s: %s", p.Short, bot.Count(k, "substantive session")))
		}
	}
	text := fmt.Sprintf("I know no %s session of the %s", ordinalWord(n), in.named[0].Short)
	if len(counted) > 0 {
		text += " (" + strings.Join(counted, "; ") + ")"
	}
	return bot.Reply{bot.Refusal{Text: text + "."}, d.scope(in.Message)}
}

// during answers for the sessions of some days.
func (d *Desk) during(in inquiry, sel selector, agenda bool) (bot.Reply, bool) {
	found := d.candidates(in, in.named, sel)
	if len(found) == 0 && len(in.named) > 0 {
		if wanted, _ := d.heirs(in.named, in.SentAt); len(wanted) > len(in.named) && !sel.to.Before(calendar.FromTime(in.SentAt).First()) {
			found = d.candidates(in, d.processes(wanted), sel)
		}
	}
	if sel.month > 0 {
		found = sameYear(found, sel.month, in)
	}
	if counted := slices.DeleteFunc(slices.Clone(found), func(s calendar.Session) bool { return !counts(s) }); strings.HasPrefix(sel.noun, "session") && len(sel.described) == 0 && len(counted) > 0 {
		found = counted // a session, and not any meeting
	}
	if sel.step != 0 {
		found = step(found, sel.step, in.SentAt)
	}
	if len(found) > 0 {
		return d.tell(in, found), true
	}
	if len(sel.described) > 0 && !d.places(sel.described) && !ordinary(sel.described) {
		return nil, false
	}
	if near := in.SentAt.AddDate(2, 0, 0); sel.to.After(in.SentAt) && sel.from.Before(near) && sel.to.Sub(sel.from) > 300*24*time.Hour {
		if undated := d.undated(in, sel); len(undated) > 0 {
			return d.tell(in, undated), true
		}
	}
	if len(in.named) == 0 && sel.noun == "" && !agenda {
		return nil, false
	}
	text := "I know no session"
	if len(in.named) > 0 {
		text += " of the " + in.named[0].Short
	}
	text += " " + sel.during
	if len(in.named) > 0 && !in.named[0].End.IsZero() && sel.from.After(in.named[0].End.Last()) && in.named[0].End.Last().Before(in.SentAt) {
		text += "; it ended " + in.named[0].End.On()
	}
	if next, is := d.nextDated(in); is && len(in.named) == 0 {
		text += "; the next is " + d.calendar.Line(next, in.SentAt)
	}
	return bot.Reply{bot.Refusal{Text: text + "."}, d.scope(in.Message)}, true
}

// processes returns the processes of the IDs.
func (d *Desk) processes(wanted map[string]bool) []calendar.Process {
	var out []calendar.Process
	for _, p := range d.calendar.Processes() {
		if wanted[p.ID] {
			out = append(out, p)
		}
	}
	return out
}

// undated returns the expected sessions without a date that fit the words.
func (d *Desk) undated(in inquiry, sel selector) []calendar.Session {
	wanted, _ := d.heirs(in.named, in.SentAt)
	var out []calendar.Session
	for _, s := range d.calendar.Undated("", in.SentAt) {
		if (len(in.named) == 0 || wanted[s.Process]) && s.Kind != calendar.KindDeadline && holds(d.sessionText(s), sel.described) {
			out = append(out, s)
		}
	}
	return out
}

// stepped answers for the next session, the one after it, the last one.
func (d *Desk) stepped(in inquiry, sel selector) (bot.Reply, bool) {
	if sel.step == 1 && len(sel.described) == 0 && !asksWhere.MatchString(in.lower) {
		return d.nextSession(in, sel), true
	}
	processes := in.named
	if sel.step > 0 && len(in.named) > 0 {
		wanted, _ := d.heirs(in.named, in.SentAt)
		processes = d.processes(wanted)
	}
	all := d.candidates(in, processes, sel)
	if last, is := finalAhead(all, in); is && sel.step == -1 {
		return d.tell(in, last), true
	}
	if sel.step < 0 && len(sel.described) == 0 {
		if counted := slices.DeleteFunc(slices.Clone(all), func(s calendar.Session) bool { return !counts(s) }); len(counted) > 0 {
			all = counted
		}
	}
	if sel.step < 0 && len(in.named) > 1 { // of several groups of the name, the latest
		all = slices.DeleteFunc(all, func(s calendar.Session) bool { return s.Process != in.named[0].ID })
	}
	if found := step(all, sel.step, in.SentAt); len(found) > 0 {
		return d.tell(in, found), true
	}
	if sel.step > 0 {
		if undated := d.undated(in, sel); len(undated) > 0 {
			return d.tell(in, undated), true
		}
	}
	if len(in.named) == 0 && len(sel.described) > 0 {
		return nil, false
	}
	which := "next"
	if sel.step < 0 {
		which = "earlier"
	}
	text := "no " + strings.Join(append([]string{which}, sel.described...), " ") + " session"
	if len(in.named) > 0 {
		text += " of the " + in.named[0].Short
	}
	return d.refuse(in.Message, text+" is known", nil), true
}

// described answers for sessions by their names: "the concluding session of the
// Ad Hoc Committee".
func (d *Desk) described(in inquiry, sel selector) (bot.Reply, bool) {
	if len(in.named) == 0 && len(sel.described) < 2 && ordinary(sel.described) {
		return nil, false
	}
	found := d.candidates(in, in.named, sel)
	if toCome.MatchString(in.lower) {
		today := calendar.FromTime(in.SentAt).First()
		found = slices.DeleteFunc(found, func(s calendar.Session) bool { return !s.Start.IsZero() && s.Start.Last().Before(today) })
	}
	if len(found) == 0 && len(in.named) > 0 && d.places(sel.described) {
		if reply, done := d.cities(inquiry{Message: in.Message, lower: "where", named: in.named}); done {
			return bot.Reply{bot.Refusal{Text: "I know no such session. " + reply.Facts()[0].Text + "."}, d.scope(in.Message)}, true
		}
	}
	if len(found) == 0 || len(found) > mostSessions {
		return nil, false
	}
	// Of several groups of the name the most recent leads, as in the names.
	slices.SortStableFunc(found, func(a, b calendar.Session) int { return cmp.Compare(rank(in.named, a), rank(in.named, b)) })
	return d.tell(in, found), true
}

// toCome finds questions of what is still to be.
var toCome = regexp.MustCompile(`(?i)\bwill\b|\bwhen is\b|\bexpected\b|\bscheduled for\b`)

// rank is the place of a session's process among those named.
func rank(named []calendar.Process, s calendar.Session) int {
	return slices.IndexFunc(named, func(p calendar.Process) bool { return p.ID == s.Process })
}

// nextDated returns the next session of all processes that has a day.
func (d *Desk) nextDated(in inquiry) (calendar.Session, bool) {
	for _, s := range d.calendar.Upcoming(in.SentAt, in.SentAt.AddDate(2, 0, 0)) {
		if s.Kind != calendar.KindDeadline && s.Start.Precision() == calendar.ToDay {
			return s, true
		}
	}
	return calendar.Session{}, false
}

// firstMeeting is the session in which one process first met: "when did the
// second OEWG first meet?" asks for no number.
func (d *Desk) firstMeeting(in inquiry, sel selector) ([]calendar.Session, bool) {
	met := sel.noun == "meet" || sel.noun == "meets" || strings.HasPrefix(sel.noun, "conven")
	if !met || sel.ordinal != 1 || len(in.named) != 1 || sel.timed() {
		return nil, false
	}
	var first []calendar.Session
	for _, s := range d.calendar.SessionsOf(in.named[0].ID) {
		if s.Start.IsZero() || !counts(s) && s.Kind != "organizational" || !d.calendar.Announced(s, in.SentAt) {
			continue
		}
		if len(first) == 0 || s.Start.First().Before(first[0].Start.First()) {
			first = []calendar.Session{s}
		}
	}
	return first, len(first) > 0
}

// finalAhead is the final session, where it is still to come: then "when is the
// last session" asks for it and not for the latest one held.
func finalAhead(all []calendar.Session, in inquiry) ([]calendar.Session, bool) {
	if !toCome.MatchString(in.lower) || !in.has("last") {
		return nil, false
	}
	for _, s := range all {
		if counts(s) && strings.Contains(strings.ToLower(s.Title), "final") && s.Start.First().After(in.SentAt) {
			return []calendar.Session{s}, true
		}
	}
	return nil, false
}
