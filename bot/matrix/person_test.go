package matrix_test

import (
	"testing"

	"rapporteur/bot"
)

// TestTheSendersZoneIsThatOfTheProfile asks the profile once, and does without where it
// says nothing.
func TestTheSendersZoneIsThatOfTheProfile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"a zone":                           {200, `{"m.tz":"Asia/Kathmandu"}`, "Asia/Kathmandu"},
		"no zone":                          {404, `{"errcode":"M_NOT_FOUND","error":"no"}`, ""},
		"a homeserver without such fields": {404, `{"errcode":"M_UNRECOGNIZED","error":"no"}`, ""},
		"an older homeserver":              {400, `{"errcode":"M_INVALID_PARAM","error":"no"}`, ""},
		"a homeserver that fails":          {502, `<html>`, ""},
		"another type":                     {200, `{"m.tz":7}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.zone = answer{status: c.status, body: c.body}
			client := newClient(t, h, started())
			for _, id := range []string{"$1", "$2"} {
				m := client.Complete(t.Context(), bot.Message{ID: id, Room: bot.Room{Platform: "matrix", ID: room}, Sender: alice, Text: "subscribe digest daily 08:00"})
				if m.Zone != c.want {
					t.Errorf("got zone %q, want %q", m.Zone, c.want)
				}
			}
			if got := h.count("zone"); got != 1 {
				t.Errorf("got %d requests for two messages, want one", got)
			}
		})
	}
}
