package main

import (
	"context"
	"slices"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/handlers"
	"rapporteur/store"
)

// answerer makes what answers from what is known.
type answerer struct {
	c        config.Config
	db       *store.Store
	seats    []bot.Platform
	audit    auditor
	observer *observer
	// health adds to a verb how the bot does.
	health func(bot.Verb) bot.Verb
}

// answering returns what answers everybody: a desk with its memory, the press, the
// further verbs that are the same for all, those of the digest and of the seats.
// Who may see public documents alone is answered from these, by a desk without a
// memory, for that may hold what others were told.
func (a answerer) answering(k knowledge, desk *handlers.Desk, press *digest.Press, further []bot.Verb) (*bot.Mux, bot.Handler, error) {
	mux, err := a.mux(k, desk, press, further)
	if err != nil {
		return nil, nil, err
	}
	all := desk.Converse(mux)
	if !k.confidential() {
		return mux, all, nil
	}
	desk, err = handlers.New(k.public, k.calendar, a.c.Stale())
	if err != nil {
		return nil, nil, err
	}
	publicMux, err := a.mux(k, desk, digest.NewPress(k.calendar, k.public, a.c.Stale()), further)
	if err != nil {
		return nil, nil, err
	}
	public := desk.Converse(publicMux)
	return mux, bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		if m.Public {
			return public.Answer(ctx, m)
		}
		return all.Answer(ctx, m)
	}), nil
}

// mux returns all verbs. Each is behind the warden of the seat where it is said:
// whatever a text looks like, what is judged is what is done.
func (a answerer) mux(k knowledge, desk *handlers.Desk, press *digest.Press, further []bot.Verb) (*bot.Mux, error) {
	verbs := slices.Concat(desk.Verbs(), desk.Shelving(a.db), further, []bot.Verb{press.Verb()}, digest.VerbsOf(a.db, k.calendar))
	for _, seat := range a.seats {
		if own, has := seat.(interface{ Verbs() []bot.Verb }); has {
			verbs = append(verbs, own.Verbs()...)
		}
	}
	for i, v := range verbs {
		if v.Name == "status" {
			v = a.health(v)
			verbs[i] = v
		}
		verbs[i].Handler = a.observer.watch(v, a.audit.watch(v, a.permitted(v)))
	}
	return bot.NewMux(verbs...)
}

// permitted lets the seat where a verb is said refuse it.
func (a answerer) permitted(v bot.Verb) bot.Handler {
	return bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		for _, seat := range a.seats {
			warden, is := seat.(interface {
				Permit(parse func(text string) bot.Verb, next bot.Handler) bot.Handler
			})
			if is && seat.Name() == m.Room.Platform {
				return warden.Permit(func(string) bot.Verb { return v }, v.Handler).Answer(ctx, m)
			}
		}
		return v.Handler.Answer(ctx, m)
	})
}
