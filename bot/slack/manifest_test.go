package slack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

var updateManifest = flag.Bool("update-manifest", false, "write the manifests anew")

const requestURL = "https://bot.example.org/slack"

func domains() []string { return []string{"docs.un.org", "undocs.org"} }

// manifest is a variant, and read strictly: a field that Slack does not know is a
// mistake.
func manifest(t *testing.T, app slack.App) (string, slackgo.Manifest) {
	t.Helper()
	app.Domains = domains()
	text, err := slack.Manifest(app)
	if err != nil {
		t.Fatal(err)
	}
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatalf("the manifest is no YAML: %v", err)
	}
	var m slackgo.Manifest
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		t.Fatalf("read the manifest strictly: %v", err)
	}
	return text, m
}

func TestAcceptance14ManifestsAreTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for file, app := range map[string]slack.App{
		"manifest.yaml": {}, "manifest-http.yaml": {Address: requestURL}, "manifest-oauth.yaml": {Address: requestURL, URL: "https://bot.example.org"},
	} {
		address := app.Address
		got, m := manifest(t, app)
		if *updateManifest {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-file +generated; -update-manifest writes it):\n%s", file, diff)
		}
		s := m.Settings
		if over := address != ""; s.SocketModeEnabled == over || s.Interactivity == nil || !s.Interactivity.IsEnabled ||
			(s.Interactivity.RequestUrl != "") != over || (s.EventSubscriptions.RequestUrl != "") != over {
			t.Errorf("%s: got settings %+v, want Socket Mode or request addresses", file, s)
		}
		// Organisations install, and tokens rotate, where people install the app.
		if several := app.URL != ""; s.OrgDeployEnabled != several || s.TokenRotationEnabled != several ||
			slices.Contains(m.OAuthConfig.RedirectUrls, "https://bot.example.org/slack/oauth") != several {
			t.Errorf("%s: got settings %+v and redirects %q, want those of several workspaces: %v", file, s, m.OAuthConfig.RedirectUrls, several)
		}
		for _, c := range m.Features.SlashCommands {
			if !c.ShouldEscape || c.Description == "" || (c.Url != "") != (address != "") {
				t.Errorf("%s: got command %+v, want it escaped, described and with the request address over HTTP", file, c)
			}
		}
	}
}

func TestManifestWantsASecureAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		app  slack.App
		want string
	}{
		{slack.App{Address: "http://bot.example.org"}, "https://"},
		{slack.App{Address: requestURL, URL: "http://bot.example.org"}, "https://"},
		{slack.App{URL: "https://bot.example.org"}, "no request address"},
	} {
		if _, err := slack.Manifest(c.app); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want a sentence that names %q", c.app, err, c.want)
		}
	}
}

