package slack_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
)

// lines is what is logged.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// text is all that was logged.
func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// ignored counts the envelopes that were ignored.
func (l *lines) ignored() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.out.String(), "ignored")
}

// ratings keeps feedback in memory.
type ratings struct {
	mu   sync.Mutex
	kept map[string]string
}

func (r *ratings) Rate(_ context.Context, room bot.Room, message, sender string, good bool, reason string, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[string]string{}
	}
	r.kept[room.ID+" "+message+" "+sender] = strings.TrimSpace(strconv.FormatBool(good) + " " + reason)
	return nil
}

func (r *ratings) all() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.kept)
}

// guide suggests more than Slack takes.
type guide struct{}

func (guide) Prompts(context.Context, time.Time) []bot.Action {
	return []bot.Action{
		{Label: "Next week", Command: "What is on 7–11 December?"},
		{Label: "Second", Command: "next"},
		{Label: "Third", Command: "glossary"},
		{Label: "Fourth", Command: "help"},
		{Label: "Fifth", Command: "upcoming"},
	}
}

func (guide) Home(_ context.Context, v slack.Visitor) (bot.Reply, error) {
	return bot.Reply{
		bot.Heading{Text: "Next session"},
		bot.Paragraph{Text: fmt.Sprint("Home of ", v.Person, " at ", v.Direct.ID, ", who is in ", v.Channels)},
		bot.Actions{{Label: "Next", Command: "next"}},
	}, nil
}

// planner shows any phrase but a monthly one.
type planner struct{}

func (planner) Preview(phrase string, _ time.Time) (bot.Reply, error) {
	return bot.Say("Preview of " + phrase), nil
}

// cards knows one link.
type cards struct{}

func (cards) Card(_ context.Context, address string, _ time.Time) (bot.Reply, error) {
	if strings.HasSuffix(address, "/A/RES/73/27") {
		return bot.Say("A/RES/73/27 <!channel>"), nil
	}
	return nil, nil
}

// say answers always the same.
func say(reply bot.Reply) func(context.Context, bot.Message) (bot.Reply, error) {
	return func(context.Context, bot.Message) (bot.Reply, error) { return reply, nil }
}
