// Package config reads and checks the settings: one YAML file and the
// environment, which wins. Unknown keys are mistakes, all mistakes are reported
// together, and a [Secret] prints as "[hidden]" wherever it is printed. Every
// secret can be given by a file whose name is in the key ending in _file, or in
// the environment variable ending in _FILE.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Secret is a value that is never printed.
type Secret string

// String returns "[hidden]", or nothing for the empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[hidden]"
}

// GoString returns what String does.
func (s Secret) GoString() string { return s.String() }

// LogValue returns what String does.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText writes what String does.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal returns the secret itself, for the library that needs it.
func (s Secret) Reveal() string { return string(s) }

// Config is all the settings.
type Config struct {
	// Database is the path of an SQLite file or a postgres:// address.
	Database Secret `yaml:"database"`
	// Corpus is a folder of further documents.
	Corpus string `yaml:"corpus"`
	// CorpusPublic says that everybody may see the further documents: guests and
	// people of other organisations too.
	CorpusPublic bool `yaml:"corpus_public"`
	// Calendar is a folder of facts that replace the calendar in the program.
	Calendar string `yaml:"calendar"`
	// StaleAfter is how old the check of a fact may be before replies say so,
	// such as "720h".
	StaleAfter string `yaml:"stale_after"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
	// Administrators may change the calendar, two of them for each change: people
	// such as "slack:U0123" and "matrix:@name:example.org".
	Administrators []string `yaml:"administrators"`
	// Feed serves the calendar to calendar programs.
	Feed Feed `yaml:"feed"`
	// Health serves probes and metrics to operators.
	Health Health `yaml:"health"`
	// Slack is the seat in a Slack workspace.
	Slack Slack `yaml:"slack"`
	// Matrix is the seat on a Matrix homeserver.
	Matrix Matrix `yaml:"matrix"`
}

// Source is where settings come from besides the YAML file.
type Source struct {
	// Getenv reads the environment.
	Getenv func(string) string
	// ReadFile reads a secret's file.
	ReadFile func(string) ([]byte, error)
}

// Read reads the settings from YAML (empty for none) and the environment, and
// checks them. The error joins all problems, one sentence each.
func Read(data []byte, from Source) (Config, error) {
	var (
		c        Config
		problems []error
	)
	if len(bytes.TrimSpace(data)) > 0 {
		problems = append(problems, unknownKeys(data)...)
		if err := yaml.Unmarshal(data, &c); err != nil {
			problems = append(problems, errors.New(sentence(err)))
			return Config{}, errors.Join(problems...)
		}
	}
	problems = append(problems, c.environment(from)...)
	problems = append(problems, c.check()...)
	if err := errors.Join(problems...); err != nil {
		return Config{}, err
	}
	return c, nil
}

// sentence is the first line of a YAML error: the rest quotes the file, which
// may hold secrets.
func sentence(err error) string {
	if at, ok := errors.AsType[yaml.Error](err); ok {
		if tk := at.GetToken(); tk != nil && tk.Position != nil {
			return fmt.Sprintf("line %d: %s", tk.Position.Line, at.GetMessage())
		}
		return at.GetMessage()
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// unknownKeys names every key that is no setting.
func unknownKeys(data []byte) []error {
	known := map[string]map[string]bool{
		"":       set("database corpus corpus_public calendar stale_after log_level administrators feed health slack matrix"),
		"feed":   set(feedKeys),
		"health": set(healthKeys),
		"slack":  set(slackKeys),
		"matrix": set(matrixKeys),
	}
	var tree map[string]any
	if yaml.Unmarshal(data, &tree) != nil {
		return nil // reported by the strict reading
	}
	var problems []error
	check := func(section string, keys map[string]any) {
		for key := range keys {
			if !known[section][key] {
				problems = append(problems, fmt.Errorf("unknown key %q (the keys are in README.md)", strings.TrimPrefix(section+"."+key, ".")))
			}
		}
	}
	check("", tree)
	for _, section := range []string{"feed", "health", "slack", "matrix"} {
		if keys, is := tree[section].(map[string]any); is {
			check(section, keys)
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return problems
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// environment lets the environment win over the file, and reads secrets from
// the files that are named for them.
func (c *Config) environment(from Source) []error {
	e := &environment{from: from}
	plain, secret := e.plain, e.secret
	var none string
	secret("DATABASE", &c.Database, &none)
	plain("CORPUS", &c.Corpus)
	e.truth("CORPUS_PUBLIC", &c.CorpusPublic)
	plain("CALENDAR", &c.Calendar)
	plain("STALE_AFTER", &c.StaleAfter)
	plain("LOG_LEVEL", &c.LogLevel)
	e.list("ADMINISTRATORS", &c.Administrators)
	c.Feed.environment(e)
	c.Health.environment(e)
	c.Slack.environment(e)
	c.Matrix.environment(e)
	return e.problems
}

// check returns every problem of the settings.
func (c *Config) check() []error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.StaleAfter != "" {
		if d, err := time.ParseDuration(c.StaleAfter); err != nil || d <= 0 {
			bad("stale_after: %q is no duration; write 720h for thirty days", c.StaleAfter)
		}
	}
	if _, err := c.Level(); err != nil {
		bad("log_level: %q is unknown; write debug, info, warn or error", c.LogLevel)
	}
	checkAdministrators(c.Administrators, bad)
	c.Feed.check(bad)
	c.Health.check(bad)
	problems = append(problems, c.Slack.check()...)
	shared := strings.HasPrefix(c.Database.Reveal(), "postgres://") || strings.HasPrefix(c.Database.Reveal(), "postgresql://")
	problems = append(problems, c.Matrix.check(shared)...)
	return problems
}

// Level returns the log level; info where none is set.
func (c *Config) Level() (slog.Level, error) {
	if c.LogLevel == "" {
		return slog.LevelInfo, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return 0, fmt.Errorf("log level: %w", err)
	}
	return level, nil
}

// Stale returns how old the check of a fact may be; thirty days where nothing
// is set.
func (c *Config) Stale() time.Duration {
	if d, err := time.ParseDuration(c.StaleAfter); err == nil && d > 0 {
		return d
	}
	return 30 * 24 * time.Hour
}

func address(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
