package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/corpus"
	"rapporteur/search"
)

// asksNumber finds a question for what a text is filed under, with the kind of text
// and the year.
var (
	asksNumber = regexp.MustCompile(`(?i)\b(?:which|what(?:['’]s| is| was)?(?: the)?) .{0,40}\b(resolution|decision|report|document)(?:['’]s)? (?:number|symbol)\b|\b(?:number|symbol) of .{0,40}\b(resolution|decision|report|document)\b`)
	inYear     = regexp.MustCompile(`\b(?:1[89]|20)\d\d\b`)
)

// unnumbered says where the record mentions the text of a year whose number is asked
// for, and gives none: a reader should not take the refusal for silence. It returns
// "" where that is not so.
func (d *Desk) unnumbered(m bot.Message, question string) string {
	asked, year := asksNumber.FindStringSubmatch(question), inYear.FindString(question)
	if asked == nil || year == "" {
		return ""
	}
	kind := strings.ToLower(firstOf(asked[1], asked[2]))
	// What else the question names must stand beside it: "on climate".
	plain := namesNoSubject()
	about := slices.DeleteFunc(search.Tokens(question, "en"), func(t search.Token) bool {
		return slices.Contains(plain, t.Word) || t.Word == kind || t.Word == year || len(t.Word) < 3
	})
	var where []string
	for _, doc := range d.search.Corpus().Documents() {
		if !d.delivered(doc, m) {
			continue
		}
		for _, p := range doc.Passages() {
			if mentionsText(p, kind, year, about) && p.Para > 0 {
				where = append(where, fmt.Sprintf("¶%d", p.Para))
			}
		}
	}
	switch {
	case len(where) == 0:
		return ""
	case len(d.search.Corpus().Documents()) > 1:
		return fmt.Sprintf("the record mentions a %s of %s but gives no number or symbol", kind, year)
	}
	return fmt.Sprintf("the text mentions a %s of %s (%s) but gives no number or symbol", kind, year, and(where))
}

// namesNoSubject returns the words of such a question that say nothing of what the
// text is about.
func namesNoSubject() []string {
	return strings.Fields("which what number symbol adopted adopt passed approved was the did does give gives mention mentions statement record text according general assembly unga has had for from with that this")
}

// mentionsText says whether one sentence of the passage holds the kind of text and the
// year, the passage all else, and no symbol stands there.
func mentionsText(p corpus.Passage, kind, year string, about []search.Token) bool {
	if !strings.Contains(p.Text, year) || symbolForm.MatchString(p.Text) {
		return false
	}
	stems := map[string]bool{}
	for _, t := range search.Tokens(p.Text, "en") {
		stems[t.Stem] = true
	}
	if slices.ContainsFunc(about, func(t search.Token) bool { return !stems[t.Stem] }) {
		return false
	}
	for _, sentence := range search.Sentences(p.Text) {
		if text := strings.ToLower(p.Text[sentence.From:sentence.To]); strings.Contains(text, kind) && strings.Contains(text, year) {
			return true
		}
	}
	return false
}
