package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

func TestATextMayNameTheDayToAnswerAsOf(t *testing.T) {
	t.Parallel()
	mux := desk(t)
	for _, c := range []struct{ text, asOf, want string }{
		{"back in June 2021, when was the next session?", "2021-06-30", "13–17 December 2021"},
		{"When is the next OEWG session? (as of 2021-06)", "2021-06-30", "13–17 December 2021"},
		{"When is the next OEWG session as of 2021-06-15?", "2021-06-15", "13–17 December 2021"},
		{"as of 15 June 2021, when is the next OEWG session?", "2021-06-15", "13–17 December 2021"},
		{"As of June 15, 2021: when is the next OEWG session?", "2021-06-15", "13–17 December 2021"},
		{"as of February 2020 how many sessions has the OEWG held?", "2020-02-29", "2 substantive sessions"},
		{"Who chairs the AHC as of 2022?", "2022-12-31", "Mebarki (Algeria)"},
		{"upcoming OEWG as of 29 November 2021", "2021-11-29", "13–17 December 2021"},
		{"next as at 2024-11", "2024-11-30", "2–6 December 2024"},
		{"glossary APR as of 2021-06", "2021-06-30", "Annual progress report"},
		{"When is the next session as of today?", "2026-11-23", "7–11 December 2026"},
		{"When is the next session as of November 2026?", "2026-11-23", "7–11 December 2026"},
	} {
		reply := say(t, mux, "2026-11-23", c.text)
		if !strings.Contains(leadAndFacts(reply), c.want) {
			t.Errorf("%s\n got %s\nwant %q", c.text, reply, c.want)
		}
		if got := reply.Scope().AsOf; got != c.asOf {
			t.Errorf("%s: got as of %s, want %s", c.text, got, c.asOf)
		}
	}
}

func TestADayToComeOrWithoutMeaningIsRefused(t *testing.T) {
	t.Parallel()
	mux := desk(t)
	for text, want := range map[string]string{
		"When is the next session as of 2030?":              "I cannot answer as of 2030: it is 23 November 2026",
		"as of 24 November 2026, who chairs the OEWG?":      "I cannot answer as of 24 November 2026",
		"When is the next session as of 2021-13?":           `I cannot read the day "2021-13"`,
		"as of 31 February 2021, when is the next session?": `I cannot read the day "31 February 2021"`,
	} {
		reply := say(t, mux, "2026-11-23", text)
		if !strings.HasPrefix(reply.Lead(), want) || len(reply.Facts()) > 0 {
			t.Errorf("%s\n got %s\nwant %q", text, reply, want)
		}
	}
}

// TestWordsOfAStatementAreNoDayToAnswerAsOf asks with "back in 1998", which the
// statement says.
func TestWordsOfAStatementAreNoDayToAnswerAsOf(t *testing.T) {
	t.Parallel()
	mux := desk(t)
	for _, text := range []string{"What issue was raised back in 1998?", `Who said "as of 2019 we agree"?`} {
		if got := say(t, mux, "2026-11-23", text).Scope().AsOf; got != "2026-11-23" {
			t.Errorf("%s: got as of %s, want the day of the question", text, got)
		}
	}
}

func TestTheRecordIsNotQuotedBeforeItExisted(t *testing.T) {
	t.Parallel()
	mux := desk(t)
	for _, text := range []string{
		"as of 2019 what does Russia say about sovereignty?", "as of 2021-04 who delivered the statement?",
		"When did Russia first raise information security at the UN, as of 2005?",
	} {
		if reply := say(t, mux, "2026-11-23", text); len(reply.Quotations()) > 0 || strings.Contains(reply.String(), "Nebenzia") {
			t.Errorf("%s\n got %s\nwant nothing of a statement of June 2021", text, reply)
		}
	}
}

