package matrix_test

import (
	"context"
	"strings"
	"testing"

	"rapporteur/bot"
)

// TestOnlyThoseWhoMayChangeTheRoomChangeWhatItGets asks with and without power.
func TestOnlyThoseWhoMayChangeTheRoomChangeWhatItGets(t *testing.T) {
	t.Parallel()
	const levels = `{"users":{"@boss:hs.example":50},"state_default":50}`
	for name, c := range map[string]struct {
		levels, create string
		who            string
		verb           bot.Verb
		may            bool
	}{
		"a verb that manages, without power":   {levels, `{}`, alice, bot.Verb{Name: "undo", Manages: true}, false},
		"a verb that manages, with power":      {levels, `{}`, "@boss:hs.example", bot.Verb{Name: "undo", Manages: true}, true},
		"a verb that only answers":             {levels, `{}`, alice, bot.Verb{Name: "quote"}, true},
		"no levels, the creator in the words":  {"", `{"creator":"` + alice + `"}`, alice, bot.Verb{Name: "pause", Manages: true}, true},
		"no levels, the creator as the sender": {"", `{"sender":"` + alice + `","type":"m.room.create","content":{}}`, alice, bot.Verb{Name: "pause", Manages: true}, true},
		"no levels, somebody else":             {"", `{"creator":"` + alice + `"}`, "@boss:hs.example", bot.Verb{Name: "pause", Manages: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			h.state[room+" m.room.create"], h.state[room+" m.room.power_levels"] = c.create, c.levels
			answered := bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) { return bot.Say("done"), nil })
			handler := newClient(t, h, s).Permit(func(string) bot.Verb { return c.verb }, answered)
			got, err := handler.Answer(t.Context(), bot.Message{ID: "$1", Room: bot.Room{Platform: "matrix", ID: room}, Sender: c.who, Text: c.verb.Name + " 1"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Answered() != c.may || (!c.may && !strings.Contains(got.String(), "power level 50")) {
				t.Errorf("got %q, want it done: %v", got, c.may)
			}
		})
	}
}
