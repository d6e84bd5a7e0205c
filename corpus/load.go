package corpus

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

//go:embed texts
var texts embed.FS

// Problem is what is wrong with one place of one file. The other files load
// all the same.
type Problem struct {
	// File is the file's name, relative to the folder that was loaded.
	File string
	// Line is the line, counted from 1; 0 where the whole file is meant.
	Line int
	// Reason says in one sentence what is wrong.
	Reason string
}

// String returns "file:line: reason".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Reason
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
}

// Embedded returns the record that is compiled into the program.
func Embedded() (*Corpus, error) {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		return nil, fmt.Errorf("embedded texts: %w", err)
	}
	docs, problems, err := Load(sub)
	if err != nil {
		return nil, fmt.Errorf("embedded texts: %w", err)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("embedded texts: %s", problems[0])
	}
	return New(docs...), nil
}

// Load reads the documents of a folder and its sub-folders: plain text (.txt)
// and Markdown (.md) with a YAML header, either at the top between two lines
// "---" or in a file of the same name ending in .yaml, and JSON Lines of
// passages (.jsonl, .jsonl.gz), one object a line: {"id","title","text"}, where
// known with "doc", "lang", "speaker", "date", "delegation" and "body". Other
// files are left alone. A broken file is
// reported and the rest is loaded; the error is for a folder that cannot be
// read at all.
func Load(fsys fs.FS) ([]*Document, []Problem, error) {
	l := newLoader(fsys)
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			l.problem(name, 0, err.Error())
		case !entry.IsDir():
			l.file(name)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the corpus folder: %w", err)
	}
	l.handOut()
	return l.docs, l.problems, nil
}

// LoadFile reads one file as [Load] does.
func LoadFile(fsys fs.FS, name string) ([]*Document, []Problem, error) {
	if _, err := fs.Stat(fsys, name); err != nil {
		return nil, nil, fmt.Errorf("read the corpus file: %w", err)
	}
	l := newLoader(fsys)
	l.file(name)
	l.handOut()
	return l.docs, l.problems, nil
}

func newLoader(fsys fs.FS) *loader {
	return &loader{
		fsys: fsys, byID: map[string]*Document{}, sheets: map[filing]*sheet{},
		ids: map[string]uint32{}, names: names{}, dates: map[string]struct{}{},
	}
}

type loader struct {
	fsys     fs.FS
	docs     []*Document
	byID     map[string]*Document
	problems []Problem

	// What follows is for passages of JSON Lines.
	files   uint32              // how many files were begun
	sheets  map[filing]*sheet   // documents of lines that name none
	filled  []*sheet            // all documents made line by line
	ids     map[string]uint32   // passage ids, with the number of their file
	shelves [][]Passage         // the passages in the order of their lines
	blank   []Document          // made and not yet used
	dates   map[string]struct{} // known to be dates
	names   names
	slab    slab
}

func (l *loader) problem(file string, line int, reason string) {
	l.problems = append(l.problems, Problem{File: file, Line: line, Reason: reason})
}

func (l *loader) fail(file string, err error) {
	if at, ok := errors.AsType[*lineError](err); ok {
		l.problem(file, at.line, at.Error())
		return
	}
	l.problem(file, 0, err.Error())
}

func (l *loader) file(name string) {
	switch {
	case strings.HasPrefix(path.Base(name), "."):
	case strings.EqualFold(strings.TrimSuffix(path.Base(name), path.Ext(name)), "README"):
	case strings.HasSuffix(name, ".txt"), strings.HasSuffix(name, ".md"):
		l.text(name)
	case strings.HasSuffix(name, ".jsonl"), strings.HasSuffix(name, ".jsonl.gz"):
		l.passages(name)
	}
}

func (l *loader) text(name string) {
	data, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		l.fail(name, err)
		return
	}
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	head, text, line, err := cutHeader(data)
	if err != nil {
		l.fail(name, err)
		return
	}
	headFile, offset := name, 1
	if head == nil {
		side := strings.TrimSuffix(name, path.Ext(name)) + ".yaml"
		if head, err = fs.ReadFile(l.fsys, side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.fail(side, err)
			return
		}
		headFile, offset = side, 0
	}
	h, err := parseHeader(head, offset)
	if err != nil {
		l.fail(headFile, err)
		return
	}
	if at, reason := unreadable(text); reason != "" {
		l.problem(name, line+at, "the text "+reason)
		return
	}
	id := strings.TrimSuffix(name, path.Ext(name))
	d := &Document{}
	h.fill(d, id, name, string(text))
	if tag := Detect(d.Text); d.LanguageSource == LanguageUnknown && tag != undetermined {
		d.Language, d.LanguageSource = tag, LanguageDetected
	}
	d.passages = split(d)
	if len(d.passages) == 0 {
		l.problem(name, line, "the document holds no text")
		return
	}
	l.add(d, 1)
}

// add files the document; it returns false, and reports, where its ID is taken.
func (l *loader) add(d *Document, line int) bool {
	if twin := l.byID[d.ID]; twin != nil {
		l.problem(d.File, line, fmt.Sprintf("the document id %q is taken by %s; give one of them another id", d.ID, twin.File))
		return false
	}
	l.byID[d.ID] = d
	l.docs = append(l.docs, d)
	return true
}

// byteOrderMark is what some editors put before the first byte of a file. It is
// no part of the text.
const byteOrderMark = "\ufeff"

// unreadable says why a text cannot be read, and at which of its lines, counted
// from 0; empty for one that can.
func unreadable(text []byte) (at int, reason string) {
	if at := lineWith(text, func(line []byte) bool { return !utf8.Valid(line) }); at >= 0 {
		return at, "is not valid UTF-8 here; save the file as UTF-8"
	}
	if at := lineWith(text, func(line []byte) bool { return bytes.IndexByte(line, 0) >= 0 }); at >= 0 {
		return at, "holds a NUL character here; save the file as plain UTF-8 text"
	}
	return 0, ""
}

// lineWith returns the index of the first line of which bad is true, or -1.
func lineWith(text []byte, bad func(line []byte) bool) int {
	if !bad(text) {
		return -1
	}
	for at := 0; len(text) > 0; at++ {
		_, next := lineEnd(text)
		if bad(text[:next]) {
			return at
		}
		text = text[next:]
	}
	return 0
}

// lineEnd returns where the first line of the text ends, without and with its
// line end: LF, CR LF or, in old files, CR alone.
func lineEnd[T string | []byte](text T) (end, next int) {
	for i := range len(text) {
		switch {
		case text[i] == '\n', text[i] == '\r' && i+1 == len(text):
			return i, i + 1
		case text[i] == '\r' && text[i+1] == '\n':
			return i, i + 2
		case text[i] == '\r':
			return i, i + 1
		}
	}
	return len(text), len(text)
}
