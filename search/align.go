package search

import (
	"slices"
	"strings"
)

// alignment lays words of a claim along words [from, to) of a place.
type alignment struct {
	place    *place
	from, to int
	start    int    // the claim's word at which it starts
	same     int    // words that agree
	steps    []byte // 'e' both, 'd' the record's word, 'i' the claim's word, 'h' the record's word, hidden by an ellipsis
}

// mostAligned is the length in words up to which a gap between two segments is
// aligned word by word; a longer one is shown as left out and added. It bounds
// the time and memory of an alignment: segments are found in linear time, and
// only the gaps between them are compared with each other.
const mostAligned = 256

// addCost is what a word added costs, in words left out: at the ends of a claim
// a few words left out are likelier than one that was added and happens to stand
// there.
const addCost = 3

// along aligns the words [first, end) of a claim with the place of a group of
// segments, which it must hold.
func (c *claim) along(places []place, group []segment, first, end int) alignment {
	p := &places[group[0].place]
	a := alignment{place: p, start: first}
	at := group[0]
	head := max(0, at.to-(at.at-first)-leastGap)
	if at.at == first {
		head = at.to
	}
	steps, from := edits(p.words[head:at.to], c.ids[first:at.at], true, false)
	a.from = head + from
	a.steps = append(a.steps, steps...)
	for i, s := range group {
		if i > 0 {
			before := group[i-1]
			gap, added := p.words[before.to+before.length:s.to], c.ids[before.at+before.length:s.at]
			steps, _ := edits(gap, added, false, false)
			if c.cutWithin(before.at+before.length, s.at) {
				for n := range steps {
					if steps[n] == 'd' {
						steps[n] = 'h'
					}
				}
			}
			a.steps = append(a.steps, steps...)
		}
		a.steps = append(a.steps, strings.Repeat("e", s.length)...)
	}
	last := group[len(group)-1]
	tail := last.to + last.length
	rest := c.ids[last.at+last.length : end]
	if len(rest) > 0 {
		steps, _ = edits(p.words[tail:min(len(p.words), tail+len(rest)+leastGap)], rest, false, true)
		a.steps = append(a.steps, steps...)
	}
	a.to = a.from
	for _, s := range a.steps {
		if s != 'i' {
			a.to++
		}
		if s == 'e' {
			a.same++
		}
	}
	return a
}

// edits aligns words of the record and of a claim by the cheapest insertions
// and deletions. The record's words before the first that agrees cost nothing where
// freeStart is set, and start says how many were passed over; those after the
// last that agrees are left out where freeEnd is set.
func edits(record []placed, claim []int32, freeStart, freeEnd bool) (steps []byte, start int) {
	n, m := len(record), len(claim)
	if n > mostAligned || m > mostAligned {
		if freeStart {
			start, n = n, 0
		}
		if freeEnd {
			n = 0
		}
		return append([]byte(strings.Repeat("d", n)), strings.Repeat("i", m)...), start
	}
	width := m + 1
	cost := make([]int16, (n+1)*width)
	for j := range m + 1 {
		cost[j] = int16(addCost * j) //nolint:gosec // at most mostAligned
	}
	for i := 1; i <= n; i++ {
		if !freeStart {
			cost[i*width] = int16(i) //nolint:gosec // at most mostAligned
		}
		for j := 1; j <= m; j++ {
			least := min(cost[(i-1)*width+j]+1, cost[i*width+j-1]+addCost)
			if record[i-1].id == claim[j-1] {
				least = min(least, cost[(i-1)*width+j-1])
			}
			cost[i*width+j] = least
		}
	}
	end := n
	if freeEnd {
		for i := n; i >= 0; i-- {
			if cost[i*width+m] < cost[end*width+m] {
				end = i
			}
		}
	}
	i, j := end, m
	for j > 0 || (i > 0 && !freeStart) {
		switch here := cost[i*width+j]; {
		case i > 0 && j > 0 && record[i-1].id == claim[j-1] && here == cost[(i-1)*width+j-1]:
			steps = append(steps, 'e')
			i, j = i-1, j-1
		case i > 0 && here == cost[(i-1)*width+j]+1:
			steps = append(steps, 'd')
			i--
		default:
			steps = append(steps, 'i')
			j--
		}
	}
	slices.Reverse(steps)
	if freeStart { // a claim starts where its first word that agrees stands, not before
		for i < n && len(steps) > 0 && steps[0] == 'd' {
			steps = steps[1:]
			i++
		}
	}
	return steps, i
}

// near marks the steps that no wide gap in the record parts from the longest run
// of words that agree.
func (a alignment) near() []bool {
	const wide = 3
	out := make([]bool, len(a.steps))
	run, longest, core := 0, 0, 0
	for i, s := range a.steps {
		if s != 'e' {
			run = 0
			continue
		}
		if run++; run > longest {
			longest, core = run, i
		}
	}
	for _, step := range []int{1, -1} {
		gap := 0
		for i := core; i >= 0 && i < len(a.steps) && gap < wide; i += step {
			out[i] = true
			switch a.steps[i] {
			case 'e':
				gap = 0
			case 'd':
				gap++
			}
		}
	}
	return out
}

// block is a stretch of an alignment in which claim and record differ: words
// [from, to) of the place and [first, end) of the claim. Where they agree, same
// is set.
type block struct {
	from, to, first, end int
	same, hidden         bool
}

// blocks gathers the steps of an alignment.
func (a alignment) blocks() []block {
	var out []block
	i, j := a.from, a.start
	for _, s := range a.steps {
		same, hidden := s == 'e', s == 'h'
		if n := len(out); n == 0 || out[n-1].same != same || out[n-1].hidden != hidden {
			out = append(out, block{from: i, to: i, first: j, end: j, same: same, hidden: hidden})
		}
		b := &out[len(out)-1]
		if s != 'i' {
			i++
			b.to++
		}
		if s == 'e' || s == 'i' {
			j++
			b.end++
		}
	}
	return out
}

// diff writes an alignment as edits. Each is a stretch of its text as it is
// written there, marks included, on one line.
func (a alignment) diff(claim string, words []unit) []Edit {
	var out []Edit
	add := func(op, text string) {
		if n := len(out); n > 0 && out[n-1].Op == op {
			out[n-1].Text += " " + text
			return
		}
		out = append(out, Edit{op, text})
	}
	for _, b := range a.blocks() {
		for from := b.from; from < b.to; {
			end := from + 1
			for end < b.to && a.place.words[end].source == a.place.words[from].source {
				end++
			}
			op := "delete"
			if b.same {
				op = "equal"
			}
			add(op, oneLine(a.place.text(from)[a.place.words[from].from:a.place.words[end-1].to]))
			from = end
		}
		if !b.same && b.first < b.end {
			add("insert", oneLine(claim[words[b.first].from:words[b.end-1].to]))
		}
	}
	return out
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
}
