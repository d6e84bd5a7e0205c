package handlers

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/search"
)

// People ask in many words for one thing. What is courtesy, and what is only
// another order of the words, is taken away here, once, so that what answers
// sees the question itself.

var (
	greeting = regexp.MustCompile(`(?i)^(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|dear (?:all|bot|colleagues?)|excuse me|sorry|pardon|ok|okay|so|well|um|pls|plz|please|kindly|(?:a |one )?(?:quick )?question)(?: there| all| everyone| team| again)?(?:\s*[,.!:;–—-]\s*|\s+)`)
	// frames are the words in which a question is wrapped: "could you tell me",
	// "do you know", "any idea".
	frames = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
		`(?:can|could|would|will|might) (?:you|anyone|anybody|someone|somebody)(?: please| kindly| perhaps| possibly| maybe)? (?:(?:tell|remind|show|give|inform|send|find|read) (?:me|us)(?: again)?(?: please)?|help (?:me|us)(?: to)? (?:find|understand|see|with)(?: out)?|(?:find|look|figure) (?:out|up)|find|let (?:me|us) know)`,
		`(?:do|does|did|would|don't|don’t) (?:you|anyone|anybody|someone)(?: happen to)?(?: also)? (?:know|remember|recall)`,
		`(?:do you have |have you (?:got )?|got )?(?:any|an|some) (?:idea|ideas|clue|information|info)(?: (?:of|about|on|as to))?`,
		`i(?:'d|’d| would| do)?(?: just| really| also)? (?:like|love|want|need|wish|have) to (?:know|ask(?: you)?|learn|find out|see|hear|understand|be told|check|get|read)`,
		`i(?:'m|’m| am| was| have been|'ve been|’ve been)?(?: just)? wonder(?:ing|ed)?`,
		`i(?:'m|’m| am) (?:looking for|searching for|interested in|curious(?: to know)?|not sure|trying to (?:find(?: out)?|remember|recall))`,
		`i (?:just |only |also )?(?:need|want|require|forgot|forget|(?:don't|don’t|do not|can't|can’t|cannot) (?:know|remember|recall))`,
		`(?:tell|remind|inform|show|give|send|get|read|teach) (?:me|us)(?: again)?(?: please)?`,
		`let (?:me|us) know`,
	}, "|") + `)(?:\s*[,:]\s*|\s+)(?:(?:about|of|again|exactly|please) )?`)
	// something is asked for where nothing in particular is: "tell me a joke".
	something = regexp.MustCompile(`(?i)^an? `)
	// kept are the frames of which the last word is part of the question.
	kept     = regexp.MustCompile(`(?i)^(?:can|could|would|will) you(?: please| kindly)? (quote|list|name|explain|define|expand|spell|describe)\b`)
	farewell = regexp.MustCompile(`(?i)(?:\s*[,;–—-]\s*|[?.!]*\s+)(?:please|pls|plz|thanks|thank you|thx|cheers|many thanks|thanks a lot|thank you very much|if you (?:can|could|would|please|know)|by any chance|do you know|any idea)\s*([?.!]*)$`)
)

// plainly takes the courtesy off a text; one that is nothing else stays.
func plainly(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > longText {
		return text
	}
	framed := false
	for range 6 {
		var rest string
		switch {
		case greeting.MatchString(text):
			rest = text[greeting.FindStringIndex(text)[1]:]
		case frames.MatchString(text) && !something.MatchString(text[frames.FindStringIndex(text)[1]:]):
			rest = text[frames.FindStringIndex(text)[1]:]
			framed = true
		case kept.MatchString(text):
			rest = text[kept.FindStringSubmatchIndex(text)[2]:]
		case farewell.MatchString(text):
			at := farewell.FindStringSubmatchIndex(text)
			rest = text[:at[0]] + text[at[2]:at[3]]
		default:
			rest = text
		}
		if rest = strings.TrimSpace(rest); rest == text || !strings.ContainsFunc(rest, unicode.IsLetter) {
			break
		}
		text = rest
	}
	if framed {
		text = direct(text)
	}
	return text
}

