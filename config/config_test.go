package config_test

import (
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rapporteur/config"
)

var update = flag.Bool("update", false, "write the expected messages anew")

// source is an environment of "NAME=value" lines and files by their name.
func source(env, files map[string]string) config.Source {
	return config.Source{
		Getenv: func(name string) string { return env[name] },
		ReadFile: func(name string) ([]byte, error) {
			if text, found := files[name]; found {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
	}
}

// TestMistakes reads testdata/*.txt, one mistake each: config.yaml, env, and the
// messages a person gets.
func TestMistakes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts, env := map[string]string{}, map[string]string{}
		for _, f := range a.Files {
			parts[f.Name] = string(f.Data)
		}
		for line := range strings.Lines(parts["env"]) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			env[name] = value
		}
		_, err = config.Read([]byte(parts["config.yaml"]), source(env, parts))
		got := "ok\n"
		if err != nil {
			got = err.Error() + "\n"
		}
		if strings.Contains(got, "s3cr3t") {
			t.Errorf("%s: got a secret in %q", file, got)
		}
		if *update {
			for i := range a.Files {
				if a.Files[i].Name == "want" {
					a.Files[i].Data = []byte(got)
				}
			}
			if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(parts["want"], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestTheEnvironmentWinsAndFilesHoldSecrets(t *testing.T) {
	t.Parallel()
	c, err := config.Read([]byte("database: a.db\nslack:\n  bot_token: xoxb-file\n  app_token_file: app\n"), source(
		map[string]string{"RAPPORTEUR_DATABASE": "b.db", "RAPPORTEUR_SLACK_BOT_TOKEN_FILE": "bot"},
		map[string]string{"app": "xapp-1\n", "bot": "xoxb-2\n"}))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Database.Reveal(), c.Slack.BotToken.Reveal(), c.Slack.AppToken.Reveal()}
	if diff := cmp.Diff([]string{"b.db", "xoxb-2", "xapp-1"}, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	c, err := config.Read([]byte("database: postgres://u:s3cr3t@h/db\nslack: {bot_token: xoxb-s3cr3t, app_token: xapp-s3cr3t}\n"), source(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "token", c.Slack.BotToken)
	text, err := c.Slack.BotToken.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c.Database, c.Slack.AppToken), log.String(), string(text)} {
		if strings.Contains(s, "s3cr3t") {
			t.Errorf("got a secret in %q", s)
		}
	}
}
