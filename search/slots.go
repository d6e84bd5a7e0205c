package search

import "math/bits"

// slot says, in bits, what a term or a form of the index is to a query.
type slot struct {
	key   uint32
	used  bool
	exact uint64 // the query's terms (or words) that it is
	near  uint64 // terms of the query that share their beginning with it
	alt   uint64 // parts of other forms, such as the words behind a short form
}

// slots is an open hash table, at most a quarter full.
type slots []slot

func newSlots(of map[uint32]*slot) slots {
	t := make(slots, 1<<bits.Len(uint(4*len(of)+3)))
	mask := uint32(len(t) - 1) //nolint:gosec // small
	for _, s := range of {
		at := s.key * 0x9e3779b1 & mask
		for t[at].used {
			at = (at + 1) & mask
		}
		t[at] = *s
	}
	return t
}

// find returns the slot of a key; an empty one where the query knows no such
// key.
func (t slots) find(key uint32) *slot {
	mask := uint32(len(t) - 1) //nolint:gosec // small
	at := key * 0x9e3779b1 & mask
	for t[at].used && t[at].key != key {
		at = (at + 1) & mask
	}
	return &t[at]
}

// slotMap collects slots by key.
type slotMap map[uint32]*slot

func (m slotMap) of(key uint32) *slot {
	s := m[key]
	if s == nil {
		s = &slot{key: key, used: true}
		m[key] = s
	}
	return s
}
