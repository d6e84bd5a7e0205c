package e2e_test

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// TestTheJourneyOfAResearcher walks journey J3 from its first step to its last in one
// encrypted room, in threads and without them.
func TestTheJourneyOfAResearcher(t *testing.T) {
	t.Parallel()
	for _, manner := range []string{"in threads", "in plain replies"} {
		t.Run(manner, func(t *testing.T) {
			t.Parallel()
			journeyOfAResearcher(t, manner == "in threads")
		})
	}
}

func journeyOfAResearcher(t *testing.T, threads bool) {
	t.Helper()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	settings = ofEither(t, settings, threads)
	startBot(t, settings)
	p, other := newConfidant(t, hs), newConfidant(t, hs)

	// 1. Invited, the bot says once what it is, how to call it, what it keeps.
	room := p.secretRoom(t, user)
	greeting := p.wait(t, "the greeting", room, 1, func(evt *event.Event) bool { return isGreeting(evt, user) })
	for _, want := range []string{"international information security", "!iis", "help", "I keep", "This room is encrypted"} {
		if got := text(greeting[0]); !strings.Contains(got, want) || raw(greeting[0], "msgtype") != "m.notice" {
			t.Errorf("greeting: got %v %q, want a notice with %q", raw(greeting[0], "msgtype"), got, want)
		}
	}
	_, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: other.UserID})
	need(t, err)
	_, err = other.JoinRoomByID(t.Context(), room)
	need(t, err)

	answers := func(question id.EventID) func(*event.Event) bool {
		if threads {
			return inThread(user, question)
		}
		return func(evt *event.Event) bool {
			return from(user)(evt) && raw(evt, "m.relates_to", "rel_type") == nil && raw(evt, "m.relates_to", "m.in_reply_to", "event_id") == question.String()
		}
	}
	ask := func(words string, wants ...string) *event.Event {
		t.Helper()
		question := p.mustSay(t, room, map[string]any{"body": "!iis " + words})
		answer := p.wait(t, "the answer to "+words, room, 1, answers(question))[0]
		got := text(answer)
		for _, want := range wants {
			_, rest, found := strings.Cut(got, want)
			if !found || raw(answer, "msgtype") != "m.notice" {
				t.Errorf("%s: got %v %s\nwant a notice with %q, in this order", words, raw(answer, "msgtype"), text(answer), want)
				continue
			}
			got = rest
		}
		return answer
	}
	if !threads {
		off := p.mustSay(t, room, map[string]any{"body": "!iis set threads off"})
		p.wait(t, "the setting", room, 1, func(evt *event.Event) bool {
			return from(user)(evt) && raw(evt, "m.relates_to", "m.in_reply_to", "event_id") == off.String()
		})
	}

	// 2. A date, how precise it is and how it is known; the statement's own.
	when := ask(
		`when "first raised this issue at the UN"`, "1998 (year precision) — stated in the text", "It was Russia that back in 1998 first raised this issue at the UN", "¶5",
		"The statement's own date: not in the text; from metadata, 29 June 2021, source https://",
	)
	if formatted, _ := raw(when, "formatted_body").(string); !strings.Contains(formatted, "<blockquote>") {
		t.Errorf("when: got %q, want a blockquote", formatted)
	}

	// 3. The steps in their order, what has no date apart.
	ask(
		"timeline OEWG", "2018 (year precision) — stated in the text, ¶12", "upon Russia's initiative", "2019 (year precision) — stated in the text, ¶5",
		"June 2021 (month precision) — stated in the text, ¶4", "which kicked off in June 2021 during an organizational meeting of the renewed OEWG for 2021-2025", "2021–2025 (range", "Without a date",
	)

	// 4. What the text does not give is not given.
	abstained := ask(
		"ask Which resolution number was adopted in 2018?", "Not in the corpus: the text mentions a resolution of 2018 (¶12) but gives no number or symbol", "Nearest by title",
	)
	if got := text(abstained); strings.Contains(got, "73/27") || strings.Contains(got, "source:") {
		t.Errorf("abstention: got %s, want no number and no sources", got)
	}

	// Neither other bots nor other prefixes are answered.
	before := len(p.wait(t, "all that was said", room, 0, from(user)))
	other.mustSay(t, room, map[string]any{"body": "!weather Geneva"})
	other.mustSay(t, room, map[string]any{"body": "!iis glossary IIS", "msgtype": "m.notice"})
	ask("glossary GGE", "GGE")
	if got := len(p.wait(t, "all that was said", room, before+1, from(user))) - before; got != 1 {
		t.Errorf("answers after what was not for the bot: got %d, want one", got)
	}

	// 5. What cannot be read is said once, as a reply to it; e2ee has the counters.
	lost, err := p.SendMessageEvent(t.Context(), room, event.EventEncrypted, map[string]any{
		"algorithm": "m.megolm.v1.aes-sha2", "session_id": "9876543210987654321098765432109876543210987",
		"ciphertext": strings.Repeat("AwgAEnACgAkLmt6qF84IK", 8), "sender_key": "c2VuZGVya2V5c2VuZGVya2V5c2VuZGVya2V5c2VuZGU", "device_id": p.DeviceID,
	})
	need(t, err)
	unreadable := func(evt *event.Event) bool {
		return from(user)(evt) && strings.Contains(text(evt), "I cannot read this message")
	}
	notice := waitLong(t, p, "the notice", room, 1, time.Minute, unreadable)[0]
	if !answers(lost.EventID)(notice) || raw(notice, "msgtype") != "m.notice" {
		t.Errorf("notice: got %v, want a notice that replies to the message", notice.Content.Raw)
	}
	ask("e2ee", "This room is encrypted", "signed by my account", "that I could never read: 1")
	if got := p.wait(t, "notices", room, 1, unreadable); len(got) != 1 {
		t.Errorf("got %d notices, want one", len(got))
	}

	// 6. The room is replaced: the bot and what was ordered go along, with one notice.
	ask("subscribe digest weekly mon 08:00 Europe/Zurich", "#1")
	made, err := p.CreateRoom(t.Context(), &mautrix.ReqCreateRoom{
		Preset: "private_chat", Invite: []id.UserID{user}, RoomVersion: "12",
		CreationContent: map[string]any{"predecessor": map[string]any{"room_id": room.String(), "event_id": "$tombstone"}},
		InitialState:    []*event.Event{encrypted()},
	})
	need(t, err)
	_, err = p.SendStateEvent(t.Context(), room, event.StateTombstone, "", map[string]any{"body": "moved", "replacement_room": made.RoomID})
	need(t, err)
	room = made.RoomID
	moved := func(evt *event.Event) bool {
		return from(user)(evt) && strings.Contains(text(evt), "1 subscription came along")
	}
	waitLong(t, p, "the notice of the move", room, 1, patience, moved)
	ask("subscriptions", "#1 digest weekly mon 08:00 Europe/Zurich")
	if got := p.wait(t, "notices of the move", room, 1, moved); len(got) != 1 {
		t.Errorf("got %d notices of the move, want one", len(got))
	}

	if n := proxy.Calls("PUT", "/send/m.room.message/"); n > 0 || proxy.Calls("PUT", "/send/m.room.encrypted/") == 0 {
		t.Errorf("got %d sends in plain text, want none", n)
	}
	for _, secret := range []string{"first raised", "kicked off", "gives no number", "subscribe digest", "Hello, I am"} {
		if strings.Contains(proxy.Crossed(), secret) {
			t.Errorf("%q crossed the wire in plain text", secret)
		}
	}
}
