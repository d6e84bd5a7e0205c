package search

import (
	"encoding/binary"
	"slices"
)

// pairBuilder collects neighbouring terms and writes their posting lists. Pairs
// are hashed into about an eighth as many lists as there are pairs: what a
// collision adds, the closer look at the best passages takes away. So that a
// million passages fit, what was collected is written down now and then as a
// run: bytes instead of words.
type pairBuilder struct {
	shift uint          // of a pair's hash, to the number of its list
	parts [256][]uint64 // by the high bits of the hash: list and passage
	held  int           // in parts
	runs  [][]byte      // lists in order: distance to the list before, postings, distances between passages
}

const (
	bytesAPair  = 5       // of text, roughly
	pairsAList  = 8       // on average
	mostHeld    = 4 << 20 // pairs that are kept until a run is written
	leastWidth  = 10      // bits of the number of a list
	mostWidth   = 22
	commonPairs = 2000 // a pair in more passages, and in one of 64, tells little and is left out
)

func newPairBuilder(bytes int) pairBuilder {
	width := uint(leastWidth)
	for width < mostWidth && 1<<width < bytes/bytesAPair/pairsAList {
		width++
	}
	return pairBuilder{shift: 32 - width}
}

// add notes that two terms are neighbours in a passage.
func (b *pairBuilder) add(first, second, passage uint32) {
	hash := pairHash(first, second)
	part := hash >> 24
	b.parts[part] = append(b.parts[part], uint64(hash>>b.shift)<<32|uint64(passage))
	if b.held++; b.held == mostHeld {
		b.flush()
	}
}

// flush writes what is held as a run.
func (b *pairBuilder) flush() {
	run := make([]byte, 0, 2*b.held)
	last := uint64(0)
	for i := range b.parts {
		entries := b.parts[i]
		slices.Sort(entries)
		entries = slices.Compact(entries)
		for at := 0; at < len(entries); {
			list := entries[at] >> 32
			end := at + 1
			for end < len(entries) && entries[end]>>32 == list {
				end++
			}
			run = binary.AppendUvarint(run, list-last)
			run = binary.AppendUvarint(run, uint64(end-at)) //nolint:gosec // positive
			before := uint64(0)
			for _, e := range entries[at:end] {
				run = binary.AppendUvarint(run, e&0xffffffff-before)
				before = e & 0xffffffff
			}
			last, at = list, end
		}
		b.parts[i] = b.parts[i][:0]
	}
	b.runs = append(b.runs, slices.Clip(run))
	b.held = 0
}

// run is a run that is read.
type run struct {
	data        []byte
	list, count uint64
}

// next reads the head of the next list; false at the end.
func (r *run) next() bool {
	if len(r.data) == 0 {
		return false
	}
	r.list += r.number()
	r.count = r.number()
	return true
}

func (r *run) number() uint64 {
	n, size := binary.Uvarint(r.data)
	r.data = r.data[size:]
	return n
}

// lists writes the lists for an index of so many passages. Runs hold later
// passages each, so that the postings of a list only follow one another.
func (b *pairBuilder) lists(passages int) lists {
	b.flush()
	b.parts = [256][]uint64{}
	var open []*run
	size := 0
	for _, data := range b.runs {
		size += len(data)
		if r := (&run{data: data}); r.next() {
			open = append(open, r)
		}
	}
	b.runs = nil
	out := lists{data: make([]byte, 0, size)}
	tooMany := max(commonPairs, passages/64)
	var postings []uint32
	for list := range uint64(1) << (32 - b.shift) {
		postings = postings[:0]
		for i := 0; i < len(open); i++ {
			r := open[i]
			if r.list != list {
				continue
			}
			passage := uint64(0)
			for range r.count {
				passage += r.number()
				postings = append(postings, uint32(passage)) //nolint:gosec // was one
			}
			if !r.next() {
				open = slices.Delete(open, i, i+1)
				i--
			}
		}
		if len(postings) > tooMany {
			postings = postings[:0]
		}
		out.appendList(postings, nil)
	}
	out.finish()
	return out
}
