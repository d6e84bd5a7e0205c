package main_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// drawing is the one in ARCHITECTURE.md: what each folder may import besides
// the standard library. A name with a dot in its first element is somebody
// else's module and stands for all its packages; any other is a folder here.
var drawing = map[string][]string{
	"config":              {"github.com/goccy/go-yaml"},
	"corpus":              {"github.com/goccy/go-yaml", "github.com/go-json-experiment/json"},
	"calendar":            {"github.com/goccy/go-yaml", "github.com/arran4/golang-ical"},
	"bot":                 {"corpus"}, // a Quotation is made from a corpus.Passage
	"bot/bottest":         {"bot", "corpus", "golang.org/x/tools/txtar", "github.com/google/go-cmp"},
	"search":              {"corpus", "github.com/blevesearch/snowballstem", "golang.org/x/text"},
	"store":               {"bot", "modernc.org/sqlite", "github.com/jackc/pgx", "go.mau.fi/util"},
	"handlers":            {"bot", "search", "corpus", "calendar"},
	"digest":              {"bot", "corpus", "calendar", "github.com/robfig/cron", "golang.org/x/text"},
	"bot/slack":           {"bot", "github.com/slack-go/slack", "github.com/gorilla/websocket"},
	"bot/slack/slackfake": {"github.com/gorilla/websocket"},
	"bot/matrix":          {"bot", "maunium.net/go/mautrix", "go.mau.fi/util", "github.com/rs/zerolog", "modernc.org/sqlite"},
	"bot/terminal":        {"bot"},
	"store/pgtest":        {},
	"search/mutate":       {"corpus", "search"},
	"tools/background":    {"search"},
	"tools/chaosreplica":  {"bot", "calendar", "corpus", "bot/matrix", "bot/slack", "digest", "store"},
	"tools/train":         {"corpus", "search"},
	"tools/verifybench":   {"corpus", "search", "search/mutate"},
	".": {
		"config", "corpus", "calendar", "bot", "search", "store", "handlers", "digest",
		"bot/slack", "bot/matrix", "bot/terminal", "github.com/alecthomas/kong", "github.com/VictoriaMetrics/metrics",
	},
}

// never holds whatever becomes of the drawing.
var never = map[string][]string{
	"handlers": {"digest"},
	"digest":   {"handlers"},
	"search":   {"bot"},
	"calendar": {"bot"},
}

func TestImportsFollowTheDrawing(t *testing.T) {
	t.Parallel()
	folders, err := readImports(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) == 0 {
		t.Fatal("no Go files found: the test looked at nothing")
	}
	for folder, imports := range folders {
		for _, fault := range faults(folder, imports) {
			t.Error(fault)
		}
	}
}

func TestABadImportIsCaught(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ folder, path, want string }{
		{"handlers", "rapporteur/digest", "handlers must never import rapporteur/digest"},
		{"digest", "rapporteur/handlers", "digest must never import rapporteur/handlers"},
		{"search", "rapporteur/bot", "search must never import rapporteur/bot"},
		{"calendar", "rapporteur/bot/slack", "calendar must never import rapporteur/bot/slack"},
		{"bot", "rapporteur/bot/slack", "bot may not import rapporteur/bot/slack"},
		{"handlers", "github.com/slack-go/slack", "handlers may not import github.com/slack-go/slack"},
		{"bot/slack", "github.com/slack-go/slacker", "bot/slack may not import github.com/slack-go/slacker"},
		{".", "rapporteur/bot/slack/slackfake", ". may not import rapporteur/bot/slack/slackfake"},
		{"util", "strings", "util is not in the drawing: put it there"},
	} {
		if got := faults(c.folder, []string{"context", c.path}); len(got) == 0 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("%s importing %s: got %q, want %q", c.folder, c.path, got, c.want)
		}
	}
	for folder, path := range map[string]string{"digest": "github.com/robfig/cron/v3", "bot/slack": "rapporteur/bot", "bot": "net/http"} {
		if got := faults(folder, []string{path}); len(got) != 0 {
			t.Errorf("%s importing %s: got %q, want no fault", folder, path, got)
		}
	}
}

// faults says in sentences what is wrong with the imports of a folder.
func faults(folder string, imports []string) []string {
	allowed, drawn := drawing[folder]
	if !drawn {
		return []string{folder + " is not in the drawing: put it there (imports_test.go and ARCHITECTURE.md), with what it may import"}
	}
	var found []string
	for _, path := range imports {
		own, isOwn := strings.CutPrefix(path, "rapporteur/")
		first, _, _ := strings.Cut(path, "/")
		switch {
		case isOwn && slices.ContainsFunc(never[folder], func(n string) bool { return within(own, n) }):
			found = append(found, fmt.Sprintf("%s must never import %s", folder, path))
		case isOwn && slices.Contains(allowed, own):
		case !isOwn && !strings.Contains(first, "."): // the standard library
		case !isOwn && slices.ContainsFunc(allowed, func(m string) bool { return within(path, m) }):
		default:
			found = append(found, fmt.Sprintf("%s may not import %s: the drawing allows %q", folder, path, allowed))
		}
	}
	return found
}

func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// readImports lists what the Go files of each folder import, tests left out,
// whatever their build tags. Modules of their own are not entered.
func readImports(root string) (map[string][]string, error) {
	folders := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root {
			_, statErr := os.Stat(filepath.Join(path, "go.mod"))
			if statErr == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		imports := folders[folder]
		for _, spec := range file.Imports {
			imports = append(imports, strings.Trim(spec.Path.Value, "\"`"))
		}
		folders[folder] = imports // a folder that imports nothing is a folder too
		return nil
	})
	return folders, err
}
