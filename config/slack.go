package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
)

// Slack is the seat in a Slack workspace, by Socket Mode or by HTTP.
type Slack struct {
	// BotToken begins with xoxb-.
	BotToken     Secret `yaml:"bot_token"`
	BotTokenFile string `yaml:"bot_token_file"`
	// AppToken begins with xapp-: with it, the bot opens sockets.
	AppToken     Secret `yaml:"app_token"`
	AppTokenFile string `yaml:"app_token_file"`
	// SigningSecret proves that a request is Slack's: with it, Slack calls the
	// bot at Listen. Two are accepted while the secret is changed.
	SigningSecret     Secrets `yaml:"signing_secret"`
	SigningSecretFile string  `yaml:"signing_secret_file"`
	// Listen is the address at which Slack's requests arrive, such as ":3000".
	Listen string `yaml:"listen"`
	// Sockets is how many sockets are open at once; two where nothing is set.
	Sockets int `yaml:"sockets"`
	// Operators are the ids of users who are told of what only they can mend.
	Operators []string `yaml:"operators"`
	// ResendDoubtful posts again what may be in the room already and cannot be
	// looked for.
	ResendDoubtful bool `yaml:"resend_doubtful"`
	// Streams says whether answers in direct messages may arrive as streams: yes
	// where nothing is set and the Web API is Slack's own.
	Streams *bool `yaml:"streams"`
	// Permalinks is the address below which the codes of quotations stand, where
	// somebody serves such pages; their links are previewed.
	Permalinks string `yaml:"permalinks"`
	// Managers are the users, user groups (by their ids) and "everyone" who may
	// order digests; everyone but guests where nobody is named.
	Managers []string `yaml:"managers"`
	// ClientID and ClientSecret let people install the app in several workspaces:
	// then there is no bot token. TokenKey encrypts their tokens in the database,
	// 32 bytes in base64; URL is the bot's own address as browsers reach it.
	ClientID         string `yaml:"client_id"`
	ClientSecret     Secret `yaml:"client_secret"`
	ClientSecretFile string `yaml:"client_secret_file"`
	TokenKey         Secret `yaml:"token_key"`
	TokenKeyFile     string `yaml:"token_key_file"`
	URL              string `yaml:"url"`
	// APIURL is the base of the Web API, where it is not Slack's own.
	APIURL string `yaml:"api_url"`
}

// Secrets are one secret or several, in YAML a value or a list.
type Secrets []Secret

// UnmarshalYAML reads a value or a list.
func (s *Secrets) UnmarshalYAML(read func(any) error) error {
	var several []string
	if err := read(&several); err != nil {
		var one string
		if err := read(&one); err != nil {
			return err
		}
		several = []string{one}
	}
	*s = nil
	for _, one := range several {
		*s = append(*s, Secret(one))
	}
	return nil
}

// Reveal returns the secrets themselves.
func (s Secrets) Reveal() []string {
	var all []string
	for _, one := range s {
		all = append(all, one.Reveal())
	}
	return all
}

// Enabled says whether any Slack setting is given.
func (s *Slack) Enabled() bool {
	return s.BotToken != "" || s.BotTokenFile != "" || s.AppToken != "" || s.AppTokenFile != "" ||
		len(s.SigningSecret) > 0 || s.SigningSecretFile != "" || s.Listen != "" || s.Sockets != 0 ||
		len(s.Operators) > 0 || s.ResendDoubtful || s.Streams != nil || s.Permalinks != "" || len(s.Managers) > 0 || s.Installable() || s.APIURL != ""
}

// Installable says whether people install the app in several workspaces.
func (s *Slack) Installable() bool {
	return s.ClientID != "" || s.ClientSecret != "" || s.ClientSecretFile != "" || s.TokenKey != "" || s.TokenKeyFile != "" || s.URL != ""
}

// Key returns the key that encrypts tokens: 32 bytes.
func (s *Slack) Key() ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(s.TokenKey.Reveal())
	if err != nil || len(key) != 32 {
		return nil, errors.New("slack.token_key is no key; make one with: openssl rand -base64 32")
	}
	return key, nil
}

// OverHTTP says whether Slack calls the bot, rather than the bot opening sockets.
func (s *Slack) OverHTTP() bool { return len(s.SigningSecret) > 0 }

// MayStream says whether answers in direct messages may arrive as streams.
func (s *Slack) MayStream() bool {
	if s.Streams != nil {
		return *s.Streams
	}
	return s.APIURL == ""
}

// slackKeys are the keys of the section.
const slackKeys = "bot_token bot_token_file app_token app_token_file signing_secret signing_secret_file " +
	"listen sockets operators resend_doubtful streams permalinks managers " +
	"client_id client_secret client_secret_file token_key token_key_file url api_url"

// listed parts a list in the environment.
func listed(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' })
}

