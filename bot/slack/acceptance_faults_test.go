package slack_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// The tests of this file and its neighbours bear the numbers of
// platform-contracts.md §6.

// bubble runs a bot that is reached over HTTP on a clock that costs nothing.
func bubble(t *testing.T, config slackfake.Config, o slack.Options, h bot.Handler, run func(t *testing.T, fake *slackfake.Server, client *slack.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, config)
		client := serveHTTP(t, fake, &bot.Server{Handler: h}, o)
		run(t, fake, client)
	})
}

func TestAcceptance15FiveHundredMentionsInTenSeconds(t *testing.T) { //nolint:paralleltest // it measures
	const mentions, channels = 500, 50
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	fake := start(t, slackfake.Config{Retries: []time.Duration{time.Hour}, Limits: slackfake.Limits{PostsPerSecond: 1, Burst: 5}})
	slow := bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
		return bot.Say("heard: " + m.Text), nil
	})
	client := connectAs(t, fake, slack.Options{AppToken: appToken})
	bottest.Serve(t, &bot.Server{Platform: client, Handler: slow, Workers: 16, Log: bottest.Log(t)})
	if err := fake.WaitSockets(ctx, 2); err != nil {
		t.Fatal(err)
	}
	begun, stall := time.Now(), bottest.Stall(t)
	tick := time.NewTicker(10 * time.Second / mentions)
	defer tick.Stop()
	for i := range mentions {
		fake.Mention(fmt.Sprintf("C0ROOM%02d", i%channels), fmt.Sprintf("U0PERSON%d", i), fmt.Sprintf("question %d", i))
		<-tick.C
	}
	t.Logf("%d mentions took %v", mentions, time.Since(begun))
	if _, err := fake.WaitAcks(ctx, mentions); err != nil {
		t.Fatal(err)
	}
	posts, err := fake.WaitPosts(ctx, mentions)
	if err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for _, a := range fake.Acks() {
		took = append(took, a.Took)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("acknowledgements: median %v, p99 %v, longest %v; all answered after %v", took[len(took)/2], p99, took[len(took)-1], time.Since(begun))
	if beyond := stall(); p99 > 500*time.Millisecond+beyond || took[len(took)-1] > 3*time.Second+beyond {
		t.Errorf("got p99 %v and longest %v, want at most 500 ms and 3 s and the %v for which the machine stalled", p99, took[len(took)-1], beyond)
	}
	if len(posts) != mentions || len(fake.Calls("chat.postMessage")) != mentions {
		t.Errorf("got %d posts in %d calls, want %d each: nothing twice and nothing too early", len(posts), len(fake.Calls("chat.postMessage")), mentions)
	}
}

func TestAcceptance17PostsIntoOneChannelKeepOrderAndDistance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{Limits: slackfake.Limits{PostsPerSecond: 1, Burst: 3}})
		client := connectAs(t, fake, slack.Options{AppToken: appToken})
		begun := time.Now()
		var posting sync.WaitGroup
		for i := range 20 {
			posting.Go(func() {
				p := post(bot.Say(fmt.Sprintf("post %02d", i)))
				p.Key, p.Purpose = strconv.Itoa(i), bot.ForDigest
				if _, err := client.Post(patient(t), p); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // so that they ask in this order
		}
		posting.Wait()
		if took := time.Since(begun); took < 17*time.Second || took > 20*time.Second {
			t.Errorf("20 posts took %v, want about a second each after a burst of three", took)
		}
		for i, m := range fake.Posts() {
			if want := fmt.Sprintf("post %02d", i); m.Visible() != want {
				t.Errorf("got %q, want %q", m.Visible(), want)
			}
		}
		if got := len(fake.Calls("chat.postMessage")); got != 20 {
			t.Errorf("got %d calls, want 20: none too early", got)
		}
	})
}

func TestAcceptance16ThousandRoomsInAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := offline(t, slackfake.Config{Limits: slackfake.Limits{PostsPerSecond: 1, Burst: 3}})
		client := connectAs(t, fake, slack.Options{AppToken: appToken})
		begun := time.Now()
		var posting sync.WaitGroup
		for i := range 1000 {
			channel := fmt.Sprintf("C%04d", i)
			fake.AddChannel(channel)
			posting.Go(func() {
				p := bot.Post{Room: bot.Room{Platform: "slack", ID: channel}, Reply: bottest.LongReply(), Key: channel, Purpose: bot.ForDigest}
				if _, err := client.Post(patient(t), p); err != nil {
					t.Error(err)
				}
			})
		}
		posting.Wait()
		deliveries := map[string]int{}
		for _, m := range fake.Posts() {
			deliveries[m.Delivery("delivery")]++
		}
		parts := len(deliveries) / 1000
		for name, n := range deliveries {
			if n != 1 {
				t.Errorf("delivery %s: got it %d times, want once", name, n)
			}
		}
		if calls := len(fake.Calls("chat.postMessage")); parts < 2 || calls != 1000*parts || time.Since(begun) > 5*time.Minute {
			t.Errorf("got %d calls for %d parts in %v, want one each within 5 min", calls, parts, time.Since(begun))
		}
	})
}

