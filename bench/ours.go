package main

import (
	"runtime/debug"
	"time"
	"unicode/utf8"

	"rapporteur/corpus"
	"rapporteur/search"
)

// ours is the name of the program's own engine.
const ours = "rapporteur"

// oursRaw is its first look alone, by words and neighbours.
const oursRaw = "rapporteur, first look only"

// What the program does while it indexes a large corpus.
const (
	largeCorpus = 200_000
	leanPercent = 20
)

// engine is the program's own.
type engine struct{ search *search.Engine }

func (e *engine) build(files []string) (built, error) {
	begin := time.Now()
	docs, err := documents(files)
	if err != nil {
		return built{}, err
	}
	c := corpus.New(docs...)
	b := built{Read: time.Since(begin), Count: c.Numbered()}
	begin = time.Now()
	if c.Numbered() >= largeCorpus { // as lean.go of the program does
		defer debug.FreeOSMemory()
		defer debug.SetGCPercent(debug.SetGCPercent(leanPercent))
	}
	if e.search, err = search.New(c, nil); err != nil {
		return built{}, err
	}
	b.Index, b.Bytes = time.Since(begin), e.search.IndexBytes()
	return b, nil
}

func (e *engine) ask(question string) (answer, error) {
	start := time.Now()
	hits, answered := e.search.Search(question, depth)
	a := answer{Took: time.Since(start), Answered: answered}
	for i, h := range hits {
		a.IDs = append(a.IDs, h.Passage.ID)
		if i > 0 {
			continue
		}
		a.Score = h.Score
		if at := h.Sentence.Place(); at.Words != "" {
			from := utf8.RuneCountInString(h.Passage.Text[:at.From])
			a.Sentence = [2]int{from, from + utf8.RuneCountInString(at.Words)}
		}
	}
	return a, nil
}

func (e *engine) retrieve(question string) (answer, error) {
	start := time.Now()
	found := e.search.Retrieve(question, depth)
	a := answer{Took: time.Since(start)}
	for _, p := range found[:min(depth, len(found))] {
		a.IDs = append(a.IDs, p.ID)
	}
	return a, nil
}

func (e *engine) close() error { return nil }
