package digest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

// Edition is one issue of a digest for one room.
type Edition struct {
	// Subscription is what the room asked for.
	Subscription bot.Subscription
	// Slot is the civil time that names the edition, such as "2026-11-30T08:00".
	Slot string
	// Due is the instant the edition was due; Now is when it is written.
	Due, Now time.Time
	// Late is how much later than due it goes out; 0 when it is on time.
	Late time.Duration
}

// Days an edition looks ahead: for sessions, where the subscription does not
// say, and for deadlines.
const (
	leadDays     = 30
	deadlineDays = 60
)

// Press writes editions from the calendar and the record. It is immutable and
// safe for concurrent use.
type Press struct {
	calendar   *calendar.Calendar
	corpus     *corpus.Corpus
	staleAfter time.Duration
}

// NewPress returns a press. Facts checked longer ago than staleAfter say so.
func NewPress(cal *calendar.Calendar, c *corpus.Corpus, staleAfter time.Duration) *Press {
	return &Press{calendar: cal, corpus: c, staleAfter: staleAfter}
}

// Write returns the edition: what follows a group that has ended, this week, the
// next thirty days, deadlines, and what is expected without a date. It depends
// on nothing but the edition, so that a repeated edition is the same.
func (p *Press) Write(_ context.Context, e Edition) (bot.Reply, error) {
	at := e.Due
	if at.IsZero() {
		at = e.Now
	}
	reply := bot.Reply{bot.Heading{Text: "International information security at the UN: " + calendar.FromTime(at).String()}}
	if e.Late > 0 {
		reply = append(reply, bot.Paragraph{Text: "Delayed by " + duration(e.Late) + ": it was due at " + at.UTC().Format("15:04 UTC on 2 January 2006") + "."})
	}
	for _, line := range p.calendar.Successions(at) {
		reply = append(reply, bot.Paragraph{Text: line})
	}
	wanted := p.wanted(e.Subscription, at)
	days := LeadDays(e.Subscription.Options, leadDays)
	week, horizon := at.AddDate(0, 0, 7), at.AddDate(0, 0, days)
	var thisWeek, later, deadlines bot.Reply
	for _, s := range p.calendar.Upcoming(at, at.AddDate(0, 0, max(days, deadlineDays))) {
		switch f := p.fact(s, at); {
		case !wanted(s.Process):
		case s.Kind == calendar.KindDeadline:
			deadlines = append(deadlines, f)
		case s.Start.Precision() != calendar.ToDay || s.Start.First().After(horizon):
		case s.Start.First().After(week):
			later = append(later, f)
		default:
			thisWeek = append(thisWeek, f)
		}
	}
	var undated bot.Reply
	for _, s := range p.calendar.Undated("", at) {
		if wanted(s.Process) {
			undated = append(undated, p.fact(s, at))
		}
	}
	if len(thisWeek)+len(later)+len(deadlines) == 0 {
		switch e.Subscription.Options[OptionEmpty] {
		case EmptySkip:
			return nil, nil
		case EmptyShort:
			return bot.Reply{bot.Paragraph{Text: fmt.Sprintf("International information security at the UN, %s: no session and no deadline in the next %d days.", calendar.FromTime(at), days)}}, nil
		}
	}
	reply = section(reply, "This week", thisWeek, "No session in the next seven days.")
	reply = section(reply, fmt.Sprintf("Next %d days", days), later, fmt.Sprintf("No further session in the next %d days.", days))
	reply = section(reply, fmt.Sprintf("Deadlines in the next %d days", max(days, deadlineDays)), deadlines, "")
	reply = section(reply, "Expected, without a date", undated, "")
	return append(reply, bot.Scope{
		Documents: len(p.corpus.Documents()), Passages: p.corpus.Numbered(), Version: p.corpus.Version(), AsOf: at.Format(time.DateOnly),
	}), nil
}

func section(reply bot.Reply, heading string, facts bot.Reply, none string) bot.Reply {
	switch {
	case len(facts) > 0:
		return append(append(reply, bot.Heading{Text: heading}), facts...)
	case none != "":
		return append(reply, bot.Heading{Text: heading}, bot.Paragraph{Text: none})
	}
	return reply
}

// wanted says which processes a subscription asks for: all where it names no
// topic, else the named ones and what carries on their work.
func (p *Press) wanted(sub bot.Subscription, at time.Time) func(process string) bool {
	topics := Topics(sub.Options)
	if len(topics) == 0 {
		return func(string) bool { return true }
	}
	ids := map[string]bool{}
	for _, topic := range topics {
		for _, process := range p.calendar.Named(topic) {
			ids[process.ID] = true
			if heir, alive := p.calendar.Heir(process.ID, at); alive {
				ids[heir.ID] = true
			}
		}
	}
	return func(process string) bool { return ids[process] }
}

func (p *Press) fact(s calendar.Session, at time.Time) bot.Fact {
	return bot.Fact{
		ID: s.ID, Text: p.calendar.Line(s, at), Source: s.Source(), Checked: s.Checked().ISO(),
		Confidence: string(s.Confidence), Note: calendar.Qualify(s.Fact, at, p.staleAfter, calendar.StatusNote(s, at)),
	}
}

// duration writes "1 h 10 min".
func duration(d time.Duration) string {
	d = d.Round(time.Minute)
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d min", max(m, 1))
	case m == 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}

// Verb returns the verb that shows the edition of the day it is asked on. It
// shows; it never posts anywhere else.
func (p *Press) Verb() bot.Verb {
	return bot.Verb{
		Name: "digest", Usage: "digest [TOPICS]", Summary: "today's edition of the digest, here and now",
		Examples: []string{"digest", "digest Global Mechanism"},
		Handler: bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
			topics := strings.TrimSpace(m.Text)
			if topics != "" && len(p.calendar.Named(topics)) == 0 {
				return bot.Say(fmt.Sprintf("I know no process called %q. Try: digest Global Mechanism", topics)), nil
			}
			return p.Write(ctx, Edition{Subscription: bot.Subscription{Options: map[string]string{OptionTopics: topics}}, Due: m.SentAt, Now: m.SentAt})
		}),
	}
}
