package e2e_test

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

func leftBy(user id.UserID) func(*event.Event) bool {
	return func(evt *event.Event) bool {
		return evt.Type.Type == "m.room.member" && evt.GetStateKey() == user.String() && raw(evt, "membership") == "leave"
	}
}

// TestMannersInARoom asks with threads off, by reply, as a person without power
// and as another bot (acceptance 9, 69 for the wire, journey J4's refusals).
func TestMannersInARoom(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	startBot(t, settings)
	p, guest := newPerson(t, hs, "person"), newPerson(t, hs, "guest")
	room := p.greetedRoom(t, user, false)
	if _, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: guest.UserID}); err != nil {
		t.Fatal(err)
	}
	if _, err := guest.JoinRoomByID(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	answer := func(who *person, content map[string]any, want string) *event.Event {
		t.Helper()
		question := who.mustSay(t, room, content)
		got := p.wait(t, "the answer to "+content["body"].(string), room, 1, func(evt *event.Event) bool {
			return inThread(user, question)(evt) || (from(user)(evt) && raw(evt, "m.relates_to", "m.in_reply_to", "event_id") == question.String())
		})[0]
		if !strings.Contains(text(got), want) || raw(got, "msgtype") != "m.notice" {
			t.Errorf("%v: got %v %q, want a notice with %q", content["body"], raw(got, "msgtype"), text(got), want)
		}
		return got
	}
	answer(guest, map[string]any{"body": "!iis subscribe digest weekly mon 08:00 Europe/Zurich"}, "power level 50")
	answer(guest, map[string]any{"body": "!iis set threads off"}, "power level 50")
	answer(p, map[string]any{"body": "!iis subscribe digest weekly mon 08:00 Europe/Geneva"}, "Europe/Zurich")

	claim := guest.mustSay(t, room, map[string]any{"body": "«Those who believe themselves to be more advanced must impose anything on the others.»"})
	byReply := answer(p, map[string]any{
		"body": "> <" + guest.UserID.String() + "> words\n\n!iis verify", "m.relates_to": map[string]any{"m.in_reply_to": map[string]any{"event_id": claim}},
	}, "[−not−]")
	if raw(byReply, "m.relates_to", "rel_type") != "m.thread" {
		t.Errorf("answer to a reply: got %v, want a thread", raw(byReply, "m.relates_to"))
	}

	answer(p, map[string]any{"body": "!iis set threads off"}, "plain replies")
	reply := answer(p, map[string]any{"body": "!iis glossary APR"}, "APR")
	if rel := raw(reply, "m.relates_to", "rel_type"); rel != nil {
		t.Errorf("with threads off: got the relation %v, want a plain reply", rel)
	}
	if who, _ := raw(reply, "m.mentions", "user_ids").([]any); len(who) != 1 || who[0] != p.UserID.String() {
		t.Errorf("with threads off: got mentions %v, want the asker alone", raw(reply, "m.mentions"))
	}
	answer(p, map[string]any{"body": "!iis set threads on"}, "in threads")

	before := len(p.wait(t, "all that was said", room, 0, from(user)))
	guest.mustSay(t, room, map[string]any{"body": "!weather Geneva"})
	guest.mustSay(t, room, map[string]any{"body": "!iis glossary IIS", "msgtype": "m.notice"})
	guest.mustSay(t, room, map[string]any{"body": "what a session"})
	last := answer(p, map[string]any{"body": "!iis glossary GGE"}, "GGE")
	if got := len(p.wait(t, "all that was said", room, before+1, from(user))); got != before+1 {
		t.Errorf("answers after what was not for the bot: got %d, want one", got-before)
	}
	if harm := harmOf(last); len(harm) > 0 {
		t.Errorf("answer: got %q in it", harm)
	}

	// Whom the account ignores is not heard.
	twin, err := mautrix.NewClient(hs.URL, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := twin.Login(t.Context(), &mautrix.ReqLogin{Type: mautrix.AuthTypePassword, Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: user.Localpart()}, Password: "bot-password-canary", StoreCredentials: true}); err != nil {
		t.Fatal(err)
	}
	if err := twin.SetAccountData(t.Context(), "m.ignored_user_list", map[string]any{"ignored_users": map[string]any{guest.UserID.String(): map[string]any{}}}); err != nil {
		t.Fatal(err)
	}
	answer(p, map[string]any{"body": "!iis glossary CBM"}, "CBM") // the list came before this
	before = len(p.wait(t, "all that was said", room, 0, from(user)))
	guest.mustSay(t, room, map[string]any{"body": "!iis glossary IIS"})
	answer(p, map[string]any{"body": "!iis glossary UNODA"}, "UNODA")
	if got := len(p.wait(t, "all that was said", room, before+1, from(user))); got != before+1 {
		t.Errorf("answers to somebody who is ignored: got %d, want none", got-before-1)
	}

	// Sent out, the bot stays out; a space it never enters.
	if _, err := p.KickUser(t.Context(), room, &mautrix.ReqKickUser{UserID: user, Reason: "test"}); err != nil {
		t.Fatal(err)
	}
	space, err := p.CreateRoom(t.Context(), &mautrix.ReqCreateRoom{Preset: "private_chat", Invite: []id.UserID{user}, CreationContent: map[string]any{"type": "m.space"}})
	if err != nil {
		t.Fatal(err)
	}
	p.wait(t, "the bot to leave the space alone", space.RoomID, 1, leftBy(user))
	members, err := p.JoinedMembers(t.Context(), room)
	if _, in := members.Joined[user]; in || err != nil {
		t.Errorf("after a kick: got the bot in the room %v, %v, want it out", in, err)
	}
}

