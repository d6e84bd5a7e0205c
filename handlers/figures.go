package handlers

import (
	"regexp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

var asksFigure = regexp.MustCompile(`(?i)\bhow many\b|\bhow often\b|\bhow long\b|\bnumber of\b|\bin(?:to)? force\b|\bentry into\b|\bwhat was the vote\b|\bvotes?\b|\bthreshold\b|\b(?:has|have|who|did|is) .*\b(?:ratified|ratify|ratifications?)\b`)

// figure answers for a number that people ask for: signatories, votes, the
// instruments that bring a treaty into force.
func (d *Desk) figure(in inquiry) (bot.Reply, bool) {
	if !asksFigure.MatchString(in.question) || len(in.q.States) > 0 {
		return nil, false
	}
	type match struct {
		figure calendar.Figure
		hits   int
	}
	var best []match
	for _, f := range d.calendar.Figures() {
		of := len(in.named) == 0 || slices.ContainsFunc(in.named, func(p calendar.Process) bool { return p.ID == f.Process })
		if !of || !d.figureKnown(f, in) {
			continue
		}
		hits := 0
		for _, w := range in.words {
			if slices.Contains(f.Ask, w) {
				hits++
			}
		}
		left := in.unexplained(append(f.Ask, "states", "state", "countries", "members", "member", "into", "enter", "enters", "entry", "entered", "come", "comes", "required", "instruments", "get", "got", "received", "vote", "cast", "been", "treaty", "convention", "adopted", "adopt", "result", "contain", "contained", "contains", "include", "included", "includes", "hold", "list", "listed", "still", "minimum", "resolution", "resolutions")...)
		if hits == 0 || !holds(f.Text+" "+d.processText(f.Process), left) {
			continue
		}
		best = append(best, match{f, hits})
	}
	most := 0
	for _, b := range best {
		most = max(most, b.hits)
	}
	var facts bot.Reply
	for _, b := range best {
		switch {
		case b.hits < most:
		case b.figure.Unsettled:
			return bot.Reply{bot.Refusal{Text: sentence(b.figure.Text)}, d.scope(in.Message)}, true
		default:
			facts = append(facts, d.fact(b.figure.Text, b.figure.Fact, in.SentAt))
		}
	}
	if len(facts) == 0 || len(facts) > 2 {
		return nil, false
	}
	return append(facts, d.scope(in.Message)), true
}

// figureKnown says whether a figure held by the time of the question.
func (d *Desk) figureKnown(f calendar.Figure, in inquiry) bool {
	return !f.Date.Last().After(in.SentAt) && !d.later(f.Text, in.SentAt)
}

// votes answers how a text was voted on.
func (d *Desk) votes(in inquiry, number string) (bot.Reply, bool) {
	if !in.has("vote", "votes", "voted", "voting", "favour", "favor", "abstained", "abstentions") || in.has("who", "which") {
		return nil, false
	}
	var facts bot.Reply
	for _, f := range d.calendar.Figures() {
		of := slices.ContainsFunc(f.Symbols, func(s string) bool { return strings.HasSuffix(s, "/"+number) })
		if of && d.figureKnown(f, in) && slices.ContainsFunc(in.words, func(w string) bool { return slices.Contains(f.Ask, w) }) {
			facts = append(facts, d.fact(f.Text, f.Fact, in.SentAt))
		}
	}
	if len(facts) == 0 {
		return nil, false
	}
	return append(facts, d.scope(in.Message)), true
}
