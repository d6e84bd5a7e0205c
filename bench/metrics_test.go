package main

import (
	"math"
	"testing"
	"time"
)

func near(got, want float64) bool {
	return math.Abs(got-want) < 1e-9 || math.IsNaN(got) && math.IsNaN(want)
}

func TestARankingIsJudgedByItsFirstTen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rel     map[string]float64
		ranking []string
		want    quality
	}{
		"right at once":     {map[string]float64{"a": 1}, []string{"a", "b"}, quality{n: 1, first: 1, five: 1, reciprocal: 1, discount: 1}},
		"second":            {map[string]float64{"a": 1}, []string{"b", "a"}, quality{n: 1, five: 1, reciprocal: .5, discount: 1 / math.Log2(3)}},
		"sixth":             {map[string]float64{"a": 1}, []string{"1", "2", "3", "4", "5", "a"}, quality{n: 1, reciprocal: 1. / 6, discount: 1 / math.Log2(7)}},
		"eleventh":          {map[string]float64{"a": 1}, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "a"}, quality{n: 1}},
		"nothing found":     {map[string]float64{"a": 1}, nil, quality{n: 1}},
		"a gain of nothing": {map[string]float64{"a": 1, "b": 0}, []string{"b", "a"}, quality{n: 1, five: 1, reciprocal: .5, discount: 1 / math.Log2(3)}},
		// Gains 2 and 3 at ranks 1 and 3; at best 3, 2, 1.
		"graded": {
			map[string]float64{"a": 3, "b": 2, "c": 1},
			[]string{"b", "x", "a"},
			quality{n: 1, first: 1, five: 1, reciprocal: 1, discount: (2 + 3/2.) / (3 + 2/math.Log2(3) + 1/2.)},
		},
	} {
		var got quality
		got.judge(c.rel, c.ranking)
		if got.n != c.want.n || !near(got.first, c.want.first) || !near(got.five, c.want.five) || !near(got.reciprocal, c.want.reciprocal) || !near(got.discount, c.want.discount) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestMeansAreOverTheQuestionsAsked(t *testing.T) {
	t.Parallel()
	var sum, more quality
	sum.judge(map[string]float64{"a": 1}, []string{"a"})
	sum.judge(map[string]float64{"a": 1}, []string{"b", "a"})
	sum.judgeSentence(true)
	more.judge(map[string]float64{"a": 1}, []string{"b"})
	more.judge(map[string]float64{"a": 1}, nil)
	more.judgeSentence(false)
	sum.add(more)
	got := sum.means()
	if got.n != 4 || !near(got.first, .25) || !near(got.five, .5) || !near(got.reciprocal, .375) || got.sentences != 2 || !near(got.sentence, .5) {
		t.Errorf("got %+v, want a quarter first, half in five, .375 reciprocal, half of two sentences", got)
	}
	if none := (quality{}).means(); none.first != 0 || none.sentence != 0 {
		t.Errorf("of no question: got %+v, want nothing", none)
	}
}

func TestAUROCCountsTiesHalf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		high, low []float64
		want      float64
	}{
		{[]float64{.9, .8}, []float64{.1, .2}, 1},
		{[]float64{.1, .2}, []float64{.9, .8}, 0},
		{[]float64{.5, .5}, []float64{.5}, .5},
		{[]float64{.3, .6, .9}, []float64{.5, .6}, 3.5 / 6}, // 0, 1½ and 2 of 2 below
		{nil, []float64{.5}, math.NaN()},
		{[]float64{.5}, nil, math.NaN()},
	} {
		if got := auroc(c.high, c.low); !near(got, c.want) {
			t.Errorf("AUROC of %v over %v: got %v, want %v", c.high, c.low, got, c.want)
		}
	}
}

func TestAThresholdRefusesNoMoreThanMayBeRefused(t *testing.T) {
	t.Parallel()
	twenty := make([]float64, 20) // 1, 2, … 20
	for i := range twenty {
		twenty[i] = float64(20 - i)
	}
	for _, c := range []struct {
		high, low []float64
		want      float64
	}{
		{twenty, []float64{0, 1, 1.5, 2, 3}, .6}, // one of twenty may fall below: the threshold is 2
		{[]float64{1, 2}, []float64{.5, 1}, .5},  // none may: the threshold is 1
		{[]float64{1, 1, 1}, []float64{1, 1}, 0},
		{nil, []float64{1}, math.NaN()},
	} {
		if got := refusedAt(c.high, c.low, .05); !near(got, c.want) {
			t.Errorf("of %v, with %v to be answered: got %v refused, want %v", c.low, c.high, got, c.want)
		}
	}
}

func TestPercentileIsADurationThatWasMeasured(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100) // 1 … 100 ns
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	for _, c := range []struct {
		took []time.Duration
		p    float64
		want time.Duration
	}{
		{hundred, 50, 50},
		{hundred, 99, 99},
		{hundred, 100, 100},
		{[]time.Duration{7}, 99, 7},
		{[]time.Duration{3, 1, 2}, 50, 2},
		{nil, 50, 0},
	} {
		if got := percentile(c.took, c.p); got != c.want {
			t.Errorf("%v of 100 of %v: got %d, want %d", c.p, c.took, got, c.want)
		}
	}
	if hundred[0] != 100 {
		t.Error("percentile sorted what it was given")
	}
}

func TestTheMiddleRoundCounts(t *testing.T) {
	t.Parallel()
	r := result{rounds: []round{{1, 10}, {900, 20}, {2, 9000}}}
	if r.p50() != 2 || r.p99() != 20 {
		t.Errorf("got %d and %d, want 2 and 20: one busy round moves neither", r.p50(), r.p99())
	}
}
