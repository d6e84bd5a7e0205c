package calendar

import (
	"fmt"
	"strings"
	"time"
)

// Line says in one line what the session is, when and where, and how far off
// it is on at's day: "Global Mechanism, dedicated thematic group (DTG)
// meetings: 7–11 December 2026, in 14 days (10 working days)". Where the city is
// a duty station, its official holidays are no working days.
func (c *Calendar) Line(s Session, at time.Time) string {
	line := c.Label(s)
	if !s.Start.IsZero() || !s.End.IsZero() {
		line += ": " + s.When()
	}
	if s.City != "" {
		line += ", " + s.City
	}
	return line + c.Countdown(s.Start, s.End, s.City, at)
}

// Countdown says how far off the days from start to end are on at's day, as it
// stands at the end of a line: ", in 14 days (9 working days at UN New York)",
// ", today", ", under way"; nothing for days that have passed or are not known.
func (c *Calendar) Countdown(start, end Date, city string, at time.Time) string {
	if start.Precision() != ToDay {
		return ""
	}
	days := DaysUntil(at, start)
	switch {
	case days > 1:
		working, off := c.WorkingDays(at, start, city)
		station := ""
		if len(off) > 0 {
			station = " at UN " + off[0].Station
		}
		return fmt.Sprintf(", in %d days (%d working days%s)", days, working, station)
	case days == 1:
		return ", tomorrow"
	case days == 0:
		return ", today"
	case end.Precision() == ToDay && DaysUntil(at, end) >= 0:
		return ", under way"
	}
	return ""
}

// StatusNote says what is not certain about a session on at's day; empty for
// one that is scheduled or was held.
func StatusNote(s Session, at time.Time) string {
	switch s.StatusAt(at) {
	case Held, Scheduled:
		return ""
	case PresumedHeld:
		return "presumed held; no report found"
	case Expected:
		if s.Start.IsZero() {
			return "expected; no date is known"
		}
		return "expected; no day is known"
	case Postponed:
		return "postponed; it was not held then"
	case Cancelled:
		return "cancelled"
	case Open:
		return "open"
	default:
		return "nothing certain is known"
	}
}

// Qualify joins the notes on a fact that are not empty, and adds how long ago it
// was checked where that is longer than age.
func Qualify(f Fact, at time.Time, age time.Duration, notes ...string) string {
	kept := notes[:0:0]
	for _, n := range notes {
		if n != "" {
			kept = append(kept, n)
		}
	}
	if days, stale := Stale(f, at, age); stale {
		kept = append(kept, fmt.Sprintf("checked %d days ago", days))
	}
	return strings.Join(kept, "; ")
}

// Succession says in one line that a process has ended and what carries on its
// work: "The OEWG 2021–2025 ended on 11 July 2025; the Global Mechanism follows
// it." It is false for a process that has not ended on at's day or has no
// successor.
func (c *Calendar) Succession(id string, at time.Time) (string, bool) {
	f, ended := c.following(id, at)
	if !ended {
		return "", false
	}
	line := fmt.Sprintf("The %s ended %s; ", f.Ended.Short, f.Ended.End.On())
	if !f.Begun {
		return line + fmt.Sprintf("its successor, the %s, is to start %s.", f.Heir.Short, f.Heir.Start.On()), true
	}
	return line + fmt.Sprintf("the %s follows it.", f.Heir.Short), true
}

// Following is a process that has ended, and what carries on its work or, where
// that has not begun, is to.
type Following struct {
	Ended, Heir Process
	Begun       bool
}

func (c *Calendar) following(id string, at time.Time) (Following, bool) {
	p, known := c.Process(id)
	if !known || p.End.IsZero() || p.Successor == "" || !p.End.Last().Before(at) || Alive(p, at) {
		return Following{}, false
	}
	heir, begun := c.Heir(id, at)
	if !begun {
		if heir, known = c.Process(p.Successor); !known {
			return Following{}, false
		}
	}
	return Following{Ended: p, Heir: heir, Begun: begun}, true
}

// LatestFollowing returns the latest open-ended working group that has ended on
// at's day, with what follows it.
func (c *Calendar) LatestFollowing(at time.Time) (latest Following, found bool) {
	for _, p := range c.Processes() {
		if !strings.Contains(p.Kind, "working-group") {
			continue
		}
		if f, ended := c.following(p.ID, at); ended {
			latest, found = f, true
		}
	}
	return latest, found
}

// Successions returns the lines that a reader who asks for an open-ended
// working group needs on at's day: one for the latest group that has ended.
func (c *Calendar) Successions(at time.Time) []string {
	f, found := c.LatestFollowing(at)
	if !found {
		return nil
	}
	line, _ := c.Succession(f.Ended.ID, at)
	return []string{line}
}
