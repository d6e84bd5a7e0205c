package bot

import (
	"time"

	"rapporteur/corpus"
)

// Reply is what the bot says: blocks in their order. The zero Reply says
// nothing.
type Reply []Block

// Block is one part of a reply. The set is sealed, so that every platform draws
// all of it.
type Block interface{ isBlock() }

// Heading opens a part of a reply.
type Heading struct{ Text string }

// Paragraph is the bot's own prose: explanations, hints, a person's mistake. It
// never holds words of the record.
type Paragraph struct{ Text string }

// Lead is the one line a reader needs, where that is neither a quotation nor a
// fact but a sentence of the bot's own.
type Lead struct{ Text string }

// Quotation is a verbatim span of the record with all that is known of its
// origin. Its zero value draws nothing.
type Quotation struct{ corpus.Quotation }

// Fact is a dated statement from the calendar or the glossary.
type Fact struct {
	// ID is the row it comes from, such as "gm-dtg-2026".
	ID string
	// Text is the statement, one line.
	Text string
	// Source is the address of the page that says so.
	Source string
	// Checked is the ISO day on which that page was read.
	Checked string
	// Confidence is high, medium or low.
	Confidence string
	// Note qualifies the fact: "expected; no date is known", "checked 40 days
	// ago". Empty for none.
	Note string
	// Version names what the row of the calendar showed when the fact was made, so
	// that it can be put right; empty where it is no row. It draws nothing.
	Version string `json:",omitempty"`
	// Cited is the source line where it is not in English; it holds Source as it
	// is.
	Cited string
}

// Diff leads from words of the record to words somebody claims, edit by edit.
type Diff []Edit

// The operations of an [Edit].
const (
	// Equal words stand on both sides.
	Equal = "equal"
	// Delete words stand in the record alone.
	Delete = "delete"
	// Insert words stand in the claim alone.
	Insert = "insert"
)

// Edit is one step of a [Diff].
type Edit struct{ Op, Text string }

// List is a list of plain lines.
type List struct{ Items []string }

// Times is a list of lines that each tell of an instant. The line says the time in
// the zone that it belongs to; a platform that knows its reader's zone adds the
// time there.
type Times []Moment

// Moment is one line of [Times].
type Moment struct {
	// At is the instant; zero where the line tells of none.
	At time.Time
	// Text is the whole line, complete by itself.
	Text string
}

// Lines returns the lines.
func (t Times) Lines() []string {
	lines := make([]string, len(t))
	for i, m := range t {
		lines[i] = m.Text
	}
	return lines
}

// Refusal says that record and calendar do not hold what was asked for. A reply
// with a Refusal is not answered and holds neither quotations nor facts.
type Refusal struct{ Text string }

// Scope says what a reply rests on.
type Scope struct {
	// Documents and Passages count what was searched.
	Documents, Passages int
	// Version names the state of the corpus.
	Version string
	// AsOf is the ISO day that the reply is true for.
	AsOf string
	// Searched says in words where a refusal looked: documents, years,
	// languages, the calendar. Empty for an answer, which names its sources.
	Searched string
	// Said is the whole line where it is not in English.
	Said string
}

// Topic says what a reply answers, as a question that is complete by itself, for
// the memory of the conversation. It draws nothing, and [Server] takes it out
// before it posts.
type Topic struct{ Question string }

// Actions offers commands for what a reader may want next.
type Actions []Action

// Action is a button that IS a command: pressing it says the command.
type Action struct{ Label, Command string }

func (Heading) isBlock()   {}
func (Paragraph) isBlock() {}
func (Lead) isBlock()      {}
func (Quotation) isBlock() {}
func (Fact) isBlock()      {}
func (Diff) isBlock()      {}
func (List) isBlock()      {}
func (Times) isBlock()     {}
func (Refusal) isBlock()   {}
func (Scope) isBlock()     {}
func (Actions) isBlock()   {}
func (Topic) isBlock()     {}

// Say returns a reply of one paragraph.
func Say(text string) Reply { return Reply{Paragraph{Text: text}} }

// Answered says whether the reply answers: it says something and holds no
// [Refusal].
func (r Reply) Answered() bool {
	for _, b := range r {
		if _, refused := b.(Refusal); refused {
			return false
		}
	}
	return len(r) > 0
}

// Quotations returns the quotations of the reply in their order.
func (r Reply) Quotations() []Quotation { return only[Quotation](r) }

// Facts returns the facts of the reply in their order.
func (r Reply) Facts() []Fact { return only[Fact](r) }

// Scope returns what the reply rests on; the zero Scope where it does not say.
func (r Reply) Scope() Scope {
	for _, s := range only[Scope](r) {
		return s
	}
	return Scope{}
}

// Lead returns the one line a reader needs: the first lead, refusal, quotation
// (attributed) or fact; where there is none, the first paragraph.
func (r Reply) Lead() string {
	for _, b := range r {
		switch b := b.(type) {
		case Lead:
			return b.Text
		case Refusal:
			return b.Text
		case Quotation:
			return b.Attributed()
		case Fact:
			return b.line()
		}
	}
	for _, p := range only[Paragraph](r) {
		return p.Text
	}
	return ""
}

func only[B Block](r Reply) []B {
	var out []B
	for _, b := range r {
		if b, ok := b.(B); ok {
			out = append(out, b)
		}
	}
	return out
}
