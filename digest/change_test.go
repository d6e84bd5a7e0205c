package digest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/digest"
)

func TestAnOrderIsChangedWithoutOrderingItAnew(t *testing.T) {
	t.Parallel()
	var b book
	say(t, &b, lobby, "subscribe digest daily 08:00 Europe/Zurich")
	say(t, &b, lobby, "subscribe digest daily 08:00 Europe/Zurich lang:fr")
	first := b.subs[0]
	for _, test := range []struct{ text, want string }{
		{"change 1 succession:no", "Changed #1: digest daily 08:00 Europe/Zurich succession:no."},
		{`change 1 topics:OEWG,"Global Mechanism" succession:default`, `Changed #1: digest daily 08:00 Europe/Zurich topics:OEWG,"Global Mechanism".`},
		{"change 1 topics:OEWG", `→ Undo: change 1 topics:OEWG,"Global Mechanism"`},
		{"change 1 weekly tue 09:00", "write unsubscribe 1, and then: subscribe digest weekly tue 09:00 Europe/Zurich topics:OEWG"},
		{"change 1 digest daily 07:30 America/New_York lang:fr", "and then: subscribe digest daily 07:30 America/New_York topics:OEWG lang:fr"},
		{"change 1 zone:Europe/Paris", "and then: subscribe digest daily 08:00 Europe/Paris topics:OEWG"},
		{"change 1 weekly whenever", "and then: subscribe digest daily 08:00 Europe/Zurich topics:OEWG"},
		{"change 1 topics:default", "→ Undo: change 1 topics:OEWG"},
		{"change 1 lang:fr", "This room has that already, as #2: digest daily 08:00 Europe/Zurich lang:fr."},
		{"change 1 lang:de", `Digests are not written in "de"; the languages are ar, en, es, fr, ru and zh, as in lang:fr.`},
		{"change 1 succession:maybe", `Succession: is yes or no, not "maybe"; write succession:yes.`},
		{"change 1 colour:default", `There is no option "colour"; the options are`},
		{"change 1", "Say what to change, for example change 1 succession:no; the options are"},
		{"change", "Say which one, for example change 1. This room has:"},
		{"change 7 lang:fr", "This room has no subscription #7. It has:"},
		{"change 1 lang:default", "That is so already: #1 digest daily 08:00 Europe/Zurich."},
		{"change 1 quiet:07:00-09:00", "Wed 25 Nov 2026, 09:00 CET"},
	} {
		if got := say(t, &b, lobby, test.text); !strings.Contains(got, test.want) {
			t.Errorf("%s: got\n%s\nwant it to hold %q", test.text, got, test.want)
		}
	}
	if now := b.subs[0]; now.Next.Hour() != 8 || now.ID != first.ID || now.Cron != first.Cron || now.Zone != first.Zone {
		t.Errorf("got %+v, want the order of before with other options", now)
	}
}

func TestARoomTurnsTheSuccessionOffAsItsEditionSays(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", nil)
	edition := s.edition("2026-11-23T08:00:00Z").String()
	_, after, found := strings.Cut(edition, "(to leave this line out: ")
	if !found || !strings.Contains(after, "source: https://") || !strings.Contains(after, "checked ") {
		t.Fatalf("got\n%s\nwant the succession with a source, the day it was checked and how to turn it off", edition)
	}
	command, _, _ := strings.Cut(after, ")")
	mux, err := bot.NewMux(digest.Verbs(s.store, nil)...)
	ok(t, err)
	_, err = mux.Answer(t.Context(), bot.Message{Room: s.sub.Room, Sender: "U1", Text: command, SentAt: s.now.Add(time.Minute)})
	ok(t, err)
	subs, err := s.store.Subscriptions(t.Context(), s.sub.Room)
	ok(t, err)
	if diff := cmp.Diff(map[string]string{"succession": "no"}, subs[0].Options); diff != "" {
		t.Errorf("options (want, got):\n%s", diff)
	}
	s.sub = subs[0]
	if got := s.edition("2026-11-24T08:00:00Z").String(); strings.Contains(got, "follows it") {
		t.Errorf("got\n%s\nwant no line about the group that has ended", got)
	}
}

// TestOtherQuietHoursNeitherDoubleNorLoseAnEdition changes the quiet hours after an
// edition that they held, and before one that they hold.
func TestOtherQuietHoursNeitherDoubleNorLoseAnEdition(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order, next, slot string // what is next when the change comes
		at, change, want  string
	}{
		"today's came at seven": {
			"daily 06:00 UTC quiet:22:00-07:00", "2026-11-25T07:00:00Z", "2026-11-25T07:00",
			"2026-11-24T07:30:00Z", "quiet:22:00-08:00", "2026-11-25T08:00",
		},
		"today's is still held": {
			"daily 06:00 UTC quiet:22:00-09:00", "2026-11-24T09:00:00Z", "2026-11-24T09:00",
			"2026-11-24T08:30:00Z", "quiet:default", "2026-11-24T06:00",
		},
		"today's is due already": {
			"daily 06:00 UTC quiet:22:00-07:00", "2026-11-24T07:00:00Z", "2026-11-24T07:00",
			"2026-11-24T07:00:00Z", "quiet:default", "2026-11-24T07:00",
		},
		"nothing of quiet hours": {
			"daily 06:00 UTC", "2026-11-25T06:00:00Z", "2026-11-25T06:00",
			"2026-11-24T08:30:00Z", "lang:fr", "2026-11-25T06:00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b book
			sayAt(t, &b, nil, "2026-11-20T10:00:00Z", "subscribe digest "+c.order)
			b.subs[0].Next, b.subs[0].Slot = instant(t, c.next), c.slot
			sayAt(t, &b, nil, c.at, "change 1 "+c.change)
			if got := b.subs[0]; got.Slot != c.want || got.Next.Format("2006-01-02T15:04") != c.want {
				t.Errorf("got next %s, slot %s, want %s", got.Next, got.Slot, c.want)
			}
		})
	}
}

// TestAMonthThatHasTheDayIsNotSaidToLackIt moves an occurrence by quiet hours into
// the next month.
func TestAMonthThatHasTheDayIsNotSaidToLackIt(t *testing.T) {
	t.Parallel()
	s := schedule(t, "0 23 31L * *", "UTC").Sparing(quietHours(t, "22:00-07:00"))
	for i, want := range []string{"", "February has no day 31, so it comes on the last one"} {
		if got := s.Upcoming(instant(t, "2027-01-15T00:00:00Z"), 2)[i]; got.Note != want {
			t.Errorf("%s: got the note %q, want %q", got.Slot, got.Note, want)
		}
	}
}
