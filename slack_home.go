package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/digest"
)

const (
	// mostHome is how many subscriptions the home tab lists in each of its parts.
	mostHome = 20
	// mostSavedHome is how many saved quotations it quotes.
	mostSavedHome = 5
)

// Home shows the next session, what the visitor and the visitor's channels get,
// what the visitor has saved, and how the bot does.
func (f *front) Home(ctx context.Context, v slack.Visitor) (bot.Reply, error) {
	now := f.now() // the program's day, which may be another than that of the machine
	o := f.open.Load()
	if o == nil {
		return bot.Say("I am starting; please come back in a moment."), nil
	}
	reply := bot.Reply{bot.Heading{Text: "Next session"}}
	if ahead := o.calendar.Upcoming(now, now.AddDate(1, 0, 0)); len(ahead) > 0 {
		reply = append(reply, bot.Lead{Text: o.calendar.Line(ahead[0], now)})
	} else {
		reply = append(reply, bot.Paragraph{Text: "None is known for the next twelve months."})
	}
	reply = append(reply, bot.Actions{{Label: "What is ahead", Command: "upcoming"}, {Label: "What I can do", Command: "help"}})
	subscribed, err := f.homeSubscriptions(ctx, v)
	if err != nil {
		return nil, err
	}
	saved, err := f.homeSaved(ctx, o, v, now)
	if err != nil {
		return nil, err
	}
	good, bad, err := f.db.Ratings(ctx)
	if err != nil {
		return nil, err
	}
	return append(
		slices.Concat(reply, subscribed, saved), bot.Heading{Text: "How I do"},
		bot.Paragraph{Text: fmt.Sprintf("I hold %s and %s, in state %s, and %d rows of the calendar. People called %d answers good and %d bad. This is version %s.",
			bot.Count(len(o.corpus.Documents()), "document"), bot.Count(o.corpus.Numbered(), "passage"), o.corpus.Version(), o.calendar.Rows(), good, bad, version)},
	), nil
}

// homeSubscriptions lists what the visitor has ordered, and what comes to channels
// that the visitor is in.
func (f *front) homeSubscriptions(ctx context.Context, v slack.Visitor) (bot.Reply, error) {
	subs, err := f.db.AllSubscriptions(ctx)
	if err != nil {
		return nil, err
	}
	var own, others bot.Times
	for _, sub := range subs {
		switch {
		case sub.Room == v.Direct, sub.CreatedBy == v.Person && sub.Room.Platform == v.Direct.Platform:
			own = append(own, homeLine(sub, sub.Room != v.Direct))
		case slices.Contains(v.Channels, sub.Room):
			others = append(others, homeLine(sub, true))
		}
	}
	listed := func(heading, none string, lines bot.Times) bot.Reply {
		reply := bot.Reply{bot.Heading{Text: heading}}
		if more := len(lines) - mostHome; more > 0 {
			lines = append(lines[:mostHome], bot.Moment{Text: fmt.Sprintf("and %d more", more)})
		}
		if len(lines) == 0 {
			return append(reply, bot.Paragraph{Text: none})
		}
		return append(reply, lines)
	}
	return append(listed("Your subscriptions", "You have none.", own),
		listed("Subscriptions of your channels", "No channel that you and I are in has one of somebody else's.", others)...), nil
}

// homeLine says what a subscription is and when it comes next.
func homeLine(sub bot.Subscription, elsewhere bool) bot.Moment {
	m := bot.Moment{Text: fmt.Sprintf("#%d %s", sub.ID, digest.Phrase(sub))}
	if elsewhere {
		m.Text += ", in the channel " + sub.Room.ID
	}
	if sub.State != bot.SubscriptionActive {
		m.Text += ", " + sub.State
		return m
	}
	if zone, err := time.LoadLocation(sub.Zone); err == nil && !sub.Next.IsZero() {
		m.Text += ", next " + sub.Next.In(zone).Format("Mon 2 Jan 2006, 15:04 (UTC-07:00)")
		m.At = sub.Next
	}
	return m
}

// homeSaved quotes what the visitor has saved last.
func (f *front) homeSaved(ctx context.Context, o *opened, v slack.Visitor, now time.Time) (bot.Reply, error) {
	codes, err := f.db.SavedQuotations(ctx, v.Direct.Platform, v.Person)
	if err != nil {
		return nil, err
	}
	reply := bot.Reply{bot.Heading{Text: "Saved quotations"}}
	if len(codes) == 0 {
		return append(reply, bot.Paragraph{Text: "You have none; the button below a quotation keeps it here."}), nil
	}
	for _, code := range codes[:min(len(codes), mostSavedHome)] {
		one, err := o.quotation(ctx, code, now, v.Public)
		if err != nil {
			return nil, err
		}
		for _, q := range one.Quotations() {
			reply = append(reply, q)
		}
	}
	return append(reply, bot.Actions{{Label: "All of your " + bot.Count(len(codes), "saved quotation"), Command: "saved"}}), nil
}
