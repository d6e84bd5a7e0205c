package calendar_test

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapporteur/calendar"
)

func embedded(t *testing.T) *calendar.Calendar {
	t.Helper()
	c, err := calendar.Embedded()
	if err != nil {
		t.Fatalf("the embedded facts do not load: %v", err)
	}
	return c
}

// row is any row with its common part.
type row struct {
	fact calendar.Fact
	all  any
}

func rows(c *calendar.Calendar) []row {
	var out []row
	for _, p := range c.Processes() {
		out = append(out, row{p.Fact, p})
	}
	for _, s := range c.Sessions() {
		out = append(out, row{s.Fact, s})
	}
	for _, m := range c.Milestones() {
		out = append(out, row{m.Fact, m})
	}
	for _, t := range c.Terms() {
		out = append(out, row{t.Fact, t})
	}
	for _, claim := range c.Claims() {
		out = append(out, row{claim.Fact, claim})
	}
	for _, f := range c.Figures() {
		out = append(out, row{f.Fact, f})
	}
	return out
}

// texts calls f for every exported string that v shows, with its path. Fields
// named in skip are left out.
func texts(path string, v reflect.Value, skip []string, f func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		f(path, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !slices.Contains(skip, name) {
				texts(path+"."+name, v.Field(i), skip, f)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(fmt.Sprintf("%s[%d]", path, i), v.Index(i), skip, f)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			texts(path+"."+key.String(), v.MapIndex(key), skip, f)
		}
	default: // numbers and the like show no text
	}
}

