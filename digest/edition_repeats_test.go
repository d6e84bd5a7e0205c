package digest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
)

// late is a record that finds the latest documents first, as a search by date does.
type late struct{ spoken }

func (r late) OnTopic(ctx context.Context, topic string, at time.Time) ([]bot.Quotation, error) {
	found, err := r.spoken.OnTopic(ctx, topic, at)
	var first, rest []bot.Quotation
	for _, q := range found {
		if strings.HasPrefix(q.Document().ID, "ch-") {
			first = append(first, q)
			continue
		}
		rest = append(rest, q)
	}
	return append(first, rest...), err
}

func TestWordsThatAreNewAreNotQuotedAgainByTheRecord(t *testing.T) {
	t.Parallel()
	const words = "The Global Mechanism shall begin its thematic groups with capacity-building."
	for name, text := range map[string]string{"the very words": words, "words among others": opening + words + " " + opening} {
		s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"topics": "Global Mechanism"})
		s.edition("2026-11-23T08:00:00Z")
		s.corpus = s.corpus.With(document(t, "ch-2026", "Statement by Switzerland", text))
		s.record = late{spoken{s.corpus}}
		s.now = s.now.Add(time.Hour)
		s.know()
		for _, c := range []struct {
			due  string
			want int
		}{{"2026-11-24T08:00:00Z", 1}, {"2026-11-25T08:00:00Z", 0}, {"2026-11-26T08:00:00Z", 0}} {
			if got := s.edition(c.due).String(); strings.Count(got, words) != c.want {
				t.Errorf("%s, %s: got\n%s\nwant the words %d times", name, c.due, got, c.want)
			}
		}
	}
}

func TestADocumentWhoseWordsTheRecordHasSaidIsNamedAsNew(t *testing.T) {
	t.Parallel()
	const words = "The Global Mechanism shall begin its thematic groups with capacity-building."
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{"topics": "Global Mechanism"})
	with := s.corpus.With(document(t, "ch-2026", "Statement by Switzerland", words))
	s.record = late{spoken{with}} // the search has the document before it counts as come in
	if got := s.edition("2026-11-23T08:00:00Z").String(); strings.Count(got, words) != 1 {
		t.Fatalf("got\n%s\nwant the record to say it", got)
	}
	s.corpus = with
	s.now = s.now.Add(time.Hour)
	s.know()
	got := s.edition("2026-11-24T08:00:00Z")
	holds(t, "what is new", section(got, "New in the corpus"), "Statement by Switzerland")
	if strings.Contains(got.String(), words) {
		t.Errorf("got\n%s\nwant the words once", got)
	}
}
