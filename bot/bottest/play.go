package bottest

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
)

// Bot is a bot that [Play] talks to: what answers, where its messages are kept,
// and how it is stopped.
type Bot struct {
	Handler bot.Handler
	Inbox   bot.Inbox
	Stop    func()
}

// Play holds a conversation from a time on and returns the replies as plain text.
// A [bot.Server] answers, on a platform in memory with threads; start starts the
// bot, and starts it anew after each restart. A turn takes a second.
func Play(t *testing.T, c Conversation, from time.Time, start func() Bot) []string {
	t.Helper()
	s := &stage{now: from, settled: make(chan string, 1), replies: map[string]string{}}
	stop := s.run(t, start())
	defer func() { stop() }()
	var replies []string
	for i, turn := range c.Turns {
		if turn.Restart {
			stop()
			stop = s.run(t, start())
		}
		id := strconv.Itoa(i + 1)
		s.say(t, turn, id)
		select {
		case got := <-s.settled:
			if got != id {
				t.Fatalf("got message %s settled, want %s", got, id)
			}
		case <-time.After(patience):
			t.Fatalf("%q was not answered within %v", turn.In, patience)
		}
		replies = append(replies, s.reply(id))
	}
	return replies
}

// stage is a platform in memory with threads and a clock that is set by hand.
type stage struct {
	settled chan string

	mu      sync.Mutex
	now     time.Time
	server  *bot.Server
	replies map[string]string // by the answered message's ID
}

// Name returns "stage".
func (s *stage) Name() string { return "stage" }

// Listen waits: the stage hands its messages over itself.
func (s *stage) Listen(ctx context.Context, _ bot.Receiver) error {
	<-ctx.Done()
	return nil
}

// Post keeps the reply.
func (s *stage) Post(_ context.Context, p bot.Post) (bot.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies[p.Key] = p.Reply.String()
	return bot.Receipt{ID: p.Key}, nil
}

// Edit puts another reply in the place of what was posted.
func (s *stage) Edit(_ context.Context, p bot.Post, _ bot.Receipt, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies[p.Key] = p.Reply.String()
	return nil
}

// Settled tells that a message is dealt with.
func (s *stage) Settled(m bot.Message) { s.settled <- m.ID }

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stage) room() bot.Room { return bot.Room{Platform: s.Name(), ID: "room"} }

func (s *stage) reply(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replies[bot.AnswerKey(bot.Message{ID: id, Room: s.room()})]
}

// run serves the bot until stop is called, which returns when it has stopped.
func (s *stage) run(t *testing.T, b Bot) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server := &bot.Server{Platform: s, Handler: b.Handler, Inbox: b.Inbox, Log: Log(t), Now: s.clock}
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	s.mu.Lock()
	s.server = server
	s.mu.Unlock()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run the bot: got %v, want no error", err)
		}
		b.Stop()
	}
}

func (s *stage) say(t *testing.T, turn Turn, id string) {
	t.Helper()
	s.mu.Lock()
	s.now = s.now.Add(turn.After + time.Second)
	m := bot.Message{ID: id, Room: s.room(), Thread: turn.Thread, Sender: "person", Text: turn.In, Quoted: turn.Quoted, SentAt: s.now}
	server := s.server
	s.mu.Unlock()
	if err := server.Receive(t.Context(), m); err != nil {
		t.Fatalf("say %q: %v", turn.In, err)
	}
}
