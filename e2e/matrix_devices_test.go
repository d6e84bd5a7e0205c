package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"maunium.net/go/mautrix"

	"rapporteur/e2e/homeserver"
)

// TestANewDeviceReadsTheBotAlthoughTheHomeserverFailed lets somebody who says nothing
// log in at another device while the homeserver does not tell whose devices are which:
// that device can read what the bot says afterwards.
func TestANewDeviceReadsTheBotAlthoughTheHomeserverFailed(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	startBot(t, settings)
	asker, silent := newConfidant(t, hs), newConfidant(t, hs)
	room := asker.secretRoom(t, user)
	_, err := asker.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: silent.UserID})
	need(t, err)
	_, err = silent.JoinRoomByID(t.Context(), room)
	need(t, err)
	first := asker.mustSay(t, room, map[string]any{"body": "!iis glossary IIS"})
	silent.wait(t, "an answer at the first device", room, 1, inThread(user, first))

	const query = "/keys/query"
	before := proxy.Calls("POST", query)
	proxy.Break(homeserver.Fault{Method: "POST", Path: query, Times: -1, Status: http.StatusBadGateway})
	other := silent.anotherDevice(t)
	waitCalls(t, proxy, "POST", query, before)
	// The sync that told of it is over when the next one has begun.
	syncs := proxy.Calls("GET", "/sync")
	asker.mustSay(t, room, map[string]any{"body": "talk among people"})
	waitCalls(t, proxy, "GET", "/sync", syncs+1)
	proxy.Heal()

	second := asker.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
	waitLong(t, other, "an answer at the new device", room, 1, time.Minute, inThread(user, second))
}
