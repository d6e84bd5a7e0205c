package search

import (
	"encoding/binary"
	"math"
	"slices"
)

// lists holds posting lists back to back. A list is the number of its postings,
// the greatest impact, for a long list a table of its blocks, and the postings:
// the distance to the passage before and, where the lists have impacts, what the
// term adds to the passage's score in 255ths of the most it can.
type lists struct {
	data    []byte
	start   []uint32 // of each list in data, and the end
	impacts bool
}

// blockSize is how many postings lie under one entry of a list's table.
const blockSize = 128

// tableEntry is the bytes of a table's entry: the last passage of the block,
// where the block starts, and the greatest impact in it.
const tableEntry = 9

// appendList appends the list of the passages, which are in rising order, with
// their impacts (nil where the lists have none).
func (l *lists) appendList(passages []uint32, impacts []byte) {
	l.start = append(l.start, uint32(len(l.data))) //nolint:gosec // an index stays under 4 GB
	if len(passages) == 0 {
		return
	}
	l.data = binary.AppendUvarint(l.data, uint64(len(passages)))
	var most byte
	for _, i := range impacts {
		most = max(most, i)
	}
	l.data = append(l.data, most)
	table := -1
	if len(passages) > blockSize {
		table = len(l.data)
		blocks := (len(passages) + blockSize - 1) / blockSize
		l.data = append(l.data, make([]byte, blocks*tableEntry)...)
	}
	from := len(l.data)
	var last uint32
	for at := 0; at < len(passages); at += blockSize {
		end := min(at+blockSize, len(passages))
		start, best := len(l.data)-from, byte(0)
		for i := at; i < end; i++ {
			l.data = binary.AppendUvarint(l.data, uint64(passages[i]-last))
			last = passages[i]
			if l.impacts {
				l.data = append(l.data, impacts[i])
				best = max(best, impacts[i])
			}
		}
		if table >= 0 {
			entry := l.data[table+at/blockSize*tableEntry:]
			binary.LittleEndian.PutUint32(entry, last)
			binary.LittleEndian.PutUint32(entry[4:], uint32(start)) //nolint:gosec // as above
			entry[8] = best
		}
	}
}

// finish closes the last list.
func (l *lists) finish() {
	l.start = append(l.start, uint32(len(l.data))) //nolint:gosec // as above
	if cap(l.data) > len(l.data)+len(l.data)/8 {
		l.data = slices.Clip(append([]byte(nil), l.data...))
	}
}

// count returns how many postings a list has.
func (l *lists) count(list uint32) int {
	if l.start[list] == l.start[list+1] {
		return 0
	}
	n, _ := binary.Uvarint(l.data[l.start[list]:])
	return int(n) //nolint:gosec // written by appendList
}

// noPassage is where a cursor stands at the end of its list.
const noPassage = math.MaxUint32

// cursor walks along one list.
type cursor struct {
	data    []byte // the blocks
	table   []byte // nil for a short list
	pos     int
	total   int
	left    int // postings not yet read
	block   int // a block at or before the one that is read
	ahead   int // the block whose bound is looked at
	impacts bool

	passage uint32
	impact  byte

	weight float32 // what the impact is multiplied with
	bound  float32 // most that the list can add, in the window at hand
	most   float32 // most that the list can add anywhere
}

// open sets c at the first posting of a list, and says whether there is one.
func (l *lists) open(c *cursor, list uint32, weight float32) bool {
	data := l.data[l.start[list]:l.start[list+1]]
	if len(data) == 0 {
		return false
	}
	n, size := binary.Uvarint(data)
	count := int(n) //nolint:gosec // written by appendList
	*c = cursor{total: count, left: count, impacts: l.impacts, weight: weight / 255}
	c.impact = 255
	c.most = weight
	if l.impacts {
		c.most = c.weight * float32(data[size])
	}
	data = data[size+1:]
	if count > blockSize {
		blocks := (count + blockSize - 1) / blockSize
		c.table, data = data[:blocks*tableEntry], data[blocks*tableEntry:]
	}
	c.data = data
	c.next()
	return true
}

// next goes to the next posting, or to noPassage.
func (c *cursor) next() {
	if c.left == 0 {
		c.passage = noPassage
		return
	}
	c.left--
	d := uint32(c.data[c.pos])
	c.pos++
	if d >= 0x80 {
		d &= 0x7f
		for shift := 7; ; shift += 7 {
			b := c.data[c.pos]
			c.pos++
			d |= uint32(b&0x7f) << shift
			if b < 0x80 {
				break
			}
		}
	}
	c.passage += d
	if c.impacts {
		c.impact = c.data[c.pos]
		c.pos++
	}
}

// seek goes to the first posting at passage or behind it.
func (c *cursor) seek(passage uint32) {
	if c.passage >= passage {
		return
	}
	if c.table != nil {
		c.skip(passage)
	}
	for c.passage < passage {
		c.next()
	}
}

// skip goes to the block that may hold the passage.
func (c *cursor) skip(passage uint32) {
	block := c.block
	for block*tableEntry < len(c.table) && binary.LittleEndian.Uint32(c.table[block*tableEntry:]) < passage {
		block++
	}
	if block*tableEntry >= len(c.table) {
		c.left, c.passage = 0, noPassage
		return
	}
	if block == c.block {
		return
	}
	c.block = block
	c.left = c.total - block*blockSize
	c.pos = int(binary.LittleEndian.Uint32(c.table[block*tableEntry+4:]))
	c.passage = binary.LittleEndian.Uint32(c.table[(block-1)*tableEntry:])
	c.next()
}

// boundIn sets the most that the list can add to a passage in [from, to).
func (c *cursor) boundIn(from, to uint32) {
	switch {
	case c.passage >= to:
		c.bound = 0
		return
	case c.table == nil || !c.impacts:
		c.bound = c.most
		return
	}
	last := func(block int) uint32 { return binary.LittleEndian.Uint32(c.table[block*tableEntry:]) }
	blocks := len(c.table) / tableEntry
	for c.ahead+1 < blocks && last(c.ahead) < from {
		c.ahead++
	}
	var best byte
	for b := c.ahead; b < blocks; b++ {
		best = max(best, c.table[b*tableEntry+8])
		if last(b) >= to-1 {
			break
		}
	}
	c.bound = c.weight * float32(best)
}
