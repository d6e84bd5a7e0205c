package digest

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	longestSpec = 128
	// closest is how near to each other two occurrences may be.
	closest = 15 * time.Minute
)

// field is one of the five parts of a cron expression.
type field struct {
	name, works string
	highest     int
}

// parseSpec guards the parser against what it gets wrong: it panics on some
// zones, takes empty lists, shifts the meaning with a sixth field, and knows no
// Sunday 7. lastDay is the day of "31L", for which a month that lacks it gives its
// last one; 0 for none.
func parseSpec(spec string) (wall *cron.SpecSchedule, lastDay int, err error) {
	defer func() {
		if v := recover(); v != nil {
			wall, err = nil, fmt.Errorf("the cron expression %s cannot be read; write five fields such as 0 8 * * 1", quoted(spec))
		}
	}()
	spec = strings.TrimSpace(spec)
	switch {
	case spec == "":
		return nil, 0, errors.New("the cron expression is empty; write five fields such as 0 8 * * 1")
	case len(spec) > longestSpec:
		return nil, 0, fmt.Errorf("the cron expression is longer than %d characters; write five fields such as 0 8 * * 1", longestSpec)
	case strings.ContainsFunc(spec, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, 0, errors.New("the cron expression holds a character that does not belong there; digits, names such as MON and , - * / work")
	case strings.Contains(spec, "@"):
		return nil, 0, fmt.Errorf("%s is no cron expression of five fields; write 0 8 * * * for every day at 08:00", quoted(spec))
	case strings.Contains(spec, "="):
		return nil, 0, errors.New("a cron expression holds no time zone; write it behind the expression, as in 0 8 * * 1 Europe/Zurich")
	}
	parts := strings.Fields(spec)
	if len(parts) != 5 {
		return nil, 0, fmt.Errorf("a cron expression has five fields (minute, hour, day of the month, month, day of the week) and not %d; 0 8 * * 1 is Monday at 08:00", len(parts))
	}
	if lastDay, err = takeLastDay(parts); err != nil {
		return nil, 0, err
	}
	for i, f := range fields() {
		if i == 4 {
			parts[i] = sundayIsZero(parts[i])
		}
		if err := f.check(parts, i); err != nil {
			return nil, 0, err
		}
	}
	wall, err = parse(strings.Join(parts, " "))
	if err != nil {
		return nil, 0, fmt.Errorf("the cron expression %s cannot be read (%w); write five fields such as 0 8 * * 1", quoted(spec), err)
	}
	// Every four years in a row from 2024 on hold a leap day.
	if wall.Next(time.Date(2024, time.January, 1, 0, 0, -1, 0, time.UTC)).IsZero() {
		return nil, 0, fmt.Errorf("no day is ever meant by the cron expression %s; take a day that its month has", quoted(spec))
	}
	if nearest(wall) < closest {
		return nil, 0, fmt.Errorf("the cron expression %s runs more often than every 15 minutes; 0 * * * * runs every hour", quoted(spec))
	}
	return wall, lastDay, nil
}

// takeLastDay reads a day of the month such as 31L or L, and writes in its place
// the days on which it may fall, in words that the parser knows.
func takeLastDay(parts []string) (int, error) {
	day, found := strings.CutSuffix(strings.ToUpper(parts[2]), "L")
	if !found {
		return 0, nil
	}
	n := 31
	if day != "" {
		var err error
		if n, err = strconv.Atoi(day); err != nil || n < 29 || n > 31 {
			return 0, fmt.Errorf("the day of the month %s does not work; 29L, 30L and 31L mean that day or else the last one of the month, L means the last one", quoted(parts[2]))
		}
	}
	if parts[4] != "*" && parts[4] != "?" {
		return 0, fmt.Errorf("the last day of the month goes with no day of the week; write for example %s %s %s %s *", parts[0], parts[1], parts[2], parts[3])
	}
	parts[2] = "28-" + strconv.Itoa(n)
	return n, nil
}

func fields() [5]field {
	return [5]field{
		{"minute", "0 to 59", 59},
		{"hour", "0 to 23", 23},
		{"day of the month", "1 to 31", 31},
		{"month", "1 to 12 or JAN to DEC", 12},
		{"day of the week", "0 to 7 or SUN to SAT", 7},
	}
}

// check reads the field alone, so that an error can name it.
func (f field) check(parts []string, i int) error {
	wrong := fmt.Errorf("the %s %s does not work in a cron expression; %s works, or lists, ranges and steps of it such as 1,2 or 1-5 or */2, or * for every one", f.name, quoted(parts[i]), f.works)
	for element := range strings.SplitSeq(parts[i], ",") {
		if element == "" {
			return fmt.Errorf("the %s %s has a comma too many; write a list as in 1,2", f.name, quoted(parts[i]))
		}
		base, step, stepped := strings.Cut(element, "/")
		// The parser takes any step and any end for a star, and means neither.
		if n, err := strconv.Atoi(step); stepped && (err != nil || n > f.highest) {
			return wrong
		}
		if len(base) > 1 && strings.ContainsAny(base[:1], "*?") {
			return wrong
		}
	}
	alone := []string{"*", "*", "*", "*", "*"}
	alone[i] = parts[i]
	if _, err := parse(strings.Join(alone, " ")); err != nil {
		return wrong
	}
	return nil
}

func parse(spec string) (*cron.SpecSchedule, error) {
	schedule, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(spec)
	if err != nil {
		return nil, err
	}
	wall, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("got a schedule of type %T", schedule)
	}
	wall.Location = time.UTC
	return wall, nil
}

