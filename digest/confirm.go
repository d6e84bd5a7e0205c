package digest

import (
	"context"
	"fmt"
	"strings"

	"rapporteur/bot"
)

// An order counts at once, so that nobody misses an edition because a button was
// not pressed; it is confirmed or taken back after its next times were read.

// answers returns the verbs by which an order is confirmed and taken back.
func (d desk) answers() []bot.Verb {
	return []bot.Verb{
		{
			Name: "yes", Usage: "yes [N]", Summary: "confirm the subscription that you have just ordered", Examples: []string{"yes", "yes 3"},
			Manages: true, Numbered: true, Handler: once(d.book, d.yes),
		},
		{
			Name: "no", Usage: "no [N]", Summary: "cancel the subscription that you have just ordered", Examples: []string{"no", "no 3"},
			Manages: true, Numbered: true, Handler: once(d.book, d.no),
		},
	}
}

// asking are the words and buttons below an order.
func asking(sub bot.Subscription) bot.Reply {
	n := number(sub)
	return bot.Reply{
		bot.Paragraph{Text: "It is ordered. Is it what you meant? Say yes, or no within ten minutes to cancel it."},
		bot.Actions{
			{Label: "✅ Confirm", Command: "yes " + n},
			{Label: "❌ Cancel", Command: "no " + n},
			{Label: "All subscriptions of this room", Command: "subscriptions"},
			{Label: "Pause", Command: "pause " + n},
		},
	}
}

// ordered returns the subscription that yes or no is about: the one that is named,
// or the latest that the person has ordered here in the last ten minutes.
func (d desk) ordered(ctx context.Context, m bot.Message) (sub bot.Subscription, found bool, err error) {
	have, err := d.book.Subscriptions(ctx, m.Room)
	if err != nil {
		return sub, false, fmt.Errorf("find what was ordered: %w", err)
	}
	id := numbered(strings.TrimRight(strings.TrimSpace(m.Text), ".!"))
	for _, s := range have {
		recent := !s.CreatedAt.Before(m.SentAt.Add(-undoFor))
		if s.ID == id || (id == 0 && recent && s.CreatedBy == m.Sender && s.ID > sub.ID) {
			sub, found = s, true
		}
	}
	return sub, found, nil
}

func (d desk) yes(ctx context.Context, m bot.Message) (bot.Reply, error) {
	sub, found, err := d.ordered(ctx, m)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nothingOrdered("confirm"), nil
	}
	return bot.Say("Confirmed #" + number(sub) + ": " + Phrase(sub) + " — " + state(sub) + d.next(sub, m.SentAt) + "."), nil
}

func (d desk) no(ctx context.Context, m bot.Message) (bot.Reply, error) {
	sub, found, err := d.ordered(ctx, m)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nothingOrdered("cancel"), nil
	case sub.CreatedAt.Before(m.SentAt.Add(-undoFor)):
		return bot.Say("#" + number(sub) + " was ordered more than ten minutes ago, so I leave it as it is; to end it, write: unsubscribe " + number(sub) + "."), nil
	}
	m.Text = number(sub)
	return d.unsubscribe(ctx, m)
}

func nothingOrdered(to string) bot.Reply {
	return bot.Say("There is nothing to " + to + ": no such subscription was ordered here in the last ten minutes. This room's are listed by: subscriptions.")
}
