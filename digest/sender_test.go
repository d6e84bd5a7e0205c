package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
)

// sayAs answers what a person of a language and a zone types.
func sayAs(t *testing.T, b *book, language, zone, text string) string {
	t.Helper()
	mux, err := bot.NewMux(digest.Verbs(b, nil)...)
	ok(t, err)
	reply, err := mux.Answer(t.Context(), bot.Message{
		Room: lobby, Sender: "U1", Text: text, Language: language, Zone: zone,
		SentAt: time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC),
	})
	ok(t, err)
	return together(reply.String())
}

func TestAnOrderTakesTheZoneAndTheLanguageOfWhoeverGivesIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ language, zone, text, zoneKept, languageKept, opening string }{
		{"fr-CH", "Europe/Zurich", "subscribe digest daily 08:00", "Europe/Zurich", "fr", "#1: digest daily 08:00 Europe/Zurich lang:fr, in your time zone, Europe/Zurich."},
		{"zh-Hans-CN", "Asia/Shanghai", "subscribe digest daily 08:00 topics:OEWG", "Asia/Shanghai", "zh", "#1: digest daily 08:00 Asia/Shanghai topics:OEWG lang:zh, in your time zone, Asia/Shanghai."},
		{"de-DE", "Europe/Berlin", "subscribe digest daily 08:00", "Europe/Berlin", "", "#1: digest daily 08:00 Europe/Berlin, in your time zone, Europe/Berlin."},
		{"en-GB", "Europe/London", "subscribe digest daily 08:00 UTC", "UTC", "", "#1: digest daily 08:00 UTC."},
		{"fr-FR", "Europe/Paris", "subscribe digest daily 08:00 America/New_York lang:en", "America/New_York", "en", "#1: digest daily 08:00 America/New_York lang:en."},
		{"no tag", "Mars/Olympus", "subscribe digest daily 08:00", "", "", "Say in which time zone, for example digest daily 08:00 Europe/Zurich."},
		{"", "", "subscribe digest daily 08:00 UTC lang:de", "", "", "Digests are not written in \"de\"; the languages are ar, en, es, fr, ru and zh, as in lang:fr."},
	} {
		var b book
		got := sayAs(t, &b, test.language, test.zone, test.text)
		if !strings.Contains(got, test.opening) {
			t.Errorf("%s, %s: %s: got\n%s\nwant %q", test.language, test.zone, test.text, got, test.opening)
		}
		if test.zoneKept == "" {
			if len(b.subs) != 0 {
				t.Errorf("%s: got %v, want nothing subscribed", test.text, b.subs)
			}
			continue
		}
		if sub := b.subs[0]; sub.Zone != test.zoneKept || sub.Options[digest.OptionLanguage] != test.languageKept {
			t.Errorf("%s: got zone %q and language %q, want %q and %q", test.text, sub.Zone, sub.Options[digest.OptionLanguage], test.zoneKept, test.languageKept)
		}
	}
}
