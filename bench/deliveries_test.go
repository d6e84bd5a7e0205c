package main

import (
	"maps"
	"strings"
	"testing"
)

func TestTheSectionOfDeliveriesIsWrittenInItsPlace(t *testing.T) {
	t.Parallel()
	f := figures{started: "2026-11-28", deliveries: []delivery{{"SQLite", 1000, readMetrics("goos: linux\nBenchmarkDueAtOnce/SQLite/1000-2 \t 1\t 12.50 MB-peak\t 860.4 posts/s\t 1.27 s-to-last\n")}}}
	if want := map[string]float64{"MB-peak": 12.5, "posts/s": 860.4, "s-to-last": 1.27}; !maps.Equal(f.deliveries[0].measured, want) {
		t.Errorf("got %v, want %v", f.deliveries[0].measured, want)
	}
	p := page{&strings.Builder{}}
	f.writeDeliveries(p)
	section := p.out.String()
	if !strings.Contains(section, "| SQLite | 1000 | 860 | 0.00 s | 0.00 s | 1.27 s | 12 MB |") {
		t.Errorf("got\n%s", section)
	}
	first := replaceSection("# B\n\n## How it is measured\n\nso\n", deliveriesHeading, section)
	again := replaceSection(first, deliveriesHeading, section)
	if first != again || first != "# B\n\n"+section+"## How it is measured\n\nso\n" {
		t.Errorf("got\n%s\nand written again\n%s", first, again)
	}
}
