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
	"rapporteur/calendar"
)

// Book keeps subscriptions.
type Book interface {
	// Subscribe keeps a subscription and returns it with its number. Where the
	// room has the same one already, it returns that one and an error.
	Subscribe(ctx context.Context, sub bot.Subscription) (bot.Subscription, error)
	// Subscriptions returns what a room is subscribed to, by number.
	Subscriptions(ctx context.Context, room bot.Room) ([]bot.Subscription, error)
	// Unsubscribe ends a subscription of the room and returns it.
	Unsubscribe(ctx context.Context, room bot.Room, id int64, now time.Time) (bot.Subscription, error)
}

// Switch puts subscriptions of a room to sleep and wakes them.
type Switch interface {
	// Sleep stops a subscription until it is woken, and returns it.
	Sleep(ctx context.Context, room bot.Room, id int64, reason string, now time.Time) (bot.Subscription, error)
	// Wake wakes one that sleeps, from its next occurrence on, and returns it.
	Wake(ctx context.Context, room bot.Room, id int64, next time.Time, slot string, now time.Time) (bot.Subscription, error)
	// Restore undoes an unsubscribe that was made since a time, and returns the
	// subscription.
	Restore(ctx context.Context, room bot.Room, id int64, since time.Time) (bot.Subscription, error)
}

// History tells what became of editions.
type History interface {
	// Deliveries returns the latest deliveries of a room, newest first.
	Deliveries(ctx context.Context, room bot.Room, limit int) ([]bot.Delivery, error)
}

// Records are what the verbs need.
type Records interface {
	Book
	Switch
	Amender
	History
	Once
}

const (
	// mostPerRoom bounds what one room may order.
	mostPerRoom = 20
	// upcoming is how many fire times a confirmation shows.
	upcoming = 3
	// undoFor is for how long an unsubscribe can be undone.
	undoFor = 10 * time.Minute
)

// Verbs returns the verbs with which people subscribe a room to digests, see
// what it is subscribed to and how that does, pause it and end it. sessions may
// be nil.
func Verbs(records Records, sessions Sessions) []bot.Verb {
	return desk{book: records, sessions: sessions}.verbs()
}

func (d desk) verbs() []bot.Verb {
	verb := func(name, usage, summary string, answer bot.HandlerFunc, examples ...string) bot.Verb {
		return bot.Verb{Name: name, Usage: usage, Summary: summary, Examples: examples, Handler: answer}
	}
	manages := func(v bot.Verb) bot.Verb {
		v.Manages, v.Handler = true, once(d.book, v.Handler.Answer)
		return v
	}
	verbs := []bot.Verb{
		manages(verb(
			"subscribe", "subscribe digest WHEN TIME ZONE", "a digest in this room: daily, weekly, monthly, before sessions or by a cron expression", d.subscribe,
			"subscribe "+example,
			"subscribe digest daily 07:30 America/New_York",
			"subscribe digest monthly 31 09:00 UTC lead:30d empty:skip",
			`subscribe `+eveExample+` processes:"Global Mechanism"`,
			`subscribe digest cron "0 8 * * 1" Europe/Zurich topics:OEWG,"Global Mechanism" lang:fr quiet:22:00-07:00 grace:2h`,
		)),
		verb("subscriptions", "subscriptions", "what this room is subscribed to, and when it comes next", d.subscriptions, "subscriptions"),
		verb("status", "status", "the digests of this room: last, next, late and missed", d.status, "status"),
		manages(verb("change", "change N OPTION:VALUE", "other options for subscription N of this room; default takes one away", d.change,
			changeExample, `change 3 topics:OEWG,"Global Mechanism" lang:fr`, "change 3 quiet:default")),
		manages(verb("pause", "pause N", "stop subscription N of this room for a while", d.pause, "pause 3")),
		manages(verb("resume", "resume N", "let subscription N of this room come again", d.resume, "resume 3")),
		manages(verb("unsubscribe", "unsubscribe N", "end subscription N of this room", d.unsubscribe, "unsubscribe 3")),
		manages(verb("undo", "undo N", "take back a subscribe or unsubscribe of the last ten minutes", d.undo, "undo 3")),
	}
	return append(verbs, d.answers()...)
}

type desk struct {
	book     Records
	sessions Sessions
	calendar *calendar.Calendar // nil where nobody says which processes there are
}

// scheduleOf returns when a subscription is due.
func (d desk) scheduleOf(sub bot.Subscription, now time.Time) (*Schedule, error) {
	return scheduleOf(sub, d.sessions, now)
}

