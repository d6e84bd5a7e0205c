package slack

import (
	"context"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// draw draws a post with what only Slack offers below an answer: buttons and
// feedback. A shared answer gets its place and says who shares it.
func (c *Client) draw(ctx context.Context, w *workspace, p *bot.Post) []part {
	reply := p.Reply
	if thread, by, is := unshared(*p); is {
		p.Thread, p.Return = thread, ""
		if who := c.people.about(ctx, c, c.keyOf(p.Room), by).name; who != "" {
			reply = append(slices.Clip(reply), bot.Paragraph{Text: "Shared by " + who + "."})
		}
		return render(reply)
	}
	if p.Return != "" {
		reply = unattached(reply)
	}
	if actions := offers(*p); len(actions) > 0 {
		reply = append(slices.Clip(reply), actions)
	}
	parts := render(reply)
	if len(parts) == 0 {
		return nil
	}
	last := &parts[len(parts)-1]
	if p.Return != "" {
		if row := c.sharing(*p); len(row) > 0 && len(last.blocks) < maxBlocks {
			last.extra = append(last.extra, slackgo.NewActionBlock("", row...))
		}
		return parts
	}
	if direct := strings.HasPrefix(p.Room.ID[strings.LastIndexByte(p.Room.ID, '/')+1:], "D"); direct && p.Purpose == bot.ForAnswer && p.To != "" && len(last.all()) < maxBlocks {
		if block := c.shareTo(*p); block != nil {
			last.extra = append(last.extra, block)
		}
	}
	if c.ratings != nil && p.Purpose == bot.ForAnswer && p.To != "" && judged(p.Reply) && !w.plain.Load() && len(last.all()) < maxBlocks {
		last.extra = append(last.extra, feedback())
	}
	return parts
}

// judged says whether people are asked what they think of a reply: where it
// answers from the record or the calendar, or says that they hold nothing.
func judged(r bot.Reply) bool {
	return len(r.Quotations()) > 0 || len(r.Facts()) > 0 || (len(r) > 0 && !r.Answered())
}

// offers are the commands that follow an answer which quotes, and the one that
// follows one which holds nothing.
func offers(p bot.Post) bot.Actions {
	if p.Purpose != bot.ForAnswer || p.Return != "" || p.Asked == "" {
		return nil
	}
	verb, topic, _ := strings.Cut(strings.TrimSpace(p.Asked), " ")
	if topic = strings.Join(strings.Fields(topic), " "); strings.EqualFold(verb, "quote") && topic != "" && units16(topic) <= maxTopic {
		topic = "follow " + topic
	} else {
		topic = ""
	}
	var actions bot.Actions
	if quoted := p.Reply.Quotations(); len(quoted) > 0 {
		actions = append(actions, bot.Action{Label: "Show paragraph", Command: "paragraph " + quoted[0].Code()}, bot.Action{Label: "More", Command: "more"}, bot.Action{Label: "Save quote", Command: "save " + quoted[0].Code()})
	}
	if topic != "" {
		actions = append(actions, bot.Action{Label: "Follow topic", Command: topic})
	}
	return actions
}

// unattached returns a reply that one person is shown, who cannot be given files there:
// what is in them is shown, where that is text.
func unattached(r bot.Reply) bot.Reply {
	out := slices.Clone(r)
	for i, b := range out {
		if f, is := b.(bot.File); is {
			out[i] = bot.Paragraph{Text: f.String()}
		}
	}
	return out
}
