package search

import (
	"strings"
	"unicode/utf8"
)

// match is where the words of a claim stand.
type match struct {
	place    *place
	from, to int
}

// exact rules on a claim that stands in the record as claimed.
func (q *inquiry) exact(c *claim, r claimed) (Verdict, bool) {
	found := matches(q.places, c.ids)
	if len(found) == 0 {
		return Verdict{}, false
	}
	best, claimed := q.attributed(found, r)
	if claimed.wrong() {
		if more := q.elsewhere(c); len(more) > 0 {
			if m, again := q.attributed(more, r); !again.wrong() {
				best, claimed = m, again
			}
		}
	} else if best == found[0] && claimed.value == "" { // of equals, one that agrees byte by byte
		for _, m := range found {
			if q.sameBytes(c, m) {
				best = m
				break
			}
		}
	}
	v := Verdict{Ruling: Typography, Quotations: best.place.quote(best.from, best.to), Alarm: q.deniedBefore(best)}
	if q.sameBytes(c, best) {
		v.Ruling = Verbatim
	}
	claimed.enter(&v)
	return v, true
}

func matches(places []place, ids []int32) []match {
	const most = 50 // places of equal words in one stretch of the record
	var out []match
	for i := range places {
		for _, at := range places[i].find(ids, most) {
			out = append(out, match{&places[i], at, at + len(ids)})
		}
	}
	return out
}

// elsewhere looks for the same words in more passages than were read at first.
func (q *inquiry) elsewhere(c *claim) []match {
	return matches(q.vocab.places(q.engine.more(c.words, mostSpeakers)), c.ids)
}

// sameBytes says whether a match is written as the claim is, from its first
// word to its last. A question is no statement.
func (q *inquiry) sameBytes(c *claim, m match) bool {
	first, last := c.words[0], c.words[len(c.words)-1]
	from, to := m.place.words[m.from], m.place.words[m.to-1]
	if from.source != to.source {
		all := q.text[first.from:last.to]
		return strings.Contains(m.place.sources[from.source].passage.Doc.Text, all)
	}
	text := m.place.text(m.from)
	if strings.HasPrefix(q.text[last.to:], "?") && !strings.HasPrefix(text[to.to:], "?") {
		return false
	}
	return q.text[first.from:last.to] == text[from.from:to.to]
}

// deniedBefore raises the alarm where the word just before a match, in the same
// sentence, denies what follows: "all our proposals were welcomed", of which the
// record says "Not all".
func (q *inquiry) deniedBefore(m match) []string {
	at := m.from - 1
	if at < 0 || m.place.words[at].source != m.place.words[m.from].source {
		return nil
	}
	between := m.place.text(at)[m.place.words[at].to:m.place.words[m.from].from]
	if strings.ContainsAny(between, ".!?…;:()。！？；：") || !hiddenNegation(m.place, at, m.from, q.lexicon(m.place)) {
		return nil
	}
	return []string{alarmNegation}
}

// truncated rules on a claim whose parts stand in order in one place, with
// hidden words where the ellipses stand.
func (q *inquiry) truncated(c *claim, r claimed) (Verdict, bool) {
	bounds := []int{0}
	for _, cut := range c.cuts {
		if cut > 0 && cut < len(c.words) {
			bounds = append(bounds, cut)
		}
	}
	bounds = append(bounds, len(c.words))
	var best []int // where the parts stand, and their place
	var where *place
	least := -1
	for i := range q.places {
		at, hidden := q.places[i].parts(c.ids, bounds)
		if at != nil && (least < 0 || hidden < least) {
			best, least, where = at, hidden, &q.places[i]
		}
	}
	if where == nil {
		return Verdict{}, false
	}
	last := len(best) - 1
	m := match{where, best[0], best[last] + bounds[last+1] - bounds[last]}
	v := Verdict{Hidden: least}
	for i := 1; i < len(best); i++ {
		q.hide(&v, where, best[i-1]+bounds[i]-bounds[i-1], best[i])
	}
	if c.cuts[0] == 0 { // an ellipsis in front hides the beginning of the sentence
		first, _ := where.sentence(m.from)
		v.Hidden += m.from - first
		q.hide(&v, where, first, m.from)
		m.from = first
	}
	if c.cuts[len(c.cuts)-1] == len(c.words) {
		_, end := where.sentence(m.to - 1)
		v.Hidden += end - m.to
		q.hide(&v, where, m.to, end)
		m.to = end
	}
	v.Ruling = Truncated
	if v.Hidden == 0 {
		v.Ruling = Typography
	}
	if v.Alarm == nil {
		v.Alarm = q.deniedBefore(m)
	}
	v.Quotations = where.quote(m.from, m.to)
	_, wrong := q.attributed([]match{m}, r)
	wrong.enter(&v)
	return v, true
}

