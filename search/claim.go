package search

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// claimed is one way to read a text: the span of it that is claimed to be a
// quotation. What stands outside says whose.
type claimed struct {
	Span
	quoted bool // marks show where the quotation begins and ends
}

// quoteMarks are the quote marks of the six languages. Single ones are not among
// them, for they are apostrophes too.
var quoteMarks = regexp.MustCompile(`["“”„‟«»＂「」『』]`)

// ellipsisForm is an ellipsis with the brackets around it: …, ..., [...], (…).
var ellipsisForm = regexp.MustCompile(`[\[(［（]?\s*(?:[…⋯]+|[.．]{3,}|(?:[.．][ \x{00a0}\x{2009}\x{202f}]){2,}[.．]|。{3,})\s*[\])］）]?`)

// singleQuoted is a longer stretch between single quote marks, of a quotation in
// a quotation.
var singleQuoted = regexp.MustCompile(`‘([^‘\n]{16,900})’`)

// Forms in which a text says whose words follow or went before.
var (
	leadColon = regexp.MustCompile(`^[^:：\n"“„«]{1,100}[:：]\s+|^[^:：\n"“„«]{1,60}：`)
	leadAfter = regexp.MustCompile(`(?i)^\s*(?:according to|in the words of|as per|selon|d['’]après|según|de acuerdo con|по словам|согласно|как заявил\p{L}*|وفقا ل|وفقاً ل|بحسب|حسب|据|根据|按照)[^,،，:"“«\n]{1,80}[,،，]\s*`)
	leadSaid  = regexp.MustCompile(`(?i)^[^"“«\n]{1,80}?(?:\b(?:said|says|stated|states|declared|declares|stressed|stresses|noted|notes|announced|argued|argues|warned|added|told us|a déclaré|a dit|affirme|dijo|declaró|afirmó)|заявил\p{L}*|сказал\p{L}*|отметил\p{L}*|说|表示|指出|قال|قالت|صرح)(?:\s+(?:in|on|at|en|le|в)\s+[^,:"“«\n]{1,40}?)?(?:\s+(?:that|que|что)|\s*[,،，])?\s+`)
	tailParen = regexp.MustCompile(`[(（\[][^()（）\[\]\n]{1,160}[)）\]][\s.。]*$`)
	tailDash  = regexp.MustCompile(`\s*(?:—|―|⸺|--)\s*|\s+[–-]\s+|\n\s*[–-]\s*`)
)

// readings returns the ways to read a text: all of it, for "Let me stress: …"
// may be the record's own words; all but a citation behind it or an attribution
// before it; and what stands in quote marks.
func readings(text string) []claimed {
	whole := trimmed(text, Span{0, len(text)})
	out := []claimed{{Span: whole}}
	add := func(s Span, quoted bool) {
		s = trimmed(text, s)
		for _, c := range out {
			if c.Span == s {
				return
			}
		}
		if s.From < s.To {
			out = append(out, claimed{s, quoted})
		}
	}
	short := whole
	for range 2 { // "… — Nebenzia (2021)"
		cut, found := cutTail(text, short)
		if !found {
			break
		}
		short = cut
		add(short, false)
	}
	for _, s := range []Span{whole, short} {
		if cut, found := cutLead(text, s); found {
			add(cut, false)
		}
	}
	for _, s := range quotedSpans(text) {
		add(s, true)
		if cut, found := cutTail(text, s); found {
			add(cut, true)
		}
	}
	return out
}

// trimmed takes space off the ends of a span.
func trimmed(text string, s Span) Span {
	part := text[s.From:s.To]
	s.From += len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	s.To = max(s.From, s.To-(len(part)-len(strings.TrimRightFunc(part, unicode.IsSpace))))
	return s
}

// cutTail cuts "(Nebenzia, ¶5)" or "— V. Nebenzia, 2019" off the end.
func cutTail(text string, s Span) (Span, bool) {
	const most = 400 // bytes in which a citation stands
	from := max(s.From, s.To-most)
	for from < s.To && !utf8.RuneStart(text[from]) {
		from++
	}
	part := text[from:s.To]
	starts := []int{}
	if at := tailParen.FindStringIndex(part); at != nil {
		starts = append(starts, at[0])
	}
	if dashes := tailDash.FindAllStringIndex(part, -1); len(dashes) > 0 {
		starts = append(starts, dashes[len(dashes)-1][0])
	}
	for _, at := range starts {
		if tail := part[at:]; from+at > s.From && len(tail) <= 200 && !quoteMarks.MatchString(tail) && citation(tail) {
			return Span{s.From, from + at}, true
		}
	}
	return s, false
}

