package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/store"
)

// byHand returns what the database of the settings says of the calendar, for a
// command that only asks: it makes no database where there is none, and a bot that
// runs does not keep it from looking.
func (p *program) byHand(ctx context.Context, c config.Config) (store.ByHand, error) {
	path := p.database(c)
	if !store.IsPostgres(path) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return store.ByHand{}, nil
		}
	}
	seen, err := store.Peek(ctx, path)
	if errors.Is(err, store.ErrOlder) { // the first command of a new program brings it up to date
		var db *store.Store
		if db, err = p.openStore(ctx, c); err == nil {
			err = db.Close()
		}
		if err == nil {
			seen, err = store.Peek(ctx, path)
		}
	}
	if err != nil {
		return store.ByHand{}, fmt.Errorf("the changes of the calendar that people made by hand cannot be read, and without them a date may be wrong: %w", err)
	}
	return seen, nil
}

// database names the database of the settings, or the default one.
func (p *program) database(c config.Config) string {
	if path := c.Database.Reveal(); path != "" {
		return path
	}
	return defaultDatabase(p.env.getenv)
}

// amended returns the calendar in which the changes by hand hold, and when the last
// of each row was confirmed. One that makes no sense any more is told on stderr.
func (p *program) amended(cal *calendar.Calendar, all []bot.Amendment) (*calendar.Calendar, map[string]time.Time) {
	hold, confirmed := digest.Holding(all)
	with, left := cal.AmendedWithSense(hold...)
	for _, out := range left {
		_, _ = fmt.Fprintf(p.env.err, "rapporteur: change %d by hand is left out: %v\n", out.Change[0].Change, out.Err)
	}
	return with, confirmed
}

// knowAmended loads what is known as the bot knows it: with the changes by hand.
func (p *program) knowAmended(ctx context.Context, c config.Config) (knowledge, error) {
	k, err := p.knowAloud(c)
	if err != nil {
		return k, err
	}
	hand, err := p.byHand(ctx, c)
	if err != nil {
		return k, err
	}
	k.calendar, _ = p.amended(k.calendar, hand.Amendments)
	return k, nil
}
