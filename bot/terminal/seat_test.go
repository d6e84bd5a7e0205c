package terminal_test

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/terminal"
)

// seat is a person at the keyboard. Lines are answered in their order, so what
// is written before a message is settled answers that message.
type seat struct {
	*terminal.Terminal
	keyboard io.Writer

	mu      sync.Mutex
	said    int
	settled int
	written map[int][]string // by the number of the message
	changed chan struct{}    // closed and replaced at every change
}

// Write takes what the terminal prints.
func (s *seat) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(b) > 0 {
		s.written[s.settled+1] = append(s.written[s.settled+1], string(b))
		s.change()
	}
	return len(b), nil
}

// Settled counts the messages that are dealt with.
func (s *seat) Settled(m bot.Message) {
	s.mu.Lock()
	s.settled++
	s.change()
	s.mu.Unlock()
	s.Terminal.Settled(m)
}

func (s *seat) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Say types a line.
func (s *seat) Say(_ context.Context, text string) (string, error) {
	s.mu.Lock()
	s.said++
	key := strconv.Itoa(s.said)
	s.mu.Unlock()
	_, err := fmt.Fprintln(s.keyboard, strings.ReplaceAll(text, "\n", " "))
	return key, err
}

// Replies waits for n posts in answer to the message.
func (s *seat) Replies(ctx context.Context, key string, n int) ([]string, error) {
	number, err := strconv.Atoi(key)
	if err != nil {
		return nil, err
	}
	for {
		s.mu.Lock()
		got, changed := append([]string(nil), s.written[number]...), s.changed
		s.mu.Unlock()
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return got, ctx.Err()
		}
	}
}

func TestTheTerminalIsAPlatform(t *testing.T) {
	t.Parallel()
	bottest.Platform(t, func(t *testing.T, h bot.Handler) bottest.Seat {
		t.Helper()
		in, keyboard := io.Pipe()
		t.Cleanup(func() { _ = keyboard.Close() })
		lines := make(chan string, 64)
		go func() { // a person types ahead; a pipe would block
			for line := range lines {
				_, _ = io.WriteString(keyboard, line)
			}
		}()
		t.Cleanup(func() { close(lines) })
		s := &seat{keyboard: typist(lines), written: map[int][]string{}, changed: make(chan struct{})}
		s.Terminal = terminal.New(in, s, "", time.Now)
		bottest.Serve(t, &bot.Server{Platform: s, Handler: h, Workers: 1})
		return s
	})
}

type typist chan<- string

func (c typist) Write(b []byte) (int, error) {
	c <- string(b)
	return len(b), nil
}
