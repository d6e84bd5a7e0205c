package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/store"
)

// noting is a seat that notes what is posted.
type noting struct {
	bot.Platform
	name string

	mu     sync.Mutex
	posted []bot.Post
}

func (s *noting) Name() string { return s.name }

func (s *noting) Post(_ context.Context, p bot.Post) (bot.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posted = append(s.posted, p)
	return bot.Receipt{ID: "1"}, nil
}

// TestAcceptance13TheSameDigestIsTheSameOnEveryPlatform orders one digest in Slack
// and in Matrix.
func TestAcceptance13TheSameDigestIsTheSameOnEveryPlatform(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	p := &program{cli: &cli{}, env: environment{now: func() time.Time { return now }, out: io.Discard, err: io.Discard}}
	k, err := p.know(config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	seats := []*noting{{name: "slack"}, {name: "matrix"}}
	log := slog.New(slog.DiscardHandler)
	news, err := p.openNewsroom(ctx, config.Config{}, k, db, log, []bot.Platform{seats[0], seats[1]})
	if err != nil {
		t.Fatal(err)
	}
	for _, seat := range seats {
		if _, err := db.Subscribe(ctx, bot.Subscription{
			Room: bot.Room{Platform: seat.name, ID: "room"}, Kind: "digest", Cron: "0 8 * * 1", Zone: "Europe/Zurich", CreatedBy: "somebody", Options: map[string]string{digest.OptionSuccession: digest.No},
			CreatedAt: now.Add(-time.Hour), State: bot.SubscriptionActive, Next: now, Slot: "2026-11-30T08:00",
		}); err != nil {
			t.Fatal(err)
		}
	}
	courier := p.courier(db, news, log)
	for _, platform := range []string{"slack", "matrix"} {
		if rate := courier.PerSecond[platform]; rate <= 0 || rate > 20 || news.corrector.PerSecond[platform] != rate {
			t.Errorf("%s: got %v editions and %v corrections a second, want what the platform takes", platform, rate, news.corrector.PerSecond[platform])
		}
	}
	for range 3 {
		courier.Tick(ctx)
	}
	var hashes []string
	for _, seat := range seats {
		if len(seat.posted) != 1 {
			t.Fatalf("%s: got %d posts, want the edition once", seat.name, len(seat.posted))
		}
		sum := sha256.Sum256([]byte(seat.posted[0].Reply.String()))
		hashes = append(hashes, hex.EncodeToString(sum[:]))
	}
	if hashes[0] != hashes[1] || len(seats[0].posted[0].Reply) < 3 {
		t.Errorf("got\n%s\nand\n%s\nwant the same edition", seats[0].posted[0].Reply, seats[1].posted[0].Reply)
	}
}
