package e2e_test

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/e2e/homeserver"
)

// settingOf reads what a bot that does not run has kept under a name.
func settingOf(t *testing.T, settings, name string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+databaseOf(settings))
	need(t, err)
	defer func() { need(t, db.Close()) }()
	var value string
	need(t, db.QueryRowContext(t.Context(), "SELECT value FROM setting WHERE name = $1", name).Scan(&value))
	return value
}

// TestABackupIsRestoredWithItsKeys copies the database while the bot runs, loses
// the original, and goes on with the copy in an encrypted room.
func TestABackupIsRestoredWithItsKeys(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	database := databaseOf(settings)
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	ask := func() {
		t.Helper()
		question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
		p.wait(t, "an answer", room, 1, inThread(user, question))
	}
	ask()
	config := database + ".yaml"
	need(t, os.WriteFile(config, []byte(settings), 0o600))
	out, err := exec.CommandContext(t.Context(), binary(t), "backup", "--config", config, database+".copy").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "pickle-key") {
		t.Fatalf("backup: got %s, %v, want it made, and to be told of the pickle key", out, err)
	}
	bot.kill()
	device := settingOf(t, settings, "device_id")
	missed := p.mustSay(t, room, map[string]any{"body": "!iis glossary IIS"})
	for _, file := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(database + file)
	}
	copyFile(t, database+".copy", database)
	bot = startBot(t, settings)
	p.wait(t, "the answer to a question before the copy ran", room, 1, inThread(user, missed))
	ask()
	bot.kill()
	if got := settingOf(t, settings, "device_id"); got != device {
		t.Errorf("device: got %s, want that of the copy, %s", got, device)
	}
}

// TestTheKeyOfARoomIsChangedAsItSays has a room change its key after three
// messages (acceptance 12).
func TestTheKeyOfARoomIsChangedAsItSays(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	rules := encrypted()
	rules.Content.Raw["rotation_period_msgs"] = 3
	room, err := p.room(t.Context(), user, false, rules)
	need(t, err)
	p.wait(t, "the greeting", room, 1, func(evt *event.Event) bool { return isGreeting(evt, user) })
	for i := range 7 {
		question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
		p.wait(t, "an answer", room, 1, inThread(user, question))
		if i == 4 {
			bot.kill()
			bot = startBot(t, settings)
		}
	}
	recent, err := p.Messages(t.Context(), room, "", "", mautrix.DirectionBackward, nil, 100)
	need(t, err)
	uses := map[string]int{}
	for _, evt := range recent.Chunk {
		if session, ok := raw(evt, "session_id").(string); ok && evt.Sender == user {
			uses[session]++
		}
	}
	for session, n := range uses {
		if n > 3 {
			t.Errorf("session %s: got %d messages, want at most three", session, n)
		}
	}
	if len(uses) < 3 {
		t.Errorf("got %d sessions for eight messages, want at least three", len(uses))
	}
}

// TestOneTimeKeysAreWatchedAndToppedUp claims nearly all of the bot's one-time keys
// while it cannot upload any.
func TestOneTimeKeysAreWatchedAndToppedUp(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	left := func() int {
		t.Helper()
		question := p.mustSay(t, room, map[string]any{"body": "!iis e2ee"})
		state := text(waitLong(t, p, "the state", room, 1, time.Minute, inThread(user, question))[0])
		found := regexp.MustCompile(`One-time keys on the homeserver: (\d+)`).FindStringSubmatch(state)
		if found == nil {
			t.Fatalf("e2ee: got %q, want the number of one-time keys", state)
		}
		n, err := strconv.Atoi(found[1])
		need(t, err)
		return n
	}
	n := left()
	if n < 10 {
		t.Errorf("one-time keys at the start: got %d, want enough", n)
	}
	devices, err := p.QueryKeys(t.Context(), &mautrix.ReqQueryKeys{DeviceKeys: map[id.UserID]mautrix.DeviceIDList{user: {}}})
	need(t, err)
	proxy.Break(homeserver.Fault{Method: "POST", Path: "/keys/upload", Times: -1, Status: 502})
	for range n - 4 {
		for device := range devices.DeviceKeys[user] {
			_, err := p.ClaimKeys(t.Context(), &mautrix.ReqClaimKeys{OneTimeKeys: mautrix.OneTimeKeysRequest{user: {device: id.KeyAlgorithmSignedCurve25519}}})
			need(t, err)
		}
	}
	// The count comes with a sync.
	for deadline := time.Now().Add(patience); !strings.Contains(bot.log(), "few one-time keys are left on the homeserver"); time.Sleep(300 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the operator is not told that one-time keys run out")
		}
		p.mustSay(t, room, map[string]any{"body": "tick"})
	}
	proxy.Heal()
	for deadline := time.Now().Add(time.Minute); left() < 10; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			t.Fatal("the one-time keys were not topped up within a minute")
		}
	}
}

