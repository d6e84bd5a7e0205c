package digest_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/store"
)

var update = flag.Bool("update", false, "write the golden editions anew")

// golden compares a text with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		ok(t, os.MkdirAll("testdata", 0o755))
		ok(t, os.WriteFile(file, []byte(got+"\n"), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	ok(t, err)
	if diff := cmp.Diff(strings.TrimSuffix(string(want), "\n"), got); diff != "" {
		t.Errorf("%s (want, got; -update writes it anew):\n%s", file, diff)
	}
}

// series are the editions of one subscription, one after the other, with what
// happens to calendar and record in between.
type series struct {
	t         *testing.T
	store     *store.Store
	corrector *digest.Corrector
	calendar  *calendar.Calendar
	corpus    *corpus.Corpus
	sub       bot.Subscription
	now       time.Time
	record    digest.Record
}

func newSeries(t *testing.T, first string, options map[string]string) *series {
	t.Helper()
	cal, record := known(t)
	due, err := time.Parse(time.RFC3339, first)
	ok(t, err)
	s := &series{t: t, store: keep(t), calendar: cal, corpus: record, now: due.Add(-time.Hour)}
	s.corrector = &digest.Corrector{Archive: s.store, Log: quiet(), Now: func() time.Time { return s.now }}
	s.sub, err = s.store.Subscribe(t.Context(), bot.Subscription{
		Room: bot.Room{Platform: "fake", ID: "A"}, Kind: digest.Kind, Cron: "0 8 * * *", Zone: "UTC", Options: options,
		CreatedAt: s.now, Next: due, Slot: due.Format("2006-01-02T15:04"), State: bot.SubscriptionActive,
	})
	ok(t, err)
	s.know()
	return s
}

// know lets calendar and record as they are now be known.
func (s *series) know(amended ...string) {
	s.t.Helper()
	ok(s.t, s.corrector.Know(s.t.Context(), s.calendar, s.corpus, amended...))
	lookout := digest.Lookout{Ledger: s.store, Log: quiet(), Now: func() time.Time { return s.now }}
	ok(s.t, lookout.Know(s.t.Context(), s.calendar, s.corpus))
}

func (s *series) press() *digest.Press {
	press := digest.NewPress(s.calendar, s.corpus, 30*24*time.Hour).Remembering(s.store).Revising(s.corrector)
	if s.record != nil {
		press = press.Quoting(s.record)
	}
	return press
}

// edition writes the edition that is due, posts it, and returns what it says.
func (s *series) edition(due string) bot.Reply {
	s.t.Helper()
	ctx := s.t.Context()
	at, err := time.Parse(time.RFC3339, due)
	ok(s.t, err)
	s.now = at
	subs, err := s.store.Subscriptions(ctx, s.sub.Room)
	ok(s.t, err)
	slot := at.Format("2006-01-02T15:04")
	ok(s.t, s.store.Plan(ctx, []bot.Plan{{Subscription: subs[0], Occurrences: []bot.Delivery{{Slot: slot, Due: at, State: bot.DeliveryPlanned}}, Next: at.AddDate(0, 0, 1), Slot: slot + "+"}}, at))
	claimed, err := s.store.Claim(ctx, "fake", at, time.Minute, 10)
	ok(s.t, err)
	if len(claimed) != 1 {
		s.t.Fatalf("%s: got %d deliveries, want one", due, len(claimed))
	}
	e := digest.Edition{Subscription: s.sub, Slot: slot, Due: at, Now: at}
	reply, err := s.press().Write(ctx, e)
	ok(s.t, err)
	again, err := s.press().Write(ctx, e)
	ok(s.t, err)
	receipt := bot.Receipt{}
	if len(reply) > 0 {
		receipt.ID = "event-" + slot
		ok(s.t, s.corrector.Posted(ctx, bot.Post{Room: s.sub.Room, Key: claimed[0].Key, Reply: reply, Purpose: bot.ForDigest}, receipt))
	}
	after, err := s.press().Write(ctx, e)
	ok(s.t, err)
	if reply.String() != again.String() || reply.String() != after.String() {
		s.t.Errorf("%s: the edition says something else when it is written again:\n%s", due, cmp.Diff(reply.String(), after.String()))
	}
	ok(s.t, s.store.Sent(ctx, claimed[0], receipt.ID, at))
	return reply
}

// document is a statement with a heading of its own.
func document(t *testing.T, id, title, text string) *corpus.Document {
	t.Helper()
	dir := t.TempDir()
	header := fmt.Sprintf("---\nid: %s\ntitle: %s\nkind: statement\nbody: First Committee\nspeaker: A. Delegate\ndelegation: Switzerland\ndate: 2026-11-24\ndate_source: text\nlanguage: en\n---\n", id, title)
	ok(t, os.WriteFile(filepath.Join(dir, id+".md"), []byte(header+text), 0o600))
	docs, problems, err := corpus.Load(os.DirFS(dir))
	ok(t, err)
	if len(problems) > 0 || len(docs) != 1 {
		t.Fatalf("got %d documents and the problems %v", len(docs), problems)
	}
	return docs[0]
}

// opening is how a statement begins that comes to its matter late.
var opening = strings.Repeat("Madam Chair, my delegation thanks you for giving us the floor today and assures you of its full support in the work that lies ahead of this Committee. ", 4)

func TestEditionsOfAWeekAreWorthReading(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", nil)
	s.record = spoken{s.corpus}
	golden(t, "edition-first", s.edition("2026-11-23T08:00:00Z").String())
	golden(t, "edition-nothing-new", s.edition("2026-11-24T08:00:00Z").String())
	s.calendar = moved(t, s.calendar, 24, "end", "2026-12-18")
	s.corpus = s.corpus.With(document(t, "ch-2026", "Statement by Switzerland", opening+"The Global Mechanism shall begin its thematic groups with capacity-building. "+opening))
	s.now = s.now.Add(2 * time.Hour)
	s.know("gm-dtg-2026")
	golden(t, "edition-changed-and-new", s.edition("2026-11-25T08:00:00Z").String())
	golden(t, "edition-week-ahead", s.edition("2026-12-01T08:00:00Z").String())
	golden(t, "edition-after-the-week-began", s.edition("2026-12-02T08:00:00Z").String())
}

// spoken finds every sentence of the record that names a topic.
type spoken struct{ corpus *corpus.Corpus }

func (r spoken) OnTopic(_ context.Context, topic string, _ time.Time) ([]bot.Quotation, error) {
	var out []bot.Quotation
	for _, p := range r.corpus.Passages() {
		if from := strings.Index(strings.ToLower(p.Text), strings.ToLower(topic)); from >= 0 && p.Para > 0 {
			q, err := p.Quote(0, len(p.Text))
			if err != nil {
				return nil, err
			}
			out = append(out, bot.Quotation{Quotation: q})
		}
	}
	return out, nil
}

func TestNothingIsSaidTwiceInConsecutiveEditionsUnlessItChanged(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-10-05T08:00:00Z", map[string]string{"lead": "60d"})
	s.record = spoken{s.corpus}
	type saying struct{ section, text string }
	said := map[string]saying{} // by row or code: as the last edition put it
	lines := 0
	for n := range 80 {
		due := time.Date(2026, time.October, 5+n, 8, 0, 0, 0, time.UTC)
		if due.Day() == 20 {
			s.calendar = moved(t, s.calendar, due.Day()+10, "end", fmt.Sprintf("2026-12-%02d", 11+int(due.Month()-9)))
			s.know("gm-dtg-2026")
		}
		section := ""
		for _, b := range s.edition(due.Format(time.RFC3339)) {
			id, text := "", ""
			switch b := b.(type) {
			case bot.Heading:
				section = b.Text
			case bot.Fact:
				if _, process := s.calendar.Process(b.ID); process || strings.HasPrefix(b.ID, "holidays-") {
					continue // how a count was made belongs to its line; a succession is explained until it is turned off
				}
				id, text = b.ID, b.Text
			case bot.Quotation:
				id = b.Code()
			}
			if id == "" {
				continue
			}
			lines++
			if strings.HasSuffix(text, ", tomorrow") || strings.HasSuffix(text, ", today") {
				continue // is named whatever was said before
			}
			if before, twice := said[id]; twice && section != "This week" && !strings.HasPrefix(section, "Changed since") {
				t.Errorf("%s: %s says %q again, which stood under %s before", due.Format(time.DateOnly), section, text, before.section)
			} else if twice && section == "This week" && before.section == section {
				t.Errorf("%s: %q stands under %s twice", due.Format(time.DateOnly), text, section)
			}
			said[id] = saying{section, text}
		}
	}
	if _, reminded := said["gm-dtg-2026"]; !reminded || lines < 6 {
		t.Errorf("got %d lines, want what is ahead announced once and reminded of once", lines)
	}
}

func TestAnEditionWithNothingNewIsOneLineOrSilence(t *testing.T) {
	t.Parallel()
	for empty, want := range map[string]string{
		"skip":  "",
		"short": "International information security at the UN, 24 November 2026: nothing new since the edition of 23 November 2026; 3 dates ahead as announced.",
	} {
		s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"empty": empty})
		if first := s.edition("2026-11-23T08:00:00Z"); len(first.Facts()) == 0 {
			t.Fatalf("%s: the first edition says nothing", empty)
		}
		if got := s.edition("2026-11-24T08:00:00Z").String(); got != want {
			t.Errorf("%s: got %q, want %q", empty, got, want)
		}
		s.calendar = moved(t, s.calendar, 24, "status", "cancelled")
		s.know("gm-dtg-2026")
		if got := s.edition("2026-11-25T08:00:00Z").String(); !strings.Contains(got, "status was takes place, now cancelled") {
			t.Errorf("%s: got %q, want the change", empty, got)
		}
	}
}

