package digest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
)

// chosen returns the subscription of the room that a person means, or a reply that
// says what is wrong. verb is the word for it, do says in a sentence what it does.
func (d desk) chosen(ctx context.Context, m bot.Message, verb, do string) (bot.Subscription, bot.Reply, error) {
	have, err := d.book.Subscriptions(ctx, m.Room)
	if err != nil {
		return bot.Subscription{}, nil, fmt.Errorf("%s: %w", verb, err)
	}
	if len(have) == 0 {
		return bot.Subscription{}, bot.Say("This room has no subscriptions, so there is nothing to " + do + "."), nil
	}
	text := strings.TrimRight(strings.TrimSpace(m.Text), ".!")
	id := numbered(text)
	which := func(opening string) bot.Reply {
		return bot.Reply{bot.Paragraph{Text: opening}, d.lines(have, m.SentAt)}
	}
	switch {
	case text == "":
		return bot.Subscription{}, which("Say which one, for example " + verb + " " + number(have[0]) + ". This room has:"), nil
	case id == 0:
		return bot.Subscription{}, which(quoted(text) + " is no number of a subscription; write for example " + verb + " " + number(have[0]) + ". This room has:"), nil
	case !has(have, id):
		return bot.Subscription{}, which("This room has no subscription #" + strconv.FormatInt(id, 10) + ". It has:"), nil
	}
	for _, sub := range have {
		if sub.ID == id {
			return sub, nil, nil
		}
	}
	return bot.Subscription{}, nil, fmt.Errorf("%s: subscription %d is gone", verb, id)
}

func (d desk) pause(ctx context.Context, m bot.Message) (bot.Reply, error) {
	sub, reply, err := d.chosen(ctx, m, "pause", "pause")
	if reply != nil || err != nil {
		return reply, err
	}
	resume := bot.Actions{{Label: "Resume", Command: "resume " + number(sub)}}
	if sub.State == bot.SubscriptionPaused {
		return bot.Reply{bot.Paragraph{Text: "#" + number(sub) + " is " + state(sub) + " already."}, resume}, nil
	}
	sub, err = d.book.Sleep(ctx, m.Room, sub.ID, "since "+m.SentAt.UTC().Format("2 January 2006, 15:04 UTC"), m.SentAt)
	if err != nil {
		return nil, fmt.Errorf("pause: %w", err)
	}
	return bot.Reply{
		bot.Lead{Text: "Paused #" + number(sub) + ": " + Phrase(sub) + "."},
		bot.Paragraph{Text: "Nothing of it comes until somebody resumes it, and what falls due meanwhile is left out."},
		resume,
	}, nil
}

func (d desk) resume(ctx context.Context, m bot.Message) (bot.Reply, error) {
	sub, reply, err := d.chosen(ctx, m, "resume", "resume")
	if reply != nil || err != nil {
		return reply, err
	}
	if sub.State == bot.SubscriptionActive {
		return d.confirmation(sub, "#"+number(sub)+" is active already: "+Phrase(sub)+".", m.SentAt), nil
	}
	schedule, mistake := d.scheduleOf(sub, m.SentAt)
	if mistake != nil {
		return bot.Say("#" + number(sub) + " cannot be resumed. " + sentence(mistake)), nil
	}
	due, slot, ok := schedule.Next(m.SentAt)
	switch {
	case !ok && !schedule.FollowsSessions():
		return bot.Say("#" + number(sub) + " cannot be resumed, for it is never due again; subscribe to something else, for example " + example + "."), nil
	case !ok:
		due, slot = time.Time{}, ""
	default:
		due = due.UTC()
	}
	sub, err = d.book.Wake(ctx, m.Room, sub.ID, due, slot, m.SentAt)
	if err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	return d.confirmation(sub, "Resumed #"+number(sub)+": "+Phrase(sub)+".", m.SentAt), nil
}

func (d desk) unsubscribe(ctx context.Context, m bot.Message) (bot.Reply, error) {
	sub, reply, err := d.chosen(ctx, m, "unsubscribe", "end")
	if reply != nil || err != nil {
		return reply, err
	}
	ended, err := d.book.Unsubscribe(ctx, m.Room, sub.ID, m.SentAt)
	if err != nil {
		// Two people may end the same one.
		if left, listErr := d.book.Subscriptions(ctx, m.Room); listErr == nil && !has(left, sub.ID) {
			return bot.Say("Subscription #" + number(sub) + " has ended already."), nil
		}
		return nil, fmt.Errorf("unsubscribe: %w", err)
	}
	return bot.Reply{
		bot.Lead{Text: "Ended #" + number(ended) + ": " + Phrase(ended) + "."},
		bot.Paragraph{Text: "For ten minutes that can be undone."},
		bot.Actions{{Label: "Undo", Command: "undo " + number(ended)}},
	}, nil
}

func (d desk) undo(ctx context.Context, m bot.Message) (bot.Reply, error) {
	id := numbered(strings.TrimRight(strings.TrimSpace(m.Text), ".!"))
	if id == 0 {
		return bot.Say("Say the number of the subscription that was ended, for example undo 3."), nil
	}
	sub, err := d.book.Restore(ctx, m.Room, id, m.SentAt.Add(-undoFor))
	if err == nil {
		return d.confirmation(sub, "#"+number(sub)+" is back: "+Phrase(sub)+".", m.SentAt), nil
	}
	have, listErr := d.book.Subscriptions(ctx, m.Room)
	switch {
	case listErr != nil:
		return nil, fmt.Errorf("undo: %w", listErr)
	case has(have, id):
		for _, sub := range have {
			if sub.ID == id && !sub.CreatedAt.Before(m.SentAt.Add(-undoFor)) {
				m.Text = number(sub)
				return d.unsubscribe(ctx, m) // the order itself is what is undone
			}
		}
		return bot.Say("#" + strconv.FormatInt(id, 10) + " was not ended; this room has it."), nil
	}
	return bot.Say("There is nothing to undo: in the last ten minutes no subscription #" + strconv.FormatInt(id, 10) + " was ended in this room, or it was ordered anew since. To order one, write for example subscribe " + example + "."), nil
}
