package corpus_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rapporteur/corpus"
)

func embedded(t *testing.T) *corpus.Document {
	t.Helper()
	c, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return c.Documents()[0]
}

func TestSeedIsEmbeddedByteForByte(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("texts/unsc-2021-06-29-russian-federation.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := embedded(t).Text; got != string(want) {
		t.Errorf("got %d bytes, want the file's %d bytes unchanged", len(got), len(want))
	}
	if len(want) == 0 {
		t.Error("the seed file is empty")
	}
}

func TestSeedParagraphsAreNumberedAsPeopleCountThem(t *testing.T) {
	t.Parallel()
	starts := map[int]string{
		1: "We thank Ms.Nakamitsu", 4: "Neither of the two groups", 5: "We believe this result",
		11: "Let me stress", 12: "Provisions of GGE", 15: "We advocate inviolability",
		17: "Besides, we need", 18: "The General Assembly of the United Nations", 19: "Thank you.",
	}
	seen := 0
	for _, p := range embedded(t).Passages() {
		want, listed := starts[p.Para]
		if !listed || p.Para == 0 {
			continue
		}
		seen++
		if !strings.HasPrefix(p.Text, want) {
			t.Errorf("paragraph %d: got %.30q, want it to start with %q", p.Para, p.Text, want)
		}
	}
	if seen != len(starts) {
		t.Errorf("got %d of the listed paragraphs, want %d", seen, len(starts))
	}
}

func TestEveryPassageIsASliceOfItsDocument(t *testing.T) {
	t.Parallel()
	d := embedded(t)
	rest := d.Text
	for _, p := range d.Passages() {
		_, after, found := strings.Cut(rest, p.Text)
		if !found {
			t.Fatalf("passage %s is not in the document after its predecessor", p.ID)
		}
		rest = after
	}
}

func TestSeedMetadataIsLabelledAndKeptApart(t *testing.T) {
	t.Parallel()
	d := embedded(t)
	got := []string{d.Speaker, d.Delegation, d.Body, d.Date, d.DateSource, d.RecordKind, d.Language}
	want := []string{"Vassily Nebenzia", "Russian Federation", "Security Council", "2021-06-29", corpus.DateFromMetadata, "mission release", "en"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if !strings.Contains(d.Meeting, "open VTC") || d.DateURL == "" {
		t.Errorf("got meeting %q and date source %q, want the open VTC and a source", d.Meeting, d.DateURL)
	}
	if strings.Contains(d.Text, "29 June") || strings.Contains(d.Text, "date_source") {
		t.Error("the text holds metadata, want the delivered words alone")
	}
}

func TestOnlyWholeSpansCanBeQuoted(t *testing.T) {
	t.Parallel()
	for _, p := range embedded(t).Passages() {
		if p.Para != 15 {
			continue
		}
		at := strings.Index(p.Text, "’") // three bytes
		for _, r := range [][2]int{{-1, 4}, {4, 4}, {5, 4}, {0, len(p.Text) + 1}, {at + 1, at + 9}, {0, at + 1}} {
			if q, err := p.Quote(r[0], r[1]); err == nil {
				t.Errorf("quote %v: got %q, want an error", r, q.Text())
			}
		}
		q, err := p.Quote(0, len(p.Text))
		if err != nil || q.Text() != p.Text {
			t.Errorf("got %q, %v, want the whole passage", q.Text(), err)
		}
	}
}

func TestCodeFollowsTheWordsNotTheirPlace(t *testing.T) {
	t.Parallel()
	load := func(text string) corpus.Quotation {
		docs, problems, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte(text)}})
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		all := docs[0].Passages()
		last := all[len(all)-1]
		q, err := last.Quote(0, len(last.Text))
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	one, moved, changed := load("The words stand."), load("New first.\n\nThe words stand."), load("The words fall.")
	if one.Code() != moved.Code() {
		t.Errorf("got %s and %s, want one code for the same words", one.Code(), moved.Code())
	}
	if one.Code() == changed.Code() {
		t.Error("got one code for different words")
	}
	if !strings.HasPrefix(one.Code(), "Q-") || len(one.Code()) != 8 {
		t.Errorf("got %q, want Q- and six digits", one.Code())
	}
}

