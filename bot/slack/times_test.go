package slack_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack/slackfake"
)

func TestTimesAreToldInTheZoneOfTheReader(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	client := connect(t, fake)
	at := time.Date(2026, 12, 7, 7, 0, 0, 0, time.UTC)
	line := "Mon 7 Dec 2026, 08:00 CET (UTC+01:00) = Mon 7 Dec 2026, 07:00 UTC"
	reply := bot.Reply{bot.Paragraph{Text: "It comes next on:"}, bot.Times{{At: at, Text: line}, {Text: "and then never"}}}
	if _, err := client.Post(waiting(t), post(reply)); err != nil {
		t.Fatal(err)
	}
	got := fake.Posts()[0]
	const stamp = "<!date^1796626800^{date_short_pretty} {time}|7 Dec 2026, 07:00 UTC>"
	if !strings.Contains(got.Text, "• "+line+" · your time: "+stamp+"\n• and then never") {
		t.Errorf("text: got %q, want the line with %s", got.Text, stamp)
	}
	for _, want := range []string{`"type":"date"`, `"timestamp":1796626800`, `"fallback":"7 Dec 2026, 07:00 UTC"`} {
		if !strings.Contains(string(got.Blocks), want) {
			t.Errorf("blocks: got %s, want them to hold %s", got.Blocks, want)
		}
	}
	if harm := got.Harm(); len(harm) > 0 {
		t.Errorf("got %q, want no harm", harm)
	}
}

// What looks like the mark of a time and is none has no power.
func TestOnlyTimesStandUnescapedInTheText(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	client := connect(t, fake)
	for _, hostile := range []string{"\x01<!channel>\x02", "\x01<!date^1^{date}^https://evil.example|x>\x02", "\x01<!channel>", "\x01\x01<!here>\x02\x02"} {
		reply := bot.Reply{record(t, hostile), bot.Paragraph{Text: hostile}}
		if _, err := client.Post(waiting(t), post(reply)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range fake.Posts() {
		for _, tag := range []string{"<!channel>", "<!date", "<!here>"} {
			if strings.Contains(p.Text, tag) {
				t.Errorf("got %q, want %s escaped", p.Text, tag)
			}
		}
	}
}
