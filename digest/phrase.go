package digest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rapporteur/bot"
)

// Kind is the kind of subscription that this package delivers.
const Kind = "digest"

const (
	example       = "digest weekly mon 08:00 Europe/Zurich"
	longestPhrase = 500
)

// Request is what a person ordered.
type Request struct {
	// Kind is [Kind].
	Kind string
	// Cron and Zone are good for [Parse].
	Cron, Zone string
	// Options are what else was said, in their plain form; nil for nothing.
	Options map[string]string
}

// String returns the phrase that orders the same.
func (r Request) String() string {
	return strings.Join(append([]string{r.Kind, rhythm(r.Cron), r.Zone}, writeOptions(r.Options)...), " ")
}

// Phrase returns what a person would type to order the subscription.
func Phrase(sub bot.Subscription) string {
	return Request{Kind: sub.Kind, Cron: sub.Cron, Zone: sub.Zone, Options: sub.Options}.String()
}

// ParsePhrase reads what people type behind "subscribe":
//
//	digest daily 07:30 America/New_York
//	digest weekly mon,thu 08:00 Europe/Zurich topics:OEWG,"Global Mechanism"
//	digest monthly 1 09:00 UTC lead:30d empty:skip
//	digest monthly 31 09:00 UTC, on the last day of a month that has no 31st
//	digest sessions T-30,T-7,T-1 09:00 Europe/Zurich processes:"Global Mechanism"
//	digest cron "0 8 * * 1" Europe/Zurich quiet:22:00-07:00 grace:2h
//
// Its errors are sentences for that person: what was wrong and what would work.
func ParsePhrase(text string) (Request, error) { return new(phrase).parse(text) }

func (p *phrase) parse(text string) (Request, error) {
	if utf8.RuneCountInString(text) > longestPhrase {
		return Request{}, fmt.Errorf("that is longer than %d characters; write for example %s", longestPhrase, example)
	}
	// Nobody types control characters, and no sentence should repeat them.
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	words, err := split(text, unicode.IsSpace)
	if err != nil {
		return Request{}, err
	}
	p.words = words
	if len(words) == 0 {
		return Request{}, fmt.Errorf("say what to send and when, for example %s", example)
	}
	// "digest" goes without saying.
	if strings.EqualFold(words[0], Kind) {
		p.words = words[1:]
	} else if _, known := rhythms()[strings.ToLower(words[0])]; !known {
		return Request{}, fmt.Errorf("there is nothing called %s to subscribe to; write for example %s", quoted(unquoted(words[0])), example)
	}
	request := Request{Kind: Kind}
	typed := len(words)
	if request.Cron, err = p.rhythm(); err != nil {
		return Request{}, err
	}
	typed -= len(p.words)
	if request.Zone, err = p.zone(strings.Join(words[:typed], " ")); err != nil {
		return Request{}, err
	}
	if request.Options, err = p.options(); err != nil {
		return Request{}, err
	}
	if _, err := Parse(request.Cron, request.Zone); err != nil {
		return Request{}, err
	}
	return request, nil
}

// phrase is what is left to read of one.
type phrase struct {
	words []string
	// senderZone is where the person is who typed it; empty where that is not
	// known. zoned is set once it was taken.
	senderZone string
	zoned      bool
}

// next takes the next word; it is empty at the end.
func (p *phrase) next() string {
	if len(p.words) == 0 {
		return ""
	}
	word := unquoted(p.words[0])
	p.words = p.words[1:]
	return word
}

func rhythms() map[string]func(*phrase) (string, error) {
	return map[string]func(*phrase) (string, error){
		"daily": (*phrase).daily, "weekly": (*phrase).weekly, "monthly": (*phrase).monthly, "cron": (*phrase).cron,
		eveWord: (*phrase).sessions, "before": (*phrase).sessions,
	}
}

