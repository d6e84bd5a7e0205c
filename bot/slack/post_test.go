package slack_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

func post(reply bot.Reply) bot.Post {
	return bot.Post{Room: bot.Room{Platform: "slack", ID: room}, Thread: "1700000000.000100", To: alice, Reply: reply, Key: "answer/slack:C0ROOM/1700000000.000100"}
}

func TestErrorsSayWhatBecameOfThePost(t *testing.T) {
	t.Parallel()
	html := slackfake.Fault{Status: 503, Body: "<html>busy</html>"}
	stored := func(f slackfake.Fault) slackfake.Fault { f.Store = true; return f }
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		want  bot.Outcome
		after time.Duration
	}{
		{"429 with a pause", slackfake.RateLimited(30), bot.NotSent, 30 * time.Second},
		{"429 without one", slackfake.Fault{Status: 429, Body: "slow down"}, bot.NotSent, time.Minute},
		{"ratelimited", slackfake.APIError("ratelimited"), bot.NotSent, time.Minute},
		{"503", html, bot.Unknown, 0},
		{"503, stored", stored(html), bot.Unknown, 0},
		{"500 internal_error", slackfake.Fault{Status: 500, Body: `{"ok":false,"error":"internal_error"}`}, bot.Unknown, 0},
		{"internal_error", slackfake.APIError("internal_error"), bot.Unknown, 0},
		{"fatal_error, stored", stored(slackfake.APIError("fatal_error")), bot.Unknown, 0},
		{"service_unavailable", slackfake.APIError("service_unavailable"), bot.Unknown, 0},
		{"empty object", slackfake.Fault{Body: "{}"}, bot.Unknown, 0},
		{"no without a reason", slackfake.Fault{Body: `{"ok":false}`}, bot.Unknown, 0},
		{"HTML with 200", slackfake.Fault{Body: "<html>hello</html>"}, bot.Unknown, 0},
		{"connection dropped", slackfake.Fault{Drop: true}, bot.Unknown, 0},
		{"connection dropped, stored", slackfake.Fault{Drop: true, Store: true}, bot.Unknown, 0},
		{"redirect", slackfake.Fault{Status: 307, Header: http.Header{"Location": {"http://127.0.0.1:1/"}}}, bot.Unknown, 0},
		{"channel_not_found", slackfake.APIError("channel_not_found"), bot.Gone, 0},
		{"is_archived", slackfake.APIError("is_archived"), bot.Gone, 0},
		{"not_in_channel", slackfake.APIError("not_in_channel"), bot.Gone, 0},
		{"cannot_dm_bot", slackfake.APIError("cannot_dm_bot"), bot.Gone, 0},
		{"restricted_action", slackfake.APIError("restricted_action_read_only_channel"), bot.Gone, 0},
		{"token_revoked", slackfake.APIError("token_revoked"), bot.Unknown, 5 * time.Minute},
		{"missing_scope", slackfake.APIError("missing_scope"), bot.Unknown, 5 * time.Minute},
		{"unheard of", slackfake.APIError("something_new"), bot.Refused, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			fake.Fail("chat.postMessage", c.fault)
			receipt, err := connect(t, fake).Post(waiting(t), post(bot.Say("hello")))
			got, after := bot.OutcomeOf(err)
			if err == nil || got != c.want || after != c.after || receipt.ID != "" {
				t.Errorf("got %v with a pause of %v (%v), want %v with %v", got, after, err, c.want, c.after)
			}
			if got := len(fake.Calls("chat.postMessage")); got != 1 {
				t.Errorf("got %d calls, want 1: nothing is repeated blindly", got)
			}
			if err != nil && strings.Contains(err.Error(), botToken) {
				t.Errorf("got the token in the error %v", err)
			}
		})
	}
}

func TestPostThatNeverLeftIsNotSent(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	client := connect(t, fake)
	if err := fake.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := client.Post(waiting(t), post(bot.Say("hello")))
	if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.NotSent {
		t.Errorf("got %v, want it not sent", err)
	}
}

