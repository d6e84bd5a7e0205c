package search

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// segment is a run of words that claim and record share.
type segment struct {
	place    int
	at       int // its first word in the claim
	to       int // its first word in the place
	length   int
	stitched bool // it does not go on from the segment before: another place
}

// Limits of the chain of segments. They bound the time of one verification: it
// is linear in the words of the claim and of the candidate passages, and square
// only in mostSegments.
const (
	mostTwins    = 8    // places of the claim that one pair of words is looked up at
	mostSegments = 256  // segments that are chained, the longest
	leastGap     = 7    // words left out up to which a claim is altered, not stitched
	mostHidden   = 150  // words that one ellipsis may hide in one place
	jumpCost     = 3    // what going on in another place costs, in words
	stepCost     = 0.25 // what a word left out or added costs
	smallWord    = 0.4  // weight of a word that says nothing about the subject
)

// claim is what is compared with the record: words, and where ellipses stand.
type claim struct {
	words   []unit
	ids     []int32
	cuts    []int // before which words an ellipsis stands; 0 in front, len(words) behind
	weights []float64
}

// weigh sums the weights of the words before each word.
func weigh(words []unit) []float64 {
	sums := make([]float64, len(words)+1)
	for i, w := range words {
		weight := 1.0
		if r, _ := utf8.DecodeRuneInString(w.form); (len(w.form) < 3 && r < utf8.RuneSelf && (r < '0' || r > '9')) || stopword(w.form) {
			weight = smallWord
		}
		sums[i+1] = sums[i] + weight
	}
	return sums
}

// cutWithin says whether an ellipsis stands between the words from and to.
func (c *claim) cutWithin(from, to int) bool {
	return slices.ContainsFunc(c.cuts, func(cut int) bool { return cut >= from && cut <= to && cut > 0 && cut < len(c.words) })
}

// segments finds the runs of at least two words that claim and places share.
func (c *claim) segments(places []place) []segment {
	type pair struct{ a, b int32 }
	at := make(map[pair][]int, len(c.ids))
	for i := 0; i+1 < len(c.ids); i++ {
		if p := (pair{c.ids[i], c.ids[i+1]}); len(at[p]) < mostTwins {
			at[p] = append(at[p], i)
		}
	}
	var out []segment
	var reached []int // on each diagonal, the word of the place up to which a run goes
	for n := range places {
		words := places[n].words
		reached = append(reached[:0], make([]int, len(words)+len(c.ids))...)
		for j := 0; j+1 < len(words); j++ {
			if words[j].id == 0 || words[j+1].id == 0 {
				continue
			}
			for _, i := range at[pair{words[j].id, words[j+1].id}] {
				diagonal := j - i + len(c.ids)
				if reached[diagonal] > j {
					continue
				}
				length := 2
				for i+length < len(c.ids) && j+length < len(words) && c.ids[i+length] == words[j+length].id {
					length++
				}
				reached[diagonal] = j + length
				out = append(out, segment{place: n, at: i, to: j, length: length})
			}
		}
	}
	if len(out) > mostSegments {
		slices.SortStableFunc(out, func(a, b segment) int { return cmp.Compare(b.length, a.length) })
		out = out[:mostSegments]
	}
	slices.SortStableFunc(out, func(a, b segment) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.place, b.place)) })
	return out
}

// chain returns the segments that explain the claim best, in its order: those
// that cover most of its weight with the fewest jumps and the smallest gaps.
func (c *claim) chain(segments []segment) []segment {
	if len(segments) == 0 {
		return nil
	}
	score := make([]float64, len(segments))
	from := make([]int, len(segments))
	trim := make([]int, len(segments))
	best := 0
	for l, s := range segments {
		score[l], from[l] = c.weights[s.at+s.length]-c.weights[s.at], -1
		for k := range l {
			gain, over := c.step(segments[k], s)
			if over >= 0 && score[k]+gain > score[l] {
				score[l], from[l], trim[l] = score[k]+gain, k, over
			}
		}
		if score[l] > score[best] {
			best = l
		}
	}
	var out []segment
	for l := best; l >= 0; l = from[l] {
		s := segments[l]
		if from[l] >= 0 {
			s.at, s.to, s.length = s.at+trim[l], s.to+trim[l], s.length-trim[l]
			s.stitched = c.jumps(segments[from[l]], s)
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

// step returns what going on from a segment to the next gains, and how many
// words of the next one are already covered; less than 0 where all of them are.
func (c *claim) step(a, b segment) (gain float64, over int) {
	over = max(0, a.at+a.length-b.at)
	if a.place == b.place { // one word of the record is not quoted twice
		if shared := a.to + a.length - b.to; shared > over && b.to >= a.to && b.to-a.to-a.length > -b.length {
			over = shared
		}
	}
	if over >= b.length {
		return 0, -1
	}
	b.at, b.to, b.length = b.at+over, b.to+over, b.length-over
	gain = c.weights[b.at+b.length] - c.weights[b.at]
	added := b.at - a.at - a.length
	if c.jumps(a, b) {
		return gain - jumpCost - 2*stepCost*float64(added), over
	}
	left := b.to - a.to - a.length
	if c.cutWithin(a.at+a.length, b.at) {
		return gain - 0.5 - stepCost*float64(added) - 0.001*float64(left), over
	}
	return gain - stepCost*float64(added+left), over
}

// jumps says whether b does not go on from a, but stands in another place.
func (c *claim) jumps(a, b segment) bool {
	left, added := b.to-a.to-a.length, b.at-a.at-a.length
	if a.place != b.place || left < 0 {
		return true
	}
	if c.cutWithin(a.at+a.length, b.at) {
		return left > mostHidden
	}
	return left > leastGap+2*added
}

// groups parts a chain at its jumps.
func groups(chain []segment) [][]segment {
	var out [][]segment
	for i, s := range chain {
		if i == 0 || s.stitched {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], s)
	}
	return out
}

// matched counts the words of a group, and weighs them.
func (c *claim) matched(group []segment) (words int, weight float64) {
	for _, s := range group {
		words += s.length
		weight += c.weights[s.at+s.length] - c.weights[s.at]
	}
	return words, weight
}
