package search

import "rapporteur/corpus"

// Study is what the engine sees in the candidates for a question. The weights
// are learned from it, by tools/train.
type Study struct {
	// Passages are the candidates, best first.
	Passages []StudiedPassage
	// Signals are the features that there is an answer; empty where there is no
	// candidate.
	Signals []float64
}

// StudiedPassage is one candidate.
type StudiedPassage struct {
	Passage corpus.Passage
	// Features of the passage, each between 0 and about 1, in the order of
	// FeatureNames.
	Features []float64
	// Sentences of the passage, their last feature filled for the first
	// candidates only.
	Sentences []StudiedSentence
}

// StudiedSentence is a sentence of a candidate.
type StudiedSentence struct {
	Span     Span
	Features []float64
}

// Study looks at a question's candidates.
func (e *Engine) Study(question string) Study {
	var s Study
	for i, c := range e.rank(Analyse(question), 2*deep) {
		p := StudiedPassage{Passage: *c.passage, Features: c.f[:]}
		for _, sentence := range c.sentences {
			p.Sentences = append(p.Sentences, StudiedSentence{sentence.span, sentence.f[:]})
		}
		s.Passages = append(s.Passages, p)
		if i == 0 {
			f := c.signals()
			s.Signals = f[:]
		}
	}
	return s
}
