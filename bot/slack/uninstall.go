package slack

import (
	"context"
	"fmt"

	"rapporteur/bot"
)

// installChange is what an event tells of an installation and of channels, besides
// what a message tells.
type installChange struct {
	// Tokens are those that tokens_revoked is about, by their users.
	Tokens struct {
		Bot []string `json:"bot"`
	} `json:"tokens"`
	// TeamIDs are the workspaces of team_access_granted and team_access_revoked.
	TeamIDs []string `json:"team_ids"`
	// OldChannel and NewChannel are those of channel_id_changed.
	OldChannel string `json:"old_channel_id"`
	NewChannel string `json:"new_channel_id"`
}

// readRevoked reads that tokens were revoked. Those of people are none of the
// bot's: it has none.
func (c *Client) readRevoked(p eventPayload) reading {
	if len(p.Event.Tokens.Bot) == 0 {
		return ignored("the token of the bot is not among those that were revoked")
	}
	return c.readUninstalled(p)
}

// readUninstalled reads that the app was removed from a workspace, or its tokens
// were. Both events come, in either order, and do the same.
func (c *Client) readUninstalled(p eventPayload) reading {
	return reading{work: func(ctx context.Context) error {
		key := p.workspace
		if c.installs == nil {
			c.pace.block(c.only.lane(), deniedPause)
		} else {
			enterprise, team, found, err := c.removed(ctx, p)
			if err != nil || !found {
				return err
			}
			if err := c.installs.Installs.DeleteInstall(ctx, enterprise, team); err != nil {
				return fmt.Errorf("delete the installation: %w", err)
			}
			c.forgetInstall(enterprise, team)
			key = joinedKey(enterprise, team)
		}
		c.notify(ctx, "uninstalled "+key, "The app was removed from the workspace "+key+" ("+p.Event.Type+"): install it again, where that was no wish.")
		return c.roomsGone(ctx, key, "the app was removed from the workspace")
	}}
}

// removed returns the installation that an event of removal is about. One on a
// whole organisation may come with the workspace of whoever removed it.
func (c *Client) removed(ctx context.Context, p eventPayload) (enterprise, team string, found bool, err error) {
	enterprise, team = parted(p.workspace)
	for _, a := range p.Authorizations {
		if a.OrgWide {
			return enterprise, "", true, nil
		}
	}
	if team == "" || len(p.Authorizations) > 0 {
		return enterprise, team, true, nil
	}
	i, found, err := c.installs.Installs.Install(ctx, enterprise, team)
	if err != nil {
		return "", "", false, fmt.Errorf("read the installation: %w", err)
	}
	if !found || i.Team != "" {
		return enterprise, team, true, nil
	}
	// That of the organisation is left. The event may be the second one about an
	// installation in the workspace alone, which is deleted already.
	t, err := c.installs.decrypt(i)
	if err != nil {
		return i.Enterprise, i.Team, true, nil //nolint:nilerr // tokens that nobody can read are no loss
	}
	_, err = c.library(tokens{Access: t.Access}, i).AuthTestContext(ctx)
	switch {
	case err == nil:
		return "", "", false, nil
	case isDenied(err):
		return i.Enterprise, i.Team, true, nil
	}
	return "", "", false, fmt.Errorf("ask whether the app was removed: %w", err)
}

// roomsGone stops what all rooms of a workspace have ordered, or of an
// organisation: its key ends in the point after which its workspaces stand.
func (c *Client) roomsGone(ctx context.Context, key, why string) error {
	if c.rooms == nil {
		return nil
	}
	return c.rooms.RoomsGone(ctx, c.roomsOf(key), why)
}

// roomsOf is what the ids of all rooms of a workspace, or of an organisation, begin
// with.
func (c *Client) roomsOf(key string) bot.Room {
	enterprise, team := parted(key)
	if c.installs == nil || (team == "" && enterprise != "") {
		return bot.Room{Platform: c.Name(), ID: key}
	}
	return c.room(key, "")
}

// withdrawn is why rooms are gone whose workspace the organisation has taken from
// the app.
const withdrawn = "the organisation took the app out of the workspace"

// readAccess reads that an organisation lets the app into workspaces, or out of
// them. docs.slack.dev/reference/events/team_access_revoked.
func (c *Client) readAccess(p eventPayload) reading {
	if c.rooms == nil || len(p.Event.TeamIDs) == 0 {
		return ignored("access to no workspace that anybody keeps")
	}
	return reading{work: func(ctx context.Context) error {
		enterprise, _ := parted(p.workspace)
		for _, team := range p.Event.TeamIDs {
			key := c.key(enterprise, team)
			switch {
			case c.installs != nil:
				c.forgetInstall(enterprise, team)
			case team != c.only.team():
				continue // rooms of the only workspace do not say which it is
			}
			var err error
			if p.Event.Type == "team_access_granted" {
				err = c.rooms.RoomsBack(ctx, c.roomsOf(key), withdrawn)
			} else {
				err = c.roomsGone(ctx, key, withdrawn)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}}
}

// readMoved reads that a channel has got another id, as where it was shared or made
// private in an organisation: what it has ordered goes with it.
// docs.slack.dev/reference/events/channel_id_changed.
func (c *Client) readMoved(p eventPayload) reading {
	from, to := p.Event.OldChannel, p.Event.NewChannel
	if c.rooms == nil || from == "" || to == "" || from == to {
		return ignored("no channel that has moved")
	}
	return reading{work: func(ctx context.Context) error {
		if err := c.rooms.RoomMoved(ctx, c.room(p.workspace, from), c.room(p.workspace, to)); err != nil {
			return fmt.Errorf("move what channel %s has ordered: %w", from, err)
		}
		return nil
	}}
}
