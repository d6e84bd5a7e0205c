package matrix_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"rapporteur/bot/matrix"
)

// TestWhatPeopleSeeOfAMessageIsVerified asks by a reaction and by a reply, about a
// message that was edited.
func TestWhatPeopleSeeOfAMessageIsVerified(t *testing.T) {
	t.Parallel()
	edit := func(id, sender string, at int64, body string) string {
		return fmt.Sprintf(`{"type":"m.room.message","event_id":%q,"sender":%q,"origin_server_ts":%d,"content":{"msgtype":"m.text","body":"* x","m.new_content":{"msgtype":"m.text","body":%q},"m.relates_to":{"rel_type":"m.replace","event_id":"$claim"}}}`, id, sender, at, body)
	}
	sealed := `{"type":"m.room.encrypted","event_id":"$sealed","sender":"` + alice + `","origin_server_ts":9,"content":{"algorithm":"m.megolm.v1.aes-sha2","session_id":"s","m.relates_to":{"rel_type":"m.replace","event_id":"$claim"}}}`
	taken := `{"type":"m.room.message","event_id":"$gone","sender":"` + alice + `","origin_server_ts":9,"content":{}}`
	for name, c := range map[string]struct {
		edits []string
		want  string
	}{
		"never edited":             {nil, "First."},
		"edited":                   {[]string{edit("$a", alice, 2, "Second.")}, "Second."},
		"edited twice":             {[]string{edit("$b", alice, 3, "Third."), edit("$a", alice, 2, "Second.")}, "Third."},
		"edited in another order":  {[]string{edit("$a", alice, 2, "Second."), edit("$b", alice, 3, "Third.")}, "Third."},
		"by somebody else":         {[]string{edit("$a", "@mallory:hs.example", 2, "Forged.")}, "First."},
		"the last edit taken back": {[]string{taken, edit("$a", alice, 2, "Second.")}, "Second."},
		"encrypted":                {[]string{sealed, edit("$a", alice, 2, "Second.")}, "Opened."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			h.events["$claim"] = says("$claim", "First.")
			h.edits = map[string]string{"$claim": strings.Join(c.edits, ",")}
			h.batches = []string{joinBatch(
				typed("m.reaction", "$r", 1795000000000, `{"m.relates_to":{"rel_type":"m.annotation","event_id":"$claim","key":"🔎"}}`),
				message("$v", alice, map[string]any{"msgtype": "m.text", "body": "!iis verify", "m.relates_to": map[string]any{"m.in_reply_to": map[string]any{"event_id": "$claim"}}}),
			)}
			e, client := &ear{h: h}, newClient(t, h, s)
			client.UseCipher(&matrix.FakeCipher{Open: func(evt *event.Event) (*event.Event, error) {
				var open event.Event
				return &open, json.Unmarshal([]byte(edit(evt.ID.String(), evt.Sender.String(), evt.Timestamp, "Opened.")), &open)
			}})
			listen(t, client, e)
			h.settled(t, "s1")
			if len(e.texts()) != 2 {
				t.Fatalf("heard: got %q, want both questions", e.texts())
			}
			for _, m := range e.heard {
				if m.Quoted != c.want {
					t.Errorf("%s: got %q quoted, want %q", m.ID, m.Quoted, c.want)
				}
			}
		})
	}
}