func TestAcceptance21OneEventFourTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		again func(fake *slackfake.Server, ts string) error
	}{
		{"at once", func(fake *slackfake.Server, ts string) error { return fake.Redeliver(ts) }},
		{"over six minutes", func(fake *slackfake.Server, ts string) error {
			time.Sleep(3 * time.Minute)
			return fake.Redeliver(ts) // which says retry_attempt 0
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				ts := fake.Mention(room, alice, "once")
				for range 3 {
					if err := c.again(fake, ts); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(time.Minute)
				if acks, posts := fake.Acks(), fake.Posts(); len(acks) != 4 || len(posts) != 1 {
					t.Errorf("got %d acknowledgements and %d answers, want 4 and 1", len(acks), len(posts))
				}
			})
		})
	}
}

func TestAcceptance22TwinsAreOneQuestion(t *testing.T) {
	t.Parallel()
	event := func(kind, ts, cmid string) map[string]any {
		e := map[string]any{"type": kind, "channel": room, "user": alice, "ts": ts, "text": "<@U0RAPPORTEUR> twin"}
		if cmid != "" {
			e["client_msg_id"] = cmid
		}
		return e
	}
	im := event("message", "1700000000.000100", "c1")
	im["channel_type"] = "im"
	for _, c := range []struct {
		name   string
		events []map[string]any
		from   []slackfake.Origin
	}{
		{"mention and message of one ts", []map[string]any{event("app_mention", "1700000000.000100", ""), im}, nil},
		{"twin of another workspace", []map[string]any{event("app_mention", "1700000000.000100", ""), event("app_mention", "1700000000.000100", "")}, []slackfake.Origin{{}, {Team: "T0OTHER"}}},
		{"two ts, one client_msg_id", []map[string]any{event("app_mention", "1700000000.000100", "c1"), event("app_mention", "1700000000.000200", "c1")}, nil},
		{"all of it", []map[string]any{im, event("app_mention", "1700000000.000100", "c1"), event("app_mention", "1700000000.000300", "c1")}, []slackfake.Origin{{}, {Team: "T0OTHER"}, {}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				for i, e := range c.events {
					from := slackfake.Origin{}
					if c.from != nil {
						from = c.from[i]
					}
					fake.EventFrom(from, e)
				}
				time.Sleep(time.Minute)
				if acks, posts := fake.Acks(), fake.Posts(); len(acks) != len(c.events) || len(posts) != 1 {
					t.Errorf("got %d acknowledgements and answers %q, want %d and one", len(acks), visible(posts), len(c.events))
				}
			})
		})
	}
}

func TestAcceptance24WaitsAsLongAsSlackSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		faults  []slackfake.Fault
		atLeast time.Duration
	}{
		{"Retry-After: 30", []slackfake.Fault{slackfake.RateLimited(30)}, 30 * time.Second},
		{"without the header", []slackfake.Fault{{Status: http.StatusTooManyRequests}}, time.Second},
		{"one after the other", []slackfake.Fault{slackfake.RateLimited(5), {Status: http.StatusTooManyRequests}, slackfake.RateLimited(1)}, 7 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				fake.AddChannel("C0OTHER")
				fake.Fail("chat.postMessage", c.faults...)
				fake.Mention(room, alice, "limited")
				synctest.Wait()
				begun := time.Now()
				fake.Mention("C0OTHER", alice, "elsewhere")
				if _, err := fake.Slash("/iis", "a command", room, alice); err != nil {
					t.Fatal(err)
				}
				if len(c.faults) == 1 {
					synctest.Wait()
					if posts, shown := fake.Posts(), fake.Ephemerals(); len(posts) != 1 || posts[0].Channel != "C0OTHER" || len(shown) != 1 {
						t.Errorf("meanwhile: got posts %q and %d ephemeral, want the other channel and the command to go on", visible(posts), len(shown))
					}
				}
				if _, err := fake.WaitPosts(patient(t), 2); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begun); took < c.atLeast {
					t.Errorf("it was said again after %v, want at least %v", took, c.atLeast)
				}
				time.Sleep(10 * time.Minute)
				if posts := fake.Posts(); len(posts) != 2 {
					t.Errorf("got %d posts, want 2", len(posts))
				}
			})
		})
	}
}

