package slack_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// streamed are options with which answers may arrive as streams.
func streamed() slack.Options { return slack.Options{Streams: true, Ratings: &ratings{}} }

// asks lets somebody ask in the agent's conversation, and returns the answers once
// everything has come to rest.
func asks(t *testing.T, fake *slackfake.Server) []slackfake.Message {
	t.Helper()
	fake.DM(alice, "sovereignty?")
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	return fake.Posts()
}

// whole fails unless there is one answer, whole, with its delivery's name, and no
// stream is left open.
func whole(t *testing.T, fake *slackfake.Server, posts []slackfake.Message) {
	t.Helper()
	if len(posts) != 1 {
		t.Fatalf("got %d posts, want one: %q", len(posts), visible(posts))
	}
	text := posts[0].Visible()
	for _, once := range []string{"asked: sovereignty?", "We advocate inviolability.", "¶"} {
		if got := strings.Count(text, once); got != 1 {
			t.Errorf("got %q %d times in %q, want it once", once, got, text)
		}
	}
	if posts[0].Delivery("delivery") == "" {
		t.Error("the answer bears no name of its delivery")
	}
	if open := fake.Streaming(); len(open) != 0 {
		t.Errorf("got %d streams that nobody ended", len(open))
	}
	if harm := posts[0].Harm(); len(harm) > 0 {
		t.Errorf("the answer does harm: %q", harm)
	}
}

func TestAcceptance2AnAnswerIsAStreamWhereTheSurfaceTakesOne(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, streamed(), quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		whole(t, fake, asks(t, fake))
		for method, want := range map[string]int{"chat.startStream": 1, "chat.appendStream": 1, "chat.stopStream": 1, "chat.postMessage": 0, "chat.update": 0} {
			if got := len(fake.Calls(method)); got != want {
				t.Errorf("%s: got %d calls, want %d", method, got, want)
			}
		}
		// In a channel it is one post.
		fake.Mention(room, alice, "sovereignty?")
		time.Sleep(time.Minute)
		if got := len(fake.Calls("chat.postMessage")); got != 1 {
			t.Errorf("in a channel: got %d calls of chat.postMessage, want one", got)
		}
	})
}

func TestAcceptance37WhateverAStreamMeetsTheAnswerIsThereOnce(t *testing.T) {
	t.Parallel()
	stored := func(f slackfake.Fault) slackfake.Fault { f.Store = true; return f }
	gone := slackfake.Fault{Status: http.StatusInternalServerError, Body: "oh"}
	for name, faults := range map[string]map[string][]slackfake.Fault{
		"no agent":                       {"chat.startStream": {slackfake.APIError("not_agent_app")}},
		"a server without streams":       {"chat.startStream": {{Status: http.StatusNotFound, Body: "no such method"}}},
		"unknown method":                 {"chat.startStream": {slackfake.APIError("unknown_method")}},
		"too many streams":               {"chat.startStream": {slackfake.RateLimited(60)}},
		"begun and not said so":          {"chat.startStream": {stored(gone)}},
		"begun and the line cut":         {"chat.startStream": {stored(slackfake.Fault{Drop: true})}},
		"not begun and not said so":      {"chat.startStream": {gone}},
		"ended by its age":               {"chat.appendStream": {slackfake.APIError("message_not_in_streaming_state")}},
		"append limited":                 {"chat.appendStream": {slackfake.RateLimited(30)}},
		"appended and not said so":       {"chat.appendStream": {stored(gone)}},
		"append lost":                    {"chat.appendStream": {gone}},
		"not ended":                      {"chat.stopStream": {gone}},
		"ended and not said so":          {"chat.stopStream": {stored(gone)}},
		"end limited twice":              {"chat.stopStream": {slackfake.RateLimited(30), slackfake.RateLimited(30)}},
		"busy at every end":              {"chat.stopStream": {gone, gone, gone}, "chat.update": {slackfake.RateLimited(5), gone}},
		"neither ended nor written over": {"chat.stopStream": {gone, gone, gone, gone, gone, gone, gone}, "chat.update": {gone, gone, gone, gone}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, slackfake.Config{}, streamed(), quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				for method, list := range faults {
					fake.Fail(method, list...)
				}
				whole(t, fake, asks(t, fake))
			})
		})
	}
}

func TestAcceptance37AStreamThatItsReaderStopsSaysSo(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, streamed(), quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		hold := make(chan struct{})
		fake.Fail("chat.appendStream", slackfake.Fault{Status: http.StatusOK, Body: `{"ok":false,"error":"stopped_by_user"}`, Hold: hold})
		direct, ts := fake.DM(alice, "sovereignty?")
		time.Sleep(2 * time.Second)
		fake.StopSession(direct, ts, alice)
		time.Sleep(time.Second)
		close(hold)
		time.Sleep(time.Minute)
		posts := fake.Posts()
		if len(posts) != 1 || !strings.Contains(posts[0].Visible(), "Stopped.") || strings.Contains(posts[0].Visible(), "inviolability") {
			t.Errorf("got %q, want what was seen, marked as stopped", visible(posts))
		}
		if open := fake.Streaming(); len(open) != 0 {
			t.Errorf("got %d streams that nobody ended", len(open))
		}
		time.Sleep(time.Hour)
		if again := fake.Posts(); len(again) != 1 {
			t.Errorf("got %q, want nothing more", visible(again))
		}
	})
}

// A process that dies leaves a stream behind. Whoever takes the question over
// finds it by its first block, and writes it whole.
func TestAcceptance37AStreamWhoseWriterDiedIsMadeWhole(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"chat.startStream", "chat.appendStream", "chat.stopStream"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := offline(t, slackfake.Config{})
				o := streamed()
				o.AppToken, o.PostGap = appToken, time.Millisecond
				q := record(t, "We advocate inviolability.")
				direct := fake.OpenHome(alice, "messages")
				_, ts := fake.DM(alice, "sovereignty?")
				p := bot.Post{
					Room: bot.Room{Platform: "slack", ID: direct}, Thread: ts, To: alice, Asked: "sovereignty?", Key: "answer/1",
					Reply: bot.Reply{bot.Paragraph{Text: "asked: sovereignty?"}, q}, Since: time.Now(),
				}
				// The first writer dies when it has called the method: its context ends.
				dying, kill := context.WithCancel(t.Context())
				fake.Fail(method, slackfake.Fault{Store: true, Hold: make(chan struct{})})
				go func() {
					_ = fake.Wait(t.Context(), func() bool { return len(fake.Calls(method)) > 0 })
					kill()
				}()
				first := connectAs(t, fake, o)
				if _, err := first.Post(dying, p); err == nil {
					t.Fatal("the first writer did not die")
				}
				if n := len(fake.Posts()); n != 1 {
					t.Fatalf("got %d posts after the death, want the stream it left", n)
				}
				p.Doubtful = true
				if _, err := connectAs(t, fake, o).Post(patient(t), p); err != nil {
					t.Fatal(err)
				}
				whole(t, fake, fake.Posts())
			})
		})
	}
}

func TestStreamsKeepTheirDistance(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, streamed(), quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		const people = 60
		for i := range people {
			fake.DM(fmt.Sprintf("U0PERSON%d", i), "sovereignty?")
		}
		time.Sleep(time.Minute)
		if got := len(fake.Calls("chat.startStream")); got > 20 {
			t.Errorf("got %d streams begun in a minute, want at most 20", got)
		}
		if got := len(fake.Posts()); got != people {
			t.Errorf("got %d answers, want %d: whom no stream is left for gets a post", got, people)
		}
	})
}
