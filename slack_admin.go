package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/store"
)

// managersSpace is where it is kept who may order digests in a channel.
const managersSpace = "slack-managers"

// wardens keeps who may order digests in which channel: administrators say so, and
// without their word the settings do.
type wardens struct {
	c  config.Config
	db *store.Store
}

// Managers returns who may order digests in a room; nobody where no administrator
// has said so.
func (w wardens) Managers(ctx context.Context, room bot.Room) ([]string, error) {
	kept, _, err := w.db.Get(ctx, managersSpace, room.ID)
	return strings.Fields(kept), err
}

// verb is what administrators say.
func (w wardens) verb() bot.Verb {
	return bot.Verb{
		Name: "admin", Usage: "admin allow-subscribe CHANNEL WHO…", Administers: true,
		Summary:  "who may order digests in a channel: people, user groups, everyone, or default; for administrators",
		Examples: []string{"admin allow-subscribe #cyber-desk @cyber-officers", "admin allow-subscribe #cyber-desk default", "admin allow-subscribe #cyber-desk"},
		Handler:  bot.HandlerFunc(w.answer),
	}
}

var (
	channelID = regexp.MustCompile(`^[CG][A-Z0-9]+$`)
	managerID = regexp.MustCompile(`^(?:[UWS][A-Z0-9]{2,}|everyone)$`)
)

func (w wardens) answer(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if !w.c.IsAdministrator(m.Room.Platform, m.Sender) {
		return bot.Reply{bot.Refusal{Text: "Only administrators may say who orders digests; " + administratorsAre(w.c, m.Room.Platform) + "."}}, nil
	}
	words := strings.Fields(m.Text)
	usage := bot.Say("Say a channel and who may order digests there, for example: admin allow-subscribe #cyber-desk @cyber-officers")
	if len(words) < 2 || words[0] != "allow-subscribe" || !channelID.MatchString(words[1]) {
		return usage, nil
	}
	room := bot.Room{Platform: m.Room.Platform, ID: words[1]}
	if key, _, several := strings.Cut(m.Room.ID, "/"); several {
		room.ID = key + "/" + words[1]
	}
	who := words[2:]
	switch {
	case len(who) == 0:
		now, err := w.Managers(ctx, room)
		if err != nil {
			return nil, err
		}
		if len(now) == 0 {
			return bot.Say("In " + words[1] + " those may order digests whom the settings name."), nil
		}
		return bot.Say("In " + words[1] + " these may order digests: " + strings.Join(now, ", ") + "."), nil
	case len(who) == 1 && who[0] == "default":
		who = nil
	}
	for _, one := range who {
		if !managerID.MatchString(one) {
			return bot.Say(fmt.Sprintf("%.40q is no person and no user group of Slack: name them with @, or say everyone or default.", one)), nil
		}
	}
	if err := w.db.Set(ctx, managersSpace, room.ID, strings.Join(who, " ")); err != nil {
		return nil, err
	}
	if len(who) == 0 {
		return bot.Reply{bot.Lead{Text: "From now on those may order digests in " + words[1] + " whom the settings name."}}, nil
	}
	return bot.Reply{bot.Lead{Text: "From now on these may order digests in " + words[1] + ": " + strings.Join(who, ", ") + "."}}, nil
}
