package handlers

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/search"
)

// frame is a question with the places that a follow-up may fill anew: "What does
// [Russia] say about [sovereignty] [in 2021]?".
type frame struct {
	text string
	verb string // of a command such as "quote"; empty for a question

	speaker search.Span // whose words are asked for
	state   search.Span // the one State named, where it is not the speaker
	process search.Span // "OEWG 2021-2025"
	session search.Span // "eighth substantive session"
	ordinal search.Span // "eighth" in it
	topic   search.Span // what it is about
	about   bool        // the question says so itself: "about", "on"
	period  search.Span // "in 2021", with the preposition
}

func (f frame) of(s search.Span) string { return f.text[s.From:s.To] }

// with returns the question with other words in the place.
func (f frame) with(s search.Span, words string) string {
	return f.text[:s.From] + words + f.text[s.To:]
}

func empty(s search.Span) bool { return s.From == s.To }

const months = `january|february|march|april|may|june|july|august|september|october|november|december`

var (
	periodForm  = regexp.MustCompile(`(?i)\b(?:in|by|since|before|after|until|during|on) (?:the year )?(?:(?:\d{1,2} )?(?:` + months + `)(?:,? (?:19|20)\d\d)?|(?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?)\b`)
	topicForm   = regexp.MustCompile(`(?i)\s(?:about|on|regarding|concerning)\s+(.+?)[\s?.!]*$`)
	meaningForm = regexp.MustCompile(`(?i)^(?:what (?:is|are|was|were)|define|explain|what's|what’s)\s+(?:(?:a|an|the)\s+)?(.+?)[\s?.!]*$|^what does (.+?) (?:mean|stand for)[\s?.!]*$`)
	nextForm    = regexp.MustCompile(`(?i)\b(next|last|latest|previous|upcoming)\s+(?:[\p{L}\d–-]+\s+){0,3}?(?:session|meeting|plenary|round)\b`)
	yearSpan    = regexp.MustCompile(`^\s*\(?(?:19|20)\d\d[-–/](?:19|20)?\d\d\)?`)
	modalObject = regexp.MustCompile(`(?i)^who\s+(?:should|must|can|could|will|would|may)\s+\p{L}+\s+(.+?)[\s?.!]*$`)
	subjectNoun = regexp.MustCompile(`(?i)^(?:why|how|when|where|what|which|who)\s+(?:should|is|are|was|were|did|does|do|can|must|will)\s+((?:the|these|all)\s+\p{L}+)\b`)
)

// frameOf finds the places of a question, or of the words after a verb.
func (d *Desk) frameOf(verb, text string) frame {
	f := frame{verb: verb, text: strings.TrimSpace(text)}
	if verb != "" {
		f.topic = search.Span{From: 0, To: len(f.text)}
		f.process = d.processIn(f.text)
		return f
	}
	if subject := search.Analyse(f.text).Subject; subject != "" && !pronoun(strings.ToLower(subject)) {
		if at := strings.Index(f.text, subject); at >= 0 {
			f.speaker = search.Span{From: at, To: at + len(subject)}
		}
	}
	if states := search.StatesIn(f.text); len(states) == 1 && empty(f.speaker) {
		f.state = statesIn(f.text)
	}
	f.process = d.processIn(f.text)
	if at := ordinalSession.FindStringSubmatchIndex(f.text); at != nil {
		f.session, f.ordinal = search.Span{From: at[0], To: at[1]}, search.Span{From: at[2], To: at[3]}
	} else if at := nextForm.FindStringSubmatchIndex(f.text); at != nil {
		f.session, f.ordinal = search.Span{From: at[0], To: at[1]}, search.Span{From: at[2], To: at[3]}
	}
	for _, at := range periodForm.FindAllStringIndex(f.text, -1) {
		f.period = search.Span{From: at[0], To: at[1]}
	}
	if at := topicForm.FindStringSubmatchIndex(f.text); at != nil {
		f.topic, f.about = search.Span{From: at[2], To: at[3]}, true
	} else if at := meaningForm.FindStringSubmatchIndex(f.text); at != nil && empty(f.session) {
		f.topic = search.Span{From: max(at[2], at[4]), To: max(at[3], at[5])}
	} else if at := modalObject.FindStringSubmatchIndex(f.text); at != nil && empty(f.session) && empty(f.process) {
		f.topic = search.Span{From: at[2], To: at[3]}
	} else if at := subjectNoun.FindStringSubmatchIndex(f.text); at != nil && empty(f.session) && empty(f.process) {
		f.topic = search.Span{From: at[2], To: at[3]}
	}
	if !empty(f.period) && f.period.From > f.topic.From && f.period.To >= f.topic.To {
		f.topic.To = max(f.topic.From, len(strings.TrimRight(f.text[:f.period.From], " ,")))
	}
	return f
}

// processIn finds the words by which a text names a process, with the years
// behind them.
func (d *Desk) processIn(text string) search.Span {
	s := mention(text, func(part string) bool { return len(d.calendar.Named(part)) > 0 }, func() bool { return len(d.calendar.Named(text)) > 0 })
	if years := yearSpan.FindString(text[s.To:]); !empty(s) {
		s.To += len(years)
	}
	return s
}

// statesIn finds the words by which a text names its first State, with the
// capitalised words around them: "Russian" becomes "Russian Federation".
func statesIn(text string) search.Span {
	named := func(part string) bool { return len(search.StatesIn(part)) > 0 }
	s := mention(text, named, func() bool { return named(text) })
	if empty(s) {
		return s
	}
	for {
		rest := text[s.To:]
		next := strings.TrimPrefix(strings.TrimPrefix(rest, " of"), " ")
		r, _ := utf8.DecodeRuneInString(next)
		if !strings.HasPrefix(rest, " ") || !unicode.IsUpper(r) {
			break
		}
		end := strings.IndexFunc(next, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
		if end < 0 {
			end = len(next)
		}
		s.To += len(rest) - len(next) + end
	}
	return s
}

// mostMention is how many words a name may have, and longText how long a text
// may be that names are looked for in.
const (
	mostMention = 6
	longText    = 600
)

// mention finds the shortest run of words that is named, the first of them.
func mention(text string, named func(part string) bool, any func() bool) search.Span {
	if len(text) > longText || !any() {
		return search.Span{}
	}
	words := search.Tokens(text, "und")
	for size := 1; size <= mostMention; size++ {
		for i := 0; i+size <= len(words); i++ {
			if named(text[words[i].From:words[i+size-1].To]) {
				return search.Span{From: words[i].From, To: words[i+size-1].To}
			}
		}
	}
	return search.Span{}
}

// phrase names the session of a question, with its process: "the eighth session
// of the OEWG".
func (f frame) phrase() string {
	phrase := "the " + f.of(f.session)
	if !empty(f.process) && (f.process.From >= f.session.To || f.process.To <= f.session.From) {
		phrase += " of " + f.theProcess()
	}
	return phrase
}

func (f frame) theProcess() string {
	name := f.of(f.process)
	if strings.HasPrefix(strings.ToLower(name), "the ") {
		return name
	}
	return "the " + name
}

// whose returns the speaker of a question, or else the one State it names.
func (f frame) whose() string {
	if !empty(f.speaker) {
		return f.of(f.speaker)
	}
	return f.of(f.state)
}
