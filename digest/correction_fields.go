package digest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// proposal is what somebody wants to be so in a row of the calendar from now on.
type proposal struct {
	row      string
	settings []setting
	source   string
}

// setting is a field and what it is; empty for not known.
type setting struct{ field, value string }

// proposalOf reads "set ROW FIELD VALUE FIELD VALUE source:URL". A value may have
// several words: it goes on to where the next field begins. Quotation marks hold a
// value together that has the name of a field in it.
func proposalOf(text string) proposal {
	words, err := split(text, unicode.IsSpace)
	if err != nil { // a mark that nothing closes is part of a name: 's-Gravenhage
		words = strings.Fields(text)
	}
	var p proposal
	words = slices.DeleteFunc(words[1:], func(w string) bool {
		at, is := strings.CutPrefix(w, "source:")
		if is {
			p.source = at
		}
		return is
	})
	if len(words) < 2 {
		return p
	}
	p.row, words = words[0], words[1:]
	for len(words) > 0 {
		field, n := strings.ToLower(words[0]), 1
		for n < len(words) && (n == 1 || !beginsSetting(field, words[n:])) {
			n++
		}
		value := strings.Join(words[1:n], " ")
		if n == 2 {
			value = unquoted(value)
		}
		p.settings = append(p.settings, setting{field, value})
		words = words[n:]
	}
	return p
}

// beginsSetting says whether the words behind a value of a field are the next field
// and its value. The name of a place may hold the name of a field, as that of a city
// hall does: there a value must follow that is one.
func beginsSetting(field string, words []string) bool {
	if field != "city" && field != "venue" {
		return calendar.IsField(strings.ToLower(words[0]))
	}
	if len(words) == 1 {
		return false
	}
	value := words[1]
	switch words[0] {
	case "start", "end", "date":
		_, err := calendar.ParseDate(value)
		return err == nil || value == "none"
	case "status":
		return calendar.IsStatus(value)
	case "city", "venue":
		first, _ := utf8.DecodeRuneInString(value)
		return !unicode.IsLower(first) || value == "none"
	}
	return false
}

// check says what is wrong with a proposal, whatever the calendar says.
func (p proposal) check() error {
	seen := map[string]bool{}
	for _, s := range p.settings {
		switch {
		case s.value == "":
			return fmt.Errorf("say what %s is from now on, or none for not known, for example: %s", quoted(s.field), setExample)
		case seen[s.field]:
			return fmt.Errorf("the field %s stands there twice; write it once, and in quotation marks a value that holds the word", quoted(s.field))
		}
		seen[s.field] = true
	}
	return nil
}

// amendments are what is kept of a proposal.
func (p proposal) amendments(by string, at time.Time) []bot.Amendment {
	out := make([]bot.Amendment, len(p.settings))
	for i, s := range p.settings {
		if s.value == "none" {
			s.value = ""
		}
		out[i] = bot.Amendment{Row: p.row, Field: s.field, Value: s.value, Source: p.source, ProposedBy: by, ProposedAt: at}
	}
	return out
}

// mend says in the person's own words what would work where one of the two days of
// a row alone makes no sense: both in one change.
func (p proposal) mend(mistake error) error {
	var span *calendar.SpanError
	if !errors.As(mistake, &span) || span.Row != p.row {
		return mistake
	}
	words := []string{"calendar set", p.row}
	has := map[string]bool{}
	for _, s := range p.settings {
		value := s.value
		if strings.ContainsFunc(value, unicode.IsSpace) {
			value = `"` + value + `"`
		}
		if s.field == "end" && !has["start"] {
			words = append(words, "start DAY")
		}
		words = append(words, s.field, value)
		if s.field == "start" && !slices.ContainsFunc(p.settings, func(s setting) bool { return s.field == "end" }) {
			words = append(words, "end DAY")
		}
		has[s.field] = true
	}
	if has["start"] && has["end"] {
		return mistake
	}
	return fmt.Errorf("%s; set both days at once: %s source:%s", span.Wrong(), strings.Join(words, " "), p.source)
}

// changesOf puts the amendments of one change together.
func changesOf(all []bot.Amendment) [][]bot.Amendment {
	var out [][]bot.Amendment
	for _, a := range all {
		if last := len(out) - 1; last >= 0 && out[last][0].ID == a.ID {
			out[last] = append(out[last], a)
			continue
		}
		out = append(out, []bot.Amendment{a})
	}
	return out
}

// settingsIn says what the fields of a change are: "start is 2026-12-14 and end is
// 2026-12-18".
func settingsIn(change []bot.Amendment) string {
	var parts []string
	for _, a := range change {
		parts = append(parts, a.Field+" is "+orNone(a.Value))
	}
	if last := len(parts) - 1; last > 0 {
		return strings.Join(parts[:last], ", ") + " and " + parts[last]
	}
	return strings.Join(parts, "")
}

// changeLine says in one line what somebody changed by hand.
func changeLine(change []bot.Amendment) string {
	a := change[0]
	line := fmt.Sprintf("%d: %s %s (%s), proposed by %s on %s", a.ID, a.Row, settingsIn(change), a.Source, a.ProposedBy, calendar.FromTime(a.ProposedAt))
	if a.ConfirmedAt.IsZero() {
		return line + ", waits to be confirmed"
	}
	return line + ", confirmed by " + a.ConfirmedBy + " on " + calendar.FromTime(a.ConfirmedAt).String()
}
