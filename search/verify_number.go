package search

import (
	"strconv"
	"strings"
)

// date is a day, a month (day 0), or a day of a month in an unnamed year (year 0).
type date struct{ year, month, day int }

// dated is a date at the words [from, to).
type dated struct {
	from, to int
	date     date
}

// datesIn finds the dates among words: "26 March 2021", "March 26, 2021",
// "2021-03-26", "26.03.2021", "26 de marzo de 2021", "2021年3月26日", "June 2021".
func datesIn(x *lexicon, words []lexeme) []dated {
	var out []dated
	for i := 0; i < len(words); {
		d, n := dateAt(x, words[i:])
		if n == 0 {
			i++
			continue
		}
		out = append(out, dated{i, i + n, d})
		i += n
	}
	return out
}

// dateAt reads the date that the words start with, and says of how many words it
// is; of none where they start with no date.
func dateAt(x *lexicon, words []lexeme) (date, int) {
	at := func(i int) string {
		if i < len(words) {
			return words[i].form
		}
		return ""
	}
	first := at(0)
	if parts := strings.Split(first, "."); len(parts) == 3 {
		if d, ok := numericDate(parts[0], parts[1], parts[2]); ok {
			return d, 1
		}
	}
	if isYear(first) && at(1) == "年" && at(3) == "月" {
		d := date{whole(first), whole(at(2)), 0}
		if at(5) == "日" && validDay(d.month, whole(at(4))) {
			d.day = whole(at(4))
			return d, 6
		}
		return d, 4
	}
	if len(first) <= 4 {
		if d, ok := numericDate(first, at(1), at(2)); ok {
			return d, 3
		}
	}
	n := 0
	day := dayOf(first)
	if day > 0 {
		n++
		if at(n) == "de" || at(n) == "of" {
			n++
		}
	}
	month := x.month(at(n))
	if month == 0 {
		return date{}, 0
	}
	n++
	if d := dayOf(at(n)); day == 0 && d > 0 {
		day = d
		n++
	}
	year := 0
	next := n
	if at(next) == "de" || at(next) == "of" {
		next++
	}
	if isYear(at(next)) {
		year, n = whole(at(next)), next+1
	}
	if day == 0 && year == 0 {
		return date{}, 0
	}
	return date{year, month, day}, n
}

// numericDate reads year, month and day, or day, month and year.
func numericDate(a, b, c string) (date, bool) {
	switch {
	case isYear(a) && validDay(whole(b), whole(c)):
		return date{whole(a), whole(b), whole(c)}, true
	case isYear(c) && validDay(whole(b), whole(a)):
		return date{whole(c), whole(b), whole(a)}, true
	}
	return date{}, false
}

func validDay(month, day int) bool { return month >= 1 && month <= 12 && day >= 1 && day <= 31 }

// month returns the number of a month by its name; 0 for other words.
func (x *lexicon) month(form string) int {
	for _, m := range x.of(form) {
		if m.kind == alarmDate {
			return whole(m.value)
		}
	}
	return 0
}

// dayOf reads "26", "26th", "1er"; 0 for what is no day of a month.
func dayOf(form string) int {
	digits := strings.TrimRight(form, "abcdefghijklmnopqrstuvwxyzº°")
	if n := whole(digits); n >= 1 && n <= 31 && len(digits) <= 2 && len(form)-len(digits) <= 2 {
		return n
	}
	return 0
}

func isYear(form string) bool {
	form = strings.TrimSuffix(form, "s")
	n := whole(form)
	return len(form) == 4 && n >= 1500 && n < 2200
}

// whole reads a number of digits only; 0 for anything else.
func whole(form string) int {
	if form == "" || len(form) > 9 {
		return 0
	}
	n := 0
	for _, r := range form {
		if r < '0' || r > '9' {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// numberAt reads the number, in digits or words, that starts at a word, up to
// the word end: its value as written in digits, and of how many words it is.
// Words of quantity such as "all" are numbers that stand for themselves.
func numberAt(x *lexicon, words []lexeme, at, end int) (value string, length int) {
	var (
		total, part float64
		found       bool
	)
	for at+length < end {
		w := words[at+length]
		if found && w.form == "and" && at+length+1 < end {
			if _, number, _ := x.number(words[at+length+1]); number && part >= 100 {
				length++
				continue
			}
			break
		}
		n, number, quantity := x.number(w)
		if quantity != "" && !found {
			return quantity, 1
		}
		if !number {
			break
		}
		switch {
		case !found:
			part = n
		case n >= 100 && part > 0 && part < n: // two hundred; two hundred thousand
			part *= n
			if n >= 1000 {
				total += part
				part = 0
			}
		case part >= 20 && n < 10 && int(part)%10 == 0, part == 0, part >= 100 && n < 100 && int(part)%100 == 0: // twenty five; two hundred five
			part += n
		case n == 10 && part < 10: // 三十
			part *= 10
		default:
			return strconv.FormatFloat(total+part, 'f', -1, 64), length
		}
		found = true
		length++
	}
	if !found {
		return "", 0
	}
	return strconv.FormatFloat(total+part, 'f', -1, 64), length
}

// number reads one word as a number, or as a word of quantity.
func (x *lexicon) number(w lexeme) (n float64, number bool, quantity string) {
	if w.form == "" {
		return 0, false, ""
	}
	if c := w.form[0]; c >= '0' && c <= '9' {
		digits := strings.TrimRight(w.form, "abcdefghijklmnopqrstuvwxyzº°")
		if v, err := strconv.ParseFloat(digits, 64); err == nil && len(w.form)-len(digits) <= 3 {
			return v, true, ""
		}
		return 0, false, w.form
	}
	if len(w.raw) == 2 && w.raw == "UN" {
		return 0, false, ""
	}
	for _, m := range x.of(w.form) {
		if m.kind == alarmNumber {
			if v, err := strconv.ParseFloat(m.value, 64); err == nil {
				return v, true, ""
			}
			return 0, false, m.value
		}
	}
	return 0, false, ""
}
