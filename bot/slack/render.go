package slack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// All text is plain elements, so the record can ping nobody.
//
// Blocks hold their text in plain_text objects and in the text elements of rich
// text, where Slack reads no mark-up: <!channel>, <@U1>, *stars* and
// [links](x) are the letters they are. There is no mrkdwn and no markdown block
// anywhere. The one place where Slack does read mark-up is the top-level text,
// for notifications and screen readers, and there & < > are escaped. The only
// links are the sources of facts, and only http and https.
//
// Prose loses the characters that turn or hide text; the words of the record
// lose nothing: a quote block holds the source's bytes and stands alone, so
// that what turns inside of it ends with it.

// Limits of docs.slack.dev/reference/block-kit/blocks, as platform-contracts
// §1.8 has them, counted as UTF-16 units, the largest count anybody uses.
const (
	maxBlocks = 50     // in a post
	maxTotal  = 10_000 // of all texts in a post
	maxBlock  = 2_900  // of the text in one block; Slack's is 3,000
	maxHeader = 150
	maxLabel  = 75
	maxValue  = 2_000
	maxRow    = 25 // buttons in a block
	maxText   = 3_500
)

// actionPrefix begins the action_id of every button that is a command.
const actionPrefix = "command/"

// part is one post: its blocks, and all of its text as plain text.
type part struct {
	blocks []slackgo.Block
	plain  string
	// parted are the numbers of blocks after which what follows may come later.
	parted []int
	// extra are blocks that the post can do without, such as those that ask for
	// feedback.
	extra []slackgo.Block
}

// first is how many blocks make the first piece of the part that stands alone: a
// quotation with its source, and not a heading alone.
func (p part) first() int {
	if len(p.parted) == 0 {
		return len(p.blocks)
	}
	return p.parted[0]
}

// all are all blocks of the part.
func (p part) all() []slackgo.Block { return slices.Concat(p.blocks, p.extra) }

// unit is one block with its text as plain text.
type unit struct {
	block slackgo.Block
	plain string
	size  int
	// leads is set for a block that must not be the last of a post: a heading,
	// or words of the record without their source.
	leads bool
}

// render draws a reply as posts, each within Slack's limits, nothing left out.
func render(r bot.Reply) []part {
	r = cleaned(r)
	var units []unit
	for _, b := range r {
		units = append(units, draw(b)...)
	}
	parts := pack(units)
	if len(parts) == 1 {
		parts[0].plain = withStamps(r).String()
	}
	return parts
}

// pack puts units into posts.
func pack(units []unit) []part {
	var (
		parts []part
		total int
	)
	for i, u := range units {
		need, size := 1, u.size
		if u.leads && i+1 < len(units) {
			need, size = 2, size+units[i+1].size
		}
		if len(parts) == 0 || len(parts[len(parts)-1].blocks)+need > maxBlocks || total+size > maxTotal {
			parts, total = append(parts, part{}), 0
		}
		p := &parts[len(parts)-1]
		if p.plain != "" && u.plain != "" {
			p.plain += "\n\n"
		}
		p.plain += u.plain
		p.blocks = append(p.blocks, u.block)
		if !u.leads {
			p.parted = append(p.parted, len(p.blocks))
		}
		total += u.size
	}
	return parts
}

// draw draws one block of the vocabulary.
func draw(b bot.Block) []unit {
	switch b := b.(type) {
	case bot.Heading:
		return drawHeading(b.Text)
	case bot.Lead:
		return drawProse(b.Text, bold())
	case bot.Paragraph:
		return drawProse(b.Text, nil)
	case bot.Refusal:
		return drawProse(b.Text, nil)
	case bot.Quotation:
		return drawQuotation(b)
	case bot.Fact:
		return drawFact(b)
	case bot.Diff:
		return drawDiff(b)
	case bot.List:
		return drawList(b.Items)
	case bot.Times:
		return drawTimes(b)
	case bot.Scope:
		return drawSmall(b.String())
	case bot.File:
		return drawSmall(b.Line())
	case bot.Actions:
		return drawActions(b)
	}
	return drawProse(bot.Reply{b}.String(), nil) // a block that is newer than this file
}

func bold() *slackgo.RichTextSectionTextStyle { return &slackgo.RichTextSectionTextStyle{Bold: true} }

func plainText(s string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, s, false, false)
}

