package digest

import (
	"context"
	"strings"
	"time"

	"rapporteur/bot"
)

// Confidant is a [Poster] that knows where to reach one person alone. Where a
// platform is none, the person's own name is taken for a room, which Slack does.
type Confidant interface {
	// Direct returns the room in which the person and the bot are alone. like is
	// a room of the same workspace or server.
	Direct(ctx context.Context, person string, like bot.Room) (bot.Room, error)
}

const (
	// tellAtOnce is how many owners are told in one round.
	tellAtOnce = 20
	// tellFor is for how long it is tried.
	tellFor = 24 * time.Hour
)

// tell tells the owners of subscriptions that stand still because their rooms are
// gone or their editions fail, once each.
func (c *Courier) tell(ctx context.Context) {
	for _, l := range c.lanes {
		if !serves(c.Serves, l.platform) {
			continue
		}
		now := c.Now()
		subs, doubtful, err := c.Ledger.Untold(ctx, l.platform, now, c.Lease, tellAtOnce)
		if err != nil {
			if ctx.Err() == nil {
				c.Log.ErrorContext(ctx, "look for owners to tell", "error", err)
			}
			continue
		}
		if len(subs) == 0 {
			continue
		}
		c.work.Go(func() {
			work, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Lease*3/4)
			defer cancel()
			for _, sub := range subs {
				c.tellOwner(work, l.poster, sub, doubtful)
			}
		})
	}
}

// tellOwner tells one owner. What fails for good, or for a day, is left to the
// log and to the verb status.
func (c *Courier) tellOwner(ctx context.Context, poster Poster, sub bot.Subscription, doubtful bool) {
	log := c.Log.With("subscription", sub.ID, "room", sub.Room.String(), "owner", sub.CreatedBy)
	room := bot.Room{Platform: sub.Room.Platform, ID: sub.CreatedBy}
	if confidant, is := poster.(Confidant); is {
		var err error
		if room, err = confidant.Direct(ctx, sub.CreatedBy, sub.Room); err != nil {
			log.WarnContext(ctx, "owner of a subscription cannot be reached yet", "error", err)
			c.giveUpTelling(ctx, sub)
			return
		}
	}
	_, err := post(ctx, poster, bot.Post{
		Room: room, Key: bot.DeliveryKey(sub.ID, "gone "+sub.StateAt.UTC().Format(time.RFC3339)), Purpose: bot.ForNotice,
		Doubtful: doubtful, Since: sub.StateAt,
		Reply: bot.Reply{bot.Paragraph{Text: standstill(sub)}},
	})
	switch outcome, _ := bot.OutcomeOf(err); {
	case err == nil:
		log.InfoContext(ctx, "owner told that a subscription stands still")
	case outcome == bot.Refused || outcome == bot.Gone:
		log.WarnContext(ctx, "owner of a subscription cannot be told", "error", err)
	default:
		log.WarnContext(ctx, "owner of a subscription not told yet", "error", err)
		c.giveUpTelling(ctx, sub)
		return
	}
	c.told(ctx, sub)
}

// standstill says why a subscription stands still, and what ends that.
func standstill(sub bot.Subscription) string {
	what := "subscription #" + number(sub) + ", " + Phrase(sub) + ". "
	if sub.State == bot.SubscriptionPaused {
		return "I have paused, in the room " + sub.Room.ID + ", its " + what + "The reason: " + strings.TrimSuffix(sub.Reason, ".") + ". Once that is mended, write there: resume " + number(sub)
	}
	return "I could not reach the room " + sub.Room.ID + " any more (" + sub.Reason + "), so I have paused its " + what + "Once I am back in that room, write there: resume " + number(sub)
}

// giveUpTelling ends what has been tried for a day.
func (c *Courier) giveUpTelling(ctx context.Context, sub bot.Subscription) {
	if c.Now().Sub(sub.StateAt) > tellFor {
		c.told(ctx, sub)
	}
}

func (c *Courier) told(ctx context.Context, sub bot.Subscription) {
	if err := c.Ledger.Told(ctx, sub.ID); err != nil {
		c.Log.ErrorContext(ctx, "write down that an owner was told", "subscription", sub.ID, "error", err)
	}
}
