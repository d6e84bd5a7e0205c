package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rapporteur/corpus"
	"rapporteur/search"
)

// oddTexts are what a text of any size may be made of.
var oddTexts = map[string]string{
	"one line of words":     "information security and the words of states ",
	"no spaces":             "informationsecurity",
	"capitalised words":     "Ministry Alpha Beta Gamma ",
	"question marks":        "?",
	"full stops":            ". ",
	"initials":              "A. B. ",
	"ellipses":              "… ",
	"quote marks":           "“a” ",
	"mixed scripts":         "информация 信息安全 المعلومات información ",
	"Chinese without stops": "各国不应利用信息技术",
	"right-to-left marks":   "\u200f\u202eword\u202c ",
	"combining marks":       "e\u0301\u0301\u0301",
	"numbers":               "1998 2021 73/27 ",
	"dashes":                "— - – ",
	"brackets":              "(Nebenzia, ¶5) ",
	"colons":                "China said: ",
	"paragraphs":            "Some words on security.\n\n",
	"soft hyphens":          "a\u00adb",
	"years and months":      "June 2021, ",
	"States":                "China Russia Brazil ",
}

func load(t testing.TB, files map[string]string) *corpus.Corpus {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	docs, problems, err := corpus.Load(fsys)
	if err != nil || len(problems) > 0 {
		t.Fatalf("got %v, problems %v, want the files loaded", err, problems)
	}
	return corpus.New(docs...)
}

// TestAHugeDocumentIsSearchedInLinearTime compares what a document of 1 MB and
// one of 8 MB cost: to index, to ask, to quote, to verify.
func TestAHugeDocumentIsSearchedInLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	for name, unit := range oddTexts {
		t.Run(name, func(t *testing.T) {
			steps := func(size int) (names []string, took []time.Duration) {
				c := load(t, map[string]string{"a.txt": "Security begins here. " + strings.Repeat(unit, size/len(unit)) + " It ends with sovereignty."})
				time0 := time.Now()
				note := func(step string) {
					names, took = append(names, step), append(took, time.Since(time0))
					time0 = time.Now()
				}
				e, err := search.New(c, nil)
				if err != nil {
					t.Fatal(err)
				}
				note("index")
				e.Ask("Where does security begin?")
				note("ask")
				e.Quotes("sovereignty", 3)
				note("quote")
				e.Verify("It ends with sovereignty and nothing else.")
				note("verify")
				return names, took
			}
			names, small := steps(1 << 20)
			_, large := steps(8 << 20)
			for i := range small {
				fmt.Printf("%-24s %-8s %10v %10v %.1f\n", name, names[i], small[i].Round(time.Microsecond), large[i].Round(time.Microsecond), float64(large[i])/float64(small[i]))
			}
		})
	}
	_ = slices.Sorted[string]
}
