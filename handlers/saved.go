package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rapporteur/bot"
)

// Shelf keeps which quotations people have saved, by their codes: the words
// themselves stay in the record.
type Shelf interface {
	// SaveQuotation keeps a code for a person who has fewer than most of them, and
	// returns how many the person has then.
	SaveQuotation(ctx context.Context, platform, person, code string, most int, now time.Time) (have int, err error)
	// SavedQuotations returns a person's codes, the latest first.
	SavedQuotations(ctx context.Context, platform, person string) ([]string, error)
	// UnsaveQuotation forgets one; false where there was none.
	UnsaveQuotation(ctx context.Context, platform, person, code string) (bool, error)
}

const (
	// mostSaved bounds what one person may save.
	mostSaved = 100
	// mostShown is how many saved quotations one answer quotes; the codes of the
	// others are listed.
	mostShown = 10
)

// Shelving returns the verbs with which a person saves quotations, sees them again
// and forgets them.
func (d *Desk) Shelving(shelf Shelf) []bot.Verb {
	s := saver{d, shelf}
	return []bot.Verb{
		{
			Name: "save", Usage: "save CODE", Summary: "keep a quotation for yourself",
			Examples: []string{"save Q-5D5E21"}, Handler: d.bounded(s.save),
		},
		{
			Name: "saved", Usage: "saved", Summary: "the quotations that you have saved",
			Examples: []string{"saved"}, Handler: d.bounded(s.saved),
		},
		{
			Name: "unsave", Usage: "unsave CODE", Summary: "forget a quotation that you have saved",
			Examples: []string{"unsave Q-5D5E21"}, Handler: d.bounded(s.unsave),
		},
	}
}

type saver struct {
	desk  *Desk
	shelf Shelf
}

// save keeps the quotation of a code: only one that stands in the record.
func (s saver) save(ctx context.Context, m bot.Message) (bot.Reply, error) {
	reply, err := s.desk.code(ctx, m)
	if err != nil || len(reply.Quotations()) != 1 {
		return reply, err
	}
	q := reply.Quotations()[0]
	have, err := s.shelf.SaveQuotation(ctx, m.Room.Platform, m.Sender, q.Code(), mostSaved, m.SentAt)
	if err != nil {
		return nil, err
	}
	codes, err := s.shelf.SavedQuotations(ctx, m.Room.Platform, m.Sender)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(codes, q.Code()) {
		return bot.Say(fmt.Sprintf("You have saved %d quotations, and there is room for no more; forget one first, for example: unsave %s", have, codes[len(codes)-1])), nil
	}
	return bot.Reply{
		bot.Lead{Text: fmt.Sprintf("Saved %s. You have %s.", q.Code(), bot.Count(have, "saved quotation"))},
		q, s.desk.scope(m),
		bot.Actions{{Label: "Saved quotations", Command: "saved"}, {Label: "Forget it", Command: "unsave " + q.Code()}},
	}, nil
}

// saved quotes what a person has saved as it stands in the record now.
func (s saver) saved(ctx context.Context, m bot.Message) (bot.Reply, error) {
	codes, err := s.shelf.SavedQuotations(ctx, m.Room.Platform, m.Sender)
	if err != nil {
		return nil, err
	}
	if len(codes) == 0 {
		return bot.Say("You have saved no quotations. Behind a quotation stands its code: save Q-5D5E21 keeps it."), nil
	}
	reply := bot.Reply{bot.Lead{Text: "You have " + bot.Count(len(codes), "saved quotation") + "."}}
	for _, code := range codes[:min(len(codes), mostShown)] {
		m.Text = code
		one, err := s.desk.code(ctx, m)
		if err != nil {
			return nil, err
		}
		for _, b := range one {
			switch b := b.(type) {
			case bot.Quotation:
				reply = append(reply, b)
			case bot.Refusal: // gone from the record: the others are there still
				reply = append(reply, bot.Paragraph{Text: code + ": " + b.Text})
			}
		}
	}
	if more := codes[min(len(codes), mostShown):]; len(more) > 0 {
		items := make([]string, len(more))
		for i, code := range more {
			items[i] = "q " + code
		}
		reply = append(reply, bot.Paragraph{Text: "And these:"}, bot.List{Items: items})
	}
	return append(reply, s.desk.scope(m)), nil
}

// unsave forgets one.
func (s saver) unsave(ctx context.Context, m bot.Message) (bot.Reply, error) {
	code, ok := readCode(m.Text)
	if !ok {
		return bot.Say("Give me the code of the quotation that you want to forget, for example: unsave Q-5D5E21"), nil
	}
	was, err := s.shelf.UnsaveQuotation(ctx, m.Room.Platform, m.Sender, code)
	switch {
	case err != nil:
		return nil, err
	case !was:
		return bot.Say("You have not saved " + code + "; saved shows what you have."), nil
	}
	return bot.Say("Forgotten: " + code + "."), nil
}
