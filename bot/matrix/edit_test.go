package matrix_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/matrix"
)

func TestACorrectedReplyReplacesTheEvent(t *testing.T) {
	t.Parallel()
	h := newHS(t)
	h.messages[""] = `{"start":"a","chunk":[]}`
	client := newClient(t, h, started())
	digest := bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("It meets on 7–11 December."), Key: "delivery", Purpose: bot.ForDigest, Since: time.Now()}
	receipt, err := client.Post(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	digest.Reply = bot.Say("It meets on 14–18 December.")
	for range 2 { // the homeserver knows the transaction
		if err := client.Edit(t.Context(), digest, receipt, "correction"); err != nil {
			t.Fatal(err)
		}
	}
	posts := h.posts()
	if len(posts) != 2 {
		t.Fatalf("got %d events, want the post and one edit", len(posts))
	}
	edit := posts[1].Content
	relation, _ := edit["m.relates_to"].(map[string]any)
	fresh, _ := edit["m.new_content"].(map[string]any)
	if relation["rel_type"] != "m.replace" || relation["event_id"] != receipt.ID {
		t.Errorf("got relation %v, want a replacement of %s", relation, receipt.ID)
	}
	if fresh["body"] != "It meets on 14–18 December." || fresh["msgtype"] != "m.text" || fresh["m.relates_to"] != nil || edit["body"] != "* It meets on 14–18 December." {
		t.Errorf("got %v, want the new words, and a fallback for clients that know no edits", edit)
	}
	if mentions, _ := edit["m.mentions"].(map[string]any); len(mentions) != 0 || edit["m.mentions"] == nil {
		t.Errorf("got mentions %v, want none: nobody is pinged by an edit", edit["m.mentions"])
	}
}

func TestWhatAFailedEditMeans(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		want   bot.Outcome
	}{
		"left the room": {answer{status: 403, body: `{"errcode":"M_FORBIDDEN","error":"no"}`}, bot.Gone},
		"rate limited":  {answer{status: 429, body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow","retry_after_ms":30000}`}, bot.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.messages[""] = `{"start":"a","chunk":[]}`
			h.refuse = []answer{c.answer}
			err := newClient(t, h, started()).Edit(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("x"), Key: "k"}, bot.Receipt{ID: "$there"}, "correction")
			if outcome(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestACorrectionFarBackPostsNothingTwice corrects a post of several events, whose
// events are near, or too far back to be found.
func TestACorrectionFarBackPostsNothingTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply       bot.Reply
		near        bool
		want        bot.Outcome
		ok          bool
		more, edits int // events that are posted anew, and that replace others
	}{
		"all are found":                {bottest.LongReply(), true, 0, true, 0, 4},
		"the new one has more":         {slices.Concat(bottest.LongReply(), bottest.LongReply()), true, 0, true, 4, 4},
		"none is found":                {bottest.LongReply(), false, bot.Refused, false, 0, 0},
		"none is needed but the first": {bot.Say("Short."), false, 0, true, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.messages[""] = `{"start":"a","chunk":[]}`
			client := newClient(t, h, started())
			digest := bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bottest.LongReply(), Key: "delivery", Purpose: bot.ForDigest, Since: time.Now()}
			receipt, err := client.Post(t.Context(), digest)
			need(t, err)
			before := h.posts()
			if c.near {
				var found []string
				for i, s := range slices.Backward(before) {
					found = append(found, message(fmt.Sprintf("$e%d", i), self, s.Content))
				}
				h.messages[""] = `{"start":"a","chunk":[` + strings.Join(found, ",") + `]}`
			}
			digest.Reply = c.reply
			err = client.Edit(t.Context(), digest, receipt, "correction")
			if (err == nil) != c.ok || (err != nil && outcome(err) != c.want) {
				t.Errorf("Edit: got %v, want success %v, or %v", err, c.ok, c.want)
			}
			more, edits := 0, 0
			for _, s := range h.posts()[len(before):] {
				if strings.Contains(s.Raw, "m.replace") {
					edits++
				} else {
					more++
				}
			}
			if more != c.more || edits != c.edits {
				t.Errorf("got %d events posted and %d edited of %d, want %d and %d", more, edits, len(before), c.more, c.edits)
			}
		})
	}
}

// TestAnAnswerThatWasTakenBackIsNotCorrected corrects an answer whose question was
// redacted: nothing is said.
func TestAnAnswerThatWasTakenBackIsNotCorrected(t *testing.T) {
	t.Parallel()
	h := newHS(t)
	h.messages[""] = `{"start":"a","chunk":[]}`
	kept := &notes{}
	client := newClient(t, h, started(), func(o *matrix.Options) { o.Notes = kept })
	at := bot.Room{Platform: "matrix", ID: room}
	answer := bot.Post{Room: at, Thread: "$q", Reply: bot.Say("It meets on 7–11 December."), Key: bot.AnswerKey(bot.Message{Room: at, ID: "$q"})}
	receipt, err := client.Post(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Note(t.Context(), "matrix/"+self+"/withdrawn", room+"|$q", "$redaction", time.Now()); err != nil {
		t.Fatal(err)
	}
	sends := h.count("send")
	answer.Reply = bot.Say("It meets on 14–18 December.")
	if err := client.Edit(t.Context(), answer, receipt, "correction"); !errors.Is(err, bot.ErrWithdrawn) || outcome(err) != bot.Refused {
		t.Errorf("got %v, want it refused, for the question was taken back", err)
	}
	if got := h.count("send"); got != sends {
		t.Errorf("got %d sends more, want none", got-sends)
	}
}
