package calendar_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	other "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"rapporteur/calendar"
)

// file writes all sessions of a calendar.
func file(t *testing.T, c *calendar.Calendar, revisions map[string]calendar.Revision) []byte {
	t.Helper()
	data, err := c.ICS(calendar.Feed{
		Name: "Everything, and more: a test; with \\ marks", Sessions: c.Sessions(), Revisions: revisions,
		Processes: func(string) bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// validate says what RFC 5545 forbids in a file, as far as its lines tell.
func validate(data []byte) []string {
	var faults []string
	bad := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	text := string(data)
	if !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") || strings.Count(text, "\r") != strings.Count(text, "\r\n") {
		bad("a line does not end in CRLF")
	}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 {
			bad("line %d has %d octets, at most 75 are allowed (3.1)", n+1, len(line))
		}
		if strings.ToValidUTF8(line, "?") != line {
			bad("line %d splits a character", n+1)
		}
		name, _, _ := strings.Cut(line, ":")
		if parts := strings.Split(name, ";"); len(slices.Compact(slices.Sorted(slices.Values(parts)))) != len(parts) && !strings.HasPrefix(line, " ") {
			bad("line %d has a parameter twice: %s", n+1, name)
		}
	}
	cal, err := other.NewDecoder(bytes.NewReader(data)).Decode()
	if err != nil {
		return append(faults, err.Error())
	}
	once := func(c *other.Component, names ...string) {
		for _, name := range names {
			if got := len(c.Props[name]); got != 1 {
				bad("%s: %d of %s, want one", c.Name, got, name)
			}
		}
	}
	once(cal.Component, "VERSION", "PRODID", "METHOD", "CALSCALE")
	uids := map[string]bool{}
	for _, c := range cal.Children {
		switch c.Name {
		case "VEVENT":
			once(c, "UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS", "LAST-MODIFIED")
			uid := c.Props.Get("UID").Value
			if uids[uid] {
				bad("UID %s stands twice", uid)
			}
			uids[uid] = true
			start, err1 := c.Props.Get("DTSTART").DateTime(time.UTC)
			end, err2 := c.Props.Get("DTEND").DateTime(time.UTC)
			if err1 != nil || err2 != nil || !start.Before(end) {
				bad("%s: from %v to %v (%v, %v)", uid, start, end, err1, err2)
			}
			if !strings.HasSuffix(c.Props.Get("DTSTAMP").Value, "Z") {
				bad("%s: DTSTAMP %s is not in UTC (3.8.7.2)", uid, c.Props.Get("DTSTAMP").Value)
			}
			for _, a := range c.Children {
				once(a, "ACTION", "TRIGGER", "DESCRIPTION")
			}
		case "VTIMEZONE":
			once(c, "TZID")
			if len(c.Children) == 0 {
				bad("%s: no observance", c.Props.Get("TZID").Value)
			}
			for _, o := range c.Children {
				once(o, "DTSTART", "TZOFFSETFROM", "TZOFFSETTO")
			}
		default:
			bad("unexpected component %s", c.Name)
		}
	}
	return faults
}

func TestTheCalendarFileKeepsTheRulesOfRFC5545(t *testing.T) {
	t.Parallel()
	data := file(t, embedded(t), nil)
	for _, fault := range validate(data) {
		t.Error(fault)
	}
	if n := bytes.Count(data, []byte("BEGIN:VEVENT")); n < 50 {
		t.Errorf("got %d events, want those of the whole calendar", n)
	}
	for name, broken := range map[string][]byte{
		"line feeds":         bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")),
		"no SEQUENCE":        bytes.Replace(data, []byte("SEQUENCE"), []byte("X-OTHER"), 1),
		"unfolded":           bytes.ReplaceAll(data, []byte("\r\n "), nil),
		"a UID stands twice": append(bytes.TrimSuffix(data, []byte("END:VCALENDAR\r\n")), append(slices.Clone(firstEvent(data)), "END:VCALENDAR\r\n"...)...),
	} {
		if len(validate(broken)) == 0 {
			t.Errorf("%s: the validator finds no fault: it can find none", name)
		}
	}
}

func firstEvent(data []byte) []byte {
	from := bytes.Index(data, []byte("BEGIN:VEVENT"))
	to := bytes.Index(data, []byte("END:VEVENT\r\n")) + len("END:VEVENT\r\n")
	return data[from:to]
}

// read is what another program reads of an event.
type read struct {
	UID, Summary, Start, End, Location, Description, URL, Status, Sequence string
	Alarms                                                                 []string
}

func TestAnotherLibraryReadsWhatTheCalendarSays(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	changed := time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)
	cal, err := other.NewDecoder(bytes.NewReader(file(t, c, map[string]calendar.Revision{"gm-dtg-2026": {Sequence: 3, Changed: changed}}))).Decode()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]read{}
	for _, e := range cal.Events() {
		text := func(name string) string {
			p := e.Props.Get(name)
			if p == nil {
				return ""
			}
			if name == "URL" || name == "SEQUENCE" || strings.HasPrefix(name, "DT") {
				return p.Value
			}
			s, err := p.Text()
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return s
		}
		r := read{
			UID: text("UID"), Summary: text("SUMMARY"), Start: text("DTSTART"), End: text("DTEND"), Location: text("LOCATION"),
			Description: text("DESCRIPTION"), URL: text("URL"), Status: text("STATUS"), Sequence: text("SEQUENCE"),
		}
		for _, a := range e.Children {
			r.Alarms = append(r.Alarms, a.Props.Get("TRIGGER").Value)
		}
		got[r.UID] = r
	}
	seen := 0
	for _, s := range c.Sessions() {
		if s.Start.Precision() != calendar.ToDay {
			if _, there := got[s.ID+"@rapporteur"]; there {
				t.Errorf("%s: there is an event, though no day is known", s.ID)
			}
			continue
		}
		seen++
		r := got[s.ID+"@rapporteur"]
		last := s.End
		if last.Precision() != calendar.ToDay {
			last = s.Start
		}
		want := read{
			UID: s.ID + "@rapporteur", Start: s.Start.First().Format("20060102"), End: last.First().AddDate(0, 0, 1).Format("20060102"),
			Sequence: "0", Status: r.Status, Summary: r.Summary, Location: r.Location, Description: r.Description, URL: r.URL, Alarms: r.Alarms,
		}
		if s.ID == "gm-dtg-2026" {
			want.Sequence = "3"
		}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("%s (want, got):\n%s", s.ID, diff)
		}
		if !strings.HasSuffix(r.Summary, c.Label(s)) || !strings.Contains(r.Description, s.Source()) || (s.Notes != "" && !strings.Contains(r.Description, s.Notes)) || (s.City != "" && !strings.HasSuffix(r.Location, s.City)) {
			t.Errorf("%s: got %+v, want its label, source, notes and city word for word", s.ID, r)
		}
	}
	if seen != len(got) {
		t.Errorf("got %d events, want %d: the sessions whose day is known", len(got), seen)
	}
	deadline := got["cc-signature-close@rapporteur"]
	if diff := cmp.Diff([]string{"-P6DT15H", "-PT15H"}, deadline.Alarms); diff != "" {
		t.Errorf("alarms of a deadline (want, got):\n%s", diff)
	}
}

