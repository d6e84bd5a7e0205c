package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/e2e/homeserver"
)

// waitCalls waits until more requests than before have reached the proxy.
func waitCalls(t *testing.T, proxy *homeserver.Proxy, method, path string, before int) {
	t.Helper()
	for deadline := time.Now().Add(patience); proxy.Calls(method, path) <= before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s of %s", method, path)
		}
	}
}

// nothingInPlain checks what has crossed the proxy: no words, no keys.
func nothingInPlain(t *testing.T, proxy *homeserver.Proxy, settings string, words ...string) {
	t.Helper()
	crossed := proxy.Crossed()
	if !strings.Contains(crossed, `"algorithm":"m.megolm.v1.aes-sha2"`) || !strings.Contains(crossed, "/send/m.room.encrypted/") {
		t.Error("no encrypted event crossed the proxy: the check for plain text proves nothing")
	}
	for _, file := range []string{".recovery-key", ".pickle-key"} {
		data, err := os.ReadFile(databaseOf(settings) + file)
		need(t, err)
		words = append(words, strings.TrimSpace(string(data)), strings.ReplaceAll(strings.TrimSpace(string(data)), " ", ""))
	}
	for _, word := range words {
		if word == "" || strings.Contains(crossed, word) {
			t.Errorf("%q crossed the wire", word)
		}
	}
	if n := proxy.Calls("PUT", "/send/m.room.message/"); n > 0 {
		t.Errorf("got %d sends in plain text, want none", n)
	}
}

// TestKilledAtEachStepOfAnEncryptedAnswer kills the bot in the middle of its first
// start, and of an answer, and the homeserver too: each question is answered once,
// and nothing goes out in plain text.
func TestKilledAtEachStepOfAnEncryptedAnswer(t *testing.T) {
	t.Parallel()
	hs := ownHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	for _, step := range []homeserver.Fault{
		{Method: "POST", Path: "/keys/upload"},
		{Method: "POST", Path: "/keys/upload", Arrives: true},
		{Method: "PUT", Path: "/account_data/m.secret_storage.key."},
		{Method: "PUT", Path: "/account_data/m.cross_signing.self_signing", Arrives: true},
		{Method: "POST", Path: "/keys/device_signing/upload"},
		{Method: "POST", Path: "/keys/device_signing/upload", Arrives: true},
		{Method: "POST", Path: "/keys/signatures/upload"},
	} {
		step.Times, step.Hangs = 1, time.Minute
		proxy.Break(step)
		before := proxy.Calls(step.Method, step.Path)
		bot := startBot(t, settings)
		waitCalls(t, proxy, step.Method, step.Path, before)
		if step.Arrives {
			proxy.WaitArrived(step.Path)
		}
		bot.kill()
		proxy.Heal()
	}
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	devices, err := p.QueryKeys(t.Context(), &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{user: {}}})
	need(t, err)
	self, signed := devices.SelfSigningKeys[user], 0
	for _, device := range devices.DeviceKeys[user] {
		for key := range device.Signatures[user] {
			if own := self.FirstKey(); own != "" && strings.Contains(string(key), string(own)) {
				signed++
			}
		}
	}
	if signed != 1 || len(devices.DeviceKeys[user]) != 1 {
		t.Errorf("devices after seven kills: got %d, %d of them signed, want one and signed", len(devices.DeviceKeys[user]), signed)
	}

	rooms := []id.RoomID{room, p.secretRoom(t, user), p.secretRoom(t, user)}
	for _, room := range rooms { // the greetings are written down
		help := p.mustSay(t, room, map[string]any{"body": "!iis glossary IIS"})
		p.wait(t, "an answer", room, 1, inThread(user, help))
	}
	bot.kill()
	bot = startBot(t, settings) // no key is shared yet
	asked := make([]id.EventID, len(rooms))
	const send, share = "/send/m.room.encrypted/", "/sendToDevice/m.room.encrypted"
	for i, step := range []homeserver.Fault{
		{Method: "PUT", Path: rooms[0].String() + send, Arrives: true}, // stored and not marked
		{Method: "PUT", Path: rooms[1].String() + send},                // not stored
		{Method: "PUT", Path: share, Arrives: true},                    // the key shared and not marked
	} {
		step.Times, step.Hangs = 1, time.Minute
		proxy.Break(step)
		before := proxy.Calls(step.Method, step.Path)
		asked[i] = p.mustSay(t, rooms[i], map[string]any{"body": fmt.Sprintf("!iis glossary APR %d", i)})
		waitCalls(t, proxy, step.Method, step.Path, before)
		if step.Arrives {
			proxy.WaitArrived(step.Path)
		}
	}
	bot.kill()
	proxy.Heal()
	startBot(t, settings)
	once := func(what string, room id.RoomID, question id.EventID) {
		t.Helper()
		waitLong(t, p, "the answer after "+what, room, 1, 2*time.Minute, inThread(user, question))
		last := p.mustSay(t, room, map[string]any{"body": "!iis glossary IIS"})
		waitLong(t, p, "a further answer after "+what, room, 1, time.Minute, inThread(user, last))
		if got := len(p.wait(t, "answers", room, 1, inThread(user, question))); got != 1 {
			t.Errorf("after %s: got %d answers, want one", what, got)
		}
	}
	for i, room := range rooms {
		once(fmt.Sprintf("a kill of the bot at step %d", i), room, asked[i])
	}
	for _, arrives := range []bool{false, true} {
		proxy.Break(homeserver.Fault{Method: "PUT", Path: rooms[0].String() + send, Arrives: arrives, Times: 1, Hangs: time.Minute})
		before := proxy.Calls("PUT", rooms[0].String()+send)
		question := p.mustSay(t, rooms[0], map[string]any{"body": "!iis glossary APR"})
		waitCalls(t, proxy, "PUT", rooms[0].String()+send, before)
		if arrives { // Dendrite loses what it took in the last moment
			p.wait(t, "the answer that hangs", rooms[0], 1, inThread(user, question))
		}
		hs.Kill()
		proxy.Heal()
		need(t, hs.Restart(t.Context()))
		once("a kill of the homeserver", rooms[0], question)
	}
	nothingInPlain(t, proxy, settings, "glossary APR", "planned programme", "rapporteur. I brief")
}

