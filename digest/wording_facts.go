package digest

import (
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// line says in one line what a session is, when and where, and how far off.
func (p *Press) line(w *wording, s calendar.Session, at time.Time) string {
	if w.english() {
		return p.calendar.Line(s, at)
	}
	line := p.calendar.Label(s)
	if !s.Start.IsZero() || !s.End.IsZero() {
		line += ": " + w.span(s.Start, s.End)
	}
	return w.list(line, s.City) + w.countdown(p.calendar, s.Start, s.End, s.City, at)
}

// countdown is [calendar.Calendar.Countdown] in the language.
func (w *wording) countdown(cal *calendar.Calendar, start, end calendar.Date, city string, at time.Time) string {
	if w.english() {
		return cal.Countdown(start, end, city, at)
	}
	if start.Precision() != calendar.ToDay {
		return ""
	}
	days := calendar.DaysUntil(at, start)
	switch {
	case days > 1:
		working, off := cal.WorkingDays(at, start, city)
		text := w.count("working.days", working)
		if len(off) > 0 {
			text = w.count("working.days.at", working, "station", off[0].Station)
		}
		return w.behind(w.count("in", days, "working", text))
	case days == 1:
		return w.behind(w.say("tomorrow"))
	case days == 0:
		return w.behind(w.say("today"))
	case end.Precision() == calendar.ToDay && calendar.DaysUntil(at, end) >= 0:
		return w.behind(w.say("under.way"))
	}
	return ""
}

// statusNote is [calendar.StatusNote] in the language. Of a session that is certain
// but for its day it says that.
func (w *wording) statusNote(s calendar.Session, at time.Time) string {
	status := s.StatusAt(at)
	certain := status == calendar.Held || status == calendar.Scheduled
	if certain && !s.Start.IsZero() && s.Start.Precision() != calendar.ToDay && !s.LastDate().Last().Before(calendar.FromTime(at).First()) {
		return w.say("no.day")
	}
	if w.english() {
		return calendar.StatusNote(s, at)
	}
	switch status {
	case calendar.Held, calendar.Scheduled:
		return ""
	case calendar.Expected:
		if s.Start.IsZero() {
			return w.say("expected.no.date")
		}
		return w.say("expected.no.day")
	default:
		return w.or(string(status), w.say("unknown"))
	}
}

// qualify is [calendar.Qualify] in the language.
func (w *wording) qualify(f calendar.Fact, at time.Time, age time.Duration, notes ...string) string {
	if w.english() {
		return calendar.Qualify(f, at, age, notes...)
	}
	kept := notes[:0:0]
	for _, n := range notes {
		if n != "" {
			kept = append(kept, n)
		}
	}
	if days, stale := calendar.Stale(f, at, age); stale {
		kept = append(kept, w.count("checked.ago", days))
	}
	return strings.Join(kept, "; ")
}

// fact shows a session in the words of a language.
func (p *Press) fact(w *wording, s calendar.Session, at time.Time) bot.Fact {
	return w.cite(bot.Fact{
		ID: s.ID, Text: p.line(w, s, at), Source: s.Source(), Checked: s.Checked().ISO(),
		Confidence: string(s.Confidence), Note: w.qualify(s.Fact, at, p.staleAfter, w.statusNote(s, at)),
	})
}

// changes says what a row was and is, each field that differs by itself.
func (w *wording) changes(was, now calendar.Shown) []string {
	var out []string
	for _, d := range calendar.Differences(was, now) {
		d = w.difference(d, was, now)
		out = append(out, w.say("change", "field", d.Field, "was", d.Was, "now", d.Now))
	}
	return out
}

// difference writes what differs between two states of a row in the language.
func (w *wording) difference(d calendar.Difference, was, now calendar.Shown) calendar.Difference {
	if w.english() {
		return d
	}
	known := func(s string) string {
		if s == "" {
			return w.say("not.known")
		}
		return s
	}
	switch d.Field {
	case "row":
		if was.Row == "" {
			return calendar.Difference{Field: w.say("field.date"), Was: w.say("gone"), Now: w.shownSpan(now)}
		}
		return calendar.Difference{Field: w.say("field.date"), Was: w.shownSpan(was), Now: w.say("gone")}
	case "date":
		d.Was, d.Now = w.shownSpan(was), w.shownSpan(now)
	case "place":
		d.Was, d.Now = known(w.list(was.Venue, was.City)), known(w.list(now.Venue, now.City))
	case "status":
		d.Was, d.Now = known(w.or("state."+was.State, was.State)), known(w.or("state."+now.State, now.State))
	}
	d.Field = w.or("field."+d.Field, d.Field)
	return d
}

// shownSpan writes the dates of a row as it was shown.
func (w *wording) shownSpan(s calendar.Shown) string {
	start, _ := calendar.ParseDate(s.Start) // written by ISO
	end, _ := calendar.ParseDate(s.End)
	return w.span(start, end)
}
