package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/bot"
	"rapporteur/search"
)

// How a follow-up is completed. A message continues the conversation when it
// begins like one ("and …", "what about …", "why?"), when it has a pronoun and
// nothing before it that the pronoun could mean, or when it is but a year, a
// State, an ordinal. It is then completed from the last question: the place that
// it fills anew is filled, all others are kept. Nothing is guessed. A follow-up
// for which the last question has no place is answered by saying so.

// completion is what a follow-up was taken to mean.
type completion struct {
	verb     string // of a command such as "quote"; empty for a question
	question string // complete by itself
	unfit    string // why it cannot be completed; empty where it can
	// keep says which quotations answer; nil for all.
	keep func(q bot.Quotation) bool
	// more leaves out the facts that were given, too.
	more bool
	// aside is set for a question about the answer, which does not change what
	// the conversation is about.
	aside bool
	// wider is the question to ask where this one is not answered; nil for none.
	wider *completion
}

// command is the completed question as a person could have typed it.
func (c completion) command() string {
	if c.verb == "" {
		return "ask " + c.question
	}
	return c.verb + " " + c.question
}

func unfit(format string, args ...any) completion {
	return completion{unfit: fmt.Sprintf(format, args...)}
}

var (
	opening  = regexp.MustCompile(`(?i)^(?:(?:and|but|so|or|also|then)\b[\s,:–-]*)+`)
	asking   = regexp.MustCompile(`(?i)^(?:(?:what|how) about|what of|as for|(?:the )?same (?:question )?(?:for|on)|anything (?:about|on|by|from))\s+`)
	onTopic  = regexp.MustCompile(`(?i)^(?:(.*\S)\s+)?(?:about|on|regarding|concerning)\s+(.+)$`)
	bareYear = regexp.MustCompile(`(?i)^(?:the year )?((?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?)$`)
	bareTurn = regexp.MustCompile(`(?i)^(?:the |its )?(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|\d{1,2}(?:st|nd|rd|th)|next|last|latest|previous|following)(?: (?:substantive|formal|organizational))?(?: (?:session|meeting|plenary|round|one))?$|^the one (before|after)(?: (?:that|it|this))?$`)
	clause   = regexp.MustCompile(`(?i)^(?:(?:in|by|to|for|from|with|at|on|since|until) )?(?:who|whom|whose|what|which|when|where|why|how|did|does|do|is|are|was|were|has|have|had|will|would|should|can|could|must|may)\b`)
	saidWhen = regexp.MustCompile(`(?i)^(when|where|in (?:what|which) (?:body|meeting)|before (?:what|which) body)(?: (?:was|is|did|were|has))?(?: (?:that|this|it|these|they|he|she))?(?: (?:been ))?(?: ?(?:said|say|stated|state|delivered|made|held))?(?: (?:that|this|it|so))?$`)
	ofBody   = regexp.MustCompile(`(?i)\b(?:chair\w*|presid\w*|secretariat|members?|replac\w*|succe(?:ed|ss)\w*|establish\w*|creat\w*|launch\w*|mandate\w*|follow(?:s|ed)|came (?:before|after)|preced\w*|end(?:s|ed)?)\b`)
	leadIn   = regexp.MustCompile(`(?i)^(?:what|when|where|how|which [\p{L} ]+?)\s+(did|does|do|is|are|was|were|has|have|had|will|would|should|can|could|must)\s+(.+)$`)
	reasons  = regexp.MustCompile(`(?i)\b(?:because|in order to|so that|so as to|therefore|that is why|that’s why|due to|thanks to|owing to|for (?:this|that|these) reasons?|given that|in view of|lest|aimed at)\b`)
	things   = regexp.MustCompile(`(?i)^(?:session|meeting|plenary|group|process|committee|mechanism|one)s?$`)
)

// The bare follow-ups.
const (
	moreWords = "|more|more please|go on|continue|else|what else|anything else|something else|anything more|what more|more on that|more on this|more about that|more about this|tell me more|show more|show me more|"
	elseWords = "|who else|who else said so|who else said that|who else said this|anyone else|anybody else|which others|others|"
	whyWords  = "|why|why so|why is that|why that|for what reason|how come|"
)

func among(words, text string) bool {
	return text != "" && !strings.Contains(text, "|") && strings.Contains(words, "|"+text+"|")
}

// followUp is a message that continues a conversation, parted.
type followUp struct {
	rest   string      // without what opened it
	marked bool        // it was opened like a follow-up
	at     search.Span // of a pronoun that lacks what it means
	word   string      // that pronoun, in lower case; empty for none
}

// bare says whether a follow-up says nothing by itself.
func (f followUp) bare() bool {
	lower := strings.ToLower(f.rest)
	return f.rest == "" || among(moreWords, lower) || among(elseWords, lower) || among(whyWords, lower) ||
		among("|when|where|who|how|", lower) || bareTurn.MatchString(f.rest)
}

