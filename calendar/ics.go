package calendar

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Revision is how often what is shown of a row has changed, and when it last did.
type Revision struct {
	// Sequence counts the changes.
	Sequence int
	// Changed is when the last of them was seen.
	Changed time.Time
	// Last is what the row showed when it was last in the calendar.
	Last Shown
	// Gone is set where the row is no longer in the calendar.
	Gone bool
	// Dated is what a row that has no day any more showed when it had one: it is
	// told as cancelled. The zero value is for all other rows.
	Dated Shown
}

// Feed says what goes into an iCalendar file.
type Feed struct {
	// Name is what calendar programs call it.
	Name string
	// Sessions are the sessions and deadlines in it. Those whose day is not known
	// are left out: an event without a day is none.
	Sessions []Session
	// Revisions tells how often each row has changed, by its ID. A row without
	// one has never changed.
	Revisions map[string]Revision
	// Processes, where it is not nil, says of which processes the rows that are
	// gone are told as cancelled.
	Processes func(id string) bool
}

// ICSType is the media type of an iCalendar file.
const ICSType = "text/calendar; charset=utf-8"

const (
	icsDomain  = "@rapporteur"
	icsProduct = "-//rapporteur//UN calendar of international information security//EN"
)

// ICS writes sessions and deadlines as an iCalendar file (RFC 5545): an event of
// whole days for each, under an identifier that is made from the row's ID and
// never changes, with its SEQUENCE. The same input gives the same bytes.
func (c *Calendar) ICS(f Feed) ([]byte, error) {
	out := ics.NewCalendar()
	out.SetProductId(icsProduct)
	out.SetMethod(ics.MethodPublish)
	out.SetCalscale("GREGORIAN")
	out.SetName(f.Name)
	out.SetXWRCalName(f.Name)
	out.SetRefreshInterval("PT6H")
	out.SetXPublishedTTL("PT6H")
	var (
		events []*ics.VEvent
		zones  = zoneUse{}
	)
	for _, s := range f.Sessions {
		revision, known := f.Revisions[s.ID]
		if !known {
			revision.Changed = s.Checked().First()
		}
		if revision.Gone { // told below
			continue
		}
		// The number belongs to what was registered, whatever this file says.
		if last, is := c.AsShown(revision.Last); is && revision.Last.Version() != c.shownSession(s).Version() {
			s = last
		}
		shown := c.shownSession(s)
		if s.Start.Precision() != ToDay {
			continue
		}
		e := event(shown, s.Start, s.LastDate(), revision, c.processName(s.Process))
		e.SetDescription(description(s))
		if s.PageURL != "" {
			e.SetURL(s.PageURL)
		} else if s.Source() != "" {
			e.SetURL(s.Source())
		}
		events = append(events, e)
		zones.add(s.City, s.Start, s.LastDate())
	}
	for _, id := range sortedKeys(f.Revisions) {
		if f.Processes == nil {
			break
		}
		if e := c.struck(f.Revisions[id], f.Processes); e != nil {
			events = append(events, e)
		}
	}
	for _, z := range zones.components() {
		out.AddVTimezone(z)
	}
	for _, e := range events {
		out.AddVEvent(e)
	}
	var data bytes.Buffer
	if err := out.SerializeTo(&data, ics.WithNewLine("\r\n")); err != nil {
		return nil, fmt.Errorf("write the calendar file: %w", err)
	}
	return data.Bytes(), nil
}

// struck returns the event that cancels a row that is gone, or that has no day any
// more; nil where there is nothing to cancel.
func (c *Calendar) struck(r Revision, wanted func(process string) bool) *ics.VEvent {
	was, why := r.Last, "No longer in the calendar."
	if !r.Gone {
		was, why = r.Dated, "No day is known any more."
	}
	start, _ := ParseDate(was.Start) // written by ISO
	end, _ := ParseDate(was.End)
	if !wanted(was.Process) || start.Precision() != ToDay || was.Kind == "milestone" || was.Kind == "process" {
		return nil
	}
	if end.IsZero() {
		end = start
	}
	was.State = string(Cancelled)
	e := event(was, start, end, r, c.processName(was.Process))
	e.SetDescription(why)
	return e
}

func (c *Calendar) processName(id string) string {
	p, _ := c.Process(id)
	return p.Short
}

// event is what all events have.
func event(s Shown, start, end Date, r Revision, process string) *ics.VEvent {
	e := ics.NewEvent(s.Row + icsDomain)
	e.SetDtStampTime(r.Changed)
	e.SetLastModifiedAt(r.Changed)
	e.SetSequence(r.Sequence)
	e.SetAllDayStartAt(start.First())
	last := end
	if last.Precision() != ToDay {
		last = start
	}
	e.SetAllDayEndAt(last.First().AddDate(0, 0, 1)) // the first day after it
	summary := s.Label
	status := ics.ObjectStatusConfirmed
	switch Status(s.State) {
	case Cancelled:
		status, summary = ics.ObjectStatusCancelled, "Cancelled: "+summary
	case Postponed:
		status, summary = ics.ObjectStatusCancelled, "Postponed: "+summary
	case Expected, Open, Unknown:
		status = ics.ObjectStatusTentative
	default:
	}
	e.SetSummary(summary)
	e.SetStatus(status)
	e.SetClass(ics.ClassificationPublic)
	e.SetTimeTransparency(ics.TransparencyTransparent)
	if place := s.Place(); place != "" {
		e.SetLocation(place)
	}
	if process != "" {
		e.AddProperty(ics.ComponentPropertyCategories, process)
	}
	if status == ics.ObjectStatusCancelled {
		return e
	}
	// Nine o'clock of the day before, and of a week before a deadline.
	triggers := []string{"-PT15H"}
	if s.Kind == KindDeadline {
		triggers = []string{"-P6DT15H", "-PT15H"}
	}
	for _, t := range triggers {
		a := e.AddAlarm()
		a.SetAction(ics.ActionDisplay)
		a.SetTrigger(t)
		a.SetProperty(ics.ComponentPropertyDescription, summary)
	}
	return e
}

func description(s Session) string {
	var lines []string
	if s.Source() != "" {
		line := "Source: " + s.Source()
		if checked := s.Checked(); !checked.IsZero() {
			line += ", checked " + checked.String()
		}
		lines = append(lines, line+", confidence "+string(s.Confidence)+".")
	}
	if s.WebcastURL != "" {
		lines = append(lines, "Webcast: "+s.WebcastURL)
	}
	if s.Notes != "" {
		lines = append(lines, s.Notes)
	}
	return strings.Join(lines, "\n")
}

func sortedKeys(m map[string]Revision) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
