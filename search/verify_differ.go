package search

import "slices"

// differing rules on words that do not stand in the record as claimed.
func (q *inquiry) differing(c *claim) outcome {
	parts := groups(c.chain(c.segments(q.places)))
	if o, found := q.stitched(c, parts); found {
		return o
	}
	return q.altered(c, parts)
}

// stitched rules on a claim of which each part stands in another place.
func (q *inquiry) stitched(c *claim, parts [][]segment) (outcome, bool) {
	var kept [][]segment
	var covered float64
	words := 0
	for _, p := range parts {
		n, weight := c.matched(p)
		first, last := p[0].at, p[len(p)-1].at+p[len(p)-1].length
		if n >= leastStitch && count(c.words[first:last]) >= leastStitch-1 {
			kept = append(kept, p)
			covered += weight
			words += n
		}
	}
	if len(kept) < 2 || len(kept) > mostParts || words < leastPart*len(kept) && len(kept) > 2 || covered < leastCovered*c.weights[len(c.words)] {
		return outcome{}, false
	}
	o := outcome{Verdict: Verdict{Ruling: Stitched}, matched: map[int]bool{}, near: map[int]bool{}}
	edited := false
	for n, p := range kept {
		first, end := 0, len(c.words)
		if n > 0 {
			first = p[0].at
		}
		if n+1 < len(kept) {
			end = kept[n+1][0].at
		}
		a := c.along(q.places, p, first, end)
		q.note(&o, c, a)
		o.Quotations = append(o.Quotations, a.place.quote(a.from, a.to)...)
		o.Diff = append(o.Diff, a.diff(q.text, c.words)...)
		edited = edited || slices.ContainsFunc(a.steps, func(s byte) bool { return s != 'e' && s != 'h' })
		if n > 0 && n < len(kept) {
			q.leftOut(&o, kept[n-1], p)
		}
	}
	if !edited {
		o.Diff = nil
	}
	o.cost += jumpCost * (len(kept) - 1)
	slices.Sort(o.Alarm)
	o.Alarm = slices.Compact(o.Alarm)
	return o, true
}

// leftOut raises the alarm where the words between two parts of one sentence,
// which the claim leaves out without a mark, deny something.
func (q *inquiry) leftOut(o *outcome, before, after []segment) {
	last := before[len(before)-1]
	from, to := last.to+last.length, after[0].to
	if last.place != after[0].place || to <= from {
		return
	}
	p := &q.places[last.place]
	if _, end := p.sentence(from - 1); to <= end && hiddenNegation(p, from, to, q.lexicon(p)) {
		o.Alarm = append(o.Alarm, alarmNegation)
	}
}

// altered rules on a claim that is like a place of the record, word by word, or
// like none.
func (q *inquiry) altered(c *claim, parts [][]segment) outcome {
	var best []segment
	var most float64
	for _, p := range parts {
		if _, weight := c.matched(p); weight > most {
			best, most = p, weight
		}
	}
	none := outcome{Verdict: Verdict{Ruling: NotInCorpus}}
	if len(best) == 0 {
		return none
	}
	var longest float64
	for _, s := range best {
		longest = max(longest, c.weights[s.at+s.length]-c.weights[s.at])
	}
	a := c.along(q.places, best, 0, len(c.words))
	o := outcome{Verdict: Verdict{Ruling: Altered}, matched: map[int]bool{}, near: map[int]bool{}}
	q.note(&o, c, a)
	var same float64
	for i, w := range c.words {
		if o.matched[w.from] {
			same += c.weights[i+1] - c.weights[i]
		}
	}
	if same < leastKinship*c.weights[len(c.words)] || a.same < leastWords-1 || longest < leastRun {
		return none
	}
	o.Quotations = a.place.quoteSentences(a.from, a.to)
	o.Diff = a.diff(q.text, c.words)
	if o.cost == 0 { // only words that an ellipsis hides
		o.Ruling, o.Diff, o.Quotations = Truncated, nil, a.place.quote(a.from, a.to)
		if o.Hidden == 0 {
			o.Ruling = Typography
		}
	}
	return o
}

// note enters an alignment into an outcome: what it costs, which words it
// matches, what it hides and which alarms it raises.
func (q *inquiry) note(o *outcome, c *claim, a alignment) {
	at := a.start
	near := a.near()
	for n, s := range a.steps {
		switch s {
		case 'e':
			o.matched[c.words[at].from] = true
			o.near[c.words[at].from] = near[n]
			at++
		case 'i':
			o.cost++
			at++
		case 'd':
			o.cost++
		case 'h':
			o.Hidden++
		}
	}
	o.Alarm = append(o.Alarm, a.alarms(q.text, c.words, q.lexicon(a.place))...)
}

// lexicon returns the word lists for the language of a place.
func (q *inquiry) lexicon(p *place) *lexicon {
	language := p.sources[0].passage.Doc.Language
	if q.lexicons == nil {
		q.lexicons = map[string]*lexicon{}
	}
	if q.lexicons[language] == nil {
		q.lexicons[language] = newLexicon(language)
	}
	return q.lexicons[language]
}
