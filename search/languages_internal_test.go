package search

import (
	"strings"
	"testing"
	"testing/fstest"

	"rapporteur/corpus"
)

// linesCorpus loads JSON Lines.
func linesCorpus(tb testing.TB, lines string) *corpus.Corpus {
	tb.Helper()
	docs, problems, err := corpus.Load(fstest.MapFS{"lines.jsonl": {Data: []byte(lines)}})
	if err != nil || len(problems) > 0 {
		tb.Fatal(err, problems)
	}
	return corpus.New(docs...)
}

// TestEachLanguageIsFoundByItsOwnForms asks with other forms of the words than
// the texts have.
func TestEachLanguageIsFoundByItsOwnForms(t *testing.T) {
	t.Parallel()
	e, err := New(linesCorpus(t, strings.Join([]string{
		`{"id":"en1","lang":"en","text":"The Group met in Geneva and discussed rules of responsible behaviour in the organisation."}`,
		`{"id":"en2","lang":"en","text":"The Committee elected its officers and adopted the agenda."}`,
		`{"id":"fr1","lang":"fr","text":"Les délégations ont adopté les règlements à l'unanimité."}`,
		`{"id":"fr2","lang":"fr","text":"La séance s'est ouverte à dix heures du matin."}`,
		`{"id":"es1","lang":"es","text":"Las delegaciones aprobaron las resoluciones por consenso."}`,
		`{"id":"es2","lang":"es","text":"La sesión comenzó a las diez de la mañana."}`,
		`{"id":"ru1","lang":"ru","text":"Государства договорились о правилах ответственного поведения."}`,
		`{"id":"ru2","lang":"ru","text":"Заседание началось в десять часов утра."}`,
		`{"id":"ar1","lang":"ar","text":"اتفقت الدول على قواعد السلوك المسؤول."}`,
		`{"id":"ar2","lang":"ar","text":"بدأت الجلسة في الساعة العاشرة صباحا."}`,
		`{"id":"zh1","lang":"zh","text":"各国就负责任国家行为规则达成一致。"}`,
		`{"id":"zh2","lang":"zh","text":"会议于上午十时开始。"}`,
		`{"id":"de1","lang":"de","text":"Die Delegationen verabschiedeten die Entschließungen einstimmig."}`,
		`{"id":"de2","lang":"de","text":"Die Sitzung begann um zehn Uhr morgens."}`,
	}, "\n")), nil)
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"What rules for responsible behavior did the organizations discuss?": "en1",
		"Which agendas did the committees adopt?":                            "en2",
		"règlement adopté par la délégation":                                 "fr1",
		"¿Quién aprobó la resolución?":                                       "es1",
		"правило ответственного поведения государства":                       "ru1",
		"قاعدة للسلوك المسؤول للدولة":                                        "ar1",
		"负责任行为的规则":                                                           "zh1",
		"Welche Entschließung verabschiedete die Delegation?":                "de1",
		"Wann begannen die Sitzungen?":                                       "de2",
	} {
		hits, _ := e.Search(query, 1)
		if len(hits) == 0 || hits[0].Passage.ID != want {
			t.Errorf("%s: got %v, want %s", query, hits, want)
		}
	}
}

func TestTermsOfWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, word, want string }{
		{"en", "organizations", "organis"},
		{"en", "organisations", "organis"},
		{"en", "behaviours", "behavior"},
		{"en", "size", "size"},
		{"en", "programmes", "program"},
		{"en", "four", "four"},
		{"ru", "правилах", "правил"},
		{"zh", "联合国大会", "联合 合国 国大 大会"},
		{"zh", "国", "国"},
		{"ar", "القواعد", "القو لقوا قواع واعد"},
		{"de", "rat", "rat"},
		{"de", "räte", "räte"},
		{"de", "sitzung", "sitz itzu tzun zung"},
		{"und", "ไทย", "ไทย"},
	} {
		a := analyserOf(c.language)
		var got []string
		a.terms(c.word, func(term string) { got = append(got, term) })
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %q: got %q, want %q", c.language, c.word, strings.Join(got, " "), c.want)
		}
	}
}

func TestFormsAreFolded(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"Nakamitsu's": "nakamitsu", "Nakamitsu’s": "nakamitsu", "OEWG": "oewg", "infor\u00admation": "information",
		"ÉTATS": "états", "ЁЛКА": "елка", "الأُمَم": "الامم", "إلى": "الي", "تـكـنولوجيا": "تكنولوجيا", "don't": "don't",
	} {
		if got := string(appendForm(nil, word)); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
