package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// line is one passage of a JSON Lines file. Passages with the same doc make
// one document, in the order of their lines; without doc, each line is a
// document of its own.
type line struct {
	Doc        string `json:"doc"`
	ID         string `json:"id"`
	Text       string `json:"text"`
	Lang       string `json:"lang"`
	Title      string `json:"title"`
	Speaker    string `json:"speaker"`
	Date       string `json:"date"`
	Delegation string `json:"delegation"`
	Body       string `json:"body"`
}

// passages reads a JSON Lines file of passages.
func (l *loader) passages(name string) {
	file, err := l.fsys.Open(name)
	if err != nil {
		l.fail(name, err)
		return
	}
	defer func() { _ = file.Close() }()
	var in io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			l.fail(name, fmt.Errorf("not a gzip file: %w", err))
			return
		}
		in = unzipped
	}
	var (
		lines = bufio.NewReaderSize(in, 1<<16)
		docs  = map[string]*Document{}
		ids   = map[string]bool{}
	)
	for n := 1; ; n++ {
		data, err := lines.ReadBytes('\n')
		if data = bytes.TrimSpace(data); len(data) > 0 {
			if err := l.passage(name, n, data, docs, ids); err != nil {
				l.problem(name, n, err.Error())
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			l.problem(name, n, fmt.Sprintf("the file breaks off here: %v", err))
			return
		}
	}
}

func (l *loader) passage(name string, n int, data []byte, docs map[string]*Document, ids map[string]bool) error {
	if !utf8.Valid(data) {
		return errors.New("the line is not valid UTF-8")
	}
	var in line
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("not a JSON object of a passage: %w", err)
	}
	if strings.TrimSpace(in.Text) == "" {
		return errors.New(`the passage has no "text"`)
	}
	if in.Date != "" && !isDate(in.Date) {
		return fmt.Errorf("date %q is no date; write 2021-06-29, 2021-06 or 2021", in.Date)
	}
	if in.Doc == "" {
		in.Doc = in.ID
	}
	if in.Doc == "" {
		return errors.New(`the passage has neither "doc" nor "id"`)
	}
	d := docs[in.Doc]
	if d == nil {
		h := header{
			Title: in.Title, Language: in.Lang, Speaker: in.Speaker, Date: in.Date,
			Delegation: in.Delegation, Body: in.Body, Kind: "passages",
		}
		d = h.document(in.Doc, name, "")
		before := len(l.docs)
		if l.add(d, n); len(l.docs) == before {
			docs[in.Doc] = &Document{} // reported once; the document's further lines are dropped
			return nil
		}
		docs[in.Doc] = d
	}
	if d.ID == "" {
		return nil
	}
	p := Passage{ID: in.ID, Doc: d, Para: len(d.passages) + 1, Text: in.Text}
	if p.ID == "" {
		p.ID = fmt.Sprintf("%s#%d", d.ID, p.Para)
	}
	if ids[p.ID] {
		return fmt.Errorf("the passage id %q stands in this file already", p.ID)
	}
	ids[p.ID] = true
	if in.Speaker != d.Speaker {
		p.Speaker = in.Speaker
	}
	d.passages = append(d.passages, p)
	return nil
}
