package main

import (
	"context"
	"log/slog"
	"time"

	"rapporteur/config"
)

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
