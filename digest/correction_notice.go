package digest

import (
	"context"
	"log/slog"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// notice is what a room is told: what was, what is, who says so, since when that is
// known, and the event for people's own calendars.
func (c *Corrector) notice(ctx context.Context, log *slog.Logger, k *knowledge, correction bot.Correction, was, now calendar.Shown, edited int) bot.Reply {
	var changes []string
	w := wordsOf(correction.Posts, k.corpus)
	differences := calendar.Differences(was, now)
	for _, d := range differences {
		key := "correction.change"
		if len(differences) > 1 || (d.Field != "date" && d.Field != "row") {
			key = "change"
		}
		d = w.difference(d, was, now)
		changes = append(changes, w.say(key, "field", d.Field, "was", d.Was, "now", d.Now))
	}
	row, shown := correction.Was.Row, now
	if now.Row == "" {
		shown = was
	}
	reply := bot.Reply{w.cite(bot.Fact{
		ID: row, Text: w.say("correction", "row", labelOf(was, now), "changes", strings.Join(changes, "; "), "date", w.day(correction.Now.Changed)),
		Source: shown.Source, Checked: shown.Checked,
	})}
	told := w.count("edited.all", edited)
	if left := len(correction.Posts) - edited; left > 0 {
		told = w.count("edited.not", left)
	}
	reply = append(reply, bot.Paragraph{Text: told})
	revision := calendar.Revision{Sequence: correction.Now.Sequence, Changed: correction.Now.Changed, Last: shown, Gone: correction.Now.Gone}
	if !hasDay(shown) {
		revision.Dated = was
	}
	revisions := map[string]calendar.Revision{row: revision}
	feed := calendar.Feed{Name: w.say("title"), Revisions: revisions, Processes: func(string) bool { return true }}
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
		reply = append(reply, bot.File{Name: row + ".ics", Type: calendar.ICSType, Data: data})
	}
	return reply
}

// labelOf is the name by which a room knows a row.
func labelOf(was, now calendar.Shown) string {
	if was.Row == "" { // it has come back
		return now.Label
	}
	return was.Label
}
