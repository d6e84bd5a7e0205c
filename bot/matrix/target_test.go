package matrix_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

// TestAnAnswerToAReactionFollowsTheRoomsSetting presses reactions in rooms that want
// threads, and that want none, and answers what is heard.
func TestAnAnswerToAReactionFollowsTheRoomsSetting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		threads, on, key string
		thread, reply    string
	}{
		"on, the magnifier":                   {"on", "$claim", "🔎", "$claim", "$claim"},
		"off, the magnifier":                  {"off", "$claim", "🔎", "", "$claim"},
		"off, the magnifier within a thread":  {"off", "$inside", "🔎", "$root", "$inside"},
		"on, a button below a digest":         {"on", "$digest", "1\uFE0F\u20E3", "$digest", "$digest"},
		"off, a button below a digest":        {"off", "$digest", "1\uFE0F\u20E3", "", "$digest"},
		"off, a button below a plain answer":  {"off", "$plain", "1\uFE0F\u20E3", "", "$plain"},
		"off, a button below one in a thread": {"off", "$threaded", "1\uFE0F\u20E3", "$root", "$threaded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s, n := newHS(t), started(), &notes{}
			s.values["matrix/"+self+" threads/"+room] = c.threads
			h.events["$claim"] = says("$claim", "He said so.")
			h.events["$inside"] = message("$inside", alice, map[string]any{"msgtype": "m.text", "body": "He said so.", "m.relates_to": map[string]any{"rel_type": "m.thread", "event_id": "$root"}})
			for post, thread := range map[string]string{"$digest": "$digest", "$plain": "", "$threaded": "$root"} {
				need(t, n.Note(t.Context(), "matrix/"+self+"/button", post+"|1\u20E3", fmt.Sprintf(`{"command":"more","thread":%q}`, thread), time.Now()))
			}
			h.batches = []string{joinBatch(typed("m.reaction", "$r", 1795000000000, fmt.Sprintf(`{"m.relates_to":{"rel_type":"m.annotation","event_id":%q,"key":%q}}`, c.on, c.key)))}
			e := &ear{h: h}
			client := newClient(t, h, s, func(o *matrix.Options) { o.Notes = n })
			listen(t, client, e)
			h.settled(t, "s1")
			if len(e.texts()) != 1 {
				t.Fatalf("heard: got %q, want one command", e.texts())
			}
			m := e.heard[0]
			if m.Thread != c.thread || m.ID != "$r" || m.Return != "" {
				t.Errorf("heard: got %+v, want the thread %q", m, c.thread)
			}
			relation := answered(t, h, client, m)
			if reply, _ := relation["m.in_reply_to"].(map[string]any); reply["event_id"] != c.reply || (relation["rel_type"] == "m.thread") != (c.thread != "") {
				t.Errorf("answered: got the relation %v, want a reply to %s, in the thread %q", relation, c.reply, c.thread)
			}
		})
	}
}

// answered answers a message and returns the relation of the answer.
func answered(t *testing.T, h *hs, client *matrix.Client, m bot.Message) map[string]any {
	t.Helper()
	p := bot.Post{Room: m.Room, Thread: m.Thread, Return: m.Return, Reply: bot.Say("Yes."), Key: bot.AnswerKey(m), To: m.Sender}
	if _, err := client.Post(context.WithoutCancel(t.Context()), p); err != nil {
		t.Fatal(err)
	}
	posts := h.posts()
	relation, _ := posts[len(posts)-1].Content["m.relates_to"].(map[string]any)
	return relation
}

// TestAnEditThatMakesAQuestionIsAnsweredBelowTheMessage edits what was not for the bot.
func TestAnEditThatMakesAQuestionIsAnsweredBelowTheMessage(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	s.values["matrix/"+self+" threads/"+room] = "off"
	h.events["$claim"] = says("$claim", "He said so.")
	h.batches = []string{joinBatch(message("$edit", alice, map[string]any{
		"msgtype": "m.text", "body": "* x", "m.new_content": map[string]any{"msgtype": "m.text", "body": "!iis quote it"},
		"m.relates_to": map[string]any{"rel_type": "m.replace", "event_id": "$claim"},
	}))}
	e := &ear{h: h}
	client := newClient(t, h, s)
	listen(t, client, e)
	h.settled(t, "s1")
	if len(e.texts()) != 1 {
		t.Fatalf("heard: got %q, want the question", e.texts())
	}
	relation := answered(t, h, client, e.heard[0])
	if reply, _ := relation["m.in_reply_to"].(map[string]any); reply["event_id"] != "$claim" {
		t.Errorf("answered: got the relation %v, want a reply to the message, not to its edit", relation)
	}
}