// followsUp says whether a message continues a conversation.
func (d *Desk) followsUp(text string) (followUp, bool) {
	if len(text) > longText {
		return followUp{rest: text}, false
	}
	text = strings.TrimRight(strings.TrimSpace(text), " ?!.…")
	f := followUp{rest: opening.ReplaceAllString(text, "")}
	f.rest = asking.ReplaceAllString(f.rest, "")
	f.marked = f.rest != text
	f.rest = strings.TrimSpace(f.rest)
	if len(f.rest) > longText/2 {
		return f, false
	}
	lower := strings.ToLower(f.rest)
	switch {
	case f.rest == "":
		return f, f.marked
	case among(moreWords, lower), among(elseWords, lower), among(whyWords, lower), among("|when|where|who|how|", lower):
		return f, true
	case bareYear.MatchString(f.rest), wholly(periodForm, f.rest), bareTurn.MatchString(f.rest), onlyStates(f.rest):
		return f, true
	case clause.MatchString(f.rest):
		f.at, f.word = d.openPronoun(f.rest)
		return f, f.word != "" || f.marked && !d.selfContained(f.rest)
	}
	words := len(strings.Fields(f.rest))
	part := onTopic.FindStringSubmatch(f.rest)
	return f, words <= 8 && (f.marked || part != nil && (part[1] == "" || onlyStates(part[1])))
}

// wholly says whether a form takes in all of a text.
func wholly(form *regexp.Regexp, text string) bool {
	at := form.FindStringIndex(text)
	return at != nil && at[0] == 0 && at[1] == len(text)
}

// onlyStates says whether a text names States and nothing else.
func onlyStates(text string) bool {
	if len(strings.Fields(text)) > mostMention+2 {
		return false
	}
	found := false
	for s := statesIn(text); !empty(s); s = statesIn(text) {
		text, found = text[:s.From]+text[s.To:], true
	}
	for _, t := range search.Tokens(text, "und") {
		if t.Word != "the" && t.Word != "and" && t.Word != "or" {
			return false
		}
	}
	return found
}

// selfContained says whether a question names somebody or something of its own
// and says more about it than that it spoke.
func (d *Desk) selfContained(text string) bool {
	q := search.Analyse(text)
	names := d.processIn(text)
	if len(q.States) == 0 && len(q.Names) == 0 && empty(names) && (q.Subject == "" || pronoun(strings.ToLower(q.Subject))) {
		return false
	}
	for _, at := range []search.Span{names, statesIn(text)} {
		text = strings.Replace(text, text[min(at.From, len(text)):min(at.To, len(text))], "", 1)
	}
	for _, name := range q.Names {
		text = strings.Replace(text, name, "", 1)
	}
	return len(search.Terms(text)) > 0
}

func pronoun(word string) bool {
	switch word {
	case "it", "its", "they", "them", "their", "he", "she", "him", "his", "her", "this", "that", "these", "those", "there", "then":
		return true
	}
	return false
}

// openPronoun finds a pronoun with nothing before it in the text that it could
// mean.
func (d *Desk) openPronoun(text string) (at search.Span, word string) {
	words := search.Tokens(text, "und")
	for i, w := range words {
		if !pronoun(w.Word) {
			continue
		}
		before := text[:w.From]
		if len(search.Terms(before)) > 2 || len(search.StatesIn(before)) > 0 || len(search.Analyse(before).Names) > 0 || !empty(d.processIn(before)) {
			return search.Span{}, ""
		}
		at = search.Span{From: w.From, To: w.To}
		last := i == len(words)-1
		switch w.Word {
		case "this", "that", "these", "those":
			if last {
				return at, w.Word
			}
			next := words[i+1]
			if things.MatchString(next.Word) {
				return search.Span{From: w.From, To: next.To}, w.Word
			}
			if clause.MatchString(text[next.From:]) || among("|in|at|on|by|about|said|happen|happened|mean|means|and|or|from|for|to|", next.Word) {
				return at, w.Word
			}
		case "there", "then":
			if last {
				return at, w.Word
			}
		default:
			return at, w.Word
		}
	}
	return search.Span{}, ""
}

// complete completes a follow-up from the last question.
func (d *Desk) complete(f followUp, last frame) completion {
	lower := strings.ToLower(f.rest)
	whole := completion{verb: last.verb, question: last.text}
	switch {
	case f.rest == "", among(moreWords, lower):
		whole.more = true
		return whole
	case among(elseWords, lower):
		return d.others(last)
	case among(whyWords, lower):
		return why(last)
	case saidWhen.MatchString(f.rest) && !empty(last.speaker):
		return delivered(f.rest, last)
	case among("|when|where|", lower) && !empty(last.session):
		return asQuestion(lower + " was " + last.phrase())
	case among("|when|where|who|how|", lower):
		return unfit("I cannot tell what %q asks about the last question, “%s”; please ask in full", f.rest, last.text)
	case clause.MatchString(f.rest):
		return d.carry(f, last)
	}
	return d.refill(f.rest, last)
}

// asQuestion makes a completed question of words.
func asQuestion(words string) completion {
	words = strings.TrimRight(strings.TrimSpace(words), " ?.!")
	return completion{question: upper(words) + "?"}
}