func TestBrokenFilesAreNamedAndTheRestLoads(t *testing.T) {
	t.Parallel()
	docs, problems, err := corpus.Load(fstest.MapFS{
		"good.md":         {Data: []byte("---\ntitle: Good\nspeaker: A. Person\ndate: 2020-05\n---\nOne sentence.\n\n# Heading\n\nTwo.\n")},
		"side.txt":        {Data: []byte("Words stand here.\n")},
		"side.yaml":       {Data: []byte("title: Beside\ndate_source: text\n")},
		"unknown-key.md":  {Data: []byte("---\ntitle: X\nspeeker: Y\n---\nText.\n")},
		"bad-date.md":     {Data: []byte("---\ndate: 2021-02-30\n---\nText.\n")},
		"open.md":         {Data: []byte("---\ntitle: X\nText.\n")},
		"latin1.txt":      {Data: []byte("First.\nCaf\xe9.\n")},
		"empty.txt":       {Data: []byte("\n\n")},
		"passages.jsonl":  {Data: []byte("{\"doc\":\"d\",\"id\":\"d1\",\"text\":\"One.\"}\n{broken\n{\"doc\":\"d\",\"id\":\"d1\",\"text\":\"Twin.\"}\n{\"doc\":\"d\",\"id\":\"d2\"}\n{\"doc\":\"d\",\"id\":\"d3\",\"text\":\"Three.\"}\n")},
		"image.png":       {Data: []byte{1}},
		"sub/dir/deep.md": {Data: []byte("Deep text.")},
		"zz/good.md":      {Data: []byte("---\nid: good\n---\nTwin.")},
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	for _, d := range docs {
		ids[d.ID] = len(d.Passages())
	}
	if diff := cmp.Diff(map[string]int{"good": 3, "side": 1, "d": 2, "sub/dir/deep": 1}, ids); diff != "" {
		t.Errorf("documents and passages (-want +got):\n%s", diff)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{
		"bad-date.md:2: header: date \"2021-02-30\" is no date",
		"empty.txt:1: the document holds no text",
		"latin1.txt:2: the text is not valid UTF-8",
		"open.md:1: the header opened by",
		"passages.jsonl:2: not a JSON object",
		"passages.jsonl:3: the passage id \"d1\" stands in this file already",
		"passages.jsonl:4: the passage has no \"text\"",
		"unknown-key.md:3: header: unknown field \"speeker\"",
		"zz/good.md:1: the document id \"good\" is taken by good.md",
	}
	if len(got) != len(want) {
		t.Fatalf("got problems\n%s\nwant %d", strings.Join(got, "\n"), len(want))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want it to start with %q", got[i], want[i])
		}
	}
}

func TestWithReplacesADocumentOfTheSameID(t *testing.T) {
	t.Parallel()
	load := func(text string) *corpus.Document {
		docs, _, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		return docs[0]
	}
	before := corpus.New(load("Old words."))
	after := before.With(load("New words."))
	if len(after.Documents()) != 1 || after.Documents()[0].Text != "New words." {
		t.Errorf("got %d documents, want the new one alone", len(after.Documents()))
	}
	if before.Version() == after.Version() {
		t.Error("got one version for two texts")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("---\ntitle: X\n---\nText."), []byte(`{"doc":"a","text":"b"}`))
	f.Add([]byte("---\n- a\n- b: [\n---\n"), []byte("{}\n\n{\"doc\":1}"))
	f.Add([]byte("---\r\ntitle: \"é\"\r\n---\r\nA.\r\n\r\nB."), []byte("\xff"))
	f.Fuzz(func(t *testing.T, md, jsonl []byte) {
		docs, problems, err := corpus.Load(fstest.MapFS{"a.md": {Data: md}, "b.jsonl": {Data: jsonl}})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			for _, p := range d.Passages() {
				if d.Text != "" && !strings.Contains(d.Text, p.Text) {
					t.Errorf("passage %s is no slice of its document", p.ID)
				}
			}
		}
		for _, p := range problems {
			if p.Reason == "" || p.File == "" || strings.Contains(p.String(), "\n") {
				t.Errorf("problem %q, want one line with file and reason", p)
			}
		}
	})
}

func TestOneFileIsLoadedAsItsFolderIs(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{
		"a.jsonl": {Data: []byte(`{"id":"a1","title":"A","text":"One."}` + "\n" + `{"id":"a2","title":"A","text":"Two."}`)},
	}
	whole, problems, err := corpus.Load(folder)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	one, problems, err := corpus.LoadFile(folder, "a.jsonl")
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if got, want := corpus.New(one...).Version(), corpus.New(whole...).Version(); got != want || len(one) != 1 || len(one[0].Passages()) != 2 {
		t.Errorf("got corpus %s of %d documents, want %s", got, len(one), want)
	}
	if _, _, err := corpus.LoadFile(folder, "b.jsonl"); err == nil {
		t.Error("a file that is not there: got no error")
	}
}
