package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"rapporteur/bot"
)

// everyone stands for all members of the workspace, guests left out.
const everyone = "everyone"

// Permit returns a handler that refuses what changes a room to those who may not
// order it. In a direct conversation everybody may.
func (c *Client) Permit(parse func(text string) bot.Verb, next bot.Handler) bot.Handler {
	return bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		verb := parse(m.Text)
		if m.Room.Platform != c.Name() || !verb.Manages {
			return next.Answer(ctx, m)
		}
		if _, channel, err := c.place(ctx, m.Room); err == nil && strings.HasPrefix(channel, "D") {
			return next.Answer(ctx, m)
		}
		managers, err := c.managersOf(ctx, m.Room)
		if err != nil {
			return nil, err
		}
		if ok, who := c.May(ctx, m, managers); !ok {
			return bot.Reply{bot.Refusal{Text: "You may not use " + verb.Name + " in this channel. " + who + ". In a direct message to me you may order whatever you like for yourself."}}, nil
		}
		return next.Answer(ctx, m)
	})
}

// Wardens keeps who may order digests in single rooms.
type Wardens interface {
	// Managers returns who may order digests in a room, as [Options.Managers] names
	// them; nobody where that is not said for the room.
	Managers(ctx context.Context, room bot.Room) ([]string, error)
}

// managersOf returns who may order digests in a room.
func (c *Client) managersOf(ctx context.Context, room bot.Room) ([]string, error) {
	if c.wardens != nil {
		own, err := c.wardens.Managers(ctx, room)
		if err != nil || len(own) > 0 {
			return own, err
		}
	}
	return c.managers, nil
}

// groupAge is how long the members of a user group are remembered.
const groupAge = 5 * time.Minute

// groups remembers who is in which user group.
type groups struct {
	mu    sync.Mutex
	known map[string]group
}

type group struct {
	members []string
	read    time.Time
}

// May says whether the sender of m may order digests for its room, and where not,
// who may, in words. allowed are users, user groups (by their ids) and
// "everyone"; nobody named means everyone. Guests and people of other
// organisations may only where they are named.
func (c *Client) May(ctx context.Context, m bot.Message, allowed []string) (ok bool, who string) {
	who = "Members of this workspace may, and guests may not"
	if len(allowed) == 0 {
		allowed = []string{everyone}
	}
	workspace := c.keyOf(m.Room)
	var named []string
	for _, a := range allowed {
		switch {
		case a == m.Sender:
			return true, ""
		case a == everyone:
			if !c.people.about(ctx, c, workspace, m.Sender).outsider {
				return true, ""
			}
		case strings.HasPrefix(a, "S"):
			if slices.Contains(c.members(ctx, workspace, a), m.Sender) {
				return true, ""
			}
			named = append(named, "the user group "+a)
		default:
			named = append(named, either(c.people.about(ctx, c, workspace, a).name, a))
		}
	}
	if len(named) > 0 {
		who = "These may: " + strings.Join(named, ", ")
	}
	return false, who
}

// members returns who is in a user group; nobody where Slack does not say it.
func (c *Client) members(ctx context.Context, workspace, id string) []string {
	key, now := workspace+" "+id, c.now()
	c.groups.mu.Lock()
	found, known := c.groups.known[key]
	c.groups.mu.Unlock()
	if known && now.Sub(found.read) < groupAge {
		return found.members
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	w, err := c.workspaceFor(ctx, workspace)
	var members []string
	if err == nil {
		members, err = w.api.GetUserGroupMembersContext(ctx, id)
	}
	if err != nil {
		c.notifyIn(ctx, w, "user group", fmt.Sprintf("I cannot read who is in the user group %s, so nobody is: %v", id, err))
		return found.members
	}
	c.groups.mu.Lock()
	defer c.groups.mu.Unlock()
	if c.groups.known == nil {
		c.groups.known = map[string]group{}
	}
	c.groups.known[key] = group{members, now}
	return members
}
