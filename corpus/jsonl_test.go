package corpus_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rapporteur/corpus"
)

func load(t *testing.T, files map[string]string) (docs []*corpus.Document, problems []string) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	docs, found, err := corpus.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		problems = append(problems, p.String())
	}
	return docs, problems
}

func TestLinesWithoutADocumentAreFiledByTitle(t *testing.T) {
	t.Parallel()
	docs, problems := load(t, map[string]string{
		"a.jsonl": `{"id":"p1","title":"IRN 1998","text":"The States met and they agreed on this."}
{"id":"p2","title":"IRN 1998","text":"Second.","extra":{"speaker":"nobody"}}
{"id":"p3","title":"IRN 1998","speaker":"K. Kharrazi","text":"Third."}
{"id":"p4","title":"IRN 1998","text":"Государства не должны этого делать."}
{"id":"p5","TEXT":"Without a title.","title":null}
`,
		"b.jsonl": `{"id":"p6","title":"IRN 1998","text":"The fourth of them was in another file."}
{"id":"p1","title":"IRN 1998","text":"A twin."}
{"doc":"IRN 1999","id":"p1","text":"No twin: its document names it."}
`,
	})
	got := map[string]string{}
	for _, d := range docs {
		for _, p := range d.Passages() {
			got[d.ID] += fmt.Sprintf("%s/%d/%s ", p.ID, p.Para, p.Source())
		}
	}
	want := map[string]string{
		"IRN 1998": "p1/1/p1 p2/2/p2 p6/3/p6 ", "IRN 1998, K. Kharrazi": "p3/1/p3 ", "IRN 1998, ru": "p4/1/p4 ", "a": "p5/1/p5 ", "IRN 1999": "p1/1/IRN 1999 ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`b.jsonl:2: the passage id "p1" is taken by another file; give one of them another id`}, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for _, d := range docs {
		if d.ID == "IRN 1998, ru" && (d.Language != "ru" || d.LanguageSource != corpus.LanguageDetected) {
			t.Errorf("got language %s from %s, want ru, detected", d.Language, d.LanguageSource)
		}
	}
}

func TestDocumentIDsDoNotDependOnTheOrderOfLines(t *testing.T) {
	t.Parallel()
	lines := []string{`{"id":"1","title":"T","speaker":"A","text":"One."}`, `{"id":"2","title":"T","text":"Two."}`, `{"id":"3","title":"T","date":"2021","text":"Three."}`}
	names := func(lines ...string) (out []string) {
		docs, _ := load(t, map[string]string{"a.jsonl": strings.Join(lines, "\n")})
		for _, d := range corpus.New(docs...).Documents() {
			out = append(out, d.ID+"="+d.Passages()[0].Text)
		}
		return out
	}
	if diff := cmp.Diff(names(lines...), names(lines[2], lines[1], lines[0])); diff != "" {
		t.Errorf("documents (-one order +the other):\n%s", diff)
	}
}

