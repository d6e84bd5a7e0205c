package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/store"
)

// TestADeedIsWrittenDownOnceThoughItsMessageIsTakenUpAgain leaves the deeds of other
// messages alone, also where they say the same.
func TestADeedIsWrittenDownOnceThoughItsMessageIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	watched := auditor{config.Config{}, db, slog.New(slog.DiscardHandler)}.watch(bot.Verb{Name: "undo", Manages: true},
		bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) { return bot.Say("Ended #3."), nil }))
	for _, id := range []string{"1", "1", "2"} {
		m := bot.Message{ID: id, Room: bot.Room{Platform: "slack", ID: "C1"}, Sender: "U1", Text: "undo 3", SentAt: time.Unix(1_795_000_000, 0)}
		if _, err := watched.Answer(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	deeds, err := db.Audited(t.Context(), 10)
	if err != nil || len(deeds) != 2 {
		t.Errorf("got %+v, %v, want one deed for each of the two messages", deeds, err)
	}
}
