package slack_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack/slackfake"
)

func readManifest(t *testing.T) slackgo.Manifest {
	t.Helper()
	data, err := os.ReadFile("manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data, err = yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	var m slackgo.Manifest
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		t.Fatalf("read the manifest strictly: %v", err)
	}
	return m
}

func TestManifestIsWhatTheCodeHandles(t *testing.T) {
	t.Parallel()
	m := readManifest(t)
	ctx := waiting(t)
	fake := start(t, slackfake.Config{Scopes: m.OAuthConfig.Scopes.Bot})
	inbox := &bottest.Inbox{}
	serve(t, fake, &bot.Server{Handler: echo(), Inbox: inbox})

	// Every event there is that could be a message: those that the code hears
	// are those that the manifest asks for.
	var heard []string
	for i, e := range []struct {
		name  string
		inner map[string]any
	}{
		{"app_mention", map[string]any{"type": "app_mention"}},
		{"message.im", map[string]any{"type": "message", "channel_type": "im"}},
		{"message.channels", map[string]any{"type": "message", "channel_type": "channel"}},
		{"message.groups", map[string]any{"type": "message", "channel_type": "group"}},
		{"message.mpim", map[string]any{"type": "message", "channel_type": "mpim"}},
		{"message.app_home", map[string]any{"type": "message", "channel_type": "app_home"}},
		{"app_home_opened", map[string]any{"type": "app_home_opened"}},
		{"member_joined_channel", map[string]any{"type": "member_joined_channel"}},
	} {
		before := len(inbox.Messages())
		e.inner["user"], e.inner["channel"], e.inner["text"] = alice, room, "x"
		e.inner["ts"] = "170000000" + string(rune('0'+i)) + ".000100"
		fake.Event(e.inner)
		if _, err := fake.WaitAcks(ctx, i+1); err != nil {
			t.Fatal(err)
		}
		if len(inbox.Messages()) > before {
			heard = append(heard, e.name)
		}
	}
	if diff := cmp.Diff(m.Settings.EventSubscriptions.BotEvents, heard); diff != "" {
		t.Errorf("events (-manifest +code):\n%s", diff)
	}

	var commands []string
	for _, c := range m.Features.SlashCommands {
		commands = append(commands, c.Command)
		if !c.ShouldEscape || c.Description == "" {
			t.Errorf("%s: got should_escape %v and description %q, want true and some", c.Command, c.ShouldEscape, c.Description)
		}
		before := len(inbox.Messages())
		if _, err := fake.Slash(c.Command, "x", room, alice); err != nil {
			t.Fatal(err)
		}
		if err := fake.Wait(ctx, func() bool { return len(inbox.Messages()) > before }); err != nil {
			t.Errorf("%s is in the manifest and not heard: %v", c.Command, err)
		}
	}
	if want := []string{"/iis", "/quote"}; !slices.Equal(commands, want) {
		t.Errorf("commands: got %q, want %q", commands, want)
	}
	s := m.Settings
	if !s.SocketModeEnabled || s.Interactivity == nil || !s.Interactivity.IsEnabled || s.TokenRotationEnabled {
		t.Errorf("settings: got %+v, want socket mode and interactivity on, rotation off", s)
	}
	// And the scopes are enough for a doubtful answer in a direct conversation.
	channel, ts := fake.DM(alice, "hello")
	p := post(bot.Say("x"))
	p.Room.ID, p.Thread, p.Since = channel, ts, time.Now()
	if _, err := connect(t, fake).Post(ctx, p); err != nil {
		t.Fatal(err)
	}
	p.Doubtful = true
	if _, err := connect(t, fake).Post(ctx, p); err != nil {
		t.Error(err)
	}
	// In a channel it takes the optional ones.
	p.Room.ID, p.Thread = room, ""
	if _, err := connect(t, fake).Post(ctx, p); err == nil || !strings.Contains(err.Error(), "missing_scope") {
		t.Errorf("look in a channel without the optional scopes: got %v, want missing_scope", err)
	}
	full := start(t, slackfake.Config{Scopes: slices.Concat(m.OAuthConfig.Scopes.Bot, m.OAuthConfig.Scopes.BotOptional)})
	p.Doubtful = false
	if _, err := connect(t, full).Post(ctx, p); err != nil {
		t.Fatal(err)
	}
	p.Doubtful = true
	if _, err := connect(t, full).Post(ctx, p); err != nil || len(full.Posts()) != 1 {
		t.Errorf("look in a channel with them: got %d posts (%v), want it found", len(full.Posts()), err)
	}
}
