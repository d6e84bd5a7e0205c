package e2e_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// browse opens a page as a browser does, with its cookies and over all redirects,
// and returns what it says.
func browse(t *testing.T, browser *http.Client, address string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = page.Body.Close() }()
	said, err := io.ReadAll(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page.StatusCode, string(said)
}

// TestSlackIsInstalledInTwoWorkspaces walks journey J6.1 through the whole process:
// two people install the app with their browsers, both workspaces are answered and
// order digests, tokens rotate, one workspace removes the app. No token is ever
// readable in the database or in the log.
func TestSlackIsInstalledInTwoWorkspaces(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	fake, err := slackfake.New(slackfake.Config{Rotation: true, Retries: []time.Duration{time.Second, 3 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	dir, address := t.TempDir(), freeAddress(t)
	fake.DeliverTo("http://"+address+"/slack", nil)
	settings := "database: " + dir + "/bot.db\nslack:\n  client_id: client\n  client_secret: client-secret\n  token_key: a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=\n" +
		"  url: http://" + address + "\n  signing_secret: " + fake.SigningSecret() + "\n  listen: " + address + "\n  api_url: " + fake.APIURL() + "\n"
	program := startBot(t, settings)
	reachable(ctx, t, "HTTP", fake)

	one, two := slackfake.Origin{Team: "T0ONE"}, slackfake.Origin{Team: "T0TWO", Enterprise: "E0ORG"}
	for _, from := range []slackfake.Origin{one, two} {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Jar: jar, Timeout: 20 * time.Second}
		if code, said := browse(t, browser, "http://"+address+"/slack/install"); code != http.StatusOK || !strings.Contains(said, "not installed") {
			t.Errorf("who does not agree: got %d %q, want to be told that the app is not installed", code, said)
		}
		fake.Consent(slackfake.Grant{Team: from.Team, Enterprise: from.Enterprise, User: "U1"})
		if code, said := browse(t, browser, "http://"+address+"/slack/install"); code != http.StatusOK || !strings.Contains(said, "is installed") {
			t.Fatalf("%s: got %d %q, want the app installed", from.Team, code, said)
		}
		// What another browser was given, or none, installs nothing.
		stranger := &http.Client{Timeout: 20 * time.Second}
		if code, _ := browse(t, stranger, "http://"+address+"/slack/oauth?state=x&code="+fake.Code(slackfake.Grant{Team: "T0EVIL"})); code != http.StatusForbidden {
			t.Errorf("a strange browser: got %d, want it refused", code)
		}
	}
	asked := 0
	fake.AddUser(slackfake.User{ID: "UONE", Team: one.Team})
	fake.AddUser(slackfake.User{ID: "UTWO", Team: two.Team, Enterprise: two.Enterprise})
	ask := func(from slackfake.Origin, channel, text, want string) {
		t.Helper()
		asked++
		user := "U" + strings.TrimPrefix(from.Team, "T0")
		ts := fake.Say(channel, user, "", text)
		fake.EventFrom(from, map[string]any{"type": "app_mention", "user": user, "channel": channel, "ts": ts, "text": "<@" + fake.BotUser() + "> " + text})
		posts, err := fake.WaitPosts(ctx, asked)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := posts[asked-1]; got.Channel != channel || !strings.Contains(got.Visible(), want) {
			t.Errorf("%s: got %q in %s, want an answer with %q in %s", text, got.Visible(), got.Channel, want, channel)
		}
	}
	ask(one, "C1", "What is IIS?", "nternational information security")
	ask(two, "C2", "What is IIS?", "nternational information security")
	ask(one, "C1", "subscribe digest daily 08:00 UTC", "#1")
	ask(two, "C2", "subscribe digest daily 08:00 UTC", "#2")

	// A channel that is gone: whoever ordered its digest is told, in their workspace.
	ask(two, "C3", "subscribe digest daily 08:00 UTC", "#3")
	fake.EventFrom(two, map[string]any{"type": "channel_archive", "channel": "C3", "user": "UADMIN"})
	asked++
	posts, err := fake.WaitPosts(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	if told := posts[asked-1]; told.Channel != "DTWO" || !strings.Contains(told.Visible(), "subscription #3") {
		t.Errorf("got %q in %s, want the owner of the subscription told directly", told.Visible(), told.Channel)
	}
	calls := fake.Calls("chat.postMessage")
	if team, _ := fake.TeamOf(calls[len(calls)-1].Token); team != "T0TWO" {
		t.Errorf("got the owner told with the token of %s, want that of the workspace of the channel", team)
	}

	exchanged := len(fake.Calls("oauth.v2.access"))
	fake.Expire("T0ONE")
	ask(one, "C1", "What does APR stand for?", "")
	if n := len(fake.Calls("oauth.v2.access")) - exchanged; n != 1 {
		t.Errorf("got %d exchanges of an expired token, want one", n)
	}
	program.kill()
	program = startBot(t, settings)
	reachable(ctx, t, "HTTP", fake)
	ask(one, "C1", "What does APR stand for?", "") // with what was kept before the kill

	for _, c := range fake.Calls("chat.postMessage") {
		if strings.HasPrefix(c.Token, "xoxb-e2e") || c.Token == "" {
			t.Errorf("got a call with the token %q, want those that were granted", c.Token)
		}
	}
	fake.UninstallFrom(one, true)
	told := func() bool { return strings.Contains(program.log(), "The app was removed from the workspace T0ONE") }
	for !told() && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond) // polling, until ctx ends
	}
	callsOfOne := func() int { // with tokens of the workspace that is gone
		n := 0
		for _, c := range fake.Calls("") {
			if team, known := fake.TeamOf(c.Token); known && team == "T0ONE" {
				n++
			}
		}
		return n
	}
	before := callsOfOne()
	fake.EventFrom(one, map[string]any{"type": "app_mention", "user": "UONE", "channel": "C1", "ts": fake.Say("C1", "UONE", "", "x"), "text": "<@" + fake.BotUser() + "> What is IIS?"})
	ask(two, "C2", "What does APR stand for?", "") // the other workspace goes on
	if again := callsOfOne(); again != before {
		t.Errorf("got %d calls for the workspace that is gone, want none", again-before)
	}
	// Installed again: what it had ordered waits for somebody's word.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	fake.Consent(slackfake.Grant{Team: "T0ONE", User: "U1"})
	if code, said := browse(t, &http.Client{Jar: jar, Timeout: 20 * time.Second}, "http://"+address+"/slack/install"); code != http.StatusOK {
		t.Fatalf("install again: got %d %q", code, said)
	}
	ask(one, "C1", "subscriptions", "the app was removed from the workspace")
	ask(two, "C2", "subscriptions", "#2")
	if posts := fake.Posts(); strings.Contains(posts[len(posts)-1].Visible(), "removed") {
		t.Errorf("got %q, want the other workspace's to go on", posts[len(posts)-1].Visible())
	}
	log := program.log()
	program.kill()

	for _, token := range fake.Tokens() {
		if strings.Contains(log, token) {
			t.Error("got a token in the log")
		}
		files, err := filepath.Glob(dir + "/*")
		if err != nil || len(files) == 0 {
			t.Fatalf("got files %q, %v, want the database", files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(data, []byte(token)) {
				t.Errorf("got a token in %s, want it encrypted", filepath.Base(file))
			}
		}
	}
}
