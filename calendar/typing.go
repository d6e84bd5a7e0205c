package calendar

import "unicode/utf8"

// leastTyped is how many letters a word must have for one of them to be wrong:
// in shorter words one letter makes another word ("GGE", "first").
const leastTyped = 6

// mistyped reports whether the text is the name save for one wrong letter in one
// of its long words. Another word of the name, longer than an article, has to
// stand as it is: "Global Mecanism" is a slip, but "the contention" is not "the
// convention".
func mistyped(text, name []word) bool {
	slips, exact := 0, 0
	for i, n := range name {
		switch {
		case sameWords(text[i:i+1], name[i:i+1]):
			if n.lower != "the" && utf8.RuneCountInString(n.lower) > 2 {
				exact++
			}
		case slips == 0 && utf8.RuneCountInString(n.lower) >= leastTyped && OneSlip(text[i].lower, n.lower):
			slips++
		default:
			return false
		}
	}
	return slips == 1 && exact > 0
}

// OneSlip reports whether typed is a long word with one slip of the keyboard: a
// letter left out, added, exchanged, or swapped with its neighbour. Of a shorter
// word only a swap counts: any other slip may be another word. The first letter
// has to stand, for people seldom miss it.
func OneSlip(typed, meant string) bool {
	a, b := []rune(typed), []rune(meant)
	if len(a) == 0 || len(b) == 0 || len(a) < len(b)-1 || len(a) > len(b)+1 || a[0] != b[0] || typed == meant {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	j := 0 // equal letters at the end
	for j < len(a)-i && j < len(b)-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	x, y := a[i:len(a)-j], b[i:len(b)-j]
	switch {
	case len(x) <= 1 && len(y) <= 1:
		return len(b) >= leastTyped
	case len(x) == 2 && len(y) == 2:
		return x[0] == y[1] && x[1] == y[0]
	}
	return false
}
