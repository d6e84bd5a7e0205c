package digest_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"

	"github.com/google/go-cmp/cmp"
)

// book keeps subscriptions in memory.
type book struct {
	subs []bot.Subscription
	last int64
	err  error
	// blind hides what it has from Subscriptions, as if somebody else were just
	// writing it.
	blind bool
	// ended are those that were, the last at endedAt.
	ended   []bot.Subscription
	endedAt time.Time
	history []bot.Delivery
}

func (b *book) change(room bot.Room, id int64, change func(*bot.Subscription)) (bot.Subscription, error) {
	for i, s := range b.subs {
		if s.ID == id && s.Room == room {
			change(&b.subs[i])
			return b.subs[i], b.err
		}
	}
	return bot.Subscription{}, errors.New("no such subscription")
}

func (b *book) Sleep(_ context.Context, room bot.Room, id int64, reason string, now time.Time) (bot.Subscription, error) {
	return b.change(room, id, func(s *bot.Subscription) { s.State, s.Reason, s.StateAt = bot.SubscriptionPaused, reason, now })
}

func (b *book) Wake(_ context.Context, room bot.Room, id int64, next time.Time, slot string, now time.Time) (bot.Subscription, error) {
	return b.change(room, id, func(s *bot.Subscription) {
		s.State, s.Reason, s.StateAt, s.Next, s.Slot = bot.SubscriptionActive, "", now, next, slot
	})
}

func (b *book) Change(_ context.Context, was, to bot.Subscription) (bot.Subscription, error) {
	for _, s := range b.subs {
		if s.ID != was.ID && s.Room == to.Room && s.Cron == to.Cron && s.Zone == to.Zone && maps.Equal(s.Options, to.Options) {
			return s, errors.New("subscribed already")
		}
	}
	return b.change(was.Room, was.ID, func(s *bot.Subscription) { s.Options, s.Next, s.Slot = to.Options, to.Next, to.Slot })
}

func (b *book) Restore(_ context.Context, room bot.Room, id int64, since time.Time) (bot.Subscription, error) {
	for i, s := range b.ended {
		if s.ID == id && s.Room == room && !b.endedAt.Before(since) {
			b.ended = slices.Delete(b.ended, i, i+1)
			b.subs = append(b.subs, s)
			return s, nil
		}
	}
	return bot.Subscription{}, errors.New("no such subscription")
}

func (b *book) Deliveries(_ context.Context, room bot.Room, _ int) ([]bot.Delivery, error) {
	var of []bot.Delivery
	for _, d := range b.history {
		if d.Subscription.Room == room {
			of = append(of, d)
		}
	}
	return of, b.err
}

func (b *book) Subscribe(_ context.Context, sub bot.Subscription) (bot.Subscription, error) {
	for _, s := range b.subs {
		if s.Room == sub.Room && s.Cron == sub.Cron && s.Zone == sub.Zone && maps.Equal(s.Options, sub.Options) {
			return s, errors.New("subscribed already")
		}
	}
	b.last++
	sub.ID = b.last
	b.subs = append(b.subs, sub)
	return sub, b.err
}

func (b *book) Subscriptions(_ context.Context, room bot.Room) ([]bot.Subscription, error) {
	var subs []bot.Subscription
	for _, s := range b.subs {
		if s.Room == room && !b.blind {
			subs = append(subs, s)
		}
	}
	return subs, b.err
}

func (b *book) Unsubscribe(_ context.Context, room bot.Room, id int64, now time.Time) (bot.Subscription, error) {
	for i, s := range b.subs {
		if s.ID == id && s.Room == room {
			b.subs = slices.Delete(b.subs, i, i+1)
			b.ended, b.endedAt = append(b.ended, s), now
			return s, nil
		}
	}
	return bot.Subscription{}, errors.New("no such subscription")
}

func (*book) CarryOut(ctx context.Context, _ bot.Message, do func(context.Context) ([]byte, error)) ([]byte, error) {
	return do(ctx)
}

