package slack

import (
	"context"
	"strings"

	"rapporteur/bot"
)

// named returns a message under the identity under which it came first, and
// whether that is another one than its own now: Slack tells of one gesture in
// several ways (platform-contracts §1.2).
//
// A channel that several workspaces share has one id, and a message in it one
// timestamp: each workspace that has the app tells of it. It belongs to the one
// that told first.
func (c *Client) named(ctx context.Context, r reading) (m bot.Message, known bool, err error) {
	m = r.message
	if !r.shared {
		if r.name == "" {
			return m, false, nil
		}
		id, err := c.names.Named(ctx, m.Room, r.name, m.ID, c.now())
		known, m.ID = id != m.ID, id
		return m, known, err
	}
	_, channel, _ := strings.Cut(m.Room.ID, "/")
	room, own := bot.Room{Platform: c.Name(), ID: channel}, m.Room.ID+" "+m.ID
	first := own
	for _, name := range []string{"ts " + m.ID, r.name} {
		if name == "" {
			continue
		}
		if first, err = c.names.Named(ctx, room, name, first, c.now()); err != nil {
			return m, false, err
		}
	}
	m.Room.ID, m.ID, _ = strings.Cut(first, " ")
	return m, first != own, nil
}
