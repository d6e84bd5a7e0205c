package digest

import (
	"context"
	"time"

	"rapporteur/bot"
)

// Posting keeps what an answer is about to say, before it is posted. Where the
// process dies over it and the post is found in the room, nobody can tell any more
// which of its attempts made it: what the first of them said is what counts, for
// then no change since is overlooked.
func (c *Corrector) Posting(ctx context.Context, p bot.Post) error {
	post, is, err := c.remembered(p)
	if err != nil || !is {
		return err
	}
	return c.Archive.Intended(ctx, post, p.Doubtful)
}

// Posted remembers a post that is in its room, where it shows rows of the calendar
// or is an edition. Only a post that can be named, and that the whole room sees,
// can be put right. What it showed is what its facts say of themselves, whatever
// the calendar shows by now.
func (c *Corrector) Posted(ctx context.Context, p bot.Post, receipt bot.Receipt) error {
	if message, replaces := c.replaced(p); replaces && receipt.ID != "" {
		p.Key, p.Return = bot.AnswerKey(bot.Message{Room: p.Room, ID: message}), ""
		post, _, err := c.remembered(p)
		if err != nil {
			return err
		}
		post.Key, post.Room = p.Key, p.Room // also of what says nothing to put right
		return c.Archive.Replace(ctx, post, message)
	}
	post, is, err := c.remembered(p)
	if err != nil || !is || receipt.ID == "" {
		return err
	}
	post.Receipt = receipt.ID
	return c.Archive.Remember(ctx, post)
}

// Replacer is a platform on which an answer may replace an earlier one, because
// its question was put differently.
type Replacer interface {
	// Replaced returns the message whose answer a post replaces.
	Replaced(p bot.Post) (message string, replaces bool)
}

func (c *Corrector) replaced(p bot.Post) (message string, replaces bool) {
	r, is := c.Posters[p.Room.Platform].(Replacer)
	if !is || p.Return == "" {
		return "", false
	}
	return r.Replaced(p)
}

// remembered returns what is kept of a post; false where that is nothing.
func (c *Corrector) remembered(p bot.Post) (bot.Posted, bool, error) {
	k := c.known.Load()
	if k == nil || p.Return != "" {
		return bot.Posted{}, false, nil
	}
	relied := k.relied(p.Reply)
	if len(relied) == 0 {
		return bot.Posted{}, false, nil
	}
	reply, err := writeReply(p.Reply)
	if err != nil {
		return bot.Posted{}, false, err
	}
	now := c.now()
	asOf := now
	if day, err := time.Parse(time.DateOnly, p.Reply.Scope().AsOf); err == nil {
		asOf = day.Add(12 * time.Hour)
	}
	return bot.Posted{
		Key: p.Key, Room: p.Room, Thread: p.Thread, Purpose: p.Purpose,
		Reply: reply, AsOf: asOf, At: now, Relied: relied,
	}, true, nil
}

// relied lists what a reply shows: rows with their versions and quotations with
// their codes, each with its heading.
func (k *knowledge) relied(reply bot.Reply) []bot.Relied {
	var (
		out     []bot.Relied
		heading string
		seen    = map[string]bool{}
		rows    bool
	)
	add := func(r bot.Relied) {
		if !seen[r.Row] {
			seen[r.Row] = true
			out = append(out, r)
		}
	}
	for _, block := range reply {
		switch b := block.(type) {
		case bot.Heading:
			heading = b.Text
		case bot.Fact:
			version := b.Version
			if shown, known := k.rows[b.ID]; known && version == "" {
				version = shown.Version()
			}
			if version != "" {
				rows = true
				add(bot.Relied{Row: b.ID, Version: version, Section: heading})
			}
		case bot.Quotation:
			add(bot.Relied{Row: b.Code(), Section: heading})
		}
	}
	if !rows && languageOf(reply) == "" {
		return nil // an answer that rests on the record alone is never corrected
	}
	return out
}

func firstHeading(reply bot.Reply) string {
	for _, block := range reply {
		if h, is := block.(bot.Heading); is {
			return h.Text
		}
	}
	return ""
}
