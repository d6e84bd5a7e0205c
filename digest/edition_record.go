package digest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

const (
	// mostNews is how many new documents an edition shows.
	mostNews = 5
	// firstNews is how many days back the first edition looks for new documents at
	// least.
	firstNews = 7
)

// The kinds of items that come in.
const (
	documentItem = "document:"
	rowItem      = "row:"
)

// news shows the documents that came in since the last edition: those on the
// subscription's topics, each with the words around the match and not those with
// which it opens.
func (b *issue) news(ctx context.Context) (bot.Reply, error) {
	if b.memory == nil || b.edition.Subscription.ID == 0 {
		return nil, nil
	}
	since := b.last
	if since.IsZero() {
		since = b.at.AddDate(0, 0, -firstNews)
		// Editions that were left out may have come before it.
		if ordered := b.edition.Subscription.CreatedAt; !ordered.IsZero() && ordered.Before(since) {
			since = ordered
		}
	}
	items, err := b.memory.Arrived(ctx, since, b.at)
	if err != nil {
		return nil, fmt.Errorf("new documents: %w", err)
	}
	topics := Topics(b.edition.Subscription.Options)
	var quoted, named bot.Reply
	for _, item := range items {
		id, is := strings.CutPrefix(item, documentItem)
		if !is {
			continue
		}
		doc, there := b.corpus.Document(id)
		if !there {
			continue
		}
		switch q, matched := b.newIn(doc, topics); {
		case matched && q.Document() != nil:
			quoted = append(quoted, bot.Quotation{Quotation: q})
		case matched || len(topics) == 0:
			named = append(named, b.filed(doc))
		}
	}
	all := append(quoted, named...) // what is on a topic comes first
	if len(all) == 0 {
		return nil, nil
	}
	for _, q := range all[:min(len(all), mostNews)].Quotations() {
		b.quoted = append(b.quoted, q.Quotation)
	}
	reply := append(bot.Reply{
		bot.Heading{Text: b.words.say("corpus")},
		bot.Paragraph{Text: b.words.say("corpus.seen", "from", b.words.day(since.In(b.at.Location())), "to", b.words.day(b.at))},
	}, all[:min(len(all), mostNews)]...)
	if more := len(all) - mostNews; more > 0 {
		reply = append(reply, bot.Paragraph{Text: b.words.count("further", more)})
	}
	return reply, nil
}

// newIn finds the words of a new document that are on a topic, or, where the
// subscription names none, on one of the processes that are under way. The zero
// Quotation stands for words that were all said before.
func (b *issue) newIn(doc *corpus.Document, topics []string) (q corpus.Quotation, matched bool) {
	for _, q := range b.matches(doc, topics) {
		if matched = true; !b.repeats(q) {
			return q, true
		}
	}
	return corpus.Quotation{}, matched
}

// matches are the words of a document that are on each of the topics, the first
// topic first.
func (b *issue) matches(doc *corpus.Document, topics []string) []corpus.Quotation {
	if len(topics) == 0 {
		topics = append(b.calendar.AliveNames(b.at), "information security", "cyber")
	}
	var out []corpus.Quotation
	for _, topic := range topics {
		if q, found := b.match(doc, topic); found {
			out = append(out, q)
		}
	}
	return out
}

// match finds the words of a document that are on a topic: under the name by which
// people ask, or under any other name of the process that it means.
func (p *Press) match(doc *corpus.Document, topic string) (corpus.Quotation, bool) {
	return matchTopic(p.calendar, doc, topic)
}

func matchTopic(cal *calendar.Calendar, doc *corpus.Document, topic string) (corpus.Quotation, bool) {
	if q, found := excerpt(doc, topic); found {
		return q, true
	}
	for _, process := range cal.Named(topic) {
		for _, name := range append([]string{process.Short, process.Name}, process.Aliases...) {
			if q, found := excerpt(doc, name); found {
				return q, true
			}
		}
	}
	return corpus.Quotation{}, false
}

