package handlers

import (
	"context"
	"strings"

	"rapporteur/bot"
)

// quote returns what was said on a topic, at most three sentences.
func (d *Desk) quote(_ context.Context, m bot.Message) (bot.Reply, error) {
	topic := strings.TrimSpace(m.Text)
	if topic == "" {
		return bot.Say("Name a topic, for example: quote digital gap"), nil
	}
	found := d.search.Quotes(topic, 3)
	if len(found.Quotations) == 0 {
		return d.refuse(m, found.Why, found.Nearest), nil
	}
	return append(quotations(found.Quotations), d.scope(m)), nil
}
