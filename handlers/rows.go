package handlers

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/search"
)

// The words that tell what a question is about.
const (
	boundWord lexicon = `start started starts begin began begins launch launched kick kicked off create created establish established set up end ended ends finish finished conclude concluded expire expired close closed over work wound exist exists since founded`
)

// leastShare of a question's words must stand in a row that answers it.
const leastShare = 0.8

// rows returns the rows of the calendar that answer a question for a time: the
// milestones and sessions that hold nearly all its words, best first, at most
// two; else the beginning or the end of the process it names.
func (d *Desk) rows(m bot.Message, q search.Question) bot.Reply {
	if q.Wanted != search.ATime || strings.HasPrefix(strings.ToLower(q.Text), "by when") { // a deadline is the record's to give
		return nil
	}
	if of := d.bounds(m, q); len(of) > 0 && d.onlyBounds(q.Text) {
		return of
	}
	terms := search.Terms(q.Text)
	type match struct {
		share float64
		fact  bot.Fact
	}
	var best []match
	for _, r := range d.dated {
		if s := share(terms, r.stems); s >= leastShare && r.holdsAll(q) {
			if fact, holds := r.fact(m.SentAt); holds {
				best = append(best, match{s, fact})
			}
		}
	}
	slices.SortStableFunc(best, func(a, b match) int { return cmp.Compare(b.share, a.share) })
	var reply bot.Reply
	for _, b := range best {
		if len(reply) < 2 && b.share == best[0].share {
			reply = append(reply, b.fact)
		}
	}
	if len(reply) > 0 {
		return reply
	}
	return d.bounds(m, q)
}

// bounds answers when a process began or ended.
func (d *Desk) bounds(m bot.Message, q search.Question) bot.Reply {
	lower := strings.ToLower(q.Text)
	named := d.calendar.Named(q.Text)
	if len(named) == 0 {
		return nil
	}
	any := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(lower, w) })
	}
	began := any("start", "begin", "began", "launch", "kick", "exist", "created", "established", "set up")
	founded := any("created", "established", "set up", "founded")
	ended := any(" end", "finish", "conclude", "expire", "close", "over?")
	var reply bot.Reply
	for _, p := range named {
		switch {
		case !d.concerns(p, q) || !d.calendar.Decided(p, m.SentAt):
		case !p.Start.IsZero() && p.Start.First().After(m.SentAt):
		case began && !p.Start.IsZero():
			if founded {
				reply = append(reply, d.founding(inquiry{Message: m, named: []calendar.Process{p}}, nil)...)
			}
			reply = append(reply, d.fact("The "+p.Short+" began: "+p.Start.String(), p.Fact, m.SentAt))
		case ended && !p.End.IsZero() && p.End.Last().Before(m.SentAt):
			reply = append(reply, d.fact("The "+p.Short+" ended: "+p.End.String(), p.Fact, m.SentAt))
		}
	}
	return reply
}

// onlyBounds says whether a question asks for the beginning or the end of a
// process and for nothing else.
func (d *Desk) onlyBounds(question string) bool {
	return !slices.ContainsFunc(d.calendar.Unnamed(yearsOfGroup(question)), func(w string) bool { return !filler(w) && !boundWord.has(w) })
}

// concerns says whether the process is one of every State the question names.
func (d *Desk) concerns(p calendar.Process, q search.Question) bool {
	have := search.StatesIn(d.processText(p.ID))
	return !slices.ContainsFunc(q.States, func(s string) bool { return !slices.Contains(have, s) })
}

// row is a dated row of the calendar, read for matching.
type row struct {
	stems  map[string]bool
	text   string
	states []string
	// fact makes the reply's fact, as known at a time; false where the row says
	// nothing then.
	fact func(at time.Time) (bot.Fact, bool)
}

// readRows reads the sessions and milestones that have a date.
func (d *Desk) readRows() []row {
	var rows []row
	add := func(text string, fact func(at time.Time) (bot.Fact, bool)) {
		rows = append(rows, row{text: text, states: search.StatesIn(text), stems: stems(text), fact: fact})
	}
	for _, s := range d.calendar.Sessions() {
		if s.Start.IsZero() {
			continue
		}
		add(d.sessionText(s), func(at time.Time) (bot.Fact, bool) {
			status := s.StatusAt(at)
			return d.session(s, at), d.calendar.Announced(s, at) && status != calendar.Postponed && status != calendar.Cancelled
		})
	}
	for _, ms := range d.calendar.Milestones() {
		add(d.milestoneText(ms), func(at time.Time) (bot.Fact, bool) { return d.milestone(ms, at), happened(ms, at) })
	}
	return rows
}

// happened says whether a milestone was known on a day: it had come, or was due.
func happened(ms calendar.Milestone, at time.Time) bool { return ms.Happened(at) || ms.Announced(at) }

// holdsAll says whether the row holds every State and number the question
// names.
func (r row) holdsAll(q search.Question) bool {
	for _, s := range q.States {
		if !slices.Contains(r.states, s) {
			return false
		}
	}
	for _, n := range slices.Concat(q.Numbers, q.Dates) {
		if !strings.Contains(r.text, n) {
			return false
		}
	}
	return true
}

// share is the part of the terms that is among the stems.
func share(terms []string, stems map[string]bool) float64 {
	if len(terms) == 0 {
		return 0
	}
	n := 0
	for _, t := range terms {
		if stems[t] {
			n++
		}
	}
	return float64(n) / float64(len(terms))
}

func (d *Desk) milestoneText(ms calendar.Milestone) string {
	return strings.Join([]string{ms.Title, ms.Kind, ms.Symbol, ms.Date.String(), d.processText(ms.Process), "take place meet hold"}, " ")
}

func (d *Desk) sessionText(s calendar.Session) string {
	return strings.Join([]string{d.calendar.Label(s), s.Kind, s.When(), s.City, d.processText(s.Process), "take place meet hold"}, " ")
}

func (d *Desk) processText(id string) string {
	p, known := d.calendar.Process(id)
	if !known {
		return ""
	}
	return p.Short + " " + p.Name + " " + strings.Join(p.Aliases, " ")
}
