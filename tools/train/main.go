// Command train learns the weights of package search from the public
// collections in shared/data and writes them to a file that the package embeds.
// It is deterministic: the same data give the same file.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"rapporteur/search"
)

func main() {
	data := flag.String("data", "../shared/data", "folder of the collections")
	out := flag.String("out", "weights.json", "file to write")
	flag.Parse()
	if err := run(*data, *out, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(data, out string, report io.Writer) error {
	var sets []*collection
	for _, name := range []string{"squad-b", "xquad-es", "xquad-de", "un100k"} {
		c, err := load(filepath.Join(data, name))
		if err != nil {
			return err
		}
		sets = append(sets, c)
	}
	squad, es, de, un := sets[0], sets[1], sets[2], sets[3]
	un.questions = knownItems(un, 2000)
	mixed := &collection{name: "squad-b among un100k", docs: append(slices.Clone(un.docs), squad.docs...), questions: every(squad.questions, 2)}

	passageNames, sentenceNames, signalNames := search.FeatureNames()
	var passages, sentences []contest
	for _, c := range []*collection{squad, es, de, mixed, un} {
		p, s, err := c.contests()
		if err != nil {
			return err
		}
		fmt.Fprintf(report, "%s: %d questions, first right before training %.3f\n", c.name, len(p), firstRight(p))
		passages = append(passages, p...)
		sentences = append(sentences, s...)
	}
	passage := rankWeights(passages, len(passageNames))
	cross(report, "passages", passages, len(passageNames))
	sentence := rankWeights(sentences, len(sentenceNames))
	cross(report, "sentences", sentences, len(sentenceNames))
	cross(report, "sentences of questions only", sentences[:len(es.questions)+len(de.questions)], len(sentenceNames))
	cases, err := answerable(squad, es, de)
	if err != nil {
		return err
	}
	signal := logistic(cases, len(signalNames))
	crossAnswerable(report, cases, len(signalNames))
	return write(out, map[string]map[string]float64{
		"passage": named(passageNames, passage), "sentence": named(sentenceNames, sentence), "answer": named(signalNames, signal),
	})
}

func named(names []string, values []float64) map[string]float64 {
	m := make(map[string]float64, len(names))
	for i, name := range names {
		m[name] = float64(int(values[i]*1000)) / 1000
	}
	return m
}

func write(file string, weights any) error {
	data, err := json.MarshalIndent(weights, "", "\t")
	if err != nil {
		return fmt.Errorf("write weights: %w", err)
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil { //nolint:gosec // a source file
		return fmt.Errorf("write weights: %w", err)
	}
	return nil
}
