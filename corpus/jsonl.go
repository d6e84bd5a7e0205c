package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// passages reads a JSON Lines file of passages. Passages with the same "doc"
// make one document, in the order of their lines. Those without are filed by
// what is known of them: all with the same title, speaker, date, delegation,
// body and language make one document, because a million lines are not a
// million documents, and a title names what people call one.
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
	r := lineReader{loader: l, file: name, number: l.files, docs: map[string]*sheet{}}
	l.files++
	r.read(bufio.NewReaderSize(in, 1<<18))
}

// sheet is a document that is filled line by line.
type sheet struct {
	doc     *Document // nil for one that could not be added: its lines are dropped
	lines   int
	certain bool // whether its language is beyond doubt
}

// filing is by what passages without "doc" are put together.
type filing struct {
	file                                         string // only where they have no title
	title, lang, speaker, date, delegation, body string
}

// lineReader reads one file.
type lineReader struct {
	*loader
	file   string
	number uint32
	docs   map[string]*sheet // by "doc"
	json   lineDecoder
	line   line
	text   string // of the line
}

func (r *lineReader) read(lines *bufio.Reader) {
	var long []byte
	for n := 1; ; n++ {
		data, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long[:0], data...)
			for errors.Is(err, bufio.ErrBufferFull) {
				data, err = lines.ReadSlice('\n')
				long = append(long, data...)
			}
			data = long
		}
		if n == 1 {
			data = bytes.TrimPrefix(data, []byte(byteOrderMark))
		}
		if data = bytes.TrimSpace(data); len(data) > 0 {
			if err := r.passage(n, data); err != nil {
				r.problem(r.file, n, err.Error())
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.problem(r.file, n, fmt.Sprintf("the file breaks off here: %v", err))
			return
		}
	}
}

// passage files the passage of one line.
func (r *lineReader) passage(n int, data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("the line is not valid UTF-8")
	}
	in := &r.line
	if err := r.json.decode(data, in); err != nil {
		return err
	}
	switch {
	case len(bytes.TrimSpace(in.text)) == 0:
		return errors.New(`the passage has no "text"`)
	case bytes.IndexByte(in.text, 0) >= 0 || bytes.IndexByte(in.id, 0) >= 0:
		return errors.New("the passage holds a NUL character; take it out")
	case len(in.doc) == 0 && len(in.id) == 0:
		return errors.New(`the passage has neither "doc" nor "id"`)
	}
	date := r.names.of(in.date)
	if date != "" && !r.dated(date) {
		return fmt.Errorf("date %q is no date; write 2021-06-29, 2021-06 or 2021", date)
	}
	if err := r.taken(in); err != nil {
		return err
	}
	var s *sheet
	r.text = r.slab.keep(in.text)
	if len(in.doc) > 0 {
		s = r.named(n, in, date)
	} else {
		s = r.filed(n, in, date)
	}
	if s.doc == nil {
		return nil
	}
	s.lines++
	p := Passage{Doc: s.doc, Para: s.lines, Text: r.text}
	if len(in.id) > 0 {
		p.ID = r.slab.keep(in.id)
	} else {
		in.id = append(append(in.id, s.doc.ID...), '#')
		in.id = strconv.AppendInt(in.id, int64(p.Para), 10)
		if err := r.taken(in); err != nil {
			s.lines--
			return err
		}
		p.ID = r.slab.keep(in.id)
	}
	r.ids[p.ID] = r.number
	if string(in.speaker) != s.doc.Speaker {
		p.Speaker = r.names.of(in.speaker)
	}
	r.shelve(p)
	return nil
}

// taken says where the passage's id stands already. Documents of different
// files may have passages of the same name; passages without a document may not.
func (r *lineReader) taken(in *line) error {
	other, found := r.ids[string(in.id)]
	switch {
	case !found || len(in.id) == 0:
		return nil
	case other == r.number:
		return fmt.Errorf("the passage id %q stands in this file already", in.id)
	case len(in.doc) == 0:
		return fmt.Errorf("the passage id %q is taken by another file; give one of them another id", in.id)
	}
	return nil
}

// named returns the document that the line names.
func (r *lineReader) named(n int, in *line, date string) *sheet {
	s := r.docs[string(in.doc)]
	if s == nil {
		id := r.names.of(in.doc)
		s = r.begin(n, id, in, date)
		r.docs[id] = s
	}
	if s.doc != nil && s.doc.LanguageSource != LanguageFromHeader && !s.certain {
		s.learn(detect(r.text))
	}
	return s
}

