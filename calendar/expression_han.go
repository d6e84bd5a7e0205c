package calendar

import (
	"strings"
	"time"
	"unicode/utf8"
)

// han reads a Chinese expression: "2021年6月29日", "2021年至2025年", "今年4月",
// "未来五年", "20世纪90年代", "不迟于2026年12月31日".
func (r *reader) han(i int) (moment, int, bool) {
	if t := r.tok(i); t.kind != hanToken && (t.kind != numberToken || !r.hanNear(i)) {
		return moment{}, 0, false
	}
	return r.first(i, []rule{(*reader).hanBound, (*reader).hanSpan, (*reader).hanRelative})
}

// hanNear says whether a Chinese character follows the number at i within a range.
func (r *reader) hanNear(i int) bool {
	return r.tok(i+1).kind == hanToken || r.dash(i+1) && r.tok(i+3).kind == hanToken
}

// follows returns the place after the characters at token i, or -1.
func (r *reader) follows(i int, characters string) int {
	t := r.tok(i)
	if t.kind != hanToken || !strings.HasPrefix(r.text[t.from:], characters) {
		return -1
	}
	return i + utf8.RuneCountInString(characters)
}

// one returns the first of the alternatives that stands at token i and the place
// after it, or "".
func (r *reader) one(i int, alternatives ...string) (string, int) {
	for _, a := range alternatives {
		if next := r.follows(i, a); next > 0 {
			return a, next
		}
	}
	return "", i
}

// hanNumber reads a number in digits or in up to five Chinese characters; -1 where
// there is none.
func (r *reader) hanNumber(i int) (int, int) {
	t := r.tok(i)
	if t.kind == numberToken {
		if t.digits > 4 {
			return -1, i
		}
		return t.number, i + 1
	}
	n, tens, k := 0, -1, i
	for ; k < i+5 && r.tok(k).kind == hanToken; k++ {
		c := r.tok(k).rune
		if c == '十' && tens < 0 && n < 10 {
			tens, n = max(n, 1)*10, 0
			if k == i {
				tens = 10
			}
			continue
		}
		d := hanDigit(c)
		if d < 0 {
			break
		}
		n = n*10 + d
	}
	if k == i {
		return -1, i
	}
	return max(tens, 0) + n, k
}

