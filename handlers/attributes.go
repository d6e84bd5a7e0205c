package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// The words that tell what a question is about.
const (
	documentNoun lexicon = `statement statements speech text document intervention remarks address transcript`
	speakerNoun  lexicon = `speaker author ambassador representative diplomat delegate envoy official person`
	speakingVerb lexicon = `spoke speak speaks speaking`
	makingVerb   lexicon = `deliver delivered delivers make made makes give gave given gives read held hold write wrote written author authored issue issued issues publish published release released present presented dated pronounce pronounced sign signed`
	plainWord    lexicon = `is was are were be been the a an of in at on by for to from with this that these his her its it did does do has have had what which who whom whose when where how exact exactly precise full complete mr mrs ms mme s out here there under behind carry carries bear bears please pls`
)

// A question about a document itself (who spoke, when, where, under which title)
// is answered from its header. People ask it in any order of words, so its words
// are sorted and not its sentence: one word says what is asked, others name a
// document or a speaker, the rest is grammar. What is then left names whose
// document it is; anything else makes it a question about the contents.

// attribute is something that a header tells.
type attribute string

const (
	speakerAttribute  attribute = "speaker"
	dateAttribute     attribute = "date"
	meetingAttribute  attribute = "meeting"
	titleAttribute    attribute = "title"
	languageAttribute attribute = "language"
	postAttribute     attribute = "post"
	symbolAttribute   attribute = "symbol"
	stateAttribute    attribute = "delegation"
	groupAttribute    attribute = "group"
	pageAttribute     attribute = "source"
	lengthAttribute   attribute = "length"
)

// of returns what the header of a document says; empty where it says nothing.
func (a attribute) of(d *corpus.Document) string {
	switch a {
	case speakerAttribute:
		if d.Speaker == "" {
			return ""
		}
		return d.Speaker + parenthesis(d.Delegation) + " delivered it"
	case dateAttribute:
		if d.Date == "" {
			return ""
		}
		return "Delivered on " + bot.Day(d.Date) + dateNote(d)
	case meetingAttribute:
		return d.Occasion()
	case titleAttribute:
		return d.Title
	case languageAttribute:
		return languageName(d.Language)
	case postAttribute:
		return d.Speaker + parenthesis(d.Delegation)
	case symbolAttribute:
		return d.Symbol
	case stateAttribute:
		return d.Delegation
	case groupAttribute:
		return strings.Join(d.OnBehalfOf, ", ")
	case pageAttribute:
		return d.URL
	case lengthAttribute:
		return bot.Count(lastParagraph(d), "numbered paragraph")
	}
	return ""
}

// lastParagraph is the highest number of a document's paragraphs.
func lastParagraph(d *corpus.Document) int {
	last := 0
	for _, p := range d.Passages() {
		last = max(last, p.Para)
	}
	return last
}

var (
	// attributeWord finds the words of a question.
	attributeWord = regexp.MustCompile(`[\p{L}\d]+(?:-[\p{L}\d]+)*`)
	yesOrNo       = regexp.MustCompile(`(?i)^(?:is|was) `)
)

// lexicon is a list of words in lower case, parted by spaces.
type lexicon string

func (l lexicon) has(word string) bool {
	return word != "" && strings.Contains(" "+string(l)+" ", " "+word+" ")
}

