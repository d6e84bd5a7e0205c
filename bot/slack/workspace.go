package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// workspace is the bot in one workspace: its token and who it is there.
type workspace struct {
	api *slackgo.Client
	// key names it among several; empty where the bot serves one.
	key string

	self       atomic.Pointer[identity]
	identified sync.Mutex
	// lacks is set where the app may not react to messages.
	lacks atomic.Bool
	// plain is set where Slack does not know the blocks that ask for feedback.
	plain atomic.Bool
	// streamless is set where Slack takes no streams.
	streamless atomic.Bool
	// fileless is set where the app may not attach files.
	fileless atomic.Bool
}

// identity is who the bot is in a workspace.
// enterpriseID is the organisation that the workspace belongs to; empty for none.
type identity struct{ userID, botID, teamID, enterpriseID string }

// identify returns who the bot is. It asks Slack once.
func (w *workspace) identify(ctx context.Context) (*identity, error) {
	w.identified.Lock()
	defer w.identified.Unlock()
	if self := w.self.Load(); self != nil {
		return self, nil
	}
	answer, err := w.api.AuthTestContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth.test: %w", err)
	}
	if answer.UserID == "" {
		return nil, errors.New("auth.test: slack answered without a user")
	}
	self := &identity{userID: answer.UserID, botID: answer.BotID, teamID: answer.TeamID, enterpriseID: answer.EnterpriseID}
	w.self.Store(self)
	return self, nil
}

// team is the workspace's id; empty as long as Slack has not said it.
func (w *workspace) team() string {
	if self := w.self.Load(); self != nil {
		return self.teamID
	}
	return ""
}

// key names a workspace among several; it is empty where the bot serves one.
func (c *Client) key(enterprise, team string) string {
	if c.installs == nil {
		return ""
	}
	return joinedKey(enterprise, team)
}

// keyOf returns the workspace of a room.
func (c *Client) keyOf(room bot.Room) string {
	if c.installs == nil {
		return ""
	}
	key, _, _ := strings.Cut(room.ID, "/")
	return key
}

// workspaceFor returns a workspace by its key.
func (c *Client) workspaceFor(ctx context.Context, key string) (*workspace, error) {
	if c.installs == nil {
		return c.only, nil
	}
	return c.installation(ctx, key)
}

// homeOf returns who the bot is in a workspace, as far as it is known.
func (c *Client) homeOf(key string) *identity {
	if c.installs == nil {
		return c.only.self.Load()
	}
	enterprise, team := parted(key)
	return &identity{teamID: team, enterpriseID: enterprise}
}

// place returns the workspace of a room and the room's channel there.
func (c *Client) place(ctx context.Context, room bot.Room) (*workspace, string, error) {
	if room.Platform != c.Name() {
		return nil, "", postError(refused, 0, fmt.Errorf("room %s is not in Slack", room))
	}
	w, err := c.workspaceFor(ctx, c.keyOf(room))
	switch _, known := errors.AsType[*bot.PostError](err); {
	case errors.Is(err, errNotInstalled):
		return nil, "", postError(gone, 0, err)
	case err != nil && !known:
		return nil, "", postError(notSent, time.Minute, err)
	case err != nil:
		return nil, "", err
	}
	channel := room.ID
	if c.installs != nil {
		_, channel, _ = strings.Cut(room.ID, "/")
	}
	return w, channel, nil
}

// room is a channel as a room: with its workspace, where there are several.
func (c *Client) room(key, channel string) bot.Room {
	if c.installs != nil {
		channel = key + "/" + channel
	}
	return bot.Room{Platform: c.Name(), ID: channel}
}

// lane is the lane of all calls with the workspace's token.
func (w *workspace) lane() string { return laneOf(w.team()) }

func laneOf(team string) string { return strings.TrimSpace("workspace " + team) }
