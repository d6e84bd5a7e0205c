package main

import (
	"math"
	"slices"
	"time"
)

// depth is how many results are asked for and judged.
const depth = 10

// quality is how good rankings are, each figure a mean over the questions.
type quality struct {
	n                                 int
	first, five, reciprocal, discount float64 // accuracy@1, hit@5, MRR@10, nDCG@10
	sentences                         int     // questions of which the place of the answer is known
	sentence                          float64 // of these: the first hit's sentence holds it
}

// judge adds a ranking, best first, of which only the first ten count.
func (q *quality) judge(rel map[string]float64, ranking []string) {
	q.n++
	ranking = ranking[:min(depth, len(ranking))]
	for rank, id := range ranking {
		if rel[id] <= 0 {
			continue
		}
		if rank == 0 {
			q.first++
		}
		if rank < 5 {
			q.five++
		}
		q.reciprocal += 1 / float64(rank+1)
		break
	}
	q.discount += ndcg(rel, ranking)
}

// judgeSentence adds whether the quoted sentence holds the answer.
func (q *quality) judgeSentence(right bool) {
	q.sentences++
	if right {
		q.sentence++
	}
}

// means turns the sums into means.
func (q quality) means() quality {
	n := math.Max(1, float64(q.n))
	q.first, q.five, q.reciprocal, q.discount = q.first/n, q.five/n, q.reciprocal/n, q.discount/n
	q.sentence /= math.Max(1, float64(q.sentences))
	return q
}

// ndcg is the discounted gain of a ranking for the most it could be, with the
// gain itself as gain, as in trec_eval.
func ndcg(rel map[string]float64, ranking []string) float64 {
	got := 0.0
	for rank, id := range ranking {
		got += math.Max(0, rel[id]) / math.Log2(float64(rank+2))
	}
	gains := make([]float64, 0, len(rel))
	for _, gain := range rel {
		gains = append(gains, math.Max(0, gain))
	}
	slices.Sort(gains)
	slices.Reverse(gains)
	most := 0.0
	for rank, gain := range gains[:min(depth, len(gains))] {
		most += gain / math.Log2(float64(rank+2))
	}
	if most == 0 {
		return 0
	}
	return got / most
}

// auroc is how likely a case that should score high scores higher than one that
// should score low; a tie counts half.
func auroc(high, low []float64) float64 {
	if len(high) == 0 || len(low) == 0 {
		return math.NaN()
	}
	low = slices.Sorted(slices.Values(low))
	sum := 0.0
	for _, s := range high {
		below, _ := slices.BinarySearch(low, s)
		upTo, _ := slices.BinarySearchFunc(low, s, func(e, t float64) int {
			if e <= t {
				return -1
			}
			return 1
		})
		sum += float64(below) + float64(upTo-below)/2
	}
	return sum / float64(len(high)) / float64(len(low))
}

// refusedAt is the share of low cases under the threshold that refuses the given
// share of the high ones, and no more.
func refusedAt(high, low []float64, falsely float64) float64 {
	if len(high) == 0 || len(low) == 0 {
		return math.NaN()
	}
	high = slices.Sorted(slices.Values(high))
	threshold := high[min(len(high)-1, int(falsely*float64(len(high))))]
	refused := 0
	for _, s := range low {
		if s < threshold {
			refused++
		}
	}
	return float64(refused) / float64(len(low))
}

// percentile is the least duration that p of 100 do not exceed.
func percentile(took []time.Duration, p float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	at := int(math.Ceil(p/100*float64(len(sorted)))) - 1
	return sorted[max(0, min(at, len(sorted)-1))]
}

// median is the middle duration.
func median(took []time.Duration) time.Duration { return percentile(took, 50) }
