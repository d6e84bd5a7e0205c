package search

import (
	"bufio"
	_ "embed" // the names of States
	"slices"
	"strings"
)

//go:embed states.txt
var stateNames string

// StatesIn returns the short names of the States, and of the bodies that speak
// like one, that the text names, in the order of the table. Each line of the
// table holds one State: its short name first, then its other names and
// adjectives, parted by "|".
func StatesIn(text string) []string {
	words := " " + strings.Join(plainWords(text), " ") + " "
	var out []string
	lines := bufio.NewScanner(strings.NewReader(stateNames))
	for lines.Scan() {
		forms := strings.Split(lines.Text(), "|")
		for _, form := range forms {
			if strings.Contains(words, " "+strings.Join(plainWords(form), " ")+" ") {
				out = append(out, forms[0])
				break
			}
		}
	}
	return out
}

// sameState says whether the text names the State.
func sameState(state, text string) bool { return slices.Contains(StatesIn(text), state) }

// plainWords returns the words of a text in lower case; short forms in capitals
// ("US", "UK", "EU") keep their case, for "us" is a pronoun.
func plainWords(text string) []string {
	var out []string
	for _, t := range Tokens(text, "und") {
		raw := text[t.From:t.To]
		if len(raw) <= 3 && raw == strings.ToUpper(raw) {
			out = append(out, raw)
			continue
		}
		out = append(out, t.Word)
	}
	return out
}
