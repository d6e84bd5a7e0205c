package search_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rapporteur/search"
)

// splits holds texts whose sentences are parted by "|", by language. Space
// around "|" belongs to the text.
func splits() map[string][]string {
	return map[string][]string{
		"English": {
			"We thank Ms.Nakamitsu for her briefing. |Thank you.",
			"We thank Ms. Nakamitsu, i.a. for her work. |It helped.",
			"Resolution A/RES/73/27 was adopted. |So was 73/266.",
			"See A/RES/73/27. |The text stands.",
			"Executive Order No. 213 of 12 April entered into force. |It stands.",
			"Do you agree? |No. |We disagree.",
			"Nos. 3 and 4 were dropped. |No. 5 was kept.",
			"The U.S. Senate met. |It adjourned.",
			"This was said in the U.S. |The Senate met.",
			"The U.N. Charter applies. |It is law.",
			"H.E. Mr. Smith spoke. |H.E. Mrs. Jones replied.",
			"Dr. A. B. Smith chaired. |He was elected by acclamation.",
			"J. Smith spoke at 10.30 a.m. in New York.",
			"The meeting rose at 10 a.m. |The next one is on Monday.",
			"It met at 10 a.m. Monday in Room 4.",
			"Some States, e.g. France, agreed. |Others, i.e. the rest, did not.",
			"Some States (e.g. Brazil) agreed. |Others did not.",
			"Tikk et al. argued this. |Others did too.",
			"So wrote Tikk et al. |The rest is silence.",
			"So wrote Tikk et al. (2019) in a paper.",
			"See p. 5 of the report. |See pp. 7–9 as well.",
			"See paras. 3-5. |They apply.",
			"Under Art. 51 it is lawful. |Under art. IV it is not.",
			"Vol. II appeared. |Vol. 3 did not.",
			"Growth was 3.5 per cent. |Prices rose by 2.1 per cent.",
			"It grew by 3.5. |It fell.",
			"That was in 2021. |The year 2022 was better.",
			"He said “no.” |She said “yes.” |All agreed.",
			"“This is wrong,” he said. |“It is!” she replied.",
			"“Is it wrong?” he asked. |Nobody knew.",
			"\"It is so.\" |\"It is not.\"",
			"(The meeting rose.) |Then we left.",
			"The Group (see annex I.) met. |It agreed.",
			"[The President spoke in French.] |I give the floor to Chad.",
			"He left. (see below) She stayed.",
			"12. The Committee met. |13. It adopted its agenda.",
			"12 bis. The Committee met. |It agreed.",
			"3.1. Scope is narrow. |3.2. Depth is not.",
			"IV. Conclusions follow. |They are few.",
			"B. The situation is grave. |We regret it.",
			"We decide to: (a) meet; |(b) agree; |and (c) part.",
			"We decide to: (i) meet; |(ii) agree.",
			"We decide to: a) meet; |b) agree.",
			"We want peace; (civil) order follows.",
			"He came; she went; they stayed.",
			"We recall:\n|- the first resolution\n|- the second resolution",
			"We recall:\n|• peace\n|• security",
			"Introduction\n|The Committee met in New York.",
			"The Committee met in\nNew York. |It agreed.",
			"The United Nations General\nAssembly met in New York and\nagreed. |It rose.",
			"Heading\n\n|Another heading\n\n|Text stands here. |It ends.",
			"Do not go gentle into that good night,\n|Old age should burn and rave at close of day;\n|Rage, rage against the dying of the light.",
			"12. The Group met.\n|13. It agreed.\n|14. It rose.",
			"Write to info@un.org. |Or see https://www.un.org/en/a.b?c=d!e for more. |Thanks.",
			"See www.un.org. |It is there.",
			"It was good… |But it ended.",
			"It was… good. |It ended.",
			"He said ... nothing. |She left.",
			"It was good.... |But it ended.",
			"He said […] Nothing was done. |She left.",
			"He said [...] Nothing was done. |She left.",
			"... and so it went. |It ended.",
			"What?! |Who said so?!! |Nobody.",
			"Is it so? |It is! |Good…",
			"Mr. President, we agree. |Mme. Chair, we do not.",
			"St. Petersburg hosted it. |The Hague did not.",
			"Acme Inc. supplied it. |The group left.",
			"They asked Acme Inc. |The group left.",
			"On 5 Sept. 2019 it began. |On Oct. 3 it ended.",
			"Peace, security, etc. |The rest is known.",
			"Peace, security, etc. are goals. |We share them.",
			"It is listed in annex A. |The rest is not.",
			"This is law.[12] |It binds.",
			"This is law.¹² |It binds.",
			"France vs. Germany was heard. |Cf. Article 4.",
			"See S/2021/621, para. 5, and S/PV.8821. |Both apply.",
			"A first line\r\nwraps on here. |It ends.\r\n\r\n|New.",
			"The vote was 12–3. |The motion failed.",
			"What was adopted?\n\n|Nothing.",
			"The statement by the U.K. representative came last.",
			"It began in the 1990s. |Based on that, the G-8. |Then the (G20). |It warmed by 2°C. |South Pacific States felt it.",
			"Prof. Schmitt spoke. |Gen. Dallaire listened.",
		},
		"French": {
			"M. Dupont a parlé. |Mme Durand aussi.",
			"MM. Dupont et Durand ont parlé. |Ils ont été brefs.",
			"« Non ! » |C’est tout.",
			"« Non ! » dit-il. |Elle partit.",
			"Il a dit « non. » |Elle a dit « oui. » |Tous étaient d’accord.",
			"Est-ce vrai ? |Oui ! |C’est vrai.",
			"Voir l’art. 51 de la Charte. |Elle s’applique.",
			"Certains États, p. ex. la France, ont accepté. |D’autres non.",
			"Certains États, p. ex. Monaco, ont accepté.",
			"Voir p. 5. |Voir aussi par. 12.",
			"Le n° 213 est entré en vigueur. |Il reste valable.",
			"La rés. 75/240 a été adoptée. |Elle est claire.",
			"S.E. M. Dupont a pris la parole. |Il a remercié la Présidente.",
			"Le Groupe décide : a) de se réunir ; |b) d’agir.",
			"12. Le Groupe s’est réuni. |13. Il a adopté son rapport.",
			"L’Assemblée générale, etc. |Le reste suit.",
			"C’est fini… |Vraiment ?",
			"Mlle Rousseau a écrit. |On l’a lu.",
			"La séance est levée à 13 h 5. |Merci.",
			"À l’ONU, on parle. |À Paris, on agit.",
		},
		"Spanish": {
			"¿Qué pasó? |¡Nada! |Todo sigue igual.",
			"El Sr. Pérez habló. |La Sra. López también.",
			"La decisión de EE. UU. fue clara. |Nadie la discutió.",
			"Lo dijo EE. UU. |La respuesta fue breve.",
			"Los EE.UU. y Rusia hablaron. |No hubo acuerdo.",
			"Véase el art. 51. |Es claro.",
			"Véase el núm. 213 del boletín. |Es claro.",
			"La Res. 75/240 fue aprobada. |Es clara.",
			"Algunos Estados, p. ej. México, aceptaron. |Otros no.",
			"El Dr. A. García presidió. |Fue elegido.",
			"«No.» |Eso dijo.",
			"Dijo: «¡No!» |Después calló.",
			"—¿Vienes? |—No.",
			"¿Vienes? —preguntó ella. |Nadie contestó.",
			"12. El Grupo se reunió. |13. Aprobó su informe.",
			"Decide: a) reunirse; |b) actuar.",
			"Véanse los párrs. 3 a 5. |Son claros.",
			"La Excma. Sra. Ruiz habló. |Fue breve.",
			"Empezó a las 10 a. m. |El grupo se reunió.",
			"Fue así… |¡Qué pena!",
			"Los Panthers ganaron 24 a 10. |Después descansaron.",
			"Su importe es de 3.500,50 dólares. |Es mucho.",
		},
		"Russian": {
			"Государства не должны. |Это важно.",
			"А. С. Пушкин писал. |Его читали.",
			"Выступил А.С. Пушкин. |Он был краток.",
			"Это верно, т.е. доказано. |Мы согласны.",
			"Это верно, т. е. Россия согласна.",
			"Мир, безопасность и т.д. |Россия согласна.",
			"Мир, безопасность и т. д. |Россия согласна.",
			"Мир, безопасность и т.п. являются целями. |Мы согласны.",
			"Это было в 2021 г. в Нью-Йорке. |Мы помним.",
			"Это было в 2021 г. |Это важно.",
			"В 2019–2021 гг. Россия работала. |Она продолжит.",
			"Университет им. Ломоносова участвовал. |Он помог.",
			"По ст. 51 Устава это право. |Оно неотъемлемо.",
			"См. п. 5 доклада. |Он ясен.",
			"Г-н Небензя выступил. |Г-жа Накамицу ответила.",
			"«Нет!» |Так он сказал.",
			"«Почему?» – спросил он. |Никто не ответил.",
			"Он сказал: «Нет». |Она ушла.",
			"Это так?! |Да…",
			"Принять решение: а) о созыве; |б) о работе.",
			"12. Группа собралась. |13. Она приняла доклад.",
			"Проф. Иванов и др. участвовали. |Они помогли.",
			"Резолюция A/RES/73/27 принята. |Она действует.",
			"Расходы составили 3,5 млн. долл. США. |Это много.",
			"В XX в. Россия изменилась.",
			"Товарищи и пр. |Россия согласна.",
		},
		"Arabic": {
			"لا يجوز ذلك. |هذا مهم.",
			"هل هذا صحيح؟ |نعم. |شكرا.",
			"قال د. محمد ذلك. |شكرا لكم.",
			"كما ورد في ص. 5 من التقرير. |شكرا.",
			"قال: «لا.» |ثم غادر.",
			"انظر A/RES/73/27. |شكرا.",
			"هذا صحيح! |شكرا…",
			"بلغت النسبة 3.5 في المائة. |هذا كثير.",
			"يقرر: (أ) أن يجتمع؛ |(ب) أن يعمل.",
			"12. اجتمع الفريق. |13. اعتمد تقريره.",
			"یہ درست ہے۔ |شکریہ۔",
			"قال: \"لا!\" |ثم غادر.",
		},
		"Chinese": {
			"各国不应。|他国也是。",
			"各国不应这样做！|为什么？|因为不行。",
			"他说：“不行。”|她走了。",
			"他说“不行。”，她走了。",
			"他说：‘好。’|我们同意。",
			"（会议结束。）|我们走了。",
			"《为什么？》是一本书。|它很好。",
			"决定：（一）开会；|（二）行动。",
			"增长了3.5%。|很好。",
			"见A/RES/73/27号决议。|它有效。",
			"真的吗？！|是的。",
			"他……不知道。|她知道。",
			"「好。」|他說。",
			"各国同意. |他国也同意.",
			"第一段。\n|第二段。",
			"请访问www.un.org。|谢谢。",
		},
		"mixed": {
			"The Chinese text reads 各国不应。|It is short.",
			"He quoted «Нет.» |Then he left.",
			"Am 12. April 2021 tagte die Gruppe. |Sie einigte sich.",
			"Das gilt z.B. für Berlin. |Es bleibt so.",
			"Er sagte: „Nein.“ |Sie ging.",
			"यह सही है। |धन्यवाद।",
			"\ufeffFirst. |Second.",
			"One.\u2028|Two.\u2029|Three",
			"One\f|two",
			"こんにちは。|元気ですか？|はい。",
			"* * *\n\n|Text.",
		},
	}
}

