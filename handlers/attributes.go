package handlers

import (
	"fmt"
	"regexp"
	"strings"

	"rapporteur/bot"
	"rapporteur/corpus"
	"rapporteur/search"
)

// attribute is a question about a document itself, answered from its header.
type attribute struct {
	asks *regexp.Regexp
	name string
	of   func(d *corpus.Document) string
}

func attributes() []attribute {
	const doc = `(?:this |that |the |a |nebenzia's |russia's |his )?(?:[\p{L}-]+ ){0,2}(?:statement|speech|text|document|intervention|remarks)`
	form := func(s string) *regexp.Regexp {
		return regexp.MustCompile(`(?i)^` + strings.ReplaceAll(s, "DOC", doc) + `\s*[?.!]*$`)
	}
	return []attribute{
		{form(`who (?:delivered|made|gave|read(?: out)?|held|wrote|spoke|authored|is (?:the )?(?:speaker|author) (?:of|in)|(?:was|is) speaking in) DOC`), "speaker", func(d *corpus.Document) string {
			if d.Speaker == "" {
				return ""
			}
			return d.Speaker + parenthesis(d.Delegation) + " delivered it"
		}},
		{form(`who is (?:the )?(?:speaker|author)`), "speaker", func(d *corpus.Document) string { return d.Speaker + parenthesis(d.Delegation) }},
		{form(`(?:when|on (?:what|which) (?:date|day)|what date) (?:was|is) DOC (?:delivered|made|given|dated|held|read)?|what is the date of DOC`), "date", func(d *corpus.Document) string {
			if d.Date == "" {
				return ""
			}
			return "Delivered on " + bot.Day(d.Date) + dateNote(d)
		}},
		{form(`(?:where|before (?:which|what) body|in (?:which|what) (?:body|meeting|organ)|at (?:which|what) meeting) (?:was|is) DOC (?:delivered|made|given|held|read)`), "meeting", (*corpus.Document).Occasion},
		{form(`(?:what is |what's )?the title of DOC|what is DOC called`), "title", func(d *corpus.Document) string { return d.Title }},
		{form(`(?:what|which) language is DOC (?:written )?in|in (?:what|which) language (?:is|was) DOC(?: written| delivered)?|(?:what is )?the language of DOC`), "language", func(d *corpus.Document) string { return d.Language }},
		{form(`(?:what is |what's )?the (?:document )?symbol of DOC`), "symbol", func(d *corpus.Document) string { return d.Symbol }},
		{form(`(?:which|what) (?:state|country|delegation|mission) (?:delivered|made|gave|issued) DOC|whose (?:statement|speech|text) is (?:this|it)`), "delegation", func(d *corpus.Document) string { return d.Delegation }},
		{form(`on (?:whose|which group's) behalf (?:was|is) DOC (?:delivered|made|given)`), "group", func(d *corpus.Document) string { return strings.Join(d.OnBehalfOf, ", ") }},
	}
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func dateNote(d *corpus.Document) string {
	if d.DateSource == corpus.DateFromText {
		return " (stated in the text)"
	}
	return " (from metadata; the text carries no date)"
}

// attributes answers questions about the documents themselves: who, when,
// where, which title. With more than three documents the question must name
// whose it means.
func (d *Desk) attributes(m bot.Message, question string, q search.Question) (bot.Reply, bool) {
	for _, a := range attributes() {
		if !a.asks.MatchString(question) {
			continue
		}
		var reply bot.Reply
		matching := 0
		for _, doc := range d.search.Corpus().Documents() {
			if doc.Speaker == "" || !meant(doc, q) {
				continue
			}
			matching++
			if text := a.of(doc); text != "" && len(reply) < 3 {
				reply = append(reply, bot.Fact{
					ID: doc.ID, Text: text + " — " + doc.Title, Source: source(doc), Checked: doc.DateChecked,
					Confidence: "high", Note: "from the document's header",
				})
			}
		}
		if len(reply) == 0 {
			return d.refuse(m, fmt.Sprintf("no %s is recorded for it", a.name), nil), true
		}
		if matching > 3 {
			return bot.Reply{bot.Refusal{Text: fmt.Sprintf("%d documents fit; say whose statement you mean.", matching)}, d.scope(m)}, true
		}
		return append(reply, d.scope(m)), true
	}
	return nil, false
}

// meant says whether a question that names States or people means the document.
func meant(doc *corpus.Document, q search.Question) bool {
	about := strings.Join([]string{doc.Speaker, doc.Delegation, doc.Body, doc.Meeting, doc.Title}, " ")
	have := search.StatesIn(about)
	for _, s := range q.States {
		found := false
		for _, h := range have {
			found = found || h == s
		}
		if !found {
			return false
		}
	}
	for _, n := range q.Names {
		if len(search.StatesIn(n)) == 0 && !strings.Contains(strings.ToLower(about), strings.ToLower(n)) {
			return false
		}
	}
	return true
}

func source(doc *corpus.Document) string {
	switch {
	case doc.URL != "":
		return doc.URL
	case doc.DateURL != "":
		return doc.DateURL
	}
	return doc.File
}
