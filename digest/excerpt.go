package digest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/corpus"
)

// around is how many bytes of a passage are shown on either side of a match.
const around = 220

// token is a word of a text and where it stands.
type token struct {
	from, to int
	word     string // in small letters
}

func tokens(text string) []token {
	var out []token
	start := -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, token{start, end, strings.ToLower(text[start:end])})
			start = -1
		}
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		flush(i)
	}
	flush(len(text))
	return out
}

// same says whether a word of a text is the one that is looked for, in another
// ending of up to three letters: "norm", "norms", "normative".
func same(have, want string) bool {
	if have == want {
		return true
	}
	short, long := want, have
	if len(short) > len(long) {
		short, long = long, short
	}
	return utf8.RuneCountInString(short) >= 4 && strings.HasPrefix(long, short) && utf8.RuneCountInString(long[len(short):]) <= 3
}

// excerpt quotes the words around the place where a document speaks of a topic: a
// passage that holds all the words of it. It finds nothing where there is none;
// words such as "the" do not count.
func excerpt(doc *corpus.Document, topic string) (corpus.Quotation, bool) {
	wanted := topicWords(topic)
	if len(wanted) == 0 {
		return corpus.Quotation{}, false
	}
	for _, p := range doc.Passages() {
		if p.Para == 0 {
			continue
		}
		if from, to, found := span(tokens(p.Text), wanted); found {
			if q, err := p.Quote(widen(p.Text, from, to)); err == nil {
				return q, true
			}
		}
	}
	return corpus.Quotation{}, false
}

// topicWords are the words of a topic that tell it from others.
func topicWords(topic string) []string {
	var out []string
	for _, t := range tokens(topic) {
		switch t.word {
		case "the", "of", "on", "and", "in", "for", "to", "a", "an", "at", "by", "with", "un":
			continue
		}
		out = append(out, t.word)
	}
	return out
}

// span is the shortest stretch of a text that holds all the words.
func span(text []token, wanted []string) (from, to int, found bool) {
	last := make([]int, len(wanted)) // token after the latest place of each word; 0 for none
	for i, t := range text {
		hit := false
		for w, want := range wanted {
			if same(t.word, want) {
				last[w], hit = i+1, true
			}
		}
		if !hit {
			continue
		}
		first := i + 1
		for _, at := range last {
			first = min(first, at)
		}
		if first == 0 {
			continue
		}
		if start := text[first-1].from; !found || t.to-start < to-from {
			from, to, found = start, t.to, true
		}
	}
	return from, to, found
}

// widen makes a stretch whole sentences, as long as they are not too long, and
// else whole words.
func widen(text string, from, to int) (int, int) {
	low, high := max(0, from-around), min(len(text), to+around)
	start, end := low, high
	switch i := lastStop(text[low:from]); {
	case i >= 0:
		start = low + i
	case low > 0:
		start = wordStart(text, low, from)
	}
	switch i := firstStop(text[to:high]); {
	case i >= 0:
		end = to + i
	case high < len(text):
		end = wordEnd(text, to, high)
	}
	for start < from && isBlank(text[start]) {
		start++
	}
	for end > to && isBlank(text[end-1]) {
		end--
	}
	return start, end
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// lastStop returns where the last sentence of a text begins, after the stop of the
// one before; -1 where there is no stop.
func lastStop(text string) int {
	for i := len(text) - 2; i >= 0; i-- {
		if strings.IndexByte(".!?", text[i]) >= 0 && text[i+1] == ' ' {
			return i + 2
		}
	}
	return -1
}

// firstStop returns where the first sentence of a text ends, its stop included.
func firstStop(text string) int {
	for i := range len(text) {
		if strings.IndexByte(".!?", text[i]) >= 0 && (i+1 == len(text) || text[i+1] == ' ') {
			return i + 1
		}
	}
	return -1
}

// wordStart returns the first place from low on, before high, where a word begins.
func wordStart(text string, low, high int) int {
	for i := low; i < high; i++ {
		if text[i] == ' ' {
			return i + 1
		}
	}
	return high
}

// wordEnd returns the last place from low on, up to high, where a word ends.
func wordEnd(text string, low, high int) int {
	for i := high; i > low; i-- {
		if i < len(text) && text[i] == ' ' {
			return i
		}
	}
	return low
}
