package handlers_test

import (
	"strings"
	"testing"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

func TestEveryClaimsWordingStandsInItsDocument(t *testing.T) {
	t.Parallel()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	record, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, doc := range record.Documents() {
		texts[doc.ID] = doc.Text
	}
	worded := 0
	for _, c := range cal.Claims() {
		text, known := texts[c.Document]
		if !known {
			t.Errorf("%s: got document %q, want one of the record", c.ID, c.Document)
		}
		if c.Wording == "" {
			if c.Kind != "implicit date" {
				t.Errorf("%s: got no wording, want one unless the text is silent", c.ID)
			}
			continue
		}
		worded++
		if n := strings.Count(text, c.Wording); n != 1 {
			t.Errorf("%s: got %q %d times in the document, want once", c.ID, c.Wording, n)
		}
	}
	if worded != 18 {
		t.Errorf("got %d claims with a wording, want 18", worded)
	}
}

// TestTheRecordLeadsAndTheCalendarsDayFollows asks what both answer.
func TestTheRecordLeadsAndTheCalendarsDayFollows(t *testing.T) {
	t.Parallel()
	mux := desk(t)
	for _, c := range []struct{ ask, says, fact string }{
		{"When was the OEWG launched?", "«in 2019 we launched»", "3 June 2019"},
		{"When did Russia first raise information security at the UN?", "«back in 1998»", "4 December 1998"},
		{"When was the GGE proposed?", "«In early 2000s»", "29 November 2001"},
		{"When did President Putin speak about IIS?", "«on 26 March 2021»", "26 March 2021"},
		{"When did the President endorse the Basic Principles?", "«in April this year»", "12 April 2021"},
		{"What did the 2018 resolution contain?", "«adopted in 2018 upon Russia's initiative»", "5 December 2018"},
		{"By when should the convention be drafted?", "«by 2023»", "24 December 2024"},
		{"When was the organizational meeting of the renewed OEWG?", "«kicked off in June 2021»", "1 June 2021"},
	} {
		reply := say(t, mux, "2026-11-23", c.ask)
		if len(reply) == 0 || len(reply.Facts()) == 0 {
			t.Errorf("%s\n got %s, want words and a fact", c.ask, reply)
			continue
		}
		if _, leads := reply[0].(bot.Quotation); !leads {
			t.Errorf("%s\n got %s\nwant the record's words first", c.ask, reply)
		}
		fact := reply.Facts()[0]
		if !strings.Contains(fact.Text, "The statement says "+c.says) || !strings.Contains(fact.Text, c.fact) || fact.Source == "" {
			t.Errorf("%s\n got fact %q, source %q\nwant %q, %q and a source", c.ask, fact.Text, fact.Source, c.says, c.fact)
		}
	}
}

func TestAClaimWithoutAVerifiedDayShowsNothing(t *testing.T) {
	t.Parallel()
	for _, f := range say(t, desk(t), "2026-11-23", "What is said about the pandemic?").Facts() {
		if f.ID == "claim-03" {
			t.Errorf("got %q, want nothing: its day was not read in a source", f.Text)
		}
	}
}
