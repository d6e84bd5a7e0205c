package slack_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// Tests 23 and 73 for an organisation: its installation goes whichever workspace
// the event names, and nobody else's does.
func TestAcceptance23AnOrganisationUninstalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		from slackfake.Origin
		bare bool // the events say nothing of authorizations
		left []string
		gone string
	}{
		{"the organisation", slackfake.Origin{Team: "T0ANY", Enterprise: "E0ORG", OrgWide: true}, false, []string{"E0ORG.T0OWN", ".T0ONE"}, "E0ORG. all gone"},
		{"one of its workspaces", slackfake.Origin{Team: "T0OWN", Enterprise: "E0ORG"}, false, []string{"E0ORG.", ".T0ONE"}, "E0ORG.T0OWN/ all gone"},
		{"the organisation, barely said", slackfake.Origin{Team: "T0ANY", Enterprise: "E0ORG", OrgWide: true}, true, []string{"E0ORG.T0OWN", ".T0ONE"}, "E0ORG. all gone"},
		{"one of its workspaces, barely said", slackfake.Origin{Team: "T0OWN", Enterprise: "E0ORG"}, true, []string{"E0ORG.", ".T0ONE"}, "E0ORG.T0OWN/ all gone"},
	} {
		for _, revokedFirst := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, ", revoked first ", revokedFirst), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					kept, rooms := newInstalls(), &ledger{tries: 1}
					fake := offline(t, slackfake.Config{NoAuthorizations: c.bare})
					_, h := replica(t, fake, kept, rooms)
					fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
					for _, g := range []slackfake.Grant{{Team: "T0ONE", User: alice}, {Team: "T0OWN", Enterprise: "E0ORG", User: alice}, {Enterprise: "E0ORG", OrgWide: true, User: alice}} {
						install(t, fake, h, g)
					}
					fake.UninstallFrom(c.from, revokedFirst)
					time.Sleep(10 * time.Minute)
					kept.mu.Lock()
					defer kept.mu.Unlock()
					if len(kept.kept) != len(c.left) {
						t.Errorf("got %d installations left, want %q", len(kept.kept), c.left)
					}
					for _, key := range c.left {
						if _, there := kept.kept[key]; !there {
							t.Errorf("%s is deleted, want it left", key)
						}
					}
					rooms.mu.Lock()
					defer rooms.mu.Unlock()
					if len(rooms.notes) == 0 || !strings.HasPrefix(rooms.notes[0], c.gone) {
						t.Errorf("got notes %q, want %q", rooms.notes, c.gone)
					}
				})
			})
		}
	}
}

// The tokens of people are revoked, and not the bot's.
func TestRevokedTokensOfPeopleLeaveTheInstallation(t *testing.T) {
	t.Parallel()
	event := map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []string{alice}, "bot": []string{}}}
	synctest.Test(t, func(t *testing.T) {
		kept, rooms := newInstalls(), &ledger{tries: 1}
		fake := offline(t, slackfake.Config{})
		client, h := replica(t, fake, kept, rooms)
		fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		fake.EventFrom(slackfake.Origin{Team: "T0ONE"}, event)
		time.Sleep(time.Minute)
		if _, err := client.Post(patient(t), into("T0ONE", "x")); err != nil || len(rooms.notes) > 0 {
			t.Errorf("got %v and notes %q, want the bot to go on", err, rooms.notes)
		}
	})
	bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.Event(event)
		fake.Mention(room, alice, "still there?")
		time.Sleep(time.Minute)
		if len(fake.Posts()) != 1 {
			t.Errorf("one workspace: got posts %q, want the answer", visible(fake.Posts()))
		}
	})
}