func (p *phrase) rhythm() (string, error) {
	word := p.next()
	if word == "" {
		return "", fmt.Errorf("say when: daily, weekly, monthly, sessions or cron, for example %s", example)
	}
	read, known := rhythms()[strings.ToLower(word)]
	if !known {
		return "", fmt.Errorf("the digest comes daily, weekly, monthly, before sessions or by a cron expression, not %s; write for example %s", quoted(word), example)
	}
	return read(p)
}

func (p *phrase) daily() (string, error) {
	clock, err := p.clock("digest daily 07:30 America/New_York")
	return clock + " * * *", err
}

func (p *phrase) weekly() (string, error) {
	names := p.weekdays()
	if len(names) == 0 {
		return "", fmt.Errorf("weekly needs a day such as mon or Monday; write for example %s", example)
	}
	var days []string
	for _, name := range names {
		day := -1
		if len(name) >= 3 {
			day = weekday(name)
		}
		if day < 0 {
			return "", fmt.Errorf("weekly needs a day such as mon or Monday, not %s; write for example %s", quoted(name), example)
		}
		if n := strconv.Itoa(day); !slices.Contains(days, n) {
			days = append(days, n)
		}
	}
	slices.Sort(days)
	clock, err := p.clock("digest weekly " + strings.Join(names, ",") + " 08:00 Europe/Zurich")
	return clock + " * * " + strings.Join(days, ","), err
}

// weekdays takes days as people list them: "mon,thu", "mon, thu", "mon and thu". The
// first word is one of them, whatever it is.
func (p *phrase) weekdays() []string {
	list := p.next()
	for len(p.words) > 0 {
		word := strings.ToLower(unquoted(p.words[0]))
		goesOn := strings.HasSuffix(list, ",") || strings.HasPrefix(word, ",")
		if !goesOn && word != "and" && (len(word) < 3 || weekday(word) < 0) {
			break
		}
		if p.next(); word != "and" {
			list += "," + word
		}
	}
	return slices.DeleteFunc(strings.Split(list, ","), func(name string) bool { return name == "" })
}

func (p *phrase) monthly() (string, error) {
	const works = "digest monthly 1 09:00 UTC"
	word := strings.ToLower(p.next())
	if word == "last" {
		word = "31"
		if len(p.words) > 0 && strings.EqualFold(p.words[0], "day") {
			p.next()
		}
	}
	day, err := strconv.Atoi(strings.TrimRight(word, ".stndrh"))
	if err != nil || day < 1 || day > 31 {
		return "", fmt.Errorf("monthly needs a day from 1 to 31, or last, not %s; write for example %s", quoted(word), works)
	}
	clock, err := p.clock(works)
	of := strconv.Itoa(day)
	if day > 28 {
		of += "L" // or else the last day of the month
	}
	return clock + " " + of + " * *", err
}

// sessions takes days before each session, four where none are named, and a time
// of day: "sessions T-7 T-1 09:00", "before each session 09:00".
func (p *phrase) sessions() (string, error) {
	for len(p.words) > 0 && slices.Contains([]string{"each", "every", "session", "sessions"}, strings.ToLower(p.words[0])) {
		p.next()
	}
	var list []string
	for len(p.words) > 0 && strings.HasPrefix(strings.ToUpper(p.words[0]), "T") {
		list = append(list, p.next())
	}
	if len(list) == 0 {
		list = []string{"T-30,T-14,T-7,T-1"}
	}
	before, err := readEves(strings.Join(list, ","))
	if err != nil {
		return "", err
	}
	clock, err := p.clock(eveExample)
	if err != nil {
		return "", err
	}
	e := &eve{before: before}
	if _, err := fmt.Sscanf(clock, "%d %d", &e.minute, &e.hour); err != nil {
		return "", fmt.Errorf("say at what time; write for example %s", eveExample)
	}
	return e.String(), nil
}

// cron takes the five fields, in quotation marks or as they are.
func (p *phrase) cron() (string, error) {
	if len(p.words) > 0 && !isQuoted(p.words[0]) {
		fields := p.words[:min(5, len(p.words))]
		p.words = p.words[len(fields):]
		return cronFields(strings.Join(fields, " "))
	}
	return cronFields(p.next())
}