func TestTheEmbeddedFactsLoadWithEveryRow(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	got := []int{len(c.Processes()), len(c.Sessions()), len(c.Milestones()), len(c.Terms()), len(c.Claims()), len(c.Figures()), c.Rows()}
	if diff := cmp.Diff([]int{14, 93, 47, 49, 19, 14, 236}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestEveryRowHasASourceWithAddressAndDayAndAConfidence(t *testing.T) {
	t.Parallel()
	for _, r := range rows(embedded(t)) {
		if len(r.fact.Sources) == 0 || r.fact.Source() == "" {
			t.Errorf("%s: got no source, want one", r.fact.ID)
		}
		for _, s := range r.fact.Sources {
			if u, err := url.Parse(s.URL); err != nil || u.Host == "" {
				t.Errorf("%s: source %s: got address %q, want one of the web", r.fact.ID, s.ID, s.URL)
			}
			if got := s.Checked.Precision(); got != calendar.ToDay {
				t.Errorf("%s: source %s: got checked %q, want a day", r.fact.ID, s.ID, s.Checked.ISO())
			}
		}
		if got := r.fact.Checked().ISO(); got != "2026-11-23" {
			t.Errorf("%s: got checked %q, want 2026-11-23", r.fact.ID, got)
		}
		if got := r.fact.Confidence; got != calendar.High && got != calendar.Medium && got != calendar.Low {
			t.Errorf("%s: got confidence %q, want high, medium or low", r.fact.ID, got)
		}
	}
}

func TestNoShownFieldAdmitsToBeingUnverified(t *testing.T) {
	t.Parallel()
	doubts := []string{
		"not verified", "unverified", "memory", "recollect", "assumed", "inferred", "aggregator", "not read", "not printed", "reportedly", "implied",
	}
	for _, r := range rows(embedded(t)) {
		texts(r.fact.ID, reflect.ValueOf(r.all), []string{"Notes", "Withheld", "Sources"}, func(path, text string) {
			for _, doubt := range append(doubts, "second-hand", "second hand") {
				if strings.Contains(strings.ToLower(text), doubt) {
					t.Errorf("%s: got %q, want nothing with %q in it", path, text, doubt)
				}
			}
		})
	}
}

func TestNoWithheldValueStandsAnywhere(t *testing.T) {
	t.Parallel()
	// Every value that the notes gave without a source. Hyphens stand for dashes.
	values := []string{
		"Coutinho", "Geier", "A/RES/56/19", "56/19", "A/77/275", "A/78/265", "77/37", "76/19", "A/C.1/53/3",
		"23 September 1998", "8 December 2003", "27 December 2013", "23 December 2015", "8 November 2018", "9 November 2020",
		"28 November 2016", "Spain", "October 2020", "autumn 2020", "5-9 December", "13-17 May", "46 against",
		"13 rules", "8 September 2026", "8 Sep 2026", "7 September 2027", "7 Sep 2027", "7 Dec 2022", "ten-day sessions",
		"5-6 Dec", "9-13 Dec", "17-21 Aug", "20-21 May", "20-21 and 24-28 May", "Palais des Nations", "deadlocked",
		"between one and three", "29 July 2022 ", "28 July 2023",
	}
	for _, r := range rows(embedded(t)) {
		texts(r.fact.ID, reflect.ValueOf(r.all), nil, func(path, text string) {
			text = strings.ReplaceAll(text, "–", "-")
			for _, value := range values {
				if strings.Contains(text, value) {
					t.Errorf("%s: got %q, want it without %q", path, text, value)
				}
			}
		})
	}
}

func TestWithheldFieldsAreEmptyOrLessExact(t *testing.T) {
	t.Parallel()
	// Every row in which something was left out: what its fields say now.
	want := map[string]map[string]string{
		"gge-2004":            {"resolutions": "A/RES/58/32"},
		"gge-2014":            {"chairs": "", "outcomes": "A/70/174 2015"},
		"gge-2016":            {"chairs": "(Germany)"},
		"oewg-2021":           {"outcomes": " 2022-07;  2023-07; A/79/214 2024-07-12; A/80/257 2025-07-11"},
		"poa":                 {"resolutions": "A/RES/78/16", "start": "2020"},
		"gge-2012-m2":         {"venue": ""},
		"gge-2019-inf1":       {"start": "2019-12", "end": "2019-12", "city": ""},
		"gge-2019-s1":         {"start": "2019-12", "end": "2019-12", "city": ""},
		"gge-2019-s2":         {"venue": ""},
		"gge-2019-s3-planned": {"start": "2020-08", "end": "2020-08", "city": ""},
		"gge-2019-inf2":       {"start": "2021-05", "end": "2021-05", "city": "", "status": "presumed-held"},
		"gge-2019-s4":         {"start": "2021-05", "format": ""},
		"oewg2-inter-2022-12": {"start": "2022-12", "end": "2022-12"},
		"oewg2-inter-2023":    {"title": "Further informal intersessional meetings", "start": "", "end": "", "city": "", "status": "unknown"},
		"oewg2-s5":            {"outcome": "Second annual progress report adopted."},
		"oewg2-poc-brief":     {"status": "presumed-held"},
		"oewg2-inter-2024-05": {"start": "2024-05", "end": "2024-05", "status": "presumed-held"},
		"oewg2-townhall":      {"start": "2025-02", "end": "2025-02"},
		"gm-plenary-2026":     {"city": "", "venue": ""},
		"gm-dtg-2026":         {"city": "", "venue": "", "chair": ""},
		"c1-73":               {"start": "2018", "end": "2018"},
		"c1-75":               {"start": "2020", "end": "2020"},
		"c1-78":               {"start": "2023", "end": "2023"},
		"c1-80":               {"outcome": "About 60 drafts forwarded to the Assembly."},
		"c1-81":               {"start": "2026", "end": "2026"},
		"ga-81-open":          {"start": "2026", "end": "2026"},
		"ahc-rop":             {"outcome": "Draft rules of procedure debated."},
		"ahc-protocol":        {"city": ""},
		"sc-2016":             {"start": "2016", "end": "2016", "chair": ""},
		"sc-2021-12":          {"kind": "informal"},
		"ms-01":               {"date": "1998-09", "symbol": ""},
		"ms-03":               {"symbol": ""},
		"ms-04":               {"date": "2003"},
		"ms-08":               {"date": "2013"},
		"ms-10":               {"date": "2015"},
		"ms-12":               {"title": "Assembly adopts the Russian text that creates the first OEWG"},
		"ms-18":               {"date": "2020"},
		"ms-28":               {"symbol": ""},
		"ms-30":               {"date": "2022-07", "symbol": ""},
		"ms-31":               {"date": "2023-07", "symbol": ""},
		"ms-33":               {"date": ""},
		"ms-41":               {"date": "2025"},
		"ms-45":               {"title": "Global Mechanism's first substantive plenary session due to open"},
		"claim-03":            {"date": ""},
		"claim-06":            {"date": "1998-09"},
		"claim-10":            {"event": "A/RES/73/27, adopted with 119 votes in favour"},
		"claim-19":            {"date": "2018", "end": "2020"},
	}
	got := map[string]map[string]string{}
	for _, r := range rows(embedded(t)) {
		for field, reason := range r.fact.Withheld {
			if got[r.fact.ID] == nil {
				got[r.fact.ID] = map[string]string{}
			}
			got[r.fact.ID][field] = shown(r.all, field)
			if reason == "" {
				t.Errorf("%s: %s: got no reason, want one", r.fact.ID, field)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("withheld fields (-want +got):\n%s", diff)
	}
}

// shown returns what a field of a row says, by the name it has in the files.
func shown(row any, field string) string {
	switch r := row.(type) {
	case calendar.Process:
		switch field {
		case "resolutions":
			return strings.Join(r.Resolutions, " ")
		case "start":
			return r.Start.ISO()
		case "chairs":
			var out []string
			for _, c := range r.Chairs {
				out = append(out, strings.TrimSpace(c.Name+" ("+c.State+")"))
			}
			return strings.Join(out, "; ")
		case "outcomes":
			var out []string
			for _, o := range r.Outcomes {
				out = append(out, o.Symbol+" "+o.Adopted.ISO())
			}
			return strings.Join(out, "; ")
		}
	case calendar.Session:
		return map[string]string{
			"title": r.Title, "kind": r.Kind, "start": r.Start.ISO(), "end": r.End.ISO(), "city": r.City, "venue": r.Venue,
			"format": r.Format, "status": string(r.Status), "chair": r.Chair, "outcome": r.Outcome,
		}[field]
	case calendar.Milestone:
		return map[string]string{"date": r.Date.ISO(), "title": r.Title, "symbol": r.Symbol}[field]
	case calendar.Claim:
		return map[string]string{"date": r.Date.ISO(), "end": r.End.ISO(), "event": r.Event}[field]
	}
	return "a field that the test does not know"
}

func TestARowChangedByItsReaderDoesNotChangeTheCalendar(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, p := range c.Processes() {
		for i := range p.Aliases {
			p.Aliases[i] = "changed"
		}
		for i := range p.Sources {
			p.Sources[i].URL = "changed"
		}
		for field := range p.Withheld {
			p.Withheld[field] = "changed"
		}
	}
	sessions := c.Sessions()
	sessions[0].Sources[0].URL = "changed"
	sessions[0].Title = "changed"
	for _, r := range rows(c) {
		texts(r.fact.ID, reflect.ValueOf(r.all), nil, func(path, text string) {
			if text == "changed" {
				t.Errorf("%s: got %q, want what the file says", path, text)
			}
		})
	}
}
