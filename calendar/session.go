package calendar

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Status says what is known of a session.
type Status string

// The statuses.
const (
	// Held sessions took place, by a source.
	Held Status = "held"
	// PresumedHeld sessions had a day that has passed; no report was found.
	PresumedHeld Status = "presumed-held"
	// Scheduled sessions have a day that a source announces.
	Scheduled Status = "scheduled"
	// Expected sessions follow from a mandate or from practice; they have no day.
	Expected Status = "expected"
	// Postponed sessions did not take place on the day that is given.
	Postponed Status = "postponed"
	// Cancelled sessions did not take place.
	Cancelled Status = "cancelled"
	// Open is a matter without a closing day, such as a rolling sign-up.
	Open Status = "open"
	// Unknown says that nothing certain was found.
	Unknown Status = "unknown"
)

// KindDeadline is the Kind of a session that is a last day and not a meeting.
const KindDeadline = "deadline"

// Session is a session, a meeting or a deadline.
type Session struct {
	Fact
	// Process is the ID of the process that it belongs to.
	Process string
	Title   string
	Kind    string
	// Ordinal counts sessions of the same kind; it is 0 where nobody counts.
	Ordinal    int
	Start, End Date
	// Announced is the day by which its days, or that it is to come, were known,
	// where a source shows it; see [Calendar.Announced].
	Announced Date
	// City, Venue and Format are empty where no source names them.
	City, Venue, Format string
	// Status is as recorded on the day of checking; see StatusAt.
	Status Status
	// Chair is who led it, in words; Outcome is what came of it.
	Chair, Outcome      string
	PageURL, WebcastURL string
}

// When returns the days of the session in words: "7–11 December 2026".
func (s Session) When() string { return Span(s.Start, s.End) }

// LastDate returns when the session ends; it is the start where no end is known.
func (s Session) LastDate() Date {
	if s.End.IsZero() {
		return s.Start
	}
	return s.End
}

// StatusAt returns the status on at's day, as far as the calendar can tell. A
// session that took place was scheduled until its last day was over; one that is
// recorded as scheduled is presumed held afterwards, and of one that was expected
// nothing is known then.
func (s Session) StatusAt(at time.Time) Status {
	if s.Start.IsZero() && s.End.IsZero() {
		return s.Status
	}
	today, last := day(at), s.LastDate()
	over := last.Last().Before(today)
	switch s.Status {
	case Held, PresumedHeld:
		if s.Start.First().After(today) || last.Precision() == ToDay && !over {
			return Scheduled
		}
	case Scheduled:
		if over {
			return PresumedHeld
		}
	case Expected:
		if over {
			return Unknown
		}
	default:
	}
	return s.Status
}

// takesPlace reports whether the session was not called off.
func (s Session) takesPlace() bool { return s.Status != Postponed && s.Status != Cancelled }

// dated reports whether the session's start is known at least to the month.
func (s Session) dated() bool { return s.Start.Precision() >= ToMonth }

func (s Session) clone() Session {
	s.Fact = s.Fact.clone()
	return s
}

// Label returns the session's title with the process before it: "OEWG 2021–2025,
// eleventh and final substantive session".
func (c *Calendar) Label(s Session) string {
	p, ok := c.Process(s.Process)
	if !ok || strings.Contains(s.Title, p.Short) {
		return s.Title
	}
	return p.Short + ", " + inSentence(s.Title)
}

// inSentence writes a title as it stands in the middle of a sentence: with a small
// letter, unless it begins with a name or an abbreviation.
func inSentence(title string) string {
	word, _, _ := strings.Cut(title, " ")
	switch word {
	case "Arria-formula", "General", "Global":
		return title
	}
	first, size := utf8.DecodeRuneInString(title)
	second, _ := utf8.DecodeRuneInString(title[size:])
	if unicode.IsUpper(second) {
		return title
	}
	return string(unicode.ToLower(first)) + title[size:]
}
