package slack_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// into is a post into the room of a workspace.
func into(team, says string) bot.Post {
	p := post(bot.Say(says))
	p.Room.ID, p.Key = team+"/"+room, p.Key+says
	return p
}

// Test 34: a process dies after Slack has given new tokens and before they are
// kept. The next one has an old token that Slack exchanges no more.
func TestAcceptance34LostTokensAreSaidOnceAndNotLooped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newInstalls()
		fake := offline(t, slackfake.Config{Rotation: true})
		doomed, h := replica(t, fake, kept, nil)
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		install(t, fake, h, slackfake.Grant{Team: "T0TWO", User: alice})
		before := kept.copied()
		fake.Expire("T0ONE")
		if _, err := doomed.Post(patient(t), into("T0ONE", "x")); err != nil {
			t.Fatal(err)
		}
		log := &lines{}
		second, h := replicaWith(t, fake, before, nil, slack.Options{Log: log.logger()})
		exchanges := len(fake.Calls("oauth.v2.access"))
		fake.Expire("T0ONE")
		for i := range 30 {
			_, err := second.Post(patient(t), into("T0ONE", fmt.Sprint("lost ", i)))
			if outcome, after := bot.OutcomeOf(err); outcome != bot.Unknown || after < time.Minute || strings.Contains(err.Error(), "rotation off") {
				t.Fatalf("post %d: got %v after %v, want it kept for later and no advice on rotation", i, err, after)
			}
			if _, err := second.Post(patient(t), into("T0TWO", fmt.Sprint("other ", i))); err != nil {
				t.Fatalf("the other workspace, post %d: %v", i, err)
			}
			time.Sleep(30 * time.Second)
		}
		if n := len(fake.Calls("oauth.v2.access")) - exchanges; n != 1 {
			t.Errorf("got %d exchanges in 15 min, want one", n)
		}
		if n := strings.Count(log.text(), "Re-install needed"); n != 1 {
			t.Errorf("the operator was told %d times, want once", n)
		}
		calls := 0
		for _, c := range fake.Calls("chat.postMessage") {
			if text, _ := c.Params["text"].(string); strings.HasPrefix(text, "lost") {
				calls++
			}
		}
		if calls != 1 {
			t.Errorf("got %d calls with the token that Slack refuses, want one", calls)
		}
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		if _, err := second.Post(patient(t), into("T0ONE", "installed again")); err != nil {
			t.Errorf("installed again: %v", err)
		}
	})
}

// Test 33, the case of rotation: Slack calls a token expired before its time.
func TestAcceptance33ExpiredTokensAreExchangedOnceAndTheCallIsMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newInstalls()
		fake := offline(t, slackfake.Config{Rotation: true})
		first, h := replicaWith(t, fake, kept, nil, slack.Options{Guide: guide{}})
		second, _ := replica(t, fake, kept, nil)
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		for i, c := range []*slack.Client{first, second} {
			if _, err := c.Post(patient(t), into("T0ONE", fmt.Sprint("before ", i))); err != nil {
				t.Fatal(err)
			}
		}
		exchanges := len(fake.Calls("oauth.v2.access"))
		fake.Expire("T0ONE")
		var posting sync.WaitGroup
		for i := range 10 {
			posting.Go(func() {
				c := []*slack.Client{first, second}[i%2]
				if _, err := c.Post(patient(t), into("T0ONE", fmt.Sprint("after ", i))); err != nil {
					t.Errorf("post %d: %v", i, err)
				}
			})
		}
		posting.Wait()
		if n := len(fake.Calls("oauth.v2.access")) - exchanges; n != 1 || len(fake.Posts()) != 12 {
			t.Errorf("got %d exchanges and %d posts, want one and 12", n, len(fake.Posts()))
		}
		// A call whose token is in its header.
		fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
		fake.Expire("T0ONE")
		fake.EventFrom(slackfake.Origin{Team: "T0ONE"}, map[string]any{"type": "app_home_opened", "user": alice, "channel": "D0ALICE", "tab": "home"})
		time.Sleep(time.Minute)
		if _, drawn := fake.Home(alice); !drawn {
			t.Error("the home tab is not drawn after the token has expired")
		}
		if n := len(fake.Calls("oauth.v2.access")) - exchanges; n != 2 {
			t.Errorf("got %d exchanges, want one more", n)
		}
	})
}

func TestTokensAreExchangedAtFourFifthsOfTheirLife(t *testing.T) {
	t.Parallel()
	for _, life := range []time.Duration{time.Hour, 12 * time.Hour, 100 * time.Hour} {
		t.Run(life.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := offline(t, slackfake.Config{Rotation: true, TokenLife: life})
				client, h := replica(t, fake, newInstalls(), nil)
				install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
				exchanges := len(fake.Calls("oauth.v2.access"))
				for _, c := range []struct {
					sleep time.Duration
					want  int
				}{{life * 79 / 100, 0}, {life * 2 / 100, 1}, {life * 78 / 100, 1}, {life * 3 / 100, 2}} {
					time.Sleep(c.sleep)
					if _, err := client.Post(patient(t), into("T0ONE", fmt.Sprint(c))); err != nil {
						t.Fatal(err)
					}
					if got := len(fake.Calls("oauth.v2.access")) - exchanges; got != c.want {
						t.Errorf("after %v more: got %d exchanges, want %d", c.sleep, got, c.want)
					}
				}
			})
		})
	}
}

// Slack does not answer the exchange: what is left of the old token's life is used,
// and Slack is not asked at every post.
func TestOldTokensDoWhereTheExchangeFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{Rotation: true})
		client, h := replica(t, fake, newInstalls(), nil)
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		time.Sleep(10 * time.Hour)
		exchanges := len(fake.Calls("oauth.v2.access"))
		fake.Fail("oauth.v2.access", slackfake.Fault{Status: http.StatusServiceUnavailable}, slackfake.Fault{Status: http.StatusServiceUnavailable})
		for i := range 10 {
			if _, err := client.Post(patient(t), into("T0ONE", strconv.Itoa(i))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
		}
		if n := len(fake.Calls("oauth.v2.access")) - exchanges; n != 3 {
			t.Errorf("got %d tries in 200 s, want one a minute until one works", n)
		}
	})
}
