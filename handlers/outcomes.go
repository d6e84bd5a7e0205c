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
	outcomeOf     = regexp.MustCompile(`(?i)^(?:final |consensus )?(?:report|outcome)s? of\b|\bsymbol\b.*\breports?\b|\breports?\b.*\bsymbol\b|^(?:on what|on which|did|when|what|which|has|where|the |document |symbol|number|report|final|consensus|outcome).*\b(?:final report|outcomes?|consensus report|progress reports?|reports?)\b|^what did\b.*\b(?:agree|adopt|produce|achieve|conclude|decide)\b`)
	membersOf     = regexp.MustCompile(`(?i)\b(?:how many|number of|count of) (?:governmental |member )?(?:members|states|experts|countries|participants|nations|people)\b|\bhow many \p{L}+ were represented\b|\bmembers?\b.*\b(?:in|of|at)\b|\bmembers?[\s?.!]*$|\bsize\b|\b(?:who|which (?:states|countries)) (?:are|were|is|was|sits?|sat|can) .*\b(?:members?|take part|participate|in)\b|\bmembership\b|\bhow (?:big|large)\b|\bwho (?:can|may) (?:take part|participate|join)\b`)
	asksWhich     = regexp.MustCompile(`(?i)^(?:who|which|what)\b`)
	secretariatOf = regexp.MustCompile(`(?i)\bsecretariat\b|\bwho services\b`)
)

// members says who sits in a process.
func (d *Desk) members(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 || !membersOf.MatchString(in.question) {
		return nil, false
	}
	if left := in.unexplained("members", "member", "states", "state", "countries", "experts", "expert", "membership", "governmental", "participants", "participant", "people", "represented", "participated", "nations", "size", "consist", "consisted", "comprise", "comprised", "include", "included", "composed", "made", "make", "seat", "seats", "had", "belong", "belonged", "sit", "sits", "sat", "part", "participate", "big", "large", "join"); len(left) > 0 {
		return nil, false
	}
	var facts bot.Reply
	for _, p := range in.named {
		if number(p.Members) > 0 && !asksCount.MatchString(in.lower) && !strings.Contains(in.lower, "how ") && !strings.Contains(in.lower, "membership") && !in.has("size", "number", "big", "large") && asksWhich.MatchString(in.lower) {
			return d.refuse(in.Message, fmt.Sprintf("the calendar knows that the %s had %s members, not which", p.Short, p.Members), nil), true
		}
		if p.Members != "" {
			facts = append(facts, d.fact(fmt.Sprintf("%s, members: %s", p.Short, p.Members), p.Fact, in.SentAt))
		}
	}
	if len(facts) == 0 || len(facts) > mostSessions {
		return nil, false
	}
	return append(facts, d.scope(in.Message)), true
}

// secretariat says which office serves a process.
func (d *Desk) secretariat(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 || !secretariatOf.MatchString(in.question) || in.named[0].Secretariat == "" {
		return nil, false
	}
	p := in.named[0]
	return bot.Reply{d.fact(fmt.Sprintf("%s, secretariat: %s", p.Short, p.Secretariat), p.Fact, in.SentAt), d.scope(in.Message)}, true
}

var asksFullName = regexp.MustCompile(`(?i)\b(?:full|official|complete|long|formal) (?:name|title)\b`)

// fullName says what processes are called in full.
func (d *Desk) fullName(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 || !asksFullName.MatchString(in.question) || len(in.unexplained("title", "complete", "formal")) > 0 {
		return nil, false
	}
	var facts bot.Reply
	for _, p := range in.named {
		facts = append(facts, d.fact(p.Short+": "+p.Name, p.Fact, in.SentAt))
	}
	return append(facts, d.scope(in.Message)), true
}

// cities says where a process meets.
func (d *Desk) cities(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 || !asksWhere.MatchString(in.lower) || len(in.unexplained("usually", "normally", "based", "mostly")) > 0 {
		return nil, false
	}
	p := in.named[0]
	var names []string
	for _, s := range d.calendar.SessionsOf(p.ID) {
		asked := counts(s) || s.Kind == "organizational" || s.Kind == "signing" || p.Kind == "series"
		if s.City != "" && asked && d.calendar.Announced(s, in.SentAt) && !slices.Contains(names, s.City) {
			names = append(names, s.City)
		}
	}
	if len(names) == 0 {
		return nil, false
	}
	return bot.Reply{d.fact(fmt.Sprintf("Sessions of the %s: %s", p.Short, and(names)), p.Fact, in.SentAt), d.scope(in.Message)}, true
}

// outcomes lists the reports in which the work of the processes ended.
func (d *Desk) outcomes(in inquiry) (bot.Reply, bool) {
	if len(in.named) == 0 || !outcomeOf.MatchString(in.lower) || in.has("resolution", "resolutions", "decision", "decisions") {
		return nil, false
	}
	left := in.unexplained("final", "report", "reports", "outcome", "outcomes", "consensus", "adopt", "adopted", "agree", "agreed", "issue", "issued", "produce", "produced", "symbol", "document", "last", "achieve", "achieved", "conclude", "decide", "publish", "published", "result")
	var facts, best bot.Reply
	for _, p := range in.named {
		for _, o := range slices.Backward(p.Outcomes) {
			text := outcomeText(p, o)
			if !outcomeKnown(p, o, in.SentAt) || !holds(text+" "+p.Name, left) {
				continue
			}
			fact := d.fact(text, p.Fact, in.SentAt)
			facts = append(facts, fact)
			if in.has("final") && strings.Contains(o.Note, "final") {
				best = append(best, fact)
			}
		}
	}
	if len(best) > 0 {
		facts = best
	}
	if len(facts) == 0 || len(facts) > mostSessions {
		return nil, false
	}
	return append(facts, d.scope(in.Message)), true
}

// outcomeText writes what came of a process.
func outcomeText(p calendar.Process, o calendar.Outcome) string {
	text := p.Short + ": report"
	if o.Symbol != "" {
		text += " " + o.Symbol
	}
	if !o.Adopted.IsZero() {
		text += ", adopted " + o.Adopted.On()
	}
	if o.Consensus {
		text += ", by consensus"
	}
	if o.Note != "" {
		text += " (" + o.Note + ")"
	}
	return text
}

// outcomeKnown says whether an outcome had come by a day; one without a day has
// when the process is over.
func outcomeKnown(p calendar.Process, o calendar.Outcome, at time.Time) bool {
	if !o.Adopted.IsZero() {
		return !o.Adopted.Last().After(at)
	}
	return !p.End.IsZero() && p.End.Last().Before(at)
}