var lobby = bot.Room{Platform: "slack", ID: "C1"}

func say(t *testing.T, b *book, room bot.Room, text string) string {
	t.Helper()
	mux, err := bot.NewMux(digest.Verbs(b, nil)...)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := mux.Answer(t.Context(), bot.Message{
		Room: room, Sender: "U1", Text: text, SentAt: time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatalf("%s: got error %v", text, err)
	}
	return together(reply.String())
}

// together drops blank lines: how blocks are spaced is not this package's matter.
func together(text string) string { return strings.ReplaceAll(text, "\n\n", "\n") }

func TestARoomSubscribesListsAndEnds(t *testing.T) {
	t.Parallel()
	var b book
	const none = "This room has no subscriptions. To get a digest every Monday, write: subscribe digest weekly mon 08:00 Europe/Zurich."
	const order = "It is ordered. Is it what you meant? Say yes, or no within ten minutes to cancel it.\n\n→ ✅ Confirm: yes N\n→ ❌ Cancel: no N\n→ All subscriptions of this room: subscriptions\n→ Pause: pause N"
	asked := func(n string) string { return "\n\n" + strings.ReplaceAll(order, "N", n) }
	const choice = "\n\n→ All subscriptions of this room: subscriptions\n→ Pause: pause 1\n→ Unsubscribe: unsubscribe 1"
	shown := strings.TrimSpace(`
It comes next on:

• Mon 30 Nov 2026, 08:00 CET (UTC+01:00) = Mon 30 Nov 2026, 07:00 UTC
• Mon 7 Dec 2026, 08:00 CET (UTC+01:00) = Mon 7 Dec 2026, 07:00 UTC
• Mon 14 Dec 2026, 08:00 CET (UTC+01:00) = Mon 14 Dec 2026, 07:00 UTC

In it: the week ahead, the next 30 days, deadlines in the next 60 days, what has changed since the last edition, what is new in the corpus, and what the record says on the next session's topic; on all processes and topics, in English.`)
	for _, c := range []struct{ text, want string }{
		{"subscriptions", none},
		{"unsubscribe 1", "This room has no subscriptions, so there is nothing to end."},
		{"subscribe digest weekly mon 08:00 Europe/Geneva", `There is no time zone "Europe/Geneva"; did you mean Europe/Zurich?`},
		{"subscribe digest daily 8am UTC", `Write the time "8am" as 08:00, for example digest daily 07:30 America/New_York.`},
		{
			"subscribe digest weekly mon 08:00 Europe/Zurich",
			"Subscribed this room to #1: digest weekly mon 08:00 Europe/Zurich.\n\n" + shown + asked("1"),
		},
		{
			`subscribe digest cron "0 8 * * 1" Europe/Zurich`,
			"This room is subscribed to that already, as #1: digest weekly mon 08:00 Europe/Zurich.\n\n" + shown + choice,
		},
		{
			`subscribe digest daily 18:00 America/Sao_Paulo topics:"Global Mechanism"`, strings.TrimSpace(`
Subscribed this room to #2: digest daily 18:00 America/Sao_Paulo topics:"Global Mechanism".

It comes next on:

• Tue 24 Nov 2026, 18:00 (UTC-03:00) = Tue 24 Nov 2026, 21:00 UTC
• Wed 25 Nov 2026, 18:00 (UTC-03:00) = Wed 25 Nov 2026, 21:00 UTC
• Thu 26 Nov 2026, 18:00 (UTC-03:00) = Thu 26 Nov 2026, 21:00 UTC

In it: the week ahead, the next 30 days, deadlines in the next 60 days, what has changed since the last edition, what is new in the corpus, and what the record says on the next session's topic; on Global Mechanism, in English.`) + asked("2"),
		},
		{
			"subscribe digest monthly 1 09:00 UTC", strings.TrimSpace(`
Subscribed this room to #3: digest monthly 1 09:00 UTC.

It comes next on:

• Tue 1 Dec 2026, 09:00 UTC
• Fri 1 Jan 2027, 09:00 UTC
• Mon 1 Feb 2027, 09:00 UTC

In it: the week ahead, the next 30 days, deadlines in the next 60 days, what has changed since the last edition, what is new in the corpus, and what the record says on the next session's topic; on all processes and topics, in English.`) + asked("3"),
		},
		{
			"subscriptions", strings.TrimSpace(`
This room has 3 subscriptions.

• #1 digest weekly mon 08:00 Europe/Zurich — active, next Mon 30 Nov 2026, 08:00 CET (UTC+01:00) = Mon 30 Nov 2026, 07:00 UTC
• #2 digest daily 18:00 America/Sao_Paulo topics:"Global Mechanism" — active, next Tue 24 Nov 2026, 18:00 (UTC-03:00) = Tue 24 Nov 2026, 21:00 UTC
• #3 digest monthly 1 09:00 UTC — active, next Tue 1 Dec 2026, 09:00 UTC

To stop one for a while, write pause and its number; to end it, unsubscribe and its number; to change it, for example change 1 lang:fr.`),
		},
		{"unsubscribe #2.", "Ended #2: digest daily 18:00 America/Sao_Paulo topics:\"Global Mechanism\".\n\nFor ten minutes that can be undone.\n\n→ Undo: undo 2"},
		{"unsubscribe 3", "Ended #3: digest monthly 1 09:00 UTC.\n\nFor ten minutes that can be undone.\n\n→ Undo: undo 3"},
		{
			"unsubscribe 3",
			"This room has no subscription #3. It has:\n\n• #1 digest weekly mon 08:00 Europe/Zurich — active, next Mon 30 Nov 2026, 08:00 CET (UTC+01:00) = Mon 30 Nov 2026, 07:00 UTC",
		},
		{
			"unsubscribe everything",
			"\"everything\" is no number of a subscription; write for example unsubscribe 1. This room has:\n\n• #1 digest weekly mon 08:00 Europe/Zurich — active, next Mon 30 Nov 2026, 08:00 CET (UTC+01:00) = Mon 30 Nov 2026, 07:00 UTC",
		},
		{
			"unsubscribe",
			"Say which one, for example unsubscribe 1. This room has:\n\n• #1 digest weekly mon 08:00 Europe/Zurich — active, next Mon 30 Nov 2026, 08:00 CET (UTC+01:00) = Mon 30 Nov 2026, 07:00 UTC",
		},
	} {
		if diff := cmp.Diff(together(c.want), say(t, &b, lobby, c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
	if got := say(t, &b, bot.Room{Platform: "slack", ID: "C2"}, "subscriptions"); got != none {
		t.Errorf("another room: got %q, want %q", got, none)
	}
	if got := say(t, &b, bot.Room{Platform: "slack", ID: "C2"}, "unsubscribe 1"); len(b.subs) != 1 {
		t.Errorf("another room ends #1: got %q and %d subscriptions, want 1", got, len(b.subs))
	}
}

func TestASubscriptionIsKeptAsOrdered(t *testing.T) {
	t.Parallel()
	var b book
	say(t, &b, lobby, "subscribe digest weekly mon 08:00 Europe/Zurich empty:skip")
	want := []bot.Subscription{{
		ID: 1, Room: lobby, Kind: "digest", Cron: "0 8 * * 1", Zone: "Europe/Zurich", Options: map[string]string{"empty": "skip"},
		CreatedBy: "U1", CreatedAt: instant(t, "2026-11-24T10:00:00Z"), Next: instant(t, "2026-11-30T07:00:00Z"), Slot: "2026-11-30T08:00", State: "active",
	}}
	if diff := cmp.Diff(want, b.subs); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestAReadingThatClocksLeaveOutIsSaid(t *testing.T) {
	t.Parallel()
	var b book
	got := say(t, &b, lobby, "subscribe digest cron '30 2 14 3 *' America/New_York")
	const want = "• Sun 14 Mar 2027, 03:00 EDT (UTC-04:00) = Sun 14 Mar 2027, 07:00 UTC (clocks leave out 02:30 that day)\n"
	if !strings.Contains(got, want) {
		t.Errorf("got %q, want it to hold %q", got, want)
	}
}

func TestTwoPeopleSubscribeAtOnce(t *testing.T) {
	t.Parallel()
	b := book{blind: true}
	say(t, &b, lobby, "subscribe digest daily 08:00 UTC")
	const want = "This room is subscribed to that already, as #1: digest daily 08:00 UTC."
	if got, _, _ := strings.Cut(say(t, &b, lobby, "subscribe digest daily 08:00 UTC"), "\n"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAStoppedSubscriptionSaysSo(t *testing.T) {
	t.Parallel()
	var b book
	say(t, &b, lobby, "subscribe digest daily 08:00 UTC")
	b.subs[0].State, b.subs[0].Reason = bot.SubscriptionGone, "is_archived"
	for text, want := range map[string]string{
		"subscriptions":                    "• #1 digest daily 08:00 UTC — stopped because I could not reach the room (is_archived)",
		"subscribe digest daily 08:00 UTC": "This room has that already, but it is stopped because I could not reach the room (is_archived): #1 digest daily 08:00 UTC.",
	} {
		if got := say(t, &b, lobby, text); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want it to hold %q", text, got, want)
		}
	}
}

func TestARoomCannotOrderWithoutEnd(t *testing.T) {
	t.Parallel()
	var b book
	for i := range 20 {
		say(t, &b, lobby, "subscribe digest daily 08:"+string(rune('0'+i/10))+string(rune('0'+i%10))+" UTC")
	}
	const want = "This room has 20 subscriptions, and more than that would be noise; end one with unsubscribe N first."
	if got := say(t, &b, lobby, "subscribe digest daily 09:00 UTC"); got != want || len(b.subs) != 20 {
		t.Errorf("got %q and %d, want %q and 20", got, len(b.subs), want)
	}
}

func TestABrokenBookIsTheProgramsMistake(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	b := book{err: broken}
	for _, verb := range digest.Verbs(&b, nil) {
		reply, err := verb.Handler.Answer(t.Context(), bot.Message{Room: lobby, Text: map[bool]string{true: "1", false: "digest daily 08:00 UTC"}[verb.Name == "undo"], SentAt: time.Now()})
		if !errors.Is(err, broken) {
			t.Errorf("%s: got %q, %v, want %v", verb.Name, reply, err, broken)
		}
	}
}

func TestExamplesOfTheVerbsWork(t *testing.T) {
	t.Parallel()
	for _, verb := range digest.Verbs(&book{}, nil) {
		for _, text := range verb.Examples {
			phrase, subscribes := strings.CutPrefix(text, "subscribe ")
			if _, err := digest.ParsePhrase(phrase); subscribes && err != nil {
				t.Errorf("%s: got error %v", text, err)
			}
		}
	}
}

// TestTheVerbsThatChangeWhatARoomGetsSaySo is what platforms go by when they ask
// who may use them.
func TestTheVerbsThatChangeWhatARoomGetsSaySo(t *testing.T) {
	t.Parallel()
	var manage []string
	for _, v := range append(digest.Verbs(nil, nil), digest.TopicVerbs(nil)...) {
		if v.Manages {
			manage = append(manage, v.Name)
		}
	}
	if got, want := strings.Join(manage, " "), "subscribe change pause resume unsubscribe undo yes no follow unfollow"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if v := (digest.Amending{}).Verb(); !v.Administers || v.Manages {
		t.Errorf("calendar: got %+v, want a verb for administrators", v)
	}
}
