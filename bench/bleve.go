package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/de" // the analyser "de"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/en" // the analyser "en"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/es" // the analyser "es"
	"github.com/blevesearch/bleve/v2/mapping"
	index "github.com/blevesearch/bleve_index_api"
)

// The names of bleve, with BM25 and as it comes.
const (
	bleveBM25  = "bleve 2, BM25"
	bleveTFIDF = "bleve 2, default (tf-idf)"
)

// bleveBatch is how many passages are indexed at a time.
const bleveBatch = 1000

// bleveIndex is an index on disk, which is bleve's default (scorch), with the
// analyser that bleve has for the language. Title and text are one field; no
// field is stored and no term vector kept, since nothing is quoted from it.
type bleveIndex struct {
	dir, language string
	bm25          bool
	index         bleve.Index
}

func (b *bleveIndex) mapping() mapping.IndexMapping {
	text := bleve.NewTextFieldMapping()
	text.Analyzer = b.language
	text.Store, text.IncludeTermVectors, text.IncludeInAll, text.DocValues = false, false, false, false
	document := bleve.NewDocumentStaticMapping()
	document.AddFieldMappingsAt("text", text)
	all := bleve.NewIndexMapping()
	all.DefaultMapping = document
	all.DefaultAnalyzer = b.language
	if b.bm25 {
		all.ScoringModel = index.BM25Scoring
	}
	return all
}

func (b *bleveIndex) build(files []string) (built, error) {
	var out built
	begin := time.Now()
	passages, err := readAll(files)
	if err != nil {
		return out, err
	}
	out.Read, out.Count = time.Since(begin), len(passages)
	begin = time.Now()
	where := filepath.Join(b.dir, "index")
	made, err := bleve.New(where, b.mapping())
	if err != nil {
		return out, fmt.Errorf("make the index: %w", err)
	}
	batch := made.NewBatch()
	for i, p := range passages {
		if err := batch.Index(p.ID, map[string]any{"text": p.Title + "\n" + p.Text}); err != nil {
			return out, fmt.Errorf("index %s: %w", p.ID, err)
		}
		if batch.Size() == bleveBatch || i == len(passages)-1 {
			if err := made.Batch(batch); err != nil {
				return out, fmt.Errorf("index: %w", err)
			}
			batch.Reset()
		}
	}
	if err := made.Close(); err != nil {
		return out, fmt.Errorf("close the index: %w", err)
	}
	if b.index, err = bleve.Open(where); err != nil {
		return out, fmt.Errorf("open the index: %w", err)
	}
	out.Index = time.Since(begin)
	out.Bytes, err = folderBytes(where)
	return out, err
}

func (b *bleveIndex) ask(question string) (answer, error) {
	query := bleve.NewMatchQuery(question)
	query.SetField("text")
	found, err := b.index.Search(bleve.NewSearchRequestOptions(query, depth, 0, false))
	if err != nil {
		return answer{}, fmt.Errorf("search: %w", err)
	}
	var a answer
	for _, hit := range found.Hits {
		a.IDs = append(a.IDs, hit.ID)
	}
	return a, nil
}

func (b *bleveIndex) close() error {
	if b.index == nil {
		return nil
	}
	return b.index.Close()
}

// readAll reads the passages of files into memory.
func readAll(files []string) ([]passage, error) {
	var all []passage
	for _, name := range files {
		if err := readLines(name, func(p passage) { all = append(all, p) }); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// folderBytes adds up the files of a folder.
func folderBytes(folder string) (total int, err error) {
	err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		about, err := entry.Info()
		if err != nil {
			return err
		}
		total += int(about.Size())
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure the index: %w", err)
	}
	return total, nil
}
