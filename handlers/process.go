package handlers

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/search"
)

// inquiry is a question about the process, read once for all that may answer it.
type inquiry struct {
	bot.Message
	// question is the text as asked, with abbreviations written out; lower is
	// the same in lower case.
	question, lower string
	q               search.Question
	// named are the processes named that were known of by then, the most
	// specific first; unknown are those that came later.
	named, unknown []calendar.Process
	// words are the words of the question that are no part of a process's name,
	// in lower case.
	words []string
}

// process answers what only the calendar knows: sessions by their number, name
// or time, what is next, who chairs, what replaced what, by which resolution,
// how many, where, until when.
func (d *Desk) process(m bot.Message, question string, q search.Question) (bot.Reply, bool) {
	if len(question) > longestQuestion {
		return nil, false
	}
	in := d.inquire(m, question, q)
	if strings.HasPrefix(in.lower, "what time") || nationalBody(question) || asksReason.MatchString(in.lower) && !in.has("voted") {
		return nil, false
	}
	for _, answer := range []func(inquiry) (bot.Reply, bool){
		d.otherBody, d.bySymbol, d.stranger, d.notYet, d.deadline, d.figure, d.counts, d.sessions, d.chairs,
		d.succession, d.outcomes, d.whichResolution, d.members, d.ends, d.secretariat, d.fullName, d.cities,
	} {
		if reply, done := answer(in); done {
			return reply, true
		}
	}
	return nil, false
}

// longestQuestion is how many bytes a question about the process may have; what
// is longer is a text, and the record's to answer.
const longestQuestion = 1000

// asksReason finds questions for reasons and manners, which the record answers and the
// calendar does not.
var asksReason = regexp.MustCompile(`(?i)\bwhy\b|^how (?:does|do|did|can|could|should|is|are|was|were|will|would)\b`)

// councilOf finds a council of the name of the United Nations' own that is not
// it.
var councilOf = regexp.MustCompile(`(?i)(?:\b\pL+ )?\bsecurity council\b(?: of (?:the )?\pL+(?: \pL+)?)?`)

// nationalBody says whether a question names the security council of a State.
func nationalBody(question string) bool {
	return slices.ContainsFunc(councilOf.FindAllString(question, -1), func(s string) bool { return len(search.StatesIn(s)) > 0 })
}

var (
	lettersAndNumber = regexp.MustCompile(`(?i)\b(OEWG|GGE|AHC|GM)[- ]?(\d{1,2})\b`)
	shortened        = regexp.MustCompile(`(?i)(^|[^/\pL])(sess|mtgs?|subst|org|intersess|res|DTGs?|nxt|prev)\b\.?`)
)

// inquire reads a question.
func (d *Desk) inquire(m bot.Message, question string, q search.Question) inquiry {
	question = lettersAndNumber.ReplaceAllStringFunc(question, func(s string) string {
		found := lettersAndNumber.FindStringSubmatch(s)
		group := strings.EqualFold(found[1], "GGE") || strings.EqualFold(found[1], "OEWG") && number(found[2]) <= d.groupsOf(found[1])
		if group {
			return ordinalWord(number(found[2])) + " " + found[1] // "OEWG2" is the second group
		}
		return ordinalWord(number(found[2])) + " session of the " + strings.ToUpper(found[1])
	})
	question = shortened.ReplaceAllStringFunc(question, func(s string) string {
		found := shortened.FindStringSubmatch(s)
		return found[1] + writtenOut(strings.ToLower(found[2]))
	})
	question = d.spelledOut(question)
	question = d.sessionOfGroup(word.ReplaceAllStringFunc(question, spelled))
	in := inquiry{Message: m, question: question, lower: strings.ToLower(question), q: q}
	for _, p := range d.calendar.Named(question) {
		if d.calendar.Decided(p, m.SentAt) {
			in.named = append(in.named, p)
		} else {
			in.unknown = append(in.unknown, p)
		}
	}
	in.named = narrow(in.named, question)
	in.words = d.calendar.Unnamed(yearsOfGroup(question))
	return in
}

// shortName finds what may be an acronym.
var shortName = regexp.MustCompile(`\b\p{Lu}[\p{L}]*\p{Lu}s?\b`)

// spelledOut writes the acronyms out that stand for something other than a
// process: "the third APR" is the third annual progress report.
func (d *Desk) spelledOut(question string) string {
	return shortName.ReplaceAllStringFunc(question, func(s string) string {
		if t, known := d.calendar.Term(s); known && t.Term != "DTG" && strings.EqualFold(t.Term, s) && len(d.calendar.Named("the "+s)) == 0 && strings.ToUpper(s) == s {
			return strings.ToLower(t.Expansion)
		}
		return s
	})
}

// writtenOut returns the word that an abbreviation stands for.
func writtenOut(short string) string {
	switch short {
	case "sess":
		return "session"
	case "mtg", "mtgs":
		return "meeting"
	case "subst":
		return "substantive"
	case "org":
		return "organizational"
	case "intersess":
		return "intersessional"
	case "res":
		return "resolution"
	case "nxt":
		return "next"
	case "prev":
		return "previous"
	}
	return "dedicated thematic group"
}

var (
	someYear   = regexp.MustCompile(`\b(?:1[89]|20)\d\d`)
	word       = regexp.MustCompile(`\p{L}+`)
	yearsFirst = regexp.MustCompile(`(?i)\b(?:19|20)\d\d(?: ?[-–/] ?(?:19|20)?\d\d)? (GGE|OEWG|group of governmental experts|open[- ]ended working group)\b`)
)