// Tests 25, 26 and 27: what may have been done is looked for before it is done
// again, and done again once after two looks in vain.
func TestAcceptance25To27DoubtfulPostsAreThereOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]slackfake.Fault{
		"503":                   {Status: http.StatusServiceUnavailable},
		"500 internal_error":    {Status: http.StatusInternalServerError, Body: `{"ok":false,"error":"internal_error"}`},
		"fatal_error":           slackfake.APIError("fatal_error"),
		"HTML with 200":         {Body: "<html>"},
		"empty object":          {Body: "{}"},
		"no without a reason":   {Body: `{"ok":false}`},
		"connection closed":     {Drop: true},
		"no answer for an hour": {Hold: make(chan struct{})},
	} {
		for _, stored := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, stored %v", name, stored), func(t *testing.T) {
				t.Parallel()
				fault := fault
				fault.Store = stored
				synctest.Test(t, func(t *testing.T) {
					if fault.Hold != nil {
						fault.Hold = make(chan struct{}) // of this bubble
					}
					fake := offline(t, slackfake.Config{})
					serveHTTP(t, fake, &bot.Server{Handler: echo()}, slack.Options{})
					fake.Fail("chat.postMessage", fault)
					begun := time.Now()
					fake.Mention(room, alice, "doubtful")
					calls := 1
					if !stored {
						calls = 2
					}
					if _, err := fake.WaitCalls(patient(t), "chat.postMessage", calls); err != nil {
						t.Fatal(err)
					}
					if again := fake.Calls("chat.postMessage")[calls-1].At.Sub(begun); !stored && again < 30*time.Second {
						t.Errorf("it was posted again after %v, want two looks 30 s apart first", again)
					}
					time.Sleep(time.Hour)
					if posts, got := fake.Posts(), len(fake.Calls("chat.postMessage")); len(posts) != 1 || got != calls {
						t.Errorf("got %d posts after %d calls, want 1 after %d", len(posts), got, calls)
					}
				})
			})
		}
	}
}

func TestAcceptance28NobodyMayLook(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		scopes []string
		limits slackfake.Limits
		resend bool
		stored bool
		posts  int
		told   bool
	}{
		{name: "no scope", scopes: []string{"chat:write"}, posts: 0, told: true},
		{name: "no scope, stored", scopes: []string{"chat:write"}, stored: true, posts: 1, told: true},
		{name: "no scope, told to post again", scopes: []string{"chat:write"}, resend: true, posts: 1},
		{name: "once a minute", limits: slackfake.Limits{PerMinute: map[string]int{"conversations.history": 1, "conversations.replies": 1}}, posts: 1},
		{name: "once a minute, stored", limits: slackfake.Limits{PerMinute: map[string]int{"conversations.history": 1, "conversations.replies": 1}}, stored: true, posts: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{Scopes: c.scopes, Limits: c.limits}, slack.Options{Operators: []string{"U0OPS"}, Resend: c.resend}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				fake.AddUser(slackfake.User{ID: "U0OPS"})
				fake.Fail("chat.postMessage", slackfake.Fault{Status: http.StatusBadGateway, Store: c.stored})
				fake.Mention(room, alice, "doubtful")
				time.Sleep(time.Hour)
				var answers, notices int
				for _, m := range fake.Posts() {
					if m.Channel == room {
						answers++
					} else {
						notices++
					}
				}
				if answers != c.posts || (notices == 1) != c.told || notices > 1 {
					t.Errorf("got %d answers and %d notices, want %d and told %v", answers, notices, c.posts, c.told)
				}
			})
		})
	}
}

func TestAcceptance29RefreshOfOneSocketLosesNothing(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{Retries: []time.Duration{time.Hour}})
	client := connectAs(t, fake, slack.Options{AppToken: appToken})
	bottest.Serve(t, &bot.Server{Platform: client, Handler: echo()})
	for i, reason := range []string{"warning", "refresh_requested"} {
		if err := fake.WaitSockets(ctx, 2); err != nil {
			t.Fatal(err)
		}
		fake.DisconnectOne(reason)
		fake.Mention(room, alice, "at that moment")
		if _, err := fake.WaitPosts(ctx, i+1); err != nil {
			t.Fatalf("%s: %v", reason, err)
		}
	}
	if _, err := fake.WaitAcks(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if posts, acks := fake.Posts(), fake.Acks(); len(posts) != 2 || len(acks) != 2 {
		t.Errorf("got %d posts and %d acknowledgements, want 2 each without a retry", len(posts), len(acks))
	}
}

