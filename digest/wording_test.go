package digest_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"rapporteur/bot"
	"rapporteur/digest"
)

// forms are the names of the plural forms.
var forms = map[plural.Form]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// readWords reads a file of words: its texts by their keys, those of plurals with
// the forms they have.
func readWords(t *testing.T, code string) (texts map[string]string, counted map[string][]string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("words", code+".txt"))
	ok(t, err)
	texts, counted = map[string]string{}, map[string][]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, text, found := strings.Cut(line, ": ")
		if !found || text == "" {
			t.Errorf("%s: the line %q is no key with a text", code, line)
		}
		if dot := strings.LastIndex(key, "."); dot >= 0 && slices.Contains(slices.Collect(maps.Values(forms)), key[dot+1:]) {
			counted[key[:dot]] = append(counted[key[:dot]], key[dot+1:])
			key = key[:dot]
		}
		texts[key] = text
	}
	return texts, counted
}

func TestEveryLanguageHasAllTheWordsOfAnEditionAndItsPluralForms(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`\{\w+\}`)
	english, counted := readWords(t, "en")
	for _, code := range []string{"en", "ar", "es", "fr", "ru", "zh"} {
		texts, has := readWords(t, code)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(texts))); diff != "" {
			t.Errorf("%s has other keys than English (want, got):\n%s", code, diff)
		}
		for key, text := range texts {
			for _, name := range names.FindAllString(text, -1) {
				// The number of a form may be written out, and only that.
				if !strings.Contains(english[key], name) && name != "{n}" {
					t.Errorf("%s: %s names %s, which English does not: %q", code, key, name, text)
				}
			}
			for _, name := range names.FindAllString(english[key], -1) {
				_, number := counted[key]
				if spelled := number && name == "{n}"; !spelled && !strings.Contains(text, name) {
					t.Errorf("%s: %s leaves %s out: %q", code, key, name, text)
				}
			}
		}
		for key := range counted {
			for n := range 1000 {
				form := forms[plural.Cardinal.MatchPlural(language.MustParse(code), n, 0, 0, 0, 0)]
				if n > 0 && code != "en" && !slices.Contains(has[key], form) {
					t.Errorf("%s: %s lacks the form %q, which %d takes", code, key, form, n)
					break
				}
			}
		}
	}
}

func TestEditionsComeInTheLanguageOfTheirSubscription(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ar", "es", "fr", "ru", "zh"} {
		s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{digest.OptionLanguage: code})
		s.record = spoken{s.corpus}
		var all []string
		write := func(due string) { all = append(all, s.edition(due).String()) }
		write("2026-11-23T08:00:00Z")
		write("2026-11-24T08:00:00Z")
		s.calendar = moved(t, s.calendar, 24, "end", "2026-12-18")
		s.corpus = s.corpus.With(document(t, "ch-2026", "Statement by Switzerland", opening+"The Global Mechanism shall begin its thematic groups with capacity-building. "+opening))
		s.know("gm-dtg-2026")
		write("2026-11-25T08:00:00Z")
		write("2026-12-01T08:00:00Z")
		got := strings.Join(all, "\n\n════\n\n")
		golden(t, "edition-in-"+code, got)
		for _, english := range []string{"working day", "source:", "checked", "edition of", "Next 30", "This week", "Searched", "confidence", "ended on", "December 2026,", "official holidays", "Eid al-Fitr and"} {
			if strings.Contains(got, english) {
				t.Errorf("%s: the edition says %q in English:\n%s", code, english, got)
			}
		}
		for _, latin := range map[string][]string{"ar": {"2026, ", "New York, ", "), 25"}, "zh": {"日, ", "月, ", "New York, ", "), 2026"}}[code] {
			if strings.Contains(got, latin) {
				t.Errorf("%s: %q is joined by a Latin comma:\n%s", code, latin, got)
			}
		}
	}
}

func TestALateEditionAndOneWithNothingNewSaySoInTheLanguage(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"fr": "Sécurité internationale de l’information à l’ONU, 24 novembre 2026 : rien de nouveau depuis l’édition du 23 novembre 2026 ; 3 dates à venir, sans changement.",
		"ru": "Международная информационная безопасность в ООН, 24 ноября 2026 года: ничего нового после выпуска от 23 ноября 2026 года; впереди без изменений: 3 даты.",
	} {
		s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{digest.OptionLanguage: code, "empty": "short"})
		s.edition("2026-11-23T08:00:00Z")
		if got := s.edition("2026-11-24T08:00:00Z").String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		late := digest.Edition{Subscription: s.sub, Due: s.now, Now: s.now, Late: 70 * 60e9}
		late.Subscription.ID, late.Subscription.Options = 0, map[string]string{digest.OptionLanguage: code}
		reply, err := s.press().Write(t.Context(), late)
		ok(t, err)
		want := map[string]string{
			"fr": "Retard de 1 h 10 min : l’édition était prévue à 08:00 UTC le 24 novembre 2026.",
			"ru": "Задержка 1 ч 10 мин: выпуск ожидался в 08:00 UTC 24 ноября 2026 года.",
		}[code]
		if !strings.Contains(reply.String(), want) {
			t.Errorf("got\n%s\nwant it to hold %q", reply, want)
		}
	}
}

