package matrix_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
)

func TestWhatIsForTheBot(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	text := func(body string) object { return object{"msgtype": "m.text", "body": body} }
	with := func(o object, key string, value any) object { o[key] = value; return o }
	verify := func(whom string) object {
		return object{"msgtype": "m.key.verification.request", "body": "verify me", "to": whom, "from_device": "PHONE", "methods": []string{"m.sas.v1"}}
	}
	mention := object{"user_ids": []string{self}}
	pill := `<a href="https://matrix.to/#/@bot:hs.example">Rapporteur</a>: quote the Charter`
	for name, c := range map[string]struct {
		content any
		sender  string
		direct  bool
		ignored bool
		want    string // the text
		thread  string // $event when empty
		reason  string // why it is heard, where not for its text
	}{
		"prefix":                           {content: text("!iis quote sovereignty"), want: "quote sovereignty"},
		"prefix alone":                     {content: text("!iis"), want: ""},
		"prefix in capitals and spaces":    {content: text("  !IIS\tnext  "), want: "next"},
		"prefix and a line break":          {content: text("!iis\nnext"), want: "next"},
		"longer word than the prefix":      {content: text("!iisx next"), ignored: true},
		"prefix later on":                  {content: text("try !iis next"), ignored: true},
		"another bot's command":            {content: text("!weather Geneva"), ignored: true},
		"another bot's command, direct":    {content: text("!weather Geneva"), direct: true, ignored: true},
		"an exclamation, direct":           {content: text("!!! what was that"), direct: true, want: "!!! what was that"},
		"talk among people":                {content: text("when is the next session?"), ignored: true},
		"direct room":                      {content: text("when is the next session?"), direct: true, want: "when is the next session?"},
		"direct room with prefix":          {content: text("!iis next"), direct: true, want: "next"},
		"m.mentions, name first":           {content: with(text("Rapporteur: when?"), "m.mentions", mention), want: "when?"},
		"m.mentions, name without a colon": {content: with(text("Rapporteur when?"), "m.mentions", mention), want: "when?"},
		"m.mentions, user ID first":        {content: with(text("@bot:hs.example when?"), "m.mentions", mention), want: "when?"},
		"m.mentions, user ID within":       {content: with(text("tell me @bot:hs.example when"), "m.mentions", mention), want: "tell me  when"},
		"m.mentions and prefix":            {content: with(text("Rapporteur: !iis next"), "m.mentions", mention), want: "next"},
		"m.mentions of somebody else":      {content: with(text("Alice: when?"), "m.mentions", object{"user_ids": []string{alice}}), ignored: true},
		"m.mentions of the room":           {content: with(text("@room when?"), "m.mentions", object{"room": true}), ignored: true},
		"pill":                             {content: with(text("Rapporteur: quote the Charter"), "formatted_body", pill), want: "quote the Charter"},
		"escaped pill":                     {content: with(text("Rapporteur: x"), "formatted_body", `<a href="https://matrix.to/#/%40bot%3Ahs.example">R</a>: x`), want: "x"},
		"pill of a longer name":            {content: with(text("Bots: x"), "formatted_body", `<a href="https://matrix.to/#/@bot:hs.example.org">R</a>: x`), ignored: true},
		"user ID at the start":             {content: text("@bot:hs.example: when?"), want: "when?"},
		"user ID of a longer server":       {content: text("@bot:hs.example.org when?"), ignored: true},
		"display name and colon":           {content: text("rapporteur: when?"), want: "when?"},
		"at-name and comma":                {content: text("@Rapporteur, when?"), want: "when?"},
		"display name in a sentence":       {content: text("Rapporteur is a bot"), ignored: true},
		"localpart and colon":              {content: text("bot: when?"), want: "when?"},
		"name only":                        {content: with(text("@bot:hs.example"), "m.mentions", mention), want: ""},
		"own event":                        {content: text("!iis next"), sender: self, direct: true, ignored: true},
		"request to verify the bot":        {content: verify(self), want: "e2ee", reason: "verification"},
		"request to verify somebody else":  {content: verify(alice), direct: true, ignored: true},
		"notice":                           {content: object{"msgtype": "m.notice", "body": "!iis next"}, direct: true, ignored: true},
		"image":                            {content: object{"msgtype": "m.image", "body": "!iis next", "url": "mxc://a/b"}, direct: true, ignored: true},
		"emote":                            {content: object{"msgtype": "m.emote", "body": "!iis next"}, direct: true, ignored: true},
		"edit": {content: object{
			"msgtype": "m.text", "body": "* !iis next", "m.new_content": text("!iis next"), "m.relates_to": object{"rel_type": "m.replace", "event_id": "$old"},
		}, direct: true, ignored: true},
		"redacted":      {content: object{}, direct: true, ignored: true},
		"body no text":  {content: object{"msgtype": "m.text", "body": 7}, direct: true, ignored: true},
		"mentions odd":  {content: object{"msgtype": "m.text", "body": "x", "m.mentions": []int{1}}, direct: true, ignored: true},
		"relation odd":  {content: object{"msgtype": "m.text", "body": "x", "m.relates_to": "x"}, direct: true, ignored: true},
		"in a thread":   {content: with(text("!iis next"), "m.relates_to", object{"rel_type": "m.thread", "event_id": "$root", "is_falling_back": true, "m.in_reply_to": object{"event_id": "$x"}}), want: "next", thread: "$root"},
		"a plain reply": {content: with(text("!iis next"), "m.relates_to", object{"m.in_reply_to": object{"event_id": "$x"}}), want: "next"},
		"a reply with fallback": {content: object{
			"msgtype": "m.text", "body": "> <@alice:hs.example> !iis quote\n> more\n\n!iis next", "m.relates_to": object{"m.in_reply_to": object{"event_id": "$x"}},
		}, want: "next"},
		"a reply to the bot that mentions nobody": {content: object{
			"msgtype": "m.text", "body": "> <@bot:hs.example> quote\n\nthanks", "m.relates_to": object{"m.in_reply_to": object{"event_id": "$x"}},
			"formatted_body": `<mx-reply><blockquote><a href="https://matrix.to/#/@bot:hs.example">R</a> quote</blockquote></mx-reply>thanks`,
		}, ignored: true},
		"a quotation of one's own": {content: text("> <x> said\n!iis next"), direct: true, want: "> <x> said\n!iis next"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			if c.direct {
				h.members = 2
			}
			sender := alice
			if c.sender != "" {
				sender = c.sender
			}
			content, ok := c.content.(object)
			if !ok {
				t.Fatal("no content")
			}
			h.batches = []string{joinBatch(message("$event", sender, content))}
			e := &ear{h: h}
			listen(t, newClient(t, h, started()), e)
			h.settled(t, "s1")
			want := []bot.Message(nil)
			if !c.ignored {
				thread := "$event"
				if c.thread != "" {
					thread = c.thread
				}
				want = []bot.Message{{
					ID: "$event", Room: bot.Room{Platform: "matrix", ID: room}, Thread: thread, Sender: alice,
					Text: c.want, Return: c.reason, SentAt: time.UnixMilli(1795000000000).UTC(),
				}}
			}
			e.mu.Lock()
			defer e.mu.Unlock()
			if diff := cmp.Diff(want, e.heard); diff != "" {
				t.Errorf("messages heard (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventsThatAreNoMessagesAreIgnored(t *testing.T) {
	t.Parallel()
	h := newHS(t)
	h.members = 2
	h.batches = []string{joinBatch(
		`{"type":"m.reaction","event_id":"$1","sender":"`+alice+`","origin_server_ts":1,"content":{"m.relates_to":{"rel_type":"m.annotation","event_id":"$x","key":"!iis next"}}}`,
		`{"type":"m.room.message","state_key":"","event_id":"$2","sender":"`+alice+`","origin_server_ts":1,"content":{"msgtype":"m.text","body":"!iis state"}}`,
		`{"type":"m.room.encrypted","event_id":"$3","sender":"`+alice+`","origin_server_ts":1,"content":{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"x"}}`,
		`{"type":"m.room.message","event_id":"$4","sender":"`+alice+`","origin_server_ts":1,"content":{}}`,
		`{"type":"m.sticker","event_id":"$5","sender":"`+alice+`","origin_server_ts":1,"content":{"body":"!iis x","msgtype":"m.text"}}`,
		says("$6", "!iis the only one"),
	)}
	e := &ear{h: h}
	listen(t, newClient(t, h, started()), e)
	h.settled(t, "s1")
	if diff := cmp.Diff([]string{"the only one"}, e.texts()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

func FuzzReadingNeverFails(f *testing.F) {
	f.Add("!iis x", "<a href=\"https://matrix.to/#/@bot:hs.example", "m.thread", true)
	f.Add("> <x>\n>", "<mx-reply>", "m.replace", true)
	f.Add("@bot:hs.example", "matrix.to/#/@bot:hs.example", "", false)
	f.Fuzz(func(t *testing.T, body, formatted, rel string, reply bool) {
		h := newHS(t)
		h.members = 2
		content := map[string]any{"msgtype": "m.text", "body": body, "formatted_body": formatted}
		if reply {
			content["m.relates_to"] = map[string]any{"rel_type": rel, "event_id": "$root", "m.in_reply_to": map[string]any{"event_id": "$x"}}
		}
		h.batches = []string{joinBatch(message("$event", alice, content), says("$last", "!iis last"))}
		e := &ear{h: h}
		listen(t, newClient(t, h, started()), e)
		h.settled(t, "s1")
		if got := e.texts(); len(got) == 0 || got[len(got)-1] != "last" {
			t.Errorf("%s: got %q, want the next message to be heard", fmt.Sprint(content), got)
		}
	})
}
