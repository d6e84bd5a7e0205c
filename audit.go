package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/store"
)

const (
	// forgetDeedsAfter is how long it is kept who ordered and changed what.
	forgetDeedsAfter = 365 * 24 * time.Hour
	usualDeeds       = 20
	mostDeeds        = 100
	longestOutcome   = 300
)

// auditor writes down who orders and changes what, and tells administrators.
type auditor struct {
	c   config.Config
	db  *store.Store
	log *slog.Logger
}

// watch returns a handler that writes down what came of a verb.
func (a auditor) watch(v bot.Verb, next bot.Handler) bot.Handler {
	if !v.Manages && !v.Administers {
		return next
	}
	return bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		reply, err := next.Answer(ctx, m)
		if err != nil {
			return reply, err
		}
		outcome := reply.Lead()
		if !reply.Answered() {
			outcome = "refused: " + outcome
		}
		a.note(ctx, bot.Deed{At: m.SentAt, Room: m.Room, Message: m.ID, Person: m.Sender, Act: v.Name, Outcome: outcome})
		return reply, nil
	})
}

// note writes a deed down. Where that fails it is in the log at least.
func (a auditor) note(ctx context.Context, d bot.Deed) {
	if cut := []rune(d.Outcome); len(cut) > longestOutcome {
		d.Outcome = string(cut[:longestOutcome-1]) + "…"
	}
	if err := a.db.Audit(ctx, d); err != nil {
		a.log.ErrorContext(ctx, "not written down", "act", d.Act, "person", d.Person, "room", d.Room.String(), "error", err)
	}
}

// verb tells administrators what was done.
func (a auditor) verb() bot.Verb {
	return bot.Verb{
		Name: "audit", Usage: "audit [last N]", Summary: "who ordered and changed what, for administrators",
		Examples: []string{"audit", "audit last 50"}, Handler: bot.HandlerFunc(a.answer),
	}
}

func (a auditor) answer(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if !a.c.IsAdministrator(m.Room.Platform, m.Sender) {
		return bot.Reply{bot.Refusal{Text: "Only administrators may see who did what; " + administratorsAre(a.c, m.Room.Platform) + "."}}, nil
	}
	limit := usualDeeds
	if words := strings.Fields(m.Text); len(words) > 0 {
		if limit = asNumber(words[len(words)-1]); limit < 1 || limit > mostDeeds {
			return bot.Say(fmt.Sprintf("Say how many of the latest, 1 to %d, for example: audit last 20", mostDeeds)), nil
		}
	}
	deeds, err := a.db.Audited(ctx, limit)
	if err != nil {
		return nil, err
	}
	if len(deeds) == 0 {
		return bot.Say("Nothing was ordered or changed yet."), nil
	}
	lines := make(bot.Times, len(deeds))
	for i, d := range deeds {
		who, where := d.Person, ""
		if who == "" {
			who = "nobody known"
		}
		if d.Room.ID != "" {
			where = " in " + d.Room.String()
		}
		lines[i] = bot.Moment{At: d.At, Text: d.At.Format("2 Jan 2006, 15:04:05 UTC") + " · " + who + where + " · " + d.Act + ": " + d.Outcome}
	}
	return bot.Reply{bot.Lead{Text: "The latest " + bot.Count(len(deeds), "deed") + ", the last one last."}, lines}, nil
}

// asNumber reads a number; 0 for anything else.
func asNumber(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		return 0
	}
	return n
}

// administratorsAre names the administrators of a platform.
func administratorsAre(c config.Config, platform string) string {
	var names []string
	for _, a := range c.Administrators {
		if name, is := strings.CutPrefix(a, platform+":"); is {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "none is named in the settings for " + platform
	}
	return "these are: " + strings.Join(names, ", ")
}