func cronFields(spec string) (string, error) {
	spec = strings.Join(strings.Fields(spec), " ")
	if spec == "" {
		return "", errors.New(`cron needs an expression of five fields; write for example digest cron "0 8 * * 1" Europe/Zurich`)
	}
	_, _, err := parseSpec(spec)
	return spec, err
}

// clock reads a time of day as minute and hour of a cron expression.
func (p *phrase) clock(works string) (string, error) {
	word := p.next()
	if word == "" {
		return "", fmt.Errorf("say at what time; write for example %s", works)
	}
	parts := regexp.MustCompile(`^(?i)(\d{1,2})(?:[:.h]?(\d{2}))?(am|pm|h)?$`).FindStringSubmatch(word)
	if parts == nil {
		return "", fmt.Errorf("%s is no time of day; write it as 08:00, for example %s", quoted(word), works)
	}
	hour, _ := strconv.Atoi(parts[1])
	minute, _ := strconv.Atoi("0" + parts[2])
	half := strings.ToLower(parts[3])
	meant := hour
	switch {
	case half == "pm" && hour < 12:
		meant += 12
	case half == "am" && hour == 12, hour == 24 && minute == 0:
		meant = 0
	}
	switch {
	case meant > 23 || minute > 59 || hour > 12 && (half == "am" || half == "pm"):
		return "", fmt.Errorf("there is no time %s; the day goes from 00:00 to 23:59, for example %s", quoted(word), works)
	case meant != hour || half != "" || !strings.Contains(word, ":"):
		return "", fmt.Errorf("write the time %s as %02d:%02d, for example %s", quoted(word), meant, minute, works)
	}
	return strconv.Itoa(minute) + " " + strconv.Itoa(hour), nil
}

// zone reads the time zone; typed is what stands before it.
func (p *phrase) zone(typed string) (string, error) {
	if len(p.words) == 0 || strings.Contains(p.words[0], ":") && !isOffset(p.words[0]) {
		if name, err := findZone(p.senderZone); p.senderZone != "" && err == nil {
			p.zoned = true
			return name, nil
		}
		return "", fmt.Errorf("say in which time zone, for example %s Europe/Zurich", typed)
	}
	rest := p.words
	name, err := findZone(p.next())
	if err != nil && !isOffset(unquoted(rest[0])) {
		// The names of many cities are two or three words.
		for n := min(3, len(rest)); n > 1; n-- {
			city := strings.Join(rest[:n], " ")
			if near := nearZones(city); len(near) > 0 && !strings.ContainsAny(city, `:"`) {
				return "", fmt.Errorf("there is no time zone %s; did you mean %s?", quoted(city), strings.Join(near, " or "))
			}
		}
	}
	return name, err
}

// rhythm writes a cron expression in the words that stand for exactly it, if
// there are any.
func rhythm(spec string) string {
	if followsSessions(spec) {
		return spec
	}
	plain := `cron "` + spec + `"`
	parts := regexp.MustCompile(`^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}L?) \* (\*|[0-6](?:,[0-6])*)$`).FindStringSubmatch(spec)
	if parts == nil {
		return plain
	}
	minute, hour, day, days := parts[1], parts[2], parts[3], parts[4]
	clock := fmt.Sprintf("%02s:%02s", hour, minute)
	words := "monthly " + strings.TrimSuffix(day, "L") + " " + clock
	switch {
	case day == "*" && days == "*":
		words = "daily " + clock
	case day == "*":
		var names []string
		for n := range strings.SplitSeq(days, ",") {
			names = append(names, strings.ToLower(time.Weekday(n[0] - '0').String()[:3]))
		}
		words = "weekly " + strings.Join(names, ",") + " " + clock
	}
	p := phrase{words: strings.Fields(words)}
	if same, err := p.rhythm(); err != nil || same != spec {
		return plain
	}
	return words
}
