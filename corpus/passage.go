package corpus

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Passage is the smallest quotable part of a document: a paragraph.
type Passage struct {
	// ID is unique in the corpus: the document's ID, "#" and the paragraph.
	ID string
	// Doc is the document the passage belongs to.
	Doc *Document
	// Para is the paragraph number, counted from 1; 0 is an unnumbered line
	// such as a title or a salutation.
	Para int
	// Speaker is who speaks in this passage, where that differs from the
	// document's speaker; else empty.
	Speaker string
	// Text is a slice of the document's bytes.
	Text string
}

// ErrSpan is returned for a byte range that is no span of whole characters of
// the passage.
var ErrSpan = errors.New("not a span of the passage")

// Quote makes a quotation of the bytes [from, to) of the passage. It returns
// ErrSpan when the range is empty, lies outside or splits a character.
func (p Passage) Quote(from, to int) (Quotation, error) {
	if from < 0 || to > len(p.Text) || from >= to ||
		!utf8.RuneStart(p.Text[from]) || (to < len(p.Text) && !utf8.RuneStart(p.Text[to])) {
		return Quotation{}, fmt.Errorf("bytes %d to %d of %s: %w", from, to, p.ID, ErrSpan)
	}
	return Quotation{passage: p, from: from, text: p.Text[from:to]}, nil
}

// By names the speaker of the passage.
func (p Passage) By() string {
	if p.Speaker != "" {
		return p.Speaker
	}
	return p.Doc.Speaker
}

// Quotation is a verbatim span of a passage. Its zero value quotes nothing; any
// other value was made by [Passage.Quote].
type Quotation struct {
	passage Passage
	from    int // byte offset in the passage
	text    string
	digits  int // of the code; 0 for the usual six
}

// Text returns the quoted bytes.
func (q Quotation) Text() string { return q.text }

// Passage returns the passage that is quoted.
func (q Quotation) Passage() Passage { return q.passage }

// Document returns the document that is quoted; nil for the zero Quotation.
func (q Quotation) Document() *Document { return q.passage.Doc }

// Code returns the short code of the quotation, such as "Q-7F3A2C": the first
// 24 bits of SHA-256 over document and words, so that it survives re-indexing
// and renumbering as long as the words stand. After [Quotation.WithDigits] it is
// longer.
func (q Quotation) Code() string { return q.code(max(q.digits, shortCode)) }

// Codes returns the codes that the quotation may have, the shortest first: one
// of six digits, one of eight for when another quotation has that, and the whole
// digest, which no other has. Empty for the zero Quotation.
func (q Quotation) Codes() []string {
	if q.passage.Doc == nil {
		return nil
	}
	return []string{q.code(shortCode), q.code(longCode), q.code(2 * sha256.Size)}
}

// Lengths of codes, in hexadecimal digits.
const (
	shortCode = 6
	longCode  = 8
)

func (q Quotation) code(digits int) string {
	if q.passage.Doc == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(q.passage.Doc.ID + "\x00" + q.text))
	return fmt.Sprintf("Q-%X", sum[:])[:len("Q-")+min(digits, 2*sha256.Size)]
}

// HasCode says whether the digits of code, as in "Q-7F3A2C", begin the digest of
// the quotation. It is made for asking many quotations.
func (q Quotation) HasCode(code string) bool {
	digits, found := strings.CutPrefix(code, "Q-")
	if !found || q.passage.Doc == nil || len(digits) < shortCode || len(digits) > 2*sha256.Size {
		return false
	}
	sum := sha256.Sum256([]byte(q.passage.Doc.ID + "\x00" + q.text))
	const hex = "0123456789ABCDEF"
	for i := range len(digits) {
		half := sum[i/2] >> 4
		if i%2 == 1 {
			half = sum[i/2] & 15
		}
		if digits[i] != hex[half] {
			return false
		}
	}
	return true
}

// WithDigits returns the quotation with a code of so many hexadecimal digits,
// for when its six digits are those of another quotation too.
func (q Quotation) WithDigits(digits int) Quotation {
	q.digits = digits
	return q
}

// Place is where words stand: enough to find them again after a restart, in
// another process, or in a later edition of the document.
type Place struct {
	// Document is the document's ID.
	Document string
	// Para is the paragraph number; 0 for an unnumbered line.
	Para int
	// From is the byte offset in the paragraph.
	From int
	// Words are the quoted words, byte for byte.
	Words string
}

// Place returns where the quoted words stand.
func (q Quotation) Place() Place {
	if q.passage.Doc == nil {
		return Place{}
	}
	return Place{Document: q.passage.Doc.ID, Para: q.passage.Para, From: q.from, Words: q.text}
}

// Find quotes the words of a place as the corpus has them now: in their
// paragraph, nearest to where they stood, or else in the paragraph of the
// document that is nearest to it. found is false where the words do not stand in
// the document any more, or the document is gone.
func (c *Corpus) Find(at Place) (q Quotation, found bool) {
	d, known := c.Document(at.Document)
	if !known || at.Words == "" {
		return Quotation{}, false
	}
	best := -1
	for _, p := range d.passages {
		away := p.Para - at.Para
		away = max(away, -away)
		if best >= 0 && away >= best {
			continue
		}
		from := nearestIndex(p.Text, at.Words, at.From)
		if from < 0 {
			continue
		}
		quote, err := p.Quote(from, from+len(at.Words))
		if err != nil {
			continue
		}
		q, best = quote, away
	}
	return q, best >= 0
}

// nearestIndex returns where words stand in text nearest to the offset, or -1.
func nearestIndex(text, words string, offset int) int {
	best := -1
	for at := 0; at+len(words) <= len(text); {
		i := strings.Index(text[at:], words)
		if i < 0 {
			break
		}
		i += at
		if best >= 0 && max(i-offset, offset-i) >= max(best-offset, offset-best) {
			break // they only get farther from here on
		}
		best, at = i, i+1
	}
	return best
}

// Document returns the document of that ID; false where there is none.
func (c *Corpus) Document(id string) (*Document, bool) {
	for _, d := range c.docs {
		if d.ID == id {
			return d, true
		}
	}
	return nil, false
}
