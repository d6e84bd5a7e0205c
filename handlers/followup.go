package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rapporteur/bot"
)

// Commands are what a conversation is held with: the verbs, and how a text is
// parted into verb and rest. [bot.Mux] is it.
type Commands interface {
	bot.Handler
	Parse(text string) (verb bot.Verb, rest string)
}

// Converse returns a handler that hears each message as part of a conversation
// before the commands answer it. "Is this right?" to a quoted message becomes
// verify, a code alone becomes q, and a follow-up becomes the question that it
// stands for. Every quotation of the answer is kept under its code before the
// handler returns, and the answer ends with its [bot.Topic].
//
// It writes nothing into the conversation: the server does that when the answer
// is settled, so that a message that is answered again finds what it found the
// first time.
func (d *Desk) Converse(commands Commands) bot.Handler { return &conversation{d, commands} }

type conversation struct {
	desk     *Desk
	commands Commands
}

// Answer answers m in its conversation.
func (c *conversation) Answer(ctx context.Context, m bot.Message) (bot.Reply, error) {
	m.Text, m.Quoted = valid(m.Text), valid(m.Quoted)
	own, quoted := bot.CutQuoted(m.Text)
	if quoted != "" {
		m.Text, m.Quoted = own, quoted
	}
	if text, doubted := doubts(m); doubted {
		m.Text, m.Quoted = "verify", text
	} else if isCode(m.Text) {
		m.Text = "q " + m.Text
	}
	verb, rest := c.commands.Parse(m.Text)
	if verb.Name == "ask" {
		if reply, done, err := c.followUp(ctx, m, rest); done || err != nil {
			return reply, err
		}
	}
	reply, err := c.commands.Answer(ctx, m)
	if err != nil {
		return nil, err
	}
	return c.settle(ctx, m, reply, c.topic(verb.Name, rest))
}

// topic is what a command is about, where it is a question of a kind that can be
// followed up, and of a length that people ask questions in.
func (c *conversation) topic(verb, rest string) string {
	rest = strings.TrimSpace(rest)
	if rest == "" || len(rest) > longText {
		return ""
	}
	switch verb {
	case "ask":
		if v, _ := c.commands.Parse(rest); v.Name != verb {
			return verb + " " + rest
		}
		return rest
	case "quote", "when", "timeline", "upcoming", "next", "glossary":
		return verb + " " + rest
	}
	return ""
}

// followUp answers a message that continues the conversation. done is false where
// it stands for itself.
func (c *conversation) followUp(ctx context.Context, m bot.Message, text string) (reply bot.Reply, done bool, err error) {
	f, follows := c.desk.followsUp(text)
	if !follows || c.desk.memory == nil {
		return nil, false, nil
	}
	turns, err := c.desk.memory.Recall(ctx, m)
	if err != nil {
		return nil, false, fmt.Errorf("recall the conversation: %w", err)
	}
	last := ""
	for _, t := range turns {
		if t.Question != "" {
			last = t.Question
		}
		m.Said = append(m.Said, t.Said...)
	}
	if last == "" {
		reply, err := c.alone(ctx, m, f)
		return reply, true, err
	}
	verb, rest := c.commands.Parse(last)
	if verb.Name == "ask" {
		verb.Name = ""
	}
	taken := c.desk.complete(f, c.desk.frameOf(verb.Name, rest))
	if taken.unfit != "" {
		return bot.Reply{bot.Refusal{Text: upper(taken.unfit) + "."}, c.desk.scope(m)}, true, nil
	}
	reply, err = c.completed(ctx, m, taken)
	if wide := taken.wider; err == nil && wide != nil && !reply.Answered() {
		var other bot.Reply
		if other, err = c.completed(ctx, m, *wide); err == nil && other.Answered() {
			reply, taken = other, *wide
		}
	}
	if err != nil {
		return nil, true, err
	}
	reply = beforeScope(reply, bot.Paragraph{Text: "Taken as: " + strings.TrimPrefix(taken.command(), "ask ")})
	about := c.topic(firstOf(taken.verb, "ask"), taken.question)
	if taken.aside {
		about = ""
	}
	reply, err = c.settle(ctx, m, reply, about)
	return reply, true, err
}

