package bot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
)

// TestATurnIsKeptWhenTheAnswerIsSettled answers with a quotation, a fact and a
// topic, on a platform that takes the post, refuses it, or leaves it open.
func TestATurnIsKeptWhenTheAnswerIsSettled(t *testing.T) {
	t.Parallel()
	reply := bot.Reply{quotation(t, 15), bot.Fact{ID: "f", Text: "x"}, bot.Topic{Question: "What is it?"}}
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a synctest bubble begins
	kept := bot.Turn{Question: "What is it?", Said: []string{reply.Quotations()[0].Code(), "fact:f"}, At: at}
	for name, c := range map[string]struct {
		fail []error
		want bot.Turn
	}{
		"posted":           {nil, kept},
		"refused":          {[]error{&bot.PostError{Outcome: bot.Refused, Err: errors.New("x")}}, bot.Turn{}},
		"in the end":       {[]error{&bot.PostError{Outcome: bot.Unknown, Err: errors.New("x")}}, kept},
		"not sent at once": {[]error{&bot.PostError{Outcome: bot.NotSent, Err: errors.New("x")}}, kept},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				m.fail = c.fail
				ctx, cancel := context.WithCancel(t.Context())
				s := &bot.Server{Platform: m, Inbox: m, Log: quiet(), Handler: bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) { return reply, nil })}
				done := make(chan error)
				go func() { done <- s.Run(ctx) }()
				m.messages <- bot.Message{ID: "1", Text: "a", SentAt: at}
				time.Sleep(5 * time.Minute)
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(c.want, m.rows["1"].turn); diff != "" {
					t.Errorf("turn (-want +got):\n%s", diff)
				}
				for _, p := range m.posts {
					for _, b := range p.Reply {
						if _, is := b.(bot.Topic); is {
							t.Error("got the topic posted, want it taken out")
						}
					}
				}
			})
		})
	}
}

func TestATopicDrawsNothing(t *testing.T) {
	t.Parallel()
	if got, want := (bot.Reply{bot.Paragraph{Text: "a"}, bot.Topic{Question: "b?"}}).String(), "a"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesThatQuoteArePartedFromOnesOwn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"verify":                            {"verify", ""},
		"> one\n>two\n> > three\nverify it": {"verify it", "one\ntwo\nthree"},
		"is this right?\r\n> one\r\n":       {"is this right?", "one"},
		"> one":                             {"", "one"},
		"5 > 3\nx":                          {"5 > 3\nx", ""},
		"":                                  {"", ""},
		">":                                 {"", ""},
	} {
		if own, quoted := bot.CutQuoted(text); own != want[0] || quoted != want[1] {
			t.Errorf("%q: got %q and %q, want %q and %q", text, own, quoted, want[0], want[1])
		}
	}
}
