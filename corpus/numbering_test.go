package corpus_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rapporteur/corpus"
)

// ids loads one text and returns each passage's ID without the document's name,
// "=" and its first word.
func ids(t *testing.T, text string) []string {
	t.Helper()
	docs, problems, err := corpus.Load(fstest.MapFS{"r.md": {Data: []byte(text)}})
	if err != nil || len(problems) > 0 || len(docs) != 1 {
		t.Fatal(docs, problems, err)
	}
	var out []string
	for _, p := range docs[0].Passages() {
		if !strings.Contains(docs[0].Text, p.Text) {
			t.Errorf("passage %s is no slice of its document", p.ID)
		}
		out = append(out, strings.TrimPrefix(p.ID, "r")+"="+strings.Fields(p.Text)[0])
	}
	return out
}

func TestReportKeepsItsOwnParagraphNumbers(t *testing.T) {
	t.Parallel()
	got := ids(t, `Report of the Group

Foreword by the Chair, in whole sentences.

I. Introduction

1. The Group met.

2. It agreed to:

(a) meet again;

(b) report.

2 bis. It also thanked the Chair.

B. Threats

4. Threats grow.

5. They are listed:

1. The first.

2. The second.

6. The Group rose.

Annex I

List of members

1. A member.

2. Another member.

Appendix

1. A third.

Rules

1. A rule.

2. A further rule.
`)
	want := []string{
		"#h1=Report", "#front-1=Foreword", "#h2=I.", "#1=1.", "#2=2.", "#2.2=(a)", "#2.3=(b)", "#2bis=2", "#h3=B.", "#4=4.", "#5=5.", "#5.2=1.", "#5.3=2.", "#6=6.",
		"#h4=Annex", "#h5=List", "#annex-1.1=1.", "#annex-1.2=2.", "#h6=Appendix", "#annex-2.1=1.", "#h7=Rules", "#part-4.1=1.", "#part-4.2=2.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestNumberedLinesAreParagraphs(t *testing.T) {
	t.Parallel()
	got := ids(t, "1. The Group met\nin New York.\n2. It agreed on\n3 of 5 points.\n  3. It rose.\n5. No number 4 came before.\n4. It closed.")
	want := []string{"#1=1.", "#2=2.", "#3=3.", "#4=4."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	got = ids(t, "We agree on this.\n\nThree things:\n1. Peace.\n2. Order.\n3. Law.\n\nWe thank you.\n\nWe are done.\n\nWe go.")
	if len(got) != 5 {
		t.Errorf("a list in a statement: got %d passages, want 5", len(got))
	}
}

func TestParagraphNumbersAreRead(t *testing.T) {
	t.Parallel()
	docs, _, err := corpus.Load(fstest.MapFS{"r.txt": {Data: []byte("12.\tThe Group met.\n\n13. It agreed.\n\n(a) To meet.\n\n14. It rose.\n")}})
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, p := range docs[0].Passages() {
		got = append(got, p.Para)
	}
	if diff := cmp.Diff([]int{12, 13, 13, 14}, got); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestStatementWithAListIsCountedAsBefore(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"We agree.\n\nWe say three things.\n\n1. Peace.\n\n2. Order.\n\n3. Law.\n\nWe thank you.\n\nWe are done.",
		"In 2021 we met.\n\n2021. That was the year.\n\n2022. That was the next.\n\n2023. And the last.",
		"3.5 million people.\n\n4.5 million more.\n\n5.5 million in all.",
		"1. One point.\n\n2. Two points.",
	} {
		for i, id := range ids(t, text) {
			if want := "#" + string(rune('1'+i)) + "="; !strings.HasPrefix(id, want) {
				t.Errorf("%.20q: got %s, want %s", text, id, want)
			}
		}
	}
}

func FuzzParagraphIDs(f *testing.F) {
	f.Add("1. A.\n\n2. B.\n\n2 bis. C.\n\n2 ter. D.\n\n2 bis. E.\n\nAnnex\n\n1. F.\n\n1. G.\n\nAnnex\n\n1. H.")
	f.Add("5. A.\n\n5. B.\n\n# x\n\n1. C.\n\n# annex\n\n1. D.\n\nfree.\n\n(a) e")
	f.Add("1、甲。\n\n2、乙。\n\n3．丙。\n\n附件\n\n1、丁。")
	f.Fuzz(func(t *testing.T, text string) {
		docs, _, err := corpus.Load(fstest.MapFS{"r.txt": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			seen, rest := map[string]bool{}, d.Text
			for _, p := range d.Passages() {
				if seen[p.ID] {
					t.Errorf("%q: two passages %s", text, p.ID)
				}
				seen[p.ID] = true
				_, after, found := strings.Cut(rest, p.Text)
				if !found || p.Text == "" || p.Para < 0 {
					t.Fatalf("%q: passage %s (%d) is not in the document after its predecessor", text, p.ID, p.Para)
				}
				rest = after
			}
			if left := strings.Trim(rest, " \t\r\n\f\v"); left != "" && strings.TrimSpace(left) != "" {
				t.Errorf("%q: %q is in no passage", text, left)
			}
		}
	})
}
