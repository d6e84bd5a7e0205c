package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"rapporteur/corpus"
	"rapporteur/search"
)

// collection is passages with questions and the passages that answer them.
type collection struct {
	name      string
	docs      []*corpus.Document
	questions []question
}

type question struct {
	Text    string             `json:"text"`
	Rel     map[string]float64 `json:"rel"`
	Answers [][]any            `json:"answers"` // text, offset in characters
}

// load reads a folder of shared/data.
func load(folder string) (*collection, error) {
	c := &collection{name: filepath.Base(folder)}
	docs, problems, err := corpus.LoadFile(os.DirFS(folder), "docs.jsonl.gz")
	if err != nil || len(problems) > 0 {
		return nil, fmt.Errorf("read the collection %s: %w %v", folder, err, problems)
	}
	c.docs = docs
	queries, err := os.ReadFile(filepath.Join(folder, "queries.jsonl.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the questions: %w", err)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(queries))
	if err != nil {
		return nil, fmt.Errorf("read the questions: %w", err)
	}
	lines := bufio.NewReader(unzipped)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			var q question
			if err := json.Unmarshal(line, &q); err != nil {
				return nil, fmt.Errorf("read the questions: %w", err)
			}
			c.questions = append(c.questions, q)
		}
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the questions: %w", err)
		}
	}
}

// every returns every nth question.
func every(questions []question, n int) []question {
	var out []question
	for i := 0; i < len(questions); i += n {
		out = append(out, questions[i])
	}
	return out
}

// knownItems makes queries whose passage is known: by turns nine consecutive
// words of a sentence with two dropped, and six of its longer words shuffled.
func knownItems(c *collection, n int) []question {
	random := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // the same queries each time
	var out []question
	passages := corpus.New(c.docs...).Passages()
	for len(out) < n {
		passage := passages[random.IntN(len(passages))]
		spans := search.Sentences(passage.Text)
		s := spans[random.IntN(len(spans))]
		words := strings.Fields(passage.Text[s.From:s.To])
		if len(out)%2 == 0 {
			if len(words) < 12 {
				continue
			}
			from := random.IntN(len(words) - 9)
			words = slices.Clone(words[from : from+9])
			for range 2 {
				at := random.IntN(len(words))
				words = slices.Delete(words, at, at+1)
			}
		} else {
			words = longWords(words)
			if len(words) < 8 {
				continue
			}
			random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
			words = words[:6]
		}
		out = append(out, question{
			Text: strings.Join(words, " "), Rel: map[string]float64{passage.ID: 1},
			Answers: [][]any{{"", float64(utf8.RuneCountInString(passage.Text[:s.From]))}},
		})
	}
	return out
}

func longWords(words []string) []string {
	var out []string
	for _, w := range words {
		w = strings.ToLower(strings.Trim(w, ".,;:\"()“”"))
		if len(w) > 4 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
