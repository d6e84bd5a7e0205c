package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/store"
)

// halfOpen is a seat with one room that people of other organisations are in.
type halfOpen struct{ bot.Platform }

func (halfOpen) Name() string { return "half" }

func (halfOpen) IsPublic(_ context.Context, room bot.Room) bool { return room.ID == "shared" }

// TestAnEditionForASharedRoomIsWrittenFromPublicDocuments writes the same edition
// for two rooms.
func TestAnEditionForASharedRoomIsWrittenFromPublicDocuments(t *testing.T) {
	t.Parallel()
	ctx, folder := t.Context(), t.TempDir()
	document := "---\nid: note-1\ntitle: A confidential note\ndelegation: Ruritania\nspeaker: V. Speaker\ndate: 2026-11-01\nlanguage: en\n---\n\nRuritania proposes a zorbulated register of hexaportal contacts.\n"
	if err := os.WriteFile(filepath.Join(folder, "note.txt"), []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	for _, public := range []bool{false, true} {
		db, err := store.Open(ctx, filepath.Join(t.TempDir(), "bot.db"))
		if err != nil {
			t.Fatal(err)
		}
		p := &program{cli: &cli{}, env: environment{now: func() time.Time { return now }, out: io.Discard, err: io.Discard}}
		c := config.Config{Corpus: folder, CorpusPublic: public}
		k, err := p.know(c)
		if err != nil {
			t.Fatal(err)
		}
		news, err := p.openNewsroom(ctx, c, k, db, slog.New(slog.DiscardHandler), []bot.Platform{halfOpen{}})
		if err != nil {
			t.Fatal(err)
		}
		for _, room := range []string{"shared", "own"} {
			if got, want := news.withheld(ctx, bot.Room{Platform: "half", ID: room}, "note-1"), !public && room == "shared"; got != want {
				t.Errorf("%s, public corpus %v: got the note withheld %v, want %v", room, public, got, want)
			}
			sub := bot.Subscription{ID: 1, Room: bot.Room{Platform: "half", ID: room}, Options: map[string]string{digest.OptionTopics: "zorbulated register"}}
			at := now.Add(time.Hour)
			reply, err := news.Write(ctx, digest.Edition{Subscription: sub, Due: at, Now: at})
			if err != nil {
				t.Fatal(err)
			}
			sees := public || room == "own"
			if got := reply.String(); strings.Contains(got, "zorbulated") != sees {
				t.Errorf("%s, public corpus %v: got\n%s\nwant the note seen: %v", room, public, got, sees)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
