package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"rapporteur/corpus"
)

// invented returns a corpus of so many passages of invented words, some of them
// far more frequent than others.
func invented(tb testing.TB, passages int) *corpus.Corpus {
	tb.Helper()
	random := rand.New(rand.NewPCG(3, 5)) //nolint:gosec // a repeatable test
	var lines strings.Builder
	for i := range passages {
		var words []string
		for range 10 + random.IntN(60) {
			n := int(2000 / (1 + random.ExpFloat64()*400))
			words = append(words, fmt.Sprintf("w%dx", n))
		}
		fmt.Fprintf(&lines, "{\"id\":\"p%d\",\"title\":\"t%d\",\"lang\":\"en\",\"text\":%q}\n", i, i%50, strings.Join(words, " ")+".")
	}
	return linesCorpus(tb, lines.String())
}

// exhaustive scores every passage, one posting after the other.
func exhaustive(x *index, q *query) []scored {
	scores := map[uint32]float32{}
	walk := func(l *lists, of []weighted) {
		for _, w := range of {
			var c cursor
			if !l.open(&c, w.list, float32(w.weight)) {
				continue
			}
			for ; c.passage != noPassage; c.next() {
				scores[c.passage] += c.weight * float32(c.impact)
			}
		}
	}
	walk(&x.terms, q.lists)
	walk(&x.pairs, q.nearby)
	var all []scored
	for p, s := range scores {
		all = append(all, scored{p, s})
	}
	slices.SortFunc(all, byScore)
	return all
}

// TestMaxScoreFindsWhatAnExhaustiveWalkFinds compares scores, for passages of the
// same score may come in either order.
func TestMaxScoreFindsWhatAnExhaustiveWalkFinds(t *testing.T) {
	t.Parallel()
	e, err := New(invented(t, 9000), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := e.indexes[0]
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a repeatable test
	for range 200 {
		var words []string
		for range 1 + random.IntN(12) {
			words = append(words, fmt.Sprintf("w%dx", int(2000/(1+random.ExpFloat64()*400))))
		}
		q := x.newQuery(Question{Text: strings.Join(words, " ")}, nil)
		want := exhaustive(x, q)
		got := x.top(q, 30, nil)
		if len(got) != min(30, len(want)) {
			t.Fatalf("%q: got %d passages, want %d", words, len(got), min(30, len(want)))
		}
		for i, g := range got {
			if d := g.score - want[i].score; d > 1e-3 || d < -1e-3 {
				t.Fatalf("%q, passage %d: got score %v, want %v", words, i, g.score, want[i].score)
			}
		}
	}
}

func TestAFilterKeepsOnlyItsPassages(t *testing.T) {
	t.Parallel()
	e, err := New(invented(t, 5000), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := e.indexes[0]
	q := x.newQuery(Question{Text: "w5x w9x w20x"}, nil)
	got := x.top(q, 20, func(p uint32) bool { return p%7 == 3 })
	var want []scored
	for _, s := range exhaustive(x, q) {
		if s.passage%7 == 3 && len(want) < 20 {
			want = append(want, s)
		}
	}
	if len(got) != 20 || len(want) != 20 {
		t.Fatalf("got %d, want %d passages", len(got), len(want))
	}
	for i, g := range got {
		if g.passage%7 != 3 {
			t.Errorf("got passage %d, which the filter leaves out", g.passage)
		}
		if d := g.score - want[i].score; d > 1e-3 || d < -1e-3 {
			t.Errorf("passage %d: got score %v, want %v", i, g.score, want[i].score)
		}
	}
}

// TestListsAreReadAsTheyWereWritten covers the borders of blocks.
func TestListsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 9)) //nolint:gosec // a repeatable test
	for _, n := range []int{0, 1, 2, 127, 128, 129, 255, 256, 257, 1000} {
		var passages []uint32
		var impacts []byte
		at := uint32(0)
		for range n {
			at += 1 + random.Uint32N(5000)
			passages = append(passages, at)
			impacts = append(impacts, byte(1+random.UintN(255)))
		}
		l := lists{impacts: true}
		l.appendList([]uint32{7}, []byte{9})
		l.appendList(passages, impacts)
		l.appendList([]uint32{8}, []byte{9})
		l.finish()
		if got := l.count(1); got != n {
			t.Fatalf("got %d postings, want %d", got, n)
		}
		var c cursor
		if open := l.open(&c, 1, 255); open != (n > 0) {
			t.Fatalf("%d postings: got open %v", n, open)
		}
		if n == 0 {
			continue
		}
		for i, p := range passages {
			if c.passage != p || c.impact != impacts[i] {
				t.Fatalf("%d postings, number %d: got %d with %d, want %d with %d", n, i, c.passage, c.impact, p, impacts[i])
			}
			c.next()
		}
		if c.passage != noPassage {
			t.Errorf("%d postings: got %d behind the last one", n, c.passage)
		}
		for range 50 { // seek goes to the first one not before
			l.open(&c, 1, 255)
			for target := uint32(0); target < at; target += random.Uint32N(9000) {
				c.seek(target)
				want, _ := slices.BinarySearch(passages, max(target, passages[0]))
				if c.passage < target || c.passage != passages[max(want, slices.Index(passages, c.passage))] {
					t.Fatalf("%d postings, seek %d: got %d", n, target, c.passage)
				}
			}
		}
	}
}

