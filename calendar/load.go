package calendar

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

//go:embed facts
var facts embed.FS

// Embedded returns the calendar that is compiled into the program.
func Embedded() (*Calendar, error) {
	sub, err := fs.Sub(facts, "facts")
	if err != nil {
		return nil, fmt.Errorf("embedded facts: %w", err)
	}
	c, err := Load(sub)
	if err != nil {
		return nil, fmt.Errorf("embedded facts: %w", err)
	}
	return c, nil
}

// Load reads sources.yaml, processes.yaml, sessions.yaml, milestones.yaml,
// glossary.yaml, claims.yaml, figures.yaml and, where there is one, holidays.yaml.
// If anything is wrong in them, it returns no calendar and an error that joins all
// the mistakes, each with its file and line.
func Load(fsys fs.FS) (*Calendar, error) {
	l := &loader{fsys: fsys, sources: map[string]Source{}}
	l.readSources()
	c := &Calendar{}
	c.processes = l.readProcesses()
	c.sessions = l.readSessions(c)
	c.milestones = l.readMilestones(c)
	c.terms = l.readTerms()
	c.claims = l.readClaims(c)
	c.figures = l.readFigures(c)
	c.holidays = l.readHolidays()
	if len(l.problems) > 0 {
		return nil, errors.Join(l.problems...)
	}
	slices.SortStableFunc(c.processes, func(a, b Process) int { return byDate(a.Start, b.Start) })
	sortByDate(c)
	c.names = namesOf(c.processes)
	return c, nil
}

func sortByDate(c *Calendar) {
	slices.SortStableFunc(c.sessions, func(a, b Session) int { return byDate(a.Start, b.Start) })
	slices.SortStableFunc(c.milestones, func(a, b Milestone) int { return byDate(a.Date, b.Date) })
}

// loader reads the files and gathers what is wrong with them.
type loader struct {
	fsys     fs.FS
	sources  map[string]Source
	problems []error
}

func (l *loader) reporter(file string) func(int, error) {
	return func(line int, err error) {
		if line == 0 {
			l.problems = append(l.problems, fmt.Errorf("%s: %w", file, err))
			return
		}
		l.problems = append(l.problems, fmt.Errorf("%s:%d: %w", file, line, err))
	}
}

// checker reports what is wrong with one row.
type checker struct {
	line   int
	id     string
	report func(int, error)
}

func (c checker) fault(format string, args ...any) {
	// The arguments may hold an error to be wrapped.
	c.report(c.line, fmt.Errorf("%s: %w", c.id, fmt.Errorf(format, args...)))
}

func (c checker) need(field, value string) {
	if strings.TrimSpace(value) == "" {
		c.fault("%s is missing", field)
	}
}

func (c checker) date(field, value string) Date {
	d, err := ParseDate(value)
	if err != nil {
		c.fault("%s: %w", field, err)
	}
	return d
}

func (c checker) span(startField, start, endField, end string) (first, last Date) {
	first, last = c.date(startField, start), c.date(endField, end)
	if !first.IsZero() && !last.IsZero() && last.Last().Before(first.First()) {
		c.fault("%s %s is before %s %s", endField, end, startField, start)
	}
	return first, last
}

func (c checker) url(field, value string) {
	if u, err := url.Parse(value); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.fault("%s %q is no web address", field, value)
	}
}

// unique reports an ID that is missing or that the file has had before.
func (c checker) unique(seen map[string]bool) {
	c.need("id", c.id)
	if c.id != "" && seen[c.id] {
		c.fault("the id is used twice")
	}
	seen[c.id] = true
}

// fact makes the common part of a row, whose type names the keys it may withhold.
func (l *loader) fact(c checker, r factRow, row reflect.Type) Fact {
	f := Fact{ID: r.ID, Confidence: r.Confidence, Notes: r.Notes, Withheld: r.Withheld}
	if len(r.Sources) == 0 {
		c.fault("it has no source")
	}
	for i, id := range r.Sources {
		s, ok := l.sources[id]
		if !ok {
			c.fault("unknown source %q", id)
		}
		if slices.Contains(r.Sources[:i], id) {
			c.fault("source %q stands twice", id)
		}
		f.Sources = append(f.Sources, s)
	}
	switch r.Confidence {
	case High, Medium, Low:
	default:
		c.fault("unknown confidence %q", string(r.Confidence))
	}
	known := fieldsOf(row)
	for _, field := range slices.Sorted(maps.Keys(r.Withheld)) {
		if !known[field] {
			c.fault("withheld: there is no field %q", field)
		}
		c.need("withheld: the reason for "+field, r.Withheld[field])
	}
	return f
}

func (l *loader) readSources() {
	const file = "sources.yaml"
	seen := map[string]bool{}
	for _, p := range readRows[sourceRow](l.fsys, file, l.reporter(file)) {
		r, c := p.row, checker{p.line, p.row.ID, l.reporter(file)}
		c.unique(seen)
		c.url("url", r.URL)
		c.need("says", r.Says)
		checked := c.date("checked", r.Checked)
		if checked.Precision() != ToDay {
			c.fault("checked: want a day, got %q", r.Checked)
		}
		l.sources[r.ID] = Source{ID: r.ID, URL: r.URL, Says: r.Says, Checked: checked}
	}
}

