package digest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"rapporteur/bot"
)

// Amender changes what a room has ordered.
type Amender interface {
	// Change gives a subscription of the room, as it was read, other options, and
	// another next occurrence unless it has moved on since. Where the room has the
	// same one already, it returns that one and an error.
	Change(ctx context.Context, was, to bot.Subscription) (bot.Subscription, error)
}

const (
	// theDefault stands for an option that is not said any more.
	theDefault    = "default"
	changeExample = "change 3 succession:no"
)

// change gives a subscription other options; what is not named stays as it was.
func (d desk) change(ctx context.Context, m bot.Message) (bot.Reply, error) {
	words, err := split(m.Text, unicode.IsSpace)
	if err != nil {
		return bot.Say(sentence(err)), nil
	}
	which := m
	which.Text = strings.Join(words[:min(1, len(words))], "")
	sub, reply, err := d.chosen(ctx, which, "change", "change")
	if reply != nil || err != nil {
		return reply, err
	}
	if order, wants := retimed(sub, words[1:]); wants {
		return bot.Say("A subscription keeps its times and its zone; change gives it other options. For other times, write unsubscribe " + number(sub) + ", and then: subscribe " + order), nil
	}
	options, back, mistake := changed(sub.Options, words[1:])
	if mistake == nil {
		mistake = d.named(options, sub.Options, m.SentAt)
	}
	switch {
	case mistake != nil:
		return bot.Say(sentence(mistake)), nil
	case len(words) == 1:
		return bot.Say("Say what to change, for example change " + number(sub) + " succession:no; " + knownOptions + ". An option with the value default is as if nobody had said it."), nil
	case maps.Equal(options, sub.Options):
		return d.confirmation(sub, "That is so already: #"+number(sub)+" "+Phrase(sub)+".", m.SentAt), nil
	}
	to := sub
	to.Options, to.Broken = options, ""
	schedule, mistake := d.scheduleOf(to, m.SentAt)
	if mistake != nil {
		return bot.Say(sentence(mistake)), nil
	}
	to.Next, to.Slot = d.nextOf(sub, schedule, m.SentAt)
	now, err := d.book.Change(ctx, sub, to)
	switch {
	case err != nil && now.ID != 0 && now.ID != sub.ID:
		return bot.Say("This room has that already, as #" + number(now) + ": " + Phrase(now) + "."), nil
	case err != nil:
		return nil, fmt.Errorf("change: %w", err)
	}
	return append(d.confirmation(now, "Changed #"+number(now)+": "+Phrase(now)+".", m.SentAt),
		bot.Actions{{Label: "Undo", Command: "change " + number(now) + " " + back}}), nil
}

// retimed returns the order that a person means who names another time or zone for a
// subscription; false where the words name neither.
func retimed(sub bot.Subscription, words []string) (order string, wants bool) {
	if len(words) == 0 {
		return "", false
	}
	if strings.EqualFold(words[0], Kind) {
		words = words[1:]
	}
	have := Request{Kind: sub.Kind, Cron: sub.Cron, Zone: sub.Zone, Options: sub.Options}
	for _, word := range words {
		key, value, _ := strings.Cut(word, ":")
		if key = strings.ToLower(key); key == "zone" || key == "tz" || key == "timezone" {
			if zone, err := findZone(unquoted(value)); err == nil {
				have.Zone = zone
			}
			return have.String(), true
		}
	}
	if len(words) == 0 || rhythms()[strings.ToLower(words[0])] == nil {
		return "", false
	}
	request, err := (&phrase{senderZone: sub.Zone}).parse(strings.Join(words, " "))
	if err != nil {
		request = have // as an example
	}
	to := maps.Clone(sub.Options)
	if to == nil {
		to = map[string]string{}
	}
	maps.Copy(to, request.Options)
	request.Options = to
	return request.String(), true
}

// changed returns options with what the words say instead, and the words that
// take it back.
func changed(have map[string]string, words []string) (to map[string]string, back string, err error) {
	to = maps.Clone(have)
	if to == nil {
		to = map[string]string{}
	}
	was := map[string]string{}
	var undo, rest []string
	for _, word := range words {
		key, value, _ := strings.Cut(word, ":")
		key = strings.ToLower(key)
		if !slices.ContainsFunc(options(), func(o option) bool { return o.key == key }) || !strings.EqualFold(unquoted(value), theDefault) {
			rest = append(rest, word)
			continue
		}
		undo = keepOld(undo, was, have, key)
		delete(to, key)
	}
	said, err := (&phrase{words: rest}).options()
	if err != nil {
		return nil, "", err
	}
	for _, key := range slices.Sorted(maps.Keys(said)) {
		undo = keepOld(undo, was, have, key)
		to[key] = said[key]
	}
	return to, strings.Join(append(undo, writeOptions(was)...), " "), nil
}

// keepOld notes what an option was: in was, or, where nobody had said it, among
// the words that make it so again.
func keepOld(undo []string, was, options map[string]string, key string) []string {
	if old, said := options[key]; said {
		was[key] = old
		return undo
	}
	return append(undo, key+":"+theDefault)
}

// nextOf returns what is next of a subscription under another schedule of the same
// readings: the same reading as before, which is neither sent twice nor left out
// because the quiet hours are others. What is due already stays due.
func (d desk) nextOf(sub bot.Subscription, to *Schedule, now time.Time) (next time.Time, slot string) {
	if !sub.Next.IsZero() && !sub.Next.After(now) {
		return sub.Next, sub.Slot
	}
	if from, err := d.scheduleOf(sub, now); err == nil && !sub.Next.IsZero() {
		if due, slot, ok := from.instead(to, sub.Slot); ok {
			return due.UTC(), slot
		}
	}
	if due, slot, ok := to.Next(now); ok {
		return due.UTC(), slot
	}
	return sub.Next, sub.Slot
}
