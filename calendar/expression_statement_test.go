package calendar_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rapporteur/calendar"
	"rapporteur/corpus"
)

var update = flag.Bool("update", false, "write the golden list anew")

// TestEveryExpressionOfTheStatement lists all that the embedded statement says of
// time, paragraph by paragraph. The list was checked by reading the statement.
func TestEveryExpressionOfTheStatement(t *testing.T) {
	t.Parallel()
	record, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, doc := range record.Documents() {
		said, err := calendar.ParseDate(doc.Date)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "said %s\n", said)
		for _, p := range doc.Passages() {
			for _, e := range calendar.Expressions(p.Text, said) {
				fmt.Fprintf(&b, "¶%d “%s” → %s (%s), %s\n", p.Para, p.Text[e.From:e.To], e.When(), e.Typed(), e.Provenance)
			}
		}
	}
	const file = "testdata/statement-expressions.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