// filed names a document of which no words are shown, with its source.
func (b *issue) filed(doc *corpus.Document) bot.Block {
	if doc.URL == "" {
		return bot.Paragraph{Text: filed(doc)}
	}
	text := strings.TrimSuffix(filed(doc), " · "+doc.URL)
	return b.words.cite(bot.Fact{ID: documentItem + doc.ID, Text: text, Source: doc.URL, Checked: doc.DateChecked})
}

// filed names a document of which no words are shown.
func filed(doc *corpus.Document) string {
	parts := []string{doc.Title}
	for _, s := range []string{doc.Attribution(), doc.Symbol, doc.Occasion(), bot.Day(doc.Date), doc.URL} {
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

// recordSays quotes the record on the topic of the next session: one quotation,
// which neither an earlier edition of the subscription nor the news of this one has
// given.
func (b *issue) recordSays(ctx context.Context) (bot.Reply, error) {
	if b.record == nil {
		return nil, nil
	}
	next, found := b.next()
	if !found {
		return nil, nil
	}
	for _, topic := range b.topicsOf(next) {
		quotations, err := b.record.OnTopic(ctx, topic, b.at)
		if err != nil {
			return nil, fmt.Errorf("what the record says on %q: %w", topic, err)
		}
		for _, q := range quotations {
			if q.Document() == nil || b.repeats(q.Quotation) {
				continue
			}
			return bot.Reply{
				bot.Heading{Text: b.words.say("record")},
				bot.Paragraph{Text: b.words.say("record.for", "session", b.calendar.Label(next), "topic", topic)},
				q,
			}, nil
		}
	}
	return nil, nil
}

// next is the first session ahead that the subscription asks for.
func (b *issue) next() (calendar.Session, bool) {
	for _, s := range b.calendar.Upcoming(b.at, b.at.AddDate(1, 0, 0)) {
		if b.wanted(s.Process) && s.Kind != calendar.KindDeadline && s.Start.Precision() == calendar.ToDay {
			return s, true
		}
	}
	return calendar.Session{}, false
}

// topicsOf are the topics of a session, from the narrow to the wide: what the
// subscription is about, its process and those before it.
func (b *issue) topicsOf(s calendar.Session) []string {
	var topics []string
	add := func(topic string) {
		if topic != "" && !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	for _, topic := range Topics(b.edition.Subscription.Options) {
		add(topic)
	}
	for id, steps := s.Process, 0; id != "" && steps < 5; steps++ {
		p, known := b.calendar.Process(id)
		if !known {
			break
		}
		add(p.Short)
		if strings.Contains(p.Kind, "working-group") {
			add("open-ended working group")
		}
		id = p.Predecessor
	}
	add("information security")
	return topics
}

// calendarFile is a file with the sessions and deadlines of the subscription.
func (b *issue) calendarFile(ctx context.Context) (bot.Reply, error) {
	var revisions map[string]calendar.Revision
	if b.revisions != nil {
		var err error
		if revisions, err = b.revisions.Revisions(ctx); err != nil {
			return nil, fmt.Errorf("calendar file: %w", err)
		}
	}
	var sessions []calendar.Session
	today, horizon := calendar.FromTime(b.at).First(), b.at.AddDate(1, 0, 0)
	for _, s := range b.calendar.Sessions() {
		// What was called off is in it too, to be struck out where it was entered.
		if b.wanted(s.Process) && s.Start.Precision() == calendar.ToDay && b.calendar.Announced(s, b.at) &&
			!s.LastDate().Last().Before(today) && s.Start.First().Before(horizon) {
			sessions = append(sessions, s)
		}
	}
	ahead := map[string]calendar.Revision{}
	for id, r := range revisions {
		if end, err := calendar.ParseDate(cmp.Or(r.Last.End, r.Last.Start)); !r.Gone || (err == nil && !end.Last().Before(today)) {
			ahead[id] = r
		}
	}
	data, err := b.calendar.ICS(calendar.Feed{Name: b.words.say("title"), Sessions: sessions, Revisions: ahead, Processes: b.wanted})
	if err != nil {
		return nil, err
	}
	if !strings.Contains(string(data), "BEGIN:VEVENT") {
		return nil, nil
	}
	return bot.Reply{bot.File{Name: "digest.ics", Type: calendar.ICSType, Data: data}}, nil
}
