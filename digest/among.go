package digest

import (
	"time"

	"rapporteur/calendar"
)

// among says which processes are meant by names: those that the calendar knows by
// them and what carries on their work at a time; all where there is no name, or none
// that the calendar knows, for then they say what is wanted of the record. What an
// edition holds and when it comes are both decided here, so that they agree.
func among(cal *calendar.Calendar, names []string, at time.Time) func(process string) bool {
	ids := map[string]bool{}
	for _, name := range names {
		for _, process := range cal.Named(name) {
			ids[process.ID] = true
			if heir, alive := cal.Heir(process.ID, at); alive {
				ids[heir.ID] = true
			}
		}
	}
	return func(process string) bool { return len(ids) == 0 || ids[process] }
}
