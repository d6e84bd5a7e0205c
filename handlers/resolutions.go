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
	symbolForm     = regexp.MustCompile(`(?i)\b(?:A/(?:RES/|ES/|AC\.\d+/|C\.\d/)?|S/RES/)?\d{2,3}/(?:L\.)?\d{1,4}\b\*?`)
	symbolAskable  = regexp.MustCompile(`(?i)^(?:please |so )?(?:what|when|how|dates?|day|votes?|voting|adoption|on|contents?|summary|meaning|which|who|how many|was|is|did|tell|show|define|explain|describe|give|A/|resolution|decision|report|document|res|GA|UNGA|general assembly|\d)`)
	asksResolution = regexp.MustCompile(`(?i)\b(?:which|what(?:['’]s| is| was)?(?: the)?|name the) (?:(?:un|ga|unga|general|assembly|first|russian|us) ){0,3}(?:resolution|decision|mandate|text|symbol|report|document)s?\b|\b(?:symbol|number) of\b|^(?:the )?(?:founding )?(?:resolution|mandate) (?:that|which|on|of|for|by|establish|creat|setting|set|launch|convening)|^resolution$`)
	namesNumber    = regexp.MustCompile(`(?i)\bresolution number\b`)
)

// bySymbol says what a resolution, decision or report is: when it was adopted
// and what it did.
func (d *Desk) bySymbol(in inquiry) (bot.Reply, bool) {
	asked := symbolForm.FindString(in.question)
	if asked == "" || !symbolAskable.MatchString(in.question) {
		return nil, false
	}
	number := bareNumber(asked)
	if reply, done := d.votes(in, number); done {
		return reply, true
	}
	facts, text := d.textsOf(in, number)
	if len(facts) == 0 {
		if d.recordHolds(in.question, number) {
			return nil, false
		}
		return bot.Reply{bot.Refusal{Text: "I know no text " + asked + "; searched: " + d.searched() + "."}, d.scope(in.Message)}, true
	}
	left := in.unexplained(append(strings.FieldsFunc(strings.ToLower(asked), func(r rune) bool { return r == '/' || r == '.' || r == '*' }),
		"resolution", "decision", "report", "document", "symbol", "text", "ga", "unga", "general", "assembly", "adopted", "adopt", "passed", "approved", "issued", "about", "contents", "content", "contain", "contains", "subject", "topic", "purpose", "effect", "text", "mandate", "adoption", "passing", "date", "say", "says",
		"establish", "established", "create", "created", "launch", "launched", "decide", "decided", "define", "explain", "describe", "mean", "means")...)
	var years, other []string
	for _, w := range left {
		if fullYear.MatchString(w) {
			years = append(years, w)
			continue
		}
		other = append(other, w)
	}
	switch {
	case !holds(text, other):
		return nil, false
	case !holds(text, years):
		return bot.Reply{bot.Refusal{Text: "Not in " + and(years) + ": " + facts.Facts()[0].Text + "."}, d.scope(in.Message)}, true
	}
	return append(facts, d.scope(in.Message)), true
}

// bareNumber strips a symbol to its number: "A/RES/75/240" to "75/240".
func bareNumber(symbol string) string {
	symbol = strings.TrimSuffix(strings.ToUpper(symbol), "*")
	parts := strings.Split(symbol, "/")
	if len(parts) > 2 {
		parts = parts[len(parts)-2:]
	}
	return strings.Join(parts, "/")
}

// textsOf returns what is known of the texts with that number, and all their
// rows say.
func (d *Desk) textsOf(in inquiry, number string) (facts bot.Reply, text string) {
	is := func(symbol string) bool {
		return strings.HasSuffix(symbol, "/"+number) || symbol == "decision "+number
	}
	var about []string
	for _, ms := range d.calendar.Milestones() {
		if is(ms.Symbol) && ms.Happened(in.SentAt) {
			facts = append(facts, d.fact(adopted(ms), ms.Fact, in.SentAt))
			about = append(about, d.milestoneText(ms))
		}
	}
	if len(facts) > 0 {
		return facts, strings.Join(about, " ")
	}
	for _, p := range d.calendar.Processes() {
		i := slices.IndexFunc(p.Resolutions, is)
		if i < 0 || !d.calendar.Decided(p, in.SentAt) || !calendar.SymbolKnown(p.Resolutions[i], in.SentAt) {
			continue
		}
		line := p.Resolutions[i] + ": General Assembly resolution on which the " + p.Short + " rests; its day is not known"
		facts, text = append(facts, d.fact(line, p.Fact, in.SentAt)), text+" "+d.processText(p.ID)
	}
	for _, p := range d.calendar.Processes() {
		for _, o := range p.Outcomes {
			if len(facts) == 0 && is(o.Symbol) && outcomeKnown(p, o, in.SentAt) {
				facts, text = append(facts, d.fact(outcomeText(p, o), p.Fact, in.SentAt)), text+" "+d.processText(p.ID)+" "+o.Note
			}
		}
	}
	return facts, text
}