func TestReadByAnotherLibraryAndWrittenAgainTheFileSaysTheSame(t *testing.T) {
	t.Parallel()
	data := file(t, embedded(t), nil)
	first, err := other.NewDecoder(bytes.NewReader(data)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := other.NewEncoder(&again).Encode(first); err != nil {
		t.Fatal(err)
	}
	second, err := other.NewDecoder(&again).Decode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("(first, second):\n%s", diff)
	}
}

func TestACancelledSessionAndARowThatIsGoneAreToldAsCancelled(t *testing.T) {
	t.Parallel()
	c, err := embedded(t).Amended(calendar.Amendment{Row: "gm-dtg-2026", Field: "status", Value: "cancelled", Source: "https://example.org", Checked: calendar.Date{Year: 2026, Month: 11, Day: 24}})
	if err != nil {
		t.Fatal(err)
	}
	gone := calendar.Shown{Row: "gone-row", Kind: "session", Process: "global-mechanism", Label: "A session that was struck", Start: "2027-02-01", End: "2027-02-05"}
	data := file(t, c, map[string]calendar.Revision{"gone-row": {Sequence: 4, Changed: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Last: gone, Gone: true}})
	for _, fault := range validate(data) {
		t.Error(fault)
	}
	cal, err := other.NewDecoder(bytes.NewReader(data)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range cal.Events() {
		switch e.Props.Get("UID").Value {
		case "gm-dtg-2026@rapporteur", "gone-row@rapporteur":
			found++
			if got := e.Props.Get("STATUS").Value; got != "CANCELLED" || len(e.Children) != 0 {
				t.Errorf("%s: got status %s and %d alarms, want CANCELLED and none", e.Props.Get("UID").Value, got, len(e.Children))
			}
		}
	}
	if found != 2 {
		t.Errorf("got %d of the two events", found)
	}
}

func TestZoneDataTellsWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	s, _ := c.Session("cc-signature-close")
	data, err := c.ICS(calendar.Feed{Name: "one", Sessions: []calendar.Session{s}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"TZID:America/New_York\r\n",
		"BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nEND:DAYLIGHT\r\n",
		"BEGIN:STANDARD\r\nDTSTART:20261101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nEND:STANDARD\r\n",
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("got\n%s\nwant it to hold\n%s", data, want)
		}
	}
}

// TestTheNumberOfAnEventBelongsToWhatWasRegistered writes the file of a replica that
// still has older facts than the database has registered: no day goes out under a
// number that belongs to another, and what is gone is there once.
func TestTheNumberOfAnEventBelongsToWhatWasRegistered(t *testing.T) {
	t.Parallel()
	older, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	newer, err := older.Amended(calendar.Amendment{
		Row: "gm-dtg-2026", Field: "end", Value: "2026-12-18", Source: "https://example.org/new", Checked: calendar.Date{Year: 2026, Month: time.November, Day: 24},
	})
	if err != nil {
		t.Fatal(err)
	}
	moved, _ := newer.ShownRow("gm-dtg-2026")
	gone, _ := older.ShownRow("cc-signature-close")
	seen := time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)
	text := string(file(t, older, map[string]calendar.Revision{
		"gm-dtg-2026":        {Sequence: 1, Changed: seen, Last: moved},
		"cc-signature-close": {Sequence: 2, Changed: seen, Last: gone, Gone: true},
	}))
	event := func(row string) string {
		t.Helper()
		if n := strings.Count(text, "UID:"+row+"@rapporteur\r\n"); n != 1 {
			t.Fatalf("%s: got it %d times, want once", row, n)
		}
		for part := range strings.SplitSeq(text, "BEGIN:VEVENT") {
			if strings.Contains(part, "UID:"+row+"@rapporteur") {
				return part
			}
		}
		return ""
	}
	for row, wants := range map[string][]string{
		"gm-dtg-2026":        {"SEQUENCE:1\r\n", "DTEND;VALUE=DATE:20261219\r\n"},
		"cc-signature-close": {"SEQUENCE:2\r\n", "STATUS:CANCELLED\r\n"},
	} {
		for _, want := range wants {
			if got := event(row); !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %q in it", row, got, want)
			}
		}
	}
}
