package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/handlers"
	"rapporteur/store"
)

// answering builds what answers from what is known: the desk with its memory,
// further verbs, those of the digest, and those that the seats add.
func answering(c config.Config, k knowledge, db *store.Store, desk *handlers.Desk, further []bot.Verb, seats []bot.Platform) (*bot.Mux, bot.Handler, error) {
	verbs := slices.Concat(desk.Verbs(), desk.Shelving(db), further, digest.Verbs(db, digest.SessionsOf(k.calendar)))
	mux, err := bot.NewMux(append(verbs, seatVerbs(seats)...)...)
	if err != nil {
		return nil, nil, err
	}
	handler, err := publicly(c, k, db, desk.Converse(mux))
	if err != nil {
		return nil, nil, err
	}
	show(seats, k, mux)
	return mux, handler, nil
}

// reload reads the corpus folder anew each time the program is asked to (SIGHUP),
// indexes it beside the old index, and swaps. What cannot be read leaves the old
// one in place.
func (p *program) reload(ctx context.Context, c config.Config, log *slog.Logger, news *newsroom) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.env.reload:
		}
		began := p.env.now()
		k, err := p.know(c)
		if err != nil {
			log.ErrorContext(ctx, "the corpus was not read anew; the old one goes on", "error", err)
			continue
		}
		for _, problem := range k.problems {
			log.WarnContext(ctx, "broken corpus file", "problem", problem.String())
		}
		if err := news.take(ctx, k); err != nil {
			log.ErrorContext(ctx, "the corpus was not read anew; the old one goes on", "error", err)
			continue
		}
		log.InfoContext(ctx, "the corpus was read anew", "version", k.corpus.Version(),
			"documents", len(k.corpus.Documents()), "passages", k.corpus.Numbered(), "took", p.env.now().Sub(began).Round(time.Millisecond))
	}
}
