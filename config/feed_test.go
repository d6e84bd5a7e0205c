package config_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"rapporteur/config"
)

func read(t *testing.T, file string, environment map[string]string) (config.Config, error) {
	t.Helper()
	return config.Read([]byte(file), config.Source{
		Getenv:   func(name string) string { return environment[name] },
		ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	})
}

func TestAdministratorsAndFeedAreReadFromFileAndEnvironment(t *testing.T) {
	t.Parallel()
	c, err := read(t, "administrators: [\"slack:U1\"]\nfeed:\n  listen: :8080\n  url: https://calendar.example.org\n", map[string]string{"RAPPORTEUR_ADMINISTRATORS": "slack:U2, matrix:@ann:example.org"})
	if err != nil {
		t.Fatal(err)
	}
	if c.IsAdministrator("slack", "U1") || !c.IsAdministrator("slack", "U2") || !c.IsAdministrator("matrix", "@ann:example.org") || c.IsAdministrator("matrix", "U2") {
		t.Errorf("got administrators %q, want those of the environment", c.Administrators)
	}
	if c.Feed.Listen != ":8080" || c.Feed.URL != "https://calendar.example.org" {
		t.Errorf("got feed %+v", c.Feed)
	}
}

func TestMistakesInAdministratorsAndFeedAreNamed(t *testing.T) {
	t.Parallel()
	_, err := read(t, "administrators: [ann]\nfeed:\n  listen: here\n  url: calendar\n  path: /x\n", nil)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{`"ann" names nobody`, `feed.listen: "here" is no address`, `feed.url: "calendar" is no http`, `unknown key "feed.path"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if _, err := read(t, "feed:\n  url: https://calendar.example.org\n", nil); err == nil || !strings.Contains(err.Error(), "feed.listen is missing") {
		t.Errorf("an address without a listener: got %v", errors.Unwrap(err))
	}
}
