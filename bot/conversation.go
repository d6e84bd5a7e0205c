package bot

import (
	"strings"
	"time"

	"rapporteur/corpus"
)

// ConversationAge is how long a conversation is remembered: what was said longer
// ago is neither used nor kept.
const ConversationAge = 24 * time.Hour

// Turn is one exchange of a conversation as it is remembered.
type Turn struct {
	// Question is what was answered, complete by itself: "When was the eighth
	// session of the OEWG?" where the person said "and the eighth?". Empty
	// where the message was no question.
	Question string
	// Said names what the answer gave: the codes of its quotations, and its
	// facts as "fact:" and their ID.
	Said []string
	// At is when the person said it.
	At time.Time
}

// IsZero says whether there is nothing in the turn to remember.
func (t Turn) IsZero() bool { return t.Question == "" && len(t.Said) == 0 }

// FactName is how a [Turn] names a fact.
func FactName(f Fact) string { return "fact:" + f.ID }

// turn parts a reply into what is posted and what is remembered of it.
func (r Reply) turn(m Message) (Reply, Turn) {
	t := Turn{At: m.SentAt}
	var posted Reply
	for _, b := range r {
		switch b := b.(type) {
		case Topic:
			t.Question = b.Question
			continue
		case Quotation:
			t.Said = append(t.Said, b.Code())
		case Fact:
			t.Said = append(t.Said, FactName(b))
		}
		posted = append(posted, b)
	}
	return posted, t
}

// Given is a quotation that was given under a code: enough to find it again.
type Given struct {
	// Place is where the words stood.
	corpus.Place
	// Code is the code it has.
	Code string
	// At is when it was first given.
	At time.Time
}

// CutQuoted parts a text into the person's own lines and those that quote
// somebody, which begin with ">".
func CutQuoted(text string) (own, quoted string) {
	if !strings.Contains(text, ">") {
		return text, ""
	}
	var mine, theirs []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if rest, found := strings.CutPrefix(strings.TrimSpace(line), ">"); found {
			theirs = append(theirs, strings.TrimSpace(strings.TrimLeft(rest, "> ")))
			continue
		}
		mine = append(mine, line)
	}
	if len(theirs) == 0 {
		return text, ""
	}
	return strings.TrimSpace(strings.Join(mine, "\n")), strings.TrimSpace(strings.Join(theirs, "\n"))
}
