package handlers

import (
	"context"
	"fmt"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// Desk answers from one state of the record and of the calendar. It is
// immutable and safe for concurrent use.
type Desk struct {
	search     *search.Engine
	calendar   *calendar.Calendar
	staleAfter time.Duration
	dated      []row
	memory     Memory // nil for none
}

// Memory is what outlives a message: what a conversation is about, and where the
// words of each quotation stood.
type Memory interface {
	// Recall returns the turns of the conversation that m continues, oldest
	// first, those of the last day.
	Recall(ctx context.Context, m bot.Message) ([]bot.Turn, error)
	// Give keeps a quotation and returns its code, the first of codes that no
	// other quotation has.
	Give(ctx context.Context, g bot.Given, codes []string) (string, error)
	// Lookup returns the quotations that code may mean, the likeliest first;
	// short is its beginning, as long as the shortest codes are.
	Lookup(ctx context.Context, short, code string) ([]bot.Given, error)
}

// New returns a desk. Facts whose source was checked longer ago than staleAfter
// say so.
func New(c *corpus.Corpus, cal *calendar.Calendar, staleAfter time.Duration) (*Desk, error) {
	senses := []search.Sense{{Short: "GA", Long: "General Assembly"}}
	for _, t := range cal.Terms() {
		senses = append(senses, search.Sense{Short: t.Term, Long: t.Expansion})
	}
	engine, err := search.New(c, senses)
	if err != nil {
		return nil, fmt.Errorf("index the corpus: %w", err)
	}
	d := &Desk{search: engine, calendar: cal, staleAfter: staleAfter}
	d.dated = d.readRows()
	return d, nil
}

// Remembering returns a desk that knows the same and has a memory.
func (d *Desk) Remembering(memory Memory) *Desk {
	with := *d
	with.memory = memory
	return &with
}

// Verbs returns the verbs the desk answers; free text goes to the first.
func (d *Desk) Verbs() []bot.Verb {
	return []bot.Verb{
		{
			Name: "ask", Usage: "ask QUESTION", Summary: "answer from the record and the calendar; \"ask\" may be left out",
			Examples: []string{"When did Russia first raise information security at the UN?", "Who chairs the Global Mechanism?"},
			Handler:  d.bounded(d.ask),
		},
		{
			Name: "quote", Usage: "quote TOPIC", Summary: "what was said on a topic, word for word",
			Examples: []string{"quote digital gap", "quote sovereignty"}, Handler: d.bounded(d.quote),
		},
		{
			Name: "verify", Usage: "verify TEXT", Summary: "whether the record holds these words, or those of the message you reply to: verbatim, altered, stitched, truncated, misattributed",
			Examples: []string{`verify "Those who believe themselves to be more advanced must impose anything on the others."`},
			Handler:  bot.HandlerFunc(d.verify),
		},
		{
			Name: "q", Usage: "q CODE", Summary: "the quotation of a code, word for word",
			Examples: []string{"q Q-5D5E21"}, Handler: d.bounded(d.code),
		},
		{
			Name: "when", Usage: "when PHRASE", Summary: "the dates that record and calendar give for a phrase", AlsoQuestion: true,
			Examples: []string{"when OEWG", "when Ad Hoc Committee"}, Handler: d.bounded(d.when),
		},
		{
			Name: "timeline", Usage: "timeline TOPIC", Summary: "the dated steps of a topic, in their order",
			Examples: []string{"timeline OEWG", "timeline cybercrime convention"}, Handler: d.bounded(d.timeline),
		},
		{
			Name: "upcoming", Usage: "upcoming [PROCESS] [30d]", Summary: "sessions and deadlines ahead",
			Examples: []string{"upcoming", "upcoming OEWG", "upcoming 30d"}, Handler: d.bounded(d.upcoming),
		},
		{
			Name: "next", Usage: "next [PROCESS]", Summary: "the next session", AlsoQuestion: true,
			Examples: []string{"next", "next Global Mechanism"}, Handler: d.bounded(d.next),
		},
		{
			Name: "glossary", Usage: "glossary [TERM]", Summary: "what a term or an acronym means",
			Examples: []string{"glossary APR", "glossary"}, Handler: d.bounded(d.glossary),
		},
	}
}

// scope says what a reply of the desk rests on.
func (d *Desk) scope(m bot.Message) bot.Scope {
	return bot.Scope{
		Documents: len(d.search.Corpus().Documents()), Passages: d.search.Corpus().Numbered(),
		Version: d.search.Corpus().Version(), AsOf: m.SentAt.Format(time.DateOnly),
	}
}

// refuse says that neither record nor calendar holds the answer, and why, with
// what was searched and the titles that came nearest.
func (d *Desk) refuse(m bot.Message, why string, nearest []string) bot.Reply {
	text := "Not in the corpus."
	if why != "" {
		text = "Not in the corpus: " + why + "."
	}
	scope := d.scope(m)
	scope.Searched = d.searched()
	reply := bot.Reply{bot.Refusal{Text: text}, scope}
	if len(nearest) > 0 {
		reply = append(reply, bot.Paragraph{Text: "Nearest by title:"}, bot.List{Items: nearest})
	}
	return reply
}

// fact makes a reply's fact of a row of the calendar.
func (d *Desk) fact(text string, row calendar.Fact, at time.Time, notes ...string) bot.Fact {
	return bot.Fact{
		ID: row.ID, Text: text, Source: row.Source(), Checked: row.Checked().ISO(),
		Confidence: string(row.Confidence), Note: calendar.Qualify(row, at, d.staleAfter, notes...),
	}
}

// session makes a fact of a session.
func (d *Desk) session(s calendar.Session, at time.Time) bot.Fact {
	return d.fact(d.calendar.Line(s, at), s.Fact, at, calendar.StatusNote(s, at))
}

// milestone makes a fact of a milestone.
func (d *Desk) milestone(ms calendar.Milestone, at time.Time) bot.Fact {
	text := ms.Date.String() + ": " + ms.Title
	if ms.Symbol != "" {
		text += " (" + ms.Symbol + ")"
	}
	return d.fact(text, ms.Fact, at)
}

// quotations makes blocks of what was found.
func quotations(found []corpus.Quotation) bot.Reply {
	var reply bot.Reply
	for _, q := range found {
		reply = append(reply, bot.Quotation{Quotation: q})
	}
	return reply
}
