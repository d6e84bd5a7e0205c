package digest

import (
	"fmt"
	"strings"
	"time"
)

// Quiet are hours of each day, by the clocks of the room's zone, in which nothing
// is sent; the zero value is none. They may go over midnight.
type Quiet struct {
	from, until int // minutes of the day
}

// ParseQuiet reads "22:00-07:00"; its errors are sentences for people.
func ParseQuiet(text string) (Quiet, error) {
	const works = "write for example quiet:22:00-07:00"
	from, until, found := strings.Cut(strings.ReplaceAll(text, "–", "-"), "-")
	if !found {
		return Quiet{}, fmt.Errorf("quiet: is a stretch of the day, not %s; %s", quoted(text), works)
	}
	var q Quiet
	for _, end := range []struct {
		text   string
		minute *int
	}{{from, &q.from}, {until, &q.until}} {
		at, err := time.Parse("15:04", strings.TrimSpace(end.text))
		if err != nil {
			return Quiet{}, fmt.Errorf("%s is no time of day; %s", quoted(end.text), works)
		}
		*end.minute = at.Hour()*60 + at.Minute()
	}
	if q.from == q.until {
		return Quiet{}, fmt.Errorf("quiet hours that never end would leave nothing to send; %s", works)
	}
	return q, nil
}

// IsZero says whether there are no quiet hours.
func (q Quiet) IsZero() bool { return q == Quiet{} }

// String writes the hours as ParseQuiet reads them.
func (q Quiet) String() string {
	if q.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", q.from/60, q.from%60, q.until/60, q.until%60)
}

// spare returns the reading itself, or the end of the quiet hours that it falls
// into.
func (q Quiet) spare(w time.Time) time.Time {
	if q.IsZero() {
		return w
	}
	minute := w.Hour()*60 + w.Minute()
	day := time.Date(w.Year(), w.Month(), w.Day(), 0, 0, 0, 0, time.UTC)
	end := day.Add(time.Duration(q.until) * time.Minute)
	switch {
	case q.from < q.until && (minute < q.from || minute >= q.until):
		return w
	case q.from > q.until && minute < q.from && minute >= q.until:
		return w
	case q.from > q.until && minute >= q.from:
		return end.AddDate(0, 0, 1)
	}
	return end
}

// held returns when a post that would be made now may be made: now, or when the
// quiet hours end.
func (q Quiet) held(now time.Time, zone *time.Location) time.Time {
	w := reading(now.In(zone))
	spared := q.spare(w)
	if spared.Equal(w) {
		return now
	}
	return firstAt(spared, zone)
}
