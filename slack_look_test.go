package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestTheMainRepliesLookAsInTheGoldenFiles asks the whole program in Slack what
// people ask most, and keeps what came over the wire: the text that stands alone, and
// the blocks, within Slack's limits.
func TestTheMainRepliesLookAsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	began := time.Now()
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(time.Since(began)) }
	fake, err := slackfake.New(slackfake.Config{BotToken: "xoxb-x", AppToken: "xapp-x", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = fake.Close() }()
	fake.AddUser(slackfake.User{ID: "U1", Name: "A. Delegate", TZ: "Europe/Zurich", Locale: "en-GB"})
	settings := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(settings, []byte("slack:\n  bot_token: xoxb-x\n  app_token: xapp-x\n  api_url: "+fake.APIURL()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	state, log := t.TempDir(), &heard{}
	serving, end := context.WithCancel(ctx)
	done := make(chan int, 1)
	go func() {
		done <- run(serving, []string{"serve", "--config", settings}, environment{
			getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] },
			in:     new(bytes.Buffer), out: log, err: log, now: now,
		})
	}()
	defer func() {
		end()
		<-done
	}()
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	for i, c := range []struct{ name, says string }{
		{"answer", "What does Russia say about sovereignty in the digital domain?"},
		{"calendar", "When is the next session?"},
		{"refusal", "What did China say about sovereignty?"},
		{"altered", `verify "Those who believe themselves to be more advanced must impose anything on the others."`},
		{"dates", `when "first raised this issue at the UN"`},
		{"timeline", "timeline OEWG"},
		{"ahead", "upcoming 60d"},
		{"term", "glossary APR"},
		{"edition", "digest"},
		{"order", "subscribe digest weekly mon 08:00 Europe/Zurich"},
		{"subscriptions", "subscriptions"},
		{"help", "help"},
	} {
		fake.DM("U1", c.says)
		posts, err := fake.WaitPosts(ctx, i+1)
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.says, err, log)
		}
		m := posts[i]
		if harm := m.Harm(); len(harm) > 0 || m.Text == "" {
			t.Errorf("%s: got harm %q and the text %q", c.says, harm, m.Text)
		}
		looks(t, c.name, c.says, m.Text, m.Blocks, false)
	}
	fake.OpenHome("U1", "home")
	if err := fake.Wait(ctx, func() bool { _, drawn := fake.Home("U1"); return drawn }); err != nil {
		t.Fatal(err)
	}
	home, _ := fake.Home("U1")
	looks(t, "home", "the home tab", "", home.Blocks, true)
	for _, id := range []string{"check_text", "new_digest"} {
		if _, err := fake.GlobalShortcut(id, "U1"); err != nil {
			t.Fatal(err)
		}
		err := fake.Wait(ctx, func() bool {
			modals := fake.Modals("U1")
			return len(modals) > 0 && modals[len(modals)-1].CallbackID == id && bytes.Contains(modals[len(modals)-1].Blocks, []byte(`"input"`))
		})
		if err != nil {
			t.Fatalf("%s: %v\n%s", id, err, log)
		}
		modals := fake.Modals("U1")
		looks(t, id, "the window "+id, "", modals[len(modals)-1].Blocks, true)
		fake.CloseView(modals[len(modals)-1].ID)
	}
}

// looks compares what was drawn with its golden file.
func looks(t *testing.T, name, what, text string, blocks json.RawMessage, view bool) {
	t.Helper()
	if faults := slack.Faults(blocks, view); len(faults) > 0 {
		t.Errorf("%s is beyond Slack's limits: %q", what, faults)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, blocks, "", "  "); err != nil {
		t.Fatal(err)
	}
	archive := &txtar.Archive{Comment: fmt.Appendf(nil, "%s, in Slack. Paste the blocks into the Block Kit Builder to see it.\n", what)}
	if text != "" {
		archive.Files = append(archive.Files, txtar.File{Name: "text", Data: []byte(text + "\n")})
	}
	archive.Files = append(archive.Files, txtar.File{Name: "blocks.json", Data: append(pretty.Bytes(), '\n')})
	got, file := txtar.Format(archive), filepath.Join("testdata", "slack", name+".txt")
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
