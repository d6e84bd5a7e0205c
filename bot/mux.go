package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Verb is a command that people can type.
type Verb struct {
	// Name is the word that calls it; Aliases are other words for it.
	Name    string
	Aliases []string
	// Usage is the command with its arguments, such as "quote TOPIC".
	Usage string
	// Summary says in one line what it does.
	Summary string
	// Examples are complete commands.
	Examples []string
	// AlsoQuestion is set for a verb that opens questions too: "when OEWG" is
	// the command, "When was the OEWG launched?" is a question.
	AlsoQuestion bool
	// Numbered is set for a verb that stands alone or before a number: "no" and "no
	// 3" are the command, "No sanctions since 2015?" is a question.
	Numbered bool
	// Manages is set for a verb that changes what the room gets: platforms leave it
	// to those who may change the room.
	Manages bool
	// Administers is set for a verb by which administrators, whom the verb knows,
	// change something for everybody.
	Administers bool
	// Handler answers; it gets the text after the verb.
	Handler Handler
}

// Mux hands each message to the verb it begins with, and free text to the first
// verb. It answers "help" itself, from the verbs it has.
type Mux struct {
	verbs  []Verb
	byName map[string]int
}

// NewMux returns a Mux for the verbs, the first of which takes free text. It
// returns an error when two verbs share a word or there is none.
func NewMux(verbs ...Verb) (*Mux, error) {
	m := &Mux{byName: map[string]int{}}
	if len(verbs) == 0 {
		return nil, errors.New("no verbs")
	}
	help := Verb{
		Name: "help", Aliases: []string{"hello", "hi", "?"}, Usage: "help [VERB]",
		Summary: "what I can do, or how one verb works", Examples: []string{"help", "help quote"},
	}
	help.Handler = HandlerFunc(m.help)
	m.verbs = append(slices.Clone(verbs), help)
	for i, v := range m.verbs {
		for _, word := range append([]string{v.Name}, v.Aliases...) {
			if j, taken := m.byName[word]; taken {
				return nil, fmt.Errorf("verb %q belongs to %s and %s", word, m.verbs[j].Name, v.Name)
			}
			m.byName[word] = i
		}
	}
	return m, nil
}

// Answer finds the verb and lets it answer.
func (m *Mux) Answer(ctx context.Context, msg Message) (Reply, error) {
	verb, rest := m.Parse(msg.Text)
	msg.Text = rest
	return verb.Handler.Answer(ctx, msg)
}

// Parse parts a text into its verb and the rest. A text that begins with no
// verb belongs whole to the first verb.
func (m *Mux) Parse(text string) (Verb, string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return m.verbs[len(m.verbs)-1], "" // help
	}
	word, rest := text, ""
	if at := strings.IndexFunc(text, unicode.IsSpace); at >= 0 {
		word, rest = text[:at], strings.TrimSpace(text[at:])
	}
	i, known := m.byName[strings.ToLower(strings.TrimRight(word, ":!.,"))]
	if !known || (m.verbs[i].AlsoQuestion && isQuestion(rest)) || (m.verbs[i].Numbered && !isNumber(rest)) {
		return m.verbs[0], text
	}
	return m.verbs[i], rest
}

// isNumber says whether what follows a verb is a number such as "3" and "#3.", or
// nothing.
func isNumber(rest string) bool {
	rest = strings.TrimRight(strings.TrimPrefix(rest, "#"), ".!")
	return strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// isQuestion says whether what follows a question word makes a question.
func isQuestion(rest string) bool {
	if strings.HasSuffix(rest, "?") {
		return true
	}
	word, _, _ := strings.Cut(strings.ToLower(rest), " ")
	switch word {
	case "is", "are", "was", "were", "did", "do", "does", "will", "would", "has", "have", "had", "can", "could", "should", "must":
		return true
	}
	return false
}

// help lists the verbs, or explains one.
func (m *Mux) help(_ context.Context, msg Message) (Reply, error) {
	asked := strings.ToLower(strings.TrimSpace(msg.Text))
	if i, known := m.byName[asked]; known && asked != "" {
		v := m.verbs[i]
		return Reply{
			Heading{Text: v.Usage},
			Paragraph{Text: upper(v.Summary) + "."},
			List{Items: v.Examples},
		}, nil
	}
	items := make([]string, len(m.verbs))
	for i, v := range m.verbs {
		items[i] = v.Usage + " — " + v.Summary
	}
	reply := Reply{
		Heading{Text: "What I can do"},
		List{Items: items},
		Paragraph{Text: "Every quotation is a verbatim span of the passage it cites. What the record and the calendar do not hold I answer with \"not in the corpus\". Positions are their speakers' own; I endorse none. For one verb: help VERB."},
	}
	if asked != "" {
		reply = append(Reply{Paragraph{Text: fmt.Sprintf("There is no verb %q. These are the verbs I know.", asked)}}, reply...)
	}
	return reply, nil
}

func upper(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}

// Verbs returns the verbs in the order of the help. The slice must not be
// changed.
func (m *Mux) Verbs() []Verb { return m.verbs }
