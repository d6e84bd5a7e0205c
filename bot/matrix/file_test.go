package matrix_test

import (
	"fmt"
	"strings"
	"testing"

	"rapporteur/bot"
)

const ics = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

func withFile() bot.Post {
	at := bot.Room{Platform: "matrix", ID: room}
	return bot.Post{
		Room: at, Thread: "$q", Key: bot.AnswerKey(bot.Message{Room: at, ID: "$q"}), To: alice,
		Reply: bot.Reply{bot.Paragraph{Text: "Sessions ahead."}, bot.File{Name: "sessions.ics", Type: "text/calendar; charset=utf-8", Data: []byte(ics)}},
	}
}

// TestAFileIsSentOnceBelowTheText posts an answer with a file, and again as after
// a crash before the file was sent, and after one behind that.
func TestAFileIsSentOnceBelowTheText(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.relations = `{"chunk":[]}`
	c, p := newClient(t, h, s), withFile()
	receipt, err := c.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	posts := h.posts()
	if len(posts) != 2 || receipt.ID != "$e0" {
		t.Fatalf("got %d events and the receipt %v, want the text and the file, and the text's receipt", len(posts), receipt)
	}
	if strings.Contains(posts[0].Raw, "VCALENDAR") {
		t.Errorf("text: got %s, want the file's content in the file alone", posts[0].Raw)
	}
	file := posts[1].Content
	info, _ := file["info"].(map[string]any)
	relation, _ := file["m.relates_to"].(map[string]any)
	if file["msgtype"] != "m.file" || file["body"] != "sessions.ics" || file["url"] != "mxc://hs.example/m1" || info["mimetype"] != "text/calendar" ||
		relation["rel_type"] != "m.thread" || relation["event_id"] != "$q" || file["m.mentions"] == nil || h.uploaded[0] != ics {
		t.Errorf("file: got %s with %q uploaded", posts[1].Raw, h.uploaded)
	}
	if again, err := c.Post(t.Context(), p); err != nil || again != receipt || len(h.posts()) != 2 {
		t.Errorf("the same post again: got %v, %v and %d events, want nothing new", again, err, len(h.posts()))
	}
	// The homeserver has forgotten the transactions; the events are in the room.
	label := func(i int) string {
		return fmt.Sprintf(`{"type":"m.room.message","event_id":"$e%d","sender":%q,"origin_server_ts":1795000000000,"content":%s}`, i, self, posts[i].Raw)
	}
	uploads := len(h.uploaded)
	p.Doubtful = true
	h.relations = `{"chunk":[` + label(0) + "," + label(1) + `]}`
	h.sent = nil
	if again, err := c.Post(t.Context(), p); err != nil || again != receipt || len(h.posts()) != 0 || len(h.uploaded) != uploads {
		t.Errorf("a doubtful post that is there: got %v, %v, %d events and %d uploads, want nothing new", again, err, len(h.posts()), len(h.uploaded)-uploads)
	}
	h.relations = `{"chunk":[` + label(0) + `]}`
	if _, err := c.Post(t.Context(), p); err != nil || len(h.posts()) != 1 || !strings.Contains(h.posts()[0].Raw, "m.file") {
		t.Errorf("a doubtful post without its file: got %v and %v, want the file alone", err, h.posts())
	}
}

// TestAFileThatIsNotTakenIsShown refuses the upload, or fails it for a while.
func TestAFileThatIsNotTakenIsShown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		broken fault
		tries  int
		shown  bool
	}{
		"too large":              {fault{99, 413, `{"errcode":"M_TOO_LARGE","error":"no"}`}, 1, true},
		"refused":                {fault{99, 403, `{"errcode":"M_FORBIDDEN","error":"no media here"}`}, 1, true},
		"broken for a moment":    {fault{3, 502, "bad gateway"}, 2, false},
		"broken for a long time": {fault{99, 502, "bad gateway"}, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			h.broken = map[string]*fault{"upload": &c.broken}
			client := newClient(t, h, s)
			client.Hurry()
			for try := 1; ; try++ {
				_, err := client.Post(t.Context(), withFile())
				if err == nil && try == c.tries {
					break
				}
				if err == nil || outcome(err) != bot.NotSent || try >= c.tries {
					t.Fatalf("try %d: got %v, want it done with try %d", try, err, c.tries)
				}
			}
			posts := h.posts()
			if shown := strings.Contains(posts[0].Raw, "BEGIN:VCALENDAR"); shown != c.shown || len(posts) == 2 == c.shown {
				t.Errorf("got %v, want the text to show the file: %v", posts, c.shown)
			}
		})
	}
}