func TestPostThatTimesOutIsUnknown(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	fake.Fail("chat.postMessage", slackfake.Fault{Hold: make(chan struct{}), Store: true})
	client, err := slack.New(slack.Options{BotToken: botToken, AppToken: appToken, APIURL: fake.APIURL(), Timeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Post(waiting(t), post(bot.Say("hello")))
	if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.Unknown {
		t.Errorf("got %v, want the outcome to be unknown", err)
	}
}

func TestDoubtfulPostIsLookedForFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		stored        bool
		thread        string
		calls, stands int
	}{
		{"it is there, in a thread", true, "parent", 1, 1},
		{"it is there, in the room", true, "", 1, 1},
		{"it is not there, in a thread", false, "parent", 2, 1},
		{"it is not there, in the room", false, "", 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := patient(t)
				fake := offline(t, slackfake.Config{})
				client := connect(t, fake)
				p := post(bot.Say("hello"))
				p.Since = time.Now()
				if p.Thread = ""; c.thread != "" {
					p.Thread = fake.Mention(room, alice, "hello?")
				}
				// A different delivery with the same words is no proof.
				other := p
				other.Key = "answer/slack:C0ROOM/other"
				if _, err := client.Post(ctx, other); err != nil {
					t.Fatal(err)
				}
				fake.Fail("chat.postMessage", slackfake.Fault{Status: 500, Store: c.stored})
				if _, err := client.Post(ctx, p); err == nil {
					t.Fatal("got no error from a failing call")
				}
				p.Doubtful = true
				began := time.Now()
				receipt, err := client.Post(ctx, p)
				if err != nil {
					t.Fatal(err)
				}
				posts := fake.Posts()
				if len(posts) != 1+c.stands || receipt.ID != posts[1].TS {
					t.Errorf("got %d posts and receipt %q, want %d and the second's ts", len(posts), receipt.ID, 1+c.stands)
				}
				if took := time.Since(began); (took >= 30*time.Second) == c.stored || took > 32*time.Second {
					t.Errorf("it took %v, want a second look after 30 s only where the first was in vain", took)
				}
				if got := len(fake.Calls("chat.postMessage")); got != 1+c.calls {
					t.Errorf("got %d calls, want %d", got, 1+c.calls)
				}
			})
		})
	}
}

// An edition that downtime made late is looked for, lest the database be a backup;
// where nobody may look, it is not missed for that.
func TestAnUnlikelyDoubleIsPostedWhereNobodyMayLook(t *testing.T) {
	t.Parallel()
	for _, unlikely := range []bool{true, false} {
		t.Run(strconv.FormatBool(unlikely), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := offline(t, slackfake.Config{Scopes: []string{"chat:write"}})
				client := connectAs(t, fake, slack.Options{AppToken: appToken, PostGap: time.Millisecond})
				p := post(bot.Say("an edition"))
				p.Purpose, p.Doubtful, p.Unlikely, p.Since = bot.ForDigest, true, unlikely, time.Now()
				_, err := client.Post(patient(t), p)
				if got := len(fake.Posts()); (got == 1) != unlikely || (err == nil) != unlikely {
					t.Errorf("got %d posts and %v, want it posted: %v", got, err, unlikely)
				}
			})
		})
	}
}

func TestForeignMetadataIsNoProof(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := patient(t)
		fake := offline(t, slackfake.Config{})
		client := connect(t, fake)
		p := post(bot.Say("hello"))
		p.Thread = fake.Mention(room, alice, "hello?")
		if _, err := client.Post(ctx, p); err != nil {
			t.Fatal(err)
		}
		// The same workspace seen by another app: those posts are somebody else's.
		other := offline(t, slackfake.Config{BotUser: "U0OTHER", BotID: "B0OTHER"})
		messages := fmt.Sprintf(`{"ok":true,"messages":[{"type":"message","user":"U0X","bot_id":"B0X","ts":"1.000100","metadata":%s}]}`, fake.Posts()[0].Metadata)
		other.Fail("conversations.replies", slackfake.Fault{Body: messages}, slackfake.Fault{Body: messages})
		p.Doubtful = true
		receipt, err := connect(t, other).Post(ctx, p)
		if err != nil || receipt.ID == "1.000100" || len(other.Posts()) != 1 {
			t.Errorf("got receipt %q, %d posts (%v), want a post of its own", receipt.ID, len(other.Posts()), err)
		}
	})
}