func TestOrganisationsTakeWorkspacesAwayAndGiveThemBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept, rooms := newInstalls(), &ledger{tries: 1}
		fake := offline(t, slackfake.Config{})
		_, h := replica(t, fake, kept, rooms)
		fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
		install(t, fake, h, slackfake.Grant{Enterprise: "E0ORG", OrgWide: true, User: alice})
		from := slackfake.Origin{Team: "T0ONE", Enterprise: "E0ORG", OrgWide: true}
		for _, kind := range []string{"team_access_revoked", "team_access_granted"} {
			fake.EventFrom(from, map[string]any{"type": kind, "team_ids": []string{"T0ONE", "T0TWO"}})
			time.Sleep(time.Minute)
		}
		fake.EventFrom(from, map[string]any{"type": "channel_id_changed", "old_channel_id": "G0OLD", "new_channel_id": "C0NEW"})
		time.Sleep(time.Minute)
		const why = ": the organisation took the app out of the workspace"
		want := []string{
			"E0ORG.T0ONE/ all gone" + why, "E0ORG.T0TWO/ all gone" + why, "E0ORG.T0ONE/ all back" + why, "E0ORG.T0TWO/ all back" + why,
			"E0ORG.T0ONE/G0OLD is now E0ORG.T0ONE/C0NEW",
		}
		rooms.mu.Lock()
		defer rooms.mu.Unlock()
		if strings.Join(rooms.notes, "\n") != strings.Join(want, "\n") {
			t.Errorf("got notes %q, want %q", rooms.notes, want)
		}
	})
}

// Members of another workspace of the same organisation are no outsiders; those of
// another organisation are, and so are guests.
func TestSiblingsOfOneOrganisationAreNoOutsiders(t *testing.T) {
	t.Parallel()
	tell := func(fake *slackfake.Server, from slackfake.Origin) func(t *testing.T, user, want string) {
		return func(t *testing.T, user, want string) {
			t.Helper()
			n := len(fake.Posts())
			ts := fake.Say(room, user, "", "x")
			fake.EventFrom(from, map[string]any{"type": "app_mention", "user": user, "channel": room, "text": "x", "ts": ts})
			time.Sleep(time.Minute)
			if posts := fake.Posts(); len(posts) != n+1 || posts[n].Visible() != want {
				t.Errorf("%s: got %q, want %q", user, visible(posts[n:]), want)
			}
		}
	}
	people := func(fake *slackfake.Server) {
		for _, u := range []slackfake.User{
			{ID: alice, Team: "T0HERE", Enterprise: "E0ORG"},
			{ID: "U0SIBLING", Team: "T0SIBLING", Enterprise: "E0ORG"},
			{ID: "U0GUEST", Team: "T0SIBLING", Enterprise: "E0ORG", Guest: true},
			{ID: "U0OTHER", Team: "T0OTHER", Enterprise: "E0OTHER"},
			{ID: "U0ALONE", Team: "T0ALONE"},
		} {
			fake.AddUser(u)
		}
	}
	want := map[string]string{alice: "false", "U0SIBLING": "false", "U0GUEST": "true", "U0OTHER": "true", "U0ALONE": "true"}
	public := bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
		return bot.Say(strconv.FormatBool(m.Public)), nil
	})
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{Team: "T0HERE", Enterprise: "E0ORG"})
		people(fake)
		serveHTTP(t, fake, &bot.Server{Handler: public}, slack.Options{})
		for user, w := range want {
			tell(fake, slackfake.Origin{})(t, user, w)
		}
		fake.ChangeUser(slackfake.User{ID: "U0SIBLING", Team: "T0SIBLING", Enterprise: "E0ORG", TZ: "UTC"})
		time.Sleep(time.Second)
		tell(fake, slackfake.Origin{})(t, "U0SIBLING", "false")
	})
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{Team: "T0HERE", Enterprise: "E0ORG"})
		people(fake)
		_, h := replicaWith(t, fake, newInstalls(), nil, slack.Options{}, public)
		fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
		install(t, fake, h, slackfake.Grant{Enterprise: "E0ORG", OrgWide: true, User: alice})
		for user, w := range want {
			tell(fake, slackfake.Origin{Team: "T0HERE", Enterprise: "E0ORG", OrgWide: true})(t, user, w)
		}
	})
}