// TestAHomeserverThatIsDownStopsNothingElse refuses, breaks and hangs the sync
// while Slack is asked (acceptance 44): Slack answers, and Matrix does again when
// it can.
func TestAHomeserverThatIsDownStopsNothingElse(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	hs, fake := sharedHomeserver(t), workspace(t)
	user, plain, proxy := proxiedSettings(t, hs)
	settings := withSlack(fake, plain)
	posts := 0
	slackAnswers := func(what string) {
		t.Helper()
		start := time.Now()
		fake.Mention("C1", "U1", "What is IIS?")
		if _, err := fake.WaitPosts(ctx, posts+1); err != nil {
			t.Fatalf("%s: Slack does not answer: %v", what, err)
		}
		posts++
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("%s: Slack answered after %v", what, took)
		}
	}
	// TLS where there is none.
	bot := startBot(t, strings.Replace(settings, "homeserver: http://", "homeserver: https://", 1))
	need(t, fake.WaitSockets(ctx, 1))
	waitLog(t, bot, "matrix sync interrupted")
	slackAnswers("a TLS error")
	bot.kill()

	startBot(t, settings)
	need(t, fake.WaitSockets(ctx, 1))
	p := newPerson(t, hs, "person")
	room := p.greetedRoom(t, user, false)
	for _, c := range []struct {
		name  string
		fault homeserver.Fault
	}{
		{"502", homeserver.Fault{Path: "/_matrix/", Times: -1, Status: 502}},
		{"refused", homeserver.Fault{Path: "/_matrix/", Times: -1}},
		{"a hang", homeserver.Fault{Path: "/_matrix/", Times: -1, Hangs: time.Hour}},
	} {
		before := proxy.Calls("GET", "/sync")
		proxy.Break(c.fault)
		question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
		waitCalls(t, proxy, "GET", "/sync", before)
		slackAnswers(c.name)
		if c.fault.Hangs > 0 {
			proxy.Cut() // the wire comes back when the hanging requests are gone
		}
		proxy.Heal()
		waitLong(t, p, "the answer after: "+c.name, room, 1, 90*time.Second, inThread(user, question))
	}
}

// TestWhoSentTheBotOutIsHeeded kicks and bans it, and has strangers invite it
// (acceptance 53).
func TestWhoSentTheBotOutIsHeeded(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	p, stranger := newPerson(t, hs, "person"), newPerson(t, hs, "stranger")
	bot := startBot(t, strings.Replace(settings, `["localhost"]`, `["`+p.UserID.String()+`"]`, 1))
	room := p.greetedRoom(t, user, false)
	in := func() bool {
		t.Helper()
		members, err := p.JoinedMembers(t.Context(), room)
		need(t, err)
		_, is := members.Joined[user]
		return is
	}
	_, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: stranger.UserID})
	need(t, err)
	_, err = stranger.JoinRoomByID(t.Context(), room)
	need(t, err)
	_, err = p.KickUser(t.Context(), room, &mautrix.ReqKickUser{UserID: user})
	need(t, err)
	waitLog(t, bot, "matrix room left")
	_, err = stranger.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: user})
	need(t, err)
	waitLog(t, bot, "the inviter is not on the list")
	if in() {
		t.Error("invited again by a stranger: got the bot in the room")
	}
	_, err = p.BanUser(t.Context(), room, &mautrix.ReqBanUser{UserID: user})
	need(t, err)
	_, err = p.UnbanUser(t.Context(), room, &mautrix.ReqUnbanUser{UserID: user})
	need(t, err)
	if in() {
		t.Error("after a ban: got the bot in the room")
	}
	_, err = p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: user})
	need(t, err)
	for deadline := time.Now().Add(patience); !in(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("invited again by who may: the bot does not come")
		}
	}
	question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
	p.wait(t, "an answer", room, 1, inThread(user, question))
	if got := len(p.wait(t, "greetings", room, 1, func(evt *event.Event) bool { return isGreeting(evt, user) })); got != 1 {
		t.Errorf("got %d greetings, want one in the room's life", got)
	}
}
