package digest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

// issue is an edition that is being written.
type issue struct {
	*Press
	words   *wording
	edition Edition
	at      time.Time
	days    int // that it looks ahead
	wanted  func(process string) bool
	eve     *eve // by which the edition comes; nil for another rhythm
	said    map[string]bot.Relied
	last    time.Time // when the last edition was due that is in the room; zero for none
	parts   []part
	changed bot.Reply
	quoted  []corpus.Quotation // under what is new
	// quotedNews is set where an earlier edition quoted what was new.
	quotedNews bool
	// fresh counts what is said, known what is left out because it was said.
	fresh, known int
	// off are the holidays by which working days were counted.
	off map[string]calendar.Holidays
}

func (p *Press) begin(ctx context.Context, e Edition, at time.Time) (*issue, error) {
	b := &issue{
		Press: p, words: wordingIn(Language(e.Subscription.Options)), edition: e, at: at, days: LeadDays(e.Subscription.Options, leadDays),
		wanted: p.wanted(e.Subscription, at), eve: eveOf(e.Subscription), off: map[string]calendar.Holidays{},
	}
	if p.memory == nil || e.Subscription.ID == 0 {
		return b, nil
	}
	var err error
	if b.said, b.last, err = p.memory.Said(ctx, e.Subscription.ID, at); err != nil {
		return nil, fmt.Errorf("what earlier editions said: %w", err)
	}
	news := headings("corpus")
	for row, said := range b.said {
		if said.Due.After(b.last) { // it is in the room before that is written down
			b.last = said.Due
		}
		b.quotedNews = b.quotedNews || strings.HasPrefix(row, "Q-") && slices.Contains(news, said.Section)
	}
	return b, nil
}

// headings are those of a section in all languages: an earlier edition may have been
// in any.
func headings(key string) []string {
	var out []string
	for _, language := range languages() {
		out = append(out, wordingIn(language).say(key))
	}
	return out
}

// isWeek says whether an earlier edition, in whatever language, said something
// under the heading of the week.
func isWeek(section string) bool { return slices.Contains(headings("week"), section) }

// add puts a session under a heading, or under those that have changed, or leaves
// it out because an earlier edition has said it.
func (b *issue) add(to *part, s calendar.Session) {
	now, _ := b.calendar.ShownRow(s.ID)
	said, before := b.said[s.ID]
	switch {
	case before && said.Version != now.Version() && b.change(said, now, b.fact(b.words, s, b.at)):
		to.told++
		return
	case before && !b.again(to, s, said):
		to.known = append(to.known, said.Due)
		if to.dated {
			b.known++
		}
		return
	}
	if to.dated && (!before || !b.toldToday(s, said)) {
		b.fresh++
	}
	to.facts = append(to.facts, b.fact(b.words, s, b.at))
	if _, off := b.calendar.WorkingDays(b.at, s.Start, s.City); s.Start.Precision() == calendar.ToDay {
		for _, h := range off {
			if have := b.off[h.ID]; len(have.Days) < len(h.Days) {
				b.off[h.ID] = h
			}
		}
	}
}

// change says what a row was and is; false where people would see no difference.
func (b *issue) change(said bot.Relied, now calendar.Shown, f bot.Fact) bool {
	was := shownIn(said.Shown)
	changes := b.words.changes(was, now)
	if len(changes) == 0 {
		return false
	}
	b.fresh++
	f.Text = strings.TrimSuffix(f.Text+"; "+strings.Join(changes, "; "), "; ")
	b.changed = append(b.changed, f)
	return true
}

// otherChanges tells what became of rows that an earlier edition announced and
// that are not ahead any more: called off, moved beyond the horizon, struck.
func (b *issue) otherChanges(ahead map[string]bool) {
	var ids []string
	for id := range b.said {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		said := b.said[id]
		was := shownIn(said.Shown)
		if said.Version == "" || ahead[id] || was.Row == "" || was.Kind == "milestone" || was.Kind == "process" {
			continue
		}
		now, known := b.calendar.ShownRow(id)
		if known && now.Version() == said.Version {
			continue
		}
		s, _ := b.calendar.Session(id)
		f := b.fact(b.words, s, b.at)
		if !known {
			f = b.words.cite(bot.Fact{ID: id, Text: was.Label + ": " + b.words.shownSpan(was), Source: was.Source, Checked: was.Checked, Note: b.words.say("gone"), Version: versionGone})
		}
		b.change(said, now, f)
	}
}

// draw writes the sections.
func (b *issue) draw() bot.Reply {
	var reply bot.Reply
	if len(b.changed) > 0 {
		reply = append(append(reply, bot.Heading{Text: b.words.say("changed", "date", b.lastDay())}), b.changed...)
	}
	for _, p := range b.parts {
		switch {
		case len(p.facts) > 0:
			reply = append(append(reply, bot.Heading{Text: p.heading}), p.facts...)
			reply = append(reply, b.unchanged("also", p)...)
		case len(p.known) > 0:
			reply = append(append(reply, bot.Heading{Text: p.heading}), b.unchanged("known", p)...)
		case p.none != "":
			reply = append(reply, bot.Heading{Text: p.heading}, bot.Paragraph{Text: p.none})
		}
	}
	return append(reply, b.holidays()...)
}

// holidays says by which holidays working days were counted.
func (b *issue) holidays() bot.Reply {
	var ids []string
	for id, h := range b.off {
		if len(h.Days) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var reply bot.Reply
	for _, id := range ids {
		h := b.off[id]
		days := make([]string, len(h.Days))
		for i, d := range h.Days {
			days[i] = b.words.date(d.Date) + " (" + d.Name + ")"
		}
		note := ""
		if h.Withheld["days"] != "" {
			note = b.words.say("working.withheld", "what", b.words.withheld(h.Withheld["days"]))
		}
		reply = append(reply, b.words.cite(bot.Fact{
			ID: "holidays-" + h.ID, Text: b.words.say("working.off", "station", h.Station, "days", b.words.list(days...)), Source: h.Source(),
			Checked: h.Checked().ISO(), Confidence: string(h.Confidence), Note: b.words.qualify(h.Fact, b.at, b.staleAfter, note),
		}))
	}
	if len(reply) == 0 {
		return nil
	}
	return append(bot.Reply{bot.Heading{Text: b.words.say("working")}}, reply...)
}

// shownIn reads what a row showed, as it was written down.
func shownIn(data []byte) calendar.Shown {
	var s calendar.Shown
	if json.Unmarshal(data, &s) != nil {
		return calendar.Shown{} // written by an older program, or never
	}
	return s
}
