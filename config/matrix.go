package config

import (
	"fmt"
	"strings"
	"time"
)

// Matrix is the seat on a Matrix homeserver.
type Matrix struct {
	// Homeserver is the address of the client-server API.
	Homeserver string `yaml:"homeserver"`
	// User is the full user id, such as "@rapporteur:example.org".
	User string `yaml:"user"`
	// Password, Token or OAuth logs in; a token belongs to DeviceID, and OAuth is
	// the session that the command matrix-login made.
	Password     Secret `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
	Token        Secret `yaml:"token"`
	TokenFile    string `yaml:"token_file"`
	DeviceID     string `yaml:"device_id"`
	OAuth        bool   `yaml:"oauth"`
	// Prefix opens a command; "!iis" when empty.
	Prefix string `yaml:"prefix"`
	// AllowInvites lists the users ("@a:example.org") and servers
	// ("example.org") whose invitations are accepted; "*" is everybody's.
	AllowInvites []string `yaml:"allow_invites"`
	// InvitesPerHour bounds how many are accepted; 10 when 0.
	InvitesPerHour int `yaml:"invites_per_hour"`
	// AnswerWithin is how old a message may be that came while the bot was away,
	// such as "10m", which it is when empty.
	AnswerWithin string `yaml:"answer_within"`
	// PickleKey encrypts the encryption keys in the database. Without it a key is
	// made and kept in a file beside an SQLite database.
	PickleKey     Secret `yaml:"pickle_key"`
	PickleKeyFile string `yaml:"pickle_key_file"`
	// RecoveryKeyFile is where the recovery key of the account is written at the
	// first start; beside an SQLite database when empty.
	RecoveryKeyFile string `yaml:"recovery_key_file"`
}

// matrixKeys are the keys of the section in the file.
const matrixKeys = "homeserver user password password_file token token_file device_id oauth prefix allow_invites invites_per_hour answer_within " +
	"pickle_key pickle_key_file recovery_key_file"

// Enabled says whether any Matrix setting is given.
func (m Matrix) Enabled() bool {
	return m.Homeserver != "" || m.User != "" || m.Password != "" || m.PasswordFile != "" || m.Token != "" || m.TokenFile != "" || m.OAuth
}

// Within returns how old a message may be that came while the bot was away; 0
// where nothing is set.
func (m Matrix) Within() time.Duration {
	d, err := time.ParseDuration(m.AnswerWithin)
	if err != nil {
		return 0
	}
	return d
}

func (m *Matrix) environment(e *environment) {
	e.plain("MATRIX_HOMESERVER", &m.Homeserver)
	e.plain("MATRIX_USER", &m.User)
	e.secret("MATRIX_PASSWORD", &m.Password, &m.PasswordFile)
	e.secret("MATRIX_TOKEN", &m.Token, &m.TokenFile)
	e.plain("MATRIX_DEVICE_ID", &m.DeviceID)
	e.truth("MATRIX_OAUTH", &m.OAuth)
	e.plain("MATRIX_PREFIX", &m.Prefix)
	e.list("MATRIX_ALLOW_INVITES", &m.AllowInvites)
	e.number("MATRIX_INVITES_PER_HOUR", &m.InvitesPerHour)
	e.plain("MATRIX_ANSWER_WITHIN", &m.AnswerWithin)
	e.secret("MATRIX_PICKLE_KEY", &m.PickleKey, &m.PickleKeyFile)
	e.plain("MATRIX_RECOVERY_KEY_FILE", &m.RecoveryKeyFile)
}

// check returns every problem of the section. shared is set where replicas may
// share the database.
func (m *Matrix) check(shared bool) []error {
	if !m.Enabled() {
		return nil
	}
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
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
	case m.OAuth && m.Token != "":
		bad("matrix.oauth and matrix.token are both given; keep one")
	case m.Password == "" && m.Token == "" && !m.OAuth:
		bad("matrix.password or matrix.token is missing")
	case m.Password != "" && m.Token != "":
		bad("matrix.password and matrix.token are both given; keep one")
	}
	if m.InvitesPerHour < 0 {
		bad("matrix.invites_per_hour: %d is negative; write how many invitations may be accepted in an hour", m.InvitesPerHour)
	}
	if d, err := time.ParseDuration(m.AnswerWithin); m.AnswerWithin != "" && (err != nil || d <= 0) {
		bad("matrix.answer_within: %q is no duration; write 10m for ten minutes", m.AnswerWithin)
	}
	if shared && m.PickleKey == "" {
		bad("matrix.pickle_key_file is missing: with PostgreSQL every replica needs the same; write 32 or more random characters into a file")
	}
	if shared && m.RecoveryKeyFile == "" {
		bad("matrix.recovery_key_file is missing: with PostgreSQL say where the recovery key of the account is to be written and read")
	}
	return problems
}