// hanDigit returns the value of a Chinese digit, -1 for anything else.
func hanDigit(c rune) int {
	switch c {
	case '〇', '零':
		return 0
	case '一':
		return 1
	case '二', '两':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

// hanDate reads year, month and day as far as they stand; a year of four digits.
func (r *reader) hanDate(i int) (moment, int, bool) {
	var d Date
	relative, k := false, i
	if n, next := r.hanNumber(k); n >= firstYear && n <= lastYear && r.follows(next, "年") > 0 && r.opens(i) {
		d.Year, k = n, next+1
	} else if word, next := r.one(k, "今年", "本年", "去年", "明年", "前年", "后年"); word != "" {
		off := map[string]int{"去年": -1, "明年": 1, "前年": -2, "后年": 2}[word]
		relative, k = true, next
		d = r.said.shift(years, off)
	}
	year := k > i
	if n, next := r.hanNumber(k); n >= 1 && n <= 12 && r.follows(next, "月") > 0 && r.follows(next, "月球") < 0 {
		k = next + 1
		month := time.Month(n)
		if year && relative && d.IsZero() {
			month = 0
		}
		d.Month = month
		if n, next := r.hanNumber(k); n >= 1 && n <= 31 {
			if _, after := r.one(next, "日", "号"); after > next {
				k = after
				if d.Month > 0 {
					d.Day = n
				}
			}
		}
	}
	if k == i || d.Month > 0 && !d.real() {
		return moment{}, 0, false
	}
	m := at(d)
	m.relative, m.yearless = relative, !year
	if relative && d.IsZero() {
		m.yearless = false
	}
	return m, k, true
}

// hanPart reads what may follow a year: a part, a quarter or a half of it.
func (r *reader) hanPart(m moment, i int) (moment, int) {
	if m.extent != YearExtent || m.start.IsZero() {
		return m, i
	}
	if word, next := r.one(i, "年初", "初", "年底", "年末", "底", "末", "年中", "中期"); word != "" {
		m.part = map[string]Part{"年初": Beginning, "初": Beginning, "年中": Mid, "中期": Mid}[word]
		if m.part == "" {
			m.part = End
		}
		return m, next
	}
	k := i
	if next := r.follows(k, "第"); next > 0 {
		k = next
	}
	n, next := r.hanNumber(k)
	quarter := 0
	if after := r.follows(next, "季度"); after > 0 && n >= 1 && n <= 4 {
		quarter, next = n, after
	}
	half, after := r.one(i, "上半年", "下半年")
	switch {
	case quarter > 0:
		m.start.Month = time.Month(quarter*3 - 2)
		m.end.Month = m.start.Month + 2
	case half != "":
		m.start.Month, next = 1, after
		if half == "下半年" {
			m.start.Month = 7
		}
		m.end.Month = m.start.Month + 5
	default:
		return m, i
	}
	m.extent = RangeExtent
	return m, next
}

// hanSpan reads a date or a range of two: "2021年7月26日至30日".
func (r *reader) hanSpan(i int) (moment, int, bool) {
	if m, next, ok := r.hanDecade(i); ok {
		return m, next, true
	}
	if n, next := r.hanNumber(i); n >= firstYear && n <= lastYear && r.opens(i) { // "2021至2025年": the noun stands once
		if k := r.hanJoins(next); k > 0 {
			if to, after := r.hanNumber(k); to > n && to <= lastYear && r.follows(after, "年") > 0 {
				return moment{start: Date{Year: n}, end: Date{Year: to}, extent: RangeExtent}, after + 1, true
			}
		}
	}
	a, next, found := r.hanDate(i)
	if !found {
		return moment{}, 0, false
	}
	if m, after := r.hanPart(a, next); after > next {
		return m, after, true
	}
	k := r.hanJoins(next)
	if k < 0 || a.relative && a.start.IsZero() {
		return a, next, true
	}
	if a.extent == DayExtent { // a day of the same month
		if n, after := r.hanNumber(k); n > a.start.Day && n <= 31 {
			if _, end := r.one(after, "日", "号"); end > after {
				b := a
				b.end.Day, b.extent = n, RangeExtent
				return b, end, b.end.real()
			}
		}
	}
	b, after, ok := r.hanDate(k)
	if !ok || b.extent != a.extent || b.relative {
		return a, next, true
	}
	if b.yearless && !a.yearless {
		b.start.Year, b.end.Year, b.yearless = a.start.Year, a.start.Year, false
	}
	if m, ok := join(a, b); ok {
		return m, after, true
	}
	return a, next, true
}

func (r *reader) hanJoins(i int) int {
	if _, next := r.one(i, "至", "到"); next > i {
		return next
	}
	if r.dash(i) {
		return i + 1
	}
	return -1
}

// hanDecade reads "20世纪90年代", "1990年代", "上世纪90年代".
func (r *reader) hanDecade(i int) (moment, int, bool) {
	k, century := i, 0
	if n, next := r.hanNumber(i); n > 17 && n < 22 && r.follows(next, "世纪") > 0 {
		century, k = (n-1)*100, next+2
	} else if next := r.follows(i, "上世纪"); next > 0 && r.said.Year > 2000 {
		century, k = (r.said.Year/100-1)*100, next
	}
	n, next := r.hanNumber(k)
	end := r.follows(next, "年代")
	if n < 0 || n%10 != 0 || end < 0 || n >= 100 && (n < firstYear || n > lastYear) || n < 100 && century == 0 {
		return moment{}, 0, false
	}
	if n < 100 {
		n += century
	}
	return moment{start: Date{Year: n}, end: Date{Year: n + 9}, extent: DecadeExtent, relative: r.follows(i, "上世纪") > 0}, end, true
}

// hanBound reads a deadline or a start: "不迟于…", "到…", "在…之前", "自…以来".
func (r *reader) hanBound(i int) (moment, int, bool) {
	word, k := r.one(i, "不迟于", "不晚于", "最迟在", "最迟于", "最迟", "直到", "直至", "截至", "到", "在", "自", "从", "于")
	m, next, found := r.hanSpan(k)
	if !found {
		return moment{}, 0, false
	}
	before, after := r.one(next, "年底之前", "之前", "以前", "前")
	since, onward := r.one(next, "以来", "起", "开始")
	switch {
	case m.extent == RangeExtent:
		return m, next, word == "从" || word == "自"
	case before != "":
		if word == "不迟于" || word == "最迟" || m.yearless || m.start.IsZero() {
			m.start, m.extent = Date{}, DeadlineExtent
			return m, after, true
		}
		if m.part == "" {
			m.end = m.start.before()
		}
		m.start, m.extent = Date{}, DeadlineExtent
		return m, after, true
	case since != "" && (word == "" || word == "自" || word == "从"):
		m.end, m.extent = Date{}, RangeExtent
		return m, onward, true
	case word == "直到" || word == "直至":
		m.start, m.extent = Date{}, RangeExtent
		return m, next, true
	case word == "到" || strings.HasPrefix(word, "不") || strings.HasPrefix(word, "最"):
		m.start, m.extent = Date{}, DeadlineExtent
		return m, next, true
	}
	return moment{}, 0, false
}

// hanRelative reads "今天", "上个月", "未来五年", "两年前".
func (r *reader) hanRelative(i int) (moment, int, bool) {
	t := r.tok(i)
	if t.kind == hanToken && !strings.ContainsRune("今昨明本这上下未接过最一二三四五六七八九十两", t.rune) {
		return moment{}, 0, false
	}
	for _, w := range [...]struct {
		words string
		unit  unit
		n     int
	}{
		{"今天|今日", days, 0},
		{"昨天|昨日", days, -1},
		{"明天|明日", days, 1},
		{"本周|这周", weeks, 0},
		{"上周", weeks, -1},
		{"下周", weeks, 1},
		{"本月|这个月", months, 0},
		{"上个月|上月", months, -1},
		{"下个月|下月", months, 1},
	} {
		for word := range strings.SplitSeq(w.words, "|") {
			if next := r.follows(i, word); next > 0 {
				return r.said.moment(w.unit, w.n), next, true
			}
		}
	}
	word, k := r.one(i, "未来", "今后", "接下来", "过去", "最近")
	if next := r.follows(k, "的"); next > 0 {
		k = next
	}
	n, next := r.hanNumber(k)
	if n < 1 || n > 200 || word == "" && !r.opens(i) {
		return moment{}, 0, false
	}
	if after := r.follows(next, "个"); after > 0 {
		next = after
	}
	noun, next := r.one(next, "年", "月", "周", "天")
	u := map[string]unit{"年": years, "月": months, "周": weeks, "天": days}[noun]
	if noun == "" {
		return moment{}, 0, false
	}
	switch back, after := r.one(next, "以前", "之前", "前"); {
	case word == "过去" || word == "最近":
		return r.said.stretch(u, -n), next, true
	case word != "":
		return r.said.stretch(u, n), next, true
	case back != "":
		if u == weeks {
			u, n = days, 7*n
		}
		return r.said.moment(u, -n), after, true
	}
	return moment{}, 0, false
}
