package handlers

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/search"
)

// A follow-up that is no sentence ("and China?", "in 2018?", "the eighth") fills
// places of the last question, one after the other.

// refill completes a follow-up that is no sentence: it fills the places of the
// last question that it names something for.
func (d *Desk) refill(rest string, last frame) completion {
	words := rest
	if at := periodForm.FindStringIndex(rest); at != nil && at[1] == len(rest) && !onlyWord(rest[:at[0]]) {
		last, rest = d.refilled(last, last.inPeriod(rest[at[0]:])), strings.TrimSpace(rest[:at[0]])
	} else if found := bareYear.FindStringSubmatch(rest); found != nil {
		last, rest = d.refilled(last, last.inPeriod(found[1])), ""
	}
	if found := onTopic.FindStringSubmatch(rest); found != nil && (found[1] == "" || onlyStates(found[1])) {
		next, fits := last.on(found[2])
		if !fits {
			return unfit("I cannot fit “%s” into the last question, “%s”; please ask in full", words, last.text)
		}
		last, rest = d.refilled(last, next), found[1]
	}
	if rest == "" {
		return completion{verb: last.verb, question: last.text}
	}
	next, fits := d.fill(rest, last)
	if !fits {
		return unfit("I cannot fit “%s” into the last question, “%s”; please ask in full", words, last.text)
	}
	return next
}

func onlyWord(s string) bool { return strings.TrimSpace(s) == "the" }

func (d *Desk) refilled(last frame, text string) frame { return d.frameOf(last.verb, text) }

// fill puts a State, an ordinal, a process or a topic into its place.
func (d *Desk) fill(rest string, last frame) (completion, bool) {
	whole := completion{verb: last.verb}
	switch {
	case onlyStates(rest):
		name := rest
		if states := search.StatesIn(rest); len(states) == 1 {
			name = states[0]
		}
		switch {
		case !empty(last.speaker):
			whole.question = last.with(last.speaker, name)
		case !empty(last.state):
			whole.question = last.with(last.state, name)
		case !empty(last.topic) && (last.verb == "" || last.verb == "quote") && empty(last.session):
			return asQuestion("What does " + name + " say about " + last.of(last.topic)), true
		default:
			return completion{}, false
		}
		return whole, true
	case bareTurn.MatchString(rest):
		if empty(last.ordinal) {
			return completion{}, false
		}
		found := bareTurn.FindStringSubmatch(rest)
		n, step := ordinal(last.of(last.ordinal)), 0
		switch strings.ToLower(found[1] + found[2]) {
		case "following", "after":
			step = 1
		case "previous", "before":
			step = -1
		}
		if step == 0 {
			whole.question = last.with(last.ordinal, strings.ToLower(found[1]))
			return whole, true
		}
		if n == 0 || n+step < 1 {
			return completion{}, false
		}
		whole.question = last.with(last.ordinal, numbered(n+step))
		return whole, true
	case !empty(d.processIn(rest)) && !empty(last.process):
		in := d.processIn(rest)
		whole.question = last.with(last.process, rest[in.From:in.To])
		return whole, true
	case isName(rest) && !empty(last.speaker):
		whole.question = last.with(last.speaker, rest)
		return whole, true
	}
	text, fits := last.on(rest)
	whole.question = text
	return whole, fits
}

// on is the question on another topic; false where it has no place for one.
func (f frame) on(topic string) (string, bool) {
	if empty(f.topic) {
		return "", false
	}
	return f.with(f.topic, topic), true
}

// inPeriod is the question for another time.
func (f frame) inPeriod(period string) string {
	if !wholly(periodForm, period) {
		preposition := "in"
		if !empty(f.period) {
			preposition, _, _ = strings.Cut(f.of(f.period), " ")
		}
		period = preposition + " " + period
	}
	if !empty(f.period) {
		return f.with(f.period, period)
	}
	text := strings.TrimRight(f.text, " ?.!")
	return text + " " + period + f.text[len(text):]
}

// isName says whether a text is the name of a person: words with a capital each,
// that are no short forms.
func isName(text string) bool {
	words := strings.Fields(text)
	for _, w := range words {
		r, size := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(r) || len(w) == size || w == strings.ToUpper(w) {
			return false
		}
	}
	return len(words) > 0 && len(words) <= 4
}

// numbered writes an ordinal: "10th".
func numbered(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
