package corpus

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Corpus is an immutable set of documents. It is safe for concurrent readers;
// a changed record is a new Corpus.
type Corpus struct {
	docs     []*Document
	passages []Passage
	numbered int
	version  string
}

// New makes a corpus of the documents, ordered by date and then by ID. The
// documents must have passed a loader, which gives them their passages.
func New(docs ...*Document) *Corpus {
	c := &Corpus{docs: slices.Clone(docs)}
	slices.SortStableFunc(c.docs, func(a, b *Document) int {
		return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.ID, b.ID))
	})
	total := 0
	for _, d := range c.docs {
		total += len(d.passages)
	}
	c.passages = make([]Passage, 0, total)
	sum := sha256.New()
	out := bufio.NewWriterSize(sum, 1<<16) // a hash takes no strings
	for _, d := range c.docs {
		c.passages = append(c.passages, d.passages...)
		_, _ = fmt.Fprintf(out, "%s\x00%s\x00%s\x00%d\x00", d.ID, d.Date, d.Speaker, len(d.passages))
		for _, p := range d.passages {
			if p.Para > 0 {
				c.numbered++
			}
			_, _ = out.WriteString(p.Text)
		}
	}
	_ = out.Flush()
	c.version = hex.EncodeToString(sum.Sum(nil)[:4])
	return c
}

// Documents returns the documents, oldest first. The slice is shared and must
// not be changed.
func (c *Corpus) Documents() []*Document { return c.docs }

// Passages returns the passages of all documents. The slice is shared and must
// not be changed.
func (c *Corpus) Passages() []Passage { return c.passages }

// Numbered returns how many numbered passages there are: those that are
// searched. Titles and salutations are not among them.
func (c *Corpus) Numbered() int { return c.numbered }

// Version names the state of the corpus: eight hexadecimal digits over every
// document's name, date, speaker and bytes.
func (c *Corpus) Version() string { return c.version }

// With returns a corpus that holds the documents of c and the further ones. A
// further document with the ID of an older one replaces it.
func (c *Corpus) With(docs ...*Document) *Corpus {
	replaced := make(map[string]bool, len(docs))
	for _, d := range docs {
		replaced[d.ID] = true
	}
	all := slices.Clone(docs)
	for _, d := range c.docs {
		if !replaced[d.ID] {
			all = append(all, d)
		}
	}
	return New(all...)
}
