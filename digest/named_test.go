package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
)

// TestAnOrderNamesProcessesThatThereAre refuses a name that the calendar does not
// know, and lets an order go on that has one already.
func TestAnOrderNamesProcessesThatThereAre(t *testing.T) {
	t.Parallel()
	cal, _ := known(t)
	var b book
	mux, err := bot.NewMux(digest.VerbsOf(&b, cal)...)
	ok(t, err)
	say := func(text string) string {
		t.Helper()
		reply, err := mux.Answer(t.Context(), bot.Message{Room: lobby, Sender: "U1", Text: text, SentAt: time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC)})
		ok(t, err)
		return reply.String()
	}
	const unknown = `I know no process called "Foo"; try one of: `
	for _, step := range []struct{ text, want string }{
		{"subscribe digest daily 08:00 UTC processes:Foo", unknown},
		{`subscribe digest daily 08:00 UTC processes:OEWG,Foo`, unknown},
		{`subscribe digest daily 08:00 UTC processes:"` + strings.Repeat("y", 450) + `"`, "yyy…"},
		{`subscribe digest daily 08:00 UTC processes:oewg,"Global Mechanism" topics:anything`, "Subscribed this room to #1"},
		{"change 1 processes:Foo", unknown},
		{"change 1 processes:GGE", "Changed #1"},
		{"change 1 lang:fr", "Changed #1"},
	} {
		if got := say(step.text); !strings.Contains(got, step.want) {
			t.Errorf("%.60s: got\n%s\nwant it to hold %q", step.text, got, step.want)
		}
	}
	if got := say("change 1 processes:Foo"); !strings.Contains(got, "Global Mechanism") {
		t.Errorf("got %s, want names that work", got)
	}
	b.subs[0].Options = map[string]string{digest.OptionProcesses: "Foo"} // as it was ordered earlier
	for _, text := range []string{"change 1 lang:es", "pause 1", "resume 1", "subscriptions"} {
		if got := say(text); strings.Contains(got, "I know no process") {
			t.Errorf("%s: got %s, want that the order goes on", text, got)
		}
	}
	if got := say("change 1 processes:default"); !strings.Contains(got, "Changed #1") {
		t.Errorf("got %s, want the name taken back", got)
	}
}

// TestANameThatNobodyKnowsIsSaidBackInPart asks for an edition of megabytes.
func TestANameThatNobodyKnowsIsSaidBackInPart(t *testing.T) {
	t.Parallel()
	reply, err := press(t).Verb().Handler.Answer(t.Context(), bot.Message{Text: strings.Repeat("y", 3<<20), SentAt: clockAt(24)()})
	ok(t, err)
	if got := reply.String(); len(got) > 200 || !strings.Contains(got, "I know no process called") {
		t.Errorf("got %d bytes: %.200s", len(got), got)
	}
}