func (d desk) subscribe(ctx context.Context, m bot.Message) (bot.Reply, error) {
	request, zoned, mistake := orderOf(m)
	if mistake == nil {
		mistake = d.named(request.Options, nil, m.SentAt)
	}
	if mistake != nil {
		return bot.Say(sentence(mistake)), nil
	}
	sub := bot.Subscription{
		Room: m.Room, Kind: request.Kind, Cron: request.Cron, Zone: request.Zone, Options: request.Options,
		CreatedBy: m.Sender, CreatedAt: m.SentAt, State: bot.SubscriptionActive,
	}
	schedule, mistake := d.scheduleOf(sub, m.SentAt)
	if mistake != nil {
		return bot.Say(sentence(mistake)), nil
	}
	due, slot, ok := schedule.Next(m.SentAt)
	if ok {
		sub.Next, sub.Slot = due.UTC(), slot
	} else if !schedule.FollowsSessions() {
		return bot.Say("That is never due again; write for example subscribe " + example + "."), nil
	}
	have, err := d.book.Subscriptions(ctx, m.Room)
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	for _, old := range have {
		if old.Kind == sub.Kind && old.Cron == sub.Cron && old.Zone == sub.Zone && maps.Equal(old.Options, sub.Options) {
			return d.already(old, m.SentAt), nil
		}
	}
	if len(have) >= mostPerRoom {
		return bot.Say(fmt.Sprintf("This room has %d subscriptions, and more than that would be noise; end one with unsubscribe N first.", len(have))), nil
	}
	sub, err = d.book.Subscribe(ctx, sub)
	switch {
	case err != nil && sub.ID != 0: // somebody else in the room was faster
		return d.already(sub, m.SentAt), nil
	case err != nil:
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	opening := "Subscribed this room to #" + number(sub) + ": " + Phrase(sub)
	if zoned {
		opening += ", in your time zone, " + sub.Zone
	}
	return append(d.shown(sub, opening+".", m.SentAt), asking(sub)...), nil
}

func (d desk) already(sub bot.Subscription, now time.Time) bot.Reply {
	if sub.State != bot.SubscriptionActive {
		return bot.Reply{
			bot.Paragraph{Text: "This room has that already, but it is " + state(sub) + ": #" + number(sub) + " " + Phrase(sub) + "."},
			bot.Actions{{Label: "Resume", Command: "resume " + number(sub)}, {Label: "Unsubscribe", Command: "unsubscribe " + number(sub)}},
		}
	}
	return d.confirmation(sub, "This room is subscribed to that already, as #"+number(sub)+": "+Phrase(sub)+".", now)
}

// shown shows a subscription with the next times it is due, so that a wrong zone is
// seen before it is felt, and with what will be in it.
func (d desk) shown(sub bot.Subscription, opening string, now time.Time) bot.Reply {
	reply := append(bot.Reply{bot.Lead{Text: opening}}, d.ahead(sub, now)...)
	return append(reply, bot.Paragraph{Text: contents(sub)})
}

// confirmation is shown with what can be done about it.
func (d desk) confirmation(sub bot.Subscription, opening string, now time.Time) bot.Reply {
	return append(d.shown(sub, opening, now), bot.Actions{
		{Label: "All subscriptions of this room", Command: "subscriptions"},
		{Label: "Pause", Command: "pause " + number(sub)},
		{Label: "Unsubscribe", Command: "unsubscribe " + number(sub)},
	})
}

// ahead shows the next times a subscription is due.
func (d desk) ahead(sub bot.Subscription, now time.Time) bot.Reply {
	schedule, err := d.scheduleOf(sub, now)
	if err != nil {
		return nil
	}
	times := Times(schedule.Upcoming(now, upcoming))
	if len(times) == 0 {
		return bot.Reply{bot.Paragraph{Text: "The calendar knows no session ahead to the day; it comes before the next one that it learns of."}}
	}
	reply := bot.Reply{bot.Paragraph{Text: "It comes next on:"}, times}
	if remark := schedule.remark(); remark != "" {
		reply = append(reply, bot.Paragraph{Text: remark})
	}
	return reply
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
		d.lines(have, m.SentAt),
		bot.Paragraph{Text: "To stop one for a while, write pause and its number; to end it, unsubscribe and its number; to change it, for example change " + number(have[0]) + " lang:fr."},
	}, nil
}

func has(subs []bot.Subscription, id int64) bool {
	for _, sub := range subs {
		if sub.ID == id {
			return true
		}
	}
	return false
}

func (d desk) lines(subs []bot.Subscription, now time.Time) bot.Times {
	lines := make(bot.Times, len(subs))
	for i, sub := range subs {
		lines[i].Text = "#" + number(sub) + " " + Phrase(sub) + " — " + state(sub) + d.next(sub, now)
		if sub.State == bot.SubscriptionActive {
			lines[i].At = sub.Next
		}
	}
	return lines
}

// next says when a subscription comes next: what is stored, which the courier
// goes by.
func (d desk) next(sub bot.Subscription, now time.Time) string {
	schedule, err := d.scheduleOf(sub, now)
	switch {
	case err != nil || sub.State != bot.SubscriptionActive:
		return ""
	case sub.Next.IsZero():
		return ", next when the calendar knows a session to the day"
	}
	due := sub.Next.In(schedule.zone)
	return ", next " + Occurrence{Due: due, Slot: sub.Slot, Note: schedule.note(due, sub.Slot)}.String()
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
func fireTime(due time.Time) string {
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
