package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/e2e/homeserver"
)

// isFile says whether an event of the bot's is a file.
func isFile(bot id.UserID) func(*event.Event) bool {
	return func(evt *event.Event) bool { return from(bot)(evt) && raw(evt, "msgtype") == "m.file" }
}

// calendarIn downloads the file of an event, decrypts it where it is encrypted, and
// checks that it is a whole calendar.
func (p *person) calendarIn(t *testing.T, evt *event.Event, secret bool) string {
	t.Helper()
	// As it came over the wire: the library need not have read it yet.
	wire, err := json.Marshal(evt.Content.Raw)
	need(t, err)
	var content event.MessageEventContent
	need(t, json.Unmarshal(wire, &content))
	address := content.URL
	if (content.File != nil) != secret {
		t.Fatalf("got %v, want the file encrypted: %v", evt.Content.Raw, secret)
	}
	if secret {
		address = content.File.URL
	}
	mxc, err := address.Parse()
	need(t, err)
	data, err := p.DownloadBytes(t.Context(), mxc)
	need(t, err)
	if secret {
		if strings.Contains(string(data), "VCALENDAR") {
			t.Error("the file lies on the homeserver in plain text")
		}
		sealed := content.File.EncryptedFile
		need(t, sealed.DecryptInPlace(data))
	}
	text := string(data)
	begun, ended := strings.Count(text, "BEGIN:VEVENT\r\n"), strings.Count(text, "END:VEVENT\r\n")
	if !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\n") || !strings.HasSuffix(text, "END:VCALENDAR\r\n") || begun == 0 || begun != ended || strings.Count(text, "UID:") != begun {
		t.Errorf("got %.200q…, want a calendar with events", text)
	}
	if name := content.GetFileName(); !strings.HasSuffix(name, ".ics") || content.Info == nil || content.Info.Size != len(data) {
		t.Errorf("got the name %q and the size %v, want an .ics of %d bytes", name, content.Info, len(data))
	}
	return text
}

// TestAFileIsDeliveredOnce asks for a calendar file in a plain and in an encrypted
// room, while the sends are cut after they arrived, and kills the bot.
func TestAFileIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	bot := startBot(t, settings)
	open, secret := newPerson(t, hs, "person"), newConfidant(t, hs)
	for _, c := range []struct {
		p      *person
		room   id.RoomID
		path   string
		secret bool
	}{
		{open, open.greetedRoom(t, user, false), "/send/m.room.message/", false},
		{secret, secret.secretRoom(t, user), "/send/m.room.encrypted/", true},
	} {
		question := c.p.mustSay(t, c.room, map[string]any{"body": "!iis ics"})
		c.p.calendarIn(t, c.p.wait(t, "the file", c.room, 1, isFile(user))[0], c.secret)
		if root := raw(c.p.wait(t, "the file", c.room, 1, isFile(user))[0], "m.relates_to", "event_id"); root != question.String() {
			t.Errorf("file: got it in the thread of %v, want that of the question", root)
		}
		proxy.Break(homeserver.Fault{Method: "PUT", Path: c.path, Times: 2, Arrives: true})
		c.p.mustSay(t, c.room, map[string]any{"body": "!iis ics Global Mechanism"})
		c.p.wait(t, "the file after cuts", c.room, 2, isFile(user))
		// The bot dies as soon as the file has arrived.
		last := c.p.mustSay(t, c.room, map[string]any{"body": "!iis ics"})
		c.p.wait(t, "the third file", c.room, 3, isFile(user))
		bot.kill()
		bot = startBot(t, settings)
		after := c.p.mustSay(t, c.room, map[string]any{"body": "!iis glossary APR"})
		c.p.wait(t, "an answer after the restart", c.room, 1, inThread(user, after))
		if got := len(c.p.wait(t, "files", c.room, 3, isFile(user))); got != 3 {
			t.Errorf("got %d files, want three: one for each question", got)
		}
		if got := len(c.p.wait(t, "the last answer", c.room, 2, inThread(user, last))); got != 2 {
			t.Errorf("got %d events for the last question, want its text and its file", got)
		}
	}
}