// Everything that the manifest subscribes to has a handler, and nothing else has.
func TestAcceptance14EventsOfTheManifestAreThoseThatAreHandled(t *testing.T) {
	t.Parallel()
	_, m := manifest(t, slack.App{})
	ctx := waiting(t)
	fake := start(t, slackfake.Config{})
	log := &lines{}
	serveHTTP(t, fake, &bot.Server{Handler: echo(), Log: log.logger()}, slack.Options{Log: log.logger(), Rooms: &ledger{tries: 1}, Ratings: &ratings{}, Guide: guide{}, Cards: cards{}})
	acks := 0
	handled := func(name string) bool {
		t.Helper()
		inner := map[string]any{"type": name, "user": alice, "channel": room, "text": "x", "ts": "1700000000.000100", "event_ts": "1700000000.000100"}
		switch surface, is := strings.CutPrefix(name, "message."); {
		case is:
			inner["type"], inner["channel_type"] = "message", map[string]string{"channels": "channel", "groups": "group"}[surface]
			if surface == "im" || surface == "mpim" || surface == "app_home" {
				inner["channel_type"] = surface
			}
		case name == "user_change":
			inner["user"] = map[string]any{"id": alice, "tz": "Europe/Vienna"}
		case name == "link_shared":
			inner["message_ts"], inner["links"] = "1700000000.000100", []any{map[string]any{"url": "https://undocs.org/A/RES/73/27"}}
		case name == "tokens_revoked":
			inner["tokens"] = map[string]any{"oauth": []any{}, "bot": []any{fake.BotUser()}}
		case strings.HasPrefix(name, "team_access_"):
			inner["team_ids"] = []any{"T0WORKSPACE"}
		case name == "channel_id_changed":
			inner["old_channel_id"], inner["new_channel_id"] = "G0OLD", "C0NEW"
		case name == "member_joined_channel":
			inner["user"] = fake.BotUser()
		}
		before := log.ignored()
		fake.Event(inner)
		acks++
		if _, err := fake.WaitAcks(ctx, acks); err != nil {
			t.Fatal(err)
		}
		return log.ignored() == before
	}
	asked := m.Settings.EventSubscriptions.BotEvents
	for _, name := range asked {
		if !handled(name) {
			t.Errorf("%s is in the manifest and not handled", name)
		}
	}
	for _, name := range []string{
		"message.channels", "message.groups", "message.mpim", "message.app_home", "reaction_added", "team_join", "file_shared",
		"channel_rename", "group_rename", "assistant_thread_started", "pin_added",
	} {
		if !slices.Contains(asked, name) && handled(name) {
			t.Errorf("%s is handled and not in the manifest", name)
		}
	}
	for _, c := range m.Features.SlashCommands {
		if _, err := fake.Slash(c.Command, "x", room, alice); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fake.WaitEphemerals(ctx, len(m.Features.SlashCommands)); err != nil {
		t.Error(err)
	}
	ts := fake.Say(room, alice, "", "words")
	before := log.ignored()
	for _, s := range m.Features.Shortcuts {
		var err error
		if s.Type == "message" {
			_, err = fake.MessageShortcut(s.CallbackID, room, ts, alice)
		} else {
			_, err = fake.GlobalShortcut(s.CallbackID, alice)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fake.WaitAcks(ctx, acks+len(m.Features.SlashCommands)+len(m.Features.Shortcuts)); err != nil {
		t.Fatal(err)
	}
	if got := log.ignored() - before; got != 1 { // nobody plans digests here
		t.Errorf("got %d shortcuts ignored, want the one that has no planner alone", got)
	}
}

// The scopes of the manifest are those of what the code calls and hears: every
// call of the library is in the table, and every method of the table is called.
func TestAcceptance14ScopesAreThoseOfTheCalls(t *testing.T) {
	t.Parallel()
	_, m := manifest(t, slack.App{})
	called := map[string]bool{}
	table := map[string]bool{}
	files, err := parser.ParseDir(token.NewFileSet(), ".", func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }, 0) //nolint:staticcheck // one folder, no build tags
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files["slack"].Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				f, is := n.Fun.(*ast.SelectorExpr)
				if !is {
					break
				}
				if on, is := f.X.(*ast.SelectorExpr); is && on.Sel.Name == "api" {
					called[f.Sel.Name] = true
				}
			case *ast.KeyValueExpr:
				key, is := n.Key.(*ast.Ident)
				if value, literal := n.Value.(*ast.BasicLit); is && literal && key.Name == "function" {
					table[strings.Trim(value.Value, `"`)] = true
				}
			}
			return true
		})
	}
	if diff := cmp.Diff(table, called); diff != "" || len(called) < 10 {
		t.Errorf("functions of the library (-table +called):\n%s", diff)
	}
	bot, optional := m.OAuthConfig.Scopes.Bot, m.OAuthConfig.Scopes.BotOptional
	for _, scope := range slices.Concat(bot, optional) {
		if strings.HasPrefix(scope, "admin") || slices.Contains([]string{"chat:write.public", "chat:write.customize", "users:read.email", "channels:join"}, scope) {
			t.Errorf("got the scope %s, want nothing of the kind", scope)
		}
	}
	for _, scope := range bot {
		if slices.Contains(optional, scope) {
			t.Errorf("%s is needed and optional", scope)
		}
	}
}

// With the needed scopes alone everything that matters works.
func TestNeededScopesAreEnough(t *testing.T) {
	t.Parallel()
	_, m := manifest(t, slack.App{})
	ctx := waiting(t)
	fake := start(t, slackfake.Config{Scopes: m.OAuthConfig.Scopes.Bot})
	serve(t, fake, &bot.Server{Handler: echo()})
	fake.Mention(room, alice, "hello")
	fake.DM(alice, "hello")
	if _, err := fake.WaitPosts(ctx, 2); err != nil {
		t.Fatal(err)
	}
	// A doubtful answer is found again in a direct conversation, not in a channel.
	channel, ts := fake.DM(alice, "again")
	if _, err := fake.WaitPosts(ctx, 3); err != nil {
		t.Fatal(err)
	}
	client := connect(t, fake)
	p := post(bot.Say("x"))
	p.Room.ID, p.Thread = channel, ts
	if _, err := client.Post(ctx, p); err != nil {
		t.Fatal(err)
	}
	p.Doubtful = true
	if _, err := client.Post(ctx, p); err != nil || len(fake.Posts()) != 4 {
		t.Errorf("got %d posts (%v), want the doubtful one found", len(fake.Posts()), err)
	}
	p.Room.ID, p.Thread = room, ""
	if _, err := client.Post(ctx, p); err == nil || !strings.Contains(err.Error(), "missing_scope") {
		t.Errorf("look in a channel without the optional scopes: got %v, want missing_scope", err)
	}
}
