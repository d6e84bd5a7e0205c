package search

import (
	"math"
	"math/bits"
)

// Features of a passage for a query. Each lies between 0 and about 1; weights
// are shares of the weight of the query's terms.
const (
	fScore      = iota // BM25 with neighbours, for the most it could be
	fCover             // weight of the terms in the passage
	fNear              // the same, terms that share their beginning counting half
	fExact             // weight of the terms in the form of the query
	fPairs             // weight of the neighbouring terms
	fPhrase            // share of all neighbouring words, small ones too
	fBest              // most of fCover in one sentence
	fBestNear          // most of fNear in one sentence
	fBestExact         // most of fExact in one sentence
	fBestPairs         // most of fPairs in one sentence
	fBestPhrase        // most of fPhrase in one sentence
	fRun               // longest run of the query's words, for all of them
	fKind              // the best sentence holds the wanted kind of answer
	fGroup             // fScore of the best other passage of the same title
	fTitle             // weight of the terms in the title
	fRare              // the rarest term is in the passage
	fSquare            // fCover by the squares of the weights
	fTwo               // most of fNear in two sentences on end
	fNames             // weight of the capitalised terms in the passage
	fLength            // words of the passage, on a scale of logarithms
	features
)

// Features of a sentence.
const (
	sCover  = iota
	sNear   // as above
	sExact  // as above
	sPairs  // as above
	sPhrase // as above
	sRun    // as above
	sKind   // it holds the wanted kind of answer
	sFirst  // it opens the passage
	sBefore // sNear of the sentence before it
	sAfter  // sNear of the sentence after it
	sShort  // it has fewer than eight words
	sSquare // as above
	sRare   // as above
	sNames  // as above
	sOwn    // weight of the terms, the less the more sentences of the passage hold them
	sScore  // the score of its passage
	sentenceFeatures
)

// Signals that there is an answer, of the best passage.
const (
	aOne = iota // 1
	aScore
	aCover
	aBest
	aBestNear
	aBestExact
	aPairs
	aTwo
	aPhrase
	aRun
	aRare
	aSquare
	aNames
	aTerms // how many terms the question has, on a scale of logarithms
	aGroup
	aTitle
	signals
)

// FeatureNames returns the names of the features of passages, of sentences and
// of the signals that there is an answer, as they stand in weights.json.
func FeatureNames() (passage, sentence, signal []string) {
	passage = []string{
		"score", "cover", "near", "exact", "pairs", "phrase", "best", "best near", "best exact", "best pairs", "best phrase",
		"run", "kind", "group", "title", "rare", "square", "two", "names", "length",
	}
	sentence = []string{
		"cover", "near", "exact", "pairs", "phrase", "run", "kind", "first", "before", "after", "short", "square", "rare", "names", "own", "passage",
	}
	signal = []string{
		"one", "score", "cover", "best", "best near", "best exact", "pairs", "two", "phrase", "run", "rare", "square", "names",
		"terms", "group", "title",
	}
	return passage, sentence, signal
}

// look fills the candidate's features from its reading.
func (c *candidate) look(r *reading) {
	q := c.query
	var all look
	c.sentences = make([]spoken, len(r.sentences))
	nearest := -1.0
	for i, s := range r.sentences {
		l := q.look(r.words[s.from:s.to])
		all.merge(&l)
		sh := q.shares(&l, c.header)
		c.f[fBest] = max(c.f[fBest], sh.cover)
		c.f[fBestNear] = max(c.f[fBestNear], sh.near)
		c.f[fBestExact] = max(c.f[fBestExact], sh.exact)
		c.f[fBestPairs] = max(c.f[fBestPairs], sh.pairs)
		c.f[fBestPhrase] = max(c.f[fBestPhrase], sh.phrase)
		if sh.near > nearest {
			nearest, c.f[fKind] = sh.near, yes(l.kind)
		}
		c.sentences[i] = spoken{span: s.span, look: l}
		c.sentences[i].f = [sentenceFeatures]float64{
			sCover: sh.cover, sNear: sh.near, sExact: sh.exact, sPairs: sh.pairs, sPhrase: sh.phrase, sRun: sh.run,
			sKind: yes(l.kind), sFirst: yes(i == 0), sShort: yes(l.length < 8),
			sSquare: sh.square, sRare: sh.rare, sNames: sh.names,
		}
		two := l
		if i > 0 {
			before := &c.sentences[i-1]
			two.merge(&before.look)
			c.sentences[i].f[sBefore] = before.f[sNear]
			before.f[sAfter] = sh.near
		}
		sh = q.shares(&two, c.header)
		c.f[fTwo] = max(c.f[fTwo], sh.near)
	}
	c.own()
	whole := q.shares(&all, c.header)
	c.subject = whole.subject
	c.f[fCover], c.f[fNear], c.f[fExact], c.f[fPairs] = whole.cover, whole.near, whole.exact, whole.pairs
	c.f[fPhrase], c.f[fRun], c.f[fRare], c.f[fSquare], c.f[fNames] = whole.phrase, whole.run, whole.rare, whole.square, whole.names
	c.f[fLength] = math.Log(1+float64(all.length)) / 6
}

// own fills what each sentence holds that few others of the passage hold.
func (c *candidate) own() {
	var in [mostTerms]int
	for i := range c.sentences {
		for set := c.sentences[i].look.exact; set != 0; set &= set - 1 {
			in[bits.TrailingZeros64(set)]++
		}
	}
	for i := range c.sentences {
		s := &c.sentences[i]
		for set := s.look.exact; set != 0; set &= set - 1 {
			t := bits.TrailingZeros64(set)
			s.f[sOwn] += c.query.terms[t].weight / float64(in[t]) / c.query.total
		}
	}
}

// signals returns the signs that the candidate, the best one, answers.
func (c *candidate) signals() [signals]float64 {
	return [signals]float64{
		aOne: 1, aScore: min(1.2, c.f[fScore]), aCover: c.f[fCover], aBest: c.f[fBest], aBestNear: c.f[fBestNear],
		aBestExact: c.f[fBestExact], aPairs: c.f[fPairs], aTwo: c.f[fTwo], aPhrase: c.f[fPhrase], aRun: c.f[fRun],
		aRare: c.f[fRare], aSquare: c.f[fSquare], aNames: c.f[fNames], aTerms: math.Log(1 + float64(len(c.query.terms))),
		aGroup: c.f[fGroup], aTitle: c.f[fTitle],
	}
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
