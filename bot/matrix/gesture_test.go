package matrix_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

func typed(kind, id string, ts int64, content string) string {
	return fmt.Sprintf(`{"type":%q,"event_id":%q,"sender":%q,"origin_server_ts":%d,"content":%s}`, kind, id, alice, ts, content)
}

// TestEditsReactionsAndRedactions hears what people do besides speaking.
func TestEditsReactionsAndRedactions(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	const at = int64(1795000000000)
	ask := `{"msgtype":"m.text","body":"!iis first"}`
	h.events["$q"] = typed("m.room.message", "$q", at, ask)
	h.events["$claim"] = typed("m.room.message", "$claim", at, `{"msgtype":"m.text","body":"He said so."}`)
	edit := func(id string, after time.Duration, of, body string) string {
		return typed("m.room.message", id, at+after.Milliseconds(), fmt.Sprintf(`{"msgtype":"m.text","body":"* x","m.new_content":{"msgtype":"m.text","body":%q},"m.relates_to":{"rel_type":"m.replace","event_id":%q}}`, body, of))
	}
	reaction := func(id, to, key string) string {
		return typed("m.reaction", id, at, fmt.Sprintf(`{"m.relates_to":{"rel_type":"m.annotation","event_id":%q,"key":%q}}`, to, key))
	}
	h.batches = []string{
		joinBatch(typed("m.room.message", "$q", at, ask),
			edit("$soon", 50*time.Second, "$q", "!iis second"),
			edit("$late", 2*time.Minute, "$q", "!iis too late"),
			edit("$other", time.Second, "$claim", "now !iis is in the middle"),
			edit("$addressed", time.Second, "$claim", "!iis now it is a question"),
			edit("$again", 2*time.Second, "$claim", "!iis now it is another"),
			edit("$still", 3*time.Second, "$claim", "!iis now it is a third"),
			reaction("$glass", "$claim", "🔎\uFE0F"),
			reaction("$smile", "$claim", "🙂"),
			reaction("$nobody", "$none", "🔎")),
	}
	e := &ear{h: h}
	listen(t, newClient(t, h, s), e)
	h.settled(t, "s1")
	if got, want := e.texts(), []string{"first", "second", "now it is a question", "now it is another", "now it is a third", "verify"}; !slices.Equal(got, want) {
		t.Fatalf("heard: got %q, want %q", got, want)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if m := e.heard[1]; m.Thread != "$q" || m.Return == "" || m.ID != "$soon" {
		t.Errorf("edit: got %+v, want one whose answer replaces that to $q", m)
	}
	if m := e.heard[2]; m.Return != "" {
		t.Errorf("edit into a question: got %+v, want an answer of its own", m)
	}
	for _, m := range e.heard[3:5] {
		if m.Return != "edit $addressed" {
			t.Errorf("question that an edit made, edited again: got %+v, want one whose answer replaces that to $addressed", m)
		}
	}
	if m := e.heard[5]; m.Quoted != "He said so." || m.Thread != "$claim" {
		t.Errorf("magnifier: got %+v, want the words of the message", m)
	}
}

// TestAnAnswerIsReplacedAndTakenBack posts an answer, its edited form, and sees
// it go with the question.
func TestAnAnswerIsReplacedAndTakenBack(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.relations = `{"chunk":[]}`
	c := newClient(t, h, s)
	at := bot.Room{Platform: "matrix", ID: room}
	first := bot.Post{Room: at, Thread: "$q", Reply: bot.Say("first"), Key: bot.AnswerKey(bot.Message{Room: at, ID: "$q"}), To: alice}
	receipt, err := c.Post(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	second := bot.Post{Room: at, Thread: "$q", Return: "edit $q", Reply: bot.Say("second"), Key: bot.AnswerKey(bot.Message{Room: at, ID: "$edit"}), To: alice}
	if _, err := c.Post(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	relation, _ := h.posts()[1].Content["m.relates_to"].(map[string]any)
	fresh, _ := h.posts()[1].Content["m.new_content"].(map[string]any)
	if relation["rel_type"] != "m.replace" || relation["event_id"] != receipt.ID || fresh["body"] != "second" || fresh["m.mentions"] == nil {
		t.Errorf("edited answer: got %s, want it to replace %s", h.posts()[1].Raw, receipt.ID)
	}
	if err := c.Edit(t.Context(), first, receipt, "correction"); err != nil {
		t.Fatal(err)
	}
	h.batches = []string{joinBatch(fmt.Sprintf(`{"type":"m.room.redaction","event_id":"$gone","sender":%q,"origin_server_ts":1,"content":{"redacts":"$q"}}`, alice))}
	listen(t, c, &ear{h: h})
	h.settled(t, "s1")
	h.mu.Lock()
	var gone []string
	for _, r := range h.redacted {
		gone = append(gone, r.Event)
	}
	if want := []string{"$e1", "$e2", receipt.ID}; !slices.Equal(slices.Sorted(slices.Values(gone)), slices.Sorted(slices.Values(want))) {
		t.Errorf("redacted: got %q, want the answer, its edit and its correction, %q", gone, want)
	}
	h.mu.Unlock()
	n := len(h.posts())
	if receipt, err := c.Post(t.Context(), first); err != nil || receipt.ID != "" || len(h.posts()) != n {
		t.Errorf("an answer to a question that was taken back: got %v, %v, want nothing posted", receipt, err)
	}
}

// TestAnEventThatBreaksTheReaderIsPutAside is acceptance 46; a receiver that
// panics stands for any part of the reader.
func TestAnEventThatBreaksTheReaderIsPutAside(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.batches = []string{joinBatch(says("$1", "!iis one"), says("$2", "!iis two"), says("$3", "!iis three"))}
	e := &ear{h: h, fail: func(n int) error {
		if n == 2 {
			panic("poison")
		}
		return nil
	}}
	notes := &notes{}
	listen(t, newClient(t, h, s, func(o *matrix.Options) { o.Notes = notes }), e)
	h.settled(t, "s1")
	if got := e.texts(); !slices.Equal(got, []string{"one", "three"}) {
		t.Errorf("heard: got %q, want all but the one that breaks", got)
	}
	if found, _ := notes.Notes(t.Context(), "matrix/"+self+"/dead", ""); len(found) != 1 || !strings.Contains(fmt.Sprint(found), "$2") {
		t.Errorf("put aside: got %v, want the event $2", found)
	}
}

// TestWhatWasSaidDuringALongAbsenceExpires is acceptance 44 and 55: an absence
// makes messages old, a wrong clock does not.
func TestWhatWasSaidDuringALongAbsenceExpires(t *testing.T) {
	t.Parallel()
	old := func(id string, ago time.Duration) string {
		return typed("m.room.message", id, time.Now().Add(-ago).UnixMilli(), `{"msgtype":"m.text","body":"!iis `+id+`"}`)
	}
	for name, c := range map[string]struct {
		away time.Duration
		want []string
	}{
		"after an hour":     {time.Hour, []string{"$new"}},
		"after two minutes": {2 * time.Minute, []string{"$old", "$new"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			s.values["matrix/"+self+" synced"] = time.Now().Add(-c.away).UTC().Format(time.RFC3339)
			h.batches = []string{joinBatch(old("$old", 2*time.Hour), old("$new", time.Minute)), joinBatch(old("$skewed", 2*time.Hour))}
			e := &ear{h: h}
			listen(t, newClient(t, h, s), e)
			h.settled(t, "s2")
			if got := e.texts(); !slices.Equal(got, append(c.want, "$skewed")) {
				t.Errorf("heard: got %q, want %q and then what a slow clock dates", got, c.want)
			}
			if c.away == time.Hour {
				h.until(t, "the notice", func() bool {
					return slices.ContainsFunc(h.sent, func(s sent) bool { return strings.Contains(s.Raw, "I was away for a while. 1 message") })
				})
			}
		})
	}
}

// TestTheNewestWordingOfAQuestionWins answers two edits in either order, and at
// the same time.
func TestTheNewestWordingOfAQuestionWins(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"old new", "new old", "both"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			c := newClient(t, h, s)
			at := bot.Room{Platform: "matrix", ID: room}
			if _, err := c.Post(t.Context(), bot.Post{Room: at, Thread: "$q", Reply: bot.Say("first"), Key: bot.AnswerKey(bot.Message{Room: at, ID: "$q"})}); err != nil {
				t.Fatal(err)
			}
			h.events["$q"] = says("$q", "!iis first")
			edit := func(id string) string {
				return message(id, alice, map[string]any{
					"msgtype": "m.text", "body": "* x", "m.new_content": map[string]any{"msgtype": "m.text", "body": "!iis " + id},
					"m.relates_to": map[string]any{"rel_type": "m.replace", "event_id": "$q"},
				})
			}
			h.batches = []string{joinBatch(edit("$old"), edit("$new"))}
			listen(t, c, &ear{h: h})
			h.settled(t, "s1")
			post := func(id string) error {
				_, err := c.Post(t.Context(), bot.Post{Room: at, Thread: "$q", Return: "edit $q", Reply: bot.Say(id), Key: bot.AnswerKey(bot.Message{Room: at, ID: id})})
				return err
			}
			var work sync.WaitGroup
			for id := range strings.FieldsSeq(strings.ReplaceAll(order, "both", "old new")) {
				posting := func() {
					if err := post("$" + id); err != nil {
						t.Error(err)
					}
				}
				if order == "both" {
					work.Go(posting)
				} else {
					posting()
				}
			}
			work.Wait()
			posts := h.posts()
			if last := posts[len(posts)-1]; len(posts) != 2 || !strings.Contains(last.Raw, "$new") {
				t.Errorf("got %d posts, the last %s, want the answer to the newest wording alone", len(posts), last.Raw)
			}
		})
	}
}
