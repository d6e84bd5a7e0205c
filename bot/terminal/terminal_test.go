package terminal_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/terminal"
	"rapporteur/store"
)

func session(t *testing.T, input string, h bot.HandlerFunc) string {
	t.Helper()
	db, err := store.Open(t.Context(), store.Memory)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var out strings.Builder
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	seat := terminal.New(strings.NewReader(input), &out, "", func() time.Time { return now })
	server := &bot.Server{Platform: seat, Handler: h, Inbox: db, Log: slog.New(slog.DiscardHandler), Workers: 1}
	if err := server.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func echo(_ context.Context, m bot.Message) (bot.Reply, error) {
	if m.Text == "silent" {
		return nil, nil
	}
	return bot.Say("<" + m.Text + ">"), nil
}

func TestEachLineIsAnsweredInOrder(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\nb\n\n  c  \r\n":  "<a>\n\n<b>\n\n<c>\n\n",
		"no line end":        "<no line end>\n\n",
		"silent\nafter\n":    "<after>\n\n",
		"one\nquit\nnever\n": "<one>\n\n",
		"":                   "",
		"a\na\n":             "<a>\n\n<a>\n\n", // the same words twice are two messages
	} {
		if got := session(t, in, echo); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNoTextSteersTheTerminal(t *testing.T) {
	t.Parallel()
	got := session(t, "\x1b[2J\x1b]0;title\x07\xff evil\n", echo)
	for _, r := range got {
		if r < 0x20 && r != '\n' {
			t.Errorf("got control character %q in %q", r, got)
		}
	}
	if !strings.Contains(got, "evil") {
		t.Errorf("got %q, want the words", got)
	}
}

func TestALongLineIsNoMistake(t *testing.T) {
	t.Parallel()
	got := session(t, strings.Repeat("x", 300_000)+"\nnext\n", echo)
	if len(got) < 300_000 || !strings.HasSuffix(got, "<next>\n\n") {
		t.Errorf("got %d bytes, want the line and the next one", len(got))
	}
}

func TestLinesThatBeginWithAMarkAreWhatTheNextMessageQuotes(t *testing.T) {
	t.Parallel()
	shown := func(_ context.Context, m bot.Message) (bot.Reply, error) {
		return bot.Say("<" + m.Text + "|" + strings.ReplaceAll(m.Quoted, "\n", "/") + ">"), nil
	}
	for in, want := range map[string]string{
		"> one\n>two\n\nverify\nnext\n": "<verify|one/two>\n\n<next|>\n\n",
		"> alone\n":                     "<|alone>\n\n",
		"> alone":                       "<|alone>\n\n",
		"> never\nquit\n":               "",
		"a > b\n":                       "<a > b|>\n\n",
	} {
		if got := session(t, in, shown); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
