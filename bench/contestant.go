package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"
)

// contestant is a search engine that takes part. Each runs in a process of its
// own, so that one's garbage is not another's pause, and its memory is its own.
type contestant interface {
	// build indexes the files' passages, and is measured.
	build(files []string) (built, error)
	// ask returns what answers best, at most ten.
	ask(question string) (answer, error)
	close() error
}

// built is what a build took.
type built struct {
	Read  time.Duration `json:"read"`  // to read the passages into memory
	Index time.Duration `json:"index"` // to index them
	CPU   time.Duration `json:"cpu"`   // of all threads, for both
	Bytes int           `json:"bytes"` // of the index
	RSS   int           `json:"rss"`   // afterwards, in bytes
	Peak  int           `json:"peak"`  // the most till then, in bytes
	Count int           `json:"count"` // passages
}

// total is how long it takes from the files to the first question.
func (b built) total() time.Duration { return b.Read + b.Index }

// answer is what a contestant says to a question.
type answer struct {
	IDs      []string      `json:"ids"` // of passages, best first
	Score    float64       `json:"score,omitempty"`
	Answered bool          `json:"answered,omitempty"`
	Sentence [2]int        `json:"sentence,omitzero"` // of the first passage: characters, from and to
	Took     time.Duration `json:"took"`
}

// order is what the process that compares asks a contestant's process to do:
// build where files are named, else answer the questions one after the other.
type order struct {
	Files     []string `json:"files,omitempty"`
	Questions []string `json:"questions,omitempty"`
	Raw       bool     `json:"raw,omitempty"` // by the words alone; ours only
}

// report is the reply to an order.
type report struct {
	Built   *built   `json:"built,omitempty"`
	Answers []answer `json:"answers,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// contestants are the names under which engines take part, in the order of the
// tables.
var contestants = []string{ours, bleveBM25, bleveTFIDF, fts5}

// takePart makes the contestant of that name; language is that of the passages,
// dir an empty folder for its files.
func takePart(name, language, dir string) (contestant, error) {
	switch name {
	case ours:
		return &engine{}, nil
	case bleveBM25, bleveTFIDF:
		return &bleveIndex{dir: dir, language: language, bm25: name == bleveBM25}, nil
	case fts5:
		return &ftsTable{dir: dir, language: language}, nil
	}
	return nil, fmt.Errorf("no contestant %q; there are %q", name, contestants)
}

// compete carries out orders, one JSON object a line, until there are no more.
func compete(name, language string, in io.Reader, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return fmt.Errorf("make a folder for the index: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c, err := takePart(name, language, dir)
	if err != nil {
		return err
	}
	defer func() {
		if closed := c.close(); err == nil {
			err = closed
		}
	}()
	orders, reports := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	for {
		var o order
		if err := orders.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read an order: %w", err)
		}
		if err := reports.Encode(carryOut(c, o)); err != nil {
			return fmt.Errorf("write a report: %w", err)
		}
	}
}

func carryOut(c contestant, o order) report {
	if len(o.Files) > 0 {
		before := processorTime()
		b, err := c.build(o.Files)
		if err != nil {
			return report{Error: err.Error()}
		}
		b.CPU = processorTime() - before
		b.Peak = statusBytes("VmHWM")
		debug.FreeOSMemory()
		b.RSS = statusBytes("VmRSS")
		return report{Built: &b}
	}
	var r report
	ask := c.ask
	if own, ok := c.(*engine); ok && o.Raw {
		ask = own.retrieve
	}
	for _, q := range o.Questions {
		start := time.Now()
		a, err := ask(q)
		if err != nil {
			return report{Error: fmt.Sprintf("%q: %v", q, err)}
		}
		if a.Took == 0 {
			a.Took = time.Since(start)
		}
		r.Answers = append(r.Answers, a)
	}
	return r
}
