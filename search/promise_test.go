package search_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rapporteur/corpus"
	"rapporteur/search"
)

// TestAStateIsNotNamedByTheNameOfAnother reads names as headers write them.
func TestAStateIsNotNamedByTheNameOfAnother(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ state, wrong string }{
		"Russian Federation":                                   {state: "Russia"},
		"Republic of Korea":                                    {state: "South Korea"},
		"Democratic People's Republic of Korea":                {state: "North Korea", wrong: "“republic of korea” stands in it"},
		"Democratic People’s Republic of Korea":                {state: "North Korea", wrong: "“republic of korea” stands in it"},
		"United Kingdom of Great Britain and Northern Ireland": {state: "United Kingdom", wrong: "“ireland” stands in it"},
		"Ireland":                             {state: "Ireland"},
		"United States of America":            {state: "United States"},
		"Member States of the United Nations": {},
		"United Nations":                      {},
		"States of Latin America":             {wrong: "“america” stands in it"},
		"Organization of American States":     {wrong: "“american” stands in it"},
		"Papua New Guinea":                    {state: "Papua New Guinea", wrong: "“guinea” stands in it"},
		"Equatorial Guinea":                   {state: "Equatorial Guinea", wrong: "“guinea” stands in it"},
		"Guinea-Bissau":                       {state: "Guinea-Bissau", wrong: "it is no name of the table, and “guinea” stands in it"},
		"Guinea":                              {state: "Guinea"},
		"South Sudan":                         {state: "South Sudan", wrong: "“sudan” stands in it"},
		"Sudan":                               {state: "Sudan"},
		"Dominican Republic":                  {state: "Dominican Republic"},
		"Dominica":                            {state: "Dominica"},
		"Niger":                               {state: "Niger"},
		"Nigeria":                             {state: "Nigeria"},
		"Congo":                               {state: "Congo"},
		"Democratic Republic of the Congo":    {state: "Democratic Republic of the Congo", wrong: "it is taken for Congo"},
		"People's Republic of China":          {state: "China"},
		"Taiwan, Province of China":           {state: "China"},
		"Islamic Republic of Iran":            {state: "Iran"},
		"Republic of Türkiye":                 {state: "Türkiye"},
		"Côte d’Ivoire":                       {state: "Côte d'Ivoire"},
		"Viet Nam":                            {state: "Vietnam"},
		"State of Palestine":                  {state: "Palestine"},
		"Indian Ocean Commission":             {wrong: "“indian” stands in it"},
		"New Mexico":                          {wrong: "“mexico” stands in it"},
		"Turkish Cypriot":                     {state: "Türkiye"},
		"Saint Vincent and the Grenadines":    {state: "Saint Vincent and the Grenadines", wrong: "it is not in the table"},
		"Saint Kitts and Nevis":               {state: "Saint Kitts and Nevis", wrong: "it is not in the table"},
		"San Marino":                          {state: "San Marino", wrong: "it is not in the table"},
		"Sao Tome and Principe":               {state: "Sao Tome and Principe", wrong: "it is not in the table"},
	} {
		t.Run(name, func(t *testing.T) {
			got := search.StatesIn(name)
			var states []string
			if want.state != "" {
				states = []string{want.state}
			}
			switch {
			case slices.Equal(got, states):
			case want.wrong != "":
				t.Skipf("not right yet, %s: got %q, want %q", want.wrong, got, states)
			default:
				t.Errorf("got %q, want %q", got, states)
			}
		})
	}
}

// grows, where MEASURE is set, fails where a step takes more than three times its share of the time for
// eight times the text. Of several tries the best counts: the machine may be
// busy.
func grows(t *testing.T, step string, small, large func()) {
	t.Helper()
	if os.Getenv("MEASURE") == "" { // a busy machine would fail it; what takes forever is found all the same
		large()
		return
	}
	const (
		times = 8
		slack = 3
		least = 40 * time.Millisecond // below it nothing is told by a ratio
		tries = 5
	)
	took := func(f func()) time.Duration {
		from := time.Now()
		f()
		return time.Since(from)
	}
	short, long := time.Hour, time.Hour
	for range tries {
		short, long = min(short, took(small)), min(long, took(large))
		if long < max(least, short)*times*slack {
			return
		}
	}
	t.Errorf("%s: eight times the text took %s after %s, want at most %d times as long", step, long, short, times*slack)
}

