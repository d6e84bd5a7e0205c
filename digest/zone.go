package digest

import (
	_ "embed" // zones.txt
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
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
	if isOffset(name) {
		return "", fmt.Errorf("%s is an offset and no time zone, for it does not know when clocks change; zones are named by places, such as Europe/Zurich, America/New_York or Asia/Tokyo", quoted(name))
	}
	near := nearZones(name)
	if len(near) == 0 {
		return "", fmt.Errorf("there is no time zone %s; write it as in Europe/Zurich, America/New_York or UTC", quoted(name))
	}
	return "", fmt.Errorf("there is no time zone %s; did you mean %s?", quoted(name), strings.Join(near, " or "))
}

// isOffset says whether a name is how far clocks are from UTC, as in GMT+1, UTC-05:00
// or +0530.
func isOffset(name string) bool {
	return regexp.MustCompile(`^(?i)(?:utc|gmt|z)? ?[+\-−–]\d{1,2}(?:[:.]?\d{2})?$`).MatchString(strings.TrimSpace(name))
}

const (
	// longestZone bounds the names that are compared letter by letter.
	longestZone = 64
	// mostNear is how many zones are proposed.
	mostNear = 3
	// shortestNear is how many letters a name must have to be taken for another one:
	// shorter ones, such as AEST, are near to anything.
	shortestNear = 5
)

// nearZones returns at most three zones that may be meant, the likeliest first:
// the zone of that city, else those whose names, or whose cities, differ by few
// letters. What is written in another script is near to nothing.
func nearZones(name string) []string {
	if len(name) > longestZone {
		return nil
	}
	type candidate struct {
		zone   string
		letter int
	}
	var (
		whole = plainName(name)
		city  = whole[strings.LastIndex(whole, "/")+1:]
		most  = mostLetters(name, city)
		near  []candidate
	)
	for line := range strings.Lines(zoneList) {
		zone, cities, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		plain := plainName(zone)
		letters := min(distance(whole, plain), distance(city, plain[strings.LastIndex(plain, "/")+1:]))
		for known := range strings.SplitSeq(cities, ",") {
			known = plainName(known)
			switch {
			case known != "" && known == city:
				return []string{zone}
			case utf8.RuneCountInString(known) >= shortestNear:
				letters = min(letters, distance(city, known))
			}
		}
		// The signs of Etc/GMT+1 are the wrong way round: it is never proposed.
		if letters <= most && !strings.HasPrefix(plain, "etc/") {
			near = append(near, candidate{zone, letters})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.letter - b.letter })
	var zones []string
	for _, c := range near {
		if c.letter == near[0].letter && len(zones) < mostNear {
			zones = append(zones, c.zone)
		}
	}
	return zones
}

// mostLetters is by how many letters a name may differ from that of a city: by none
// where it is short, an abbreviation or in another script.
func mostLetters(name, city string) int {
	letters := utf8.RuneCountInString(city)
	foreign := strings.ContainsFunc(city, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
	if letters < shortestNear || foreign || letters == shortestNear && name == strings.ToUpper(name) {
		return 0
	}
	return min(2, letters/3)
}

// plainName writes a name in small letters without accents, with a space for what
// people put between words, and without the stops of an abbreviation such as "D.C.".
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '.' || r == ',' || unicode.Is(unicode.Mn, r):
			return -1
		case r == '_' || r == '-' || unicode.IsSpace(r):
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
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
