package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/e2e/homeserver"
)

// matrixSettings registers an account and returns its user ID and the settings
// of a bot that uses it.
func matrixSettings(t *testing.T, hs *homeserver.Server, password string) (id.UserID, string) {
	t.Helper()
	name, dir := newName("bot"), t.TempDir()
	if _, err := hs.Register(t.Context(), name, "bot-password-canary"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	user := id.NewUserID(name, homeserver.ServerName)
	return user, fmt.Sprintf(`database: %s
matrix:
  homeserver: %s
  user: %q
  password_file: %s
  allow_invites: ["localhost"]
`, filepath.Join(dir, "bot.db"), hs.URL, user, file)
}

// TestMatrixAnswersAndDeliversOnce runs the program as a process: mention,
// command, direct room, thread, subscription, kill -9, a question while nobody
// is there, and the edition that falls due.
func TestMatrixAnswersAndDeliversOnce(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	bot := startBot(t, settings)
	p := newPerson(t, hs, "person")
	room, direct := p.greetedRoom(t, user, false), p.greetedRoom(t, user, true)
	if _, err := p.InviteUser(t.Context(), room, &mautrix.ReqInviteUser{UserID: newPerson(t, hs, "listener").UserID}); err != nil {
		t.Fatal(err)
	}

	// ask asks and returns the only answer in the thread of root, or of the
	// question where root is empty.
	ask := func(room id.RoomID, root id.EventID, content map[string]any, want string) *event.Event {
		t.Helper()
		before := 0
		if root != "" {
			content["m.relates_to"] = map[string]any{"rel_type": "m.thread", "event_id": root}
			before = len(p.wait(t, "what is in the thread", room, 0, inThread(user, root)))
		}
		asked := p.mustSay(t, room, content)
		if root == "" {
			root = asked
		}
		answers := p.wait(t, fmt.Sprintf("the answer to %v", content["body"]), room, before+1, inThread(user, root))
		answer := answers[before]
		if got := text(answer); !strings.Contains(got, want) || raw(answer, "msgtype") != "m.notice" {
			t.Errorf("%v: got %v %q, want a notice that holds %q", content["body"], raw(answer, "msgtype"), got, want)
		}
		if harm := harmOf(answer); len(harm) > 0 {
			t.Errorf("%v: got %q in the answer, want nothing of the kind", content["body"], harm)
		}
		return answer
	}
	mention := map[string]any{"user_ids": []string{user.String()}}
	const first = "When did Russia first raise information security at the UN?"
	question := p.mustSay(t, room, map[string]any{"body": user.Localpart() + ": " + first, "m.mentions": mention})
	answer := p.wait(t, "the answer to a mention", room, 1, inThread(user, question))[0]
	if got := text(answer); !strings.Contains(got, "1998") || !strings.Contains(got, "¶5") {
		t.Errorf("answer to a mention: got %q, want ¶5 with 1998", got)
	}
	ask(room, "", map[string]any{"body": "!iis quote sovereignty"}, "inviolability of states’ sovereignty")
	ask(room, question, map[string]any{"body": "!iis upcoming OEWG"}, "Global Mechanism")
	ask(direct, "", map[string]any{"body": "next"}, "7–11 December 2026")
	ask(direct, "", map[string]any{"body": "glossary planted-canary <img src=https://evil.example/x> @room"}, "planted-canary")

	// A confirmation shows three times; then this one is ended, lest it fire.
	confirmed := text(ask(room, "", map[string]any{"body": `!iis subscribe digest cron "*/15 * * * *" UTC`}, "#1"))
	if got := strings.Count(confirmed, " UTC\n"); got < 3 || strings.Count(confirmed, "\n• ") != 3 {
		t.Errorf("confirmation: got %q, want three times in UTC", confirmed)
	}
	ask(room, "", map[string]any{"body": "!iis unsubscribe 1"}, "#1")

	due := time.Now().UTC().Add(10 * time.Second).Truncate(time.Minute).Add(time.Minute)
	ask(room, "", map[string]any{"body": "!iis subscribe digest daily " + due.Format("15:04") + " UTC"}, due.Format("15:04"))
	said := len(p.wait(t, "all that was said so far", room, 0, from(user)))
	bot.kill()
	away := p.mustSay(t, room, map[string]any{"body": "!iis what is IIS?"})
	again := startBot(t, settings)
	p.wait(t, "the answer to a question while nobody was there", room, 1, inThread(user, away))

	editions := func(evt *event.Event) bool { return from(user)(evt) && raw(evt, "msgtype") == "m.text" }
	if left := time.Until(due); left > 0 {
		t.Logf("the edition is due in %v", left.Round(time.Second))
		// The wait below has the usual patience; this one ends when it is due.
		select {
		case <-t.Context().Done():
		case <-time.After(left):
		}
	}
	edition := p.wait(t, "the edition", room, 1, editions)[0]
	late := time.UnixMilli(edition.Timestamp).Sub(due)
	t.Logf("the edition came %v after it was due", late.Round(time.Millisecond))
	if late < 0 {
		t.Errorf("edition: got it %v before it was due", -late)
	}
	if harm := harmOf(edition); len(harm) > 0 || raw(edition, "m.relates_to") != nil || !strings.Contains(text(edition), "Global Mechanism") {
		t.Errorf("edition: got %v, harm %q, want it plain in the room with the Global Mechanism in it", edition.Content.Raw, harm)
	}
	again.kill()
	third := startBot(t, settings)
	ask(room, "", map[string]any{"body": "!iis what is IIS?"}, "nternational information security")
	if got := len(p.wait(t, "all that was said", room, 0, from(user))); got != said+3 {
		t.Errorf("posts after the kill: got %d, want three: an answer, the edition, an answer", got-said)
	}
	if got := len(p.wait(t, "editions", room, 1, editions)); got != 1 {
		t.Errorf("editions: got %d, want one", got)
	}
	third.kill()
	token := settingOf(t, settings, "access_token")
	if len(token) < 16 {
		t.Fatalf("access token: got %q, want a real one to look for", token)
	}
	for i, log := range []string{bot.log(), again.log(), third.log()} {
		for _, secret := range []string{"canary", token, "first raise", "sovereignty"} {
			if strings.Contains(log, secret) {
				t.Errorf("log of run %d: got %q in it, want neither secrets nor what people say", i+1, secret)
			}
		}
	}
}

// TestAWrongMatrixPasswordIsSaidInWords sees the program end with advice.
func TestAWrongMatrixPasswordIsSaidInWords(t *testing.T) {
	t.Parallel()
	_, settings := matrixSettings(t, sharedHomeserver(t), "not the password")
	bot := startBot(t, settings)
	if err := bot.wait(patience); err == nil || !strings.Contains(bot.log(), "refuses the password") || !strings.Contains(bot.log(), "matrix.password_file") {
		t.Errorf("got %v and the log %q, want a failure that says what to change", err, bot.log())
	}
}