func TestSentencesInSixLanguages(t *testing.T) {
	t.Parallel()
	cuts, texts := 0, 0
	for language, list := range splits() {
		for _, marked := range list {
			parts := strings.Split(marked, "|")
			text := strings.Join(parts, "")
			want := make([]string, len(parts))
			for i, p := range parts {
				want[i] = strings.TrimSpace(p)
			}
			got := make([]string, 0, len(parts))
			for _, s := range search.Sentences(text) {
				got = append(got, text[s.From:s.To])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %q (-want +got):\n%s", language, text, diff)
			}
			cuts += len(parts)
			texts++
		}
	}
	if texts < 150 || cuts < 300 {
		t.Errorf("got %d texts with %d sentences, want at least 150 and 300", texts, cuts)
	}
}

func TestAWrappedLineIsNoEndAndAShortOneIs(t *testing.T) {
	t.Parallel()
	wrapped := "The open-ended working group on developments in the field of\n" +
		"Information and telecommunications in the context of\n" +
		"International security met at United Nations Headquarters in\n" +
		"New York and adopted its report."
	if got := search.Sentences(wrapped); len(got) != 1 {
		t.Errorf("wrapped text: got %d sentences, want 1", len(got))
	}
	deliberate := "Statement by the Chair\nNew York, 3 June 2019\nThe open-ended working group met at United Nations Headquarters."
	if got := search.Sentences(deliberate); len(got) != 3 {
		t.Errorf("heading lines: got %d sentences, want 3", len(got))
	}
	if got := search.Sentences("各国不应使用武力或以武力相威胁，应和平\n解决争端。"); len(got) != 1 {
		t.Errorf("wrapped Chinese: got %d sentences, want 1", len(got))
	}
}

