package digest

import (
	"time"

	"github.com/robfig/cron/v3"
)

// The layouts of a slot. Where a schedule runs every hour, an hour that the
// clocks show twice is two occurrences, so the offset tells them apart.
const (
	slotLayout       = "2006-01-02T15:04"
	hourlySlotLayout = "2006-01-02T15:04-07:00"
)

// Schedule says when something is due, by the clocks of a time zone: readings
// that a cron expression names, or days before sessions.
type Schedule struct {
	wall   *cron.SpecSchedule // in UTC, so that it reads clocks and knows no zone
	zone   *time.Location
	hourly bool // every hour of the day
	// lastDay is set where a month that lacks this day gives its last one.
	lastDay int
	// eve is set instead of wall where the schedule follows sessions.
	eve *eve
	// quiet are the hours in which nothing is sent.
	quiet Quiet
}

// Parse reads when something is due and the name of the time zone that its hours
// are read in: a cron expression of five fields, whose day of the month may be
// 29L, 30L, 31L or L for "or else the last day", or "sessions T-7,T-1 09:00". A
// schedule of the latter kind is never due before [Schedule.Following] has told
// it the sessions. Its errors are sentences for the person who wrote them and say
// what would work.
func Parse(spec, zone string) (*Schedule, error) {
	s := &Schedule{}
	var err error
	if followsSessions(spec) {
		s.eve, err = parseEve(spec)
	} else {
		s.wall, s.lastDay, err = parseSpec(spec)
	}
	if err != nil {
		return nil, err
	}
	if s.zone, err = loadZone(zone); err != nil {
		return nil, err
	}
	const everyHour = 1<<24 - 1
	s.hourly = s.wall != nil && s.wall.Hour&everyHour == everyHour
	return s, nil
}

// Sparing returns the schedule with quiet hours: what falls due in them is due
// when they end, once.
func (s *Schedule) Sparing(q Quiet) *Schedule {
	spared := *s
	spared.quiet = q
	spared.hourly = s.hourly && q.IsZero()
	return &spared
}

// Next returns the first instant after the given one at which the schedule is
// due, and its slot. A reading that clocks going forward leave out is due at the
// first instant after the gap and keeps its slot; readings that fall on the same
// instant that way are one occurrence. A reading that clocks going back show
// twice is due the first time. A schedule that runs every hour counts hours as
// they pass instead. ok is false beyond the years that calendars hold, and where
// no session is ahead.
func (s *Schedule) Next(after time.Time) (due time.Time, slot string, ok bool) {
	// A whole second decides whether an instant is after.
	after = time.Unix(after.Unix(), 0).In(s.zone)
	if after.Year() < 1 || after.Year() > 9990 {
		return time.Time{}, "", false
	}
	if s.hourly {
		due, ok = s.nextElapsed(after)
		return due, due.Format(hourlySlotLayout), ok
	}
	// What the clocks showed a good day ago cannot be due any more, whatever
	// they were put back by since, and quiet hours are less than a day.
	for w := reading(after).Add(-50 * time.Hour); ; {
		if w = s.nextReading(w); w.IsZero() {
			return time.Time{}, "", false
		}
		spared := s.quiet.spare(w)
		if due := firstAt(spared, s.zone); due.After(after) {
			return due, spared.Format(slotLayout), true
		}
	}
}

// named returns the reading that quiet hours move to the one that names a slot;
// false where the schedule names none, and where it counts hours as they pass.
func (s *Schedule) named(slot string) (w time.Time, ok bool) {
	spared, err := time.Parse(slotLayout, slot)
	if err != nil || s.hourly {
		return time.Time{}, false
	}
	for w = spared.Add(-50 * time.Hour); ; {
		if w = s.nextReading(w); w.IsZero() || w.After(spared) {
			return time.Time{}, false
		}
		if s.quiet.spare(w).Equal(spared) {
			return w, true
		}
	}
}

// instead returns when the occurrence of a slot is due by another schedule of the
// same readings, whose quiet hours are others; that may have passed.
func (s *Schedule) instead(other *Schedule, slot string) (due time.Time, its string, ok bool) {
	w, ok := s.named(slot)
	if !ok || s.eve != nil || other.hourly {
		return time.Time{}, "", false
	}
	spared := other.quiet.spare(w)
	return firstAt(spared, other.zone), spared.Format(slotLayout), true
}

// nextReading returns the first reading after w that the schedule names, the
// zero time for none.
func (s *Schedule) nextReading(w time.Time) time.Time {
	if s.eve != nil {
		return s.eve.next(w)
	}
	for {
		w = s.nextNamed(w)
		if w.IsZero() || s.lastDay == 0 || w.Day() == min(s.lastDay, daysIn(w)) {
			return w
		}
	}
}

// daysIn returns how many days the month of t has.
func daysIn(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nextNamed returns the first reading after w that the expression names, the
// zero time for none. The parser's own search ends after five years, and two
// leap days may be eight years apart.
func (s *Schedule) nextNamed(w time.Time) time.Time {
	if next := s.wall.Next(w); !next.IsZero() {
		return next
	}
	return s.wall.Next(time.Date(w.Year()+5, time.January, 1, 0, 0, -1, 0, time.UTC))
}

// nextElapsed walks the stretches between changes of the zone's offset. Within a
// stretch clocks and time go together.
func (s *Schedule) nextElapsed(after time.Time) (time.Time, bool) {
	for t := after; t.Year() <= 9999; {
		_, offset := t.Zone()
		w := s.nextNamed(reading(t))
		if w.IsZero() {
			return time.Time{}, false
		}
		due := w.Add(-time.Duration(offset) * time.Second).In(s.zone)
		_, end := t.ZoneBounds()
		if end.IsZero() || due.Before(end) {
			return due, true
		}
		// The clocks change at end; what they show from then on counts.
		if first := reading(end); s.wall.Next(first.Add(-time.Second)).Equal(first) {
			return end.In(s.zone), true
		}
		t = end.In(s.zone)
	}
	return time.Time{}, false
}

// reading returns what clocks show at t, as a time in UTC.
func reading(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// firstAt returns the first instant at which the clocks of the zone show w or
// later. That is the first of two where they show w twice, and the end of the
// gap where they never show it.
func firstAt(w time.Time, zone *time.Location) time.Time {
	// No zone is that far from UTC, so w is still to come.
	for t := w.Add(-26 * time.Hour).In(zone); ; {
		_, offset := t.Zone()
		start, end := t.ZoneBounds()
		at := w.Add(-time.Duration(offset) * time.Second)
		switch {
		case !start.IsZero() && at.Before(start):
			return start.In(zone)
		case end.IsZero() || at.Before(end):
			return at.In(zone)
		}
		t = end.In(zone)
	}
}

// occurrence is one time at which a schedule is due.
type occurrence struct {
	due  time.Time
	slot string
}

// between returns the occurrences after the first instant up to the second, the
// newest only where there are more than most. It looks back from the second in
// growing strides, so that years of downtime cost no more than they must.
func (s *Schedule) between(after, until time.Time, most int) []occurrence {
	for stride := 24 * time.Hour; ; stride *= 2 {
		start := until.Add(-stride)
		all := !start.After(after) || stride > 100*366*24*time.Hour
		if all {
			start = after
		}
		var found []occurrence
		for at := start; ; {
			due, slot, ok := s.Next(at)
			if !ok || due.After(until) {
				break
			}
			found = append(found, occurrence{due, slot})
			at = due
		}
		if all || len(found) >= most {
			return found[max(0, len(found)-most):]
		}
	}
}