// environment lets the environment win over the file.
func (s *Slack) environment(e *environment) {
	e.secret("SLACK_BOT_TOKEN", &s.BotToken, &s.BotTokenFile)
	e.secret("SLACK_APP_TOKEN", &s.AppToken, &s.AppTokenFile)
	var signing Secret
	if e.secret("SLACK_SIGNING_SECRET", &signing, &s.SigningSecretFile); signing != "" {
		s.SigningSecret = nil
		for _, one := range listed(signing.Reveal()) {
			s.SigningSecret = append(s.SigningSecret, Secret(one))
		}
	}
	e.plain("SLACK_LISTEN", &s.Listen)
	e.number("SLACK_SOCKETS", &s.Sockets)
	e.list("SLACK_OPERATORS", &s.Operators)
	e.truth("SLACK_RESEND_DOUBTFUL", &s.ResendDoubtful)
	e.plain("SLACK_PERMALINKS", &s.Permalinks)
	e.list("SLACK_MANAGERS", &s.Managers)
	e.plain("SLACK_CLIENT_ID", &s.ClientID)
	e.secret("SLACK_CLIENT_SECRET", &s.ClientSecret, &s.ClientSecretFile)
	e.secret("SLACK_TOKEN_KEY", &s.TokenKey, &s.TokenKeyFile)
	e.plain("SLACK_URL", &s.URL)
	e.plain("SLACK_API_URL", &s.APIURL)
	streams := s.MayStream()
	if e.truth("SLACK_STREAMS", &streams); e.get("SLACK_STREAMS") != "" {
		s.Streams = &streams
	}
}

// userID is what Slack calls a person.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)

// managerID is a user, a user group, or all members.
var managerID = regexp.MustCompile(`^(?:[UWS][A-Z0-9]{2,}|everyone)$`)

// check says what is wrong with the section.
func (s *Slack) check() []error {
	if !s.Enabled() {
		return nil
	}
	var problems []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	token := func(name string, v Secret, prefix string) {
		bad(v == "", "slack.%s is missing; it begins with %s", name, prefix)
		// Another server may have tokens of its own form; rotated ones have a prefix.
		bad(v != "" && s.APIURL == "" && !strings.HasPrefix(strings.TrimPrefix(v.Reveal(), "xoxe."), prefix), "slack.%s does not begin with %s", name, prefix)
	}
	if s.Installable() {
		problems = append(problems, s.checkInstallable()...)
	} else {
		token("bot_token", s.BotToken, "xoxb-")
	}
	switch {
	case s.Installable() && !s.OverHTTP():
		bad(true, "slack.signing_secret is missing; with slack.client_id Slack calls the bot over HTTP")
	case s.AppToken != "" && s.OverHTTP():
		bad(true, "slack.app_token and slack.signing_secret are both given; keep the app token for Socket Mode or the signing secret for HTTP")
	case s.AppToken == "" && !s.OverHTTP():
		bad(true, "slack.app_token or slack.signing_secret is missing; the app token (it begins with xapp-) is for Socket Mode, the signing secret for HTTP")
	case s.AppToken != "":
		token("app_token", s.AppToken, "xapp-")
	}
	bad(len(s.SigningSecret) > 2, "slack.signing_secret: %d are given; keep one, or two while the secret is changed", len(s.SigningSecret))
	bad(slices.Contains(s.SigningSecret, ""), "slack.signing_secret is empty; copy it from Basic Information of the app")
	bad(s.OverHTTP() && s.Listen == "", "slack.listen is missing; write the address at which Slack's requests arrive, such as :3000")
	bad(!s.OverHTTP() && s.Listen != "", "slack.listen is for HTTP, and needs slack.signing_secret")
	if s.Listen != "" {
		_, _, err := net.SplitHostPort(s.Listen)
		bad(err != nil, "slack.listen: %q is no address to listen at; write :3000 or 127.0.0.1:3000", s.Listen)
	}
	bad(s.Sockets < 0 || s.Sockets > 5, "slack.sockets: %d sockets do not work; write a number from 1 to 5", s.Sockets)
	bad(s.Sockets > 0 && s.OverHTTP(), "slack.sockets is for Socket Mode, and slack.signing_secret is for HTTP; keep one")
	for _, id := range s.Operators {
		bad(!userID.MatchString(id), "slack.operators: %q is no user id; copy it from the person's profile, it looks like U012AB3CD", id)
	}
	for _, id := range s.Managers {
		bad(!managerID.MatchString(id), "slack.managers: %q is nobody; write the id of a user (U012AB3CD) or of a user group (S012AB3CD), or everyone", id)
	}
	bad(s.Permalinks != "" && !address(s.Permalinks), "slack.permalinks: %q is no http or https address", s.Permalinks)
	bad(s.APIURL != "" && !address(s.APIURL), "slack.api_url: %q is no http or https address", s.APIURL)
	return problems
}

// checkInstallable says what is wrong where people install the app.
func (s *Slack) checkInstallable() []error {
	var problems []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	bad(s.BotToken != "", "slack.bot_token and slack.client_id are both given; keep the token for one workspace, or the client for several")
	bad(s.ClientID == "" || s.ClientSecret == "", "slack.client_id or slack.client_secret is missing; copy both from Basic Information of the app")
	bad(s.URL == "" || !address(s.URL), "slack.url: %q is no address; write the bot's own as browsers reach it, such as https://bot.example.org", s.URL)
	if _, err := s.Key(); err != nil {
		bad(true, "%w", err)
	}
	return problems
}
