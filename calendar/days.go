package calendar

import "time"

// day is the civil day of t in its own zone, as midnight UTC, so that days can be
// compared and counted without any daylight saving in between.
func day(t time.Time) time.Time { return FromTime(t).First() }

// DaysUntil returns how many days after at's day the first day of d comes: 0 on
// the day itself, negative when it has passed. Of an unknown date it is 0; ask
// IsZero first.
func DaysUntil(at time.Time, d Date) int {
	if d.IsZero() {
		return 0
	}
	return int(d.First().Sub(day(at)) / (24 * time.Hour))
}

// WorkingDaysUntil returns how many days from Monday to Friday there are after
// at's day, up to and with the first day of d. It is 0 when that day has passed
// or is not known. Holidays count as any other day.
func WorkingDaysUntil(at time.Time, d Date) int {
	n := max(DaysUntil(at, d), 0)
	working := n / 7 * 5
	weekday := FromTime(at).First().Weekday()
	for range n % 7 {
		weekday = (weekday + 1) % 7
		if weekday != time.Saturday && weekday != time.Sunday {
			working++
		}
	}
	return working
}

// Stale returns how many days ago the newest source of a fact was checked, and
// whether that is longer than age. A fact that was never checked is stale.
func Stale(f Fact, at time.Time, age time.Duration) (days int, stale bool) {
	checked := f.Checked()
	if checked.IsZero() {
		return 0, true
	}
	since := day(at).Sub(checked.First())
	return int(since / (24 * time.Hour)), since > age
}
