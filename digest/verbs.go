package digest

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rapporteur/bot"
)

// Book keeps subscriptions.
type Book interface {
	// Subscribe keeps a subscription and returns it with its number. Where the
	// room has the same one already, it returns that one and an error.
	Subscribe(ctx context.Context, sub bot.Subscription) (bot.Subscription, error)
	// Subscriptions returns what a room is subscribed to, by number.
	Subscriptions(ctx context.Context, room bot.Room) ([]bot.Subscription, error)
	// Unsubscribe ends a subscription of the room and returns it.
	Unsubscribe(ctx context.Context, room bot.Room, id int64) (bot.Subscription, error)
}

// mostPerRoom bounds what one room may order.
const mostPerRoom = 20

// upcoming is how many fire times a confirmation shows.
const upcoming = 3

// Verbs returns the verbs with which people subscribe a room to digests, see
// what it is subscribed to, and end that.
func Verbs(book Book) []bot.Verb {
	d := desk{book}
	return []bot.Verb{
		{
			Name: "subscribe", Usage: "subscribe digest WHEN TIME ZONE",
			Summary: "a digest in this room, daily, weekly, monthly or by a cron expression",
			Examples: []string{
				"subscribe " + example,
				"subscribe digest daily 07:30 America/New_York",
				"subscribe digest monthly 1 09:00 UTC lead:30d empty:skip",
				`subscribe digest cron "0 8 * * 1" Europe/Zurich topics:OEWG,"Global Mechanism"`,
			},
			Handler: bot.HandlerFunc(d.subscribe),
		},
		{
			Name: "subscriptions", Usage: "subscriptions",
			Summary:  "what this room is subscribed to, and when it comes next",
			Examples: []string{"subscriptions"},
			Handler:  bot.HandlerFunc(d.subscriptions),
		},
		{
			Name: "unsubscribe", Usage: "unsubscribe N",
			Summary:  "end subscription N of this room",
			Examples: []string{"unsubscribe 3"},
			Handler:  bot.HandlerFunc(d.unsubscribe),
		},
	}
}

type desk struct{ book Book }

