package corpus_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"rapporteur/corpus"
)

func record(t *testing.T, text string) *corpus.Corpus {
	t.Helper()
	docs, problems, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte(text)}})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return corpus.New(docs...)
}

func TestWordsAreFoundWhereTheyStandNow(t *testing.T) {
	t.Parallel()
	before := corpus.Place{Document: "a", Para: 2, From: 10, Words: "The words stand."}
	for name, c := range map[string]struct {
		text       string
		para, from int // 0 for not found
	}{
		"where they stood":               {"One stands.\n\nNine words. The words stand.", 2, 12},
		"the nearest of two in one":      {"The words stand.\n\nThe words stand. The words stand.", 2, 17},
		"in their own paragraph first":   {"The words stand.\n\nHere: The words stand.\n\nThe words stand.", 2, 6},
		"in the nearest paragraph":       {"The words stand.\n\nTwo is new.\n\nThree is new.\n\nFour is new.\n\nThe words stand.", 1, 0},
		"in a later paragraph":           {"New is one.\n\nNew is two.\n\nThe words stand.", 3, 0},
		"not, when a word has changed":   {"One stands.\n\nNine words. The word stands.", 0, 0},
		"not, when another mark is used": {"One stands.\n\nNine words. The words stand!", 0, 0},
	} {
		q, found := record(t, c.text).Find(before)
		if found != (c.para > 0) {
			t.Errorf("%s: got found %v, want %v", name, found, c.para > 0)
			continue
		}
		if !found {
			continue
		}
		if got := q.Place(); got.Para != c.para || got.From != c.from || q.Text() != before.Words {
			t.Errorf("%s: got %+v, want ¶%d from byte %d", name, got, c.para, c.from)
		}
	}
	if _, found := record(t, "The words stand.").Find(corpus.Place{Document: "b", Words: "The words stand."}); found {
		t.Error("got words of another document, want none")
	}
	if _, found := record(t, "The words stand.").Find(corpus.Place{Document: "a"}); found {
		t.Error("got a quotation of no words, want none")
	}
}

func TestALongerCodeBeginsLikeTheShortOne(t *testing.T) {
	t.Parallel()
	p := record(t, "The words stand.").Passages()[0]
	q, err := p.Quote(0, len(p.Text))
	if err != nil {
		t.Fatal(err)
	}
	codes := q.Codes()
	if len(codes) != 3 || codes[0] != q.Code() || len(codes[1]) != 10 || len(codes[2]) != 66 {
		t.Fatalf("got %q, want codes of 6, 8 and 64 digits", codes)
	}
	for _, c := range codes {
		if !strings.HasPrefix(c, q.Code()) || !q.HasCode(c) {
			t.Errorf("got %s, want it to begin with %s and to be the quotation's", c, q.Code())
		}
	}
	if got := q.WithDigits(8).Code(); got != codes[1] {
		t.Errorf("got %s, want %s", got, codes[1])
	}
	for _, c := range []string{"", "Q-", "Q-00000", q.Code()[:7], strings.ToLower(q.Code()), codes[2] + "0", "Q-ZZZZZZ"} {
		if q.HasCode(c) {
			t.Errorf("got %q as a code of %s, want not", c, q.Code())
		}
	}
	if (corpus.Quotation{}).HasCode("Q-000000") || (corpus.Quotation{}).Code() != "" || (corpus.Quotation{}).Codes() != nil {
		t.Error("got a code of nothing, want none")
	}
}
