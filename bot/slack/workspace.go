package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// workspace is the bot in one workspace: its token and who it is there.
type workspace struct {
	api *slackgo.Client

	self       atomic.Pointer[identity]
	identified sync.Mutex
}

// identity is who the bot is in a workspace.
type identity struct{ userID, botID, teamID string }

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
	self := &identity{userID: answer.UserID, botID: answer.BotID, teamID: answer.TeamID}
	w.self.Store(self)
	return self, nil
}

// place returns the workspace of a room and the room's channel there.
func (c *Client) place(_ context.Context, room bot.Room) (*workspace, string, error) {
	if room.Platform != c.Name() {
		return nil, "", postError(refused, 0, fmt.Errorf("room %s is not in Slack", room))
	}
	return c.only, room.ID, nil
}

// room is a channel as a room.
func (c *Client) room(channel string) bot.Room { return bot.Room{Platform: c.Name(), ID: channel} }

// lane is the lane of all calls with the workspace's token.
func (w *workspace) lane() string {
	if self := w.self.Load(); self != nil {
		return "workspace " + self.teamID
	}
	return "workspace"
}