func TestDoubtfulPostThatCannotBeLookedForStaysUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		want  bot.Outcome
	}{
		{"no scope", slackfake.APIError("missing_scope"), bot.Refused},
		{"no token", slackfake.APIError("token_revoked"), bot.Unknown},
		{"rate limited", slackfake.RateLimited(60), bot.Unknown},
		{"ill", slackfake.Fault{Status: 500}, bot.Unknown},
		{"neither yes nor no", slackfake.Fault{Body: "{}"}, bot.Unknown},
		{"left the room", slackfake.APIError("not_in_channel"), bot.Gone},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, slackfake.Config{})
			fake.Fail("conversations.history", c.fault)
			p := post(bot.Say("hello"))
			p.Thread, p.Doubtful = "", true
			_, err := connect(t, fake).Post(waiting(t), p)
			if got, _ := bot.OutcomeOf(err); err == nil || got != c.want {
				t.Errorf("got %v (%v), want %v", got, err, c.want)
			}
			if got := len(fake.Calls("chat.postMessage")); got != 0 {
				t.Errorf("got %d posts, want none: it may be there", got)
			}
		})
	}
}

func TestLongReplyIsOneThread(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	client := connect(t, fake)
	p := post(bottest.LongReply())
	p.Thread, p.Since = "", time.Now()
	receipt, err := client.Post(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	posts := fake.Posts()
	if len(posts) < 3 || receipt.ID != posts[0].TS || posts[0].ThreadTS != "" {
		t.Fatalf("got %d posts, receipt %q and thread %q of the first, want several, the first named", len(posts), receipt.ID, posts[0].ThreadTS)
	}
	names := map[string]bool{}
	for i, m := range posts {
		if i > 0 && m.ThreadTS != posts[0].TS {
			t.Errorf("part %d: got thread %q, want %q", i+1, m.ThreadTS, posts[0].TS)
		}
		name := m.Delivery("delivery")
		if want := fmt.Sprintf("/%d", i+1); !strings.HasSuffix(name, want) || strings.Contains(name, "answer") || names[name] {
			t.Errorf("part %d: got delivery name %q, want one of its own, opaque, ending with %s", i+1, name, want)
		}
		names[name] = true
		if n := len([]rune(m.Text)); n == 0 || n > 3500 {
			t.Errorf("part %d: got a text of %d characters, want 1 to 3500", i+1, n)
		}
	}
	// In doubt nothing is posted again.
	p.Doubtful = true
	again, err := client.Post(ctx, p)
	if err != nil || again != receipt || len(fake.Posts()) != len(posts) {
		t.Errorf("in doubt: got receipt %v, %d posts (%v), want %v, %d", again, len(fake.Posts()), err, receipt, len(posts))
	}
}

func TestLongReplyGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := patient(t)
		fake := offline(t, slackfake.Config{})
		client := connect(t, fake)
		p := post(bottest.LongReply())
		p.Thread, p.Since = fake.Mention(room, alice, "long"), time.Now()
		// The first part is there and its answer lost: unknown.
		fake.Fail("chat.postMessage", slackfake.Fault{Drop: true, Store: true})
		if _, err := client.Post(ctx, p); err == nil {
			t.Fatal("got no error from a dropped connection")
		}
		// Then the second part is limited: it is this part that is tried again.
		p.Doubtful = true
		fake.Fail("chat.postMessage", slackfake.RateLimited(1))
		receipt, err := client.Post(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		posts := fake.Posts()
		if receipt.ID != posts[0].TS {
			t.Errorf("got receipt %q, want the first part's %q", receipt.ID, posts[0].TS)
		}
		names := map[string]int{}
		for _, m := range posts {
			names[m.Delivery("delivery")]++
		}
		for name, n := range names {
			if n != 1 {
				t.Errorf("part %s: got it %d times, want once", name, n)
			}
		}
		if calls := len(fake.Calls("chat.postMessage")); calls != len(posts)+1 {
			t.Errorf("got %d calls for %d posts, want one more, the limited one", calls, len(posts))
		}
	})
}

func TestRestOfALongReplyIsNeverCalledNotSent(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	ctx, stop := context.WithCancel(waiting(t))
	fake.Fail("chat.postMessage", slackfake.Fault{Status: 200, Body: `{"ok":true,"channel":"C0ROOM","ts":"1700000000.000200"}`}, slackfake.RateLimited(30))
	go func() {
		defer stop() // in the middle of the pause
		_, _ = fake.WaitCalls(ctx, "chat.postMessage", 2)
	}()
	_, err := connect(t, fake).Post(ctx, post(bottest.LongReply()))
	if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.Unknown {
		t.Errorf("got %v, want unknown: the first part is in the room", err)
	}
}

