package digest

import (
	_ "embed" // zones.txt
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// zoneList holds the names of the time zone database, one a line, less those
// such as EST and CET that hide where they are. Behind a tab stand cities and
// abbreviations that people take for zones.
//
//go:embed zones.txt
var zoneList string

// loadZone returns the zone of exactly that name.
func loadZone(name string) (*time.Location, error) {
	canonical, err := findZone(name)
	if err != nil {
		return nil, err
	}
	if canonical != name {
		return nil, fmt.Errorf("there is no time zone %s; did you mean %s?", quoted(name), canonical)
	}
	zone, err := time.LoadLocation(canonical)
	if err != nil {
		return nil, fmt.Errorf("the time zone %s is not known on this machine: %w", canonical, err)
	}
	return zone, nil
}

// findZone returns the zone of that name as the database writes it, whatever the
// case. The error proposes zones that may be meant.
func findZone(name string) (string, error) {
	switch strings.ToLower(name) {
	case "":
		return "", errors.New("a time zone is needed, such as Europe/Zurich, America/New_York or UTC")
	case "local":
		return "", errors.New("a time zone needs its name, such as Europe/Zurich, America/New_York or UTC; my own clock is not yours")
	}
	for line := range strings.Lines(zoneList) {
		zone, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if strings.EqualFold(zone, name) {
			return zone, nil
		}
	}
	near := nearZones(name)
	if len(near) == 0 {
		return "", fmt.Errorf("there is no time zone %s; write it as in Europe/Zurich, America/New_York or UTC", quoted(name))
	}
	return "", fmt.Errorf("there is no time zone %s; did you mean %s?", quoted(name), strings.Join(near, " or "))
}

// nearZones returns at most three zones that may be meant, the likeliest first:
// the zone of that city, else those whose names differ by few letters.
func nearZones(name string) []string {
	const most = 3
	if len(name) > 64 {
		return nil
	}
	type candidate struct {
		zone   string
		letter int
	}
	var (
		whole = plainName(name)
		city  = whole[strings.LastIndex(whole, "/")+1:]
		near  []candidate
	)
	for line := range strings.Lines(zoneList) {
		zone, cities, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for known := range strings.SplitSeq(cities, ",") {
			if known != "" && known == city {
				return []string{zone}
			}
		}
		plain := plainName(zone)
		if strings.HasPrefix(plain, "etc/") {
			continue // its signs are the wrong way round: never propose it
		}
		letters := distance(whole, plain)
		if last := plain[strings.LastIndex(plain, "/")+1:]; len(city) > 3 {
			letters = min(letters, distance(city, last))
		}
		if letters <= min(2, len(city)/3) {
			near = append(near, candidate{zone, letters})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.letter - b.letter })
	var zones []string
	for _, c := range near {
		if c.letter == near[0].letter && len(zones) < most {
			zones = append(zones, c.zone)
		}
	}
	return zones
}

// plainName writes a name in small letters, with a space for what people put
// between words.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, s)
}

// distance counts the letters to add, drop or change to get from a to b.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		corner := row[0]
		row[0] = i + 1
		for j, s := range to {
			change := corner
			if r != s {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, corner+1, row[j]+1)
		}
	}
	return row[len(to)]
}
