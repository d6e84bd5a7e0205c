package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rapporteur/bot"
	"rapporteur/corpus"
	"rapporteur/search"
)

// The words that tell what a question is about.
const (
	paragraphWord lexicon = `what is does do s say says said state states stated in about the a of quote show read text print cite give full whole entire statement speech document record nebenzia nebenzia's russian russia by please me out stand stands written contents content deal deals with talk talks read paragraph para par exactly verbatim complete`
)

// longestParagraph is how many bytes of a paragraph are quoted when it is asked
// for by its number; of a longer one, its first sentences.
const longestParagraph = 1500

// mostOfCourtesy is how many words a paragraph has that only takes leave.
const mostOfCourtesy = 5

const (
	placeNouns = `(?:paragraphs?|paras?\.?|passages?|parts?|sections?|places?|sentences?|points?)`
	inIt       = `(?:(?:of|in|from) (?:the|this|his|nebenzia['’]s|russia['’]s|the russian) (?:statement|speech|text|document|record|intervention|remarks))`
	theSpeaker = `(?:the (?:statement|speech|text|document|record|speaker|ambassador|representative)|he|it|this|nebenzia|mr\.? nebenzia|russia)`
	mentions   = `(?:speaks? (?:of|about|on)|talks? (?:of|about)|mentions?|refers? to|deals? with|discuss(?:es)?|address(?:es)?|covers?|treats?|concerns?|contains?|says?(?: that| something about| anything about| about)?|touch(?:es)? (?:on|upon)|describes?|names?|quotes?|is (?:on|about))`
	mentioned  = `(?:mentioned|discussed|addressed|covered|treated|dealt with|spoken (?:of|about)|referred to|described|named|found|said|stated|quoted|to be found)`
)

var (
	paragraphNumber = regexp.MustCompile(`(?i)(?:\b(?:paragraph|para\.?|par\.)\s*(?:no\.?\s*|number\s*)?|[¶§]\s*)(\d{1,4}|` + numberNames + `)\b|\b(` + ordinalNames + `|\d{1,3}(?:st|nd|rd|th)|last|final|opening|closing) (?:paragraph|para)\b`)
	// onTheTopic are the ways to ask where a text speaks of something.
	onTheTopic = regexp.MustCompile(`(?i)` + strings.Join([]string{
		`^(?:in|at|on)?\s*(?:which|what) ` + placeNouns + `(?: ` + inIt + `)? (?:is|are|was|were) (.+?) ` + mentioned + `(?: ` + inIt + `)?[\s?.!]*$`,
		`^(?:in|at|on)?\s*(?:which|what) ` + placeNouns + `(?: ` + inIt + `)? (?:does|do|did) ` + theSpeaker + ` ` + mentions + ` (.+?)[\s?.!]*$`,
		`^(?:which|what) ` + placeNouns + `(?: ` + inIt + `)? ` + mentions + ` (.+?)[\s?.!]*$`,
		`^where (?:in (?:the|this|his) (?:statement|speech|text|document|record) )?(?:does|do|did) ` + theSpeaker + ` ` + mentions + ` (.+?)[\s?.!]*$`,
		`^where (?:in (?:the|this|his) (?:statement|speech|text|document|record) )(?:is|are|was|were) (.+?)(?: ` + mentioned + `)?[\s?.!]*$`,
		`^where (?:is|are|was|were) (.+?) ` + mentioned + `(?: ` + inIt + `)?[\s?.!]*$`,
		`^(?:please )?(?:find|show|locate|quote|cite)(?: me)?(?: the (?:place|part|passage|paragraph))? where ` + theSpeaker + ` ` + mentions + ` (.+?)[\s?.!]*$`,
		`^(?:please )?(?:(?:find|show|locate|quote|cite|point|direct|take|bring)(?: me| us)?(?: to)? )?(?:the |a |any )?(?:passage|paragraph|para|part|section|sentence)s?(?: ` + inIt + `)? (?:on|about|of|dealing with|that (?:mentions|speaks of|deals with)|which (?:mentions|deals with)|mentioning|concerning|regarding) (.+?)[\s?.!]*$`,
	}, "|"))
)

