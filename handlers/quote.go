package handlers

import (
	"context"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/corpus"
)

// mostQuotes is how many quotations answer at once.
const mostQuotes = 3

// quote returns what was said on a topic, at most three sentences; or the
// quotation of a code, "quote Q-7F3A2C".
func (d *Desk) quote(ctx context.Context, m bot.Message) (bot.Reply, error) {
	topic := strings.TrimSpace(m.Text)
	if topic == "" {
		return bot.Say("Name a topic, for example: quote digital gap"), nil
	}
	if isCode(topic) {
		return d.code(ctx, m)
	}
	return d.asOf(ctx, m, d.onTopic)
}

// onTopic quotes what was said on the topic that m names.
func (d *Desk) onTopic(_ context.Context, m bot.Message) (bot.Reply, error) {
	found := d.search.Quotes(strings.TrimSpace(m.Text), mostQuotes+len(m.Said))
	fresh := slices.DeleteFunc(d.deliveredBy(found.Quotations, m), func(q corpus.Quotation) bool { return said(m, q) })
	if len(fresh) == 0 {
		return d.refuse(m, found.Why, found.Nearest), nil
	}
	fresh = fresh[:min(len(fresh), mostQuotes)]
	return slices.Concat(quotations(fresh), d.claims(m, fresh), bot.Reply{d.scope(m)}), nil
}

// said says whether the conversation has quoted these words already.
func said(m bot.Message, q corpus.Quotation) bool { return slices.ContainsFunc(m.Said, q.HasCode) }
