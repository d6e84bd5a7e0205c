package handlers

import (
	"regexp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

var (
	asksDeadline = regexp.MustCompile(`(?i)\bdeadlines?\b|\bclos(?:e|es|ed|ing)\b|\blast day\b|\b(?:until|till) (?:when|what|which)\b|\bcut-?off\b|\bsign(?:ature|ing) period\b|\b(?:final|latest|last|closing|end) (?:date|day)\b|\bby (?:what|which) (?:date|day)\b|\bhow long (?:do|does|have|has|can)\b|\bhow long (?:is|are|was|will|were)\b.*\bopen\b|\blatest (?:for|to)\b|\bdays? (?:are )?(?:left|remain|remaining)\b|\bhow (?:many days|much time|long)\b.*\b(?:left|remain|remaining|sign|until|till|before|to)\b|\btime left\b|\bstill open\b|\bopen until\b|\bby when (?:must|should|can|do)\b`)
	signing      = regexp.MustCompile(`^(?:sign|signs|signed|signing|signature|signatures)$`)
)

// deadline says until when something is open, and how many days are left.
func (d *Desk) deadline(in inquiry) (bot.Reply, bool) {
	if !asksDeadline.MatchString(in.question) {
		return nil, false
	}
	left := in.unexplained("deadline", "deadlines", "close", "closes", "closed", "closing", "last", "until", "left", "remain", "remaining", "days", "sign-up", "before", "still", "must", "should", "upcoming", "next", "submit", "apply", "get", "until", "anyone", "states", "state", "member", "join", "remains", "till", "final", "cut", "off", "cutoff", "period", "latest", "latter", "day", "headquarters", "hq", "possible", "allowed", "able", "want", "wish", "wants", "need", "needs", "onwards", "its", "their", "nominate")
	if i := slices.IndexFunc(left, signing.MatchString); i >= 0 {
		left[i] = "signature"
	}
	if len(left) == 0 && len(in.named) == 0 && !in.has("deadline", "deadlines") {
		return nil, false
	}
	var ahead, over bot.Reply
	for _, s := range d.calendar.Sessions() {
		of := len(in.named) == 0 || slices.ContainsFunc(in.named, func(p calendar.Process) bool { return p.ID == s.Process })
		if s.Kind != calendar.KindDeadline || !of || !d.calendar.Announced(s, in.SentAt) || !holds(d.sessionText(s)+" register registration "+d.expansions(s.Title), left) {
			continue
		}
		fact := d.session(s, in.SentAt)
		if s.Start.IsZero() {
			fact.Text += ": no closing date"
		}
		if !s.Start.IsZero() && s.Start.Last().Before(calendar.FromTime(in.SentAt).First()) {
			over = append(over, fact)
			continue
		}
		ahead = append(ahead, fact)
	}
	if len(ahead) == 0 && (len(left) > 0 || strings.Contains(in.lower, "was")) {
		ahead = over
	}
	if len(ahead) > 0 {
		return append(ahead, d.scope(in.Message)), true
	}
	if in.has("deadline", "deadlines") {
		text := "no deadline"
		if len(left) > 0 {
			text += " for " + strings.Join(left, " ")
		}
		return d.refuse(in.Message, text+" is known", nil), true
	}
	return nil, false
}

// expansions returns what the terms stand for that a text holds.
func (d *Desk) expansions(text string) string {
	var out []string
	for _, t := range d.calendar.Terms() {
		if strings.Contains(text, t.Term) {
			out = append(out, t.Expansion)
		}
	}
	return strings.Join(out, " ")
}
