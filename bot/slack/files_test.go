package slack_test

import (
	"strings"
	"testing"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

func TestAcceptance41FilesAreThereOnceAtMost(t *testing.T) {
	t.Parallel()
	reply := bot.Reply{bot.Paragraph{Text: "An edition."}, bot.File{Name: "digest.ics", Type: "text/calendar; charset=utf-8", Data: []byte("BEGIN:VCALENDAR\r\n")}}
	for name, c := range map[string]struct {
		method string
		fault  slackfake.Fault
		files  int
	}{
		"nothing fails":         {"none", slackfake.Fault{}, 1},
		"dies after the bytes":  {"files.completeUploadExternal", slackfake.Fault{Drop: true}, 0},
		"dies after completing": {"files.completeUploadExternal", slackfake.Fault{Drop: true, Store: true}, 1},
		"lacks the scope":       {"files.getUploadURLExternal", slackfake.APIError("missing_scope"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			fake.Fail(c.method, c.fault)
			log := &lines{}
			client := connectAs(t, fake, slack.Options{AppToken: appToken, Log: log.logger()})
			p := post(reply)
			p.Purpose = bot.ForDigest
			if _, err := client.Post(waiting(t), p); err != nil {
				t.Fatal(err)
			}
			p.Doubtful = true // as if the process had died before it was written down
			if _, err := client.Post(waiting(t), p); err != nil {
				t.Fatal(err)
			}
			shared := 0
			for _, f := range fake.Files() {
				if f.Channel != "" {
					shared++
				}
			}
			posts := fake.Posts()
			if shared != c.files || len(posts) == 0 || strings.Contains(posts[0].Text+posts[0].Visible(), "VCALENDAR") {
				t.Errorf("got %d files and %q, want %d, and nothing of them in the text", shared, visible(posts), c.files)
			}
			if attached, failed := client.Counts()["file_attached"], client.Counts()["file_not_attached"]; attached+failed != 1 {
				t.Errorf("got %d attached and %d not, want one outcome", attached, failed)
			}
		})
	}
	// Whom only an ephemeral message reaches is shown what is in it.
	fake := start(t, slackfake.Config{})
	serve(t, fake, &bot.Server{Handler: bot.HandlerFunc(say(reply))})
	if _, err := fake.Slash("/iis", "x", room, alice); err != nil {
		t.Fatal(err)
	}
	shown, err := fake.WaitEphemerals(waiting(t), 1)
	if err != nil || !strings.Contains(shown[0].Visible(), "BEGIN:VCALENDAR") {
		t.Errorf("got %q (%v), want what is in the file", visible(shown), err)
	}
}
