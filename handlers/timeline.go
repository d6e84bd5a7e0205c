package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/search"
)

// timelineStep is one entry of a timeline: an expression of the record or a row of the
// calendar. One without a date is listed apart.
type timelineStep struct {
	date calendar.Date
	// label says which time it is and how it is known; empty for a fact, which
	// says so itself.
	label     string
	quotation corpus.Quotation
	fact      bot.Fact
}

// timeline returns the dated steps of a topic, from record and calendar in one
// order of time, and after them what has no date.
func (d *Desk) timeline(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return d.asOf(ctx, m, d.steps)
}

func (d *Desk) steps(_ context.Context, m bot.Message) (bot.Reply, error) {
	topic := strings.TrimSpace(m.Text)
	if topic == "" {
		return bot.Say("Name a topic, for example: timeline OEWG"), nil
	}
	found := d.search.Quotes(topic, mostRead)
	said := dated(continued(found.Quotations, m.SentAt), m.SentAt)
	said = said[:min(len(said), mostTimeline)]
	entries := append(recorded(said), d.milestones(topic, m)...)
	if len(entries) == 0 {
		return d.refuse(m, found.Why, found.Nearest), nil
	}
	slices.SortStableFunc(entries, func(a, b timelineStep) int { return a.date.Compare(b.date) })
	undated := slices.IndexFunc(entries, func(e timelineStep) bool { return e.date.IsZero() })
	if undated < 0 {
		undated = len(entries)
	}
	shown := map[string]bool{}
	reply := draw(entries[:undated], shown)
	if undated < len(entries) {
		reply = append(append(reply, bot.Heading{Text: "Without a date"}), draw(entries[undated:], shown)...)
	}
	reply = append(reply, ownDates(said)...)
	return append(reply, d.scope(m)), nil
}

// continued adds to quotations on a topic, where one names no time, the sentence
// that follows it in its paragraph: "The reports cover the rules. Their first list
// was adopted in 2018." One that is there already is not added.
func continued(quotations []corpus.Quotation, at time.Time) []corpus.Quotation {
	out := slices.Clone(quotations)
	for _, q := range quotations {
		if len(dated([]corpus.Quotation{q}, at)) > 0 {
			continue
		}
		p := q.Passage()
		end := strings.Index(p.Text, q.Text()) + len(q.Text())
		for _, s := range search.Sentences(p.Text[end:]) {
			next, err := p.Quote(end+s.From, end+s.To)
			if err == nil && !slices.ContainsFunc(out, func(o corpus.Quotation) bool {
				return o.Passage().ID == p.ID && (strings.Contains(o.Text(), next.Text()) || strings.Contains(next.Text(), o.Text()))
			}) {
				out = append(out, next)
			}
			break
		}
	}
	return out
}

// recorded makes an entry of each expression of the record.
func recorded(said []datedSentence) []timelineStep {
	var out []timelineStep
	for _, s := range said {
		for _, e := range s.expressions {
			date, how := s.describe(e)
			label := date + " — " + how
			if p := s.quotation.Passage().Para; p > 0 {
				label += ", ¶" + strconv.Itoa(p)
			}
			out = append(out, timelineStep{date: e.Sorting(), label: label, quotation: s.quotation})
		}
	}
	return out
}

// milestones makes entries of the calendar's milestones on a topic, and of those
// sessions to come of which no date is known.
func (d *Desk) milestones(topic string, m bot.Message) []timelineStep {
	processes := d.calendar.Named(topic)
	of := func(id string) bool {
		return slices.ContainsFunc(processes, func(p calendar.Process) bool { return p.ID == id })
	}
	terms := search.Terms(topic)
	var out []timelineStep
	for _, ms := range d.calendar.Milestones() {
		about := of(ms.Process) || len(processes) == 0 && share(terms, stems(d.milestoneText(ms))) == 1
		if !about || !happened(ms, m.SentAt) {
			continue
		}
		text := fmt.Sprintf("%s (%s precision): %s", ms.Date, ms.Date.Precision(), ms.Title)
		if ms.Date.IsZero() {
			text = "No date known: " + ms.Title
		}
		if ms.Symbol != "" {
			text += " (" + ms.Symbol + ")"
		}
		out = append(out, timelineStep{date: ms.Date, fact: d.fact(text+" — from the calendar", ms.Fact, m.SentAt)})
	}
	for _, p := range processes {
		for _, s := range d.calendar.Undated(p.ID, m.SentAt) {
			out = append(out, timelineStep{fact: d.session(s, m.SentAt)})
		}
	}
	return out
}

// draw writes entries in their order. A sentence that dates several is quoted
// once.
func draw(entries []timelineStep, shown map[string]bool) bot.Reply {
	var reply bot.Reply
	for _, e := range entries {
		place := e.quotation.Passage().ID + "\x00" + e.quotation.Text()
		switch {
		case e.label == "":
			reply = append(reply, e.fact)
		case shown[place]:
			reply = append(reply, bot.Paragraph{Text: e.label + ", " + bot.Quotation{Quotation: e.quotation}.Owner() + ", quoted above"})
		default:
			shown[place] = true
			reply = append(reply, bot.Lead{Text: e.label}, bot.Quotation{Quotation: e.quotation})
		}
	}
	return reply
}

func stems(text string) map[string]bool {
	out := map[string]bool{}
	for _, t := range search.Terms(text) {
		out[t] = true
	}
	return out
}