func TestWhatSlackDoesNotDrawIsPostedAsTextOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			ctx := waiting(t)
			fake := start(t, slackfake.Config{})
			client := connect(t, fake)
			fake.Fail("chat.postMessage", slackfake.APIError(code))
			reply := bottest.HostileReply()
			if _, err := client.Post(ctx, post(reply)); err != nil {
				t.Fatal(err)
			}
			posts := fake.Posts()
			if len(posts) != 1 || posts[0].Blocks != nil || posts[0].Delivery("delivery") == "" {
				t.Fatalf("got posts %+v, want one of text with its delivery name", posts)
			}
			if n := strings.Count(posts[0].Visible(), "alpha <!channel>"); n != 12 {
				t.Errorf("got the words %d times, want 12: nothing is lost", n)
			}
			for _, h := range posts[0].Harm() {
				t.Error(h)
			}
			// A second no is final.
			fake.Fail("chat.postMessage", slackfake.APIError(code), slackfake.APIError(code))
			_, err := client.Post(ctx, post(reply))
			if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.Refused {
				t.Errorf("refused twice: got %v, want it refused", err)
			}
			if got := len(fake.Calls("chat.postMessage")); got != 4 {
				t.Errorf("got %d calls, want 4", got)
			}
		})
	}
}

func TestUsedUpResponseAddressIsReplaced(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	now := time.Now()
	fake := start(t, slackfake.Config{})
	inbox := &bottest.Inbox{}
	silent := bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) { return nil, nil })
	serve(t, fake, &bot.Server{Handler: silent, Inbox: inbox})
	v, err := fake.Slash("/iis", "x", room, alice)
	if err != nil {
		t.Fatal(err)
	}
	client := connect(t, fake)
	p := post(bot.Say("for you alone"))
	p.Thread, p.Return, p.Since = "", v.ResponseURL, now
	for i := range 7 {
		if _, err := client.Post(ctx, p); err != nil {
			t.Fatalf("use %d: %v", i+1, err)
		}
	}
	shown := fake.Ephemerals()
	if len(shown) != 7 || shown[6].ShownTo != alice {
		t.Errorf("got %d messages, want 7 for %s", len(shown), alice)
	}
	if got := len(fake.Calls("chat.postEphemeral")); got != 2 {
		t.Errorf("got %d calls of chat.postEphemeral, want 2", got)
	}
	for _, c := range []struct {
		name  string
		fault slackfake.Fault
		want  bot.Outcome
	}{
		{"429", slackfake.RateLimited(9), bot.NotSent},
		{"500", slackfake.Fault{Status: 500}, bot.Unknown},
		{"dropped", slackfake.Fault{Drop: true}, bot.Unknown},
		{"redirected", slackfake.Fault{Status: 302, Header: http.Header{"Location": {"http://169.254.169.254/"}}}, bot.Refused},
	} {
		fake.Fail("response_url", c.fault)
		_, err := client.Post(ctx, p)
		if got, _ := bot.OutcomeOf(err); err == nil || got != c.want || strings.Contains(err.Error(), v.ResponseURL) {
			t.Errorf("%s: got %v (%v), want %v and no address", c.name, got, err, c.want)
		}
	}
	fake.Fail("response_url", slackfake.Fault{Status: 400, Body: "invalid_blocks"}, slackfake.Fault{Status: 200, Body: "ok"})
	if _, err := client.Post(ctx, p); err != nil {
		t.Errorf("blocks refused: got %v, want it shown as text", err)
	}
}

func TestNothingIsPostedForNothing(t *testing.T) {
	t.Parallel()
	fake := start(t, slackfake.Config{})
	client := connect(t, fake)
	for _, reply := range []bot.Reply{nil, {}, {bot.Paragraph{}}, {bot.Quotation{}, bot.List{}, bot.Actions{}, bot.Scope{}, bot.Heading{Text: " "}}} {
		receipt, err := client.Post(waiting(t), post(reply))
		if err != nil || receipt != (bot.Receipt{}) {
			t.Errorf("%#v: got %v (%v), want nothing", reply, receipt, err)
		}
	}
	if got := len(fake.Calls("")); got != 0 {
		t.Errorf("got %d calls, want none", got)
	}
	_, err := client.Post(waiting(t), bot.Post{Room: bot.Room{Platform: "matrix", ID: "!x"}, Reply: bot.Say("x")})
	if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.Refused {
		t.Errorf("a room of another platform: got %v, want it refused", err)
	}
}
