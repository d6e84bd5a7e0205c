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
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
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
	// has it.
	LeaseInstall(ctx context.Context, enterprise, team string, now, until time.Time) (bool, error)
}

// States keeps what was given to a browser that is on its way to Slack and back.
type States interface {
	// PutState keeps a state until a time.
	PutState(ctx context.Context, state string, until time.Time) error
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
}

// installed are the workspaces that the bot serves.
type installed struct {
	OAuth
	seal cipher.AEAD

	mu    sync.Mutex
	known map[string]*served
}

// served is a workspace with the end of its token.
type served struct {
	*workspace
	expires time.Time
	read    time.Time
}

const (
	// installAge is how long an installation is used before it is read again:
	// another replica may have exchanged its tokens.
	installAge = time.Minute
	// refreshAhead is how long before its end a token is exchanged: a fifth of the
	// twelve hours that it lives.
	refreshAhead = 12 * time.Hour / 5
	refreshLease = 30 * time.Second
)

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
	return &installed{OAuth: o, seal: seal, known: map[string]*served{}}, nil
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
	if known != nil && now.Sub(known.read) < installAge && (known.expires.IsZero() || now.Before(known.expires.Add(-refreshAhead))) {
		return known.workspace, nil
	}
	enterprise, team := parted(key)
	i, found, err := s.Installs.Install(ctx, enterprise, team)
	if err != nil {
		return nil, fmt.Errorf("read the installation in %s: %w", key, err)
	}
	if !found {
		c.forgetInstall(key)
		return nil, errNotInstalled
	}
	if !i.Expires.IsZero() && now.After(i.Expires.Add(-refreshAhead)) {
		if i, err = c.refresh(ctx, i); err != nil {
			return nil, err
		}
	}
	t, err := s.decrypt(i)
	if err != nil {
		return nil, err
	}
	fresh := &served{workspace: &workspace{api: c.library(t.Access)}, expires: i.Expires, read: now}
	fresh.self.Store(&identity{userID: i.BotUser, teamID: either(team, enterprise)})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[key] = fresh
	return fresh.workspace, nil
}

// library is slack-go with a token.
func (c *Client) library(token string) *slackgo.Client {
	return slackgo.New(token, slackgo.OptionAPIURL(c.base), slackgo.OptionHTTPClient(c.http), slackgo.OptionLog(libraryLog{c.log}))
}

// refresh exchanges the tokens of an installation. One replica does it at a time,
// for the old refresh token works once; the others take what it has kept.
func (c *Client) refresh(ctx context.Context, i Install) (Install, error) {
	s := c.installs
	for {
		now := c.now()
		mine, err := s.Leases.LeaseInstall(ctx, i.Enterprise, i.Team, now, now.Add(refreshLease))
		if err != nil {
			return i, fmt.Errorf("lease the installation: %w", err)
		}
		again, found, err := s.Installs.Install(ctx, i.Enterprise, i.Team)
		switch {
		case err != nil:
			return i, fmt.Errorf("read the installation: %w", err)
		case !found:
			return i, errNotInstalled
		case !again.Expires.Equal(i.Expires):
			return again, nil // somebody was faster
		case mine:
			return c.exchange(ctx, i)
		case now.Before(i.Expires):
			return i, nil // somebody is at it, and this one is good still
		}
		if err := rest(ctx, c.stop, time.Second); err != nil {
			return i, err
		}
	}
}

// exchange exchanges the tokens. What Slack gives is kept before it is used.
func (c *Client) exchange(ctx context.Context, i Install) (Install, error) {
	t, err := c.installs.decrypt(i)
	if err != nil {
		return i, err
	}
	answer, err := slackgo.RefreshOAuthV2TokenContext(ctx, c.http, c.installs.ClientID, c.installs.ClientSecret, t.Refresh, slackgo.OAuthOptionAPIURL(c.base))
	if err != nil {
		// A token that was exchanged and lost cannot be exchanged again.
		if code, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok && (code.Err == "invalid_refresh_token" || code.Err == "token_revoked") {
			c.notify(ctx, "install "+i.Team, "The tokens for the workspace "+either(i.Team, i.Enterprise)+" are lost: install the app there again.")
			c.pace.block("install "+i.Enterprise+"."+i.Team, deniedPause)
		}
		return i, postError(unknown, deniedPause, fmt.Errorf("exchange tokens: %w", err))
	}
	return c.keep(ctx, answer, i)
}

// keep keeps what Slack has granted. before is what is kept already, for answers
// that do not name the workspace.
func (c *Client) keep(ctx context.Context, answer *slackgo.OAuthV2Response, before Install) (Install, error) {
	i := Install{Enterprise: either(answer.Enterprise.ID, before.Enterprise), Team: either(answer.Team.ID, before.Team), BotUser: either(answer.BotUserID, before.BotUser)}
	if answer.IsEnterpriseInstall {
		i.Team = ""
	}
	if answer.AccessToken == "" || (i.Team == "" && i.Enterprise == "") {
		return before, errors.New("slack granted no token, or for nobody")
	}
	now := c.now()
	if answer.ExpiresIn > 0 {
		i.Expires = now.Add(time.Duration(answer.ExpiresIn) * time.Second)
	}
	var err error
	if i.Sealed, err = c.installs.encrypt(tokens{answer.AccessToken, answer.RefreshToken}, i.Enterprise, i.Team); err != nil {
		return before, err
	}
	if err := c.installs.Installs.PutInstall(ctx, i, now); err != nil {
		c.notify(ctx, "install "+i.Team, "The new tokens for a workspace could not be kept: install the app there again.")
		return before, fmt.Errorf("keep the installation: %w", err)
	}
	c.forgetInstall(joinedKey(i.Enterprise, i.Team))
	return i, nil
}

func (c *Client) forgetInstall(key string) {
	c.installs.mu.Lock()
	defer c.installs.mu.Unlock()
	delete(c.installs.known, key)
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

// readUninstalled reads that the app was removed from a workspace, or its tokens
// were. Both events come, in either order, and do the same.
func (c *Client) readUninstalled(p eventPayload) reading {
	room := c.room(p.workspace, "")
	return reading{work: func(ctx context.Context) error {
		if c.installs != nil {
			enterprise, team := parted(p.workspace)
			if err := c.installs.Installs.DeleteInstall(ctx, enterprise, team); err != nil {
				return fmt.Errorf("delete the installation: %w", err)
			}
			c.forgetInstall(p.workspace)
		} else {
			c.pace.block(c.only.lane(), deniedPause)
		}
		c.notify(ctx, "uninstalled "+p.workspace, "The app was removed from the workspace "+p.workspace+" ("+p.Event.Type+"): install it again, where that was no wish.")
		if c.rooms == nil {
			return nil
		}
		return c.rooms.RoomsGone(ctx, bot.Room{Platform: c.Name(), ID: room.ID}, "the app was removed from the workspace")
	}}
}
