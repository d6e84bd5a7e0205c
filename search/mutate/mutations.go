package mutate

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rapporteur/search"
)

// The words that mutations put in and take out.
func denials() []string {
	return []string{"not", "never", "no", "without", "neither", "nor", "none", "cannot", "nothing", "hardly"}
}

func modalVerbs() []string {
	return []string{"shall", "should", "may", "must", "can", "could", "might", "will", "would", "need", "ought"}
}

func countWords() []string {
	return []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "half", "all", "some", "many", "most", "both", "every", "each", "first", "second", "third", "seventh", "eleven", "twelve", "twenty", "thirty", "fifty", "hundred", "thousand", "million", "several", "majority"}
}

// calendarWords have capitals and are no names.
func calendarWords() []string {
	return []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
}

func adverbs() []string {
	return []string{"regrettably", "perhaps", "always", "clearly", "only", "fully", "also", "merely", "the", "very", "largely", "immediately"}
}

// MutationKinds names the ten kinds, in the order of the issue that asks for
// them.
func MutationKinds() []string {
	return []string{"drop", "add", "swap", "negate", "modal", "number", "name", "stitch", "truncate", "re-attribute"}
}

// Mutations makes one claim of each kind from a sentence, as far as it allows
// it.
func (p *Pool) Mutations(s Sentence) []Claim {
	w := split(s.Text)
	var out []Claim
	for _, kind := range MutationKinds() {
		var c Claim
		switch kind {
		case "drop":
			c = p.drop(w)
		case "add":
			c = altered(w.insert(p.inside(w), p.pick([][]string{adverbs(), p.content}[p.random.IntN(2)])), "")
		case "swap":
			c = p.swap(w)
		case "negate":
			c = p.negate(w)
		case "modal":
			c = p.modal(w)
		case "number":
			c = p.number(w)
		case "name":
			c = p.name(w)
		case "stitch":
			c = p.stitch(s, w)
		case "truncate":
			c = p.truncate(w)
		case "re-attribute":
			c = p.reattribute(s)
		}
		if c.Text != "" {
			c.Kind = kind
			out = append(out, c)
		}
	}
	return out
}

// words is a text cut at its spaces. Marks stay with their words, so that what
// is put together again is written as before.
type words []string

func split(text string) words { return strings.Fields(text) }

func (w words) text() string { return strings.Join(w, " ") }

func (w words) insert(at int, more ...string) words {
	return slices.Insert(slices.Clone(w), at, more...)
}

func (w words) without(at int) words { return slices.Delete(slices.Clone(w), at, at+1) }

// replace puts a word in the place of another and keeps the marks around it.
func (w words) replace(at int, word string) words {
	c := slices.Clone(w)
	before, core, after := marks(w[at])
	if core == "" {
		before, after = "", ""
	}
	c[at] = before + word + after
	return c
}

// marks parts a word from the marks around it.
func marks(word string) (before, core, after string) {
	isMark := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	core = strings.TrimLeftFunc(word, isMark)
	before = word[:len(word)-len(core)]
	trimmed := strings.TrimRightFunc(core, isMark)
	return before, trimmed, core[len(trimmed):]
}

func bare(word string) string {
	_, core, _ := marks(word)
	return strings.ToLower(core)
}

func altered(w words, alarm string) Claim {
	return Claim{Text: w.text(), Rulings: []search.Ruling{search.Altered}, Alarm: alarm}
}

func (p *Pool) pick(from []string) string { return from[p.random.IntN(len(from))] }

// inside picks a place between two words, where a sentence does not begin anew.
func (p *Pool) inside(w words) int { return 1 + p.random.IntN(len(w)-2) }

// where returns the places, first and last word aside, of words that satisfy a
// condition. At the edges a claim would be an excerpt and no alteration.
func (w words) where(ok func(word string) bool) []int {
	var out []int
	begun := bare(w[0]) != ""
	for i := 1; i+1 < len(w); i++ {
		if begun && ok(w[i]) {
			out = append(out, i)
		}
		begun = begun || bare(w[i]) != ""
	}
	return out
}

