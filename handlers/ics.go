package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// Revisions tells how often the rows of the calendar have changed, by their IDs.
type Revisions func(ctx context.Context) (map[string]calendar.Revision, error)

// Dated returns a desk that knows the same record and another calendar.
func (d *Desk) Dated(cal *calendar.Calendar) *Desk {
	with := *d
	with.calendar = cal
	with.dated = with.readRows()
	return &with
}

// lookBack is how long a session stays in the file of all processes after it.
const lookBack = 365

// ICS returns the verb that gives sessions and deadlines as a file for people's own
// calendars. revisions may be nil: then nothing has ever changed. feed, where it is
// not nil, returns the address at which a calendar program finds the same and what
// comes after; its argument is the ID of a process, or empty for all.
func (d *Desk) ICS(revisions Revisions, feed func(process string) string) bot.Verb {
	return bot.Verb{
		Name: "ics", Usage: "ics [PROCESS]", Summary: "sessions and deadlines as a file for your own calendar",
		Examples: []string{"ics", "ics Global Mechanism"},
		Handler: bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
			return d.ics(ctx, m, revisions, feed)
		}),
	}
}

func (d *Desk) ics(ctx context.Context, m bot.Message, revisions Revisions, feed func(string) string) (bot.Reply, error) {
	at, text := m.SentAt, strings.TrimSpace(m.Text)
	named := d.calendar.Named(text)
	if text != "" && len(named) == 0 && !generic(text) {
		return bot.Say(fmt.Sprintf("I know no process called %.60q. Try one of: %s.", text, d.shortNames(at))), nil
	}
	wanted, lines := d.heirs(named, at)
	all := len(named) == 0
	name, file, process := "International information security at the UN", "un-information-security", ""
	if !all {
		p := named[0]
		if heir, alive := d.calendar.Heir(p.ID, at); alive {
			p = heir
		}
		name, file, process = p.Short, p.ID, p.ID
	}
	var known map[string]calendar.Revision
	if revisions != nil {
		var err error
		if known, err = revisions(ctx); err != nil {
			return nil, fmt.Errorf("ics: %w", err)
		}
	}
	within := func(id string) bool { return all || wanted[id] }
	inFile, undated := FileSessions(d.calendar, within, at, all)
	if len(inFile) == 0 {
		return d.refuse(m, "no session of "+name+" has a day that is known", nil), nil
	}
	data, err := d.calendar.ICS(calendar.Feed{Name: name, Sessions: inFile, Revisions: known, Processes: within})
	if err != nil {
		return nil, fmt.Errorf("ics: %w", err)
	}
	reply := bot.Reply{bot.Lead{Text: name + ": a calendar file with " + bot.Count(len(inFile), "session or deadline") + "."}}
	if len(inFile) > 1 {
		reply[0] = bot.Lead{Text: fmt.Sprintf("%s: a calendar file with %d sessions and deadlines.", name, len(inFile))}
	}
	for _, l := range lines {
		reply = append(reply, bot.Paragraph{Text: l})
	}
	for _, s := range d.calendar.Upcoming(at, at.Add(window)) {
		if within(s.Process) && s.Start.Precision() == calendar.ToDay {
			reply = append(reply, d.session(s, at))
		}
	}
	if undated > 0 {
		reply = append(reply, bot.Paragraph{Text: bot.Count(undated, "session") + " without a known day left out."})
	}
	if feed != nil {
		if address := feed(process); address != "" {
			reply = append(reply, bot.Paragraph{Text: "To stay up to date, let your calendar program subscribe to " + address})
		}
	}
	return append(reply, bot.File{Name: file + ".ics", Type: calendar.ICSType, Data: data}, d.scope(m)), nil
}

// FileSessions returns the sessions and deadlines that go into the calendar file of
// the processes: those announced by at whose day is known, and how many are ahead
// without one. recent leaves out what ended more than a year before at.
func FileSessions(cal *calendar.Calendar, within func(process string) bool, at time.Time, recent bool) (sessions []calendar.Session, undated int) {
	since := at.AddDate(0, 0, -lookBack)
	for _, s := range cal.Sessions() {
		last := s.LastDate()
		switch {
		case !within(s.Process) || !cal.Announced(s, at):
		case s.Start.Precision() != calendar.ToDay:
			if s.Start.IsZero() || !last.Last().Before(at) {
				undated++
			}
		case recent && last.Last().Before(since):
		default:
			sessions = append(sessions, s)
		}
	}
	return sessions, undated
}
