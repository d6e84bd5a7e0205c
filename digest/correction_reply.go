package digest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

// A reply is written down as a list of its blocks, so that the post can be drawn
// again with one fact in it changed. Of a quotation its place is kept and not its
// words alone: what is drawn again is quoted from the record again.

// writtenBlock is a block as it is written down: Kind says which of the fields
// count.
type writtenBlock struct {
	Kind    string        `json:"kind"`
	Text    string        `json:"text,omitempty"`
	Fact    *bot.Fact     `json:"fact,omitempty"`
	Place   *corpus.Place `json:"place,omitempty"`
	Digits  int           `json:"digits,omitempty"`
	Struck  bool          `json:"struck,omitempty"` // the post shows the words no more
	Diff    bot.Diff      `json:"diff,omitempty"`
	Items   []string      `json:"items,omitempty"`
	Scope   *bot.Scope    `json:"scope,omitempty"`
	Actions bot.Actions   `json:"actions,omitempty"`
	File    *bot.File     `json:"file,omitempty"`
}

// writeReply writes a reply down. Files are left out: an edit cannot change them.
func writeReply(reply bot.Reply) ([]byte, error) {
	return writeWhole(slices.DeleteFunc(slices.Clone(reply), func(b bot.Block) bool {
		_, is := b.(bot.File)
		return is
	}))
}

// writeWhole writes a reply down with its files.
func writeWhole(reply bot.Reply) ([]byte, error) {
	var blocks []writtenBlock
	for _, block := range reply {
		var w writtenBlock
		switch b := block.(type) {
		case bot.Heading:
			w = writtenBlock{Kind: "heading", Text: b.Text}
		case bot.Paragraph:
			w = writtenBlock{Kind: "paragraph", Text: b.Text}
		case bot.Lead:
			w = writtenBlock{Kind: "lead", Text: b.Text}
		case bot.Refusal:
			w = writtenBlock{Kind: "refusal", Text: b.Text}
		case bot.Fact:
			w = writtenBlock{Kind: "fact", Fact: &b}
		case unread:
			w = b.quotation
		case bot.Quotation:
			place := b.Place()
			w = writtenBlock{Kind: "quotation", Place: &place, Digits: len(b.Code()) - len("Q-")}
		case bot.Diff:
			w = writtenBlock{Kind: "diff", Diff: b}
		case bot.List:
			w = writtenBlock{Kind: "list", Items: b.Items}
		case bot.Times:
			w = writtenBlock{Kind: "list", Items: b.Lines()}
		case bot.Scope:
			w = writtenBlock{Kind: "scope", Scope: &b}
		case bot.Actions:
			w = writtenBlock{Kind: "actions", Actions: b}
		case bot.File:
			w = writtenBlock{Kind: "file", File: &b}
		default:
			continue
		}
		blocks = append(blocks, w)
	}
	data, err := json.Marshal(blocks)
	if err != nil {
		return nil, fmt.Errorf("write a reply down: %w", err)
	}
	return data, nil
}

// readReply reads a reply that was written down; record may be nil. A quotation
// whose words the record does not hold is [unread] in it: [unreadIn] counts them, and
// whoever shows the reply shows what is [visible] of it.
func readReply(data []byte, record *corpus.Corpus) (bot.Reply, error) {
	var blocks []writtenBlock
	if err := json.Unmarshal(data, &blocks); err != nil {
		return nil, fmt.Errorf("read a reply: %w", err)
	}
	var reply bot.Reply
	for _, w := range blocks {
		switch {
		case w.Kind == "heading":
			reply = append(reply, bot.Heading{Text: w.Text})
		case w.Kind == "paragraph":
			reply = append(reply, bot.Paragraph{Text: w.Text})
		case w.Kind == "lead":
			reply = append(reply, bot.Lead{Text: w.Text})
		case w.Kind == "refusal":
			reply = append(reply, bot.Refusal{Text: w.Text})
		case w.Kind == "fact" && w.Fact != nil:
			reply = append(reply, *w.Fact)
		case w.Kind == "quotation" && w.Place != nil:
			reply = append(reply, requoted(record, w))
		case w.Kind == "diff":
			reply = append(reply, w.Diff)
		case w.Kind == "list":
			reply = append(reply, bot.List{Items: w.Items})
		case w.Kind == "scope" && w.Scope != nil:
			reply = append(reply, *w.Scope)
		case w.Kind == "actions":
			reply = append(reply, w.Actions)
		case w.Kind == "file" && w.File != nil:
			reply = append(reply, *w.File)
		}
	}
	return reply, nil
}

// requoted quotes the record again, or keeps the place of words that are not there.
func requoted(record *corpus.Corpus, w writtenBlock) bot.Block {
	if record != nil {
		if q, found := record.Find(*w.Place); found {
			return bot.Quotation{Quotation: q.WithDigits(w.Digits)}
		}
	}
	return unread{quotation: w}
}

// corrected returns the reply with what it says of a row put right, as of the
// instant for which it was written: the line of the row, its source, and a note of
// what it was. Other words of the reply may name the same days and mean the record,
// so they stay.
func corrected(reply bot.Reply, row string, was, now calendar.Shown, cal *calendar.Calendar, asOf time.Time) bot.Reply {
	out := make(bot.Reply, len(reply))
	w := wordingIn(languageOf(reply))
	for i, block := range reply {
		if f, is := block.(bot.Fact); is && f.ID == row {
			block = w.correct(f, was, now, cal, asOf)
		}
		out[i] = block
	}
	return out
}