// finiteForms are verbs that ask with "did" and "does" when they open a question,
// by the form that follows a subject.
const finiteForms = `|says:does say|said:did say|thinks:does think|thought:did think|means:does mean|meant:did mean|stands:does stand|believes:does believe|wants:does want|considers:does consider|considered:did consider|proposes:does propose|proposed:did propose|mentions:does mention|mentioned:did mention|states:does state|stated:did state|regards:does regard|describes:does describe|described:did describe|took:did take|takes:does take|met:did meet|meets:does meet|began:did begin|begins:does begin|started:did start|starts:does start|ended:did end|ends:does end|happened:did happen|raised:did raise|launched:did launch|delivered:did deliver|adopted:did adopt|agreed:did agree|made:did make|gave:did give|spoke:did speak|voted:did vote|opened:did open|opens:does open|closed:did close|closes:does close|held:did hold|holds:does hold|calls:does call|became:did become|entered:did enter|enters:does enter|signed:did sign|asked:did ask|`

// finite returns the helping verb and the infinitive of a verb form; both empty
// for any other word.
func finite(word string) (helper, base string) {
	at := strings.Index(finiteForms, "|"+word+":")
	if at < 0 || word == "" {
		return "", ""
	}
	form, _, _ := strings.Cut(finiteForms[at+len(word)+2:], "|")
	helper, base, _ = strings.Cut(form, " ")
	return helper, base
}

// mostSubject is how many words the subject of an indirect question may have.
const mostSubject = 9

// direct turns an indirect question, as it follows "tell me", into a direct one:
// "when the ninth session was held" into "when was the ninth session held".
func direct(text string) string {
	words := strings.Fields(strings.TrimRight(text, " ?.!"))
	if len(words) < 3 {
		return text
	}
	opener := strings.ToLower(words[0])
	switch opener {
	case "when", "where", "why", "whether", "if":
	case "how":
		if slices.Contains([]string{"many", "much", "long", "often", "big", "large"}, strings.ToLower(words[1])) {
			return text
		}
	case "what", "who":
		r, _ := utf8.DecodeRuneInString(words[1])
		last := strings.ToLower(words[len(words)-1])
		named := unicode.IsUpper(r) || len(search.StatesIn(words[1])) > 0 || slices.Contains([]string{"the", "a", "an", "this", "that", "his", "her", "its", "their"}, strings.ToLower(words[1]))
		if !named && !helps(last) && !isFinite(last) {
			return text
		}
	default:
		return text
	}
	for i := 1; i < min(len(words), mostSubject+2); i++ {
		lower := strings.ToLower(words[i])
		helper, base := finite(lower)
		switch {
		case slices.Contains([]string{"that", "which", "who", "where"}, lower) && i > 1:
			return text
		case i == 1 && (helps(lower) || base != ""):
			return text
		case helps(lower):
			return inverted(words, i, words[i], nil)
		case base != "" && !helpsLater(words[i:]):
			return inverted(words, i, helper, []string{base})
		}
	}
	return text
}

func isFinite(word string) bool {
	_, base := finite(word)
	return base != ""
}

// inverted puts the helping verb before the subject, which ends at word i.
func inverted(words []string, i int, helper string, base []string) string {
	var out []string
	if opener := strings.ToLower(words[0]); opener != "whether" && opener != "if" {
		out = append(out, words[0])
	}
	out = append(append(append(append(out, helper), words[1:i]...), base...), words[i+1:]...)
	return strings.Join(out, " ") + "?"
}

// helps says whether a word is a verb that changes places with its subject in a
// question.
func helps(word string) bool {
	switch word {
	case "is", "are", "was", "were", "will", "would", "can", "could", "should", "must", "has", "have", "had", "may", "shall", "did", "does", "do":
		return true
	}
	return false
}

