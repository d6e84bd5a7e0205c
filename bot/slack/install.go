package slack

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
)

// Install is the app in one workspace, or on a whole organisation: then it has no
// team.
type Install struct {
	Enterprise, Team string
	// BotUser is who the bot is there.
	BotUser string
	// Sealed are the tokens, encrypted.
	Sealed string
	// Expires is when the access token ends; zero for never.
	Expires time.Time
}

// Installs keeps who has installed the app.
type Installs interface {
	// PutInstall keeps an installation in the place of an older one.
	PutInstall(ctx context.Context, i Install, now time.Time) error
	// Install returns the installation of a workspace, or of its organisation.
	Install(ctx context.Context, enterprise, team string) (i Install, found bool, err error)
	// DeleteInstall deletes one, with its tokens.
	DeleteInstall(ctx context.Context, enterprise, team string) error
}

// Leases lets one replica at a time exchange the tokens of an installation.
type Leases interface {
	// LeaseInstall leases an installation until a time; false where somebody else
	// has it, or its tokens are not those of i any more.
	LeaseInstall(ctx context.Context, i Install, now, until time.Time) (bool, error)
}

// States keeps what was given to a browser that is on its way to Slack and back.
type States interface {
	// PutState keeps a state until a time, and none whose time is over.
	PutState(ctx context.Context, state string, now, until time.Time) error
	// TakeState takes a state: true once, and not after its time.
	TakeState(ctx context.Context, state string, now time.Time) (bool, error)
}

// OAuth is what installing the app in several workspaces takes.
type OAuth struct {
	// ClientID and ClientSecret are the app's.
	ClientID, ClientSecret string
	// Key encrypts the tokens where they are kept: 32 bytes.
	Key []byte
	// URL is the bot's own address as browsers reach it, such as
	// "https://bot.example.org"; /slack/install and /slack/oauth are below it.
	URL string
	// Installs, Leases and States keep what must outlive the process.
	Installs Installs
	Leases   Leases
	States   States
}

// tokens are what is encrypted of an installation.
type tokens struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh,omitempty"`
	// Life is for how many seconds the access token was granted.
	Life int `json:"life,omitempty"`
}

// installed are the workspaces that the bot serves.
type installed struct {
	OAuth
	seal   cipher.AEAD
	begins begins

	mu    sync.Mutex
	known map[string]*served
	// held are the tokens that are not exchanged for now, or never, by what is
	// kept of them; unkept is what Slack gave for them and could not be kept yet.
	held   map[string]hold
	unkept map[string]Install
}

// served is a workspace with the installation it is served by, and from when its
// token is to be exchanged; zero for never.
type served struct {
	*workspace
	owner [2]string
	renew time.Time
	read  time.Time
}

// installAge is how long an installation is used before it is read again: another
// replica may have exchanged its tokens.
const installAge = time.Minute

// errNotInstalled is a workspace that the bot has no token for.
var errNotInstalled = errors.New("the app is not installed in this workspace (any more)")

func newInstalled(o OAuth) (*installed, error) {
	block, err := aes.NewCipher(o.Key)
	if err != nil || len(o.Key) != 32 {
		return nil, fmt.Errorf("token key: %d bytes, want 32", len(o.Key))
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("token key: %w", err)
	}
	return &installed{OAuth: o, seal: seal, known: map[string]*served{}, held: map[string]hold{}, unkept: map[string]Install{}}, nil
}

// encrypt seals tokens for one installation: they open for no other.
func (s *installed) encrypt(t tokens, enterprise, team string) (string, error) {
	data, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("seal tokens: %w", err)
	}
	nonce := make([]byte, s.seal.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("seal tokens: %w", err)
	}
	return base64.StdEncoding.EncodeToString(s.seal.Seal(nonce, nonce, data, []byte(enterprise+"|"+team))), nil
}

func (s *installed) decrypt(i Install) (tokens, error) {
	var t tokens
	data, err := base64.StdEncoding.DecodeString(i.Sealed)
	if err != nil || len(data) < s.seal.NonceSize() {
		return t, errors.New("open tokens: they are damaged")
	}
	n := s.seal.NonceSize()
	plain, err := s.seal.Open(nil, data[:n], data[n:], []byte(i.Enterprise+"|"+i.Team))
	if err != nil {
		return t, errors.New("open tokens: they were sealed with another key")
	}
	if err := json.Unmarshal(plain, &t); err != nil {
		return t, fmt.Errorf("open tokens: %w", err)
	}
	return t, nil
}

// installation returns a workspace by its key, with a token that is good.
func (c *Client) installation(ctx context.Context, key string) (*workspace, error) {
	s, now := c.installs, c.now()
	s.mu.Lock()
	known := s.known[key]
	s.mu.Unlock()
	if known != nil && now.Sub(known.read) < installAge && (known.renew.IsZero() || now.Before(known.renew)) {
		return known.workspace, nil
	}
	enterprise, team := parted(key)
	i, found, err := s.Installs.Install(ctx, enterprise, team)
	if err != nil {
		return nil, fmt.Errorf("read the installation in %s: %w", key, err)
	}
	if !found {
		c.forgetInstall(enterprise, team)
		return nil, errNotInstalled
	}
	if err := s.refusal(i, now); err != nil {
		return nil, err
	}
	t, err := s.decrypt(i)
	if err != nil {
		return nil, err
	}
	if renew := t.renew(i.Expires); !renew.IsZero() && !now.Before(renew) {
		i, t, err = c.renewInTime(ctx, i, t)
		if err != nil {
			return nil, err
		}
	}
	fresh := &served{workspace: &workspace{api: c.library(t, i), key: key}, owner: [2]string{i.Enterprise, i.Team}, renew: t.renew(i.Expires), read: now}
	fresh.self.Store(&identity{userID: i.BotUser, teamID: either(team, enterprise), enterpriseID: enterprise})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[key] = fresh
	return fresh.workspace, nil
}

// forgetInstall forgets the workspaces that are served by an installation.
func (c *Client) forgetInstall(enterprise, team string) {
	c.installs.mu.Lock()
	defer c.installs.mu.Unlock()
	maps.DeleteFunc(c.installs.known, func(key string, known *served) bool {
		return known.owner == [2]string{enterprise, team} || key == joinedKey(enterprise, team)
	})
}

// joinedKey names a workspace among several: "T1", or "E1.T1" where it belongs to
// an organisation, or "E1." for the organisation itself.
func joinedKey(enterprise, team string) string {
	if enterprise == "" {
		return team
	}
	return enterprise + "." + team
}

func parted(key string) (enterprise, team string) {
	if enterprise, team, found := strings.Cut(key, "."); found {
		return enterprise, team
	}
	return "", key
}