// TestAnEditionComesOnceWhateverTheWireDoes breaks the wire at the sends of
// editions in an encrypted room, and kills the homeserver before one.
func TestAnEditionComesOnceWhateverTheWireDoes(t *testing.T) {
	t.Parallel()
	hs := ownHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	first := time.Now().UTC().AddDate(0, 0, 6)
	order := p.mustSay(t, room, map[string]any{"body": "!iis subscribe digest weekly " + strings.ToLower(first.Weekday().String()[:3]) + " 08:00 UTC grace:8h lead:30d"})
	p.wait(t, "the confirmation", room, 1, inThread(user, order))
	editions := func(evt *event.Event) bool { return from(user)(evt) && raw(evt, "msgtype") == "m.text" }
	const send = "/send/m.room.encrypted/"
	for i, c := range []struct {
		name string
		step homeserver.Fault
	}{
		{"429 with a header", homeserver.Fault{Times: 1, Status: 429, Header: "Retry-After: 2", Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow down"}`}},
		{"429 with a field", homeserver.Fault{Times: 1, Status: 429, Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow down","retry_after_ms":1500}`}},
		{"502 after it arrived", homeserver.Fault{Times: 1, Status: 502, Arrives: true}},
		{"reset after it arrived", homeserver.Fault{Times: 1, Arrives: true}},
		{"the homeserver is away when it is due", homeserver.Fault{}},
		{"the bot dies when it has arrived", homeserver.Fault{Times: 1, Arrives: true, Hangs: time.Minute}},
	} {
		bot.kill()
		c.step.Method, c.step.Path = "PUT", send
		proxy.Break(c.step)
		day := first.AddDate(0, 0, 7*i).Format(time.DateOnly)
		before := proxy.Calls("PUT", send)
		if c.step.Times == 0 {
			hs.Kill()
		}
		bot = startBotAt(t, settings, day)
		if c.step.Times == 0 {
			waitLog(t, bot, "matrix sync interrupted")
			need(t, hs.Restart(t.Context()))
		}
		if c.step.Hangs > 0 {
			waitCalls(t, proxy, "PUT", send, before)
			proxy.WaitArrived(send)
			bot.kill()
			bot = startBotAt(t, settings, day)
		}
		waitLong(t, p, "the edition after: "+c.name, room, i+1, 2*time.Minute, editions)
		proxy.Heal()
		help := p.mustSay(t, room, map[string]any{"body": "!iis status"})
		waitLong(t, p, "the status", room, 1, time.Minute, inThread(user, help))
		if got := len(p.wait(t, "editions", room, i+1, editions)); got != i+1 {
			t.Fatalf("%s: got %d editions, want %d: one each", c.name, got, i+1)
		}
	}
	nothingInPlain(t, proxy, settings, "subscribe digest", "Global Mechanism")
}

// TestAcceptance63MatrixKilledAtRandom kills the bot fifty times at random instants
// of two questions, one in a plain room and one in an encrypted one: each has one
// answer in the end, in each order of events between inbox, send and mark.
func TestAcceptance63MatrixKilledAtRandom(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	seed := rand.Uint64() //nolint:gosec // a test
	random := rand.New(rand.NewPCG(seed, 63))
	bot := startBot(t, settings)
	secret, open := newConfidant(t, hs), newPerson(t, hs, "person")
	type asked struct {
		p        *person
		room     id.RoomID
		question id.EventID
	}
	rooms := []asked{{p: secret, room: secret.secretRoom(t, user)}, {p: open, room: open.greetedRoom(t, user, false)}}
	var all []asked
	const kills = 50
	for i := range kills {
		for _, a := range rooms {
			a.question = a.p.mustSay(t, a.room, map[string]any{"body": fmt.Sprintf("!iis glossary APR %d", i)})
			all = append(all, a)
			time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond) // the instant is what is tried
		}
		bot.kill()
		bot = startBot(t, settings)
	}
	for _, a := range all {
		// What was claimed by the dead is taken up when its lease has run out.
		waitLong(t, a.p, "an answer to each", a.room, 1, 4*time.Minute, inThread(user, a.question))
	}
	for _, a := range rooms {
		last := a.p.mustSay(t, a.room, map[string]any{"body": "!iis glossary IIS"})
		waitLong(t, a.p, "an answer to the last", a.room, 1, 2*time.Minute, inThread(user, last))
	}
	doubled := 0
	for _, a := range all {
		if got := len(a.p.wait(t, "answers", a.room, 1, inThread(user, a.question))); got != 1 {
			t.Errorf("seed %d: question %s in %s: got %d answers, want one", seed, a.question, a.room, got)
			doubled++
		}
	}
	report(t, fmt.Sprintf("Matrix: %d kills at random, seed %d: %d questions, 0 lost, %d doubled", kills, seed, len(all), doubled))
}
