package search

import "strings"

// oneSpelling writes an English word, in small letters, as it is indexed where
// British and American spelling differ: the record writes "behavior", the reports
// "behaviour", and "organization" stands beside "organisation".
func oneSpelling(word string) string {
	if len(word) < 5 {
		return word
	}
	if i := strings.LastIndex(word, "iz"); i >= 3 && zEnding(word[i+2:]) {
		return word[:i+1] + "s" + word[i+2:]
	}
	if i := strings.LastIndex(word, "yz"); i >= 3 && zEnding(word[i+2:]) {
		return word[:i+1] + "s" + word[i+2:]
	}
	if i := strings.Index(word, "our"); i > 0 && ourStem(word[:i]) {
		return word[:i] + "or" + word[i+3:]
	}
	for _, pair := range [...][2]string{
		{"defence", "defense"},
		{"offence", "offense"},
		{"licence", "license"},
		{"pretence", "pretense"},
		{"centre", "center"},
		{"theatre", "theater"},
		{"programme", "program"},
		{"judgement", "judgment"},
		{"fulfilment", "fulfillment"},
	} {
		if strings.HasPrefix(word, pair[0]) {
			return pair[1] + word[len(pair[0]):]
		}
	}
	return word
}

// zEnding says whether a word in "iz" or "yz" goes on as verbs in -ize do.
func zEnding(rest string) bool {
	switch rest {
	case "e", "ed", "es", "er", "ers", "ing", "able", "ation", "ations", "ational":
		return true
	}
	return false
}

// ourStem says whether "our" behind the letters is "or" in America.
func ourStem(before string) bool {
	switch before {
	case "arm", "behavi", "misbehavi", "cand", "clam", "col", "endeav", "fav", "disfav", "flav", "harb", "hon", "dishon", "hum",
		"lab", "neighb", "od", "parl", "rig", "rum", "savi", "splend", "tum", "val", "vap", "vig":
		return true
	}
	return false
}
