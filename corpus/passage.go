package corpus

import (
	"crypto/sha256"
	"errors"
	"fmt"
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
	return Quotation{passage: p, text: p.Text[from:to]}, nil
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
	text    string
}

// Text returns the quoted bytes.
func (q Quotation) Text() string { return q.text }

// Passage returns the passage that is quoted.
func (q Quotation) Passage() Passage { return q.passage }

// Document returns the document that is quoted; nil for the zero Quotation.
func (q Quotation) Document() *Document { return q.passage.Doc }

// Code returns the short code of the quotation, such as "Q-7F3A2C": the first
// 24 bits of SHA-256 over document and words, so that it survives re-indexing
// and renumbering as long as the words stand.
func (q Quotation) Code() string {
	if q.passage.Doc == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(q.passage.Doc.ID + "\x00" + q.text))
	return fmt.Sprintf("Q-%X", sum[:3])
}
