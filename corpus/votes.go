package corpus

import "unicode/utf8"

// votes counts for seven languages at once, nine bits each, so that a word is
// looked up and counted in a few nanoseconds and without memory.
type votes uint64

const (
	english    votes = 1
	french     votes = 1 << 9
	spanish    votes = 1 << 18
	german     votes = 1 << 27
	portuguese votes = 1 << 36
	italian    votes = 1 << 45
	// elsewhere stands for the other languages in Latin letters, so that Dutch
	// is not taken for German or Polish for nothing at all.
	elsewhere votes = 1 << 54

	lane = 9
	// ballotFull has the highest bit of each language's nine: no vote is
	// counted once one is set, so that none runs into its neighbour.
	ballotFull = 256 * (english | french | spanish | german | portuguese | italian | elsewhere)
	// maxWord is how many bytes of a word are looked at.
	maxWord = 24
)

// winner returns the language with the most votes. It needs two, and more than
// the next.
func (v votes) winner() (tag string, certain bool) {
	best, most, second := 0, 0, 0
	for i := range 7 {
		n := int(v >> (i * lane) & (1<<lane - 1)) //nolint:gosec // nine bits
		if n > most {
			best, most, second = i, n, most
		} else if n > second {
			second = n
		}
	}
	if most < 2 || most == second {
		return undetermined, false
	}
	return [...]string{"en", "fr", "es", "de", "pt", "it", undetermined}[best], most >= second+sure && most >= 2*second
}

// votesOfLetter returns what a letter beyond a to z says.
func votesOfLetter(r rune) votes {
	switch r {
	case 'ñ':
		return 3 * spanish
	case 'á', 'í', 'ú':
		return spanish + portuguese
	case 'ó':
		return spanish + portuguese
	case 'é':
		return french + spanish + portuguese
	case 'ã', 'õ':
		return 3 * portuguese
	case 'ç':
		return french + portuguese
	case 'è':
		return french + italian
	case 'à':
		return french + italian + portuguese
	case 'ì', 'ò':
		return 2 * italian
	case 'ù':
		return french + italian
	case 'ê', 'ô', 'â':
		return french + portuguese
	case 'î', 'û', 'ë', 'ï':
		return french
	case 'œ':
		return 3 * french
	case 'ß':
		return 4 * german
	case 'ä', 'ö', 'ü':
		return 2*german + elsewhere
	case 'å', 'ø', 'æ', 'ł', 'ą', 'ę', 'ś', 'ź', 'ż', 'ć', 'ń', 'ş', 'ș', 'ţ', 'ț', 'ğ', 'ı', 'ő', 'ű', 'ă', 'č', 'ř', 'š', 'ž', 'ě', 'ů', 'ď', 'ť', 'ň',
		'đ', 'ð', 'þ', 'ý', 'ā', 'ē', 'ī', 'ū', 'ģ', 'ķ', 'ļ', 'ņ', 'ơ', 'ư', 'į', 'ų', 'ė':
		return 3 * elsewhere
	}
	if r >= 0x1E00 { // Vietnamese, mostly
		return 3 * elsewhere
	}
	return 0
}

// votesOfElision returns what a word before an apostrophe says.
func votesOfElision(word []byte) votes {
	switch string(word) {
	case "qu", "c", "j", "n", "jusqu", "lorsqu", "puisqu", "aujourd":
		return 3 * french
	case "d", "s", "m", "t":
		return 2*french + italian
	case "l":
		return 2*french + 2*italian
	case "un", "dell", "all", "nell", "dall", "sull", "quell", "quest", "cos", "dov", "com", "tutt", "anch":
		return 3 * italian
	case "don", "isn", "it", "doesn", "wasn", "aren", "can", "we", "they", "he", "she", "that", "there", "what", "who", "let":
		return 2 * english
	}
	return 0
}

// votesOfEnding returns what a word's last letters say.
func votesOfEnding(word []byte, long bool) votes {
	if long || len(word) < 5 {
		return 0
	}
	w := string(word[max(0, len(word)-6):])
	last := func(suffix string) bool { return len(w) >= len(suffix) && w[len(w)-len(suffix):] == suffix }
	switch word[len(word)-1] {
	case 'n':
		switch {
		case last("ción") || last("sión"):
			return 3 * spanish
		case last("tion"):
			return english + french
		case last("ungen") || last("ischen") || last("lichen") || last("heiten") || last("keiten"):
			return 3 * german
		case last("en"):
			return german
		}
	case 's':
		switch {
		case last("ciones") || last("dades"):
			return 2 * spanish
		case last("ções"):
			return 4 * portuguese
		case last("tions") || last("ments"):
			return english + french
		case last("eurs") || last("elles") || last("aux"):
			return 2 * french
		case last("ness") || last("ings") || last("ies"):
			return 2 * english
		}
	case 'o':
		switch {
		case last("ção") || last("são"):
			return 4 * portuguese
		case last("mento"):
			return spanish + italian + portuguese
		}
		return spanish + italian + portuguese
	case 'e':
		switch {
		case last("zione") || last("sione"):
			return 3 * italian
		case last("dade"):
			return 3 * portuguese
		case last("mente"):
			return spanish + italian + portuguese
		case last("ique") || last("elle") || last("ance") || last("ence") || last("aire") || last("euse"):
			return french
		}
	case 'i':
		return 2 * italian
	case 'a':
		return spanish + italian + portuguese
	case 'd':
		switch {
		case last("idad") || last("edad"):
			return 3 * spanish
		case last("ed"):
			return 2 * english
		}
	case 'g':
		switch {
		case last("ung"):
			return 3 * german
		case last("ing"):
			return 2 * english
		}
	case 'y':
		if last("ity") || last("ly") || last("cy") || last("ry") {
			return 2 * english
		}
	case 't':
		switch {
		case last("heit") || last("keit") || last("schaft") || last("icht"):
			return 3 * german
		case last("aient") || last("ait"):
			return 2 * french
		case last("ment"):
			return english + french
		}
	case 'h':
		if last("lich") || last("isch") {
			return 3 * german
		}
	case 'x':
		if last("eux") || last("aux") {
			return 2 * french
		}
	case 'r':
		switch {
		case last("eur"):
			return 2 * french
		case last("ar") || last("or"):
			return spanish + portuguese
		case last("er"):
			return german + english + french
		}
	}
	if len(word) < 2 {
		return 0
	}
	switch r, _ := utf8.DecodeLastRune(word); r {
	case 'é':
		return french
	case 'à', 'ù':
		return 2 * italian
	}
	return 0
}
