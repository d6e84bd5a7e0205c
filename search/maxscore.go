package search

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// window is how many passages are scored at a time: their scores fit the
// processor's nearest cache.
const window = 4096

// scored is a passage with its score.
type scored struct {
	passage uint32
	score   float32
}

// retrieval is the room that one retrieval works in. It is kept between
// retrievals.
type retrieval struct {
	cursors []cursor
	order   []*cursor
	scores  [window]float32
	touched [window / 64]uint64
	best    []scored // a heap, the worst first
	may     func(passage uint32) bool
}

var retrievals = sync.Pool{New: func() any { return new(retrieval) }} //nolint:gochecknoglobals // a pool is shared by nature

// open adds a list to what is walked along.
func (r *retrieval) open(l *lists, w weighted) {
	var c cursor
	if l.open(&c, w.list, float32(w.weight)) {
		r.cursors = append(r.cursors, c)
	}
}

// run returns the best passages of the open cursors, best first, by MaxScore:
// in each window of passages the lists that together cannot lift a passage into
// the result are only looked at for passages that another list has found
// (Turtle and Flood 1995; windows as in Lucene's bulk scorer). The result is
// good until the next run.
func (r *retrieval) run(passages uint32, limit int) []scored {
	r.best = r.best[:0]
	r.order = r.order[:0]
	for i := range r.cursors {
		r.order = append(r.order, &r.cursors[i])
	}
	for from := uint32(0); from < passages; from += window {
		to := min(from+window, passages)
		alive := r.order[:0]
		for _, c := range r.order {
			if c.passage != noPassage {
				alive = append(alive, c)
			}
		}
		r.order = alive
		if len(alive) == 0 {
			break
		}
		r.window(from, to, limit)
	}
	slices.SortFunc(r.best, byScore)
	return r.best
}

func (r *retrieval) window(from, to uint32, limit int) {
	for _, c := range r.order {
		c.boundIn(from, to)
	}
	for i := 1; i < len(r.order); i++ { // nearly sorted from the window before
		for j := i; j > 0 && r.order[j].bound < r.order[j-1].bound; j-- {
			r.order[j], r.order[j-1] = r.order[j-1], r.order[j]
		}
	}
	threshold := r.threshold(limit)
	var reach float32
	essential := 0
	for essential < len(r.order) && reach+r.order[essential].bound <= threshold {
		reach += r.order[essential].bound
		essential++
	}
	for _, c := range r.order[essential:] {
		c.seek(from)
		for c.passage < to {
			at := c.passage - from
			r.scores[at] += c.weight * float32(c.impact)
			r.touched[at/64] |= 1 << (at % 64)
			c.next()
		}
	}
	if essential == len(r.order) {
		return
	}
	for word, set := range r.touched[:(to-from+63)/64] {
		r.touched[word] = 0
		for ; set != 0; set &= set - 1 {
			at := uint32(word*64 + bits.TrailingZeros64(set)) //nolint:gosec // below window
			score := r.scores[at]
			r.scores[at] = 0
			rest := reach
			for i := essential - 1; i >= 0 && score+rest > threshold; i-- {
				c := r.order[i]
				rest -= c.bound
				c.seek(from + at)
				if c.passage == from+at {
					score += c.weight * float32(c.impact)
				}
			}
			if score > threshold && (r.may == nil || r.may(from+at)) {
				r.keep(scored{from + at, score}, limit)
				threshold = r.threshold(limit)
			}
		}
	}
}

// threshold is the score that a passage must pass to be kept.
func (r *retrieval) threshold(limit int) float32 {
	if len(r.best) < limit {
		return 0
	}
	return r.best[0].score
}

// keep puts s on the heap, in the worst one's place when the heap is full.
func (r *retrieval) keep(s scored, limit int) {
	h := r.best
	if len(h) < limit {
		h = append(h, s)
		r.best = h
		for i := len(h) - 1; i > 0; {
			up := (i - 1) / 2
			if h[up].score <= h[i].score {
				return
			}
			h[up], h[i] = h[i], h[up]
			i = up
		}
		return
	}
	h[0] = s
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(h) {
			return
		}
		if down+1 < len(h) && h[down+1].score < h[down].score {
			down++
		}
		if h[i].score <= h[down].score {
			return
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}

// byScore orders the best first, and passages of one score by their numbers.
func byScore(a, b scored) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.passage, b.passage))
}