func (d desk) subscribe(ctx context.Context, m bot.Message) (bot.Reply, error) {
	request, mistake := ParsePhrase(m.Text)
	if mistake != nil {
		return bot.Say(sentence(mistake)), nil
	}
	schedule, mistake := Parse(request.Cron, request.Zone)
	if mistake != nil {
		return bot.Say(sentence(mistake)), nil
	}
	due, slot, ok := schedule.Next(m.SentAt)
	if !ok {
		return bot.Say("That is never due again; write for example subscribe " + example + "."), nil
	}
	have, err := d.book.Subscriptions(ctx, m.Room)
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	for _, sub := range have {
		if sub.Kind == request.Kind && sub.Cron == request.Cron && sub.Zone == request.Zone && maps.Equal(sub.Options, request.Options) {
			return already(sub, m.SentAt), nil
		}
	}
	if len(have) >= mostPerRoom {
		return bot.Say(fmt.Sprintf("This room has %d subscriptions, and more than that would be noise; end one with unsubscribe N first.", len(have))), nil
	}
	sub, err := d.book.Subscribe(ctx, bot.Subscription{
		Room: m.Room, Kind: request.Kind, Cron: request.Cron, Zone: request.Zone, Options: request.Options,
		CreatedBy: m.Sender, CreatedAt: m.SentAt, Next: due.UTC(), Slot: slot, State: bot.SubscriptionActive,
	})
	switch {
	case err != nil && sub.ID != 0: // somebody else in the room was faster
		return already(sub, m.SentAt), nil
	case err != nil:
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return confirmation(sub, "Subscribed this room to #"+number(sub)+": "+Phrase(sub)+".", m.SentAt), nil
}

func already(sub bot.Subscription, now time.Time) bot.Reply {
	if sub.State != bot.SubscriptionActive {
		return bot.Reply{
			bot.Paragraph{Text: "This room has that already, but it is " + state(sub) + ": #" + number(sub) + " " + Phrase(sub) + ". To start it anew, unsubscribe it first and subscribe again."},
			bot.Actions{{Label: "Unsubscribe", Command: "unsubscribe " + number(sub)}},
		}
	}
	return confirmation(sub, "This room is subscribed to that already, as #"+number(sub)+": "+Phrase(sub)+".", now)
}

// confirmation shows a subscription with the next times it is due, so that a
// wrong zone is seen before it is felt.
func confirmation(sub bot.Subscription, opening string, now time.Time) bot.Reply {
	var times []string
	if schedule, err := Parse(sub.Cron, sub.Zone); err == nil {
		for range upcoming {
			due, slot, ok := schedule.Next(now)
			if !ok {
				break
			}
			times = append(times, fireTime(due, slot))
			now = due
		}
	}
	return bot.Reply{
		bot.Lead{Text: opening},
		bot.Paragraph{Text: "It comes next on:"},
		bot.List{Items: times},
		bot.Actions{
			{Label: "All subscriptions of this room", Command: "subscriptions"},
			{Label: "Unsubscribe", Command: "unsubscribe " + number(sub)},
		},
	}
}

func (d desk) subscriptions(ctx context.Context, m bot.Message) (bot.Reply, error) {
	have, err := d.book.Subscriptions(ctx, m.Room)
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	if len(have) == 0 {
		return bot.Say("This room has no subscriptions. To get a digest every Monday, write: subscribe " + example + "."), nil
	}
	return bot.Reply{
		bot.Lead{Text: "This room has " + bot.Count(len(have), "subscription") + "."},
		bot.List{Items: lines(have)},
		bot.Paragraph{Text: "To end one, write unsubscribe and its number."},
	}, nil
}

func (d desk) unsubscribe(ctx context.Context, m bot.Message) (bot.Reply, error) {
	have, err := d.book.Subscriptions(ctx, m.Room)
	if err != nil {
		return nil, fmt.Errorf("unsubscribe: %w", err)
	}
	if len(have) == 0 {
		return bot.Say("This room has no subscriptions, so there is nothing to end."), nil
	}
	text := strings.TrimRight(strings.TrimSpace(m.Text), ".!")
	id := numbered(text)
	switch {
	case text == "":
		return which("Say which one, for example unsubscribe "+number(have[0])+". This room has:", have), nil
	case id == 0:
		return which(quoted(text)+" is no number of a subscription; write for example unsubscribe "+number(have[0])+". This room has:", have), nil
	case !has(have, id):
		return which("This room has no subscription #"+strconv.FormatInt(id, 10)+". It has:", have), nil
	}
	sub, err := d.book.Unsubscribe(ctx, m.Room, id)
	if err != nil {
		// Two people may end the same one.
		if left, listErr := d.book.Subscriptions(ctx, m.Room); listErr == nil && !has(left, id) {
			return bot.Say("Subscription #" + strconv.FormatInt(id, 10) + " has ended already."), nil
		}
		return nil, fmt.Errorf("unsubscribe: %w", err)
	}
	return bot.Reply{
		bot.Lead{Text: "Ended #" + number(sub) + ": " + Phrase(sub) + "."},
		bot.Actions{{Label: "Subscribe again", Command: "subscribe " + Phrase(sub)}},
	}, nil
}

func which(opening string, have []bot.Subscription) bot.Reply {
	return bot.Reply{bot.Paragraph{Text: opening}, bot.List{Items: lines(have)}}
}

func has(subs []bot.Subscription, id int64) bool {
	for _, sub := range subs {
		if sub.ID == id {
			return true
		}
	}
	return false
}

func lines(subs []bot.Subscription) []string {
	lines := make([]string, len(subs))
	for i, sub := range subs {
		line := "#" + number(sub) + " " + Phrase(sub) + " — " + state(sub)
		if zone, err := loadZone(sub.Zone); err == nil && sub.State == bot.SubscriptionActive && !sub.Next.IsZero() {
			line += ", next " + fireTime(sub.Next.In(zone), sub.Slot)
		}
		lines[i] = line
	}
	return lines
}

func number(sub bot.Subscription) string { return strconv.FormatInt(sub.ID, 10) }

// numbered reads "3" and "#3"; it returns 0, which nobody has, for anything else.
func numbered(text string) int64 {
	id, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// state says in words how a subscription does.
func state(sub bot.Subscription) string {
	words := sub.State
	if sub.State == bot.SubscriptionGone {
		words = "stopped because I could not reach the room"
	}
	if sub.Reason != "" && sub.State != bot.SubscriptionActive {
		words += " (" + sub.Reason + ")"
	}
	return words
}

// fireTime writes an instant as the clocks of its zone show it and in UTC.
func fireTime(due time.Time, slot string) string {
	const layout = "Mon 2 Jan 2006, 15:04"
	_, offset := due.Zone()
	line := due.Format(layout + " MST")
	if name, _ := due.Zone(); offset != 0 || name != "UTC" {
		// Where a zone has no abbreviation, Go writes its offset instead.
		if strings.ContainsAny(name, "+-") {
			line = due.Format(layout)
		}
		line += due.Format(" (UTC-07:00)") + " = " + due.UTC().Format(layout+" UTC")
	}
	if asked, err := time.Parse(slotLayout, slot); err == nil && !asked.Equal(reading(due)) {
		line += asked.Format(" (clocks leave out 15:04 that day)")
	}
	return line
}

// sentence makes one of an error.
func sentence(err error) string {
	text := err.Error()
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}
