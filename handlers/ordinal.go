package handlers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const ordinalNames = `first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth`

const numberNames = `one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve`

// ordinalSession finds a session by its number in a question as written, the
// number first.
var ordinalSession = regexp.MustCompile(`(?i)\b(` + ordinalNames + `|\d{1,2}(?:st|nd|rd|th))\s+(?:(substantive|formal|organizational|plenary|intersessional)\s+)?(?:session|plenary|meeting)s?\b`)

// ordinal reads "ninth" or "9th"; 0 for any other word.
func ordinal(word string) int {
	if i := slices.Index(strings.Split(ordinalNames, "|"), strings.ToLower(word)); i >= 0 {
		return i + 1
	}
	return number(strings.TrimRight(strings.ToLower(word), "stndrh"))
}

// number reads "9" or "nine"; 0 for any other word.
func number(word string) int {
	if i := slices.Index(strings.Split(numberNames, "|"), strings.ToLower(word)); i >= 0 {
		return i + 1
	}
	n, err := strconv.Atoi(word)
	if err != nil {
		return 0
	}
	return n
}

// ordinalWord writes a number as people say it: "ninth"; "21st" beyond
// twentieth.
func ordinalWord(n int) string {
	names := strings.Split(ordinalNames, "|")
	if n >= 1 && n <= len(names) {
		return names[n-1]
	}
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return strconv.Itoa(n) + ending
}

// inWords writes a small number as a sentence does: "eleven".
func inWords(n int) string {
	names := strings.Split(numberNames, "|")
	if n >= 1 && n <= len(names) {
		return names[n-1]
	}
	return strconv.Itoa(n)
}
