package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/digest"

	"github.com/google/go-cmp/cmp"
)

// sayAt is say at a time of day.
func sayAt(t *testing.T, b *book, sessions digest.Sessions, at, text string) string {
	t.Helper()
	mux, err := bot.NewMux(digest.Verbs(b, sessions)...)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := mux.Answer(t.Context(), bot.Message{Room: lobby, Sender: "U1", Text: text, SentAt: instant(t, at)})
	if err != nil {
		t.Fatalf("%s: got error %v", text, err)
	}
	return together(reply.String())
}

func TestASubscriptionSleepsAndWakes(t *testing.T) {
	t.Parallel()
	var b book
	sayAt(t, &b, nil, "2026-11-24T10:00:00Z", "subscribe digest daily 08:00 UTC")
	for _, c := range []struct{ at, text, want string }{
		{"2026-11-24T10:00:00Z", "pause", "Say which one, for example pause 1. This room has:"},
		{"2026-11-24T10:00:00Z", "resume 1", "#1 is active already: digest daily 08:00 UTC."},
		{"2026-11-24T10:00:00Z", "pause #1", "Paused #1: digest daily 08:00 UTC."},
		{"2026-11-24T11:00:00Z", "pause 1", "#1 is paused (since 24 November 2026, 10:00 UTC) already."},
		{"2026-11-24T11:00:00Z", "subscriptions", "#1 digest daily 08:00 UTC — paused (since 24 November 2026, 10:00 UTC)"},
		{"2026-11-30T11:00:00Z", "resume 1", "Resumed #1: digest daily 08:00 UTC."},
	} {
		if got := sayAt(t, &b, nil, c.at, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want it to hold %q", c.text, got, c.want)
		}
	}
	// What fell due while it slept is left out: it goes on from now.
	if got := b.subs[0]; got.State != bot.SubscriptionActive || got.Slot != "2026-12-01T08:00" {
		t.Errorf("got %s, next %s, want active from 2026-12-01T08:00", got.State, got.Slot)
	}
}

func TestAnOrderCanBeUndoneForTenMinutes(t *testing.T) {
	t.Parallel()
	var b book
	if got := sayAt(t, &b, nil, "2026-11-24T09:00:00Z", "subscribe digest daily 08:00 UTC lang:fr lead:14d empty:skip topics:OEWG,norms"); !strings.Contains(got, "→ ❌ Cancel: no 1") ||
		!strings.Contains(got, "the next 14 days, deadlines in the next 60 days") || !strings.Contains(got, "; on OEWG and norms, in French. When there is nothing new, nothing comes.") {
		t.Errorf("got\n%s\nwant what will be in it, and the way back", got)
	}
	if got := sayAt(t, &b, nil, "2026-11-24T09:10:00Z", "undo 1"); !strings.HasPrefix(got, "Ended #1: ") || len(b.subs) != 0 {
		t.Errorf("got %q, want the order ended", got)
	}
}

func TestAnUnsubscribeCanBeUndoneForTenMinutes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, want string }{
		{"2026-11-24T10:10:00Z", "#1 is back: digest daily 08:00 UTC.\n"},
		{"2026-11-24T10:10:01Z", "There is nothing to undo: in the last ten minutes no subscription #1 was ended in this room"},
	} {
		var b book
		sayAt(t, &b, nil, "2026-11-24T09:00:00Z", "subscribe digest daily 08:00 UTC")
		if got := sayAt(t, &b, nil, "2026-11-24T10:00:00Z", "undo 1"); got != "#1 was not ended; this room has it." {
			t.Errorf("undo of nothing: got %q", got)
		}
		if got := sayAt(t, &b, nil, "2026-11-24T10:00:00Z", "unsubscribe 1"); !strings.Contains(got, "→ Undo: undo 1") {
			t.Errorf("unsubscribe: got %q, want the way back", got)
		}
		if got := sayAt(t, &b, nil, c.at, "undo 1"); !strings.HasPrefix(got, c.want) {
			t.Errorf("undo at %s: got %q, want %q", c.at, got, c.want)
		}
	}
}

