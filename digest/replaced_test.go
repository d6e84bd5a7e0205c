package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
)

// rewording is a board on which answers replace those to a first wording.
type rewording struct{ *board }

func (rewording) Replaced(p bot.Post) (string, bool) { return strings.CutPrefix(p.Return, "edit ") }

func TestAnAnswerThatWasReplacedIsCorrectedAsItStands(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	room := bot.Room{Platform: "fake", ID: "A"}
	next := moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18")
	fact := func(words string) bot.Reply {
		return bot.Reply{bot.Fact{ID: "gm-dtg-2026", Text: words + ": 7–11 December 2026"}}
	}
	first := bot.AnswerKey(bot.Message{Room: room, ID: "asked"})
	for name, c := range map[string]struct {
		was, now bot.Reply
		want     string // in the post in the end; empty where nothing is to be put right
	}{
		"both show the row":      {fact("The first wording"), fact("The second wording"), "The second wording: 14–18 December 2026"},
		"only the first does":    {fact("The first wording"), bot.Say("hello"), ""},
		"only the second does":   {bot.Say("hello"), fact("The second wording"), "The second wording: 14–18 December 2026"},
		"neither shows anything": {bot.Say("hello"), bot.Say("bye"), ""},
	} {
		s, w := keep(t), &board{}
		c1 := corrector(s, rewording{w}, 23)
		ok(t, c1.Know(t.Context(), cal, record))
		asked := bot.Message{ID: "asked", Room: room}
		_, err := s.Receive(t.Context(), asked, clockAt(23)(), time.Minute)
		ok(t, err)
		ok(t, c1.Posted(t.Context(), bot.Post{Room: room, Key: first, Reply: c.was}, bot.Receipt{ID: "event-" + first}))
		ok(t, s.Answered(t.Context(), asked, bot.Receipt{ID: "event-" + first}, bot.Turn{}, clockAt(23)()))
		ok(t, c1.Posted(t.Context(), bot.Post{Room: room, Key: "answer of the edit", Return: "edit asked", Reply: c.now}, bot.Receipt{ID: "event-edit"}))
		// An answer that one person alone sees is not kept.
		ok(t, c1.Posted(t.Context(), bot.Post{Room: room, Key: "private", Return: "https://response", Reply: fact("Private")}, bot.Receipt{ID: "event-private"}))
		c2 := corrector(s, rewording{w}, 24)
		ok(t, c2.Know(t.Context(), next, record))
		c2.Tick(t.Context())
		if c.want == "" {
			if len(w.edits)+len(w.posts) != 0 {
				t.Errorf("%s: got %d edits and %d notices, want none", name, len(w.edits), len(w.posts))
			}
			continue
		}
		if len(w.edits) != 1 || w.edits[0].Key != first || !strings.Contains(w.texts[first], c.want) || len(w.posts) != 1 {
			t.Errorf("%s: got %d edits and %d notices, and\n%s\nwant one of each, and %q", name, len(w.edits), len(w.posts), w.texts[first], c.want)
		}
	}
}