// attributeAsked reads which attribute a question asks for, and the words that
// say whose; false where it asks for something else.
func attributeAsked(question string) (a attribute, left []string, is bool) {
	var document, speaker, speaks, makes bool
	var rest []string
	seen := map[string]bool{}
	for _, w := range attributeWord.FindAllString(strings.ToLower(question), -1) {
		seen[w] = true
		switch {
		case documentNoun.has(w):
			document = true
		case speakerNoun.has(w):
			speaker = true
		case speakingVerb.has(w):
			speaks = true
		case makingVerb.has(w):
			makes = true
		case !plainWord.has(w):
			rest = append(rest, w)
		}
	}
	has := func(words string) bool {
		return slices.ContainsFunc(strings.Fields(words), func(w string) bool { return seen[w] })
	}
	speaker = speaker && (document || speaks || seen["speaker"] || seen["author"])
	about := document || speaks || speaker
	var explain lexicon
	switch {
	case has("language languages") && about:
		a, explain = languageAttribute, "language languages"
	case document && seen["in"] && yesOrNo.MatchString(question) && has("english french spanish russian arabic chinese"):
		a, explain = languageAttribute, "english french spanish russian arabic chinese"
	case has("symbol") && document:
		a, explain = symbolAttribute, "symbol number"
	case has("paragraphs paras") && has("many number") && document:
		a, explain = lengthAttribute, "paragraphs paras many number contain contains"
	case has("link url source website webpage") && document:
		a, explain = pageAttribute, "link url source website webpage online find found"
	case has("post position office function role rank capacity job") && !document:
		a, explain = postAttribute, "post position office function role rank capacity job title current"
	case has("title") && !document && !speaks:
		a, explain = postAttribute, "title official"
	case has("title titled headline heading entitled called name topic subject theme") && document && !speaker:
		a, explain = titleAttribute, "title titled headline heading entitled called name topic subject theme meeting debate official"
	case has("about") && has("what") && document && len(seen) < 6:
		a, explain = titleAttribute, "about"
	case has("behalf") && about && !has("country state delegation mission government"):
		a, explain = groupAttribute, "behalf group group's"
	case has("country state nation delegation mission government countries") && about, has("where") && has("from") && speaker:
		a, explain = stateAttribute, "country state nation delegation mission government countries behalf represent represents represented come comes"
	case has("published released posted") && has("who whom") && document:
		a, explain = stateAttribute, "posted"
	case has("when date dated day") && about:
		a, explain = dateAttribute, "date dated day"
	case has("where meeting body organ event occasion forum venue") && about && !has("find read"):
		a, explain = meetingAttribute, "meeting body organ event occasion forum venue before debate un place take took"
	case has("who whom whose") && about && (makes || speaks || speaker || has("by whose")), speaker && len(rest) == 0, seen["name"] && speaker:
		a, explain = speakerAttribute, "name"
	case has("who") && !about && !makes && len(rest) > 0:
		a = postAttribute
	default:
		return "", nil, false
	}
	return a, slices.DeleteFunc(rest, explain.has), true
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
func (d *Desk) attributes(m bot.Message, question string) (bot.Reply, bool) {
	if len(question) > longestQuestion {
		return nil, false
	}
	a, left, is := attributeAsked(question)
	if !is || a == postAttribute && len(left) == 0 {
		return nil, false
	}
	var reply bot.Reply
	matching, later := 0, 0
	for _, doc := range d.search.Corpus().Documents() {
		if doc.Speaker == "" || !meant(doc, a, left) {
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
	switch {
	case len(reply) > 0 && matching > 3:
		return bot.Reply{bot.Refusal{Text: fmt.Sprintf("%d documents fit; say whose statement you mean.", matching)}, d.scope(m)}, true
	case len(reply) > 0:
		return append(reply, d.scope(m)), true
	case a == postAttribute, matching == 0 && later == 0 && !names(question, left):
		return nil, false // somebody the calendar knows, or no question about a header
	case matching == 0 && later > 0:
		return d.refuse(m, "as of "+calendar.FromTime(m.SentAt).String()+" the record held no such document", nil), true
	case matching == 0 && !documentNamed(question):
		return nil, false // "When did Putin speak?": the record may tell it
	}
	return d.refuse(m, fmt.Sprintf("no %s is recorded for it", a), nil), true
}

// documentNamed says whether a question names a document as such.
func documentNamed(question string) bool {
	return slices.ContainsFunc(attributeWord.FindAllString(strings.ToLower(question), -1), documentNoun.has)
}

// names says whether each of the words names a State or stands in the question
// with a capital, as a name does.
func names(question string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		at := strings.Index(strings.ToLower(question), w)
		capital := at > 0 && at < len(question) && question[at] >= 'A' && question[at] <= 'Z'
		return !capital && len(search.StatesIn(w)) == 0
	})
}

// meant says whether the words name the document: each stands in its header, or
// names its State. Whose post is asked for has to be its speaker.
func meant(doc *corpus.Document, a attribute, words []string) bool {
	about := doc.Speaker
	if a != postAttribute {
		about = strings.Join([]string{doc.Speaker, doc.Delegation, doc.Body, doc.Meeting, doc.Title}, " ")
	}
	have := attributeWord.FindAllString(strings.ToLower(about), -1)
	states := search.StatesIn(about)
	return !slices.ContainsFunc(words, func(w string) bool {
		if slices.Contains(have, w) {
			return false
		}
		named := search.StatesIn(w)
		return len(named) == 0 || slices.ContainsFunc(named, func(s string) bool { return !slices.Contains(states, s) })
	})
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
