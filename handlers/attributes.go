package handlers

import (
	"fmt"
	"regexp"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// attribute is a question about a document itself, answered from its header.
type attribute struct {
	asks *regexp.Regexp
	name string
	of   func(d *corpus.Document) string
}

// The words by which questions name a document and a speaker, who has to be its
// own (see meant).
const (
	docWords = `(?:this |that |the |a |nebenzia's |russia's |his )?(?:[\p{L}-]+ ){0,2}(?:statement|speech|text|document|intervention|remarks)`
	someone  = `(?:mr\.? |ambassador )?(?-i:\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+){0,2})`
	questEnd = `\s*[?.!]*$`
)

var (
	asksDeliverer  = regexp.MustCompile(`(?i)^who (?:delivered|made|gave|read(?: out)?|held|wrote|spoke|authored|is (?:the )?(?:speaker|author) (?:of|in)|(?:was|is) speaking in) ` + docWords + questEnd)
	asksSpeaker    = regexp.MustCompile(`(?i)^who is (?:the )?(?:speaker|author)` + questEnd)
	asksDocDate    = regexp.MustCompile(`(?i)^(?:(?:when|on (?:what|which) (?:date|day)|what date) (?:was|is) ` + docWords + ` ?(?:delivered|made|given|dated|held|read)?|what is the date of ` + docWords + `)` + questEnd)
	asksOccasion   = regexp.MustCompile(`(?i)^(?:where|before (?:which|what) body|in (?:which|what) (?:body|meeting|organ)|at (?:which|what) meeting) (?:was|is) ` + docWords + ` (?:delivered|made|given|held|read)` + questEnd)
	asksTitle      = regexp.MustCompile(`(?i)^(?:(?:what is |what's )?the title of ` + docWords + `|what is ` + docWords + ` called)` + questEnd)
	asksLanguage   = regexp.MustCompile(`(?i)^(?:(?:what|which) language is ` + docWords + ` (?:written )?in|in (?:what|which) language (?:is|was) ` + docWords + `(?: written| delivered)?|(?:what is )?the language of ` + docWords + `)` + questEnd)
	asksPost       = regexp.MustCompile(`(?i)^(?:(?:what|which) (?:post|office|position|function|role|rank|title) (?:does|did) ` + someone + ` (?:hold|have)|in (?:what|which) (?:capacity|function|role) (?:did|does|was) ` + someone + ` (?:speak|speaking)|who (?:is|was) ` + someone + `)` + questEnd)
	asksSymbol     = regexp.MustCompile(`(?i)^(?:what is |what's )?the (?:document )?symbol of ` + docWords + questEnd)
	asksDelegation = regexp.MustCompile(`(?i)^(?:(?:which|what) (?:state|country|delegation|mission) (?:delivered|made|gave|issued) ` + docWords + `|whose (?:statement|speech|text) is (?:this|it))` + questEnd)
	asksBehalf     = regexp.MustCompile(`(?i)^on (?:whose|which group's) behalf (?:was|is) ` + docWords + ` (?:delivered|made|given)` + questEnd)
)

func attributes() []attribute {
	return []attribute{
		{asksDeliverer, "speaker", func(d *corpus.Document) string {
			if d.Speaker == "" {
				return ""
			}
			return d.Speaker + parenthesis(d.Delegation) + " delivered it"
		}},
		{asksSpeaker, "speaker", func(d *corpus.Document) string { return d.Speaker + parenthesis(d.Delegation) }},
		{asksDocDate, "date", func(d *corpus.Document) string {
			if d.Date == "" {
				return ""
			}
			return "Delivered on " + bot.Day(d.Date) + dateNote(d)
		}},
		{asksOccasion, "meeting", (*corpus.Document).Occasion},
		{asksTitle, "title", func(d *corpus.Document) string { return d.Title }},
		{asksLanguage, "language", func(d *corpus.Document) string { return languageName(d.Language) }},
		{asksPost, "post", func(d *corpus.Document) string { return d.Speaker + parenthesis(d.Delegation) }},
		{asksSymbol, "symbol", func(d *corpus.Document) string { return d.Symbol }},
		{asksDelegation, "delegation", func(d *corpus.Document) string { return d.Delegation }},
		{asksBehalf, "group", func(d *corpus.Document) string { return strings.Join(d.OnBehalfOf, ", ") }},
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
		matching, later := 0, 0
		for _, doc := range d.search.Corpus().Documents() {
			if doc.Speaker == "" || !meant(doc, q) {
				continue
			}
			if !d.delivered(doc, m) {
				later++
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
		if len(reply) == 0 && a.name == "post" {
			continue // it may be somebody the calendar knows
		}
		if len(reply) == 0 && matching == 0 && later > 0 {
			return d.refuse(m, "as of "+calendar.FromTime(m.SentAt).String()+" the record held no such document", nil), true
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
