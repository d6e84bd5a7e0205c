package corpus

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// split cuts a text into passages at blank lines. Each passage's text is a slice
// of the document's. Where the text numbers its paragraphs, as reports of the
// United Nations do, those are their numbers; see [numbering]. Else paragraphs
// are numbered from the first one that ends like a sentence: the lines before it
// (letterhead, title, "Mme. President,") are no paragraphs of the statement and
// get number 0, as do Markdown headings.
func split(d *Document) []Passage {
	all := blocks(d.Text)
	if passages, numbered := splitByNumber(d, all); numbered {
		return passages
	}
	var (
		passages = make([]Passage, 0, len(all))
		para     int
		headings int
	)
	for _, b := range all {
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
// A form feed and Unicode's paragraph separator part paragraphs too.
func blocks(text string) []block {
	var (
		out  []block
		from = -1
		to   int
	)
	end := func() {
		if from >= 0 {
			out = append(out, block{from, to})
			from = -1
		}
	}
	for pos := 0; pos < len(text); {
		_, size := lineEnd(text[pos:])
		next := pos + size
		for pos < next {
			part := next
			if at := strings.IndexAny(text[pos:next], "\f\u2029"); at >= 0 {
				_, width := utf8.DecodeRuneInString(text[pos+at:])
				part = pos + at + width
			}
			line := text[pos:part]
			if trimmed := strings.TrimSpace(line); trimmed == "" {
				end()
			} else {
				if from < 0 {
					from = pos + len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace))
				}
				to = pos + len(strings.TrimRightFunc(line, unicode.IsSpace))
			}
			if part < next || strings.HasSuffix(line, "\f") || strings.HasSuffix(line, "\u2029") {
				end()
			}
			pos = part
		}
	}
	end()
	return out
}

// endsLikeSentence says whether the text ends with a mark that ends sentences
// in one of the six official languages, closing quotes and brackets aside.
func endsLikeSentence(text string) bool {
	text = strings.TrimRight(text, "\"'”’»)]*_ \t")
	r, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?…:;。！？；：؟۔؛", r)
}
