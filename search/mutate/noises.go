package mutate

import (
	"strconv"
	"strings"

	"rapporteur/search"
)

// NoiseKinds names the ten kinds, in the order of the issue that asks for them.
func NoiseKinds() []string {
	return []string{"quotes", "dashes", "spaces", "case", "line breaks", "soft hyphens", "ligatures", "ellipsis characters", "full-width forms", "trailing citation"}
}

// Noises makes one claim of each kind from a sentence: its words, written in
// another way.
func (p *Pool) Noises(s Sentence) []Claim {
	var out []Claim
	for _, kind := range NoiseKinds() {
		out = append(out, Claim{
			Kind: kind, Text: p.noise(kind, s),
			Rulings: []search.Ruling{search.Verbatim, search.Typography},
		})
	}
	return out
}

func (p *Pool) noise(kind string, s Sentence) string {
	t := s.Text
	switch kind {
	case "quotes":
		plain := strings.NewReplacer("“", `"`, "”", `"`, "«", `"`, "»", `"`, "’", "'", "‘", "'").Replace(t)
		open := p.pick([]string{"“|”", "«|»", "„|“", "\"|\"", "« | »", "‘|’", "「|」", "“‘|’”"})
		before, after, _ := strings.Cut(open, "|")
		return before + plain + after
	case "dashes":
		dash := p.pick([]string{"-", "–", "—", "‑", "−", "--", "‐"})
		return strings.NewReplacer("—", dash, "–", dash, "-", p.pick([]string{"-", "‑", "‐", "–", "−"})).Replace(t)
	case "spaces":
		return " " + strings.ReplaceAll(t, " ", p.pick([]string{"\u00a0", "  ", "\u2009 ", "\u3000", " \u200b", "\t", "\u202f"})) + " \t"
	case "case":
		if p.random.IntN(3) == 0 {
			return strings.ToLower(t)
		}
		return strings.ToUpper(t)
	case "line breaks":
		return p.breakLines(t)
	case "soft hyphens":
		return p.within(t, "\u00ad")
	case "ligatures":
		return strings.NewReplacer("ffi", "ﬃ", "ffl", "ﬄ", "ff", "ﬀ", "fi", "ﬁ", "fl", "ﬂ", "st", "ﬆ", "oe", "œ", "ae", "æ", "é", "e\u0301").Replace(t)
	case "ellipsis characters":
		return p.ellipses(t)
	case "full-width forms":
		return p.wide(t)
	}
	return t + " " + p.citation(s)
}

// breakLines breaks a text into lines, between words and at hyphens within them.
func (p *Pool) breakLines(t string) string {
	end := p.pick([]string{"\n", "\r\n", " \n  "})
	fields := strings.Fields(t)
	for i, word := range fields {
		if len(word) >= 8 && isLetters(word) && p.random.IntN(4) == 0 {
			at := 3 + p.random.IntN(len(word)-6)
			fields[i] = word[:at] + p.pick([]string{"-", "\u00ad", "‐"}) + end + word[at:]
		}
	}
	var b strings.Builder
	for i, word := range fields {
		if i > 0 && i%(5+p.random.IntN(3)) == 0 {
			b.WriteString(end)
		} else if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// within puts a mark into every long word.
func (p *Pool) within(t, mark string) string {
	fields := strings.Fields(t)
	for i, word := range fields {
		if len(word) >= 6 && isLetters(word) {
			at := 2 + p.random.IntN(len(word)-4)
			fields[i] = word[:at] + mark + word[at:]
		}
	}
	return strings.Join(fields, " ")
}

// ellipses writes the ellipses of a text in another way, and puts one behind it,
// or before it, or where no word is missing.
func (p *Pool) ellipses(t string) string {
	mark := p.pick([]string{"…", "...", ". . .", "[…]", "(...)", "⋯"})
	t = strings.NewReplacer("…", mark, "...", mark).Replace(t)
	switch p.random.IntN(3) {
	case 0:
		return strings.TrimRight(t, ".") + mark
	case 1:
		return mark + " " + t
	}
	fields := strings.Fields(t)
	at := 1 + p.random.IntN(len(fields)-1)
	return strings.Join(fields[:at], " ") + " " + mark + " " + strings.Join(fields[at:], " ")
}

// wide writes letters, digits and marks in full width.
func (p *Pool) wide(t string) string {
	all := p.random.IntN(2) == 0
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' && all:
			return '\u3000'
		case r > ' ' && r <= '~' && (all || p.random.IntN(4) == 0):
			return r - '!' + '！'
		}
		return r
	}, t)
}

// citation names the sentence's source, as people do.
func (p *Pool) citation(s Sentence) string {
	d := s.Passage.Doc
	by := d.Attribution()
	if d.Speaker != "" && p.random.IntN(2) == 0 {
		by = d.Speaker
	}
	year := ""
	if len(d.Date) >= 4 {
		year = ", " + d.Date[:4]
		if p.random.IntN(2) == 0 {
			year = ", " + d.Date
		}
	}
	para := "¶" + strconv.Itoa(s.Passage.Para)
	return p.pick([]string{
		"(" + by + ", " + para + ")", "(" + by + year + ")", "— " + by + year, "[" + by + ", para. " + strconv.Itoa(s.Passage.Para) + "]",
		"(" + para + ")", "– " + by, "\n— " + by + year, "(" + by + year + ", " + para + ")",
	})
}

func isLetters(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
}
