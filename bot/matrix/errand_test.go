package matrix_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

// brittle are notes that panic over those of a space.
type brittle struct {
	notes

	space string
	broke func()
}

func (b *brittle) Note(ctx context.Context, space, name, value string, now time.Time) error {
	if strings.HasSuffix(space, b.space) {
		b.broke()
		panic("poison")
	}
	return b.notes.Note(ctx, space, name, value, now)
}

// TestAnErrandThatPanicsEndsNothing lets the reactions of an answer panic, which are
// sent beside it.
func TestAnErrandThatPanicsEndsNothing(t *testing.T) {
	t.Parallel()
	h, s, broke := newHS(t), started(), false
	n := &brittle{space: "/button", broke: func() { h.change(func() { broke = true }) }}
	client := newClient(t, h, s, func(o *matrix.Options) { o.Notes = n })
	e := &ear{h: h}
	h.batches = []string{joinBatch()}
	listen(t, client, e)
	h.settled(t, "s1")
	_, err := client.Post(t.Context(), bot.Post{
		Room: bot.Room{Platform: "matrix", ID: room}, Key: "k", Reply: bot.Reply{bot.Lead{Text: "Here."}, bot.Actions{{Label: "More", Command: "more"}}},
	})
	need(t, err)
	h.until(t, "the panic", func() bool { return broke })
	h.change(func() { h.batches = append(h.batches, joinBatch(says("$1", "!iis one"))) })
	h.settled(t, "s2")
	if got := e.texts(); !slices.Equal(got, []string{"one"}) {
		t.Errorf("heard: got %q, want the bot to go on", got)
	}
}
