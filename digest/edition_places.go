package digest

import (
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// part is one section of an edition.
type part struct {
	heading string
	noun    string // the key of what is under it, for counting
	facts   bot.Reply
	known   []time.Time // when the editions were due that said what is left out
	told    int         // what is under the changes instead
	none    string      // what stands there when there is nothing
	// dated is set where what is under it has a date: an edition of undated
	// expectations alone has nothing to say.
	dated bool
	// reminds is set for the days right ahead: what comes under that heading is
	// said again, though an earlier edition announced it.
	reminds bool
}

// places are the sections that the rows of the calendar go to, and the last days
// that they hold.
type places struct {
	week, later, dayless, eve, deadlines, undated part

	endOfWeek, horizon, lastDeadline time.Time
}

// places returns the sections with nothing in them.
func (b *issue) places() *places {
	// Days of the calendar are compared as days, whatever the zone of the room.
	today, w := calendar.FromTime(b.at).First(), b.words
	reach := max(b.days, deadlineDays)
	return &places{
		week:      part{heading: w.say("week"), noun: "date", dated: true, none: w.say("week.none"), reminds: true},
		later:     part{heading: w.count("next", b.days), noun: "session", dated: true, none: w.count("next.none", b.days)},
		dayless:   part{heading: w.say("dayless"), noun: "date", dated: true},
		eve:       part{heading: w.say("eve"), noun: "session", dated: true},
		deadlines: part{heading: w.count("deadlines", reach), noun: "deadline", dated: true},
		undated:   part{heading: w.say("undated"), noun: "expectation"},
		endOfWeek: today.AddDate(0, 0, 7), horizon: today.AddDate(0, 0, b.days), lastDeadline: today.AddDate(0, 0, reach),
	}
}

// of returns the section of a row that is ahead; nil where it is too far away. A
// session of which only the month is known is within reach where that month is.
func (p *places) of(s calendar.Session, eve bool) *part {
	first, toDay := s.Start.First(), s.Start.Precision() == calendar.ToDay
	deadline := s.Kind == calendar.KindDeadline
	switch {
	case toDay && !first.After(p.endOfWeek):
		return &p.week
	case deadline && !first.After(p.lastDeadline):
		return &p.deadlines
	case !deadline && toDay && !first.After(p.horizon):
		return &p.later
	case !deadline && !toDay && !first.After(p.horizon):
		return &p.dayless
	case eve:
		return &p.eve
	}
	return nil
}

// sessions sorts what the calendar holds into sections.
func (b *issue) sessions() {
	p, ahead := b.places(), map[string]bool{}
	for _, s := range b.calendar.Upcoming(b.at, b.at.AddDate(0, 0, farthestEve+1)) {
		to := p.of(s, b.isEveOf(s))
		if to == nil || !b.wanted(s.Process) {
			continue
		}
		ahead[s.ID] = true
		b.add(to, s)
		// What may yet fall into these days is not denied, nor is what is told as
		// changed.
		if to == &p.dayless {
			p.later.none = b.words.count("next.else", b.days)
		}
		if p.week.told > 0 || to == &p.dayless && !s.Start.First().After(p.endOfWeek) {
			p.week.none = b.words.say("week.else")
		}
	}
	for _, s := range b.calendar.Undated("", b.at) {
		if b.wanted(s.Process) {
			ahead[s.ID] = true
			b.add(&p.undated, s)
		}
	}
	b.parts = []part{p.week, p.later, p.dayless, p.eve, p.deadlines, p.undated}
	b.otherChanges(ahead)
}
