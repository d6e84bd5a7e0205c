package corpus_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"rapporteur/corpus"
)

// sentencesOf holds short texts by language; "und" is what nobody claims to
// tell.
//
//nolint:misspell // the words are of many languages
func sentencesOf() map[string][]string {
	return map[string][]string{
		"en": {"The vote was 12 to 3.", "Thank you.", "Who chairs the group?", "States should not knowingly allow this.", "Which norms apply?", "Cyber security", "Don’t do it.", "A/RES/73/27 was adopted by the General Assembly."},
		"fr": {"Le Groupe de travail a adopté son rapport par consensus.", "Quand la session a-t-elle eu lieu ?", "Merci, Madame la Présidente.", "C’est une norme volontaire.", "Voilà notre position.", "Le droit international s’applique au cyberespace."},
		"es": {"El Grupo de Trabajo aprobó su informe por consenso.", "¿Quién preside el grupo?", "Gracias, señora Presidenta.", "Esta es nuestra posición.", "El derecho internacional es aplicable al ciberespacio."},
		"de": {"Die Arbeitsgruppe nahm ihren Bericht im Konsens an.", "Wer leitet die Gruppe?", "Welche Regeln gelten?", "Das Völkerrecht gilt im Cyberraum.", "Wir danken Ihnen."},
		"pt": {"O Grupo de Trabalho adotou o relatório por consenso.", "Quem preside ao grupo?", "Muito obrigado, Senhora Presidente.", "Não podemos aceitar isso.", "Esta é a nossa posição."},
		"it": {"Il Gruppo di lavoro ha adottato la sua relazione per consenso.", "Chi presiede il gruppo?", "Grazie, signora Presidente.", "Questa è la nostra posizione.", "Il diritto internazionale si applica al ciberspazio."},
		"ru": {"Государства не должны этого делать.", "Кто возглавляет группу?", "Резолюция A/RES/73/27 принята."},
		"uk": {"Держави не повинні цього робити, і це важливо."},
		"ar": {"لا يجوز ذلك.", "من يرأس الفريق؟", "انظر القرار A/RES/73/27 المعتمد."},
		"fa": {"این گروه گزارش خود را تصویب کرد."},
		"zh": {"各国不应这样做。", "谁主持工作组？", "见A/RES/73/27号决议。"},
		"ja": {"国際法はサイバー空間に適用される。"},
		"ko": {"국가는 이를 허용해서는 안 된다."},
		"th": {"รัฐไม่ควรอนุญาต"},
		"hi": {"राज्यों को इसकी अनुमति नहीं देनी चाहिए।"},
		"el": {"Τα κράτη δεν πρέπει να το επιτρέπουν."},
		"he": {"מדינות לא צריכות לאפשר זאת."},
		"und": {
			"", "12345 67", "A/RES/73/27", "...", "\xff\xfe", "Qqq", "Het internationaal recht is van toepassing op de cyberruimte.", "Stater bör inte tillåta att deras territorium används.",
			"Państwa nie powinny pozwalać na wykorzystywanie ich terytorium.", "Devletler topraklarının kullanılmasına izin vermemelidir.", "Negara tidak boleh membiarkan wilayahnya digunakan.",
		},
	}
}

func TestLanguageOfOneSentenceIsTold(t *testing.T) {
	t.Parallel()
	for want, texts := range sentencesOf() {
		for _, text := range texts {
			if got := corpus.Detect(text); got != want {
				t.Errorf("%q: got %s, want %s", text, got, want)
			}
		}
	}
}

func TestLanguageOfALongTextIsThatOfMostOfIt(t *testing.T) {
	t.Parallel()
	french := strings.Repeat("Le Groupe de travail a adopté son rapport par consensus. ", 100)
	if got := corpus.Detect("Who chairs the group? " + french); got != "fr" {
		t.Errorf("got %s, want fr", got)
	}
	if got := corpus.Detect(strings.Repeat("各国不应这样做。", 500) + " The end."); got != "zh" {
		t.Errorf("got %s, want zh", got)
	}
}

func TestDocumentSaysWhereItsLanguageComesFrom(t *testing.T) {
	t.Parallel()
	docs, problems, err := corpus.Load(fstest.MapFS{
		"header.md":   {Data: []byte("---\nlanguage: fr\n---\nThe header is believed, not the words.")},
		"detected.md": {Data: []byte("Государства не должны этого делать.")},
		"none.md":     {Data: []byte("12345.")},
		"lines.jsonl": {Data: []byte(`{"doc":"named","id":"1","lang":"es","text":"The line is believed."}
{"doc":"told","id":"2","text":"12345."}
{"doc":"told","id":"3","text":"El Grupo de Trabajo aprobó su informe por consenso y dio las gracias a los Estados."}
`)},
	})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	want := map[string][2]string{
		"header": {"fr", corpus.LanguageFromHeader}, "detected": {"ru", corpus.LanguageDetected}, "none": {"", corpus.LanguageUnknown},
		"named": {"es", corpus.LanguageFromHeader}, "told": {"es", corpus.LanguageDetected},
	}
	for _, d := range docs {
		if got := [2]string{d.Language, d.LanguageSource}; got != want[d.ID] {
			t.Errorf("%s: got %v, want %v", d.ID, got, want[d.ID])
		}
	}
	if len(docs) != len(want) {
		t.Errorf("got %d documents, want %d", len(docs), len(want))
	}
}

func FuzzDetect(f *testing.F) {
	for _, texts := range sentencesOf() {
		for _, text := range texts {
			f.Add(text)
		}
	}
	f.Add(strings.Repeat("the ", 400) + strings.Repeat("\xe4\xb8", 400))
	f.Fuzz(func(t *testing.T, text string) {
		got := corpus.Detect(text)
		if len(got) < 2 || len(got) > 3 || !utf8.ValidString(got) {
			t.Errorf("%q: got %q, want a tag", text, got)
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	for name, text := range map[string]string{
		"sentence": "States should not knowingly allow their territory to be used for internationally wrongful acts using ICTs.",
		"passage":  strings.Repeat("States should not knowingly allow their territory to be used for internationally wrongful acts using ICTs. ", 6),
		"chinese":  strings.Repeat("各国不应蓄意允许他人利用其领土使用信通技术实施国际不法行为。", 8),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				corpus.Detect(text)
			}
		})
	}
}
