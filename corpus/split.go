package corpus

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// split cuts a text into passages at blank lines. Paragraphs are numbered from
// the first one that ends like a sentence: the lines before it (letterhead,
// title, "Mme. President,") are no paragraphs of the statement and get number
// 0, as do Markdown headings. Each passage's text is a slice of the document's.
func split(d *Document) []Passage {
	var (
		passages []Passage
		para     int
		headings int
	)
	for _, b := range blocks(d.Text) {
		text := d.Text[b.from:b.to]
		heading := strings.HasPrefix(text, "#") || (para == 0 && !endsLikeSentence(text))
		p := Passage{Doc: d, Text: text}
		if heading {
			headings++
			p.ID = d.ID + "#h" + strconv.Itoa(headings)
		} else {
			para++
			p.Para = para
			p.ID = d.ID + "#" + strconv.Itoa(para)
		}
		passages = append(passages, p)
	}
	if para == 0 { // a text of headings only: every line counts
		for i := range passages {
			passages[i].Para = i + 1
			passages[i].ID = d.ID + "#" + strconv.Itoa(i+1)
		}
	}
	return passages
}

type block struct{ from, to int }

// blocks returns the byte ranges between blank lines, without the space around.
func blocks(text string) []block {
	var (
		out  []block
		from = -1
		to   int
	)
	for pos := 0; pos < len(text); {
		end := strings.IndexByte(text[pos:], '\n')
		next := len(text)
		if end >= 0 {
			next = pos + end + 1
		}
		line := text[pos:next]
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "" && from >= 0:
			out = append(out, block{from, to})
			from = -1
		case trimmed != "":
			lead := len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace))
			if from < 0 {
				from = pos + lead
			}
			to = pos + len(strings.TrimRightFunc(line, unicode.IsSpace))
		}
		pos = next
	}
	if from >= 0 {
		out = append(out, block{from, to})
	}
	return out
}

// endsLikeSentence says whether the text ends with a mark that ends sentences
// in one of the six official languages, closing quotes and brackets aside.
func endsLikeSentence(text string) bool {
	text = strings.TrimRight(text, "\"'”’»)]*_ \t")
	r, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?…:;。！？；：؟۔؛", r)
}
