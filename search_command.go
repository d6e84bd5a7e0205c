package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"rapporteur/corpus"
	"rapporteur/handlers"
	"rapporteur/search"
)

type searchCmd struct {
	Top   int      `default:"10" help:"How many passages to print for each query."`
	Query []string `arg:"" optional:"" help:"The query; without one, each line of standard input is one."`
}

// searchData is what search --json prints for a query, one a line.
type searchData struct {
	Query    string    `json:"query"`
	Hits     []hitData `json:"hits"`
	Answered bool      `json:"answered"`
}

// hitData is one passage: its document, its own ID, how good it is (that of the
// first says how likely the corpus holds an answer), and the sentence that
// answers best, a verbatim span.
type hitData struct {
	Doc      string  `json:"doc"`
	ID       string  `json:"id"`
	Score    float64 `json:"score"`
	Sentence string  `json:"sentence"`
}

func (c *searchCmd) Run(p *program) error {
	if c.Top < 1 || c.Top > search.MostHits {
		return &usageError{fmt.Sprintf("--top %d: print between 1 and %d passages", c.Top, search.MostHits)}
	}
	desk, err := p.knownDesk()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.env.out)
	if len(c.Query) > 0 {
		if err := c.print(out, desk, strings.Join(c.Query, " "), p.cli.JSON); err != nil {
			return err
		}
		return out.Flush()
	}
	lines := bufio.NewReader(p.env.in)
	for {
		line, err := lines.ReadString('\n')
		if query := strings.TrimSpace(strings.ToValidUTF8(line, "\uFFFD")); query != "" {
			if err := c.print(out, desk, query, p.cli.JSON); err != nil {
				return err
			}
			if lines.Buffered() == 0 { // whoever asks line by line is waiting
				if err := out.Flush(); err != nil {
					return fmt.Errorf("print: %w", err)
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return fmt.Errorf("read the queries: %w", err)
		}
	}
}

// print prints what was found for one query: a line of JSON, or a line for each
// passage.
func (c *searchCmd) print(out io.Writer, desk *handlers.Desk, query string, asJSON bool) error {
	hits, answered := desk.Search(query, c.Top)
	if !asJSON {
		for i, h := range hits {
			if _, err := fmt.Fprintf(out, "%d. %.3f %s: %s\n", i+1, h.Score, h.Passage.ID, oneLine(h.Sentence)); err != nil {
				return fmt.Errorf("print: %w", err)
			}
		}
		return nil
	}
	data := searchData{Query: query, Hits: make([]hitData, len(hits)), Answered: answered}
	for i, h := range hits {
		data.Hits[i] = hitData{Doc: h.Passage.Source(), ID: h.Passage.ID, Score: h.Score, Sentence: h.Sentence.Text()}
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

func oneLine(q corpus.Quotation) string { return strings.Join(strings.Fields(q.Text()), " ") }
