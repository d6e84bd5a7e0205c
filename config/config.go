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
	"io/fs"
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
	// StaleAfter is how old the check of a fact may be before replies say so,
	// such as "720h".
	StaleAfter string `yaml:"stale_after"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
	// Slack is the seat in a Slack workspace.
	Slack Slack `yaml:"slack"`
	// Matrix is the seat on a Matrix homeserver.
	Matrix Matrix `yaml:"matrix"`
}

// Slack is the seat in a Slack workspace, by Socket Mode.
type Slack struct {
	// BotToken begins with xoxb-, AppToken with xapp-.
	BotToken     Secret `yaml:"bot_token"`
	BotTokenFile string `yaml:"bot_token_file"`
	AppToken     Secret `yaml:"app_token"`
	AppTokenFile string `yaml:"app_token_file"`
	// APIURL is the base of the Web API, where it is not Slack's own.
	APIURL string `yaml:"api_url"`
}

// Enabled says whether any Slack setting is given.
func (s Slack) Enabled() bool { return s != Slack{} }

// Matrix is the seat on a Matrix homeserver.
type Matrix struct {
	// Homeserver is the address of the client-server API.
	Homeserver string `yaml:"homeserver"`
	// User is the full user id, such as "@rapporteur:example.org".
	User string `yaml:"user"`
	// Password or Token logs in; a token belongs to DeviceID.
	Password     Secret `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
	Token        Secret `yaml:"token"`
	TokenFile    string `yaml:"token_file"`
	DeviceID     string `yaml:"device_id"`
	// Prefix opens a command; "!iis" when empty.
	Prefix string `yaml:"prefix"`
	// AllowInvites lists the users ("@a:example.org") and servers
	// ("example.org") whose invitations are accepted; "*" is everybody's.
	AllowInvites []string `yaml:"allow_invites"`
}

// Enabled says whether any Matrix setting is given.
func (m Matrix) Enabled() bool {
	return m.Homeserver != "" || m.User != "" || m.Password != "" || m.PasswordFile != "" || m.Token != "" || m.TokenFile != ""
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
		"":       set("database corpus stale_after log_level slack matrix"),
		"slack":  set("bot_token bot_token_file app_token app_token_file api_url"),
		"matrix": set("homeserver user password password_file token token_file device_id prefix allow_invites"),
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
	for _, section := range []string{"slack", "matrix"} {
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
	var problems []error
	plain := func(name string, to *string) {
		if v := from.Getenv("RAPPORTEUR_" + name); v != "" {
			*to = v
		}
	}
	secret := func(name string, to *Secret, file *string) {
		if v := from.Getenv("RAPPORTEUR_" + name); v != "" {
			*to, *file = Secret(v), ""
		}
		plain(name+"_FILE", file)
		if *file == "" {
			return
		}
		data, err := from.ReadFile(*file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problems = append(problems, fmt.Errorf("%s: the file %s does not exist", strings.ToLower(name)+"_file", *file))
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: the file %s cannot be read: %w", strings.ToLower(name)+"_file", *file, err))
		default:
			*to = Secret(strings.TrimSpace(string(data)))
		}
	}
	var none string
	secret("DATABASE", &c.Database, &none)
	plain("CORPUS", &c.Corpus)
	plain("STALE_AFTER", &c.StaleAfter)
	plain("LOG_LEVEL", &c.LogLevel)
	secret("SLACK_BOT_TOKEN", &c.Slack.BotToken, &c.Slack.BotTokenFile)
	secret("SLACK_APP_TOKEN", &c.Slack.AppToken, &c.Slack.AppTokenFile)
	plain("SLACK_API_URL", &c.Slack.APIURL)
	plain("MATRIX_HOMESERVER", &c.Matrix.Homeserver)
	plain("MATRIX_USER", &c.Matrix.User)
	secret("MATRIX_PASSWORD", &c.Matrix.Password, &c.Matrix.PasswordFile)
	secret("MATRIX_TOKEN", &c.Matrix.Token, &c.Matrix.TokenFile)
	plain("MATRIX_DEVICE_ID", &c.Matrix.DeviceID)
	plain("MATRIX_PREFIX", &c.Matrix.Prefix)
	if v := from.Getenv("RAPPORTEUR_MATRIX_ALLOW_INVITES"); v != "" {
		c.Matrix.AllowInvites = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return problems
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
	if s := c.Slack; s.Enabled() {
		token := func(name string, v Secret, prefix string) {
			switch {
			case v == "":
				bad("slack.%s is missing; it begins with %s", name, prefix)
			case !strings.HasPrefix(v.Reveal(), prefix):
				bad("slack.%s does not begin with %s", name, prefix)
			}
		}
		token("bot_token", s.BotToken, "xoxb-")
		token("app_token", s.AppToken, "xapp-")
		if s.APIURL != "" && !address(s.APIURL) {
			bad("slack.api_url: %q is no http or https address", s.APIURL)
		}
	}
	if m := c.Matrix; m.Enabled() {
		switch {
		case m.Homeserver == "":
			bad("matrix.homeserver is missing; write https://matrix.example.org")
		case !address(m.Homeserver):
			bad("matrix.homeserver: %q is no http or https address", m.Homeserver)
		}
		if !strings.HasPrefix(m.User, "@") || !strings.Contains(m.User, ":") {
			bad("matrix.user: %q is no full user id; write @rapporteur:example.org", m.User)
		}
		switch {
		case m.Password == "" && m.Token == "":
			bad("matrix.password or matrix.token is missing")
		case m.Password != "" && m.Token != "":
			bad("matrix.password and matrix.token are both given; keep one")
		}
	}
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
