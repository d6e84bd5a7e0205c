package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"rapporteur/search"
)

// windowSizes are how many sentences a window has, in the order in which windows
// are made: each begins one sentence after the one before, so that windows of
// four share three quarters.
var windowSizes = [...]int{4, 5, 3}

// writeWindows makes passages out of passages: windows that slide along the
// sentences of each title, of four sentences, then of five, then of three, until
// there are as many as wanted. It returns how many it wrote, as JSON Lines.
func writeWindows(name string, passages []passage, wanted int) (written int, err error) {
	file, err := os.Create(name)
	if err != nil {
		return 0, fmt.Errorf("write windows: %w", err)
	}
	defer func() {
		if closed := file.Close(); err == nil && closed != nil {
			err = fmt.Errorf("write windows: %w", closed)
		}
	}()
	out := bufio.NewWriterSize(file, 1<<20)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	speeches := speechesOf(passages)
	for _, size := range windowSizes {
		for _, s := range speeches {
			for from := 0; from+size <= len(s.sentences) && written < wanted; from++ {
				text := strings.Join(s.sentences[from:from+size], " ")
				written++
				if err := lines.Encode(passage{ID: fmt.Sprintf("w%d", written), Title: s.title, Text: text}); err != nil {
					return written, fmt.Errorf("write windows: %w", err)
				}
			}
		}
	}
	if err := out.Flush(); err != nil {
		return written, fmt.Errorf("write windows: %w", err)
	}
	return written, nil
}

type speech struct {
	title     string
	sentences []string
}

// speechesOf returns the sentences of each title, in order.
func speechesOf(passages []passage) []*speech {
	var all []*speech
	known := map[string]*speech{}
	for _, p := range passages {
		s := known[p.Title]
		if s == nil {
			s = &speech{title: p.Title}
			known[p.Title] = s
			all = append(all, s)
		}
		for _, span := range search.Sentences(p.Text) {
			s.sentences = append(s.sentences, p.Text[span.From:span.To])
		}
	}
	return all
}
