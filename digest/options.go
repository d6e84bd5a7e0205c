package digest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The keys of a subscription's options.
const (
	// OptionTopics names what the digest is about; see [Topics].
	OptionTopics = "topics"
	// OptionProcesses names the processes whose sessions and deadlines it holds
	// and follows; see [Processes].
	OptionProcesses = "processes"
	// OptionLead says how many days it looks ahead, as in "30d"; see [LeadDays].
	OptionLead = "lead"
	// OptionLanguage is the language of its own words: one of the six official
	// ones, as in "fr"; see [Language].
	OptionLanguage = "lang"
	// OptionEmpty says what is sent when there is nothing to say: nothing
	// ([EmptySkip]) or one line ([EmptyShort]).
	OptionEmpty = "empty"
	// OptionQuiet are hours in which nothing is sent, as in "22:00-07:00"; see
	// [QuietHours].
	OptionQuiet = "quiet"
	// OptionGrace says how late an edition may be, as in "2h"; see [GraceOf].
	OptionGrace = "grace"
	// OptionCalendarFile is [Yes] where an iCalendar file comes with each edition.
	OptionCalendarFile = "ics"
	// OptionSuccession is [No] where the line about a group that has ended and its
	// successor is not wanted any more.
	OptionSuccession = "succession"
)

// The values of [OptionEmpty].
const (
	EmptySkip  = "skip"
	EmptyShort = "short"
)

// English is the language of a digest where nobody says another.
const English = "en"

// The values of options that are on or off.
const (
	Yes = "yes"
	No  = "no"
)

const (
	longestLead  = 366
	longestGrace = 48 * time.Hour
	knownOptions = `the options are topics:OEWG,"Global Mechanism", processes:OEWG, lead:30d, lang:en, empty:skip or empty:short, quiet:22:00-07:00, grace:6h, ics:yes and succession:no`
)

// option is one that people may write.
type option struct {
	key string
	// read checks a value and returns its plain form; the error is a sentence.
	read func(value string) (string, error)
}

// options are all there are, in the order in which they are written.
func options() []option {
	return []option{
		{OptionTopics, func(v string) (string, error) { return readNames(OptionTopics, v) }},
		{OptionProcesses, func(v string) (string, error) { return readNames(OptionProcesses, v) }},
		{OptionLead, readLead},
		{OptionLanguage, readLanguage},
		{OptionEmpty, readEmpty},
		{OptionQuiet, readQuiet},
		{OptionGrace, readGrace},
		{OptionCalendarFile, func(v string) (string, error) { return readSwitch(OptionCalendarFile, v) }},
		{OptionSuccession, func(v string) (string, error) { return readSwitch(OptionSuccession, v) }},
	}
}

// Topics returns what the digest is about; nil for everything.
func Topics(options map[string]string) []string { return names(options[OptionTopics]) }

// Processes returns the names of the processes that the digest follows: those
// that were named as such, else the topics, among which the calendar knows some;
// nil for all.
func Processes(options map[string]string) []string {
	if named := names(options[OptionProcesses]); len(named) > 0 {
		return named
	}
	return Topics(options)
}

