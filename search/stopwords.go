package search

import "strings"

// stopwords returns what says whether a word of a language says nothing about
// the subject.
func stopwords(language string) func(word string) bool {
	var list string
	switch language {
	case english:
		return stopword
	case "fr":
		list = frenchStops
	case "es":
		list = spanishStops
	case "ru":
		list = russianStops
	case "ar":
		list = arabicStops
	case "de":
		list = germanStops
	default:
		return func(string) bool { return false }
	}
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return func(word string) bool { return set[word] }
}

// Small words of five languages, in the form in which words are indexed. Words
// that ask are among them.
const (
	frenchStops = `le la les l un une des du de d au aux en dans sur sous par pour avec sans et ou mais ni ne pas que qui quoi dont où
		ce cet cette ces se sa son ses leur leurs il elle ils elles on nous vous je tu est sont était étaient être été a ont avait avaient avoir
		quel quelle quels quelles comment combien quand pourquoi plus moins très aussi ainsi c'est qu'est s'est n'est d'un d'une l'on lequel laquelle`
	spanishStops = `el la los las lo un una unos unas de del al a en por para con sin sobre entre y e o u pero ni no que qué quien quién quienes
		quiénes cual cuál cuales cuáles cuando cuándo donde dónde como cómo cuanto cuánot cuantos cuántos cuánta cuántas se su sus le les me te nos
		es son era eran fue fueron ser sido ha han había habían haber está están este esta estos estas ese esa eso esto más muy también tan si
		hay tiene tienen tuvo desde hasta durante qué`
	russianStops = `и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет о из ему
		теперь когда даже ну ли если уже или ни быть был него до вас нибудь опять вам ведь там потом себя ничего ей может они тут где есть надо
		ней для мы тебя их чем была сам чтоб без будто чего раз тоже себе под будет ж тогда кто этот того потому этого какой какая какое какие
		каком какую каких каким которые который которая которое это эти эта при об сколько почему были является являются`
	arabicStops = `في من على الي إلى عن مع هذا هذه ذلك تلك التي الذي الذين ما ماذا متي متى اين أين كيف كم هل هو هي هم كان كانت يكون تكون
		قد لقد ان أن إن او أو ثم و لا لم لن كل بعض غير بين بعد قبل عند منذ حتي خلال اي أي لماذا`
	germanStops = `der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine in im an am auf aus bei mit nach von vom zu
		zum zur für über unter durch um als wie wer was wann wo warum welche welcher welches welchen wem wen wessen wie viele viel ist sind war
		waren wird werden wurde wurden sein hat haben hatte hatten es er sie ihr ihre sich dass auch noch nur so da`
)

// stopword says whether a word says nothing about the subject.
func stopword(word string) bool {
	switch word {
	case "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "about", "as", "into", "over", "under",
		"and", "or", "but", "not", "no", "nor", "so", "than", "then", "that", "this", "these", "those", "there", "here",
		"is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "done", "has", "have", "had", "having",
		"will", "would", "shall", "should", "can", "could", "may", "might", "must", "it", "its", "he", "she", "they", "them",
		"his", "her", "their", "we", "us", "our", "you", "your", "i", "me", "my", "who", "whom", "whose", "what", "which",
		"when", "where", "why", "how", "if", "any", "some", "such", "all", "also", "just", "very", "more", "most", "other",
		"please", "up", "everyone", "everybody", "anyone", "anybody", "someone", "somebody", "everything", "anything", "something", "else", "out", "against", "between", "during", "while", "because", "only", "own", "same", "too", "s", "t":
		return true
	}
	return false
}

// scaffold says whether a word of a question is about the asking, not the
// subject: "What does the statement say about …".
func scaffold(word string) bool {
	switch word {
	case "say", "says", "said", "saying", "tell", "tells", "told", "state", "stated", "mention", "mentions", "mentioned",
		"describe", "describes", "described", "description", "speak", "speaks", "spoke", "spoken", "talk", "talked",
		"statement", "statements", "text", "document", "record", "according", "kind", "sort", "type", "position", "view",
		"views", "think", "thinks", "call", "calls", "called", "explain", "give", "given", "exactly", "regarding",
		"concerning", "mean", "means", "happen", "happened", "delegation", "speaker", "quote", "find", "show", "need",
		"want", "wants", "stand", "stands", "issue", "issues", "question", "questions", "year", "date", "first", "many",
		"much", "contain", "contains", "contained", "include", "includes", "included", "matter", "matters", "president", "mr", "mrs", "ms", "ambassador":
		return true
	}
	return false
}
