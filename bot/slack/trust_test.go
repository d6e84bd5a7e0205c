package slack_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// publicness tells whether a message may be answered from public documents alone.
func publicness() bot.Handler {
	return bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
		return bot.Say(fmt.Sprint("public:", m.Public)), nil
	})
}

func TestWhatIsNotKnownOfARoomOrAPersonIsTakenForForeign(t *testing.T) {
	t.Parallel()
	ill := slackfake.Fault{Status: http.StatusServiceUnavailable, Body: "ill"}
	for name, c := range map[string]struct {
		method string
		faults []slackfake.Fault
		want   string
	}{
		"the channel is not told of":          {"conversations.info", []slackfake.Fault{ill, ill}, "public:true"},
		"the server shares no channels":       {"conversations.info", []slackfake.Fault{slackfake.APIError("unknown_method")}, "public:false"},
		"the channel is told of later":        {"conversations.info", []slackfake.Fault{slackfake.RateLimited(2)}, "public:false"},
		"the person is not told of":           {"users.info", []slackfake.Fault{ill, ill}, "public:true"},
		"there is nobody of that name":        {"users.info", []slackfake.Fault{slackfake.APIError("user_not_found")}, "public:true"},
		"the server tells of no persons":      {"users.info", []slackfake.Fault{{Status: http.StatusNotFound, Body: "no"}}, "public:false"},
		"the person is told of after a pause": {"users.info", []slackfake.Fault{slackfake.RateLimited(3)}, "public:false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, slack.Options{}, publicness(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				fake.AddUser(slackfake.User{ID: alice})
				fake.Fail(c.method, c.faults...)
				fake.Mention(room, alice, "x")
				time.Sleep(time.Minute)
				if got := visible(fake.Posts()); len(got) != 1 || got[0] != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestAChannelThatBecomesSharedIsSharedSoon(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{}, publicness(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.AddUser(slackfake.User{ID: alice})
		fake.Mention(room, alice, "x")
		time.Sleep(time.Minute)
		fake.ShareChannel(room)
		time.Sleep(5 * time.Minute)
		fake.Mention(room, alice, "x")
		time.Sleep(time.Minute)
		if got := visible(fake.Posts()); len(got) != 2 || got[0] != "public:false" || got[1] != "public:true" {
			t.Errorf("got %q, want the second from public documents alone", got)
		}
	})
}

// A machine's clock may be wrong: what was posted is looked for by Slack's.
func TestADoubtfulPostIsLookedForBySlacksClock(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(wrong.String(), func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			now := func() time.Time { return time.Now().Add(wrong) }
			p := post(bot.Say("an edition"))
			p.Since, p.Thread = now(), ""
			for range 2 {
				client := connectAs(t, fake, slack.Options{AppToken: appToken, PostGap: time.Millisecond, Now: now})
				if _, err := client.Post(waiting(t), p); err != nil {
					t.Fatal(err)
				}
				p.Doubtful = true
			}
			if got := len(fake.Posts()); got != 1 {
				t.Errorf("got %d posts, want one", got)
			}
		})
	}
}

func TestAFormThatCannotBeTakenInSaysSoInItsWindow(t *testing.T) {
	t.Parallel()
	down := true
	inbox := &bottest.Inbox{OnReceive: func(context.Context, bot.Message) error {
		if down {
			return errors.New("the database is away")
		}
		return nil
	}}
	fake := start(t, slackfake.Config{})
	client := serveHTTP(t, fake, &bot.Server{Handler: echo(), Inbox: inbox}, everything(&ratings{}))
	_ = client
	if _, err := fake.GlobalShortcut("check_text", alice); err != nil {
		t.Fatal(err)
	}
	if err := fake.Wait(waiting(t), func() bool { return len(fake.Modals(alice)) == 1 }); err != nil {
		t.Fatal(err)
	}
	modal := fake.Modals(alice)[0]
	submit := func() {
		t.Helper()
		if _, err := fake.Submit(modal.ID, map[string]map[string]any{"text": {"text": map[string]any{"type": "plain_text_input", "value": "some “words”"}}}); err != nil {
			t.Fatal(err)
		}
	}
	submit()
	if err := fake.Wait(waiting(t), func() bool {
		return strings.Contains(fmt.Sprint(fake.Modals(alice)[0].Errors), "temporarily unavailable")
	}); err != nil {
		t.Errorf("got errors %v, want the person told to try again", fake.Modals(alice)[0].Errors)
	}
	down = false
	submit()
	if err := fake.Wait(waiting(t), func() bool { return strings.Contains(visibleModal(fake), "heard: verify some “words”") }); err != nil {
		t.Errorf("got %q, want the answer after trying again", visibleModal(fake))
	}
}