// sundayIsZero writes the days of the week anew where Sunday is called 7, which
// the parser refuses: 7 is 0, 5-7 is 5,6,0.
func sundayIsZero(days string) string {
	elements := strings.Split(days, ",")
	for i, element := range elements {
		span, step, stepped := strings.Cut(element, "/")
		low, high, ranged := strings.Cut(span, "-")
		if !ranged {
			high = low
		}
		if n, err := strconv.Atoi(high); err != nil || n != 7 {
			continue
		}
		every := 1
		if stepped {
			n, err := strconv.Atoi(step)
			if err != nil || n < 1 || n > 7 {
				continue
			}
			every = n
		}
		first := weekday(low)
		if first < 0 {
			continue
		}
		var list []string
		for day := first; day <= 7; day += every {
			list = append(list, strconv.Itoa(day%7))
		}
		elements[i] = strings.Join(list, ",")
	}
	return strings.Join(elements, ",")
}

// weekday reads 0 to 7 or the English name of a day; it returns -1 for neither.
func weekday(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		if n < 0 || n > 7 {
			return -1
		}
		return n
	}
	s = strings.ToLower(s)
	for day := time.Sunday; day <= time.Saturday; day++ {
		full := strings.ToLower(day.String())
		if len(s) >= 3 && strings.HasPrefix(full, s) {
			return int(day)
		}
	}
	return -1
}

// nearest returns how close two occurrences can come by the clock, taking it
// that any two days may follow each other.
func nearest(wall *cron.SpecSchedule) time.Duration {
	var minutes []int
	for hours := wall.Hour & (1<<24 - 1); hours != 0; hours &= hours - 1 {
		for m := wall.Minute & (1<<60 - 1); m != 0; m &= m - 1 {
			minutes = append(minutes, 60*bits.TrailingZeros64(hours)+bits.TrailingZeros64(m))
		}
	}
	if len(minutes) == 0 {
		return 0
	}
	least := minutes[0] + 24*60 - minutes[len(minutes)-1]
	for i := range len(minutes) - 1 {
		least = min(least, minutes[i+1]-minutes[i])
	}
	return time.Duration(least) * time.Minute
}

// quoted puts what a person wrote into quotation marks, cut to a length that a
// sentence bears.
func quoted(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s) + `"`
}
