package digest

import (
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

// correct puts right what an edition in another language than English says of a
// row: see [corrected].
func (w *wording) correct(f bot.Fact, was, now calendar.Shown, cal *calendar.Calendar, asOf time.Time) bot.Fact {
	notes := w.changes(was, now)
	for i, change := range notes {
		notes[i] = w.say("corrected", "change", change)
	}
	if f.Note != "" {
		notes = append([]string{f.Note}, notes...)
	}
	f.Note = strings.Join(notes, "; ")
	if now.Row == "" {
		return f
	}
	// The days that are left stand behind the place, so they are replaced first.
	f.Text = strings.Replace(f.Text, w.shownCountdown(was, cal, asOf), w.shownCountdown(now, cal, asOf), 1)
	for _, r := range [][2]string{{w.shownSpan(was), w.shownSpan(now)}, {was.City, now.City}, {was.Venue, now.Venue}} {
		if r[0] != "" && r[1] != "" && r[0] != r[1] {
			f.Text = strings.ReplaceAll(f.Text, r[0], r[1])
		}
	}
	f.Source, f.Checked = now.Source, now.Checked
	return w.cite(f)
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
