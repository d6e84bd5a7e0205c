package handlers

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"rapporteur/bot"
)

// longestAsked is how many characters a question, a topic or a term may have: a
// page of them. What is longer is a text about the record, not a question to it,
// and would be answered by the chance of its words.
const longestAsked = 2000

// bounded hands a verb the texts that people write, and answers longer ones by
// saying what would work.
func (d *Desk) bounded(answer bot.HandlerFunc) bot.Handler {
	return bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		if n := utf8.RuneCountInString(m.Text); n > longestAsked {
			return bot.Reply{bot.Refusal{Text: fmt.Sprintf(
				"Your text has %d characters and I read at most %d: ask in a sentence or two, or begin with \"verify\" to have a long text checked against the record.", n, longestAsked)}, d.scope(m)}, nil
		}
		m.Text = valid(m.Text)
		return answer(ctx, m)
	})
}

// valid shows bytes that are no characters as such, so that a reply that repeats
// them is text.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
