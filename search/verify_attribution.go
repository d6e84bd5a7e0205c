package search

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/corpus"
)

var (
	anySymbol = regexp.MustCompile(`\b[A-Z]{1,5}/(?:[A-Za-z0-9.()-]+/)*[A-Za-z0-9.()-]*[A-Za-z0-9]`)
	paragraph = regexp.MustCompile(`(?i)(?:[¶§]\s*|\bpara(?:graph)?s?\.?\s*|第)(\d{1,4})`)
	yearRange = regexp.MustCompile(`\b((?:19|20)\d\d)\s*[-–—/]\s*((?:19|20)?\d\d)\b`)
	yearForm  = regexp.MustCompile(`\b(?:19|20)\d\d\b`)
)

// check returns what the words around a quotation say wrongly about it, as far
// as the document's header tells: whose words they are, of which day, from which
// document, and in which paragraph they stand. What the header does not tell is
// not held against the claim.
func check(around string, p corpus.Passage) misnomer {
	if strings.TrimSpace(around) == "" {
		return misnomer{}
	}
	d := p.Doc
	rest := anySymbol.ReplaceAllString(around, " ")
	if wrong := wrongSymbol(around, d); wrong != "" {
		return misnomer{value: wrong}
	}
	if wrong := wrongDate(paragraph.ReplaceAllString(rest, " "), p); wrong != "" {
		return misnomer{value: wrong}
	}
	if wrong := wrongSpeaker(rest, p); wrong != "" {
		return misnomer{value: wrong}
	}
	if m := paragraph.FindStringSubmatch(around); m != nil && p.Para > 0 && m[1] != strconv.Itoa(p.Para) {
		return misnomer{value: strings.TrimSpace(m[0]), place: true}
	}
	return misnomer{}
}

func wrongSymbol(around string, d *corpus.Document) string {
	if d.Symbol == "" {
		return ""
	}
	for _, s := range anySymbol.FindAllString(around, -1) {
		if !strings.EqualFold(s, d.Symbol) {
			return s
		}
	}
	return ""
}

// wrongDate returns a date around a claim that is not the document's, compared
// as far as both are known.
func wrongDate(around string, p corpus.Passage) string {
	d := p.Doc
	of := parseDate(d.Date)
	if of.year == 0 {
		return ""
	}
	var words []lexeme
	speaker := wordsOf(p.By())
	all := slices.DeleteFunc(units(around), func(w unit) bool { return slices.Contains(speaker, w.form) }) // "Zhang Jun, 2020"
	for _, w := range all {
		words = append(words, lexeme{form: w.form, raw: around[w.from:w.to]})
	}
	for _, m := range yearRange.FindAllStringSubmatch(around, -1) { // "OEWG 2021-2025"
		last := m[2]
		if len(last) == 2 {
			last = m[1][:2] + last
		}
		if m[1] < last && m[1] <= d.Date[:4] && d.Date[:4] <= last {
			around = strings.ReplaceAll(around, m[0], " ")
		}
	}
	for _, found := range datesIn(newLexicon(""), words) {
		t := found.date
		if (t.year > 0 && t.year != of.year) || (t.month > 0 && of.month > 0 && t.month != of.month) || (t.day > 0 && of.day > 0 && t.day != of.day) {
			return around[all[found.from].from:min(len(around), all[found.to-1].to)]
		}
	}
	for _, y := range yearForm.FindAllString(around, -1) {
		if y != d.Date[:4] {
			return y
		}
	}
	return ""
}

// parseDate reads an ISO day, month or year.
func parseDate(iso string) date {
	var d date
	for i, part := range strings.SplitN(iso, "-", 3) {
		n := whole(strings.TrimLeft(part, "0"))
		switch i {
		case 0:
			d.year = n
		case 1:
			d.month = n
		case 2:
			d.day = n
		}
	}
	return d
}

// wrongSpeaker returns a State or a name around a claim that is none of those
// under which the document's words are known.
func wrongSpeaker(around string, p corpus.Passage) string {
	d := p.Doc
	by := strings.Join([]string{p.By(), d.Delegation, strings.Join(d.OnBehalfOf, " ")}, " ")
	if strings.TrimSpace(by) == "" {
		return ""
	}
	about := strings.Join([]string{by, d.Title, d.Body, d.Meeting, d.Kind, d.RecordKind}, " ")
	have := StatesIn(by)
	for _, s := range StatesIn(around) {
		if !slices.Contains(have, s) && !slices.Contains(StatesIn(about), s) {
			return s
		}
	}
	known := wordsOf(about + " " + strings.Join(have, " "))
	for _, name := range speakers(around) {
		if len(StatesIn(name)) > 0 {
			continue
		}
		for _, w := range wordsOf(name) {
			if utf8.RuneCountInString(w) > 1 && !slices.ContainsFunc(known, func(k string) bool { return sameName(w, k) }) {
				return name
			}
		}
	}
	return ""
}

