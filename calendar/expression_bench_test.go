package calendar_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"rapporteur/calendar"
)

// FuzzExpressions holds what is true of every text: the spans lie in it on the
// bounds of characters, in order and apart, and a date is there unless its
// provenance says why not.
func FuzzExpressions(f *testing.F) {
	for _, c := range expressionTable {
		f.Add(c.text)
	}
	for _, seed := range []string{"\xff\x00 1998\xff", "от 2021\u200f–\u200e2025", strings.Repeat("early ", 50), "9999-12-31 00:00", "31 31 31 31 May 0000", "十十十年年年月", "12.12.12.12.2012", "next last this past five years ago 1998s'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, said := range []calendar.Date{{}, {Year: 1}, {Year: 2021}, {Year: 2021, Month: 6}, {Year: 2021, Month: 6, Day: 29}, {Year: 9999, Month: 12, Day: 31}} {
			holdsForEveryText(t, text, said)
		}
	})
}

func holdsForEveryText(t *testing.T, text string, said calendar.Date) {
	t.Helper()
	end := 0
	for _, e := range calendar.Expressions(text, said) {
		if e.From < end || e.To <= e.From || e.To > len(text) || splits(text, e.From) || splits(text, e.To) {
			t.Fatalf("%q: got span %d to %d after %d, want one of whole characters, in order", text, e.From, e.To, end)
		}
		end = e.To
		dated := !e.Start.IsZero() || !e.End.IsZero()
		if want := e.Provenance == calendar.InText || e.Provenance == calendar.Reckoned; dated != want {
			t.Fatalf("%q said %v: got dates %v to %v %s", text[e.From:e.To], said, e.Start, e.End, e.Provenance)
		}
		if said.IsZero() && e.Provenance == calendar.Reckoned {
			t.Fatalf("%q: got %v reckoned from nothing", text[e.From:e.To], e.Start)
		}
		if !e.Start.IsZero() && !e.End.IsZero() && e.End.First().Before(e.Start.First()) {
			t.Fatalf("%q: got %v to %v, want them in order", text[e.From:e.To], e.Start, e.End)
		}
		for _, d := range []calendar.Date{e.Start, e.End} {
			if back, err := calendar.ParseDate(d.ISO()); err != nil || back != d {
				t.Fatalf("%q: got %+v, want a date of the calendar (%v)", text[e.From:e.To], d, err)
			}
		}
		if dated != (e.When() != "") || e.Typed() == "" {
			t.Fatalf("%q: got %q, %q for %+v", text[e.From:e.To], e.When(), e.Typed(), e)
		}
	}
}

// splits says whether an offset lies within a character.
func splits(text string, at int) bool {
	if at >= len(text) || text[at]&0xc0 != 0x80 {
		return false
	}
	for i := range text {
		if i >= at {
			return i != at
		}
	}
	return true
}

// long returns texts of n bytes that are hard in different ways.
func long(n int) map[string]string {
	out := map[string]string{}
	for name, unit := range map[string]string{
		"prose":        "In June 2021 the Working Group of 193 States met for the next five years, by 2023. ",
		"one word":     "x",
		"one number":   "9",
		"one dash":     "2021-",
		"parts":        "early ",
		"froms":        "from ",
		"list of days": "3, 4, 5 and ",
		"months":       "May and ",
		"counts":       "next five ",
		"characters":   "二〇",
		"chinese":      "大会于2021年6月29日决定在未来五年继续讨论。",
		"russian":      "Россия в 1998 году впервые подняла этот вопрос, с 2021 по 2025 год. ",
		"arabic":       "وفي ٢٩ حزيران/يونيه ٢٠٢١ قررت الجمعية ",
		"paragraphs":   "\n\n",
		"invalid":      "\xff\xfe 1998 \x80",
		"marks":        "\u200f\u202e",
	} {
		out[name] = strings.Repeat(unit, n/len(unit)+1)[:n]
	}
	return out
}

// TestTheTimeForALongTextIsLinear compares a text with one 32 times as long: were
// the time quadratic, that would take a thousand times as long. The bound between
// leaves room for a busy machine.
func TestTheTimeForALongTextIsLinear(t *testing.T) {
	if os.Getenv("MEASURE") == "" { // a busy machine would fail it; what takes forever is found all the same
		for _, text := range long(320_000) {
			calendar.Expressions(text, said)
		}
		return
	}
	took := func(text string, times int) time.Duration {
		best := time.Hour
		for range times {
			start := time.Now()
			calendar.Expressions(text, said)
			best = min(best, time.Since(start))
		}
		return best
	}
	short, whole := long(10_000), long(320_000)
	for name, text := range whole {
		a, b := took(short[name], 3), took(text, 2)
		if b > 250*max(a, 100*time.Microsecond) {
			t.Errorf("%s: got %v for 10 kB and %v for 320 kB, want about 32 times as long", name, a, b)
		}
	}
}

func BenchmarkExpressions(b *testing.B) {
	for name, text := range long(10_000_000) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				calendar.Expressions(text, said)
			}
		})
	}
}
