package handlers

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// window is how far upcoming looks ahead unless told otherwise.
const window = 90 * 24 * time.Hour

var days = regexp.MustCompile(`(?i)\b(\d{1,3})\s?(d|days?|w|weeks?|m|months?)\b`)

// upcoming lists sessions and deadlines ahead. Asked for a group that has ended,
// it says what follows it and lists that.
func (d *Desk) upcoming(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return d.asOf(ctx, m, d.lieAhead)
}

func (d *Desk) lieAhead(_ context.Context, m bot.Message) (bot.Reply, error) {
	at, text := m.SentAt, strings.TrimSpace(m.Text)
	until := at.Add(window)
	if found := days.FindStringSubmatch(text); found != nil {
		n, _ := strconv.Atoi(found[1]) // at most three digits
		switch strings.ToLower(found[2])[0] {
		case 'd':
			until = at.AddDate(0, 0, n)
		case 'w':
			until = at.AddDate(0, 0, 7*n)
		case 'm':
			until = at.AddDate(0, n, 0)
		}
		text = strings.TrimSpace(days.ReplaceAllString(text, ""))
	}
	named := d.calendar.Named(text)
	if text != "" && len(named) == 0 && !generic(text) {
		return bot.Say(fmt.Sprintf("I know no process called %.60q. Try one of: %s.", text, d.shortNames(at))), nil
	}
	wanted, lines := d.heirs(named, at)
	if len(named) == 0 {
		lines = d.calendar.Successions(at)
	}
	var reply bot.Reply
	for _, l := range lines {
		reply = append(reply, bot.Paragraph{Text: l})
	}
	var first, related bot.Reply
	for _, s := range d.calendar.Upcoming(at, until) {
		if len(named) == 0 || wanted[s.Process] {
			first = append(first, d.session(s, at))
		} else {
			related = append(related, d.session(s, at))
		}
	}
	var undated bot.Reply
	for _, s := range d.calendar.Undated("", at) {
		if len(named) == 0 || wanted[s.Process] {
			undated = append(undated, d.session(s, at))
		}
	}
	heading := "Ahead until " + calendar.FromTime(until).String()
	switch {
	case len(first) > 0:
		reply = append(append(reply, bot.Heading{Text: heading}), first...)
	default:
		reply = append(reply, bot.Paragraph{Text: "No dated session or deadline until " + calendar.FromTime(until).String() + "."})
	}
	if len(related) > 0 {
		reply = append(append(reply, bot.Heading{Text: "In related processes"}), related...)
	}
	if len(undated) > 0 {
		reply = append(append(reply, bot.Heading{Text: "Expected, without a date"}), undated...)
	}
	return append(reply, d.scope(m)), nil
}

// generic says whether a text after "upcoming" names nothing in particular.
func generic(text string) bool {
	switch strings.ToLower(strings.Trim(text, "?. ")) {
	case "sessions", "session", "meetings", "events", "deadlines", "all", "everything", "un sessions":
		return true
	}
	return false
}

// heirs returns the processes that carry on the named ones on at's day, and the
// lines that say so.
func (d *Desk) heirs(named []calendar.Process, at time.Time) (map[string]bool, []string) {
	wanted := map[string]bool{}
	var lines []string
	for i, p := range named {
		wanted[p.ID] = true
		if heir, alive := d.calendar.Heir(p.ID, at); alive {
			wanted[heir.ID] = true
		}
		if line, ended := d.calendar.Succession(p.ID, at); ended && i == 0 {
			lines = append(lines, line)
		}
	}
	return wanted, lines
}

func (d *Desk) shortNames(at time.Time) string {
	return strings.Join(d.calendar.AliveNames(at), ", ")
}

// next returns the next session, of the named process or of all.
func (d *Desk) next(ctx context.Context, m bot.Message) (bot.Reply, error) {
	return d.asOf(ctx, m, d.comesNext)
}

func (d *Desk) comesNext(_ context.Context, m bot.Message) (bot.Reply, error) {
	text := strings.TrimSpace(m.Text)
	named := d.calendar.Named(text)
	if text != "" && len(named) == 0 && !generic(text) {
		return bot.Say(fmt.Sprintf("I know no process called %.60q. Try one of: %s.", text, d.shortNames(m.SentAt))), nil
	}
	return d.nextOf(m, named), nil
}

// nextSession answers which session comes next. A session is none of the informal
// consultations between sessions: where one of these comes first, it is told
// second.
func (d *Desk) nextSession(in inquiry, sel selector) bot.Reply {
	reply := d.nextOf(in.Message, in.named)
	if !strings.HasPrefix(sel.noun, "session") || len(reply.Facts()) != 1 {
		return reply
	}
	wanted, _ := d.heirs(in.named, in.SentAt)
	for _, s := range d.calendar.Upcoming(in.SentAt, in.SentAt.AddDate(2, 0, 0)) {
		if s.Kind == calendar.KindDeadline || s.Start.Precision() != calendar.ToDay || len(in.named) > 0 && !wanted[s.Process] {
			continue
		}
		switch s.Kind {
		case "informal", "informal-consultation", "intersessional", "briefing":
			continue
		}
		if s.ID == reply.Facts()[0].ID {
			return reply
		}
		return append(bot.Reply{d.session(s, in.SentAt), bot.Paragraph{Text: "Before it:"}}, reply...)
	}
	return reply
}

// nextOf answers which session comes next.
func (d *Desk) nextOf(m bot.Message, named []calendar.Process) bot.Reply {
	at := m.SentAt
	wanted, lines := d.heirs(named, at)
	var reply bot.Reply
	for _, s := range d.calendar.Upcoming(at, at.AddDate(2, 0, 0)) {
		if s.Kind == calendar.KindDeadline || s.Start.Precision() != calendar.ToDay || (len(named) > 0 && !wanted[s.Process]) {
			continue
		}
		reply = append(reply, d.session(s, at))
		break
	}
	for _, l := range lines {
		reply = append(reply, bot.Paragraph{Text: l})
	}
	if len(reply.Facts()) == 0 {
		for id := range wanted {
			for _, s := range d.calendar.Undated(id, at) {
				reply = append(reply, d.session(s, at))
			}
		}
	}
	if len(reply.Facts()) == 0 {
		return d.refuse(m, "no next session is known", nil)
	}
	return append(reply, d.scope(m))
}
