package handlers_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"rapporteur/corpus"
)

// statements loads texts, each with its header, by file name.
func statements(t *testing.T, texts map[string]string) []*corpus.Document {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range texts {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	docs, problems, err := corpus.Load(files)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return docs
}

// TestWhenSaysHowADateIsKnown asks for times of statements whose own dates are
// known in different ways.
func TestWhenSaysHowADateIsKnown(t *testing.T) {
	t.Parallel()
	mux := desk(t, statements(t, map[string]string{
		"a.md": "---\ntitle: Undated\ndelegation: Atlantis\n---\nThe whale panel was convened in April this year and reports by 2030.\n",
		"b.md": "---\ntitle: Dated in its text\ndelegation: Lemuria\ndate: 2022-05-04\ndate_source: text\n---\nThe squid panel met last month, and again on 5 June.\n",
		"c.md": "---\ntitle: French\ndelegation: Avalon\nlanguage: fr\ndate: 2022-05-04\n---\nLe comité des baleines se réunira du 26 au 30 juillet 2022 et rendra son rapport avant 2024.\n",
		"d.md": "---\ntitle: Later\ndelegation: Lemuria\ndate: 2023-01-02\n---\nThe squid panel closed in 2023.\n",
	})...)
	for _, c := range []struct {
		at, text   string
		want, none []string
	}{
		{"2026-11-23", "when whale panel", []string{
			`"April this year" (month precision) — not reckoned: the statement's date is not known well enough; by 2030 (deadline, year precision) — stated in the text`,
			"The statement's own date: not known",
		}, []string{"2021", "April 2026"}},
		{"2022-11-23", "when squid panel", []string{
			`April 2022 (month precision) — "last month", reckoned from the statement's date, 4 May 2022; "5 June" (day precision) — stated in the text without a year`,
			"The statement's own date: 4 May 2022, stated in the text",
		}, []string{"2023", "metadata"}},
		{"2026-11-23", "when squid panel", []string{
			"2023 (year precision) — stated in the text",
			"The statements' own dates:", "4 May 2022, stated in the text — Dated in its text", "not in the text; from metadata, 2 January 2023 — Later",
		}, nil},
		{"2026-11-23", "when baleines", []string{
			`26–30 July 2022 (range, day precision) — stated in the text; by 2023 (deadline, year precision) — "avant 2024", stated in the text`,
		}, nil},
	} {
		got := say(t, mux, c.at, c.text).String()
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("as of %s, %s\n got %s\nwant it to hold %q", c.at, c.text, got, want)
			}
		}
		for _, none := range c.none {
			if strings.Contains(got, none) {
				t.Errorf("as of %s, %s\n got %s\nwant it not to hold %q", c.at, c.text, got, none)
			}
		}
	}
}

// TestATimelineIsInOneOrderOfTime mixes expressions of several statements; what
// has no date comes last, under its heading.
func TestATimelineIsInOneOrderOfTime(t *testing.T) {
	t.Parallel()
	mux := desk(t, statements(t, map[string]string{
		"a.md": "---\ntitle: One\ndelegation: Atlantis\ndate: 2022-05-04\n---\nThe whale panel was founded in the 1990s and sits until 2025.\n\nThe whale panel met yesterday, and on 5 June.\n\nThe whale panel has rules. Their first list dates from 2018.\n\nThe squid met in 2017. The whale panel did not.\n",
		"b.md": "---\ntitle: Two\ndelegation: Lemuria\ndate: 2023-05-04\n---\nThe whale panel was renewed on 3 May 2022 for 2021-2025.\n",
	})...)
	reply := say(t, mux, "2026-11-23", "timeline whale panel")
	if strings.Contains(reply.String(), "2017") {
		t.Errorf("got %s\nwant nothing of the sentence before one on the topic", reply)
	}
	got, last := reply.String(), -1
	for _, want := range []string{
		"1990s (decade precision) — stated in the text, ¶1\n",
		"2018 (year precision) — stated in the text, ¶3\n",
		"2021–2025 (range, year precision) — stated in the text, ¶1\n",
		`3 May 2022 (day precision) — "yesterday", reckoned from the statement's date, 4 May 2022, ¶2`,
		"3 May 2022 (day precision) — stated in the text, ¶1, Lemuria, quoted above",
		"until 2025 (range, year precision) — stated in the text, ¶1, Atlantis, quoted above",
		"Without a date",
		`"5 June" (day precision) — stated in the text without a year, ¶2, Atlantis, quoted above`,
		"The statements' own dates:",
	} {
		at := strings.Index(got, want)
		if at <= last {
			t.Errorf("got %s\nwant %q after what comes before it", got, want)
		}
		last = max(last, at)
	}
	if n := len(reply.Quotations()); n != 4 {
		t.Errorf("got %d quotations, want each of the 4 sentences once", n)
	}
}