func text(s string, style *slackgo.RichTextSectionTextStyle) *slackgo.RichTextSectionTextElement {
	return slackgo.NewRichTextSectionTextElement(s, style)
}

// drawHeading draws a heading; one that is too long for Slack's becomes a bold
// line rather than half a heading.
func drawHeading(s string) []unit {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return nil
	case units16(s) > maxHeader || strings.Contains(s, "\n"):
		return drawProse(s, bold())
	}
	return []unit{{block: slackgo.NewHeaderBlock(plainText(s)), plain: s, size: units16(s), leads: true}}
}

func drawProse(s string, style *slackgo.RichTextSectionTextStyle) []unit {
	var all []unit
	for _, piece := range pieces(strings.TrimSpace(s)) {
		all = append(all, unit{
			block: slackgo.NewRichTextBlock("", slackgo.NewRichTextSection(text(piece, style))),
			plain: strings.TrimSpace(piece), size: units16(piece),
		})
	}
	return all
}

// drawDiff strikes what the claim leaves out and sets what it adds in bold; the
// brackets of the plain text stay, for colour and style alone tell nobody.
func drawDiff(d bot.Diff) []unit {
	if len(d) == 0 || units16(d.String()) > maxBlock {
		return drawProse(d.String(), nil)
	}
	elements := []slackgo.RichTextSectionElement{text("From the record to the claim: ", nil)}
	for i, e := range d {
		words, style := e.Text, (*slackgo.RichTextSectionTextStyle)(nil)
		switch e.Op {
		case bot.Delete:
			words, style = "[−"+e.Text+"−]", &slackgo.RichTextSectionTextStyle{Strike: true}
		case bot.Insert:
			words, style = "[+"+e.Text+"+]", bold()
		}
		if i > 0 {
			elements = append(elements, text(" ", nil))
		}
		elements = append(elements, text(words, style))
	}
	return []unit{{block: slackgo.NewRichTextBlock("", slackgo.NewRichTextSection(elements...)), plain: d.String(), size: units16(d.String())}}
}

// drawQuotation draws the quoted bytes, all of them and nothing else, as a
// quote block, and below it whose they are and where they stand.
func drawQuotation(q bot.Quotation) []unit {
	if q.Document() == nil {
		return nil
	}
	var all []unit
	for _, piece := range pieces(q.Text()) {
		all = append(all, unit{
			block: slackgo.NewRichTextBlock("", &slackgo.RichTextQuote{
				Type: slackgo.RTEQuote, Elements: []slackgo.RichTextSectionElement{text(piece, nil)},
			}),
			plain: piece, size: units16(piece),
		})
	}
	// Whose words these are goes with the words in the plain text.
	owner := tidy(q.Owner())
	all[0].plain = owner + ": «" + all[0].plain
	all[len(all)-1].plain += "»"
	all[len(all)-1].leads = true
	source := tidy(q.SourceLine())
	for i, piece := range pieces(source) {
		elements := []slackgo.MixedElement{plainText(piece)}
		if i == 0 && owner != "" && units16(owner) <= maxBlock {
			elements = []slackgo.MixedElement{plainText(owner), plainText(piece)}
		}
		all = append(all, unit{block: slackgo.NewContextBlock("", elements...), plain: piece, size: units16(owner) + units16(piece)})
	}
	return all
}

// drawFact draws a fact as a list item whose source can be followed.
func drawFact(f bot.Fact) []unit {
	line := f.Text
	if f.Note != "" {
		line += " (" + f.Note + ")"
	}
	source := f.SourceLine()
	if units16(line)+units16(source) > maxBlock {
		return drawProse(bot.Reply{f}.String(), nil)
	}
	elements := []slackgo.RichTextSectionElement{text(line+"\n", nil)}
	before, after, found := strings.Cut(source, f.Source)
	if found && isWeb(f.Source) {
		elements = append(elements, text(before, nil), &slackgo.RichTextSectionLinkElement{Type: slackgo.RTSELink, URL: f.Source})
		if after != "" {
			elements = append(elements, text(after, nil))
		}
	} else {
		elements = append(elements, text(source, nil))
	}
	return []unit{{
		block: slackgo.NewRichTextBlock("", slackgo.NewRichTextList(slackgo.RTEListBullet, 0, slackgo.NewRichTextSection(elements...))),
		plain: line + "\n" + source, size: units16(line) + units16(source),
	}}
}

