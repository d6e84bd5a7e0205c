package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// header is what a document's YAML header may say.
type header struct {
	ID          string   `yaml:"id"`
	Symbol      string   `yaml:"symbol"`
	Title       string   `yaml:"title"`
	Kind        string   `yaml:"kind"`
	RecordKind  string   `yaml:"record_kind"`
	Body        string   `yaml:"body"`
	Meeting     string   `yaml:"meeting"`
	Language    string   `yaml:"language"`
	URL         string   `yaml:"url"`
	Date        string   `yaml:"date"`
	DateSource  string   `yaml:"date_source"`
	DateURL     string   `yaml:"date_url"`
	DateChecked string   `yaml:"date_checked"`
	Speaker     string   `yaml:"speaker"`
	Delegation  string   `yaml:"delegation"`
	OnBehalfOf  []string `yaml:"on_behalf_of"`
	Topics      []string `yaml:"topics"`
}

// lineError is a mistake at a line of a file, counted from 1.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

const (
	fence = "---"
	// longestHeader is how many bytes a header may have: many times what one
	// needs, and little enough that a hostile one costs nothing.
	longestHeader = 64 << 10
)

// cutHeader parts a file into its YAML header, between a first line "---" and
// the next line "---", and the text after it. line is the number of the text's
// first line. A file that does not begin with the fence has no header.
func cutHeader(data []byte) (head, text []byte, line int, err error) {
	end, next := lineEnd(data)
	if string(data[:end]) != fence || end == next {
		return nil, data, 1, nil
	}
	rest := data[next:]
	line = 2
	for pos := 0; pos < len(rest); line++ {
		end, next := lineEnd(rest[pos:])
		if string(rest[pos:pos+end]) == fence {
			return rest[:pos], rest[pos+next:], line + 1, nil
		}
		pos += next
	}
	return nil, nil, 0, &lineError{1, errors.New(`the header opened by "---" is never closed by a line "---"`)}
}

// parseHeader reads a YAML header strictly. offset is the number of lines of
// the file that stand before it.
func parseHeader(data []byte, offset int) (header, error) {
	var h header
	if len(bytes.TrimSpace(data)) == 0 {
		return h, nil
	}
	if len(data) > longestHeader {
		return header{}, &lineError{offset + 1, fmt.Errorf("header: it has %d bytes; %d are allowed", len(data), longestHeader)}
	}
	if at, reason := unreadable(data); reason != "" {
		return header{}, &lineError{offset + 1 + at, fmt.Errorf("header: it %s", reason)}
	}
	// The header's line ends are made one kind; the text's are kept.
	data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&h); err != nil {
		line := 1
		reason := firstLine(err.Error())
		if at, ok := errors.AsType[yaml.Error](err); ok {
			reason = at.GetMessage()
			if tk := at.GetToken(); tk != nil && tk.Position != nil {
				line = tk.Position.Line
			}
		}
		return header{}, &lineError{offset + line, fmt.Errorf("header: %s", reason)}
	}
	if err := h.check(); err != nil {
		return header{}, &lineError{offset + 1, fmt.Errorf("header: %w", err)}
	}
	return h, nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

func (h header) check() error {
	var problems []error
	if h.Date != "" && !isDate(h.Date) {
		problems = append(problems, fmt.Errorf("date %q is no date; write 2021-06-29, 2021-06 or 2021", h.Date))
	}
	if h.DateChecked != "" && !isDate(h.DateChecked) {
		problems = append(problems, fmt.Errorf("date_checked %q is no date; write 2021-06-29", h.DateChecked))
	}
	switch h.DateSource {
	case "", DateFromText, DateFromMetadata, DateUnknown:
	default:
		problems = append(problems, fmt.Errorf("date_source %q is unknown; write %s, %s or %s",
			h.DateSource, DateFromText, DateFromMetadata, DateUnknown))
	}
	if h.ID != "" && !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`).MatchString(h.ID) {
		problems = append(problems, fmt.Errorf("id %q may hold letters, digits and . _ / - only", h.ID))
	}
	return errors.Join(problems...)
}

// isDate says whether s is an ISO day, month or year that exists.
func isDate(s string) bool {
	for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// fill makes d the document that the header describes.
func (h header) fill(d *Document, id, file, text string) {
	*d = Document{
		ID: id, Symbol: h.Symbol, Title: h.Title, Kind: h.Kind, RecordKind: h.RecordKind,
		Body: h.Body, Meeting: h.Meeting, Language: h.Language, URL: h.URL,
		Date: h.Date, DateSource: h.DateSource, DateURL: h.DateURL, DateChecked: h.DateChecked,
		Speaker: h.Speaker, Delegation: h.Delegation, OnBehalfOf: h.OnBehalfOf, Topics: h.Topics,
		File: file, Text: text,
	}
	if h.ID != "" {
		d.ID = h.ID
	}
	if d.Title == "" {
		d.Title = d.ID
	}
	switch {
	case d.Date == "":
		d.DateSource = DateUnknown
	case d.DateSource == "":
		d.DateSource = DateFromMetadata
	}
	d.LanguageSource = LanguageFromHeader
	if d.Language == "" {
		d.LanguageSource = LanguageUnknown
	}
}
