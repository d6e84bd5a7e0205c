package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/es"
	_ "modernc.org/sqlite" // the driver
)

// fts5 is the name of SQLite's full-text index.
const fts5 = "SQLite FTS5"

// ftsTable is a table without content, on disk: terms, positions and lengths,
// for its own BM25. English words are stemmed by its Porter stemmer; it has none
// for other languages. Small words are cut from the question, which makes FTS5
// seven times as fast and more exact; any of the others may match.
type ftsTable struct {
	dir, language string
	db            *sql.DB
	search        *sql.Stmt
	ids           []string // by row, from 1
	small         analysis.TokenMap
}

func (f *ftsTable) build(files []string) (built, error) {
	var out built
	begin := time.Now()
	passages, err := readAll(files)
	if err != nil {
		return out, err
	}
	out.Read, out.Count = time.Since(begin), len(passages)
	begin = time.Now()
	ctx := context.Background()
	where := filepath.Join(f.dir, "index.db")
	if f.db, err = sql.Open("sqlite", where); err != nil {
		return out, fmt.Errorf("open the database: %w", err)
	}
	f.db.SetMaxOpenConns(1)
	tokenizer := "unicode61"
	if f.language == "en" {
		tokenizer = "porter unicode61"
	}
	for _, statement := range []string{
		"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -262144",
		"CREATE VIRTUAL TABLE passages USING fts5(text, content = '', tokenize = '" + tokenizer + "')",
	} {
		if _, err := f.db.ExecContext(ctx, statement); err != nil {
			return out, fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := f.fill(ctx, passages); err != nil {
		return out, err
	}
	if f.search, err = f.db.PrepareContext(ctx, fmt.Sprintf("SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT %d", depth)); err != nil {
		return out, fmt.Errorf("prepare the search: %w", err)
	}
	f.small, err = smallWords(f.language)
	if err != nil {
		return out, err
	}
	out.Index = time.Since(begin)
	out.Bytes, err = folderBytes(f.dir)
	return out, err
}

func (f *ftsTable) fill(ctx context.Context, passages []passage) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO passages(rowid, text) VALUES (?, ?)")
	if err != nil {
		return fmt.Errorf("prepare the insert: %w", err)
	}
	defer func() { _ = insert.Close() }()
	for i, p := range passages {
		if _, err := insert.ExecContext(ctx, i+1, p.Title+"\n"+p.Text); err != nil {
			return fmt.Errorf("insert %s: %w", p.ID, err)
		}
		f.ids = append(f.ids, p.ID)
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO passages(passages) VALUES ('optimize')"); err != nil {
		return fmt.Errorf("optimize: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (f *ftsTable) ask(question string) (answer, error) {
	var a answer
	match := matchAny(question, f.small)
	if match == "" {
		return a, nil
	}
	rows, err := f.search.QueryContext(context.Background(), match)
	if err != nil {
		return a, fmt.Errorf("search for %s: %w", match, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row int
		if err := rows.Scan(&row); err != nil {
			return a, fmt.Errorf("read a row: %w", err)
		}
		a.IDs = append(a.IDs, f.ids[row-1])
	}
	if err := rows.Err(); err != nil {
		return a, fmt.Errorf("search for %s: %w", match, err)
	}
	return a, nil
}

func (f *ftsTable) close() error {
	var err error
	if f.search != nil {
		err = f.search.Close()
	}
	if f.db != nil {
		err = errors.Join(err, f.db.Close())
	}
	return err
}

// matchAny writes a question in the language of FTS5: any of its words but the
// small ones, or any at all where it has no others.
func matchAny(question string, small analysis.TokenMap) string {
	var all, kept []string
	for _, word := range strings.FieldsFunc(strings.ToLower(question), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		all = append(all, `"`+word+`"`)
		if !small[word] {
			kept = append(kept, `"`+word+`"`)
		}
	}
	if len(kept) == 0 {
		kept = all
	}
	return strings.Join(kept, " OR ")
}

// smallWords are bleve's stop words.
func smallWords(language string) (analysis.TokenMap, error) {
	lists := map[string][]byte{"de": de.GermanStopWords, "en": en.EnglishStopWords, "es": es.SpanishStopWords}
	words := analysis.NewTokenMap()
	if err := words.LoadBytes(lists[language]); err != nil {
		return nil, fmt.Errorf("read the stop words: %w", err)
	}
	return words, nil
}
