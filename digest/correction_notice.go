package digest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// notice is what a room is told: what was, what is, who says so, since when that is
// known, and the event for people's own calendars.
func (c *Corrector) notice(ctx context.Context, log *slog.Logger, k *knowledge, correction bot.Correction, was, now calendar.Shown, edited int) bot.Reply {
	var changes []string
	differences := calendar.Differences(was, now)
	for _, d := range differences {
		line := "was " + d.Was + ", now " + d.Now
		if len(differences) > 1 || (d.Field != "date" && d.Field != "row") {
			line = d.Field + " " + line
		}
		changes = append(changes, line)
	}
	source, checked := now.Source, now.Checked
	if now.Row == "" {
		source, checked = was.Source, was.Checked
	}
	reply := bot.Reply{bot.Fact{
		ID: was.Row, Text: "Correction: " + was.Label + ": " + strings.Join(changes, "; ") + " (seen on " + calendar.FromTime(correction.Now.Changed).String() + ")",
		Source: source, Checked: checked,
	}}
	switch n := len(correction.Posts); {
	case edited == n && n == 1:
		reply = append(reply, bot.Paragraph{Text: "The post above says so now."})
	case edited == n:
		reply = append(reply, bot.Paragraph{Text: fmt.Sprintf("The %d posts in this room that said otherwise say so now.", n)})
	case n == 1:
		reply = append(reply, bot.Paragraph{Text: "The post above could not be edited and still says what was."})
	default:
		reply = append(reply, bot.Paragraph{Text: fmt.Sprintf("%d posts in this room could not be edited and still say what was.", n-edited)})
	}
	revisions := map[string]calendar.Revision{was.Row: {Sequence: correction.Now.Sequence, Changed: correction.Now.Changed, Last: was, Gone: correction.Now.Gone}}
	feed := calendar.Feed{Name: title, Revisions: revisions, Processes: func(string) bool { return true }}
	// What was registered counts, whatever the file of this replica says.
	if s, is := k.calendar.AsShown(now); is {
		feed.Sessions = []calendar.Session{s}
	}
	data, err := k.calendar.ICS(feed)
	if err != nil {
		log.ErrorContext(ctx, "calendar file of a correction", "error", err)
		return reply
	}
	if strings.Contains(string(data), "BEGIN:VEVENT") {
		reply = append(reply, bot.File{Name: was.Row + ".ics", Type: calendar.ICSType, Data: data})
	}
	return reply
}