func (w words) among(list []string) []int {
	return w.where(func(word string) bool { return slices.Contains(list, bare(word)) })
}

// drop leaves out any word, "the" as well.
func (p *Pool) drop(w words) Claim {
	at := w.where(func(word string) bool { return bare(word) != "" })
	if len(at) == 0 {
		return Claim{}
	}
	i := at[p.random.IntN(len(at))]
	if bare(w[i]) == bare(w[i+1]) || bare(w[i]) == bare(w[i-1]) {
		return Claim{}
	}
	return altered(w.without(i), "")
}

// swap puts another word of the corpus in the place of one, or changes two
// neighbours about.
func (p *Pool) swap(w words) Claim {
	at := w.where(func(word string) bool { return bare(word) != "" && bare(word) == word })
	if len(at) == 0 {
		return Claim{}
	}
	i := at[p.random.IntN(len(at))]
	if p.random.IntN(4) == 0 && i+2 < len(w) && bare(w[i+1]) == w[i+1] && w[i] != w[i+1] {
		c := slices.Clone(w)
		c[i], c[i+1] = c[i+1], c[i]
		return altered(c, "")
	}
	if word := p.pick(p.content); word != w[i] {
		return altered(w.replace(i, word), "")
	}
	return Claim{}
}

// negate takes a denial out, or puts one in: behind a verb of being or a modal
// where there is one.
func (p *Pool) negate(w words) Claim {
	if at := w.among([]string{"not", "never", "no", "cannot", "without"}); len(at) > 0 && p.random.IntN(3) > 0 {
		i := at[p.random.IntN(len(at))]
		switch bare(w[i]) {
		case "cannot":
			return altered(w.replace(i, "can"), "negation")
		case "without":
			return altered(w.replace(i, "with"), "negation")
		}
		return altered(w.without(i), "negation")
	}
	verbs := append([]string{"is", "are", "was", "were", "be", "has", "have", "do", "does", "did"}, modalVerbs()...)
	if at := w.among(verbs); len(at) > 0 {
		i := at[p.random.IntN(len(at))]
		switch verb := bare(w[i]); {
		case slices.Contains([]string{"is", "are", "was", "were", "has", "have", "do", "does", "did", "should", "could", "would", "must"}, verb) && p.random.IntN(3) == 0:
			return altered(w.replace(i, verb+p.pick([]string{"n't", "n’t"})), "negation")
		case verb == "can":
			return altered(w.replace(i, p.pick([]string{"cannot", "can't", "can’t"})), "negation")
		case verb == "will":
			return altered(w.replace(i, "won't"), "negation")
		}
		return altered(w.insert(i+1, p.pick([]string{"not", "never"})), "negation")
	}
	return altered(w.insert(p.inside(w), p.pick([]string{"not", "never", "no"})), "negation")
}

// modal puts one modal verb in the place of another, or inserts one.
func (p *Pool) modal(w words) Claim {
	at := w.where(func(word string) bool { return word == bare(word) && slices.Contains(modalVerbs(), word) })
	if len(at) > 0 {
		i := at[p.random.IntN(len(at))]
		if other := p.pick([]string{"shall", "should", "may", "must", "can", "could", "might", "will", "would"}); other != w[i] {
			return altered(w.replace(i, other), "modal")
		}
	}
	return altered(w.insert(p.inside(w), p.pick([]string{"shall", "should", "may", "must", "might"})), "modal")
}

// number changes a number, in digits or as a word, or inserts one.
func (p *Pool) number(w words) Claim {
	digits := w.where(func(word string) bool {
		_, err := strconv.Atoi(bare(word))
		return err == nil
	})
	if len(digits) > 0 {
		i := digits[p.random.IntN(len(digits))]
		n, _ := strconv.Atoi(bare(w[i]))
		return altered(w.replace(i, strconv.Itoa(n+1+p.random.IntN(9))), "number")
	}
	if at := w.among(countWords()[:10]); len(at) > 0 {
		i := at[p.random.IntN(len(at))]
		if other := p.pick(countWords()[:10]); other != bare(w[i]) {
			return altered(w.replace(i, other), "number")
		}
	}
	return altered(w.insert(p.inside(w), p.pick([]string{"17", "three", "250", "1,200", "forty"})), "number")
}

