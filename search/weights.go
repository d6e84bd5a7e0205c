package search

import (
	_ "embed" // the learned weights
	"encoding/json"
	"fmt"
	"math"
)

//go:embed weights.json
var learned []byte

// weights are what the features count for. They were learned by tools/train on
// shared/data: those of passages and sentences so that the right one wins among
// the candidates of a question (a listwise softmax), those of the signals so
// that questions whose articles were left out of the index are told from those
// whose articles are in it (a logistic).
type weights struct {
	passage  [features]float64
	sentence [sentenceFeatures]float64
	signal   [signals]float64
}

func loadWeights(data []byte) (*weights, error) {
	var in struct{ Passage, Sentence, Answer map[string]float64 }
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	var w weights
	passage, sentence, signal := FeatureNames()
	for _, part := range []struct {
		names []string
		from  map[string]float64
		to    []float64
	}{
		{passage, in.Passage, w.passage[:]},
		{sentence, in.Sentence, w.sentence[:]},
		{signal, in.Answer, w.signal[:]},
	} {
		for i, name := range part.names {
			value, known := part.from[name]
			if !known || len(part.from) != len(part.names) {
				return nil, fmt.Errorf("weights: the features are %q, make the file anew with go generate", part.names)
			}
			part.to[i] = value
		}
	}
	return &w, nil
}

// likely returns how likely it is, between 0 and 1, that the best candidate
// answers, by its signals.
func (w *weights) likely(f *[signals]float64) float64 {
	return 1 / (1 + math.Exp(-dot(w.signal[:], f[:])))
}