func TestAcceptance31WhatCannotBeReadIsAcknowledged(t *testing.T) {
	t.Parallel()
	ctx := waiting(t)
	fake := start(t, slackfake.Config{AckTimeout: time.Second, Retries: []time.Duration{time.Second, time.Second, time.Second}})
	client := connectAs(t, fake, slack.Options{AppToken: appToken, Sockets: 1})
	bottest.Serve(t, &bot.Server{Platform: client, Handler: echo()})
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	fake.Event(map[string]any{"type": "invented_next_year"})
	if _, err := fake.Envelope("invented_envelope", map[string]any{}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := fake.WaitAcks(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if got := client.Counts()["unparsed"]; got != 2 {
		t.Errorf("got %d counted as unparsed, want 2", got)
	}
	// A frame over the limit costs the socket, not the bot.
	_ = fake.Raw([]byte(`{"type":"` + strings.Repeat("x", 5<<20) + `"}`)) // the socket may be closed in the middle of it
	if _, err := fake.WaitCalls(ctx, "apps.connections.open", 2); err != nil {
		t.Fatal(err)
	}
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	fake.Mention(room, alice, "still there?")
	if _, err := fake.WaitPosts(ctx, 1); err != nil {
		t.Error(err)
	}
}

func TestAcceptance33RefusedTokenIsTriedSlowly(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"token_revoked", "missing_scope", "token_expired", "account_inactive"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, slack.Options{Operators: []string{"U0OPS"}}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				for range 100 {
					fake.Fail("chat.postMessage", slackfake.APIError(code))
				}
				for i := range 5 {
					fake.Mention(room, alice, fmt.Sprintf("question %d", i))
				}
				time.Sleep(time.Hour)
				if got := len(fake.Calls("chat.postMessage")); got > 2*13 {
					t.Errorf("got %d calls in an hour, want at most one each 5 min, and as many to tell the operator", got)
				}
			})
		})
	}
}

func TestAcceptance36WhatSlackDoesNotDrawIsTextOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"invalid_blocks", "msg_too_long", "msg_blocks_too_long"} {
		bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, client *slack.Client) {
			t.Helper()
			fake.Fail("chat.postMessage", slackfake.APIError(code))
			fake.Mention(room, alice, "draw")
			time.Sleep(time.Hour)
			if posts := fake.Posts(); len(posts) != 1 || posts[0].Blocks != nil || len(fake.Calls("chat.postMessage")) != 2 {
				t.Errorf("%s: got %d posts in %d calls, want one of text in two", code, len(posts), len(fake.Calls("chat.postMessage")))
			}
			fake.Fail("chat.postMessage", slackfake.APIError(code), slackfake.APIError(code))
			fake.Mention(room, alice, "draw again")
			time.Sleep(time.Hour)
			if calls := len(fake.Calls("chat.postMessage")); calls != 4 || client.Counts()["notice"] != 1 {
				t.Errorf("%s: got %d calls and %d notices, want 4 and 1: no loop", code, calls, client.Counts()["notice"])
			}
		})
	}
}

func TestAcceptance39ResponseAddressesEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		wait  time.Duration
		fault []slackfake.Fault
		calls int // of chat.postEphemeral
	}{
		{"fresh", 0, nil, 0},
		{"after half an hour", 31 * time.Minute, nil, 1},
		{"used up", 0, []slackfake.Fault{{Status: http.StatusNotFound, Body: "used_url"}}, 1},
		{"expired", 0, []slackfake.Fault{{Status: http.StatusNotFound, Body: `{"ok":false,"error":"expired_url"}`}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			late := bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) { return nil, nil })
			bubble(t, slackfake.Config{}, slack.Options{}, late, func(t *testing.T, fake *slackfake.Server, client *slack.Client) {
				t.Helper()
				v, err := fake.Slash("/iis", "help", room, alice)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.wait)
				fake.Fail("response_url", c.fault...)
				p := post(bot.Say("late answer"))
				p.Thread, p.Return = "", v.ResponseURL
				if _, err := client.Post(patient(t), p); err != nil {
					t.Fatal(err)
				}
				if shown := fake.Ephemerals(); len(shown) != 1 || shown[0].ShownTo != alice || len(fake.Calls("chat.postEphemeral")) != c.calls {
					t.Errorf("got %d shown with %d calls of chat.postEphemeral, want one with %d", len(shown), len(fake.Calls("chat.postEphemeral")), c.calls)
				}
			})
		})
	}
}