// alone answers a follow-up that has nothing to follow, if it can be answered as
// it stands. It does not become what the conversation is about.
func (c *conversation) alone(ctx context.Context, m bot.Message, f followUp) (bot.Reply, error) {
	if !f.bare() {
		reply, err := c.commands.Answer(ctx, m)
		if err != nil {
			return nil, err
		}
		if reply.Answered() {
			return c.settle(ctx, m, reply, "")
		}
	}
	return bot.Reply{bot.Refusal{Text: "There is no earlier question in this conversation that this could continue; please ask in full."}, c.desk.scope(m)}, nil
}

// completed answers the completed question with what the conversation does not
// hold yet.
func (c *conversation) completed(ctx context.Context, m bot.Message, taken completion) (bot.Reply, error) {
	m.Text = taken.command()
	reply, err := c.commands.Answer(ctx, m)
	if err != nil {
		return nil, err
	}
	return c.desk.unsaid(m, reply, taken), nil
}

// unsaid takes out of a reply what the conversation has quoted already, and what
// does not answer the follow-up. Where nothing is left, it refuses.
func (d *Desk) unsaid(m bot.Message, reply bot.Reply, taken completion) bot.Reply {
	var (
		kept    bot.Reply
		dropped []string
		other   bool
	)
	for _, b := range reply {
		switch b := b.(type) {
		case bot.Quotation:
			if said(m, b.Quotation) {
				dropped = append(dropped, b.Code())
				continue
			}
			if taken.keep != nil && !taken.keep(b) {
				other = true
				continue
			}
		case bot.Fact:
			if taken.more && slices.Contains(m.Said, bot.FactName(b)) {
				other = true
				continue
			}
		}
		kept = append(kept, b)
	}
	if taken.more && len(m.Said) > 0 && !reply.Answered() {
		return d.refuse(m, "nothing beyond what was said above", nil)
	}
	if len(dropped) == 0 && !other {
		return reply
	}
	kept = withoutBareLeads(kept)
	if len(kept.Quotations()) > 0 || len(kept.Facts()) > 0 {
		return kept
	}
	switch {
	case len(dropped) > 0:
		return d.refuse(m, "nothing beyond what was quoted above, "+strings.Join(dropped, ", "), nil)
	case taken.more:
		return d.refuse(m, "nothing beyond what was said above", nil)
	}
	return d.refuse(m, "", nil)
}

// withoutBareLeads takes out the leads and headings of which nothing is left.
func withoutBareLeads(reply bot.Reply) bot.Reply {
	var out bot.Reply
	for i, b := range reply {
		switch b.(type) {
		case bot.Lead, bot.Heading:
			if i+1 == len(reply) {
				continue
			}
			switch reply[i+1].(type) {
			case bot.Heading, bot.Lead, bot.Scope:
				continue
			}
		}
		out = append(out, b)
	}
	return out
}

// beforeScope puts a block before the scope of a reply.
func beforeScope(reply bot.Reply, b bot.Block) bot.Reply {
	at := slices.IndexFunc(reply, func(b bot.Block) bool { _, is := b.(bot.Scope); return is })
	if at < 0 {
		at = len(reply)
	}
	return slices.Insert(slices.Clone(reply), at, b)
}

// settle keeps the quotations of a reply under their codes, and adds its topic.
func (c *conversation) settle(ctx context.Context, m bot.Message, reply bot.Reply, topic string) (bot.Reply, error) {
	if c.desk.memory == nil {
		return reply, nil
	}
	reply = slices.Clone(reply)
	for i, b := range reply {
		q, is := b.(bot.Quotation)
		if !is || q.Document() == nil {
			continue
		}
		code, err := c.desk.memory.Give(ctx, bot.Given{Place: q.Place(), At: m.SentAt}, q.Codes())
		if err != nil {
			return nil, fmt.Errorf("keep the quotation %s: %w", q.Code(), err)
		}
		reply[i] = bot.Quotation{Quotation: q.WithDigits(len(code) - len("Q-"))}
	}
	if topic != "" {
		reply = append(reply, bot.Topic{Question: topic})
	}
	return reply, nil
}
