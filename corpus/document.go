package corpus

import (
	"strings"
)

// Where the date of a document was found.
const (
	// DateFromText means that the text itself states the date.
	DateFromText = "text"
	// DateFromMetadata means that the date comes from the header, whose source
	// is named there; the text does not carry it.
	DateFromMetadata = "metadata"
	// DateUnknown means that no date is known.
	DateUnknown = "none"
)

// Document is one text of record with what is known about it. It is immutable
// once it is part of a [Corpus].
type Document struct {
	// ID names the document within the corpus, for example
	// "unsc-2021-06-29-russian-federation".
	ID string
	// Symbol is the United Nations document symbol, if it has one.
	Symbol string
	// Title is the document's title.
	Title string
	// Kind says what it is: statement, report, resolution, passage collection.
	Kind string
	// RecordKind says which text of record it is: mission release, verbatim
	// record, interpretation, unofficial transcript.
	RecordKind string
	// Body is the organ before which it was delivered.
	Body string
	// Meeting is the meeting of that body.
	Meeting string
	// Language is the language of the text, a BCP 47 tag such as "en"; empty
	// where unknown.
	Language string
	// LanguageSource is one of LanguageFromHeader, LanguageDetected,
	// LanguageUnknown.
	LanguageSource string
	// URL is where the text was published.
	URL string
	// Date is the ISO day, month or year of delivery; empty where unknown.
	Date string
	// DateSource is one of DateFromText, DateFromMetadata, DateUnknown.
	DateSource string
	// DateURL is the source of a date from metadata.
	DateURL string
	// DateChecked is the ISO day on which that source was read.
	DateChecked string
	// Speaker delivered the text.
	Speaker string
	// Delegation is the State or organisation the speaker represents.
	Delegation string
	// OnBehalfOf lists the groups the statement was made for.
	OnBehalfOf []string
	// Topics are the subjects the document is filed under.
	Topics []string
	// File is the name of the file the document came from.
	File string
	// Text is the document's text, byte for byte; empty for a document that
	// came as a collection of passages.
	Text string
	// Collected says that the passages came one by one, without a document, and
	// are filed together by title: each is named by its own ID.
	Collected bool

	passages []Passage
}

// Passages returns the document's passages in their order. The slice is shared
// and must not be changed.
func (d *Document) Passages() []Passage { return d.passages }

// Source returns the ID by which the source of the passage is known outside: its
// document's, or its own where it came without a document.
func (p Passage) Source() string {
	if p.Doc.Collected {
		return p.ID
	}
	return p.Doc.ID
}

// Attribution names whose words these are, as a position is attributed: the
// delegation where there is one, else the speaker, else the title.
func (d *Document) Attribution() string {
	switch {
	case d.Delegation != "":
		return d.Delegation
	case d.Speaker != "":
		return d.Speaker
	default:
		return d.Title
	}
}

// Occasion names body and meeting, for example `Security Council, open VTC "…"`.
func (d *Document) Occasion() string {
	return join(", ", d.Body, d.Meeting)
}

// join joins the parts that are not empty.
func join(sep string, parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
