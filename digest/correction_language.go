package digest

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

// wordsOf are the words in which a room is told of a change: those of its latest
// edition that is put right, English where only answers are.
func wordsOf(posts []bot.Posted, record *corpus.Corpus) *wording {
	for _, p := range slices.Backward(posts) {
		reply, err := readReply(p.Reply, record)
		if err != nil {
			continue // told where it is edited
		}
		if language := languageOf(reply); language != "" {
			return wordingIn(language)
		}
	}
	return wordingIn(English)
}

// correct puts right what a reply says of a row: see [corrected].
func (w *wording) correct(f bot.Fact, was, now calendar.Shown, cal *calendar.Calendar, asOf time.Time) bot.Fact {
	var notes []string
	if note := w.withoutStatus(f.Note, was, now, cal, asOf); note != "" {
		notes = append(notes, note)
	}
	for _, change := range w.corrections(was, now) {
		if w.english() {
			notes = append(notes, "corrected: "+change)
			continue
		}
		notes = append(notes, w.say("corrected", "change", change))
	}
	f.Note = strings.Join(notes, "; ")
	if now.Row == "" {
		f.Version = versionGone
		return f
	}
	f.Text = w.relined(f.Text, was, now, cal, asOf)
	f.Source, f.Checked, f.Version = now.Source, now.Checked, now.Version()
	return w.cite(f)
}

// corrections says what differs, in the words of a note.
func (w *wording) corrections(was, now calendar.Shown) []string {
	if !w.english() {
		return w.changes(was, now)
	}
	var out []string
	for _, d := range calendar.Differences(was, now) {
		if d.Field == "row" {
			out = append(out, d.Now)
			continue
		}
		out = append(out, d.Field+" was "+d.Was+", now "+d.Now)
	}
	return out
}

// withoutStatus takes away what a note says of the status that a row had.
func (w *wording) withoutStatus(note string, was, now calendar.Shown, cal *calendar.Calendar, asOf time.Time) string {
	s, is := cal.AsShown(was)
	if !is || now.Row == "" || (was.State == now.State && was.Start == now.Start) {
		return note
	}
	old := w.statusNote(s, asOf)
	if rest, begins := strings.CutPrefix(note, old); begins && old != "" && (rest == "" || strings.HasPrefix(rest, "; ")) {
		return strings.TrimPrefix(rest, "; ")
	}
	return note
}

// countdown is what [calendar.Calendar.Countdown] writes.
var (
	countdown       = regexp.MustCompile(`, in \d+ days \(\d+ working days[^)]*\)|, tomorrow\b|, today\b|, under way\b`)
	countdownBehind = regexp.MustCompile(`^(?:` + countdown.String() + `)`)
)

// relined writes the line of a row as it is now where it stands as it was: what it
// is called, when, where and how far off. Where the text says it in other words,
// the dates and places in it are put right one by one.
func (w *wording) relined(text string, was, now calendar.Shown, cal *calendar.Calendar, asOf time.Time) string {
	w = w.asWritten(text, was, cal, asOf)
	if line := w.shownLine(was); was.Row != "" && line != "" {
		if at := strings.Index(text, line); at >= 0 {
			before, behind := text[:at], text[at+len(line):]
			left, rest := w.shownCountdown(now, cal, asOf), w.withoutCountdown(behind, was, cal, asOf)
			if rest == behind && w.shownCountdown(was, cal, asOf) != "" {
				left = "" // it never said how far off it is
			}
			return before + w.shownLine(now) + left + rest
		}
	}
	if at := strings.Index(text, now.Label); was.Row == "" && at >= 0 && now.Label != "" { // it has come back
		return text[:at] + w.shownLine(now) + w.shownCountdown(now, cal, asOf)
	}
	old := w.shownCountdown(was, cal, asOf)
	if w.english() {
		old = countdown.FindString(text)
	}
	if old != "" && (was.Start != now.Start || was.City != now.City || was.State != now.State) {
		text = strings.Replace(text, old, w.shownCountdown(now, cal, asOf), 1)
	}
	for _, r := range [][2]string{{w.shownSpan(was), w.shownSpan(now)}, {was.City, now.City}, {was.Venue, now.Venue}} {
		if r[0] != "" && r[1] != "" && r[0] != r[1] {
			text = strings.ReplaceAll(text, r[0], r[1])
		}
	}
	return text
}

// shownLine is the line of a row without the days that are left.
func (w *wording) shownLine(s calendar.Shown) string {
	line := s.Label
	if span := w.shownSpan(s); s.Start != "" || s.End != "" {
		line += ": " + span
	}
	return w.list(line, s.City)
}

// withoutCountdown takes away the days that were left, with which a text begins.
func (w *wording) withoutCountdown(text string, was calendar.Shown, cal *calendar.Calendar, asOf time.Time) string {
	if w.english() {
		return countdownBehind.ReplaceAllString(text, "")
	}
	was.State = "" // it was counted whatever the status
	return strings.TrimPrefix(text, w.shownCountdown(was, cal, asOf))
}

// shownCountdown says how far off a row is as it was shown; nothing where it was
// called off.
func (w *wording) shownCountdown(s calendar.Shown, cal *calendar.Calendar, asOf time.Time) string {
	if s.State == string(calendar.Cancelled) || s.State == string(calendar.Postponed) {
		return ""
	}
	start, _ := calendar.ParseDate(s.Start) // written by ISO
	end, _ := calendar.ParseDate(s.End)
	return w.countdown(cal, start, end, s.City, asOf)
}
