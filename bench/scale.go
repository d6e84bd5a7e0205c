package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// million is how many passages the large index has.
const million = 1_000_000

// scaled is what a large index costs.
type scaled struct {
	built     built
	raw, full result
	size      int // of the file, in bytes
	questions int
}

// measureScale indexes a million windows of the passages and asks for known
// items, in rounds.
func measureScale(ctx context.Context, passages []passage, known []question, progress io.Writer) (s scaled, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return s, fmt.Errorf("make a folder for the windows: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s.questions = len(known)
	name := filepath.Join(dir, "windows.jsonl")
	written, err := writeWindows(name, passages, million)
	if err != nil {
		return s, err
	}
	if about, err := os.Stat(name); err == nil {
		s.size = int(about.Size())
	}
	_, _ = fmt.Fprintf(progress, "wrote %d windows\n", written)
	own, err := start(ctx, ours, "en")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, own.close()) }()
	if s.built, err = own.build(name); err != nil {
		return s, err
	}
	_, _ = fmt.Fprintf(progress, "read %d windows in %v, indexed in %v\n", s.built.Count, s.built.Read.Round(time.Millisecond), s.built.Index.Round(time.Millisecond))
	_ = os.Remove(name)
	parties := []*party{{name: oursRaw, process: own, step: 1, raw: true, built: s.built}, {name: ours, process: own, step: 1, built: s.built}}
	for _, p := range parties {
		p.begin(arena{name: "windows"}, set{"known items among windows", known})
	}
	for r := range rounds {
		for _, p := range parties {
			if err := p.turn(known, r); err != nil {
				return s, err
			}
		}
	}
	s.raw, s.full = parties[0].result, parties[1].result
	return s, nil
}