func names(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// LeadDays returns how many days the digest looks ahead, otherwise where the
// subscription does not say.
func LeadDays(options map[string]string, otherwise int) int {
	days, err := strconv.Atoi(strings.TrimSuffix(options[OptionLead], "d"))
	if err != nil || days < 1 || days > longestLead {
		return otherwise
	}
	return days
}

// Language returns the language of the digest's own words: ar, en, es, fr, ru or
// zh; en where the subscription does not say.
func Language(options map[string]string) string {
	if language, err := readLanguage(options[OptionLanguage]); err == nil {
		return language
	}
	return English
}

// QuietHours returns the hours in which nothing is sent; zero for none.
func QuietHours(options map[string]string) Quiet {
	hours, said := options[OptionQuiet]
	if !said {
		return Quiet{}
	}
	quiet, err := ParseQuiet(hours)
	if err != nil {
		return Quiet{}
	}
	return quiet
}

// GraceOf returns how late an edition may be; false where the subscription does
// not say.
func GraceOf(options map[string]string) (time.Duration, bool) {
	text, said := options[OptionGrace]
	if !said {
		return 0, false
	}
	grace, err := time.ParseDuration(text)
	return grace, err == nil && grace >= 0 && grace <= longestGrace
}

// options reads what stands after the time zone.
func (p *phrase) options() (map[string]string, error) {
	said := map[string]string{}
	for _, word := range p.words {
		key, value, found := strings.Cut(word, ":")
		key = strings.ToLower(key)
		if !found {
			return nil, fmt.Errorf("%s cannot stand after the time zone; %s", quoted(unquoted(word)), knownOptions)
		}
		if _, twice := said[key]; twice {
			return nil, fmt.Errorf("%s: stands there twice; write it once", key)
		}
		known := false
		for _, o := range options() {
			if o.key != key {
				continue
			}
			known = true
			plain, err := o.read(value)
			if err != nil {
				return nil, err
			}
			said[key] = plain
		}
		if !known {
			return nil, fmt.Errorf("there is no option %s; %s", quoted(key), knownOptions)
		}
	}
	if len(said) == 0 {
		return nil, nil
	}
	return said, nil
}

// writeOptions writes options as people type them.
func writeOptions(said map[string]string) []string {
	var words []string
	for _, o := range options() {
		value, is := said[o.key]
		if !is {
			continue
		}
		if o.key == OptionTopics || o.key == OptionProcesses {
			list := strings.Split(value, ",")
			for i, name := range list {
				if strings.ContainsFunc(name, isSpecial) || strings.ContainsAny(name, singleMarks) {
					list[i] = `"` + name + `"`
				}
			}
			value = strings.Join(list, ",")
		}
		words = append(words, o.key+":"+value)
	}
	return words
}

func readNames(key, value string) (string, error) {
	what := strings.TrimSuffix(strings.TrimSuffix(key, "s"), "e")
	if key == OptionProcesses {
		what = "process"
	}
	parts, err := split(value, func(r rune) bool { return r == ',' })
	if err != nil {
		return "", err
	}
	var list []string
	seen := map[string]bool{}
	for _, part := range parts {
		name := strings.Join(strings.Fields(unquoted(part)), " ")
		if name == "" || strings.ContainsAny(name, ","+doubleMarks) {
			return "", fmt.Errorf("%s is no %s; separate %s by commas and write those of several words in quotation marks, as in %s:OEWG,%q", quoted(name), what, key, key, "Global Mechanism")
		}
		if folded := strings.ToLower(name); !seen[folded] {
			seen[folded] = true
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return "", fmt.Errorf("%s: needs a %s, as in %s:OEWG,%q", key, what, key, "Global Mechanism")
	}
	return strings.Join(list, ","), nil
}

func readLead(value string) (string, error) {
	value = unquoted(value)
	days, err := strconv.Atoi(strings.TrimSuffix(strings.ToLower(value), "d"))
	if err != nil || days < 1 || days > longestLead {
		return "", fmt.Errorf("lead: is a number of days from 1 to %d, not %s; write lead:30d", longestLead, quoted(value))
	}
	return strconv.Itoa(days) + "d", nil
}

func readLanguage(value string) (string, error) {
	value = strings.ToLower(unquoted(value))
	switch value {
	case "ar", English, "es", "fr", "ru", "zh":
		return value, nil
	}
	return "", fmt.Errorf("digests are not written in %s; the languages are ar, en, es, fr, ru and zh, as in lang:fr", quoted(value))
}

func readEmpty(value string) (string, error) {
	value = strings.ToLower(unquoted(value))
	if value != EmptySkip && value != EmptyShort {
		return "", fmt.Errorf("empty: is skip (send nothing) or short (send one line), not %s; write empty:skip", quoted(value))
	}
	return value, nil
}

func readQuiet(value string) (string, error) {
	quiet, err := ParseQuiet(unquoted(value))
	return quiet.String(), err
}

// readGrace reads hours or minutes, "6h" or "90m", with 0 for none.
func readGrace(value string) (string, error) {
	value = strings.ToLower(unquoted(value))
	grace, err := time.ParseDuration(value)
	if err != nil || grace < 0 || grace > longestGrace || grace%time.Minute != 0 {
		return "", fmt.Errorf("grace: is how late a digest may still come, from 0h to 48h, not %s; write grace:6h", quoted(value))
	}
	if grace%time.Hour == 0 {
		return strconv.Itoa(int(grace/time.Hour)) + "h", nil
	}
	return strconv.Itoa(int(grace/time.Minute)) + "m", nil
}

func readSwitch(key, value string) (string, error) {
	switch value = strings.ToLower(unquoted(value)); value {
	case Yes, "on", "true":
		return Yes, nil
	case No, "off", "false":
		return No, nil
	}
	return "", fmt.Errorf("%s: is yes or no, not %s; write %s:yes", key, quoted(value), key)
}