// citationSign shows that a bracket holds a source: a paragraph, a year, a
// symbol, an address.
var citationSign = regexp.MustCompile(`(?i)[¶§]|\bpara(?:graph|s)?\b|\bp\.\s?\d|\b(?:19|20)\d\d\b|\b[a-z]+/[a-z0-9.]+/|https?://|\d{2}/\d{1,3}\b|第\d+段`)

// citation says whether a text behind a claim names a source: it has the sign of
// one, or a name, and is short. A number alone may be part of the claim.
func citation(text string) bool {
	tokens := Tokens(text, "und")
	if len(tokens) == 0 || len(tokens) > 25 {
		return false
	}
	if citationSign.MatchString(text) {
		return true
	}
	if !strings.ContainsFunc(text, unicode.IsLower) && strings.ContainsFunc(text, unicode.IsUpper) {
		return len(tokens) <= 4 && !strings.Contains(wordsNegation, " "+tokens[0].Word+" ") // "(NOT)" is none
	}
	return len(tokens) <= 12 && (len(StatesIn(text)) > 0 || len(names(". "+text, append([]Token{{}}, tokensFrom(text)...))) > 0)
}

// tokensFrom returns the tokens of a text that stands behind ". ".
func tokensFrom(text string) []Token {
	tokens := Tokens(text, "en")
	for i := range tokens {
		tokens[i].From += 2
		tokens[i].To += 2
	}
	return tokens
}

// cutLead cuts "China said:", "According to China," or "Russia, 2019:" off the
// beginning.
func cutLead(text string, s Span) (Span, bool) {
	const most = 400
	part := text[s.From:s.To]
	head := part[:cutAt(part, most)]
	for _, form := range []*regexp.Regexp{leadAfter, leadColon, leadSaid} {
		at := form.FindStringIndex(head)
		if at == nil || at[1] >= len(part) {
			continue
		}
		lead := head[:at[1]]
		if form == leadColon && !attributes(lead) {
			continue
		}
		return Span{s.From + at[1], s.To}, true
	}
	return s, false
}

// attributes says whether a text before a colon may name a source: it is short
// and holds a capital, a State, or a script without capitals.
func attributes(lead string) bool {
	fields := strings.Fields(lead)
	if len(fields) > 12 {
		return false
	}
	return len(StatesIn(lead)) > 0 || strings.ContainsFunc(lead, func(r rune) bool {
		return unicode.IsUpper(r) || (r >= 0x0600 && unicode.IsLetter(r))
	})
}

// quotedSpans returns what stands between quote marks: from the first to the
// last of them, and, where that is several quotations, each.
func quotedSpans(text string) (out []Span) {
	const most = 40 // marks that are looked at
	marks := quoteMarks.FindAllStringIndex(text, most)
	if at := singleQuoted.FindStringSubmatchIndex(text); at != nil && len(marks) != 1 {
		inner := Span{at[2], at[3]}
		if len(marks) == 0 {
			return []Span{inner}
		}
		defer func() { out = append(out, inner) }()
	}
	if len(marks) == 0 {
		return nil
	}
	if len(marks) == 1 { // the other one was lost
		if opening(text, marks[0]) {
			return []Span{{marks[0][1], len(text)}}
		}
		return nil
	}
	out = []Span{{marks[0][1], marks[len(marks)-1][0]}}
	for i := 0; i+1 < len(marks); i++ {
		if opening(text, marks[i]) && !opening(text, marks[i+1]) {
			out = append(out, Span{marks[i][1], marks[i+1][0]})
		}
	}
	return out
}

// opening says whether a quote mark opens: a word follows at once.
func opening(text string, mark []int) bool {
	switch r, _ := utf8.DecodeRuneInString(text[mark[0]:]); r {
	case '“', '„', '«', '「', '『':
		return true
	case '”', '»', '」', '』':
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:mark[0]])
	after, _ := utf8.DecodeRuneInString(text[mark[1]:])
	return !unicode.IsSpace(after) && after != utf8.RuneError && (before == utf8.RuneError || unicode.IsSpace(before) || unicode.IsPunct(before) && before != '.' && before != ',')
}
