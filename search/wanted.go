package search

import "strings"

// wantedBy returns the kind of answer that the question words ask for, in the
// six official languages and German. lower is in small letters.
func wantedBy(lower string) Wanted {
	padded := " " + strings.Join(wordsOf(lower), " ") + " "
	for _, form := range []struct {
		words  string
		wanted Wanted
	}{
		{"how many|how much|combien|cuántos|cuántas|cuánot|cuánta|сколько|كم|wie viele|wie viel|wieviele", ANumber},
		{"by when|since when|what year|which year|what date|which date|which month|what month|which day|what day|which century|what century|what decade|" +
			"quelle année|quelle date|quel mois|qué año|qué fecha|qué mes|каком году|какого года|какую дату|welchem jahr|welches jahr|welchem monat|أي عام|أي سنة", ATime},
	} {
		for words := range strings.SplitSeq(form.words, "|") {
			if strings.Contains(padded, " "+words+" ") {
				return form.wanted
			}
		}
	}
	for _, zh := range []string{"什么时候", "何时", "哪一年", "哪年", "几月"} {
		if strings.Contains(lower, zh) {
			return ATime
		}
	}
	if strings.Contains(lower, "多少") {
		return ANumber
	}
	if strings.Contains(lower, "谁") {
		return APerson
	}
	first := strings.Fields(padded)
	for i, w := range first[:min(3, len(first))] {
		switch w {
		case "when":
			if i == 0 {
				return ATime
			}
		case "quand", "cuándo", "когда", "متى", "متي", "wann":
			return ATime
		case "who", "whom", "qui", "quién", "quiénes", "кто", "من", "wer", "wen", "wem":
			if i == 0 || w != "من" && w != "qui" {
				return APerson
			}
		}
	}
	return Anything
}
