// Command background makes the table of background document frequencies that
// package search embeds, from JSON Lines of passages (gzipped).
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"rapporteur/search"
)

func main() {
	in := flag.String("in", "", "gzipped JSON Lines with a field text")
	out := flag.String("out", "background.gz", "table to write")
	least := flag.Int("least", 4, "least number of passages a stem must stand in")
	flag.Parse()
	if err := run(*in, *out, *least); err != nil {
		fmt.Fprintln(os.Stderr, "background:", err)
		os.Exit(1)
	}
}

func run(in, out string, least int) (err error) {
	file, err := os.Open(in)
	if err != nil {
		return fmt.Errorf("open collection: %w", err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("open collection: %w", err)
	}
	passages, df, err := count(unzipped)
	if err != nil {
		return err
	}
	to, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("create table: %w", err)
	}
	defer func() {
		if closed := to.Close(); err == nil && closed != nil {
			err = fmt.Errorf("write table: %w", closed)
		}
	}()
	return write(to, passages, df, least)
}

func count(in io.Reader) (passages int, df map[string]int, err error) {
	df = map[string]int{}
	lines := bufio.NewReader(in)
	for {
		data, err := lines.ReadBytes('\n')
		if len(data) > 1 {
			var line struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal(data, &line); err != nil {
				return 0, nil, fmt.Errorf("passage %d: %w", passages+1, err)
			}
			passages++
			seen := map[string]bool{}
			for _, t := range search.Tokens(line.Text, "en") {
				if !seen[t.Stem] {
					seen[t.Stem] = true
					df[t.Stem]++
				}
			}
		}
		if err == io.EOF {
			return passages, df, nil
		}
		if err != nil {
			return 0, nil, fmt.Errorf("passage %d: %w", passages+1, err)
		}
	}
}

func write(to io.Writer, passages int, df map[string]int, least int) error {
	zipped, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	text := bufio.NewWriter(zipped)
	_, _ = fmt.Fprintln(text, passages)
	last := ""
	for _, stem := range slices.Sorted(maps.Keys(df)) {
		if df[stem] < least {
			continue
		}
		shared := 0
		for shared < len(last) && shared < len(stem) && last[shared] == stem[shared] {
			shared++
		}
		_, _ = fmt.Fprintln(text, shared, stem[shared:], df[stem])
		last = stem
	}
	if err := text.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	if err := zipped.Close(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}
