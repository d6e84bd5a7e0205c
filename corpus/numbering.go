package corpus

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// least is how many numbered paragraphs make a text one that numbers its
// paragraphs; a statement may list two points.
const least = 3

// numbering follows the paragraph numbers of a text: "12. The Group …",
// "12 bis. …". A paragraph without a number, such as "(a) …", belongs to the
// numbered one before it; what stands before the first, such as a foreword, is
// counted by itself. A new count from 1 after a heading begins a new part, and
// so a paragraph 3 of the report and one of its annex have the number 3 both but
// not one ID: "report#3" and "report#annex-1.3".
type numbering struct {
	part    string // what stands in the IDs before the number: "", "annex-1."
	parts   int
	annexes int
	last    int
	bis     int    // which of the inserted numbers the last one is: 1 for "12 bis"
	at      string // the last number as written: "12bis"
	more    int    // paragraphs since then that have no number
	front   int    // paragraphs before the first number
	heading string // the heading since the last paragraph, the first of several
}

// splitByNumber makes the passages of a text that numbers its paragraphs;
// numbered is false for any other text.
func splitByNumber(d *Document, all []block) (passages []Passage, numbered bool) {
	all = splitNumberedLines(d.Text, all)
	counted, others := 0, 0
	for _, b := range all {
		text := d.Text[b.from:b.to]
		switch number, _ := leadingNumber(text); {
		case number > 0:
			counted++
		case endsLikeSentence(text) && !listItem(text) && !strings.HasPrefix(text, "#"):
			others++
		}
	}
	if counted < least || others > counted { // a list of points in a statement
		return nil, false
	}
	var (
		n        numbering
		headings int
	)
	passages = make([]Passage, 0, len(all))
	for _, b := range all {
		text := d.Text[b.from:b.to]
		p := Passage{Doc: d, Text: text}
		var id string
		if p.Para, id = n.next(text); p.Para == 0 {
			headings++
			id = "h" + strconv.Itoa(headings)
		}
		p.ID = d.ID + "#" + id
		passages = append(passages, p)
	}
	return passages, true
}

// splitNumberedLines cuts blocks before a line that begins with the next number,
// where the line before ends a sentence: reports copied from a PDF have no blank
// lines between their paragraphs.
func splitNumberedLines(text string, all []block) []block {
	out := make([]block, 0, len(all))
	last := 0
	for _, b := range all {
		for pos := b.from; pos < b.to; {
			end, next := lineEnd(text[pos:b.to])
			line := strings.TrimLeftFunc(text[pos:pos+end], unicode.IsSpace)
			number, _ := leadingNumber(line)
			before := strings.TrimRightFunc(text[b.from:pos], unicode.IsSpace)
			switch {
			case number > 0 && pos == b.from:
				last = number
			case number > 0 && number == last+1 && endsLikeSentence(before):
				out = append(out, block{b.from, b.from + len(before)})
				b.from, last = pos+end-len(line), number
			}
			pos += next
		}
		out = append(out, b)
	}
	return out
}

// next returns the number and the ID of the next paragraph; 0 for a heading.
func (n *numbering) next(text string) (para int, id string) {
	number, bis := leadingNumber(text)
	switch {
	case strings.HasPrefix(text, "#"), number == 0 && !endsLikeSentence(text) && !listItem(text):
		if n.heading == "" || annexHeading(text) {
			n.heading = text
		}
		return 0, ""
	case number == 1 && n.last > 0 && n.heading != "" && bis == 0:
		n.begin()
	case number > n.last, number > 0 && number == n.last && bis > n.bis:
	case n.at == "":
		n.front++
		return n.front, "front-" + strconv.Itoa(n.front)
	default: // no number, or that of a list within the paragraph
		n.more++
		n.heading = ""
		return n.last, fmt.Sprintf("%s%s.%d", n.part, n.at, n.more+1)
	}
	n.last, n.bis, n.more, n.heading = number, bis, 0, ""
	n.at = strconv.Itoa(number) + inserted()[bis]
	return number, n.part + n.at
}

// begin begins a part that counts from 1 again.
func (n *numbering) begin() {
	n.parts++
	n.part = "part-" + strconv.Itoa(n.parts+1) + "."
	if annexHeading(n.heading) {
		n.annexes++
		n.part = "annex-" + strconv.Itoa(n.annexes) + "."
	}
}

// annexHeading says whether a heading is that of an annex, in one of the six
// official languages.
func annexHeading(text string) bool {
	text = strings.ToLower(strings.TrimLeft(text[:min(len(text), 64)], "#*_ "))
	for _, name := range [...]string{"annex", "anexo", "appendi", "apéndice", "приложение", "附件", "附录", "مرفق", "المرفق"} {
		if strings.HasPrefix(text, name) {
			return true
		}
	}
	return false
}

// inserted lists what is put after a number to number a paragraph between two.
func inserted() [6]string {
	return [...]string{"", "bis", "ter", "quater", "quinquies", "sexies"}
}

// leadingNumber returns the number that a paragraph begins with, 0 for none,
// and which of [inserted] follows it. After the number stand a full stop, or the
// mark that Chinese uses, and words.
func leadingNumber(text string) (number, bis int) {
	digits := 0
	for digits < len(text) && digits < 4 && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits > 3 || text[0] == '0' {
		return 0, 0
	}
	number, _ = strconv.Atoi(text[:digits])
	rest := text[digits:]
	for i, word := range inserted() {
		if after, found := strings.CutPrefix(strings.TrimLeft(rest, " \u00a0"), word); found && i > 0 {
			bis, rest = i, after
		}
	}
	after, found := strings.CutPrefix(rest, ".")
	if !found {
		after, found = strings.CutPrefix(rest, "．")
	}
	if !found {
		after, found = strings.CutPrefix(rest, "、")
		after = " " + after
	}
	words := strings.TrimLeftFunc(after, unicode.IsSpace)
	if r, _ := utf8.DecodeRuneInString(words); !found || len(words) == len(after) || words == "" || unicode.IsDigit(r) {
		return 0, 0
	}
	return number, bis
}

// listItem says whether a paragraph is an item of a list: "(a) …", "– …".
func listItem(text string) bool {
	if r, size := utf8.DecodeRuneInString(text); strings.ContainsRune("-–—•*", r) {
		after, _ := utf8.DecodeRuneInString(text[size:])
		return unicode.IsSpace(after)
	}
	at := strings.IndexAny(text[:min(len(text), 8)], ")）")
	return at > 0 && !strings.ContainsAny(text[:at], " .")
}
