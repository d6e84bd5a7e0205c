package search

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the background table
	"fmt"
	"strconv"
	"strings"
)

//go:embed background.gz
var backgroundTable []byte

// background holds document frequencies of a large collection of UN speeches.
type background struct {
	passages int
	df       map[string]int
}

// loadBackground reads the table: a first line with the number of passages,
// then one line a stem, front-coded: the number of bytes shared with the stem
// before, the rest of the stem, the document frequency.
func loadBackground(table []byte) (background, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(table))
	if err != nil {
		return background{}, fmt.Errorf("background table: %w", err)
	}
	lines := bufio.NewScanner(unzipped)
	b := background{df: make(map[string]int, 1<<15)}
	last := ""
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			if b.passages, err = strconv.Atoi(lines.Text()); err != nil {
				return background{}, fmt.Errorf("background table, line 1: %w", err)
			}
			continue
		}
		shared, rest, _ := strings.Cut(lines.Text(), " ")
		suffix, count, _ := strings.Cut(rest, " ")
		keep, err1 := strconv.Atoi(shared)
		df, err2 := strconv.Atoi(count)
		if err1 != nil || err2 != nil || keep > len(last) {
			return background{}, fmt.Errorf("background table, line %d: %q", n, lines.Text())
		}
		last = last[:keep] + suffix
		b.df[last] = df
	}
	if err := lines.Err(); err != nil {
		return background{}, fmt.Errorf("background table: %w", err)
	}
	return b, nil
}