func TestTheStatusOfARoom(t *testing.T) {
	t.Parallel()
	var b book
	sayAt(t, &b, nil, "2026-11-20T10:00:00Z", "subscribe digest daily 08:00 Europe/Zurich")
	if got := sayAt(t, &b, nil, "2026-11-20T10:00:00Z", "status"); !strings.Contains(got, "0 sent, 0 of them late, 0 missed") || !strings.Contains(got, "none sent yet") {
		t.Errorf("got %q, want nothing yet", got)
	}
	sub := b.subs[0]
	row := func(day, state, reason string, late time.Duration) bot.Delivery {
		due := instant(t, day+"T07:00:00Z")
		d := bot.Delivery{Key: day, Subscription: sub, Slot: day + "T08:00", Due: due, State: state, Reason: reason, DoneAt: due.Add(late)}
		if state == bot.DeliverySent && reason == "" {
			d.Receipt = "event-" + day
		}
		return d
	}
	b.history = []bot.Delivery{
		row("2026-11-24", bot.DeliverySent, "", 70*time.Minute),
		row("2026-11-23", bot.DeliveryMissed, "superseded by a later slot", 0),
		row("2026-11-22", bot.DeliveryFailed, "refused: not_in_channel", 0),
		row("2026-11-21", bot.DeliverySent, "", time.Second),
		row("2026-11-20", bot.DeliverySent, "nothing was posted", time.Second),
		row("2026-11-19", bot.DeliveryFailed, bot.ReasonUnsubscribed, 0),
		row("2026-01-21", bot.DeliveryMissed, "too long ago to count", 0),
	}
	b.subs[0].Next, b.subs[0].Slot = instant(t, "2026-11-25T07:00:00Z"), "2026-11-25T08:00"
	want := strings.TrimSpace(`
This room has 1 subscription. In the last 90 days: 2 sent, 1 of them late, 2 missed.

• #1 digest daily 08:00 Europe/Zurich — active, next Wed 25 Nov 2026, 08:00 CET (UTC+01:00) = Wed 25 Nov 2026, 07:00 UTC; last Tue 24 Nov 2026, 08:00, sent 1 h 10 min late; 2 sent, 1 late, 2 missed, 1 with nothing new

Missed
• #1 of Mon 23 Nov 2026, 08:00: missed, superseded by a later slot
• #1 of Sun 22 Nov 2026, 08:00: failed, refused: not_in_channel`)
	if diff := cmp.Diff(together(want), sayAt(t, &b, nil, "2026-11-24T10:00:00Z", "status")); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestADigestComesBeforeEachSessionOfTheCalendar(t *testing.T) {
	t.Parallel()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var b book
	got := sayAt(t, &b, digest.SessionsOf(cal), "2026-11-24T10:00:00Z", `subscribe digest sessions T-7,T-1 09:00 Europe/Zurich processes:"Global Mechanism"`)
	for _, want := range []string{
		"Mon 30 Nov 2026, 09:00 CET (UTC+01:00) = Mon 30 Nov 2026, 08:00 UTC (T-7 of the session that begins on 7 December 2026)",
		"Sun 6 Dec 2026, 09:00 CET (UTC+01:00) = Sun 6 Dec 2026, 08:00 UTC (T-1 of the session that begins on 7 December 2026)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant it to hold %s", got, want)
		}
	}
	if sub := b.subs[0]; sub.Slot != "2026-11-30T09:00" || sub.Cron != "sessions T-7,T-1 09:00" {
		t.Errorf("got %s, %s", sub.Slot, sub.Cron)
	}
	const after = "Mon 30 Nov 2026, 09:00 UTC (T-7 of the session that begins on 7 December 2026)"
	if got := sayAt(t, &book{}, digest.SessionsOf(cal), "2026-11-24T10:00:00Z", "subscribe digest sessions T-7 06:00 UTC quiet:22:00-09:00"); !strings.Contains(got, after) {
		t.Errorf("got %s\nwant it to hold %s, though quiet hours moved it", got, after)
	}
	if got := sayAt(t, &b, nil, "2026-11-24T10:00:00Z", "subscribe digest sessions 09:00 UTC"); !strings.Contains(got, "knows no session ahead") {
		t.Errorf("got %q, want it to say that none is known", got)
	}
}

func TestPreviewShowsWhatAPhraseWouldDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phrase, now string
		want        []string
	}{
		{"digest monthly 31 09:00 UTC", "2026-11-24T10:00:00Z", []string{
			"Mon 30 Nov 2026, 09:00 UTC (November has no day 31, so it comes on the last one)", "Thu 31 Dec 2026, 09:00 UTC", "Sun 31 Jan 2027, 09:00 UTC",
		}},
		{"digest daily 02:30 America/New_York", "2027-03-13T12:00:00Z", []string{
			"Sun 14 Mar 2027, 03:00 EDT (UTC-04:00) = Sun 14 Mar 2027, 07:00 UTC (clocks leave out 02:30 that day)",
			"Mon 15 Mar 2027, 02:30 EDT (UTC-04:00) = Mon 15 Mar 2027, 06:30 UTC",
			"Tue 16 Mar 2027, 02:30 EDT (UTC-04:00) = Tue 16 Mar 2027, 06:30 UTC",
		}},
		{"digest daily 01:30 America/New_York", "2026-10-31T12:00:00Z", []string{
			"Sun 1 Nov 2026, 01:30 EDT (UTC-04:00) = Sun 1 Nov 2026, 05:30 UTC (clocks show 01:30 twice that day; it comes the first time)",
			"Mon 2 Nov 2026, 01:30 EST (UTC-05:00) = Mon 2 Nov 2026, 06:30 UTC",
			"Tue 3 Nov 2026, 01:30 EST (UTC-05:00) = Tue 3 Nov 2026, 06:30 UTC",
		}},
		{"digest cron '0 */4 * * *' UTC quiet:21:00-07:00", "2026-11-24T13:00:00Z", []string{
			"Tue 24 Nov 2026, 16:00 UTC", "Tue 24 Nov 2026, 20:00 UTC", "Wed 25 Nov 2026, 07:00 UTC",
		}},
	} {
		ahead, err := digest.Preview(c.phrase, instant(t, c.now))
		if err != nil {
			t.Errorf("%s: got error %v", c.phrase, err)
			continue
		}
		var got []string
		for _, o := range ahead {
			got = append(got, o.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.phrase, diff)
		}
	}
	if _, err := digest.Preview("digest weekly mon 08:00 Europe/Geneva", time.Now()); err == nil || !strings.Contains(err.Error(), "did you mean Europe/Zurich?") {
		t.Errorf("got %v, want the zone that is meant", err)
	}
}