// name puts one proper name in the place of another, or inserts one.
func (p *Pool) name(w words) Claim {
	at := w.where(func(word string) bool {
		_, core, _ := marks(word)
		return properName.MatchString(core) && !slices.Contains(countWords(), bare(core))
	})
	at = slices.DeleteFunc(at, func(i int) bool { return strings.ContainsAny(w[i-1][len(w[i-1])-1:], ".!?:") })
	name := p.pick(append([]string{"Paris", "Putin", "Guterres", "NATO"}, p.names...))
	if len(at) > 0 {
		if i := at[p.random.IntN(len(at))]; bare(w[i]) != strings.ToLower(name) {
			return altered(w.replace(i, name), "name")
		}
	}
	i := p.inside(w)
	for tries := 0; tries < 9 && strings.ContainsAny(w[i-1][len(w[i-1])-1:], ".!?:"); tries++ {
		i = p.inside(w)
	}
	return altered(w.insert(i, name), "name")
}

// stitch joins the beginning of a sentence with the end of another, or its own
// beginning with its end where it is long.
func (p *Pool) stitch(s Sentence, w words) Claim {
	right := []search.Ruling{search.Stitched}
	if len(w) >= 34 && p.random.IntN(3) == 0 {
		return Claim{Text: append(slices.Clone(w[:8]), w[len(w)-8:]...).text(), Rulings: right}
	}
	o := p.sentences[p.random.IntN(len(p.sentences))]
	v := split(o.Text)
	if o.Text == s.Text || len(w) < 12 || len(v) < 12 {
		return Claim{}
	}
	return Claim{Text: append(slices.Clone(w[:len(w)/2]), v[len(v)/2:]...).text(), Rulings: right}
}

// truncate hides words behind an ellipsis: in the middle, in front or at the
// end.
func (p *Pool) truncate(w words) Claim {
	mark := p.pick([]string{"…", "...", "[…]", "[...]", "(...)"})
	c := Claim{Rulings: []search.Ruling{search.Truncated}}
	third := len(w) / 3
	switch p.random.IntN(4) {
	case 0:
		c.Text = mark + " " + w[third:].text()
	case 1:
		c.Text = w[:len(w)-third].text() + mark
	default:
		c.Text = slices.Concat(w[:third+1], words{mark}, w[third+2+p.random.IntN(max(1, third-2)):]).text()
	}
	return c
}

// reattribute puts the words into another's mouth, or on another day.
func (p *Pool) reattribute(s Sentence) Claim {
	d := s.Passage.Doc
	if d.Delegation == "" && d.Speaker == "" {
		return Claim{}
	}
	state := p.pick(p.states)
	for slices.Equal(search.StatesIn(state), search.StatesIn(d.Delegation)) {
		state = p.pick(p.states)
	}
	c := Claim{Rulings: []search.Ruling{search.Misattributed}}
	switch p.random.IntN(7) {
	case 0:
		c.Text = state + " said: “" + s.Text + "”"
	case 1:
		c.Text = "According to " + state + ", " + s.Text
	case 2:
		c.Text = s.Text + " — " + state
	case 3:
		c.Text = "\"" + s.Text + "\" (Ambassador Guterres)"
	case 4:
		c.Text = s.Text + " (" + state + ", ¶" + strconv.Itoa(s.Passage.Para) + ")"
	case 5:
		c.Text = state + ": " + s.Text
	default:
		if len(d.Date) < 4 {
			c.Text = state + ": " + s.Text
			break
		}
		c.Text = d.Attribution() + ", 1997: \"" + s.Text + "\""
		if strings.HasPrefix(d.Date, "1997") {
			c.Text = d.Attribution() + ", 1996: \"" + s.Text + "\""
		}
	}
	return c
}
