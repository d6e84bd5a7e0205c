package digest

import (
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// Holding returns the changes by hand that hold, in their order, and when the last
// of each row was confirmed.
func Holding(all []bot.Amendment) ([]calendar.Amendment, map[string]time.Time) {
	var hold []calendar.Amendment
	confirmed := map[string]time.Time{}
	for _, a := range all {
		if !a.ConfirmedAt.IsZero() {
			hold = append(hold, AmendmentOf(a, a.ConfirmedAt))
			confirmed[a.Row] = a.ConfirmedAt // they come in the order of these
		}
	}
	return hold, confirmed
}

// RevisionsOf returns how often each row has changed, by what is written down of it.
// A change by hand that was confirmed after that is counted already, as it will be
// when it is written down: cal is the calendar in which it holds.
func RevisionsOf(rows map[string]bot.RowState, cal *calendar.Calendar, confirmed map[string]time.Time) map[string]calendar.Revision {
	out := make(map[string]calendar.Revision, len(rows))
	for id, s := range rows {
		r := revisionOf(s)
		now, known := cal.ShownRow(id)
		if at := confirmed[id]; known && at.After(s.Amended) && (s.Gone || now.Version() != s.Version) {
			if !hasDay(now) && !s.Gone { // people's calendars have a day that is none any more
				r.Dated = r.Last
			}
			r.Sequence, r.Changed, r.Last, r.Gone = r.Sequence+1, at, now, false
		}
		out[id] = r
	}
	return out
}

// revisionOf returns how often a row has changed, by what is written down of it.
func revisionOf(s bot.RowState) calendar.Revision {
	return calendar.Revision{Sequence: s.Sequence, Changed: s.Changed, Last: shownIn(s.Shown), Gone: s.Gone}
}

func hasDay(s calendar.Shown) bool {
	start, err := calendar.ParseDate(s.Start)
	return err == nil && start.Precision() == calendar.ToDay
}
