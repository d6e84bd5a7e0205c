package calendar_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"rapporteur/calendar"
)

// whole is a calendar of one row of each kind, without a fault.
func whole() map[string]string {
	return map[string]string{
		"sources.yaml": `
- id: page
  url: https://example.org/page
  says: something
  checked: 2026-11-23
`,
		"processes.yaml": `
- id: group
  name: Working Group on Something
  short: Group
  kind: working-group
  start: 2021-06-01
  end: 2025-07
  chairs:
    - name: A. Person
      state: Country
      from: 2021
  outcomes:
    - symbol: A/1
      adopted: 2025-07
      consensus: true
  status: closed
  sources: [page]
  confidence: high
`,
		"sessions.yaml": `
- id: group-1
  process: group
  title: First session
  kind: substantive
  ordinal: 1
  start: 2021-12-13
  end: 2021-12-17
  status: held
  sources: [page]
  confidence: medium
  withheld:
    city: not read in a source
`,
		"milestones.yaml": `
- id: day
  date: 2021-06
  title: Group begins
  kind: session
  process: group
  sources: [page]
  confidence: low
`,
		"claims.yaml": `
- id: said
  document: speech
  wording: last summer
  kind: relative date
  event: Group begins
  date: 2021-06-01
  process: group
  milestone: day
  sources: [page]
  confidence: high
`,
		"figures.yaml": `
- id: number
  process: group
  ask: [members]
  text: The Group has ten members
  date: 2021-06-01
  sources: [page]
  confidence: high
`,
		"glossary.yaml": `
- id: word
  term: W
  expansion: Word
  definition: What is said.
  see: word
  sources: [page]
  confidence: high
`,
	}
}

func load(files map[string]string) error {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := calendar.Load(fsys)
	return err
}

func TestAFaultlessFolderLoads(t *testing.T) {
	t.Parallel()
	if err := load(whole()); err != nil {
		t.Errorf("got %v, want no error", err)
	}
}

