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

// passage is one line of a collection, as every contestant is given it.
type passage struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// question is a question with the passages that answer it, and, where that is
// known, where in the passage the answer begins.
type question struct {
	Text    string             `json:"text"`
	Rel     map[string]float64 `json:"rel"`
	Answers [][]any            `json:"answers"` // text, offset in characters
}

// answerAt returns the characters of the passage before each answer.
func (q question) answerAt() []int {
	var at []int
	for _, a := range q.Answers {
		if len(a) > 1 {
			if offset, ok := a[1].(float64); ok {
				at = append(at, int(offset))
			}
		}
	}
	return at
}

func docsFile(folder string) string      { return filepath.Join(folder, "docs.jsonl.gz") }
func questionsFile(folder string) string { return filepath.Join(folder, "queries.jsonl.gz") }

// readLines calls take with each line of a JSON Lines file, gzipped or not.
func readLines[T any](name string, take func(T)) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read a collection: %w", err)
	}
	defer func() { _ = file.Close() }()
	var in io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("read %s: %w", filepath.Base(name), err)
		}
	}
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var one T
			if err := json.Unmarshal(line, &one); err != nil {
				return fmt.Errorf("read %s: %w", filepath.Base(name), err)
			}
			take(one)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", filepath.Base(name), err)
		}
	}
}

// questionsOf reads the questions of a folder.
func questionsOf(folder string) ([]question, error) {
	var all []question
	err := readLines(questionsFile(folder), func(q question) { all = append(all, q) })
	return all, err
}

// documents reads the passages of files as the program does: a line that is
// broken, as two of cranfield are, is told on stderr and the rest is read.
func documents(files []string) ([]*corpus.Document, error) {
	var all []*corpus.Document
	for _, name := range files {
		docs, problems, err := corpus.Load(alone{os.DirFS(filepath.Dir(name)), filepath.Base(name)})
		if err != nil {
			return nil, err
		}
		for _, p := range problems {
			_, _ = fmt.Fprintln(os.Stderr, "bench:", p)
		}
		all = append(all, docs...)
	}
	return all, nil
}

// alone is a folder of which one file is seen: beside the passages of a
// collection lie its questions, which are lines of text too.
type alone struct {
	fs.FS
	name string
}

// ReadDir lists the one file.
func (a alone) ReadDir(dir string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(a.FS, dir)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return e.Name() != a.name }), err
}

// evenly returns at most n of the items, evenly spread.
func evenly[T any](items []T, n int) []T {
	if n <= 0 || n >= len(items) {
		return items
	}
	out := make([]T, n)
	for i := range out {
		out[i] = items[i*len(items)/n]
	}
	return out
}

// knownItems makes n queries whose passage is known, by turns a quotation, nine
// consecutive words of a sentence with two dropped, and keywords, six of its
// longer words shuffled. The same seed makes the same queries.
func knownItems(passages []passage, n int, seed uint64) []question {
	random := rand.New(rand.NewPCG(seed, seed))
	out := make([]question, 0, n)
	for len(out) < n {
		p := passages[random.IntN(len(passages))]
		spans := search.Sentences(p.Text)
		if len(spans) == 0 {
			continue
		}
		s := spans[random.IntN(len(spans))]
		words := strings.Fields(p.Text[s.From:s.To])
		if len(out)%2 == 0 {
			words = quotation(words, random)
		} else {
			words = keywords(words, random)
		}
		if words == nil {
			continue
		}
		out = append(out, question{
			Text: strings.Join(words, " "), Rel: map[string]float64{p.ID: 1},
			Answers: [][]any{{"", float64(utf8.RuneCountInString(p.Text[:s.From]))}},
		})
	}
	return out
}

// quotation takes nine words on end and drops two; nil from a short sentence.
func quotation(words []string, random *rand.Rand) []string {
	const length, dropped = 9, 2
	if len(words) < length+3 {
		return nil
	}
	from := random.IntN(len(words) - length + 1)
	kept := slices.Clone(words[from : from+length])
	for range dropped {
		at := random.IntN(len(kept))
		kept = slices.Delete(kept, at, at+1)
	}
	return kept
}

// keywords takes six different words of five letters or more; nil from a
// sentence that has too few to choose from.
func keywords(words []string, random *rand.Rand) []string {
	const taken, choice, letters = 6, 8, 5
	var long []string
	for _, w := range words {
		w = strings.ToLower(strings.Trim(w, ".,;:\"()“”"))
		if utf8.RuneCountInString(w) >= letters && !slices.Contains(long, w) {
			long = append(long, w)
		}
	}
	if len(long) < choice {
		return nil
	}
	random.Shuffle(len(long), func(i, j int) { long[i], long[j] = long[j], long[i] })
	return long[:taken]
}