func visibleModal(fake *slackfake.Server) string {
	modals := fake.Modals(alice)
	if len(modals) == 0 {
		return ""
	}
	return modals[len(modals)-1].Visible()
}

func TestAQuestionMayComeWithAFile(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		direct := fake.OpenHome(alice, "messages")
		fake.Event(map[string]any{"type": "message", "subtype": "file_share", "channel_type": "im", "channel": direct, "user": alice, "ts": "1700000000.000100", "text": "is this right?"})
		fake.Event(map[string]any{"type": "message", "subtype": "message_deleted", "channel_type": "im", "channel": direct, "user": alice, "ts": "1700000000.000200"})
		time.Sleep(time.Minute)
		if got := visible(fake.Posts()); len(got) != 1 || got[0] != "heard: is this right?" {
			t.Errorf("got %q, want the question answered", got)
		}
	})
}

// Whoever has closed the window in which a digest was ordered is told directly, and
// nobody else is.
func TestAnOrderWhoseWindowIsClosedIsConfirmedToThePersonAlone(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, everything(&ratings{}), echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.AddUser(slackfake.User{ID: alice, TZ: "Europe/Zurich"})
		if _, err := fake.GlobalShortcut("new_digest", alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		modal := fake.Modals(alice)[0]
		if _, err := fake.Submit(modal.ID, map[string]map[string]any{"where": {"where": map[string]any{"type": "conversations_select", "selected_conversation": room}}}); err != nil {
			t.Fatal(err)
		}
		fake.CloseView(modal.ID)
		time.Sleep(time.Minute)
		posts := fake.Posts()
		if len(posts) != 1 || !strings.HasPrefix(posts[0].Channel, "D") || posts[0].ThreadTS != "" || !strings.Contains(posts[0].Visible(), "heard: subscribe digest") {
			t.Errorf("got %+v, want the confirmation in the direct conversation alone", posts)
		}
	})
}

func TestAnAnswerIsSharedToAChannelThatThePersonPicks(t *testing.T) {
	t.Parallel()
	for _, member := range []bool{true, false} {
		t.Run(fmt.Sprint("the bot is there: ", member), func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, slack.Options{}, quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				fake.AddUser(slackfake.User{ID: alice, Name: "Alice"})
				fake.AddChannel("C0DELEGATION")
				if !member {
					fake.Leave("C0DELEGATION")
				}
				fake.DM(alice, "sovereignty?")
				time.Sleep(time.Minute)
				answer := fake.Posts()[0]
				pressed(t, fake, answer, "Share to channel…")
				time.Sleep(time.Second)
				modal := fake.Modals(alice)[0]
				there := map[string]map[string]any{"where": {"where": map[string]any{"type": "conversations_select", "selected_conversation": "C0DELEGATION"}}}
				for range 2 { // a double click
					if _, err := fake.Submit(modal.ID, there); err != nil && !member {
						t.Log(err)
					}
				}
				time.Sleep(2 * time.Minute)
				posts := fake.Posts()[1:]
				if !member {
					if len(posts) != 1 || posts[0].Channel != answer.Channel || !strings.Contains(posts[0].Visible(), "/invite") {
						t.Errorf("got %q, want her told what would work", visible(posts))
					}
					return
				}
				if len(posts) != 1 || posts[0].Channel != "C0DELEGATION" || posts[0].ThreadTS != "" {
					t.Fatalf("got %+v, want one post in the channel", posts)
				}
				for _, want := range []string{"We advocate inviolability.", "Shared by"} {
					if !strings.Contains(posts[0].Visible(), want) {
						t.Errorf("got %q, want it to hold %q", posts[0].Visible(), want)
					}
				}
			})
		})
	}
}