func TestEachMistakeIsNamedWithItsFileAndLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"unknown key", "sessions.yaml", "  ordinal: 1", "  ordnal: 1", `sessions.yaml:6: unknown key "ordnal"`},
		{"unknown key of a chair", "processes.yaml", "      state: Country", "      land: Country", `processes.yaml:10: unknown field "land"`},
		{"unknown key of a source", "sources.yaml", "  says:", "  said:", `sources.yaml:4: unknown key "said"`},
		{"duplicate source", "sources.yaml", "- id: page", "- {id: page, url: 'https://example.org', says: x, checked: 2026-11-23}\n- id: page", `sources.yaml:3: page: the id is used twice`},
		{"duplicate term", "glossary.yaml", "- id: word", "- {id: word, term: x, expansion: y, definition: z, sources: [page], confidence: low}\n- id: word", `glossary.yaml:3: word: the id is used twice`},
		{"missing id", "milestones.yaml", "- id: day\n  date", "- date", `milestones.yaml:2: : id is missing`},
		{"duplicate key", "milestones.yaml", "  date: 2021-06", "  date: 2021-06\n  date: 2021-06", `milestones.yaml:4: mapping key "date" already defined at [3:3]`},
		{"unknown process of a session", "sessions.yaml", "process: group", "process: grupo", `sessions.yaml:2: group-1: unknown process "grupo"`},
		{"unknown process of a milestone", "milestones.yaml", "process: group", "process: grupo", `milestones.yaml:2: day: unknown process "grupo"`},
		{"unknown predecessor", "processes.yaml", "  status: closed", "  status: closed\n  predecessor: x", `processes.yaml:2: group: predecessor: unknown process "x"`},
		{"unknown successor", "processes.yaml", "  status: closed", "  status: closed\n  successor: x", `processes.yaml:2: group: successor: unknown process "x"`},
		{"successors in a circle", "processes.yaml", "  status: closed", "  status: closed\n  successor: group", `processes.yaml:2: group: successor: the successors run in a circle`},
		{"unknown source", "glossary.yaml", "[page]", "[paige]", `glossary.yaml:2: word: unknown source "paige"`},
		{"source twice", "glossary.yaml", "[page]", "[page, page]", `glossary.yaml:2: word: source "page" stands twice`},
		{"no source", "glossary.yaml", "  sources: [page]\n", "", `glossary.yaml:2: word: it has no source`},
		{"end before start", "sessions.yaml", "end: 2021-12-17", "end: 2021-12-12", `sessions.yaml:2: group-1: end 2021-12-12 is before start 2021-12-13`},
		{"mandate ends before it starts", "processes.yaml", "end: 2025-07", "end: 2021-05", `processes.yaml:2: group: end 2021-05 is before start 2021-06-01`},
		{"end without start", "sessions.yaml", "  start: 2021-12-13\n", "", `sessions.yaml:2: group-1: it has an end and no start`},
		{"broken date", "milestones.yaml", "2021-06", "June 2021", `milestones.yaml:2: day: date: date "June 2021": want YYYY-MM-DD, YYYY-MM or YYYY`},
		{"impossible date", "sources.yaml", "2026-11-23", "2026-11-31", `sources.yaml:2: page: checked: date "2026-11-31"`},
		{"checked in some month", "sources.yaml", "2026-11-23", "2026-11", `sources.yaml:2: page: checked: want a day, got "2026-11"`},
		{"unknown status", "sessions.yaml", "status: held", "status: done", `sessions.yaml:2: group-1: unknown status "done"`},
		{"unknown confidence", "sessions.yaml", "confidence: medium", "confidence: sure", `sessions.yaml:2: group-1: unknown confidence "sure"`},
		{"withheld of no field", "sessions.yaml", "    city:", "    town:", `sessions.yaml:2: group-1: withheld: there is no field "town"`},
		{"withheld without a reason", "sessions.yaml", "not read in a source", "''", `sessions.yaml:2: group-1: withheld: the reason for city is missing`},
		{"no web address", "sources.yaml", "https://example.org/page", "page.txt", `sources.yaml:2: page: url "page.txt" is no web address`},
		{"page without web address", "sessions.yaml", "  status: held", "  status: held\n  page_url: ftp://x", `sessions.yaml:2: group-1: page_url "ftp://x" is no web address`},
		{"webcast without web address", "sessions.yaml", "  status: held", "  status: held\n  webcast_url: x", `sessions.yaml:2: group-1: webcast_url "x" is no web address`},
		{"chair without name", "processes.yaml", "- name: A. Person\n      state: Country", "- note: somebody", `processes.yaml:2: group: chairs: a chair has neither name nor state`},
		{"empty outcome", "processes.yaml", "- symbol: A/1\n      adopted", "- adopted", `processes.yaml:2: group: outcomes: an outcome has neither symbol nor note`},
		{"unknown term to see", "glossary.yaml", "see: word", "see: wort", `glossary.yaml:2: word: see: unknown term "wort"`},
		{"missing title", "sessions.yaml", "title: First session", "title: ''", `sessions.yaml:2: group-1: title is missing`},
		{"unknown process of a claim", "claims.yaml", "process: group", "process: x", `claims.yaml:2: said: unknown process "x"`},
		{"unknown milestone of a claim", "claims.yaml", "milestone: day", "milestone: night", `claims.yaml:2: said: unknown milestone "night"`},
		{"claim of no document", "claims.yaml", "document: speech", "document: ''", `claims.yaml:2: said: document is missing`},
		{"claim that ends before it begins", "claims.yaml", "  process: group", "  end: 2020\n  process: group", `claims.yaml:2: said: end 2020 is before date 2021-06-01`},
		{"claim with an end alone", "claims.yaml", "  date: 2021-06-01", "  end: 2021", `claims.yaml:2: said: it has an end and no date`},
		{"figure that nobody can ask for", "figures.yaml", "ask: [members]", "ask: []", `figures.yaml:2: number: ask is missing`},
		{"figure without a date", "figures.yaml", "  date: 2021-06-01\n", "", `figures.yaml:2: number: date is missing`},
		{"unknown process of a figure", "figures.yaml", "process: group", "process: x", `figures.yaml:2: number: unknown process "x"`},
		{"broken day of announcement", "sessions.yaml", "  ordinal: 1", "  ordinal: 1\n  announced: soon", `sessions.yaml:2: group-1: announced: date "soon"`},
		{"no list", "glossary.yaml", "- id: word\n", "", `glossary.yaml:2: want a list of rows`},
		{"no YAML", "glossary.yaml", "term: W", "term: [W", `glossary.yaml:`},
		{"wrong type", "sessions.yaml", "ordinal: 1", "ordinal: first", `sessions.yaml:6: `},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := whole()
			broken := strings.Replace(files[c.file], c.old, c.new, 1)
			if broken == files[c.file] {
				t.Fatalf("the fixture is not broken: %q does not stand in %s", c.old, c.file)
			}
			files[c.file] = broken
			err := load(files)
			if err == nil {
				t.Fatalf("got no error, want %q", c.want)
			}
			if got := err.Error(); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

func TestAMissingFileIsNamed(t *testing.T) {
	t.Parallel()
	for name := range whole() {
		files := whole()
		delete(files, name)
		if err := load(files); err == nil || !strings.Contains(err.Error(), name+": open "+name) {
			t.Errorf("got %v, want an error that names %s", err, name)
		}
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	files := whole()
	files["sessions.yaml"] = strings.NewReplacer("held", "done", "ordinal:", "ordnal:", "kind:", "sort:", "process: group", "process: x").Replace(files["sessions.yaml"])
	files["milestones.yaml"] = strings.Replace(files["milestones.yaml"], "low", "lower", 1)
	files["glossary.yaml"] += "- id: word\n"
	err := load(files)
	if err == nil {
		t.Fatal("got no error, want many")
	}
	for _, want := range []string{
		`sessions.yaml:5: unknown key "sort"`, `sessions.yaml:6: unknown key "ordnal"`, `sessions.yaml:2: group-1: unknown process "x"`,
		`sessions.yaml:2: group-1: unknown status "done"`, `milestones.yaml:2: day: unknown confidence "lower"`,
		`glossary.yaml:9: word: the id is used twice`, `glossary.yaml:9: word: definition is missing`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
}
