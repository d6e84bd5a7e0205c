package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/blevesearch/bleve/v2/analysis"
)

// paper is passages of which each has its own words.
func paper(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "docs.jsonl")
	var lines strings.Builder
	for i, text := range []string{
		"The first committee adopted a draft resolution on outer space. Nobody voted against it.",
		"Fishing vessels must be marked with a number. The port State inspects them once a year.",
		"The delegation of Ruritania welcomed the report. It asked for more time to read the annexes.",
	} {
		line, err := json.Marshal(passage{ID: fmt.Sprintf("p%d", i), Title: "Paper", Text: text})
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	if err := os.WriteFile(name, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestEveryContestantFindsThePassage(t *testing.T) {
	t.Parallel()
	file := paper(t)
	for _, name := range contestants {
		c, err := takePart(name, "en", t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		r := carryOut(c, order{Files: []string{file}})
		if r.Error != "" || r.Built == nil || r.Built.Count != 3 || r.Built.Bytes == 0 {
			t.Errorf("%s: got %+v, want three passages and the size of their index", name, r)
			continue
		}
		for _, raw := range []bool{false, true} {
			r = carryOut(c, order{Questions: []string{"How often are fishing vessels inspected?", "outer space"}, Raw: raw})
			if r.Error != "" || len(r.Answers) != 2 || !slices.Equal(firsts(r.Answers), []string{"p1", "p0"}) {
				t.Errorf("%s: got %+v, want p1 and p0 first", name, r)
			}
			for _, a := range r.Answers {
				if a.Took <= 0 {
					t.Errorf("%s: an answer took %v, want more than nothing", name, a.Took)
				}
			}
		}
		if err := c.close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func firsts(answers []answer) []string {
	var ids []string
	for _, a := range answers {
		if len(a.IDs) > 0 {
			ids = append(ids, a.IDs[0])
		}
	}
	return ids
}

func TestASentenceIsRightWhereTheAnswerBeginsInIt(t *testing.T) {
	t.Parallel()
	c, err := takePart(ours, "en", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	carryOut(c, order{Files: []string{paper(t)}})
	r := carryOut(c, order{Questions: []string{"How often does the port State inspect vessels?"}})
	if len(r.Answers) != 1 {
		t.Fatalf("got %+v, want one answer", r)
	}
	for _, want := range []struct {
		id    string
		at    float64
		right bool
	}{{"p1", 70, true}, {"p1", 10, false}, {"p2", 70, false}} {
		q := question{Rel: map[string]float64{want.id: 1}, Answers: [][]any{{"", want.at}}}
		if got := r.Answers[0].holds(q); got != want.right {
			t.Errorf("an answer at %v of %s, quoted %+v: got %v, want %v", want.at, want.id, r.Answers[0], got, want.right)
		}
	}
}

func TestOrdersAreCarriedOutOneALine(t *testing.T) {
	t.Parallel()
	var in, out strings.Builder
	for _, o := range []order{{Files: []string{paper(t)}}, {Questions: []string{"annexes"}}, {Files: []string{"no such file"}}} {
		if err := json.NewEncoder(&in).Encode(o); err != nil {
			t.Fatal(err)
		}
	}
	if err := compete(fts5, "en", strings.NewReader(in.String()), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{`"count":3`, `"ids":["p2"]`, `"error":"`} {
		if i >= len(lines) || !strings.Contains(lines[i], want) {
			t.Errorf("report %d: got %q, want %s in it", i, lines, want)
		}
	}
	if err := compete("nobody", "en", strings.NewReader(""), &out); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("an unknown contestant: got %v, want an error that names it", err)
	}
}

func TestKnownItemsAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	var passages []passage
	for i := range 40 {
		passages = append(passages, passage{ID: fmt.Sprintf("p%d", i), Text: fmt.Sprintf(
			"Delegations number%d welcomed the earlier report of the secretariat and asked for further consultations about several outstanding questions of procedure.", i)})
	}
	a, b := knownItems(passages, 30, 1), knownItems(passages, 30, 1)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed made other queries")
	}
	if reflect.DeepEqual(a, knownItems(passages, 30, 2)) {
		t.Error("another seed made the same queries")
	}
	for i, q := range a {
		want := 7
		if i%2 == 1 {
			want = 6
		}
		if got := len(strings.Fields(q.Text)); got != want || len(q.Rel) != 1 || len(q.answerAt()) != 1 {
			t.Errorf("query %d %q: got %d words, want %d, with one passage and place", i, q.Text, got, want)
		}
	}
}

func TestWindowsSlideAlongOneTitle(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "windows.jsonl")
	in := []passage{
		{ID: "1", Title: "A", Text: "One came. Two came. Three came."},
		{ID: "2", Title: "B", Text: "Nine left."},
		{ID: "3", Title: "A", Text: "Four came. Five came."},
	}
	read := func(wanted int) []string {
		n, err := writeWindows(name, in, wanted)
		if err != nil {
			t.Fatal(err)
		}
		all, err := readAll([]string{name})
		if err != nil || len(all) != n {
			t.Fatalf("wrote %d, read %d: %v", n, len(all), err)
		}
		var texts []string
		for _, p := range all {
			texts = append(texts, p.Title+" "+p.Text)
		}
		return texts
	}
	want := []string{
		"A One came. Two came. Three came. Four came.", "A Two came. Three came. Four came. Five came.",
		"A One came. Two came. Three came. Four came. Five came.",
		"A One came. Two came. Three came.", "A Two came. Three came. Four came.", "A Three came. Four came. Five came.",
	}
	if got := read(100); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := read(2); !slices.Equal(got, want[:2]) {
		t.Errorf("of two wanted: got %q, want %q", got, want[:2])
	}
}

func TestSmallWordsAreCutFromTheQuestionForFTS5(t *testing.T) {
	t.Parallel()
	small := analysis.TokenMap{"the": true, "who": true}
	for question, want := range map[string]string{
		`Who wrote "the" report?`: `"wrote" OR "report"`,
		"Who the":                 `"who" OR "the"`,
		"état-major NEAR(x)":      `"état" OR "major" OR "near" OR "x"`,
		"?!":                      "",
	} {
		if got := matchAny(question, small); got != want {
			t.Errorf("%q: got %s, want %s", question, got, want)
		}
	}
}

func TestTheTablesOfTheOtherToolsAreRead(t *testing.T) {
	t.Parallel()
	right := evaluated("miss d1, want answer\n  got answered=false\nanswer: 30 of 31 right (97 %)\nrefuse: 12 of 12 right (100 %)\n")
	if right["answer"] != (tally{30, 31}) || right["refuse"] != (tally{12, 12}) {
		t.Errorf("got %v, want 30 of 31 and 12 of 12", right)
	}
	const printed = `mutation                   n          detected       ruled right           alarmed
drop                      55     55 (100.00 %)     55 (100.00 %)                 -
negate                    55     55 (100.00 %)     55 (100.00 %)      54 (98.18 %)
all                      528     527 (99.81 %)    528 (100.00 %)    220 (100.00 %)

noise                      n      false alarms
quotes                    55        0 (0.00 %)
all                      550        2 (0.36 %)
`
	mutations, negations, noises, err := verified(printed)
	if err != nil || mutations != (tally{527, 528}) || negations != (tally{54, 55}) || noises != (tally{2, 550}) {
		t.Errorf("got %v, %v, %v, %v, want 527 of 528, 54 of 55, 2 of 550", mutations, negations, noises, err)
	}
	if _, _, _, err := verified("other words"); err == nil {
		t.Error("another table: got no error, want one")
	}
}

func TestAFigureIsHeldAgainstLeastAndAim(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value, least, aim float64
		fewer             bool
		want              string
	}{
		{.90, .86, .90, false, "aim"},
		{.86, .86, .90, false, "least"},
		{.85, .86, .90, false, "**below**"},
		{1, 5, 2, true, "aim"},
		{5, 5, 2, true, "least"},
		{5.1, 5, 2, true, "**below**"},
		{math.NaN(), 5, 2, true, "not measured"},
	} {
		p := part{value: c.value, least: c.least, aim: c.aim, fewer: c.fewer}
		if got := p.verdict(); got != c.want {
			t.Errorf("%v of %v and %v: got %s, want %s", c.value, c.least, c.aim, got, c.want)
		}
	}
}

func TestAPageNamesWhatWasNotMeasured(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	f := figures{quick: true, results: []result{{
		arena: "squad-b", set: "squad-b", contestant: ours, built: built{Count: 570},
		quality: quality{n: 10, first: .9, five: 1, reciprocal: .94, discount: .95}, rounds: []round{{1e6, 2e6}},
	}}}
	if err := f.write(&out, "v1"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"version v1", "A quick run", "| SQuAD paragraphs: accuracy@1 | .8600 | .9000 | .9000 | aim |",
		"| a million passages: raw retrieval p99 | 4.40 ms | 2.00 ms | – | not measured |", "| rapporteur | 1.00 ms | 2.00 ms | .9000 | 1.0000 | .9400 | .9500 |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %s\nwant in it %q", out.String(), want)
		}
	}
}

func TestFiguresArePrintedForReading(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got, want string
	}{
		{decimals(.81234), ".8123"},
		{decimals(1), "1.0000"},
		{percents(.999), "99.9 %"},
		{percents(1), "100 %"},
		{percents(0), "0 %"},
		{milliseconds(0.000025), "0.0250 ms"},
		{milliseconds(0.00213), "2.13 ms"},
		{milliseconds(0.0485), "48 ms"},
		{megabytes(1.23e6), "1.2 MB"},
		{megabytes(269e6), "269 MB"},
		{wholeSeconds(.09), "0.09 s"},
		{wholeSeconds(22.54), "22.5 s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