// filed returns the document where a line that names none belongs. The language
// of each line is looked at: a passage that is plainly in another language than
// those of the same title is filed apart, since words are looked up by language.
func (r *lineReader) filed(n int, in *line, date string) *sheet {
	key := filing{
		title: r.names.of(in.title), lang: r.names.of(in.lang), speaker: r.names.of(in.speaker),
		date: date, delegation: r.names.of(in.delegation), body: r.names.of(in.body),
	}
	if key.title == "" {
		key.file = r.file
	}
	s := r.sheets[key]
	if s == nil {
		s = r.begin(n, r.sheetID(key), in, date)
		if s.doc != nil {
			s.doc.Collected = true
		}
		r.sheets[key] = s
	}
	if s.doc == nil || key.lang != "" {
		return s
	}
	if s.certain && s.doc.Language == glance(r.text) {
		return s
	}
	tag, certain := detect(r.text)
	if s.certain && certain && tag != s.doc.Language {
		in.lang = append(in.lang, tag...)
		apart := r.filed(n, in, date)
		if apart.doc != nil && apart.lines == 0 {
			apart.doc.LanguageSource = LanguageDetected
		}
		return apart
	}
	s.learn(tag, certain)
	return s
}

// sheetID names a document by what its passages have in common: it does not
// depend on the order of lines and files, so that a quotation's code lasts.
func (r *lineReader) sheetID(key filing) string {
	title := key.title
	if title == "" {
		title = strings.TrimSuffix(strings.TrimSuffix(r.file, ".gz"), path.Ext(strings.TrimSuffix(r.file, ".gz")))
	}
	id := join(", ", title, key.speaker, key.delegation, key.body, key.date, key.lang)
	if r.byID[id] != nil {
		id += " (" + r.file + ")"
	}
	return id
}

// begin adds a document for the line.
func (r *lineReader) begin(n int, id string, in *line, date string) *sheet {
	d := r.document()
	header{
		Title: r.names.of(in.title), Language: r.names.of(in.lang), Speaker: r.names.of(in.speaker), Date: date,
		Delegation: r.names.of(in.delegation), Body: r.names.of(in.body), Kind: "passages",
	}.fill(d, id, r.file, "")
	s := &sheet{}
	if r.add(d, n) { // else reported once; the document's further lines are dropped
		s.doc = d
		r.filled = append(r.filled, s)
	}
	return s
}

// learn takes a language over from a passage: the first that is beyond doubt,
// till then the last that was told at all.
func (s *sheet) learn(tag string, certain bool) {
	if tag == undetermined || s.certain || s.doc.LanguageSource == LanguageFromHeader {
		return
	}
	s.doc.Language, s.doc.LanguageSource, s.certain = tag, LanguageDetected, certain
}

// document returns a new document. Documents are made many at a time, since
// there may be one a line.
func (l *loader) document() *Document {
	if len(l.blank) == 0 {
		l.blank = make([]Document, min(max(len(l.docs), 1), shelfSize))
	}
	d := &l.blank[0]
	l.blank = l.blank[1:]
	return d
}

// shelve keeps a passage till all are known.
func (l *loader) shelve(p Passage) {
	last := len(l.shelves) - 1
	if last < 0 || len(l.shelves[last]) == cap(l.shelves[last]) {
		size := firstShelf
		if last >= 0 {
			size = shelfSize
		}
		l.shelves = append(l.shelves, make([]Passage, 0, size))
		last++
	}
	l.shelves[last] = append(l.shelves[last], p)
}

// handOut gives the documents their passages, side by side in one piece of
// memory.
func (l *loader) handOut() {
	total := 0
	for _, s := range l.filled {
		total += s.lines
	}
	all := make([]Passage, total)
	for _, s := range l.filled {
		s.doc.passages, all = all[:0:s.lines], all[s.lines:]
	}
	for i, shelf := range l.shelves {
		for _, p := range shelf {
			p.Doc.passages = append(p.Doc.passages, p)
		}
		l.shelves[i] = nil
	}
	// A document whose every line was rejected holds nothing that could be found.
	l.docs = slices.DeleteFunc(l.docs, func(d *Document) bool { return len(d.passages) == 0 })
}

// dated says whether the text is a date; it remembers the ones that are.
func (l *loader) dated(date string) bool {
	if _, known := l.dates[date]; known {
		return true
	}
	if !isDate(date) {
		return false
	}
	l.dates[date] = struct{}{}
	return true
}