// TestRunsOfPairsAreJoined writes pairs in many runs and in one.
func TestRunsOfPairsAreJoined(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 4)) //nolint:gosec // a repeatable test
	one, many := newPairBuilder(1<<20), newPairBuilder(1<<20)
	for passage := range uint32(3000) {
		for range 20 {
			a, b := random.Uint32N(300), random.Uint32N(300)
			one.add(a, b, passage)
			many.add(a, b, passage)
		}
		if passage%100 == 0 {
			many.flush()
		}
	}
	got, want := many.lists(3000), one.lists(3000)
	if !slices.Equal(got.data, want.data) || !slices.Equal(got.start, want.start) {
		t.Errorf("got %d bytes from many runs, want the %d bytes of one", len(got.data), len(want.data))
	}
	if len(want.data) < 10000 {
		t.Errorf("got %d bytes: the test compared nothing", len(want.data))
	}
}

// TestReadingsAreTheTexts compares the kept readings with the texts read anew.
func TestReadingsAreTheTexts(t *testing.T) {
	t.Parallel()
	c := linesCorpus(t, strings.Join([]string{
		`{"id":"a","lang":"en","text":"Ms.Nakamitsu spoke in A/RES/73/27. “We agree,” she said. Is it 1998? Yes!"}`,
		`{"id":"b","lang":"de","text":"Die Vereinten Nationen tagten im Dezember. Danach nicht mehr."}`,
		`{"id":"c","lang":"zh","text":"联合国大会通过了决议。各国应当合作。"}`,
		`{"id":"d","lang":"ar","text":"اعتمدت الجمعية العامة القرار. ينبغي للدول أن تتعاون."}`,
		`{"id":"e","lang":"ru","text":"Генеральная Ассамблея приняла резолюцию. Ёлка стоит."}`,
	}, "\n"))
	e, err := New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, x := range e.indexes {
		for passage, number := range x.numbers {
			var kept, anew reading
			x.readings.read(x.dictionary, uint32(passage), &kept) //nolint:gosec // few
			x.read(e.passages[number].Text, &anew)
			if !slices.Equal(kept.words, anew.words) || !slices.Equal(kept.sentences, anew.sentences) {
				t.Errorf("%s: got %v %v, want %v %v", e.passages[number].ID, kept.words, kept.sentences, anew.words, anew.sentences)
			}
			seen += len(kept.sentences)
		}
	}
	if seen < 10 {
		t.Errorf("got %d sentences in all: the test compared too little", seen)
	}
}

func TestOneEngineServesManyAtOnce(t *testing.T) {
	t.Parallel()
	e, err := New(invented(t, 2000), nil)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := e.Search("w5x w9x w20x", 5)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				got, _ := e.Search("w5x w9x w20x", 5)
				for i := range want {
					if got[i].Passage.ID != want[i].Passage.ID || got[i].Score != want[i].Score {
						t.Errorf("got %s, want %s", got[i].Passage.ID, want[i].Passage.ID)
						return
					}
				}
			}
		})
	}
	all.Wait()
}