func TestACorrectionIsToldInTheLanguageOfTheEdition(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	due := clockAt(23)()
	sub := bot.Subscription{Options: map[string]string{digest.OptionLanguage: "fr"}}
	reply, err := digest.NewPress(cal, record, 30*24*time.Hour).Write(t.Context(), digest.Edition{Subscription: sub, Due: due, Now: due})
	ok(t, err)
	post := bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Key: "edition-a", Reply: reply, Purpose: bot.ForDigest}
	receipt, err := w.Post(t.Context(), post)
	ok(t, err)
	ok(t, c.Posted(t.Context(), post, receipt))
	now := moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18", "city", "Geneva")
	next := corrector(s, w, 24)
	ok(t, next.Know(t.Context(), now, record, "gm-dtg-2026"))
	next.Tick(t.Context())
	for text, wants := range map[string][]string{
		w.texts["edition-a"]: {
			"meetings: 14–18 décembre 2026, Geneva, dans 21 jours (15 jours ouvrables) (corrigé – date : auparavant 7–11 décembre 2026, désormais 14–18 décembre 2026; corrigé – lieu : auparavant inconnu, désormais Geneva)",
			"source : https://example.org/new · vérifié le 24 novembre 2026 · confiance élevée",
		},
		w.posts[len(w.posts)-1].Reply.String(): {
			"Correction : Global Mechanism, dedicated thematic group (DTG) meetings : date : auparavant 7–11 décembre 2026, désormais 14–18 décembre 2026; lieu : auparavant inconnu, désormais Geneva (constaté le 24 novembre 2026)",
			"Le message ci-dessus est corrigé.",
		},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("got\n%s\nwant it to hold %q", text, want)
			}
		}
	}
}

// TestWhatTheCalendarWithholdsIsSaidInEachLanguage asks that the words of the calendar
// on days of holidays that it does not know stand among the words of editions: the
// keys and their names are compared elsewhere.
func TestWhatTheCalendarWithholdsIsSaidInEachLanguage(t *testing.T) {
	t.Parallel()
	cal, _ := known(t)
	english, _ := readWords(t, "en")
	home := map[string]bool{}
	for key, text := range english {
		if strings.HasPrefix(key, "withheld.") {
			home[text] = true
		}
	}
	for _, h := range cal.Holidays() {
		if days := h.Withheld["days"]; days != "" && !home[days] {
			t.Errorf("%s: %q has no words in other languages; give it a key that begins with withheld. in each file", h.ID, days)
		}
	}
}

// TestAPostOfOldIsPutRightWhoseDatesALatinCommaJoins corrects an edition from before
// languages had commas of their own.
func TestAPostOfOldIsPutRightWhoseDatesALatinCommaJoins(t *testing.T) {
	t.Parallel()
	for _, comma := range []string{"، ", ", "} {
		cal, record, s, w, c := desk(t)
		cal = moved(t, cal, 23, "city", "New York")
		ok(t, c.Know(t.Context(), cal, record, "gm-dtg-2026"))
		due := clockAt(23)()
		sub := bot.Subscription{Options: map[string]string{digest.OptionLanguage: "ar"}}
		reply, err := digest.NewPress(cal, record, 30*24*time.Hour).Write(t.Context(), digest.Edition{Subscription: sub, Due: due, Now: due})
		ok(t, err)
		for i, b := range reply {
			if f, is := b.(bot.Fact); is {
				f.Text = strings.NewReplacer("2026، ", "2026"+comma, "New York، ", "New York"+comma).Replace(f.Text)
				reply[i] = f
			}
		}
		post := bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Key: "edition-a", Reply: reply, Purpose: bot.ForDigest}
		receipt, err := w.Post(t.Context(), post)
		ok(t, err)
		ok(t, c.Posted(t.Context(), post, receipt))
		next := corrector(s, w, 24)
		ok(t, next.Know(t.Context(), moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18"), record, "gm-dtg-2026"))
		next.Tick(t.Context())
		got := w.texts["edition-a"]
		if want := "14–18 كانون الأول/ديسمبر 2026" + comma + "New York" + comma + "بعد 21 يوما"; !strings.Contains(got, want) || strings.Contains(got, "بعد 14 يوما") {
			t.Errorf("joined by %q: got\n%s\nwant it to hold %q", comma, got, want)
		}
	}
}