func TestBrokenLinesAreNamed(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"id":"1","text":"a"`:                                "not a JSON object of a passage: the line breaks off",
		`["id"]`:                                              "not a JSON object of a passage",
		`{"id":"1","text":"a"} x`:                             "not a JSON object of a passage: more stands",
		`{"id":1,"text":"a"}`:                                 `not a JSON object of a passage: the value of "id" is no string`,
		`{"id":"1","text":"a","text":"b"}`:                    "not a JSON object of a passage: ",
		`{"id":"1","text":"\ud800"}`:                          "not a JSON object of a passage: ",
		`{"id":"1","text":"a\u0000b"}`:                        "the passage holds a NUL character",
		`{"id":"1","text":"  "}`:                              `the passage has no "text"`,
		`{"text":"a"}`:                                        `the passage has neither "doc" nor "id"`,
		`{"id":"1","text":"a","date":"yesterday"}`:            `date "yesterday" is no date`,
		"{\"id\":\"1\",\"text\":\"\xff\"}":                    "the line is not valid UTF-8",
		strings.Repeat(`{"a":`, 20000):                        "not a JSON object of a passage: ",
		`{"id":"1","text":"a","x":` + `"unended}`:             "not a JSON object of a passage: the line breaks off",
		`{"id":"` + strings.Repeat("x", 600000) + `"`:         "not a JSON object of a passage: the line breaks off",
		`{"id":"0","text":"good"}` + "\n" + `{"id":"0", bad}`: "not a JSON object",
	} {
		_, problems := load(t, map[string]string{"a.jsonl": "\ufeff" + `{"id":"good","text":"Good."}` + "\n" + line})
		at := fmt.Sprintf("a.jsonl:%d: ", 2+strings.Count(line, "\n"))
		if len(problems) != 1 || !strings.HasPrefix(problems[0], at+want) || strings.Contains(problems[0], "\n") {
			t.Errorf("%.40q: got %.200q, want %s%s…", line, problems, at, want)
		}
	}
}

func TestTextOfALineIsUnchanged(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Пять байтов и 各国 \U0001F600. ", 40000)
	for _, text := range []string{"a", "  space around  ", "\"quoted\" \\ / \t\n", "\u202eright to left\u2066", "a\u2028b", "\ufeffmark", "é / é", long} {
		var line bytes.Buffer
		_, _ = fmt.Fprintf(&line, `{"id":"1","text":%s}`, quoted(text))
		docs, problems := load(t, map[string]string{"a.jsonl": line.String()})
		if len(docs) != 1 || docs[0].Passages()[0].Text != text {
			t.Errorf("%.40q: got %d documents, problems %q, want the text unchanged", text, len(docs), problems)
		}
	}
}

// quoted writes a text as JSON, every other character escaped.
func quoted(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r < 0x20 || i%2 == 0 && r < 0x10000:
			_, _ = fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// manyLines makes JSON Lines of n passages of about 600 bytes, ten to a title.
func manyLines(n int) (lines []byte, text int) {
	words := strings.Fields(strings.Repeat("States should not knowingly allow their territory to be used for internationally wrongful acts using ICTs and they agree ", 8))
	var out bytes.Buffer
	for i := range n {
		passage := fmt.Sprintf("%d %s", i, strings.Join(words[i%10:90+i%10], " "))
		text += len(passage)
		_, _ = fmt.Fprintf(&out, "{\"id\":\"p%d\",\"title\":\"Title %d\",\"text\":\"%s\"}\n", i, i/10, passage)
	}
	return out.Bytes(), text
}

// writeLines writes such lines to a file and returns how many bytes of text
// they hold.
func writeLines(t *testing.T, file string, n int) int {
	t.Helper()
	lines, text := manyLines(n)
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	return text
}

func loadFolder(t *testing.T, folder string) *corpus.Corpus {
	t.Helper()
	docs, problems, err := corpus.Load(os.DirFS(folder))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return corpus.New(docs...)
}

func TestPassagesTakeLittleMoreMemoryThanTheirWords(t *testing.T) {
	const n = 50_000
	folder := t.TempDir()
	text := writeLines(t, filepath.Join(folder, "many.jsonl"), n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := loadFolder(t, folder)
	runtime.GC()
	runtime.ReadMemStats(&after)
	over := (int(after.HeapAlloc) - int(before.HeapAlloc) - text) / n //nolint:gosec // less than 2^63
	if over > 250 {
		t.Errorf("got %d bytes a passage besides its text, want at most 250", over)
	}
	if made := int(after.TotalAlloc-before.TotalAlloc) / text; made > 2 { //nolint:gosec // as above
		t.Errorf("got %d times the text allocated while loading, want less than three", made)
	}
	if len(c.Passages()) != n || len(c.Documents()) != n/10 {
		t.Errorf("got %d passages in %d documents, want %d in %d", len(c.Passages()), len(c.Documents()), n, n/10)
	}
	runtime.KeepAlive(c)
}

func BenchmarkLoadLines(b *testing.B) {
	lines, _ := manyLines(20_000)
	fsys := fstest.MapFS{"a.jsonl": {Data: lines}}
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	for b.Loop() {
		docs, _, err := corpus.Load(fsys)
		if err != nil {
			b.Fatal(err)
		}
		if c := corpus.New(docs...); c.Numbered() != 20_000 {
			b.Fatal("passages are missing")
		}
	}
}
