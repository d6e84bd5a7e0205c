package search_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rapporteur/corpus"
	"rapporteur/search"
)

// loaded makes an engine of files alone.
func loaded(tb testing.TB, files map[string]string) *search.Engine {
	tb.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	docs, problems, err := corpus.Load(fsys)
	if err != nil || len(problems) > 0 {
		tb.Fatal(err, problems)
	}
	e, err := search.New(corpus.New(docs...), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// said is a small record of three speakers.
func said() map[string]string {
	return map[string]string{
		"ru.md": "---\nspeaker: Vassily Nebenzia\ndelegation: Russian Federation\ndate: 2021-06-29\nsymbol: S/2021/621\nlanguage: en\n---\nStates must not use information and communication technologies to harm others.\n\nThe first session was held on 26 March 2021 with 25 delegations and twelve observers in New York. We aren’t convinced that force helps, and we never were.\n\nAll delegations welcomed the report of the working group on security. They asked the Chair for more time to consider the many open questions that remained, and no delegation objected to this wish.\n",
		"cn.md": "---\nspeaker: Zhang Jun\ndelegation: China\ndate: 2020-05-04\nsymbol: S/2020/400\nlanguage: en\n---\nStates must not use information and communication technologies to harm others.\n\nSovereignty applies in the digital space as it does on land and at sea.\n",
		"fr.md": "---\ndelegation: France\nlanguage: fr\n---\nL’État n’est pas garant de l’information que diffusent les acteurs privés sur son territoire.\n",
		"es.md": "---\ndelegation: Spain\nlanguage: es\n---\nLos Estados no deberían permitir que su territorio se utilice para tres hechos ilícitos en enero de 2020.\n",
	}
}

func TestVerdictsOnVariants(t *testing.T) {
	t.Parallel()
	e := loaded(t, said())
	const shared = "States must not use information and communication technologies to harm others."
	for _, c := range []struct{ name, claim, want, alarm string }{
		{"either speaker of the same words", "Russia: " + shared, "verbatim", ""},
		{"the other speaker of the same words", "China said: “" + shared + "”", "verbatim", ""},
		{"neither speaker of the same words", "France said: “" + shared + "”", "misattributed", ""},
		{"one speaker with the other's date", "China, 29 June 2021: " + shared, "misattributed", ""},
		{"according to", "According to China, sovereignty applies in the digital space as it does on land and at sea.", "typography", ""},
		{"according to another", "According to France, sovereignty applies in the digital space as it does on land and at sea.", "misattributed", ""},
		{"a dash and the name", "Sovereignty applies in the digital space as it does on land and at sea. — Zhang Jun, 2020", "verbatim", ""},
		{"a dash and another name", "Sovereignty applies in the digital space as it does on land and at sea. — V. Nebenzia, 2020", "misattributed", ""},
		{"a dash and another year", "Sovereignty applies in the digital space as it does on land and at sea. — Zhang Jun, 2019", "misattributed", ""},
		{"the right symbol", "Sovereignty applies in the digital space as it does on land and at sea (S/2020/400)", "verbatim", ""},
		{"another symbol", "Sovereignty applies in the digital space as it does on land and at sea (S/2021/621)", "misattributed", ""},
		{"another day", "Sovereignty applies in the digital space as it does on land and at sea (China, 5 May 2020)", "misattributed", ""},
		{"the day as digits", "Sovereignty applies in the digital space as it does on land and at sea (China, 2020-05-04)", "verbatim", ""},
		{"another transliteration", "Nebenzya: “We aren’t convinced that force helps, and we never were.”", "verbatim", ""},
		{"nested quote marks", "He wrote: „China said ‘Sovereignty applies in the digital space as it does on land and at sea’ again“", "verbatim", ""},
		{"a quotation in a long text", strings.Repeat("We met and talked about many things. ", 40) + "“All delegations welcomed the report of the working group on security.”", "verbatim", ""},
		{"two paragraphs run together", "They asked the Chair for more time to consider the many open questions that remained, and no delegation objected to this wish. The first session was held on 26 March 2021 with 25 delegations", "stitched", ""},
		{"on into the next paragraph", shared + " The first session was held on 26 March 2021", "typography", ""},
		{"two ends of one sentence", "They asked the Chair for more time and no delegation objected to this wish", "stitched", ""},
		{"two documents", "All delegations welcomed the report as it does on land and at sea", "stitched", ""},
		{"three parts", "The first session was held on 26 March sovereignty applies in the digital space many open questions that remained, and no delegation", "stitched", ""},
		{"an ellipsis that joins documents", "All delegations welcomed the report … as it does on land and at sea", "stitched", ""},
		{"an ellipsis within", "They asked the Chair … consider the many open questions", "truncated", ""},
		{"an ellipsis in front", "[…] in the digital space as it does on land and at sea", "truncated", ""},
		{"an ellipsis behind", "Sovereignty applies in the digital space ...", "truncated", ""},
		{"an ellipsis that hides nothing", "Sovereignty applies in the digital space … as it does on land and at sea…", "typography", ""},
		{"an ellipsis that hides a denial", "States must … use information and communication technologies to harm others.", "truncated", "negation"},
		{"an ellipsis in front that hides a denial", "… use information and communication technologies to harm others.", "truncated", "negation"},
		{"a denial left out in front", "use information and communication technologies to harm others", "verbatim", "negation"},
		{"must for must not", "States must use information and communication technologies to harm others.", "altered", "negation"},
		{"need not for must not", "States need not use information and communication technologies to harm others.", "altered", "modal"},
		{"mustn't for must not", "States mustn't use information and communication technologies to harm others.", "altered", ""},
		{"are for aren't", "We are convinced that force helps, and we never were.", "altered", "negation"},
		{"are not for aren't", "We are not convinced that force helps, and we never were.", "altered", ""},
		{"ever for never", "We aren’t convinced that force helps, and we ever were.", "altered", "negation"},
		{"another notation of the number", "held on 26 March 2021 with twenty-five delegations and 12 observers in New York", "altered", ""},
		{"another number in words", "held on 26 March 2021 with twenty-six delegations and twelve observers in New York", "altered", "number"},
		{"another notation of the date", "The first session was held on March 26, 2021 with 25 delegations and twelve observers", "altered", ""},
		{"the date in digits", "The first session was held on 2021-03-26 with 25 delegations and twelve observers", "altered", ""},
		{"another month", "The first session was held on 26 April 2021 with 25 delegations and twelve observers", "altered", "date"},
		{"another place", "held on 26 March 2021 with 25 delegations and twelve observers in New Delhi", "altered", "name"},
		{"a name for another at the beginning", "Brazil delegations welcomed the report of the working group on security", "altered", "name"},
		{"French, both parts of the denial gone", "L'État est garant de l'information que diffusent les acteurs privés", "altered", "negation"},
		{"French, in capitals and spaced", "L’ ÉTAT N’ EST PAS GARANT DE L’ INFORMATION", "typography", ""},
		{"Spanish denial and modal", "Los Estados deben permitir que su territorio se utilice para tres hechos ilícitos", "altered", "modal,negation"},
		{"Spanish number", "que su territorio se utilice para 3 hechos ilícitos en enero de 2020", "altered", ""},
		{"Spanish date", "que su territorio se utilice para tres hechos ilícitos en mayo de 2020", "altered", "date"},
		{"an editor's capital", "“[S]overeignty applies in the digital space as it does on land”", "typography", ""},
		{"nothing like it", "The committee adopted its budget for the coming biennium without a vote", "not_in_corpus", ""},
	} {
		v := e.Verify(c.claim)
		if got := strings.Join(v.Alarm, ","); string(v.Ruling) != c.want || got != c.alarm {
			t.Errorf("%s: got %s %q %s %v, want %s %q", c.name, v.Ruling, got, v.Claimed, v.Diff, c.want, c.alarm)
		}
	}
	if v := e.Verify("Sovereignty applies in the digital space as it does on land and at sea (China, ¶7)"); v.Ruling != search.Verbatim || v.Claimed != "¶7" {
		t.Errorf("got %s %q, want the right words and the wrong paragraph named", v.Ruling, v.Claimed)
	}
	v := e.Verify("They asked the Chair … consider the many open questions")
	if v.Hidden != 4 || !strings.Contains(v.Quotations[0].Text(), "for more time to") {
		t.Errorf("got %d hidden words in %q, want 4, shown", v.Hidden, v.Quotations[0].Text())
	}
	if v := e.Verify("three open questions remained many"); len(v.Quotations) > 0 && v.Ruling == search.NotInCorpus {
		t.Errorf("got quotations for %s", v.Ruling)
	}
	if v := e.Verify("the digital space"); v.Ruling != search.TooShort || v.Occurrences != 1 {
		t.Errorf("got %s, %d times, want too short, once", v.Ruling, v.Occurrences)
	}
}

func TestTypographyIsNoAlteration(t *testing.T) {
	t.Parallel()
	e := loaded(t, map[string]string{
		"ar.md": "---\nlanguage: ar\n---\nلا ينبغي للدول أن تستخدم تكنولوجيا المعلومات ضد دول أخرى عام 2021.\n",
		"zh.md": "---\nlanguage: zh\n---\n各国不应利用信息通信技术,干涉他国内政(2021年)。\n",
		"ru.md": "---\nlanguage: ru\n---\nГосударства всё ещё не должны применять силу в информационном пространстве.\n",
		"en.md": "---\nlanguage: en\n---\nThe co-operation of 1,000 officers in the informa-\ntion field, i.e. coöperation at the café, is first-class… and cheap.\n",
	})
	for name, claim := range map[string]string{
		"Arabic with vowel signs and tatweel": "لَا يَنبَغِي للدول أن تستخـــدم تكنولوجيا المعلومات ضد دول",
		"Arabic presentation forms":           "ﻻ ينبغي للدول أن تستخدم تكنولوجيا المعلومات ضد دول",
		"Arabic digits and marks":             "\u200fتستخدم تكنولوجيا المعلومات ضد دول أخرى عام ٢٠٢١\u200e",
		"Chinese full-width marks":            "各国不应利用信息通信技术，干涉他国内政（２０２１年）。",
		"Chinese with spaces":                 "各国 不应 利用 信息 通信 技术 干涉 他国 内政",
		"Russian without dots":                "Государства все еще не должны применять силу",
		"no hyphen":                           "The cooperation of 1000 officers in the information field",
		"hyphen at the end of a line":         "The co-\noperation of 1,000 officers in the infor-\nmation field",
		"soft hyphen at the end of a line":    "The co-operation of 1\u202f000 offi\u00ad\ncers in the information field",
		"precomposed and not":                 "i.e. coo\u0308peration at the cafe\u0301, is first-class",
		"ellipsis characters":                 "at the café, is first–class... and cheap",
		"zero width and direction marks":      "The \u200eco-operation of \u202a1,000\u202c offi\u200dcers\ufeff in",
		"bold and quoted lines":               "> **The co-operation of 1,000\n> officers in the** _information field_",
	} {
		if v := e.Verify(claim); v.Ruling != search.Typography && v.Ruling != search.Verbatim || len(v.Alarm) > 0 {
			t.Errorf("%s: got %s %v %v, want the words recognised", name, v.Ruling, v.Alarm, v.Diff)
		}
	}
}

func TestListedWordsRaiseTheirAlarm(t *testing.T) {
	t.Parallel()
	frames := map[string][2]string{
		"en": {"the members of this group ", " agree on these quiet words today"}, "fr": {"les membres de ce groupe ", " conviennent de ces mots calmes"},
		"es": {"los miembros de este grupo ", " acuerdan estas palabras tranquilas"}, "ru": {"члены этой рабочей группы ", " согласны с этими тихими словами"},
		"ar": {"أعضاء هذا الفريق العامل ", " يوافقون على هذه الكلمات الهادئة"}, "zh": {"本工作组成员", "同意这些安静文字"},
	}
	for _, kind := range []string{"negation", "modal", "number", "date", "name"} {
		list, err := os.ReadFile("words_" + kind + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(list)) {
			language, words, found := strings.Cut(strings.TrimSpace(line), ": ")
			frame, known := frames[language]
			if !found || !known {
				continue
			}
			e := loaded(t, map[string]string{"a.md": "---\nlanguage: " + language + "\n---\n" + frame[0] + strings.TrimLeft(frame[1], " ") + ".\n"})
			for entry := range strings.FieldsSeq(words) {
				word, _, _ := strings.Cut(entry, "=")
				if kind == "date" && (word == "march" || word == "may") {
					word = strings.ToUpper(word[:1]) + word[1:]
				}
				if v := e.Verify(frame[0] + word + frame[1]); v.Ruling != search.Altered || !slices.Contains(v.Alarm, kind) {
					t.Errorf("%s %s: got %s %v %v, want altered and an alarm", language, word, v.Ruling, v.Alarm, v.Diff)
				}
			}
		}
	}
}

func TestHugeAndOddClaimsTakeBoundedTime(t *testing.T) {
	t.Parallel()
	e := engine(t)
	sentence := sentences(t, 8)[0]
	const size = 10 << 20
	for name, text := range map[string]string{
		"one word repeated": strings.Repeat("not ", size/4),
		"no spaces":         strings.Repeat("a", size),
		"no spaces, Han":    strings.Repeat("不", size/3),
		"invalid UTF-8":     strings.Repeat("\xff\xfe", size/2),
		"direction marks":   strings.Repeat("\u202e\u200f", size/6),
		"combining marks":   "a" + strings.Repeat("\u0301", size/2),
		"quote marks":       strings.Repeat("\"a “b” ", size/12),
		"ellipses":          strings.Repeat("we … ", size/7),
		"brackets":          strings.Repeat("(a ", size/3),
		"hyphens":           strings.Repeat("in-\n", size/4),
		"the record":        strings.Repeat(sentence+" ", size/len(sentence)),
		"mixed scripts":     strings.Repeat("мы we 我们 نحن ", size/24),
		"digits":            strings.Repeat("1,000", size/5),
		"dashes":            strings.Repeat(" — a", size/6),
	} {
		start := time.Now()
		v := e.Verify(text)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s: took %v for 10 MB", name, took)
		}
		if v.Unread == 0 || v.Ruling == search.Verbatim || v.Ruling == search.Typography {
			t.Errorf("%s: got %s, %d bytes unread; want no clean verdict on a text that was not read whole", name, v.Ruling, v.Unread)
		}
	}
}

func TestAPassageOfAMegabyteIsSearched(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 40000 {
		fmt.Fprintf(&b, "Sentence number %d speaks of words. ", i)
	}
	e := loaded(t, map[string]string{"a.md": b.String() + "\n\nAnother paragraph.\n"})
	start := time.Now()
	if v := e.Verify("Sentence number 39998 speaks of words. Sentence number 39999 speaks of words."); v.Ruling != search.Verbatim {
		t.Errorf("got %s, want verbatim", v.Ruling)
	}
	if v := e.Verify("Sentence number 20000 speaks of deeds. Sentence number 20001 speaks of words."); v.Ruling != search.Altered {
		t.Errorf("got %s, want altered", v.Ruling)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

func BenchmarkVerify(b *testing.B) {
	e := engine(b)
	for name, claim := range map[string]string{
		"verbatim": "They push the international community towards unpredictable and undesirable confrontational scenarios.",
		"altered":  `Russia: "Those who believe themselves to be more advanced must impose anything on the others."`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				e.Verify(claim)
			}
		})
	}
}