// drawList draws a list, as several lists where it is long.
func drawList(items []string) []unit {
	var (
		all  []unit
		row  []slackgo.RichTextElement
		size int
		told []string
	)
	flush := func() {
		if len(row) > 0 {
			all = append(all, unit{
				block: slackgo.NewRichTextBlock("", slackgo.NewRichTextList(slackgo.RTEListBullet, 0, row...)),
				plain: strings.Join(told, "\n"), size: size,
			})
		}
		row, told, size = nil, nil, 0
	}
	for _, item := range items {
		for _, piece := range pieces(strings.TrimSpace(item)) {
			if size+units16(piece) > maxBlock {
				flush()
			}
			row = append(row, slackgo.NewRichTextSection(text(piece, nil)))
			told = append(told, "• "+strings.TrimSpace(piece))
			size += units16(piece)
		}
	}
	flush()
	return all
}

func drawSmall(s string) []unit {
	var all []unit
	for _, piece := range pieces(strings.TrimSpace(s)) {
		all = append(all, unit{block: slackgo.NewContextBlock("", plainText(piece)), plain: strings.TrimSpace(piece), size: units16(piece)})
	}
	return all
}

// drawActions draws commands as buttons; what no button can hold becomes a line
// that a person can type.
func drawActions(actions bot.Actions) []unit {
	var (
		all  []unit
		row  []slackgo.BlockElement
		told []string
		size int
	)
	flush := func() {
		if len(row) > 0 {
			all = append(all, unit{block: slackgo.NewActionBlock("", row...), plain: strings.Join(told, "\n"), size: size})
		}
		row, told, size = nil, nil, 0
	}
	for i, a := range actions {
		line := "→ " + a.Label + ": " + a.Command
		if a.Label == "" || a.Command == "" || units16(a.Command) > maxValue {
			flush()
			all = append(all, drawProse(line, nil)...)
			continue
		}
		if len(row) == maxRow {
			flush()
		}
		label := cut(a.Label, maxLabel)
		row = append(row, slackgo.NewButtonBlockElement(fmt.Sprintf("%s%d", actionPrefix, i), a.Command, plainText(label)))
		told = append(told, line)
		size += units16(label)
	}
	flush()
	return all
}

// isWeb says whether an address is one that a reader may be led to.
func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		!strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>|", r) })
}

// cleaned returns the reply with the bot's own prose tidied; the record is left
// as it is.
func cleaned(r bot.Reply) bot.Reply {
	out := make(bot.Reply, 0, len(r))
	for _, b := range r {
		switch v := b.(type) {
		case bot.Heading:
			b = bot.Heading{Text: tidy(v.Text)}
		case bot.Lead:
			b = bot.Lead{Text: tidy(v.Text)}
		case bot.Paragraph:
			b = bot.Paragraph{Text: tidy(v.Text)}
		case bot.Refusal:
			b = bot.Refusal{Text: tidy(v.Text)}
		case bot.Fact:
			v.Text, v.Note, v.Source, v.Checked, v.Confidence = tidy(v.Text), tidy(v.Note), tidy(v.Source), tidy(v.Checked), tidy(v.Confidence)
			b = v
		case bot.Diff:
			edits := make(bot.Diff, len(v))
			for i, e := range v {
				edits[i] = bot.Edit{Op: e.Op, Text: tidy(e.Text)}
			}
			b = edits
		case bot.File:
			b = bot.Paragraph{Text: "File: " + tidy(v.Name)} // attached below
		case bot.List:
			items := make([]string, len(v.Items))
			for i, item := range v.Items {
				items[i] = tidy(item)
			}
			b = bot.List{Items: items}
		case bot.Times:
			times := make(bot.Times, len(v))
			for i, m := range v {
				times[i] = bot.Moment{At: m.At, Text: tidy(m.Text)}
			}
			b = times
		case bot.Scope:
			v.Version, v.AsOf = tidy(v.Version), tidy(v.AsOf)
			b = v
		case bot.Actions:
			actions := make(bot.Actions, len(v))
			for i, a := range v {
				actions[i] = bot.Action{Label: tidy(a.Label), Command: tidy(a.Command)}
			}
			b = actions
		}
		out = append(out, b)
	}
	return out
}
