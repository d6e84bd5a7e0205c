package e2e_test

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// TestOrdersInAnEncryptedRoomComeEncryptedFromSignedDevices asks and orders in
// plain text, from a device that nobody has signed, and from a signed one.
func TestOrdersInAnEncryptedRoomComeEncryptedFromSignedDevices(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	doubtful := newUnverified(t, hs)
	startBot(t, strings.Replace(settings, "matrix:", "administrators: [\"matrix:"+doubtful.UserID.String()+"\"]\nmatrix:", 1))
	room := doubtful.secretRoom(t, user)
	answer := func(question id.EventID) string {
		t.Helper()
		return text(doubtful.wait(t, "an answer", room, 1, inThread(user, question))[0])
	}
	plainly := func(words string) string {
		t.Helper()
		sent, err := doubtful.SendMessageEvent(t.Context(), room, event.EventMessage, map[string]any{"msgtype": "m.text", "body": "!iis " + words}, mautrix.ReqSendEvent{DontEncrypt: true})
		need(t, err)
		return answer(sent.EventID)
	}
	secretly := func(words string) string {
		t.Helper()
		return answer(doubtful.mustSay(t, room, map[string]any{"body": "!iis " + words}))
	}
	const order, change = "subscribe digest weekly mon 08:00 Europe/Zurich", "calendar set gm-dtg-2026 end 2026-12-18 source:https://meetings.unoda.org/meeting/76825"
	for _, words := range []string{order, change, "set threads off"} {
		if got := plainly(words); !strings.Contains(got, "it came unencrypted") {
			t.Errorf("%s in plain text: got %q, want a refusal", words, got)
		}
		if got := secretly(words); !strings.Contains(got, "has not verified") {
			t.Errorf("%s from an unsigned device: got %q, want a refusal", words, got)
		}
	}
	for name, got := range map[string]string{"in plain text": plainly("glossary APR"), "from an unsigned device": secretly("glossary APR")} {
		if !strings.Contains(got, "APR") {
			t.Errorf("a question %s: got %q, want it answered", name, got)
		}
	}
	if got := secretly("subscriptions"); !strings.Contains(got, "no subscriptions") {
		t.Errorf("subscriptions: got %q, want none", got)
	}
	// From a signed device the same is done.
	sure := newConfidant(t, hs)
	other := sure.secretRoom(t, user)
	question := sure.mustSay(t, other, map[string]any{"body": "!iis " + order})
	if got := text(sure.wait(t, "an answer", other, 1, inThread(user, question))[0]); !strings.Contains(got, "#1") {
		t.Errorf("%s from a signed device: got %q, want it done", order, got)
	}
	// Journey J3, step 3, and plain replies, encrypted.
	question = sure.mustSay(t, other, map[string]any{"body": "!iis timeline OEWG"})
	if got := text(sure.wait(t, "the timeline", other, 1, inThread(user, question))[0]); !strings.Contains(got, "OEWG") || strings.Count(got, "\n") < 3 {
		t.Errorf("timeline: got %q, want dated steps", got)
	}
	sure.mustSay(t, other, map[string]any{"body": "!iis set threads off"})
	sure.wait(t, "the setting", other, 1, func(evt *event.Event) bool { return from(user)(evt) && strings.Contains(text(evt), "plain replies") })
	question = sure.mustSay(t, other, map[string]any{"body": "!iis glossary APR"})
	reply := sure.wait(t, "a plain reply", other, 1, func(evt *event.Event) bool {
		return from(user)(evt) && raw(evt, "m.relates_to", "m.in_reply_to", "event_id") == question.String()
	})[0]
	if rel := raw(reply, "m.relates_to", "rel_type"); rel != nil {
		t.Errorf("with threads off: got the relation %v, want a plain reply", rel)
	}
}
