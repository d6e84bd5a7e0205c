package matrix_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapporteur/bot"
)

// TestAnOrderThatIsEditedIsCarriedOutOnce says things and edits them; "subscribe" is
// an order.
func TestAnOrderThatIsEditedIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wordings []string // the first and its edits
		want     []string // what is carried out or answered
		apart    []bool   // which answers replace none
	}{
		"an order, edited":                  {[]string{"subscribe 18:00", "subscribe 19:00"}, []string{"subscribe 18:00"}, []bool{true, true}},
		"an order, edited twice":            {[]string{"subscribe 18:00", "subscribe 19:00", "subscribe 20:00"}, []string{"subscribe 18:00"}, []bool{true, true, true}},
		"an order, edited into a question":  {[]string{"subscribe 18:00", "quote it"}, []string{"subscribe 18:00"}, []bool{true, true}},
		"a slip, edited into an order":      {[]string{"subscrbe 18:00", "subscribe 18:00"}, []string{"subscrbe 18:00", "subscribe 18:00"}, []bool{true, false}},
		"a slip, and the order edited":      {[]string{"subscrbe 18:00", "subscribe 18:00", "subscribe 19:00"}, []string{"subscrbe 18:00", "subscribe 18:00"}, []bool{true, false, true}},
		"an order that was a mistake":       {[]string{"subscribe Geneva", "subscribe Zurich"}, []string{"subscribe Geneva", "subscribe Zurich"}, []bool{true, false}},
		"a question, edited":                {[]string{"quote it", "quote that"}, []string{"quote it", "quote that"}, []bool{true, false}},
		"an order whose first form waits":   {[]string{"", "subscribe 19:00"}, nil, []bool{false, false}},
		"a question whose first form waits": {[]string{"", "quote that"}, []string{"quote that"}, []bool{false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			h.state[room+" m.room.create"] = `{"creator":"` + alice + `"}`
			client, at := newClient(t, h, s), bot.Room{Platform: "matrix", ID: room}
			client.Hurry()
			var carried []string
			handler := client.Permit(func(text string) bot.Verb {
				verb, _, _ := strings.Cut(text, " ")
				return bot.Verb{Name: verb, Manages: verb == "subscribe"}
			}, bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
				carried = append(carried, m.Text)
				if strings.Contains(m.Text, "Geneva") {
					return bot.Say("There is no such time zone."), nil
				}
				return bot.Reply{bot.Lead{Text: "done"}}, nil
			}))
			for i, text := range c.wordings {
				if text == "" {
					continue
				}
				m := bot.Message{ID: fmt.Sprintf("$%d", i), Room: at, Thread: "$0", Sender: alice, Text: text}
				if i > 0 {
					m.Return = "edit $0"
				}
				m = client.Complete(t.Context(), m)
				reply, err := handler.Answer(t.Context(), m)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Contains(carried, text) && !strings.Contains(reply.String(), "I carry out an order once") {
					t.Errorf("%q: got the answer %q, want to be told why not", text, reply)
				}
				p := bot.Post{Room: at, Thread: m.Thread, Return: m.Return, Reply: reply, Key: bot.AnswerKey(m), To: alice}
				if _, replaces := client.Replaced(p); replaces == c.apart[i] {
					t.Errorf("%q: its answer replaces one: %v, want %v", text, replaces, !c.apart[i])
				}
				if c.wordings[0] == "" {
					continue
				}
				if _, err := client.Post(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if last := h.posts()[i].Raw; strings.Contains(last, "m.replace") == c.apart[i] {
					t.Errorf("%q: got %s posted, want it to replace the first answer: %v", text, last, !c.apart[i])
				}
			}
			if !slices.Equal(carried, c.want) {
				t.Errorf("carried out: got %q, want %q", carried, c.want)
			}
		})
	}
}

// TestAnOrderOverWhichTheProcessDiedIsBegunAgain answers the same wording twice.
func TestAnOrderOverWhichTheProcessDiedIsBegunAgain(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.state[room+" m.room.create"] = `{"creator":"` + alice + `"}`
	n := 0
	handler := newClient(t, h, s).Permit(func(string) bot.Verb { return bot.Verb{Name: "subscribe", Manages: true} },
		bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) {
			n++
			return bot.Reply{bot.Lead{Text: "done"}}, nil
		}))
	for range 2 {
		if _, err := handler.Answer(t.Context(), bot.Message{ID: "$1", Room: bot.Room{Platform: "matrix", ID: room}, Sender: alice}); err != nil {
			t.Fatal(err)
		}
	}
	if n != 2 {
		t.Errorf("carried out %d times, want twice: the handler knows what it has done", n)
	}
}

// TestTheReactionsBelowAReplacedAnswerStandForTheNewOne presses them after an edit.
func TestTheReactionsBelowAReplacedAnswerStandForTheNewOne(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	client, at := newClient(t, h, s), bot.Room{Platform: "matrix", ID: room}
	e := &ear{h: h}
	h.batches = []string{joinBatch()}
	listen(t, client, e)
	h.settled(t, "s1")
	offering := func(commands ...string) bot.Reply {
		var actions bot.Actions
		for _, c := range commands {
			actions = append(actions, bot.Action{Label: "More", Command: c})
		}
		return bot.Reply{bot.Lead{Text: "Here."}, actions}
	}
	first, err := client.Post(t.Context(), bot.Post{Room: at, Thread: "$q", Reply: offering("one", "two"), Key: bot.AnswerKey(bot.Message{Room: at, ID: "$q"})})
	need(t, err)
	h.until(t, "two reactions", func() bool { return len(h.reactions) == 2 })
	_, err = client.Post(t.Context(), bot.Post{Room: at, Thread: "$q", Return: "edit $q", Reply: offering("three"), Key: bot.AnswerKey(bot.Message{Room: at, ID: "$edit"})})
	need(t, err)
	press := func(id, key string) string {
		return typed("m.reaction", id, 1795000000000, fmt.Sprintf(`{"m.relates_to":{"rel_type":"m.annotation","event_id":%q,"key":%q}}`, first.ID, key))
	}
	h.change(func() {
		h.batches = append(h.batches, joinBatch(press("$r1", "1\uFE0F\u20E3"), press("$r2", "2\uFE0F\u20E3")))
	})
	h.settled(t, "s2")
	if got := e.texts(); !slices.Equal(got, []string{"three"}) {
		t.Errorf("pressed: got %q, want the command of the new answer, and nothing where it has none", got)
	}
	if got := h.count("react"); got != 2 {
		t.Errorf("got %d reactions, want no third", got)
	}
}