func upper(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// others asks the last question of everybody but the one whose words it asked
// for.
func (d *Desk) others(last frame) completion {
	if empty(last.speaker) || empty(last.topic) {
		return unfit("the last question, “%s”, asks for nobody's words; please ask in full", last.text)
	}
	c := asQuestion("What is said about " + last.of(last.topic))
	speaker := search.Terms(last.of(last.speaker))
	states := search.StatesIn(last.of(last.speaker))
	c.aside = true
	c.keep = func(q bot.Quotation) bool {
		by := q.Document().Delegation + " " + q.Passage().By()
		if slices.ContainsFunc(states, func(s string) bool { return slices.Contains(search.StatesIn(by), s) }) {
			return false
		}
		have := search.Terms(by)
		return !slices.ContainsFunc(speaker, func(t string) bool { return slices.Contains(have, t) })
	}
	return c
}

// why asks for the reasons of what was asked: words of the record that give one.
func why(last frame) completion {
	var c completion
	switch found := leadIn.FindStringSubmatch(last.text); {
	case !empty(last.speaker) && !empty(last.topic):
		c = asQuestion("Why does " + last.of(last.speaker) + " say so about " + last.of(last.topic))
	case found != nil && last.verb == "" && !meaningForm.MatchString(last.text):
		c = asQuestion("Why " + found[1] + " " + found[2])
	default:
		return unfit("I cannot tell what “why” asks about the last question, “%s”; please ask in full", last.text)
	}
	c.aside = true
	c.keep = func(q bot.Quotation) bool { return reasons.MatchString(q.Text()) }
	return c
}

// delivered asks when or where the words asked for were said.
func delivered(asked string, last frame) completion {
	which := saidWhen.FindStringSubmatch(asked)[1]
	c := asQuestion(which + " was the " + last.of(last.speaker) + " statement delivered")
	c.aside = true
	return c
}

// carry completes a question that lacks whose words, what about or when.
func (d *Desk) carry(f followUp, last frame) completion {
	text, filled := f.rest, ""
	if f.word != "" {
		if filled = d.meant(f, last); filled == "" {
			return unfit("I cannot tell what “%s” stands for after the last question, “%s”; please ask in full", f.word, last.text)
		}
		text = f.rest[:f.at.From] + filled + f.rest[f.at.To:]
	}
	narrow, wide := last, last
	if at := placeForm.FindStringIndex(last.of(last.topic)); at != nil {
		wide.topic.To = last.topic.From + at[0]
	}
	c := d.carried(f, text, filled, narrow)
	if other := d.carried(f, text, filled, wide); other.question != c.question {
		c.wider = &other
	}
	return c
}

// placeForm finds where a topic goes on to say in which field it is meant:
// "sovereignty [in the digital domain]".
var placeForm = regexp.MustCompile(`(?i)\s+(?:in|within|under|at) `)

// carried adds to a question what it lacks.
func (d *Desk) carried(f followUp, text, filled string, last frame) completion {
	have := d.frameOf("", text)
	if ofBody.MatchString(f.rest) {
		if empty(have.process) && !empty(last.process) {
			text += " of " + last.theProcess()
		}
		return asQuestion(text)
	}
	if !have.about && !empty(last.topic) && filled != last.of(last.topic) && empty(have.session) {
		text += " on " + last.of(last.topic)
	} else if !have.about && empty(have.session) && empty(have.process) && !empty(last.session) {
		text += " at " + last.phrase()
	} else if !have.about && empty(have.process) && empty(have.session) && !empty(last.process) {
		text += " in " + last.theProcess()
	}
	if empty(have.period) && !empty(last.period) && !strings.HasPrefix(strings.ToLower(text), "when") {
		text += " " + last.of(last.period)
	}
	if whose := last.of(last.speaker); whose != "" && len(search.StatesIn(f.rest)) == 0 && !strings.Contains(text, whose) && empty(have.speaker) {
		text = "According to " + whose + ", " + text
	}
	return asQuestion(text)
}

// meant returns what a pronoun stands for after the last question; empty where
// that cannot be told.
func (d *Desk) meant(f followUp, last frame) string {
	own := func(s string) string {
		if s != "" && among("|its|their|his|her|", f.word) {
			return s + "'s"
		}
		return s
	}
	process, session, topic := "", "", last.of(last.topic)
	if !empty(last.process) {
		process = last.theProcess()
	}
	if !empty(last.session) {
		session = last.phrase()
	}
	if ofBody.MatchString(f.rest) {
		return own(process) // "who chaired it" asks about the body, not the session
	}
	switch f.word {
	case "there":
		return own(firstOf(prefixed("at ", session), prefixed("in ", process)))
	case "he", "she", "him", "his", "her":
		return own(last.whose())
	case "they", "them", "their":
		return own(firstOf(last.whose(), process, topic))
	}
	return own(firstOf(session, process, topic))
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func firstOf(options ...string) string {
	for _, o := range options {
		if o != "" {
			return o
		}
	}
	return ""
}
