package calendar_test

import (
	"cmp"
	"strings"
	"testing"

	"rapporteur/calendar"
)

// drawn writes the expressions of a text, one after the other: the words, their
// precision, first and last date, and what else is known.
func drawn(text string, said calendar.Date) string {
	var out []string
	for _, e := range calendar.Expressions(text, said) {
		s := []string{text[e.From:e.To] + " = " + string(e.Precision) + " " + e.Start.ISO()}
		if e.Start != e.End {
			s[0] += ".." + e.End.ISO()
		}
		for _, more := range []string{string(e.Part), e.Clock} {
			if more != "" {
				s = append(s, more)
			}
		}
		if e.Provenance != calendar.InText {
			s = append(s, string(e.Provenance))
		}
		out = append(out, strings.Join(s, ", "))
	}
	return strings.NewReplacer(string(calendar.Reckoned), "reckoned", string(calendar.Unreckoned), "unreckoned", string(calendar.Yearless), "yearless").Replace(strings.Join(out, " | "))
}

var said = calendar.Date{Year: 2021, Month: 6, Day: 29}

func TestExpressionsAreFoundAndTyped(t *testing.T) {
	t.Parallel()
	for _, c := range expressionTable {
		if got := drawn(c.text, said); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestWithoutADateOfTheTextNothingIsReckoned(t *testing.T) {
	t.Parallel()
	const text = "In April this year, today, two years ago, last month, since next year; but 1998 stands, and so does June 2021."
	want := "April this year = month , unreckoned | today = day , unreckoned | two years ago = year , unreckoned | last month = month , unreckoned | " +
		"since next year = range , unreckoned | 1998 = year 1998 | June 2021 = month 2021-06"
	if got := drawn(text, calendar.Date{}); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestAVagueDateOfTheTextReckonsNoMoreThanItCan knows only the year, then only the
// month, in which something was said.
func TestAVagueDateOfTheTextReckonsNoMoreThanItCan(t *testing.T) {
	t.Parallel()
	const text = "this year, last month, today, next Friday, five more years"
	for _, c := range []struct {
		said calendar.Date
		want string
	}{
		{calendar.Date{Year: 2021}, "this year = year 2021, reckoned | last month = month , unreckoned | today = day , unreckoned | next Friday = day , unreckoned | five more years = range 2021..2026, reckoned"},
		{calendar.Date{Year: 2021, Month: 1}, "this year = year 2021, reckoned | last month = month 2020-12, reckoned | today = day , unreckoned | next Friday = day , unreckoned | five more years = range 2021..2026, reckoned"},
		{calendar.Date{Year: 2021, Month: 1, Day: 1}, "this year = year 2021, reckoned | last month = month 2020-12, reckoned | today = day 2021-01-01, reckoned | next Friday = day 2021-01-08, reckoned | five more years = range 2021..2026, reckoned"},
	} {
		if got := drawn(text, c.said); got != c.want {
			t.Errorf("said %v\n got %s\nwant %s", c.said, got, c.want)
		}
	}
}

func TestALineBreakHoldsAnExpressionTogetherAndABlankLinePartsIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"on 26\nMarch\n2021":                 "26\nMarch\n2021 = day 2021-03-26",
		"on 26\u00a0March\u202f2021":         "26\u00a0March\u202f2021 = day 2021-03-26",
		"It ended in June\n\n2021 was next.": "June = month , yearless | 2021 = year 2021",
		"2021\u200f-\u200f2025":              "2021\u200f-\u200f2025 = range 2021..2025",
		"1998\xff\xfe":                       "",
		"\xff 1998 \xfe":                     "1998 = year 1998",
	} {
		if got := drawn(text, said); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}

// TestWhatAPersonReads goes from the words to the two phrases that a reply shows.
func TestWhatAPersonReads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"in 1998":                         "1998, year precision",
		"in early 2000s":                  "early 2000s, decade precision",
		"au début des années 2000":        "early 2000s, decade precision",
		"mid-2023":                        "mid-2023, year precision",
		"с 2021 по 2025 год":              "2021–2025, range, year precision",
		"from 26 to 30 July 2021":         "26–30 July 2021, range, day precision",
		"since 2004":                      "since 2004, range, year precision",
		"until June 2025":                 "until June 2025, range, month precision",
		"by 2023":                         "by 2023, deadline, year precision",
		"before 1 January 2024":           "by 31 December 2023, deadline, day precision",
		"by the end of 2025":              "by the end of 2025, deadline, year precision",
		"at 3 p.m. on 29 June 2021":       "29 June 2021, 15:00, day precision",
		"from December 2020 to June 2021": "December 2020 – June 2021, range, month precision",
		"on 5 June":                       ", day precision",
		"until June":                      ", range",
	} {
		found := calendar.Expressions(text, said)
		if len(found) != 1 {
			t.Errorf("%s: got %d expressions, want one", text, len(found))
			continue
		}
		if got := found[0].When() + ", " + found[0].Typed(); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestDatesCompareInTime(t *testing.T) {
	t.Parallel()
	order := []calendar.Date{{Year: 1998}, {Year: 2021, Month: 6, Day: 1}, {Year: 2021, Month: 6}, {Year: 2021, Month: 12, Day: 31}, {Year: 2021}, {}}
	for i, a := range order {
		for j, b := range order {
			if got := a.Compare(b); got != cmp.Compare(i, j) {
				t.Errorf("%q and %q: got %d, want %d", a, b, got, cmp.Compare(i, j))
			}
		}
	}
}
