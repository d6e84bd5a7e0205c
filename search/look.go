package search

import "math/bits"

// look is what a sentence, or a passage, holds of a query, as bits.
type look struct {
	exact, near, alt uint64 // of the query's terms, or of parts of their other forms
	form, phrase     uint64 // of the query's words: as written, and behind the word before
	pairs            uint64
	run              int
	kind             bool
	length           int // in words
}

func (l *look) merge(o *look) {
	l.exact |= o.exact
	l.near |= o.near
	l.alt |= o.alt
	l.form |= o.form
	l.phrase |= o.phrase
	l.pairs |= o.pairs
	l.run = max(l.run, o.run)
	l.kind = l.kind || o.kind
	l.length += o.length
}

// look looks at the words of a sentence.
func (q *query) look(words []word) look {
	var (
		l       look
		before  uint64           // words of the query that the word before is
		runs    [mostTerms]uint8 // how long a run ends at a word of the query
		last    uint64           // terms of the query that the last content word is
		digits  bool
		capital bool
	)
	for i := range words {
		w := &words[i]
		if w.first {
			l.length++
			is := q.written.find(w.form).exact
			l.form |= is
			l.phrase |= before << 1 & is
			if is == 0 {
				digits = digits || w.digit
				capital = capital || w.capital
			} else {
				l.run = max(l.run, extend(&runs, before, is))
			}
			before = is
		}
		if w.stop {
			continue
		}
		s := q.looked.find(w.term)
		l.exact |= s.exact
		l.near |= s.near
		l.alt |= s.alt
		if last != 0 && s.exact != 0 {
			for p := range q.pairs {
				if last&(1<<q.pairs[p].a) != 0 && s.exact&(1<<q.pairs[p].b) != 0 {
					l.pairs |= 1 << p
				}
			}
		}
		last = s.exact
	}
	switch q.asked.Wanted {
	case ATime, ANumber, ASymbol, AClock:
		l.kind = digits
	case APerson:
		l.kind = capital
	case Anything:
	}
	return l
}

// extend sets how long the runs are that end at the words of is, and returns the
// longest.
func extend(runs *[mostTerms]uint8, before, is uint64) int {
	longest := uint8(0)
	for set := is; set != 0; { // from the last word to the first, so that runs[p-1] is still the old one
		p := bits.Len64(set) - 1
		set &^= 1 << p
		n := uint8(1)
		if p > 0 && before&(1<<(p-1)) != 0 {
			n += runs[p-1]
		}
		runs[p] = n
		longest = max(longest, n)
	}
	return int(longest)
}

// shares are what a look comes to, for the weight of the query.
type shares struct {
	cover, near, exact, pairs, phrase, run, square, names, rare float64
	subject                                                     float64 // near, without the words about the asking
}

// shares weighs a look. Terms that the header of the document answers for, as
// bits, are not asked of its words.
func (q *query) shares(l *look, header uint64) shares {
	var s, all shares
	s.rare = yes(header&(1<<q.rarest) != 0)
	for i := range q.terms {
		t := &q.terms[i]
		bit := uint64(1) << i
		here := l.exact&bit != 0 || t.stands(l.alt)
		if !here && header&bit != 0 {
			continue
		}
		all.add(t)
		switch {
		case here:
			s.add(t)
			if i == q.rarest {
				s.rare = 1
			}
		case l.near&bit != 0:
			s.near += t.weight / 2
			if !t.frame {
				s.subject += t.weight / 2
			}
		}
		if l.form&t.words != 0 {
			s.exact += t.weight
		}
	}
	for p := range q.pairs {
		both := uint64(1)<<q.pairs[p].a | 1<<q.pairs[p].b
		if l.pairs&(1<<p) != 0 {
			s.pairs += q.pairs[p].weight
		} else if header&both != 0 {
			all.pairs -= q.pairs[p].weight
		}
	}
	all.pairs += q.pairSum
	s.cover = share(s.cover, all.cover, 0)
	s.near = share(s.near, all.near, 0)
	s.subject = share(s.subject, all.subject, 1)
	s.exact = share(s.exact, all.cover, 0)
	s.square = share(s.square, all.square, 0)
	s.names = share(s.names, all.names, 1)
	s.pairs = share(s.pairs, all.pairs, 0)
	if n := len(q.words); n > 1 {
		s.phrase = float64(bits.OnesCount64(l.phrase)) / float64(n-1)
		s.run = float64(l.run) / float64(n)
	}
	return s
}

func (s *shares) add(t *queryTerm) {
	s.cover += t.weight
	s.near += t.weight
	s.square += t.weight * t.weight
	if t.name {
		s.names += t.weight
	}
	if !t.frame {
		s.subject += t.weight
	}
}

// share returns part of whole, or otherwise where there is no whole.
func share(part, whole, otherwise float64) float64 {
	if whole < 1e-9 {
		return otherwise
	}
	return part / whole
}

// stands says whether another form of the term is there whole.
func (t *queryTerm) stands(alt uint64) bool {
	for _, set := range t.alts {
		if alt&set == set {
			return true
		}
	}
	return false
}
