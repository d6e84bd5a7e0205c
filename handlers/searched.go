package handlers

import (
	"slices"
	"strconv"
	"strings"

	"rapporteur/bot"
)

// searched says what a refusal rests on: how many documents, of which years, in
// which languages, and how fresh the calendar is. "1 document of 2021 in English
// and the calendar, checked on 23 November 2026".
func (d *Desk) searched() string {
	var years, languages []string
	documents := d.search.Corpus().Documents()
	for _, doc := range documents {
		if y := someYear.FindString(doc.Date); y != "" {
			years = append(years, y)
		}
		if name := languageName(doc.Language); name != "" && !slices.Contains(languages, name) {
			languages = append(languages, name)
		}
	}
	text := bot.Count(len(documents), "document")
	if len(years) > 0 {
		first, last := slices.Min(years), slices.Max(years)
		text += " of " + first
		if last != first {
			text += "–" + last
		}
	}
	slices.Sort(languages)
	const most = 6
	switch n := len(languages); {
	case n > most:
		text += " in " + strconv.Itoa(n) + " languages"
	case n > 0:
		text += " in " + and(languages)
	}
	text += " and the calendar"
	if checked := d.calendar.Checked(); !checked.IsZero() {
		text += ", checked " + checked.On()
	}
	return text
}

// and joins words as a sentence does: "A, B and C".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// languageName returns the English name of a language by its tag; the tag itself
// where it is none of the six of the United Nations.
func languageName(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	switch base {
	case "ar":
		return "Arabic"
	case "zh":
		return "Chinese"
	case "en":
		return "English"
	case "fr":
		return "French"
	case "ru":
		return "Russian"
	case "es":
		return "Spanish"
	}
	return tag
}