// TestNoAnswerNamesWhatCameLater asks, as of many days, for every session that
// was not yet announced and every milestone that had not come.
func TestNoAnswerNamesWhatCameLater(t *testing.T) {
	t.Parallel()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	mux := desk(t)
	for _, at := range []string{"2004-06-01", "2019-04-01", "2020-03-01", "2021-05-01", "2021-11-29", "2024-08-20", "2026-02-01"} {
		now := day(t, at)
		replies := map[string]bot.Reply{} // many rows are asked for in the same words
		ask := func(text string) bot.Reply {
			if _, asked := replies[text]; !asked {
				replies[text] = say(t, mux, at, text)
			}
			return replies[text]
		}
		shows := func(reply bot.Reply, id string, days ...string) string {
			for _, f := range reply.Facts() {
				if f.ID == id {
					return "the row " + id
				}
			}
			text := reply.String()
			for _, d := range days {
				if d != "" && strings.Contains(text, d) {
					return d
				}
			}
			return ""
		}
		for _, s := range cal.Sessions() {
			if cal.Announced(s, now) {
				continue
			}
			p, _ := cal.Process(s.Process)
			days := ""
			if s.Start.Precision() == calendar.ToDay {
				days = s.When()
			}
			for _, text := range []string{
				"When was the " + s.Title + " of the " + p.Short + "?", "When is the " + s.Title + "?", "upcoming " + p.Short + " 999m", "next " + p.Short,
				fmt.Sprintf("What meetings are there in %s %d?", s.Start.Month, s.Start.Year), "Who chairs the " + p.Short + "?", "Where was the " + s.Title + " of the " + p.Short + "?",
			} {
				if leak := shows(ask(text), s.ID, days); leak != "" && !strings.Contains(text, leak) {
					t.Errorf("as of %s, %s\n got %s, want nothing of it", at, text, leak)
				}
			}
		}
		for _, ms := range cal.Milestones() {
			if ms.Happened(now) || ms.Announced(now) {
				continue
			}
			date := ""
			if ms.Date.Precision() == calendar.ToDay && !sessionOn(cal, ms.Date, now) {
				date = ms.Date.String()
			}
			texts := []string{"When did this happen: " + ms.Title + "?", "timeline " + ms.Title}
			if ms.Symbol != "" {
				texts = append(texts, "What is "+ms.Symbol+"?", "When was "+ms.Symbol+" adopted?")
			}
			for _, text := range texts {
				if leak := shows(ask(text), ms.ID, date); leak != "" {
					t.Errorf("as of %s, %s\n got %s, want nothing of it", at, text, leak)
				}
			}
		}
		for _, c := range cal.Claims() {
			if c.Wording == "" || !c.Known().First().After(now) {
				continue
			}
			if leak := shows(ask("quote "+c.Wording), c.ID); leak != "" {
				t.Errorf("as of %s, quote %s: got %s, want nothing of it", at, c.Wording, leak)
			}
			if leak := shows(ask(c.Wording+"?"), c.ID); leak != "" {
				t.Errorf("as of %s, %s: got %s, want nothing of it", at, c.Wording, leak)
			}
		}
		if len(replies) == 0 {
			t.Errorf("as of %s: got no question, want some: all is known by then", at)
		}
	}
}

// sessionOn says whether a session known of by then has that day in its days: its
// row may show it.
func sessionOn(cal *calendar.Calendar, date calendar.Date, at time.Time) bool {
	for _, s := range cal.Sessions() {
		if cal.Announced(s, at) && strings.Contains(s.When(), date.String()) {
			return true
		}
	}
	return false
}

func TestAGlossaryOfThePastTellsNothingOfWhatCameLater(t *testing.T) {
	t.Parallel()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	mux := desk(t)
	for _, term := range cal.Terms() {
		text := leadAndFacts(say(t, mux, "2021-11-29", "glossary "+term.Term))
		for _, later := range []string{"2022", "2023", "2024", "2025", "Global Mechanism on developments", "follows it", "López"} {
			if strings.Contains(strings.ReplaceAll(text, "2021–2025", ""), later) {
				t.Errorf("glossary %s as of 2021\n got %s\nwant nothing of %q", term.Term, text, later)
			}
		}
	}
}
