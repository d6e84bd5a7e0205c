package slack_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// Test 22 where the app is installed in several workspaces: a channel that they
// share tells of each message once for each of them.
func TestAcceptance22TwinsOfSharedChannelsAreOneQuestion(t *testing.T) {
	t.Parallel()
	event := func(kind, channel, ts, cmid string) map[string]any {
		e := map[string]any{"type": kind, "channel": channel, "user": alice, "ts": ts, "text": "<@U0RAPPORTEUR> twin"}
		if cmid != "" {
			e["client_msg_id"] = cmid
		}
		return e
	}
	one, two := slackfake.Origin{Team: "T0ONE"}, slackfake.Origin{Team: "T0TWO", Enterprise: "E0ORG"}
	for _, c := range []struct {
		name   string
		from   []slackfake.Origin
		events []map[string]any
		posts  int
	}{
		{"one ts", []slackfake.Origin{one, two}, []map[string]any{event("app_mention", room, "1700000000.000100", ""), event("app_mention", room, "1700000000.000100", "")}, 1},
		{"one client_msg_id", []slackfake.Origin{one, two}, []map[string]any{event("app_mention", room, "1700000000.000100", "c1"), event("app_mention", room, "1700000000.000200", "c1")}, 1},
		{"all of it", []slackfake.Origin{two, one, two, one}, []map[string]any{
			event("app_mention", room, "1700000000.000100", "c1"), event("app_mention", room, "1700000000.000100", "c1"),
			event("app_mention", room, "1700000000.000100", "c1"), event("app_mention", room, "1700000000.000300", "c1"),
		}, 1},
		{"two channels", []slackfake.Origin{one, two}, []map[string]any{event("app_mention", room, "1700000000.000100", ""), event("app_mention", "C0OTHER", "1700000000.000100", "")}, 2},
		{"two messages", []slackfake.Origin{one, two}, []map[string]any{event("app_mention", room, "1700000000.000100", "c1"), event("app_mention", room, "1700000000.000200", "c2")}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := offline(t, slackfake.Config{})
				_, h := replica(t, fake, newInstalls(), nil)
				fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
				fake.AddChannel("C0OTHER")
				install(t, fake, h, slackfake.Grant{Team: one.Team, User: alice})
				install(t, fake, h, slackfake.Grant{Team: two.Team, Enterprise: two.Enterprise, User: alice})
				for i, e := range c.events {
					fake.EventFrom(c.from[i], e)
				}
				time.Sleep(time.Minute)
				if acks, posts := fake.Acks(), fake.Posts(); len(acks) != len(c.events) || len(posts) != c.posts {
					t.Errorf("got %d acknowledgements and answers %q, want %d and %d", len(acks), visible(posts), len(c.events), c.posts)
				}
			})
		})
	}
}

// The workspace that tells first cannot be committed: the message is not lost when
// the other one tells of it.
func TestAcceptance22TheTwinIsTakenInWhereTheFirstWasNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{Retries: []time.Duration{}})
		tries := 0
		inbox := &bottest.Inbox{OnReceive: func(context.Context, bot.Message) error {
			if tries++; tries == 1 {
				return context.DeadlineExceeded
			}
			return nil
		}}
		client, err := slack.New(slack.Options{
			APIURL: fake.APIURL(), SigningSecrets: []string{fake.SigningSecret()}, Transport: fake.Transport(), Log: bottest.Log(t), OAuth: oauthOptions(newInstalls()),
		})
		if err != nil {
			t.Fatal(err)
		}
		s := &bot.Server{Platform: client, Handler: echo(), Log: bottest.Log(t), Inbox: inbox}
		bottest.Serve(t, s)
		h := client.Installing(client.Handler(s))
		fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
		for _, team := range []string{"T0ONE", "T0TWO"} {
			install(t, fake, h, slackfake.Grant{Team: team, User: alice})
		}
		for _, team := range []string{"T0ONE", "T0TWO"} {
			fake.EventFrom(slackfake.Origin{Team: team}, map[string]any{"type": "app_mention", "channel": room, "user": alice, "ts": "1700000000.000100", "text": "<@U0RAPPORTEUR> twin"})
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		if len(fake.Posts()) != 1 {
			t.Errorf("got %q, want one answer", visible(fake.Posts()))
		}
	})
}
