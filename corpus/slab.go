package corpus

import "strings"

const (
	// firstSlab and largestSlab bound how much memory is taken at a time for the
	// words of passages: little for a small corpus, and for a large one so much
	// that a million strings cost no more than their bytes.
	firstSlab   = 4 << 10
	largestSlab = 1 << 20
	// shelfSize is how many passages or documents are made at a time, and
	// firstShelf how many at first.
	shelfSize  = 1024
	firstShelf = 64
)

// slab keeps strings side by side in few large pieces of memory. A string of
// its own costs up to an eighth more than its bytes, and the collector a visit.
type slab struct {
	piece strings.Builder
	size  int
}

// keep returns the bytes as a string of the slab.
func (s *slab) keep(data []byte) string {
	if s.piece.Cap()-s.piece.Len() < len(data) {
		s.size = min(max(2*s.size, firstSlab), largestSlab)
		if len(data) > s.size/4 {
			return string(data) // it would waste the rest of a piece
		}
		s.piece = strings.Builder{}
		s.piece.Grow(s.size)
	}
	from := s.piece.Len()
	s.piece.Write(data)
	return s.piece.String()[from:]
}

// names keeps one copy of each title, speaker and date.
type names map[string]string

func (n names) of(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	if kept, found := n[string(data)]; found {
		return kept
	}
	kept := string(data)
	n[kept] = kept
	return kept
}
