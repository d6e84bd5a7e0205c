package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack/slackfake"
)

// edition is a digest of so many paragraphs, of which the last says a word.
func edition(paragraphs int, word string) bot.Reply {
	reply := bot.Reply{bot.Heading{Text: "Edition"}}
	for i := range paragraphs {
		reply = append(reply, bot.Paragraph{Text: fmt.Sprintf("Paragraph %d. %s", i, strings.Repeat("The session goes on. ", 60))})
	}
	return append(reply, bot.Fact{ID: "row", Text: "It meets on " + word, Source: "https://example.org"})
}

func TestACorrectedReplyStandsInThePlaceOfTheOldOne(t *testing.T) {
	t.Parallel()
	for name, paragraphs := range map[string]int{"one part": 0, "several parts": 60} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			client := connect(t, fake)
			digest := bot.Post{Room: bot.Room{Platform: "slack", ID: room}, Reply: edition(paragraphs, "7–11 December"), Key: "delivery", Purpose: bot.ForDigest, Since: time.Now()}
			receipt, err := client.Post(waiting(t), digest)
			if err != nil {
				t.Fatal(err)
			}
			before := fake.Posts()
			digest.Reply = edition(paragraphs, "14–18 December")
			for range 2 { // the same edit twice is one
				if err := client.Edit(waiting(t), digest, receipt, "correction"); err != nil {
					t.Fatal(err)
				}
			}
			after := fake.Posts()
			if len(after) != len(before) || (paragraphs > 0) != (len(before) > 1) {
				t.Fatalf("got %d posts and %d after the edit, want as many", len(before), len(after))
			}
			var all strings.Builder
			for i, p := range after {
				if p.TS != before[i].TS || !p.Edited {
					t.Errorf("part %d: got %s (edited %v), want %s edited", i, p.TS, p.Edited, before[i].TS)
				}
				all.WriteString(p.Text + string(p.Blocks))
			}
			if got := all.String(); !strings.Contains(got, "14–18 December") || strings.Contains(got, "7–11 December") {
				t.Errorf("got %.300s…, want the new words and not the old", got)
			}
		})
	}
}

func TestWhatAFailedEditMeans(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault slackfake.Fault
		want  bot.Outcome
	}{
		"too old":      {slackfake.APIError("edit_window_closed"), bot.Refused},
		"room gone":    {slackfake.APIError("channel_not_found"), bot.Gone},
		"rate limited": {slackfake.RateLimited(30), bot.NotSent},
		"busy":         {slackfake.Fault{Status: 503, Body: "busy"}, bot.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			client := connect(t, fake)
			digest := bot.Post{Room: bot.Room{Platform: "slack", ID: room}, Reply: edition(0, "now"), Key: "delivery"}
			receipt, err := client.Post(waiting(t), digest)
			if err != nil {
				t.Fatal(err)
			}
			fake.Fail("chat.update", c.fault)
			if got, _ := bot.OutcomeOf(client.Edit(waiting(t), digest, receipt, "correction")); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	client := connect(t, start(t, slackfake.Config{}))
	if got, _ := bot.OutcomeOf(client.Edit(waiting(t), post(bot.Say("x")), bot.Receipt{}, "correction")); got != bot.Refused {
		t.Errorf("without a timestamp: got %v, want refused", got)
	}
}