// hide raises the alarm where hidden words deny something.
func (q *inquiry) hide(v *Verdict, p *place, from, to int) {
	if v.Alarm == nil && from < to && hiddenNegation(p, from, to, q.lexicon(p)) {
		v.Alarm = []string{alarmNegation}
	}
}

// parts finds where the parts of a claim stand in order, with the fewest hidden
// words between them; nil where they do not.
func (p *place) parts(ids []int32, bounds []int) (best []int, least int) {
	const tries = 50 // places of the first part that are tried
	stands := make([][]int, len(bounds)-1)
	for i := range stands {
		limit := -1
		if i == 0 {
			limit = tries
		}
		if stands[i] = p.find(ids[bounds[i]:bounds[i+1]], limit); len(stands[i]) == 0 {
			return nil, 0
		}
	}
	for _, first := range stands[0] {
		at, hidden, end := []int{first}, 0, first+bounds[1]
		for i := 1; i < len(stands); i++ {
			n := lower(stands[i], end)
			if n == len(stands[i]) || stands[i][n]-end > mostHidden {
				at = nil
				break
			}
			at = append(at, stands[i][n])
			hidden += stands[i][n] - end
			end = stands[i][n] + bounds[i+1] - bounds[i]
		}
		if at != nil && (best == nil || hidden < least) {
			best, least = at, hidden
		}
	}
	return best, least
}

// lower returns the first index of a sorted list that is not below a value.
func lower(list []int, value int) int {
	lo, hi := 0, len(list)
	for lo < hi {
		if mid := (lo + hi) / 2; list[mid] < value {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// attributed returns the match that agrees best with what the text says about
// speaker, date and place, and what it says wrongly of that.
func (q *inquiry) attributed(found []match, r claimed) (match, misnomer) {
	around := q.around(r)
	best, wrong := found[0], misnomer{}
	for i, m := range found {
		w := check(around, m.place.sources[m.place.words[m.from].source].passage)
		if i == 0 || w.less(wrong) {
			best, wrong = m, w
		}
		if wrong.value == "" {
			break
		}
	}
	return best, wrong
}

// around returns what stands outside the quotation, shortened: an attribution is
// short.
func (q *inquiry) around(r claimed) string {
	const most = 300
	before, after := q.text[:r.From], q.text[r.To:]
	if len(before) > most {
		before = before[len(before)-most:]
		for before != "" && !utf8.RuneStart(before[0]) {
			before = before[1:]
		}
	}
	return before + "\n" + after[:cutAt(after, most)]
}

// misnomer is what a text says wrongly about a quotation.
type misnomer struct {
	value string
	place bool // only the paragraph is wrong
}

func (m misnomer) wrong() bool { return m.value != "" && !m.place }

func (m misnomer) less(o misnomer) bool {
	level := func(m misnomer) int {
		switch {
		case m.wrong():
			return 2
		case m.place:
			return 1
		}
		return 0
	}
	return level(m) < level(o)
}

// enter writes a misnomer into a verdict.
func (m misnomer) enter(v *Verdict) {
	v.Claimed = m.value
	if m.wrong() {
		v.Ruling = Misattributed
	}
}
