package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// TestAcceptance3SlashCommandsAreAnsweredInWords types commands as people do: with
// nothing, with days that do not exist, from right to left.
func TestAcceptance3SlashCommandsAreAnsweredInWords(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	fake := workspace(t)
	startBot(t, slackSettings(fake, t.TempDir()))
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ command, text, want string }{
		{"/quote", "", "topic"},
		{"/quote", "sovereignty", "inviolability of states’ sovereignty"},
		{"/iis", "", "What I can do"},
		{"/iis", "upcoming 30d", "Global Mechanism"},
		{"/iis", "when 2026-02-30", ""},
		{"/iis", "when 29 Feb", ""},
		{"/iis", "q nonsense", "is no code of a quotation"},
		{"/iis", "subscribe digest weekly mon 08:00 Europe/Geneva", "Europe/Zurich"},
		{"/quote", "السيادة في الفضاء الرقمي", ""},
		{"/iis", "🕊️🕊️🕊️", ""},
		{"/iis", "verify a", ""},
	} {
		if _, err := fake.Slash(c.command, slackfake.Escape(c.text), "C1", "U1"); err != nil {
			t.Fatal(err)
		}
		shown, err := fake.WaitEphemerals(ctx, i+1)
		if err != nil {
			t.Fatalf("%s %s: %v", c.command, c.text, err)
		}
		m := shown[i]
		if got := m.Visible(); m.ShownTo != "U1" || got == "" || !strings.Contains(got, c.want) || strings.Contains(got, "Something went wrong") || strings.Contains(got, "panic") {
			t.Errorf("%s %s: got %q, want it to hold %q, for that person alone", c.command, c.text, got, c.want)
		}
	}
	for _, a := range fake.Acks() {
		if a.Took > 3*time.Second {
			t.Errorf("got an acknowledgement after %v, want it within 3 s", a.Took)
		}
	}
}

// TestSlackGuestsSeePublicDocumentsAlone adds a folder of documents that nobody
// called public: a guest and a channel shared with others hear nothing of them.
// It also opens the home tab and posts a link.
func TestSlackGuestsSeePublicDocumentsAlone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	fake := workspace(t)
	fake.AddUser(slackfake.User{ID: "UGUEST", Guest: true})
	fake.AddUser(slackfake.User{ID: "UMEMBER"})
	fake.AddChannel("CSHARED")
	fake.ShareChannel("CSHARED")
	dir := t.TempDir()
	folder := filepath.Join(dir, "corpus")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	document := "---\nid: note-1\nsymbol: A/AC.999/1\ntitle: A confidential note\ndelegation: Ruritania\nspeaker: V. Speaker\ndate: 2026-11-01\nlanguage: en\n---\n\nRuritania proposes a zorbulated register of hexaportal contacts.\n"
	if err := os.WriteFile(filepath.Join(folder, "note.txt"), []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	startBot(t, "corpus: "+folder+"\n"+slackSettings(fake, dir)+"  permalinks: https://bot.example.org/q\n")
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		channel, user string
		sees          bool
	}{{"C1", "UMEMBER", true}, {"C1", "UGUEST", false}, {"CSHARED", "UMEMBER", false}} {
		fake.Mention(c.channel, c.user, "quote zorbulated register of hexaportal contacts")
		posts, err := fake.WaitPosts(ctx, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if got := posts[i].Visible(); strings.Contains(got, "Ruritania proposes") != c.sees || strings.Contains(got, "confidential note") && !c.sees {
			t.Errorf("%s in %s: got %q, want the document seen: %v", c.user, c.channel, got, c.sees)
		}
	}
	fake.OpenHome("UMEMBER", "home")
	if err := fake.Wait(ctx, func() bool { _, there := fake.Home("UMEMBER"); return there }); err != nil {
		t.Fatal(err)
	}
	home, _ := fake.Home("UMEMBER")
	for _, want := range []string{"Next session", "December 2026", "Your subscriptions", "How I do"} {
		if !strings.Contains(home.Visible(), want) {
			t.Errorf("home tab: got %q, want %q", home.Visible(), want)
		}
	}
	// A link to the note is previewed to nobody: it is not public.
	fake.ShareLinks("C1", "UMEMBER", "https://docs.un.org/en/A/AC.999/1")
	first := fake.Posts()[0].Visible()
	code := first[strings.Index(first, "Q-"):]
	fake.ShareLinks("C1", "UMEMBER", "https://bot.example.org/q/"+code[:len("Q-5D5E21")])
	fake.Mention("C1", "UMEMBER", "next")
	if _, err := fake.WaitPosts(ctx, 4); err != nil {
		t.Fatal(err)
	}
	if calls := fake.Calls("chat.unfurl"); len(calls) != 0 {
		t.Errorf("got %d previews, want none of a document that is not public", len(calls))
	}
}

// TestSlackManifestIsPrinted runs the command of the README.
func TestSlackManifestIsPrinted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
		code bool
	}{
		{[]string{"slack", "manifest"}, "socket_mode_enabled: true", true},
		{[]string{"slack", "manifest", "--http", "https://bot.example.org/slack"}, "request_url: https://bot.example.org/slack", true},
		{[]string{"slack", "manifest", "--http", "https://bot.example.org/slack", "--oauth"}, "- https://bot.example.org/slack/oauth", true},
		{[]string{"slack", "manifest", "--oauth"}, "no request address", false},
		{[]string{"slack", "manifest", "--http", "bot.example.org"}, "begins with https://", false},
	} {
		out, err := exec.Command(binary(t), c.args...).CombinedOutput() //nolint:gosec // our own
		if (err == nil) != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("%q: got %v and %.300q, want %q", c.args, err, out, c.want)
		}
	}
}

// TestAnAnswerIsStreamedWhereThatIsWanted runs the whole process with streams on,
// and kills it while one is open.
func TestAnAnswerIsStreamedWhereThatIsWanted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	fake := workspace(t)
	settings := slackSettings(fake, t.TempDir()) + "  streams: true\n"
	p := startBot(t, settings)
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	const question, words = "What does Russia say about sovereignty in the digital domain?", "We advocate inviolability of states’ sovereignty in the digital domain."
	fake.DM("U1", question)
	if _, err := fake.WaitCalls(ctx, "chat.stopStream", 1); err != nil {
		t.Fatal(err)
	}
	// The next stream is begun, and the process dies before it goes on.
	hold := make(chan struct{})
	defer close(hold)
	fake.Fail("chat.appendStream", slackfake.Fault{Store: true, Hold: hold})
	fake.DM("U2", question)
	if _, err := fake.WaitCalls(ctx, "chat.appendStream", 2); err != nil {
		t.Fatal(err)
	}
	p.kill()
	startBot(t, settings)
	if err := fake.Wait(ctx, func() bool { return len(fake.Calls("chat.update")) > 0 && len(fake.Streaming()) == 0 }); err != nil {
		t.Fatalf("the stream that was left open was not made whole: %v", err)
	}
	posts := fake.Posts()
	if len(posts) != 2 || len(fake.Calls("chat.postMessage")) != 0 {
		t.Fatalf("got %d posts in %d calls of chat.postMessage, want two streams alone", len(posts), len(fake.Calls("chat.postMessage")))
	}
	for _, m := range posts {
		if strings.Count(m.Visible(), words) != 1 || m.Delivery("delivery") == "" {
			t.Errorf("got %q, want the answer once, with the name of its delivery", m.Visible())
		}
	}
}
