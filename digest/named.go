package digest

import (
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// VerbsOf is [Verbs] by a calendar: it tells the days of sessions, and which names
// of processes there are.
func VerbsOf(records Records, cal *calendar.Calendar) []bot.Verb {
	return desk{book: records, sessions: SessionsOf(cal), calendar: cal}.verbs()
}

// named says whether there are the processes that an order names anew: had are the
// options that it has already, and goes on with. Without a calendar nobody can say.
func (d desk) named(options, had map[string]string, at time.Time) error {
	if d.calendar == nil || options[OptionProcesses] == had[OptionProcesses] {
		return nil
	}
	for _, name := range names(options[OptionProcesses]) {
		if len(d.calendar.Named(name)) == 0 {
			return fmt.Errorf("processes: I know no process called %s; try one of: %s, as in processes:%q", quoted(name), strings.Join(d.calendar.AliveNames(at), ", "), "Global Mechanism")
		}
	}
	return nil
}