// speakers returns the names in what stands around a claim: words with capitals
// that are no titles, no months and no common words. A single word that opens a
// sentence is a name only before a colon, a comma or a verb of saying.
func speakers(around string) []string {
	var (
		out  []string
		run  []string
		last int
	)
	flush := func() {
		if len(run) > 0 {
			out = append(out, strings.Join(run, " "))
			run = nil
		}
	}
	tokens := Tokens(around, "en")
	for i, t := range tokens {
		raw := around[t.From:t.To]
		if strings.ContainsAny(around[last:t.From], ",;:()\n") {
			flush()
		}
		last = t.To
		if !unicode.IsUpper(firstRune(raw)) || stopword(t.Word) || scaffold(t.Word) || isMonth(t.Word) || office(t.Word) {
			flush()
			continue
		}
		if len(run) == 0 && startsAt(around, t.From) && i+1 < len(tokens) {
			next := around[t.To:tokens[i+1].From]
			following := around[tokens[i+1].From:tokens[i+1].To]
			if !strings.ContainsAny(next, ":：,)") && !scaffold(tokens[i+1].Word) && !unicode.IsUpper(firstRune(following)) && !speaks(tokens[i+1].Word) {
				continue // "Yesterday they wrote"
			}
		}
		run = append(run, strings.TrimSuffix(strings.TrimSuffix(raw, "'s"), "’s"))
	}
	flush()
	return out
}

// speaks says whether a word is a verb of saying.
func speaks(word string) bool {
	switch word {
	case "said", "says", "stated", "states", "declared", "declares", "stressed", "stresses", "noted", "notes", "announced", "argued", "argues", "warned", "added", "told", "claims", "claimed", "wrote", "writes":
		return true
	}
	return false
}

// office says whether a capitalised word around a claim names an office, an
// organ or a kind of text, or opens a remark, and so is no name of a speaker.
func office(word string) bool {
	switch word {
	case "ambassador", "representative", "permanent", "deputy", "minister", "foreign", "secretary", "general", "excellency", "mission", "delegate", "counsellor", "councillor", "envoy", "head", "chair", "chairman", "chairperson", "madam", "madame", "mme", "sir", "dr", "prof", "he", "pr", "dpr",
		"un", "united", "nations", "unsc", "unga", "security", "council", "assembly", "oewg", "gge", "committee", "session", "meeting", "debate", "vtc", "open", "resolution", "speech", "remarks", "address", "press", "release", "source", "sources", "via", "see", "cf", "ibid", "para", "paras", "paragraph", "page", "line", "no", "doc", "english", "original", "translation", "emphasis", "excerpt",
		"according", "yesterday", "today", "recently", "unfortunately", "reportedly", "apparently", "note", "reminder", "fyi", "re", "fwd", "hi", "hello", "colleagues", "dear", "look", "check", "verify", "true", "false", "correct", "wrong", "quoted", "quoting", "citing", "selon", "según", "après", "rt", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "q-code", "link", "https", "http", "www", "is", "did":
		return true
	}
	return false
}

// sameName says whether two words may be one name: written alike, in another
// transliteration, or as the adjective of the other. Names in different scripts
// cannot be told apart and count as one.
func sameName(a, b string) bool {
	if a == b {
		return true
	}
	if latin(a) != latin(b) {
		return !latin(a) // the header is in Latin letters
	}
	x, y := []rune(a), []rune(b)
	shorter := min(len(x), len(y))
	if shorter < 5 {
		return false
	}
	if string(x[:5]) == string(y[:5]) {
		return true
	}
	return shorter >= 6 && distance(x, y) <= 2
}

func latin(word string) bool { return unicode.Is(unicode.Latin, firstRune(word)) }

// distance is the number of letters to add, drop or change between two short
// words (Levenshtein); words of more than thirty letters are far apart.
func distance(a, b []rune) int {
	if len(a) > 30 || len(b) > 30 {
		return 30
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		above := row[0]
		row[0] = i + 1
		for j := range b {
			cost := above
			if a[i] != b[j] {
				cost++
			}
			above = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
