package search_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rapporteur/corpus"
	"rapporteur/search"
)

func engine(tb testing.TB, more ...*corpus.Document) *search.Engine {
	tb.Helper()
	c, err := corpus.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	e, err := search.New(c.With(more...), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func TestVerdictsOnWhatPeoplePaste(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, c := range []struct {
		claim string
		want  search.Ruling
		alarm string
	}{
		{`Those who believe themselves to be more “advanced” must not impose anything on the others.`, search.Verbatim, ""},
		{`Russia: "Those who believe themselves to be more advanced must impose anything on the others."`, search.Altered, "negation"},
		{`"Those who believe themselves to be more "advanced" must not impose anything on the others."`, search.Typography, ""},
		{`Nebenzia said: «We advocate inviolability of states' sovereignty in the digital domain»`, search.Typography, ""},
		{"tasked to draft a corresponding convention by 2023", search.Verbatim, ""},
		{"drafting a corresponding convention by 2023", search.Altered, ""},
		{"is tasked to draft a corresponding convention by 2025", search.Altered, "date,number"},
		{"It was Russia that back in 1998 first raised this issue at the UN as a thoughtfully calibrated and well-balanced package of arrangements", search.Stitched, ""},
		{"It was Russia that back in 1998 first raised this issue at the UN present a thoughtfully calibrated and well-balanced package of arrangements", search.Stitched, ""},
		{"It was Russia that back in 1998 first raised this issue … and proposing a relevant UNGA resolution.", search.Truncated, ""},
		{"We consider such attempts ... undesirable confrontational scenarios", search.Truncated, ""},
		{`China said: "Each country should define parameters of regulating its information space"`, search.Misattributed, ""},
		{`Nakamitsu: "Each country should define parameters of regulating its information space"`, search.Misattributed, ""},
		{`Russia, 2019: "Each country should define parameters of regulating its information space"`, search.Misattributed, ""},
		{`Russia, 2021: "Each country should define parameters of regulating its information space"`, search.Verbatim, ""},
		{"Each country should define parameters of regulating its information space (Nebenzia, 29 June 2021)", search.Verbatim, ""},
		{"each country SHOULD define\nparameters of regu\u00adlating its information  space", search.Typography, ""},
		{"Each country must define parameters of regulating its information space", search.Altered, "modal"},
		{"Each country should define parameters of regulating its information space in Geneva and related infrastructure on its own", search.Altered, "name"},
		{"cyber is the new nuclear", search.NotInCorpus, ""},
		{"digital gap", search.TooShort, ""},
		{"purple bananas", search.NotInCorpus, ""},
		{"", search.NotInCorpus, ""},
		{"…", search.NotInCorpus, ""},
	} {
		v := e.Verify(c.claim)
		if got := strings.Join(v.Alarm, ","); v.Ruling != c.want || got != c.alarm {
			t.Errorf("%s\n got %s %q (%v)\nwant %s %q", c.claim, v.Ruling, got, v.Diff, c.want, c.alarm)
		}
		if (v.Ruling == search.NotInCorpus) != (len(v.Quotations) == 0) {
			t.Errorf("%s: got %s with %d quotations", c.claim, v.Ruling, len(v.Quotations))
		}
	}
	if v := e.Verify("It was Russia that back in 1998 … proposing a relevant UNGA resolution."); v.Hidden != 19 || !strings.Contains(v.Quotations[0].Text(), "combat threats") {
		t.Errorf("got %d hidden words in %q, want 19, shown", v.Hidden, v.Quotations[0].Text())
	}
}

// sentences returns the sentences of the embedded record with at least n words.
func sentences(tb testing.TB, n int) []string {
	tb.Helper()
	c, err := corpus.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, p := range c.Passages() {
		for _, s := range search.Sentences(p.Text) {
			if text := p.Text[s.From:s.To]; p.Para > 0 && len(strings.Fields(text)) >= n {
				out = append(out, text)
			}
		}
	}
	return out
}

func TestVerifyInOtherScripts(t *testing.T) {
	t.Parallel()
	docs, problems, err := corpus.Load(fstest.MapFS{
		"ru.md": {Data: []byte("---\ndelegation: Russian Federation\nlanguage: ru\n---\nГосударства не должны использовать информационные технологии во вред другим странам.\n")},
		"zh.md": {Data: []byte("---\ndelegation: China\nlanguage: zh\n---\n各国不应利用信息通信技术干涉他国内政。\n")},
		"ar.md": {Data: []byte("---\ndelegation: Egypt\nlanguage: ar\n---\nلا ينبغي للدول أن تستخدم تكنولوجيا المعلومات ضد دول أخرى.\n")},
	})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	e := engine(t, docs...)
	for claim, want := range map[string]string{
		"Государства не должны использовать информационные технологии во вред другим странам": "verbatim",
		"Государства должны использовать информационные технологии во вред другим странам":    "altered negation",
		"各国不应利用信息通信技术干涉他国内政":                               "verbatim",
		"各国应利用信息通信技术干涉他国内政":                                "altered negation",
		"ينبغي للدول أن تستخدم تكنولوجيا المعلومات ضد دول": "verbatim negation",
		"لا ينبغي للدول تستخدم تكنولوجيا المعلومات ضد دول": "altered",
	} {
		v := e.Verify(claim)
		if got := strings.TrimSpace(string(v.Ruling) + " " + strings.Join(v.Alarm, ",")); got != want {
			t.Errorf("%s: got %s %v, want %s", claim, got, v.Diff, want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	for _, s := range sentences(f, 8)[:5] {
		f.Add(s)
	}
	for _, s := range []string{"", "…", "\xff\x00", `""""`, "a b c d", "…a…b…", "Russia: \"", strings.Repeat("not ", 50), "各国", "\u202eevil\u202c words here now", "We advocate invio-\nlability … digital domain", "Ｗｅ ａｄｖｏｃａｔｅ (China, ¶3)", "According to China, “we", "— V. Nebenzia, 2019", "[T]he key 1,000 12.5 2021年3月"} {
		f.Add(s)
	}
	e := engine(f)
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		v := e.Verify(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%d bytes: took %v", len(text), took)
		}
		for _, q := range v.Quotations {
			if !strings.Contains(q.Document().Text, q.Text()) || !strings.Contains(q.Passage().Text, q.Text()) || q.Text() == "" {
				t.Errorf("%q: got %q, which nobody said", text, q.Text())
			}
		}
		if (v.Ruling == search.NotInCorpus) != (len(v.Quotations) == 0) {
			t.Errorf("%q: got %s with %d quotations", text, v.Ruling, len(v.Quotations))
		}
	})
}

func FuzzSentences(f *testing.F) {
	f.Add("We thank Ms.Nakamitsu for her briefing. It was i.a. good… Yes!")
	f.Add("各国不应。他国？")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range search.Sentences(text) {
			if s.From < last || s.To <= s.From || s.To > len(text) {
				t.Fatalf("%q: got span %v after %d", text, s, last)
			}
			last = s.To
		}
	})
}

func TestSentencesSurviveAbbreviations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"We thank Ms.Nakamitsu for her briefing. Thank you.":                             2,
		"We thank Ms. Nakamitsu, i.a. for her work. It helped.":                          2,
		"Resolution A/RES/73/27 was adopted. So was 73/266.":                             2,
		"He said “no.” She said “yes.” All agreed.":                                      3,
		"J. Smith spoke at 10.30 a.m. in New York.":                                      1,
		"Is it so? It is! Good…":                                                         3,
		"各国不应。他国也是。":                                                                     2,
		"Государства не должны. Это важно.":                                              2,
		"Executive Order No. 213 of 12 April entered into force. It stands to this day.": 2,
	} {
		if got := search.Sentences(text); len(got) != want {
			t.Errorf("%s: got %d sentences, want %d", text, len(got), want)
		}
	}
}
