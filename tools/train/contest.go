package main

import (
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"unicode/utf8"

	"rapporteur/corpus"
	"rapporteur/search"
)

// contest is candidates of which one is right. Half tells the halves apart that
// are learned from and tested on: candidates of one title are in one half.
type contest struct {
	features [][]float64
	right    int
	half     uint32
}

// mostCandidates is how many candidates of a question are learned from.
const mostCandidates = 40

// contests asks the questions of a collection and returns the contests between
// passages, and, where answers are known, between the sentences of the first
// passages.
func (c *collection) contests() (passages, sentences []contest, err error) {
	engine, err := search.New(corpus.New(c.docs...), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("index %s: %w", c.name, err)
	}
	for _, q := range c.questions {
		study := engine.Study(q.Text)
		p, s := contest{right: -1}, contest{right: -1}
		for i, candidate := range study.Passages {
			right := q.Rel[candidate.Passage.ID] > 0
			if right && p.right < 0 {
				p.right = len(p.features)
				p.half = half(candidate.Passage.Doc.Title)
			}
			if right || i < mostCandidates {
				p.features = append(p.features, candidate.Features)
			}
			if i >= search.Contest || len(q.Answers) == 0 {
				continue
			}
			for _, sentence := range candidate.Sentences {
				if right && s.right < 0 && q.answeredIn(candidate.Passage.Text, sentence.Span) {
					s.right = len(s.features)
				}
				s.features = append(s.features, sentence.Features)
			}
		}
		passages = append(passages, p)
		if len(q.Answers) > 0 {
			s.half = p.half
			sentences = append(sentences, s)
		}
	}
	return passages, sentences, nil
}

// answeredIn says whether an answer to the question begins in the span.
func (q question) answeredIn(text string, span search.Span) bool {
	for _, a := range q.Answers {
		offset, ok := a[1].(float64)
		if !ok {
			continue
		}
		at := 0
		for range int(offset) {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
		}
		if at >= span.From && at < span.To {
			return true
		}
	}
	return false
}

func half(title string) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, title)
	return h.Sum32() % 2
}

func firstRight(contests []contest) float64 {
	n := 0
	for _, c := range contests {
		if c.right == 0 {
			n++
		}
	}
	return float64(n) / math.Max(1, float64(len(contests)))
}

// cross tells how often the right candidate comes first when the weights are
// learned on the one half and tested on the other.
func cross(report io.Writer, what string, all []contest, features int) {
	for test := range uint32(2) {
		var learn []contest
		for _, c := range all {
			if c.half != test {
				learn = append(learn, c)
			}
		}
		w := rankWeights(learn, features)
		n, right := 0, 0
		for _, c := range all {
			if c.half == test {
				n++
				if c.right >= 0 && best(w, c.features) == c.right {
					right++
				}
			}
		}
		_, _ = fmt.Fprintf(report, "%s, learned on the other half: %.4f of %d right\n", what, float64(right)/float64(n), n)
	}
}

func best(w []float64, features [][]float64) int {
	at, most := -1, math.Inf(-1)
	for i, f := range features {
		if s := dot(w, f); s > most {
			at, most = i, s
		}
	}
	return at
}
