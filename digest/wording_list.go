package digest

import (
	"maps"
	"strings"
	"time"

	"rapporteur/calendar"
)

// list joins what is not empty by the comma of the language.
func (w *wording) list(parts ...string) string {
	out := ""
	for _, p := range parts {
		switch {
		case p == "":
		case out == "":
			out = p
		default:
			out += w.behind(p)
		}
	}
	return out
}

// behind writes a text as it stands behind others, with the comma between them.
func (w *wording) behind(text string) string { return w.say("list", "a", "", "b", text) }

// latin are the words with the comma of English, by which all languages were joined
// once.
func (w *wording) latin() *wording {
	with := *w
	with.text = maps.Clone(w.text)
	with.text["list"] = "{a}, {b}"
	return &with
}

// asWritten returns the words in which a text says what a row was: those of posts
// from before languages had commas of their own where it is one of them.
func (w *wording) asWritten(text string, was calendar.Shown, cal *calendar.Calendar, asOf time.Time) *wording {
	says := func(w *wording) bool {
		return strings.Contains(text, w.shownLine(was)+w.shownCountdown(was, cal, asOf))
	}
	if old := w.latin(); !says(w) && says(old) {
		return old
	}
	return w
}

// withheld writes in the language which days of a list of holidays the calendar does
// not know. It says so in English; the same words stand among those of each language.
// Of any others the language says only that something is missing, for that is true.
func (w *wording) withheld(days string) string {
	if w.english() {
		return days
	}
	for key, text := range wordingIn(English).text {
		if text == days && strings.HasPrefix(key, "withheld.") {
			return w.say(key)
		}
	}
	return w.say("withheld.some")
}