func (l *loader) readProcesses() []Process {
	const file = "processes.yaml"
	rows := readRows[processRow](l.fsys, file, l.reporter(file))
	seen, successor := map[string]bool{}, map[string]string{}
	for _, p := range rows {
		successor[p.row.Fact.ID] = p.row.Successor
	}
	var out []Process
	for _, p := range rows {
		r, c := p.row, checker{p.line, p.row.Fact.ID, l.reporter(file)}
		c.unique(seen)
		c.need("name", r.Name)
		c.need("short", r.Short)
		c.need("kind", r.Kind)
		c.need("status", r.Status)
		if _, ok := successor[r.Predecessor]; !ok && r.Predecessor != "" {
			c.fault("predecessor: unknown process %q", r.Predecessor)
		}
		if _, ok := successor[r.Successor]; !ok && r.Successor != "" {
			c.fault("successor: unknown process %q", r.Successor)
		}
		for id, steps := r.Successor, 0; id != ""; id, steps = successor[id], steps+1 {
			if id == c.id || steps > len(rows) {
				c.fault("successor: the successors run in a circle")
				break
			}
		}
		process := Process{
			Fact: l.fact(c, r.Fact, reflect.TypeFor[processRow]()),
			Name: r.Name, Short: r.Short, Aliases: r.Aliases, Body: r.Body, Kind: r.Kind, Members: r.Members,
			Resolutions: r.Resolutions, Secretariat: r.Secretariat,
			Predecessor: r.Predecessor, Successor: r.Successor, Status: r.Status,
		}
		process.Start, process.End = c.span("start", r.Start, "end", r.End)
		for _, chair := range r.Chairs {
			if chair.Name == "" && chair.State == "" {
				c.fault("chairs: a chair has neither name nor state")
			}
			from, until := c.span("from", chair.From, "until", chair.Until)
			process.Chairs = append(process.Chairs, Chair{chair.Name, chair.State, chair.Note, from, until})
		}
		for _, o := range r.Outcomes {
			if o.Symbol == "" && o.Note == "" {
				c.fault("outcomes: an outcome has neither symbol nor note")
			}
			process.Outcomes = append(process.Outcomes, Outcome{o.Symbol, c.date("adopted", o.Adopted), o.Consensus, o.Note})
		}
		out = append(out, process)
	}
	return out
}

func (l *loader) readSessions(cal *Calendar) []Session {
	const file = "sessions.yaml"
	seen := map[string]bool{}
	var out []Session
	for _, p := range readRows[sessionRow](l.fsys, file, l.reporter(file)) {
		r, c := p.row, checker{p.line, p.row.Fact.ID, l.reporter(file)}
		c.unique(seen)
		c.need("title", r.Title)
		c.need("kind", r.Kind)
		if _, ok := cal.Process(r.Process); !ok {
			c.fault("unknown process %q", r.Process)
		}
		switch r.Status {
		case Held, PresumedHeld, Scheduled, Expected, Postponed, Cancelled, Open, Unknown:
		default:
			c.fault("unknown status %q", string(r.Status))
		}
		if r.PageURL != "" {
			c.url("page_url", r.PageURL)
		}
		if r.WebcastURL != "" {
			c.url("webcast_url", r.WebcastURL)
		}
		s := Session{
			Fact:    l.fact(c, r.Fact, reflect.TypeFor[sessionRow]()),
			Process: r.Process, Title: r.Title, Kind: r.Kind, Ordinal: r.Ordinal,
			City: r.City, Venue: r.Venue, Format: r.Format, Status: r.Status,
			Chair: r.Chair, Outcome: r.Outcome, PageURL: r.PageURL, WebcastURL: r.WebcastURL,
		}
		s.Start, s.End = c.span("start", r.Start, "end", r.End)
		if s.Start.IsZero() && !s.End.IsZero() {
			c.fault("it has an end and no start")
		}
		s.Announced = c.date("announced", r.Announced)
		out = append(out, s)
	}
	return out
}

func (l *loader) readMilestones(cal *Calendar) []Milestone {
	const file = "milestones.yaml"
	seen := map[string]bool{}
	var out []Milestone
	for _, p := range readRows[milestoneRow](l.fsys, file, l.reporter(file)) {
		r, c := p.row, checker{p.line, p.row.Fact.ID, l.reporter(file)}
		c.unique(seen)
		c.need("title", r.Title)
		c.need("kind", r.Kind)
		if _, ok := cal.Process(r.Process); !ok && r.Process != "" {
			c.fault("unknown process %q", r.Process)
		}
		out = append(out, Milestone{
			Fact: l.fact(c, r.Fact, reflect.TypeFor[milestoneRow]()),
			Date: c.date("date", r.Date), Title: r.Title, Kind: r.Kind, Process: r.Process, Symbol: r.Symbol,
		})
	}
	return out
}

func (l *loader) readTerms() []Term {
	const file = "glossary.yaml"
	rows := readRows[termRow](l.fsys, file, l.reporter(file))
	ids := map[string]bool{}
	for _, p := range rows {
		ids[p.row.Fact.ID] = true
	}
	seen := map[string]bool{}
	var out []Term
	for _, p := range rows {
		r, c := p.row, checker{p.line, p.row.Fact.ID, l.reporter(file)}
		c.unique(seen)
		c.need("term", r.Term)
		c.need("expansion", r.Expansion)
		c.need("definition", r.Definition)
		if r.See != "" && !ids[r.See] {
			c.fault("see: unknown term %q", r.See)
		}
		out = append(out, Term{
			Fact: l.fact(c, r.Fact, reflect.TypeFor[termRow]()),
			Term: r.Term, Expansion: r.Expansion, Aliases: r.Aliases, Definition: r.Definition, See: r.See,
		})
	}
	return out
}