// paragraph answers a question for a paragraph by its number ("what does
// paragraph 12 say") and for the place where the record speaks of something
// ("which paragraph mentions sovereignty").
func (d *Desk) paragraph(m bot.Message, question string) (bot.Reply, bool) {
	if len(question) > longText {
		return nil, false
	}
	if found := onTheTopic.FindStringSubmatch(question); found != nil {
		return d.place(m, firstOf(found[1:]...))
	}
	at := paragraphNumber.FindStringSubmatchIndex(question)
	if at == nil {
		return nil, false
	}
	found := paragraphNumber.FindStringSubmatch(question)
	others := question[:at[0]] + " " + question[at[1]:]
	if left := slices.DeleteFunc(attributeWord.FindAllString(strings.ToLower(others), -1), paragraphWord.has); len(left) > 0 {
		return nil, false
	}
	return d.numberedParagraph(m, firstOf(found[1], found[2])), true
}

// place quotes where the record speaks of a topic.
func (d *Desk) place(m bot.Message, topic string) (bot.Reply, bool) {
	topic = strings.Trim(topic, " \"“”«»?.!")
	found := d.search.Quotes(topic, mostQuotes)
	if len(found.Quotations) == 0 {
		found = d.search.Ask(topic, m.Said...)
	}
	then := d.deliveredBy(found.Quotations, m)
	if len(then) == 0 {
		return d.refuse(m, found.Why, found.Nearest), true
	}
	return slices.Concat(quotations(then), d.claims(m, then), bot.Reply{d.scope(m)}), true
}

// numberedParagraph quotes the paragraph of that number, of each statement of the
// record where these are few.
func (d *Desk) numberedParagraph(m bot.Message, which string) bot.Reply {
	var quoted bot.Reply
	documents, most := 0, 0
	for _, doc := range d.search.Corpus().Documents() {
		if doc.Speaker == "" || !d.delivered(doc, m) {
			continue
		}
		documents++
		number, lastSaid, all := ordinal(which), 0, doc.Passages()
		most = max(most, lastParagraph(doc))
		for _, p := range all {
			if len(strings.Fields(p.Text)) > mostOfCourtesy {
				lastSaid = p.Para
			}
		}
		switch strings.ToLower(which) {
		case "opening":
			number = 1
		case "last", "final", "closing":
			number = lastSaid
		}
		i := slices.IndexFunc(all, func(p corpus.Passage) bool { return p.Para == number && number > 0 })
		if i < 0 {
			continue
		}
		if q, err := all[i].Quote(0, firstSentences(all[i].Text)); err == nil && len(quoted) < mostQuotes {
			quoted = append(quoted, bot.Quotation{Quotation: q})
		}
	}
	switch {
	case documents > mostQuotes:
		return bot.Reply{bot.Refusal{Text: fmt.Sprintf("The record has %d statements; say whose paragraph you mean, or name its topic.", documents)}, d.scope(m)}
	case len(quoted) == 0 && documents > 0:
		return bot.Reply{bot.Refusal{Text: "The statement has " + strconv.Itoa(most) + " numbered paragraphs, and no such one."}, d.scope(m)}
	case len(quoted) == 0:
		return d.refuse(m, "", nil)
	}
	return append(quoted, d.scope(m))
}

// firstSentences is where the last sentence ends that lies within what is quoted
// of a paragraph; its whole length where that is short enough.
func firstSentences(text string) int {
	text = strings.TrimRight(text, " \n")
	end := len(text)
	if end <= longestParagraph {
		return end
	}
	for i, s := range search.Sentences(text) {
		if i == 0 || s.To <= longestParagraph {
			end = s.To
		}
	}
	return end
}