// helpsLater says whether a helping verb stands among the next few words: then
// the verb before it is part of the subject ("the session held in May was").
func helpsLater(words []string) bool {
	return slices.ContainsFunc(words[1:min(len(words), 5)], func(w string) bool { return helps(strings.ToLower(w)) })
}

var (
	dateOf    = regexp.MustCompile(`(?i)^(?:(?:what (?:is|was|are|were)|what['’]s|which (?:is|was|are|were)|on which|on what) )?(?:the )?(?:exact |precise )?dates? (?:of|for) (.+?)[\s?.!]*$`)
	edgeOf    = regexp.MustCompile(`(?i)^(?:what (?:is|was) |what['’]s )?(?:the )?(start|starting|beginning|launch|end|ending) date (?:of|for) (.+?)[\s?.!]*$`)
	adoption  = regexp.MustCompile(`(?i)^(?:the )?(adoption|approval|signing|signature|opening|establishment|creation|launch) of (.+)$`)
	whenLast  = regexp.MustCompile(`(?i)^(.+?)(?:\s*[,:;–—-]\s*|\s+)(?:when(?: (?:was|is) (?:that|it|this))?|(?:on )?(?:what|which) (?:date|day)s?|dates?)[\s?.!]*$`)
	opensWith = regexp.MustCompile(`(?i)^(?:what|when|where|who|whom|whose|which|how|why|is|are|was|were|did|does|do|has|have|will|can|on|in|at|by|from|until|till|since|as)\b`)
	ahead2    = regexp.MustCompile(`(?i)\b(?:next|upcoming|coming|forthcoming)\b`)
)

// asWhen rewrites the ways of asking for a date as the usual one: "date of the
// ninth session?" and "ninth session, when?" become "When was the ninth
// session?".
func asWhen(question string) string {
	if len(question) > longText || strings.ContainsAny(question, "\"“«") {
		return question
	}
	is := "When was "
	if ahead2.MatchString(question) {
		is = "When is "
	}
	if found := edgeOf.FindStringSubmatch(question); found != nil {
		if strings.HasPrefix(strings.ToLower(found[1]), "end") || strings.HasPrefix(strings.ToLower(found[1]), "clos") {
			return "When did " + found[2] + " end?"
		}
		return "When did " + found[2] + " start?"
	}
	if found := dateOf.FindStringSubmatch(question); found != nil {
		what := found[1]
		if act := adoption.FindStringSubmatch(what); act != nil {
			return is + act[2] + " " + participle(strings.ToLower(act[1])) + "?"
		}
		return is + what + "?"
	}
	if found := whenLast.FindStringSubmatch(question); found != nil && !opensWith.MatchString(question) {
		return is + found[1] + "?"
	}
	return question
}

// participle is what has been done by an act.
func participle(act string) string {
	switch act {
	case "adoption":
		return "adopted"
	case "approval":
		return "approved"
	case "opening":
		return "opened"
	case "establishment":
		return "established"
	case "creation":
		return "created"
	case "launch":
		return "launched"
	}
	return "signed"
}

var (
	smallTalk = regexp.MustCompile(`(?i)^(?:(?:many )?thanks?(?: you)?(?: (?:so much|very much|a lot|all|again))?|cheers|hi|hello|hey|bye|goodbye|good (?:morning|afternoon|evening|night)|ok(?:ay)?|lol|haha|great|nice|cool|yes|no|welcome)[\s!.,?]*$`)
	toTheBot  = regexp.MustCompile(`(?i)^(?:(?:what|who|whom|how|where|why|when)(?: else| old)? )?(?:are|can|could|do|were|did|will|would|should|have|may|must) you\b|\byour (?:name|age|prompt|instructions|creator|maker|opinion|favou?rite)\b`)
)

// chat says whether a text is talk with the bot and no question about the
// record: a greeting, thanks, or what the bot itself is or thinks.
func chat(text string) bool { return smallTalk.MatchString(text) || toTheBot.MatchString(text) }
