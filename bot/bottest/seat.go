package bottest

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"rapporteur/bot"
)

// Seat is the place in a room from which a person talks to the bot.
type Seat interface {
	// Say says text to the bot as a person who typed exactly that, addressing
	// the bot as the platform wants it (a mention, a direct message, a line at
	// the prompt). The seat encodes the text as the platform would. It returns
	// the key by which the message is known to the seat.
	Say(ctx context.Context, text string) (key string, err error)
	// Replies waits until the bot has posted at least n times in answer to the
	// message, and returns all posts so far in their order: each as the plain
	// text that a person can read and copy, a button as its label and its
	// command. It does not wait when n is 0.
	Replies(ctx context.Context, key string, n int) ([]string, error)
}

// Redeliverer is a seat whose platform may deliver a message more than once.
type Redeliverer interface {
	// Redeliver delivers the message again, as a platform does that never
	// learned that the bot had it.
	Redeliver(ctx context.Context, key string) error
}

// OtherVoices is a seat whose room holds others than people.
type OtherVoices interface {
	// SayAsBot lets another bot say text, addressing the bot as Say does.
	SayAsBot(ctx context.Context, text string) error
	// SayAsSelf lets the room tell the bot that the bot itself said text.
	SayAsSelf(ctx context.Context, text string) error
}

// Threads is a seat whose room has threads.
type Threads interface {
	// SayIn says text, addressing the bot, in the thread of an earlier message.
	// Replies to it are the posts after it in that thread.
	SayIn(ctx context.Context, key, text string) (string, error)
	// Elsewhere returns the bot's posts that answer in no thread.
	Elsewhere(ctx context.Context) ([]string, error)
}

// Inspector is a seat that sees what went over the wire.
type Inspector interface {
	// Harm says in sentences what the posts in answer to the message do besides
	// being read: whom they notify but the asker, what they make clients fetch,
	// which links they offer that are neither http nor https.
	Harm(ctx context.Context, key string) ([]string, error)
}

// Serve runs s until the test ends, and fails the test when it stops with an
// error before. What s lacks it gets: an [Inbox], and the test's own log.
func Serve(t *testing.T, s *bot.Server) {
	t.Helper()
	if s.Log == nil {
		s.Log = Log(t)
	}
	if s.Inbox == nil {
		s.Inbox = &Inbox{}
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("run the bot: got %v, want no error", err)
			}
		case <-time.After(patience):
			t.Errorf("run the bot: still running %v after its context ended", patience)
		}
	})
}

// Log returns a logger that writes to the test's output.
func Log(t *testing.T) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// patience bounds every wait of the suite.
const patience = 30 * time.Second