func TestSentencesAreAppendedWithoutFurtherMemory(t *testing.T) {
	text := strings.Repeat("H.E. Mr. A. B. Smith met the Group. It agreed (see No. 5).\nПо ст. 51 это право. 各国不应。", 50)
	room := make([]search.Span, 0, 1000)
	if got := testing.AllocsPerRun(10, func() { room = search.AppendSentences(room[:0], text) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
	if len(room) < 200 {
		t.Errorf("got %d sentences, want 200 and more", len(room))
	}
}

// coverage is what every text's sentences must hold, whatever the text.
func coverage(t *testing.T, text string) {
	t.Helper()
	last := 0
	space := func(gap string) {
		if rest := strings.TrimFunc(gap, unicode.IsSpace); rest != "" {
			t.Errorf("%.80q: got %.80q left out, want it in a sentence", text, rest)
		}
	}
	for _, s := range search.Sentences(text) {
		if s.From < last || s.To <= s.From || s.To > len(text) {
			t.Fatalf("%.80q: got span %v after %d", text, s, last)
		}
		if cut := text[s.From:s.To]; cut != strings.TrimSpace(cut) {
			t.Errorf("%.80q: got %.80q, want no space around", text, cut)
		}
		if utf8.ValidString(text) && (!utf8.ValidString(text[s.From:s.To])) {
			t.Errorf("%.80q: span %v splits a character", text, s)
		}
		space(text[last:s.From])
		last = s.To
	}
	space(text[last:])
}

func hostileUnits() []string {
	return []string{
		"a", ".", ". ", " ", ". . ", ".(", "(", "\n", "a\n", "A\nB ", "\r\n", "1. ", "(a) ", "; (a) ", "A. ", "Mr. ", "«", " » ", "… ", "\u00a0", "\xff", "\xe2\x80",
		"。", "中", "ا", "\u200f", "\u202e", "\x00", "“”", "?!", "[1]", ".[", "no. ", "\u2028", "a b\nC d\n", "\t\n", "- ", "\n- a", "!» ", "! »", "I", "IV.", "一、", ". \"",
	}
}

func TestSentencesOfOddTextsAreWhole(t *testing.T) {
	t.Parallel()
	for _, unit := range hostileUnits() {
		for _, n := range []int{0, 1, 2, 3, 7, 100} {
			coverage(t, strings.Repeat(unit, n))
			coverage(t, "A b. "+strings.Repeat(unit, n)+" C d.")
		}
	}
}

func TestTenMegabytesOnOneLineAreCut(t *testing.T) {
	t.Parallel()
	for unit, want := range map[string]int{"word ": 1, "x": 1, "各国不应。": 10 << 20 / len("各国不应。"), "\xff.": 1, "We agree. ": 10 << 20 / len("We agree. "), "\u202eنعم؟ ": 10 << 20 / len("\u202eنعم؟ ")} {
		if got := search.Sentences(strings.Repeat(unit, 10<<20/len(unit))); len(got) != want {
			t.Errorf("%q: got %d sentences, want %d", unit, len(got), want)
		}
	}
}

func FuzzSentencesCoverTheText(f *testing.F) {
	for _, list := range splits() {
		for _, marked := range list {
			f.Add(strings.ReplaceAll(marked, "|", ""))
		}
	}
	for _, unit := range hostileUnits() {
		f.Add("A b. " + strings.Repeat(unit, 3) + " C d.")
	}
	f.Fuzz(coverage)
}

func BenchmarkSentences(b *testing.B) {
	units := map[string]string{
		"English": "The open-ended working group on developments in the field of information and telecommunications met in New York, and H.E. Mr. A. Smith, its Chair, reported to the General Assembly. It agreed (see No. 5) on rules, norms and principles; States “should not knowingly allow” such acts. ",
		"Russian": "Государства не должны заведомо позволять использовать свою территорию. По ст. 51 Устава это право неотъемлемо, т.е. действует всегда. ",
		"Arabic":  "لا ينبغي للدول أن تسمح عن علم باستخدام أراضيها لارتكاب أفعال غير مشروعة. هل هذا صحيح؟ نعم. ",
		"Chinese": "各国不应蓄意允许他人利用其领土使用信通技术实施国际不法行为。这是一项自愿、不具约束力的规范；各国同意。",
		"wrapped": "The open-ended working group on developments\nin the field of information and\nTelecommunications met.\n",
		"stops":   ". . . . ",
		"spaces":  "a.        ",
		"oneline": "a",
	}
	for name, unit := range units {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(unit, 1<<20/len(unit))
			room := search.AppendSentences(nil, text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				room = search.AppendSentences(room[:0], text)
			}
		})
	}
}