// TestAReplacedRoomIsFollowed replaces a room by one of version 12, whose ID names
// no server: the subscription comes along, and one notice says so (acceptance
// 54). A room that claims a predecessor which does not name it gets nothing.
func TestAReplacedRoomIsFollowed(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	startBot(t, settings)
	p := newConfidant(t, hs)
	old := p.secretRoom(t, user)
	ask := func(room id.RoomID, body, want string) {
		t.Helper()
		question := p.mustSay(t, room, map[string]any{"body": body})
		got := p.wait(t, "the answer to "+body, room, 1, inThread(user, question))[0]
		if !strings.Contains(text(got), want) {
			t.Errorf("%s: got %q, want %q in it", body, text(got), want)
		}
	}
	ask(old, "!iis subscribe digest weekly mon 08:00 Europe/Zurich", "#1")
	successor := func(version string) id.RoomID {
		t.Helper()
		made, err := p.CreateRoom(t.Context(), &mautrix.ReqCreateRoom{
			Preset: "private_chat", Invite: []id.UserID{user}, RoomVersion: id.RoomVersion(version),
			CreationContent: map[string]any{"predecessor": map[string]any{"room_id": old.String(), "event_id": "$tombstone"}},
			InitialState:    []*event.Event{encrypted()},
		})
		if err != nil {
			t.Fatalf("room version %s: %v", version, err)
		}
		return made.RoomID
	}
	thief := successor("10")
	p.wait(t, "a greeting like any other", thief, 1, func(evt *event.Event) bool { return isGreeting(evt, user) })
	ask(thief, "!iis subscriptions", "no subscriptions")

	// A room that anybody may enter, and that names no predecessor: the bot leaves it.
	decoy, err := p.CreateRoom(t.Context(), &mautrix.ReqCreateRoom{Preset: "public_chat"})
	need(t, err)
	_, err = p.SendStateEvent(t.Context(), old, event.StateTombstone, "", map[string]any{"body": "moved", "replacement_room": decoy.RoomID})
	need(t, err)
	p.wait(t, "the bot to leave what is no successor", decoy.RoomID, 1, leftBy(user))
	ask(old, "!iis subscriptions", "#1")
	members, err := p.JoinedMembers(t.Context(), decoy.RoomID)
	if _, in := members.Joined[user]; in || err != nil {
		t.Errorf("a room that is no successor: got the bot in it %v, %v, want it out", in, err)
	}
	if said := p.wait(t, "what was said there", decoy.RoomID, 0, from(user)); len(said) > 0 {
		t.Errorf("a room that is no successor: got %d posts, want none", len(said))
	}

	next := successor("12")
	if strings.Contains(next.String(), ":") {
		t.Errorf("room of version 12: got %s, want an ID without a server", next)
	}
	if _, err := p.SendStateEvent(t.Context(), old, event.StateTombstone, "", map[string]any{"body": "moved", "replacement_room": next}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	moved := func(evt *event.Event) bool {
		return from(user)(evt) && strings.Contains(text(evt), "1 subscription came along")
	}
	for len(p.wait(t, "the notice", next, 0, moved)) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("no notice in the room that replaces the old one")
		}
		time.Sleep(50 * time.Millisecond)
	}
	ask(next, "!iis subscriptions", "#1")
	ask(next, "!iis unsubscribe 1", "#1") // who made the room has the power to
	if got := len(p.wait(t, "notices", next, 1, moved)); got != 1 {
		t.Errorf("notices: got %d, want one", got)
	}
}
