package matrix

import (
	"context"
	"errors"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

const (
	// zoneAge is how long a person's zone is believed, and noZoneAge how long nobody
	// is asked again for one that could not be found out.
	zoneAge   = 6 * time.Hour
	noZoneAge = 10 * time.Minute
	// mostPeople bounds whose zones are remembered.
	mostPeople = 10_000
	// profileLimit bounds asking for what an answer can do without: the profiles of people
	// on other homeservers come from there.
	profileLimit = 3 * time.Second
	// zoneField is where a profile says in which time zone its owner is.
	// spec.matrix.org/v1.16/client-server-api/#profiles.
	zoneField = "m.tz"
)

// zones remembers in which time zones people are.
type zones struct {
	mu    sync.Mutex
	known map[id.UserID]zoned
}

// zoned is somebody's zone, empty for none, and until when that is believed.
type zoned struct {
	zone  string
	until time.Time
}

var _ bot.Completer = (*Client)(nil)

// Complete adds what can be found out about a message: the time zone of its sender,
// and whether its first wording was an order. It implements [bot.Completer].
func (c *Client) Complete(ctx context.Context, m bot.Message) bot.Message {
	m = c.ordered(ctx, m)
	if m.Sender != "" {
		m.Zone = c.zoneOf(ctx, id.UserID(m.Sender))
	}
	return m
}

// zoneOf returns the time zone that a person's profile names; empty where it names
// none, or cannot be read now.
func (c *Client) zoneOf(ctx context.Context, user id.UserID) string {
	now := time.Now()
	c.zones.mu.Lock()
	found, known := c.zones.known[user]
	c.zones.mu.Unlock()
	if known && now.Before(found.until) {
		return found.zone
	}
	zone, err := c.askZone(ctx, user)
	age := zoneAge
	if err != nil {
		c.log.InfoContext(ctx, "matrix does not say in which time zone a person is", "error", err)
		zone, age = found.zone, noZoneAge
	}
	c.zones.mu.Lock()
	defer c.zones.mu.Unlock()
	if c.zones.known == nil || len(c.zones.known) >= mostPeople {
		c.zones.known = map[id.UserID]zoned{} // they are asked for again
	}
	c.zones.known[user] = zoned{zone, now.Add(age)}
	return zone
}

// askZone asks the homeserver for a person's time zone; empty where the profile, or
// the homeserver, knows none.
func (c *Client) askZone(ctx context.Context, user id.UserID) (string, error) {
	cli, err := c.session(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(mautrix.WithMaxRetries(ctx, 0), profileLimit)
	defer cancel()
	var fields map[string]any
	err = cli.GetProfileField(ctx, user, zoneField, &fields)
	switch s := status(err); {
	case errors.Is(err, mautrix.MNotFound), errors.Is(err, mautrix.MForbidden), s >= 400 && s < 500 && s != 429:
		return "", nil
	case err != nil:
		return "", err
	}
	zone, _ := fields[zoneField].(string)
	return zone, nil
}