// yearsOfGroup cuts the years out that tell one group from another ("the 2021
// OEWG", "the OEWG of 2019–2021"): they are part of its name.
func yearsOfGroup(question string) string {
	return yearsFirst.ReplaceAllString(groupYears.ReplaceAllString(question, "$1"), "$1")
}

// spelled returns a word of the trade as the calendar spells it, though it be
// mistyped or in the other spelling.
func spelled(word string) string {
	if i := strings.Index(strings.ToLower(word), "organis"); i >= 0 && i+7 < len(word) {
		return word[:i] + "organiz" + word[i+7:]
	}
	for _, meant := range []string{
		"session", "sessions", "meeting", "meetings", "plenary", "organizational", "substantive", "intersessional", "concluding", "resolution", "roundtable", "chair", "chairs", "chaired",
	} {
		if calendar.OneSlip(strings.ToLower(word), meant) && meant != word+"s" && word != meant+"s" {
			return meant
		}
	}
	return word
}

// has says whether the question, process names aside, holds one of the words.
func (in inquiry) has(words ...string) bool {
	return slices.ContainsFunc(in.words, func(w string) bool { return slices.Contains(words, w) })
}

// unexplained returns the words of the question that are neither the grammar of
// a question about a process nor among the words that explain: what is left is
// what the question is really about, and an answer that knows nothing of it is
// none.
func (in inquiry) unexplained(explain ...string) []string {
	var left []string
	for _, w := range in.words {
		if !filler(w) && !slices.Contains(explain, w) {
			left = append(left, w)
		}
	}
	return left
}

// holds says whether a text explains all of the words: each stands in it, or
// another form of it does.
func holds(text string, words []string) bool {
	lower := " " + strings.ToLower(text) + " "
	var inflected []string
	for _, w := range words {
		switch {
		case strings.Contains(lower, " "+w+" "):
		case !strings.Contains(lower, w[:min(len(w), leastStem)]): // no form of it: spares the stemming
			return false
		default:
			inflected = append(inflected, w)
		}
	}
	if len(inflected) == 0 {
		return true
	}
	have := stems(text)
	return !slices.ContainsFunc(inflected, func(w string) bool {
		terms := search.Terms(w)
		return len(terms) == 0 || slices.ContainsFunc(terms, func(t string) bool { return !have[t] })
	})
}

// leastStem is how many bytes the forms of a word share at least.
const leastStem = 3

// notYet refuses what is asked of a process that came later.
func (d *Desk) notYet(in inquiry) (bot.Reply, bool) {
	if len(in.named) > 0 || len(in.unknown) == 0 {
		return nil, false
	}
	return d.refuse(in.Message, "as of "+calendar.FromTime(in.SentAt).String()+" there was no "+in.unknown[0].Short, nil), true
}

// begun keeps the processes that existed on a day.
func begun(named []calendar.Process, at time.Time) []calendar.Process {
	var out []calendar.Process
	for _, p := range named {
		if p.Start.IsZero() || !p.Start.First().After(at) {
			out = append(out, p)
		}
	}
	return out
}

// narrow keeps the processes whose mandate the question's years fit, all of the
// years or else one; all processes where none does.
func narrow(named []calendar.Process, question string) []calendar.Process {
	years := someYear.FindAllString(question, -1)
	if len(years) == 0 {
		return named
	}
	var all, some []calendar.Process
	for _, p := range named {
		fits := 0
		for _, y := range years {
			if strings.Contains(p.Short, y) {
				fits++
			}
		}
		if fits == len(years) {
			all = append(all, p)
		}
		if fits > 0 {
			some = append(some, p)
		}
	}
	switch {
	case len(all) > 0:
		return all
	case len(some) > 0:
		return some
	}
	return named
}

// filler says whether a word of a question about a process carries nothing that
// an answer has to hold.
func filler(word string) bool {
	switch word {
	case "a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "by", "from", "with", "about", "as", "until", "till", "up", "so", "far",
		"is", "are", "was", "were", "be", "been", "being", "will", "would", "shall", "does", "do", "did", "done", "has", "have", "had", "can", "could", "may", "might", "there",
		"it", "its", "this", "that", "these", "those", "i", "we", "you", "they", "me", "us", "our", "my", "s", "re",
		"what", "when", "where", "who", "whom", "which", "how", "long", "many", "much", "whose",
		"tell", "show", "give", "list", "know", "please", "say", "hi", "hello", "ok", "thanks", "remind", "find", "out", "name", "exactly", "exact", "precisely",
		"take", "takes", "took", "taken", "place", "places", "hold", "holds", "held", "holding", "meet", "meets", "met", "convene", "convenes", "convened", "happen", "happens", "happened", "happening", "run", "ran", "runs",
		"session", "sessions", "meeting", "meetings", "date", "dates", "day", "days", "time", "times", "when's", "what's", "year", "years", "month", "months", "week", "weeks",
		"start", "starts", "started", "begin", "begins", "began", "open", "opens", "opened", "end", "ends", "ended", "finish", "finished",
		"scheduled", "planned", "set", "due", "fixed", "expected", "going", "go", "ahead", "coming", "city", "cities", "country", "venue", "location", "located",
		"un", "united", "nations", "process", "group", "body", "committee", "talks", "round", "work", "working", "any", "some", "all", "one", "ones", "only", "total", "altogether", "already", "yet", "now", "still", "ever", "just",
		"again", "where's", "who's", "also", "then", "actually", "approximately", "roughly", "really", "else", "more", "so-called", "kind", "sort", "period", "over", "event", "events", "gathering", "gatherings", "comes", "lasted",
		"no", "number", "numbered", "agenda", "calendar", "schedule", "timetable", "info", "details", "full", "official", "called", "known":
		return true
	}
	return false
}