// adopted writes what a text is, what it did and when.
func adopted(ms calendar.Milestone) string {
	text := ms.Title
	if ms.Symbol != "" {
		text = ms.Symbol + ": " + text
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if ms.Date.IsZero() {
		return text + "; its day is not known"
	}
	return text + ", " + ms.Date.String()
}

// recordHolds says whether the record's answer to the question holds the number.
func (d *Desk) recordHolds(question, number string) bool {
	for _, q := range d.search.Ask(question).Quotations {
		if strings.Contains(q.Text(), number) {
			return true
		}
	}
	return false
}

// whichResolution names the text that did what the question says: established a
// group, endorsed a report, adopted a convention.
func (d *Desk) whichResolution(in inquiry) (bot.Reply, bool) {
	if !asksResolution.MatchString(in.question) || namesNumber.MatchString(in.question) && len(in.named) == 0 {
		return nil, false
	}
	left := in.unexplained("resolution", "resolutions", "decision", "decisions", "mandate", "mandated", "text", "symbol", "report", "reports", "document", "ga", "unga", "general", "assembly", "adopt", "adopted", "adopts", "passed", "under", "number", "basis", "final", "first", "second", "based", "rest", "rests")
	founding := slices.ContainsFunc(in.words, founds)
	left = slices.DeleteFunc(left, founds)
	if founding && len(in.named) > 0 {
		if facts := d.founding(in, left); len(facts) > 0 {
			return append(facts, d.scope(in.Message)), true
		}
	}
	if len(in.named) == 0 && len(left) < 2 {
		return nil, false
	}
	var facts, own bot.Reply
	for _, ms := range d.calendar.Milestones() {
		about := len(in.named) == 0 || slices.ContainsFunc(in.named, func(p calendar.Process) bool { return p.ID == ms.Process || p.Successor == ms.Process && len(left) > 0 })
		if ms.Symbol == "" || !about || !ms.Happened(in.SentAt) || !kindAsked(in, ms) || in.has("first") && !strings.Contains(strings.ToLower(ms.Title), "first") && len(in.named) == 0 {
			continue
		}
		if !holds(d.milestoneText(ms), left) {
			continue
		}
		fact := d.fact(adopted(ms), ms.Fact, in.SentAt)
		facts = append(facts, fact)
		if holds(ms.Title, left) {
			own = append(own, fact)
		}
	}
	if len(own) > 0 { // its own words count more than those of its process's name
		facts = own
	}
	if len(facts) == 0 || len(facts) > mostSessions {
		return nil, false
	}
	return append(facts, d.scope(in.Message)), true
}

// kindAsked says whether a milestone is of the kind that the question names.
func kindAsked(in inquiry, ms calendar.Milestone) bool {
	switch {
	case in.has("decision", "decisions"):
		return ms.Kind == "decision" || ms.Kind == "resolution"
	case in.has("resolution", "resolutions", "mandate"):
		return strings.Contains(ms.Symbol, "/RES/")
	case in.has("report", "reports"):
		return !strings.Contains(ms.Symbol, "/RES/") && ms.Kind != "decision"
	}
	return true
}

// founds says whether a word says that something was set up.
func founds(word string) bool {
	for _, stem := range []string{"establish", "creat", "launch", "found", "conven", "mandat", "renew", "start"} {
		if strings.HasPrefix(word, stem) {
			return true
		}
	}
	return word == "set" || word == "setup"
}

// founding returns the resolutions by which the named processes were set up.
func (d *Desk) founding(in inquiry, left []string) bot.Reply {
	var facts bot.Reply
	for _, p := range in.named {
		if len(p.Resolutions) == 0 || !calendar.SymbolKnown(p.Resolutions[0], in.SentAt) || !holds(d.processText(p.ID)+" "+p.Start.String()+" "+p.Short, left) {
			continue
		}
		text := fmt.Sprintf("The %s was established by %s", p.Short, p.Resolutions[0])
		row := p.Fact
		for _, ms := range d.calendar.Milestones() {
			if ms.Symbol != p.Resolutions[0] || ms.Date.IsZero() {
				continue
			}
			if !ms.Happened(in.SentAt) {
				text = ""
				break
			}
			text, row = text+", adopted "+ms.Date.On(), ms.Fact
			break
		}
		if text != "" {
			facts = append(facts, d.fact(text, row, in.SentAt))
		}
	}
	return facts
}
