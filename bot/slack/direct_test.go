package slack_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// The conversation of a person is opened in the workspace of the room that the
// message to them is about.
func TestAPersonIsWrittenToInTheirWorkspace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{})
		client, h := replica(t, fake, newInstalls(), nil)
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		direct, err := client.Direct(patient(t), alice, bot.Room{Platform: "slack", ID: "T0ONE/C0GONE"})
		if err != nil || direct.ID != "T0ONE/D0ALICE" {
			t.Fatalf("got %v, %v, want the conversation in that workspace", direct, err)
		}
		p := post(bot.Say("your channel is gone"))
		p.Room = direct
		if _, err := client.Post(patient(t), p); err != nil || len(fake.Posts()) != 1 || fake.Posts()[0].Channel != "D0ALICE" {
			t.Errorf("got %v and posts %q, want it said there", err, visible(fake.Posts()))
		}
		if got, err := client.Direct(patient(t), alice, bot.Room{Platform: "slack", ID: "T0OTHER/C0GONE"}); err == nil {
			t.Errorf("got %v, want no conversation where the app is not installed", got)
		}
	})
	for name, scopes := range map[string][]string{"D0ALICE": nil, alice: {"chat:write"}} {
		fake := start(t, slackfake.Config{Scopes: scopes})
		if direct, err := connect(t, fake).Direct(waiting(t), alice, bot.Room{Platform: "slack", ID: "C0GONE"}); err != nil || direct.ID != name {
			t.Errorf("scopes %q: got %v, %v, want %s", scopes, direct, err, name)
		}
	}
}

// Operators are told in the workspace where it happened, and in each by itself.
func TestOperatorsAreToldInTheWorkspaceWhereItHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{})
		client, h := replicaWith(t, fake, newInstalls(), nil, slack.Options{Operators: []string{"U0OPS"}})
		for _, team := range []string{"T0ONE", "T0TWO"} {
			install(t, fake, h, slackfake.Grant{Team: team, User: alice})
		}
		for _, team := range []string{"T0ONE", "T0ONE", "T0TWO"} {
			fake.Fail("chat.postMessage", slackfake.APIError("restricted_action"))
			if _, err := client.Post(patient(t), into(team, "x")); err == nil {
				t.Error("got no error for what the workspace does not let the app do")
			}
			time.Sleep(time.Minute)
		}
		tokens := map[string]bool{}
		for _, c := range fake.Calls("chat.postMessage") {
			if c.Params["channel"] == "D0OPS" {
				tokens[c.Token] = true
			}
		}
		if posts := fake.Posts(); len(posts) != 2 || len(tokens) != 2 || !strings.Contains(posts[0].Visible(), "restricted_action") {
			t.Errorf("got %q with %d tokens, want one notice in each workspace", visible(posts), len(tokens))
		}
	})
}

// Slack says once a minute that it leaves events out: that is counted, and told once.
func TestEventsThatSlackLeavesOutAreCountedAndToldOnce(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{Operators: []string{"U0OPS"}}, echo(), func(t *testing.T, fake *slackfake.Server, client *slack.Client) {
		t.Helper()
		for range 5 {
			fake.LimitEvents()
			time.Sleep(time.Minute)
		}
		if posts := fake.Posts(); len(posts) != 1 || posts[0].Channel != "D0OPS" || client.Counts()["app_rate_limited"] != 5 {
			t.Errorf("got %q and %d counted, want one notice and 5", visible(posts), client.Counts()["app_rate_limited"])
		}
		for _, a := range fake.Acks() {
			if a.Status != 200 {
				t.Errorf("got status %d, want it acknowledged", a.Status)
			}
		}
	})
}

// Anybody may begin an installation. What is kept of those that nobody ends is
// bounded.
func TestInstallationsThatNobodyEndsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newInstalls()
		fake := offline(t, slackfake.Config{})
		_, h := replica(t, fake, kept, nil)
		shed := 0
		for range 1000 {
			if w := get(h, "https://bot.example/slack/install"); w.Code == 429 {
				shed++
			}
		}
		if len(kept.states) != 30 || shed != 970 {
			t.Errorf("got %d states kept and %d turned away, want 30 and 970", len(kept.states), shed)
		}
		time.Sleep(time.Minute)
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
	})
}
