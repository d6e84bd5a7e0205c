package corpus

// votesOfWord returns what a small word says: three votes for a word of one
// language alone, fewer where others have it too.
//
//nolint:misspell // the words are of many languages
func votesOfWord(word []byte) votes {
	switch string(word) {
	case "about", "after", "all", "also", "and", "any", "are", "because", "been", "before", "being", "between", "both", "but",
		"by", "can", "could", "did", "does", "each", "every", "first", "from", "had", "has", "have", "he", "his", "how", "if",
		"into", "it", "its", "many", "may", "more", "most", "much", "must", "my", "not", "of", "only", "or", "other", "our",
		"out", "shall", "she", "should", "states", "such", "than", "thank", "that", "the", "their", "them", "then", "there",
		"these", "they", "this", "those", "through", "under", "up", "us", "we", "were", "what", "when", "where", "which",
		"who", "whom", "whose", "why", "with", "would", "year", "years", "you", "your":
		return 3 * english
	case "ainsi", "après", "au", "aussi", "aux", "avant", "avec", "avoir", "ce", "cela", "ces", "cette", "comment", "dans",
		"des", "doivent", "donc", "du", "elle", "elles", "est", "fait", "ils", "les", "leur", "leurs", "merci", "même",
		"notre", "nous", "ont", "où", "pas", "peut", "peuvent", "pour", "pourquoi", "quand", "quel", "quelle", "quelles",
		"quels", "qui", "sans", "sera", "ses", "sont", "tous", "tout", "toutes", "très", "une", "voilà", "vos", "votre",
		"vous", "été", "être":
		return 3 * french
	case "además", "año", "años", "cuando", "cuál", "cuáles", "cuándo", "cuántas", "cuántos", "cómo", "donde", "dónde", "el",
		"eran", "esa", "ese", "estas", "estos", "están", "fue", "fueron", "gracias", "han", "hasta", "hay", "las", "los",
		"muy", "más", "nuestra", "nuestro", "nuestros", "otras", "otros", "pero", "puede", "pueden", "quien", "quién", "qué",
		"según", "sido", "sino", "sus", "también", "tiene", "tienen", "y":
		return 3 * spanish
	case "aber", "als", "auch", "auf", "aus", "bei", "bis", "das", "dass", "dem", "diese", "dieser", "dieses", "durch", "ein",
		"eine", "einem", "einen", "einer", "eines", "für", "gegen", "haben", "hat", "hatte", "ich", "ihr", "ihre", "im", "ist",
		"jahr", "jahre", "jahren", "kann", "können", "mehr", "mit", "nach", "nicht", "noch", "nur", "oder", "sein", "seine",
		"sich", "sie", "sind", "sowie", "und", "unsere", "unter", "viele", "vom", "von", "vor", "wann", "waren", "warum",
		"welche", "welchem", "welchen", "welcher", "welches", "wem", "wen", "wenn", "wer", "werden", "wir", "wird", "wo",
		"wurde", "wurden", "zu", "zum", "zur", "zwischen", "über":
		return 3 * german
	case "ainda", "ao", "aos", "até", "depois", "deve", "devem", "ela", "elas", "ele", "eles", "em", "entanto", "essa", "esse",
		"foi", "foram", "há", "isso", "isto", "já", "meu", "minha", "muito", "nas", "nossa", "nosso", "num", "numa", "não",
		"nós", "obrigado", "os", "pela", "pelas", "pelo", "pelos", "pode", "podem", "quais", "qual", "quantos", "quem", "seu",
		"seus", "sua", "suas", "são", "também", "tem", "têm", "uma", "você", "às", "é":
		return 3 * portuguese
	case "ai", "alla", "alle", "anche", "che", "chi", "ci", "cosa", "dal", "dalla", "dalle", "degli", "dei", "della", "delle",
		"dello", "devono", "di", "dove", "essere", "fra", "gli", "grazie", "hanno", "loro", "ma", "mia", "nei", "nel", "nella",
		"nelle", "noi", "nostra", "nostro", "perché", "più", "possiamo", "possono", "può", "quali", "quanti", "questa",
		"queste", "questi", "questo", "sono", "stata", "stati", "stato", "sue", "sul", "sulla", "suo", "suoi", "tra", "tutti",
		"è":
		return 3 * italian
	case "af", "ang", "ar", "att", "av", "az", "bir", "boleh", "bør", "cho", "các", "của", "dan", "dat", "dengan", "deres",
		"det", "dla", "een", "egy", "ei", "eivät", "ett", "että", "från", "för", "haar", "har", "het", "hogy", "hun", "ikke",
		"ile", "ini", "inte", "için", "ja", "jag", "jest", "jsou", "katika", "không", "koji", "kwa", "lao", "lor", "med",
		"meg", "mga", "nebo", "nem", "není", "ng", "ni", "nie", "niet", "nu", "och", "og", "op", "oraz", "pentru", "przez",
		"på", "sig", "się", "som", "te", "tidak", "til", "till", "untuk", "van", "ve", "vi", "voor", "và", "w", "wa", "wij",
		"wordt", "ya", "yang", "z", "zijn", "är", "és", "że", "și":
		return 3 * elsewhere
	case "an", "at", "be", "for", "is", "on", "to", "will":
		return 2 * english
	case "so":
		return english + german
	case "was":
		return 2*english + german
	case "i":
		return english + 2*italian
	case "do":
		return english + 2*portuguese
	case "as":
		return 2*english + 2*portuguese
	case "in":
		return english + german + italian
	case "no":
		return english + spanish + portuguese
	case "a":
		return english + spanish + portuguese + italian
	case "contre", "entre", "et", "je", "ne", "ou", "par", "plus", "sa", "son", "sur", "à":
		return 2 * french
	case "le":
		return 2*french + italian
	case "il":
		return 2*french + 2*italian
	case "mais":
		return 2*french + 2*portuguese
	case "la", "si", "un":
		return french + spanish + italian
	case "en":
		return french + spanish + elsewhere
	case "nos", "que":
		return french + spanish + portuguese
	case "de":
		return french + spanish + portuguese + elsewhere
	case "al", "lo", "uno":
		return spanish + italian
	case "es":
		return 2*spanish + german
	case "su":
		return 2*spanish + italian
	case "ha":
		return spanish + 2*italian
	case "estado":
		return spanish + portuguese
	case "con", "del", "una":
		return 2*spanish + 2*italian
	case "como", "desde", "dos", "durante", "era", "esta", "este", "está", "para", "porque", "sin", "sobre":
		return 2*spanish + portuguese
	case "mas":
		return spanish + 2*portuguese
	case "por", "ser":
		return 2*spanish + 2*portuguese
	case "se":
		return spanish + portuguese + italian
	case "am", "die", "war":
		return 2 * german
	case "den", "der", "er", "wie":
		return 2*german + elsewhere
	case "um":
		return german + 2*portuguese
	case "com":
		return 2 * portuguese
	case "na":
		return portuguese + elsewhere
	case "o":
		return 2*portuguese + italian
	case "da", "e", "quando":
		return 2*portuguese + 2*italian
	case "come", "non", "per", "quale":
		return 2 * italian
	}
	return 0
}