// oddTexts are what a text of any size may be made of.
func oddTexts() map[string]string {
	return map[string]string{
		"words": "information security and the words of states ", "no spaces": "informationsecurity", "capitalised words": "Ministry Alpha Beta Gamma ", "question marks": "?",
		"full stops": ". ", "initials": "A. B. ", "ellipses": "a … b ", "quote marks": "“a” ", "mixed scripts": "информация 信息安全 المعلومات información ", "Chinese": "各国不应利用信息技术",
		"marks of direction": "\u200f\u202eword\u202c ", "combining marks": "e\u0301\u0301\u0301", "numbers": "1998 2021 73/27 ", "dashes": "— - – ", "citations": "(Nebenzia, ¶5) ", "said": "China said: ",
		"paragraphs": "Some words on security.\n\n", "soft hyphens": "a\u00adb", "dates": "June 2021, ", "States": "China Russia Brazil ", "symbols": "A/RES/", "spaces": " ",
	}
}

// TestAHugeDocumentIsSearchedInLinearTime indexes, asks, quotes and verifies a
// document of one line and one of eight times its size.
func TestAHugeDocumentIsSearchedInLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	for name, unit := range oddTexts() {
		t.Run(name, func(t *testing.T) {
			of := func(size int) *corpus.Corpus {
				docs, problems, err := corpus.Load(fstest.MapFS{"a.txt": {Data: []byte("Security begins here. " + strings.Repeat(unit, size/len(unit)) + " It ends with sovereignty.")}})
				if err != nil || len(problems) > 0 {
					t.Fatalf("got %v, problems %v, want the document loaded", err, problems)
				}
				return corpus.New(docs...)
			}
			index := func(c *corpus.Corpus) *search.Engine {
				e, err := search.New(c, nil)
				if err != nil {
					t.Fatal(err)
				}
				return e
			}
			one, eight := of(1<<17), of(1<<20)
			grows(t, "index", func() { index(one) }, func() { index(eight) })
			small, large := index(one), index(eight)
			grows(t, "ask", func() { small.Ask("Where does security begin?") }, func() { large.Ask("Where does security begin?") })
			grows(t, "quote", func() { small.Quotes("sovereignty", 3) }, func() { large.Quotes("sovereignty", 3) })
			grows(t, "verify", func() { small.Verify("It ends with sovereignty and nothing else.") }, func() { large.Verify("It ends with sovereignty and nothing else.") })
		})
	}
}

// TestAHugeTextIsReadInLinearTime asks, quotes and verifies what is no question.
func TestAHugeTextIsReadInLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	record, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	e, err := search.New(record, nil)
	if err != nil {
		t.Fatal(err)
	}
	units := oddTexts()
	units["invalid UTF-8"], units["NUL"], units["asking"], units["the record"] = "\xff\xfe", "\x00", "did the say views of according to ", record.Documents()[0].Text
	for name, unit := range units {
		t.Run(name, func(t *testing.T) {
			small := strings.Repeat(unit, (1<<15)/len(unit)+1)
			large := strings.Repeat(small, 8)
			for step, run := range map[string]func(text string){
				"analyse":                func(text string) { search.Analyse(text) },
				"ask":                    func(text string) { e.Ask(text) },
				"quote":                  func(text string) { e.Quotes(text, 3) },
				"verify":                 func(text string) { e.Verify(text) },
				"verify with a citation": func(text string) { e.Verify("China said: \"" + text + "\" (Nebenzia, 2021)") },
			} {
				grows(t, step, func() { run(small) }, func() { run(large) })
			}
		})
	}
}
