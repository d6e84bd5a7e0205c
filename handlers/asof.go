package handlers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

const (
	monthNames = `january|february|march|april|may|june|july|august|september|october|november|december`
	dayAsOf    = `\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}(?:st|nd|rd|th)? (?:` + monthNames + `),? \d{4}|(?:` + monthNames + `) \d{1,2}(?:st|nd|rd|th)?,? \d{4}|(?:` + monthNames + `),? \d{4}|\d{4}|today|now`
)

var (
	// "back in 1998" are words of a statement too: they count only where they
	// open a question.
	asOfForm     = regexp.MustCompile(`(?i)[,(\[]?\s*\b(?:as of|as at|as known (?:on|in|by)|as it stood (?:on|in))\s+(?:the\s+)?(?:end\s+of\s+)?(` + dayAsOf + `)\b[)\]]?,?`)
	backForm     = regexp.MustCompile(`(?i)^\s*(?:looking )?back (?:in|on)\s+(` + dayAsOf + `)\s*,`)
	fullYear     = regexp.MustCompile(`^(?:1[89]|20)\d\d$`)
	asOfAttempt  = regexp.MustCompile(`(?i)\b(?:as of|as at)\s+(\d[\w./-]*)`)
	dayMonthYear = regexp.MustCompile(`(?i)^(?:(\d{1,2})(?:st|nd|rd|th)? )?(` + monthNames + `)(?: (\d{1,2})(?:st|nd|rd|th)?)?,? (\d{4})$`)
)

// asOf answers a text that names a day to answer as of ("as of 2021-06", "back
// in June 2021, …") as what was known at the end of that day, month or year; any
// other as of the time it was sent.
func (d *Desk) asOf(ctx context.Context, m bot.Message, answer func(context.Context, bot.Message) (bot.Reply, error)) (bot.Reply, error) {
	m.Text = plainly(m.Text)
	rest, named := cutAsOf(m.Text)
	if named == "" {
		return answer(ctx, m)
	}
	m.Text = rest
	if lower := strings.ToLower(named); lower == "today" || lower == "now" {
		return answer(ctx, m)
	}
	date, readable := readDay(named)
	if !readable {
		return bot.Say(fmt.Sprintf("I cannot read the day %q. Write, for example, as of 2021-06-30, as of June 2021 or as of 2021.", named)), nil
	}
	if date.First().After(m.SentAt) {
		return bot.Reply{bot.Refusal{Text: fmt.Sprintf(
			"I cannot answer as of %s: it is %s, and what will be known then is not known now.", date, calendar.FromTime(m.SentAt))}, d.scope(m)}, nil
	}
	if end := date.Last().AddDate(0, 0, 1).Add(-time.Second); end.Before(m.SentAt) {
		m.SentAt = end
	}
	reply, err := answer(ctx, m)
	if err != nil {
		return nil, err
	}
	return append(bot.Reply{bot.Heading{Text: "As of " + calendar.FromTime(m.SentAt).String()}}, reply...), nil
}

// cutAsOf parts a text from the day that it is to be answered as of; the day is
// empty where it names none. What stands in quotation marks is left alone.
func cutAsOf(text string) (rest, day string) {
	for _, form := range []*regexp.Regexp{backForm, asOfForm, asOfAttempt} {
		at := form.FindStringSubmatchIndex(text)
		if at == nil || quoted(text[:at[0]]) {
			continue
		}
		rest = strings.TrimSpace(text[:at[0]]) + " " + strings.TrimSpace(text[at[1]:])
		return strings.TrimSpace(strings.ReplaceAll(rest, " ?", "?")), text[at[2]:at[3]]
	}
	return text, ""
}

// quoted says whether a quotation mark before a place has not been closed.
func quoted(before string) bool {
	return strings.Count(before, `"`)%2 == 1 || strings.Count(before, "“") > strings.Count(before, "”") ||
		strings.Count(before, "«") > strings.Count(before, "»")
}

// readDay reads a day, month or year in words or figures; false where there is
// none such.
func readDay(s string) (calendar.Date, bool) {
	if found := dayMonthYear.FindStringSubmatch(s); found != nil {
		day, _ := strconv.Atoi(found[1] + found[3]) // one of the two is empty, or both
		s = fmt.Sprintf("%s-%02d", found[4], monthOf(found[2]))
		if day > 0 {
			s += fmt.Sprintf("-%02d", day)
		}
	}
	parts := strings.Split(s, "-")
	for i, p := range parts {
		if len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	date, err := calendar.ParseDate(strings.Join(parts, "-"))
	return date, err == nil
}

// monthOf returns the month of that English name, 0 for none.
func monthOf(name string) time.Month {
	return time.Month(slices.Index(strings.Split(monthNames, "|"), strings.ToLower(name)) + 1)
}

// later says whether a text tells of what came after at: it holds a later year
// or names a process that was not yet decided on. The years of a process's name
// do not count.
func (d *Desk) later(text string, at time.Time) bool {
	named := d.calendar.Named(text)
	for _, p := range named {
		// "the OEWG" names every group of that kind: one that existed is enough.
		existed := slices.ContainsFunc(named, func(o calendar.Process) bool { return o.Kind == p.Kind && d.calendar.Decided(o, at) })
		if !existed {
			return true
		}
	}
	return slices.ContainsFunc(d.calendar.Unnamed(text), func(w string) bool {
		return fullYear.MatchString(w) && w > strconv.Itoa(at.Year())
	})
}
