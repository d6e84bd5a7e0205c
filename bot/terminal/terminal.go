// Package terminal is the seat at the keyboard: the platform that needs no
// token, no server and no network. One line is one message; lines that begin with
// ">" are what the message after them quotes, and a message by themselves where
// none follows. It answers in the order of the lines, so that it can be piped.
package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"rapporteur/bot"
)

// Platform is the terminal's name in [bot.Room.Platform].
const Platform = "terminal"

// maxLine is how long a line may be, in bytes.
const maxLine = 1 << 20

// maxQuoted is how many lines a message may quote.
const maxQuoted = 1000

// Terminal reads messages from a reader and writes the answers to a writer.
type Terminal struct {
	in     io.Reader
	prompt string
	now    func() time.Time

	mu      sync.Mutex // guards out and posted
	out     io.Writer
	posted  map[string]bool
	settled chan string
	nonce   string
}

var (
	_ bot.Platform = (*Terminal)(nil)
	_ bot.Settler  = (*Terminal)(nil)
	_ bot.Editor   = (*Terminal)(nil)
)

// New returns a terminal. The prompt is written before each line; it is empty
// where nobody is watching. now gives the time of each message.
func New(in io.Reader, out io.Writer, prompt string, now func() time.Time) *Terminal {
	return &Terminal{
		in: in, out: out, prompt: prompt, now: now, posted: map[string]bool{},
		settled: make(chan string, 16), nonce: now().UTC().Format("20060102T150405.000000000"),
	}
}

// Name returns "terminal".
func (t *Terminal) Name() string { return Platform }

// Room is the one room there is.
func (t *Terminal) Room() bot.Room { return bot.Room{Platform: Platform, ID: "local"} }

// Listen reads lines until the input ends or ctx does, and returns when the last
// one is answered.
func (t *Terminal) Listen(ctx context.Context, in bot.Receiver) error {
	lines := make(chan string)
	failed := make(chan error, 1)
	go t.read(ctx, lines, failed)
	var quoted []string // lines that the next message quotes
	for n := 1; ; n++ {
		t.write(t.prompt)
		var (
			line string
			more bool
		)
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case line, more = <-lines:
			line = strings.TrimSpace(line)
		}
		if rest, quotes := strings.CutPrefix(line, ">"); quotes {
			if len(quoted) < maxQuoted {
				quoted = append(quoted, strings.TrimSpace(rest))
			}
			continue
		}
		if line == "quit" || line == "exit" {
			return nil
		}
		if line != "" || (len(quoted) > 0 && !more) {
			m := bot.Message{
				ID: fmt.Sprintf("%s-%d", t.nonce, n), Room: t.Room(), Sender: "you",
				Text: valid(line), Quoted: valid(strings.Join(quoted, "\n")), SentAt: t.now(),
			}
			quoted = nil
			if err := in.Receive(ctx, m); err != nil {
				return err
			}
			if !t.wait(ctx, m.ID) {
				return nil
			}
		}
		if !more {
			return nil
		}
	}
}

func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// read sends the lines of the input. A line that is too long is cut, not fatal.
func (t *Terminal) read(ctx context.Context, lines chan<- string, failed chan<- error) {
	in := bufio.NewReaderSize(t.in, 64<<10)
	var line strings.Builder
	for {
		part, isPrefix, err := in.ReadLine()
		if line.Len() < maxLine {
			line.Write(part)
		}
		if isPrefix {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			failed <- fmt.Errorf("read a line: %w", err)
			return
		}
		if err == nil || line.Len() > 0 {
			select {
			case lines <- line.String():
			case <-ctx.Done():
				return
			}
			line.Reset()
		}
		if err != nil {
			close(lines)
			return
		}
	}
}

// wait returns when the message is dealt with; false when ctx ends first.
func (t *Terminal) wait(ctx context.Context, id string) bool {
	for {
		select {
		case settled := <-t.settled:
			if settled == id {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// Settled is told that a message is dealt with.
func (t *Terminal) Settled(m bot.Message) {
	select {
	case t.settled <- m.ID:
	default: // nobody waits: a message of an earlier run
	}
}

// Post writes a reply. The same key is written once in the life of the process.
func (t *Terminal) Post(_ context.Context, p bot.Post) (bot.Receipt, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.posted[p.Key] {
		return bot.Receipt{ID: p.Key}, nil
	}
	text := Clean(p.Reply.String())
	if _, err := io.WriteString(t.out, text+"\n\n"); err != nil {
		return bot.Receipt{}, &bot.PostError{Outcome: bot.Refused, Err: fmt.Errorf("write the answer: %w", err)}
	}
	t.posted[p.Key] = true
	return bot.Receipt{ID: p.Key}, nil
}

// Edit writes a corrected reply below what was written: a terminal cannot go back.
// The same edit is written once in the life of the process.
func (t *Terminal) Edit(ctx context.Context, p bot.Post, _ bot.Receipt, name string) error {
	p.Key = name
	p.Reply = append(bot.Reply{bot.Heading{Text: "Corrected:"}}, p.Reply...)
	_, err := t.Post(ctx, p)
	return err
}

func (t *Terminal) write(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = io.WriteString(t.out, text)
}

// Clean replaces the control characters, by which a text could steer a
// terminal, with a visible mark; line ends and tabs stay.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0):
			return '�'
		}
		return r
	}, text)
}