func TestNewDocumentsAreThoseOnTheTopicsWithTheWordsAroundTheMatch(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"topics": "capacity-building"})
	if got := s.edition("2026-11-23T08:00:00Z").String(); strings.Contains(got, "New in the corpus") {
		t.Errorf("got\n%s\nwant nothing new: the record was there from the beginning", got)
	}
	s.corpus = s.corpus.With(
		document(t, "ch-2026", "Statement by Switzerland", opening+"We ask that capacity building be funded from the regular budget. "+opening),
		document(t, "at-2026", "Statement by Austria", opening+"We turn to the safety of navigation. "+opening),
	)
	s.now = s.now.Add(time.Hour)
	s.know()
	got := s.edition("2026-11-24T08:00:00Z").String()
	for _, want := range []string{"New in the corpus\n", "We ask that capacity building be funded from the regular budget."} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant it to hold %q", got, want)
		}
	}
	if strings.Contains(got, "navigation") || strings.Count(got, "Madam Chair") > 2 {
		t.Errorf("got\n%s\nwant the match and its surroundings, and no other document", got)
	}
	if again := s.edition("2026-11-25T08:00:00Z").String(); strings.Contains(again, "New in the corpus") {
		t.Errorf("got\n%s\nwant it once", again)
	}
}

func TestOptionsTurnOffTheSuccessionAndAddAFile(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"succession": "no", "ics": "yes"})
	got := s.edition("2026-11-23T08:00:00Z")
	if strings.Contains(got.String(), "The OEWG 2021–2025 ended") {
		t.Errorf("got\n%s\nwant no word of the group that has ended", got)
	}
	files := got.Files()
	if len(files) != 1 || !bytes.Contains(files[0].Data, []byte("UID:gm-dtg-2026@rapporteur\r\n")) || !bytes.Contains(files[0].Data, []byte("SEQUENCE:0\r\n")) {
		t.Errorf("got %d files, want one with the meetings ahead", len(files))
	}
	s.calendar = moved(t, s.calendar, 24, "end", "2026-12-18")
	s.know("gm-dtg-2026")
	if files := s.edition("2026-11-25T08:00:00Z").Files(); len(files) != 1 || !bytes.Contains(files[0].Data, []byte("SEQUENCE:1\r\n")) {
		t.Error("the file of the next edition does not raise the sequence of what has changed")
	}
}
