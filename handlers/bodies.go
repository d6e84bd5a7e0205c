package handlers

import (
	"regexp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// The words that tell what a question is about.
const (
	ofABody    lexicon = `chair chairs chaired chairing chairperson chairman chairwoman presides presided session sessions meet meets met meeting meetings members member membership resolution resolutions established establish created create launched mandate convene convened convenes date dates where when venue secretariat replaced replace succeeded end ended report outcome experts`
	ownSubject lexicon = `cyber cybercrime cyber-crime cyberspace cybersecurity ict icts information security digital internet iis international state states responsible online computer technology technologies telecommunications developments`
	noSubject  lexicon = `monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december how what whether why which who it this that these those its their his her which behalf time record average board top day days account`
)

// bodyOn finds a body and the subject that it is said to be on.
var bodyOn = regexp.MustCompile(`(?i)\b(ad hoc committee|AHC|open[- ]ended working group|OEWG|working group|groups? of governmental experts|GGE|global mechanism|committee)s?(?: of experts)? (?:on|against)(?: the| a| an)? ([\p{L}][\p{L}-]*)`)

// otherBody refuses a question for a body that bears the first words of a known
// one and is on something else: "the Ad Hoc Committee on terrorism".
func (d *Desk) otherBody(in inquiry) (bot.Reply, bool) {
	found := bodyOn.FindStringSubmatch(in.question)
	if found == nil || !slices.ContainsFunc(attributeWord.FindAllString(in.lower, -1), ofABody.has) {
		return nil, false
	}
	subject := strings.ToLower(found[2])
	if ownSubject.has(subject) || noSubject.has(subject) {
		return nil, false
	}
	about := in.named
	if len(about) == 0 {
		about = d.calendar.Processes()
	}
	for _, p := range about {
		if p.Kind == "series" || p.Kind == "main-committee" || holds(d.processText(p.ID), []string{subject}) {
			return nil, false
		}
	}
	return d.refuse(in.Message, "the calendar knows no "+found[0], nil), true
}

// groupsOf counts the groups of a family, "OEWG" or "GGE".
func (d *Desk) groupsOf(family string) int {
	return len(slices.DeleteFunc(d.calendar.Named(strings.ToUpper(family)), func(p calendar.Process) bool { return p.Kind == "treaty-negotiating-committee" }))
}

// groupSession finds a numbered group with the word "session" behind it.
var groupSession = regexp.MustCompile(`(?i)\b(` + ordinalNames + `|\d{1,2}(?:st|nd|rd|th)) (OEWG|GGE|open[- ]ended working group|group of governmental experts)((?: (?:19|20)\d\d ?[-–/] ?(?:19|20)?\d\d)?) ((?:(?:substantive|formal) )?(?:session|meeting)s?)\b`)

// sessionOfGroup reads "the 11th OEWG session" as the 11th session of the OEWG,
// as there are not that many groups.
func (d *Desk) sessionOfGroup(question string) string {
	return groupSession.ReplaceAllStringFunc(question, func(s string) string {
		found := groupSession.FindStringSubmatch(s)
		if found[3] == "" && ordinal(found[1]) <= d.groupsOf(found[2]) {
			return s
		}
		return found[1] + " " + found[4] + " of the " + found[2] + found[3]
	})
}
