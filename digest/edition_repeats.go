package digest

import "rapporteur/corpus"

// repeats says whether words were quoted already, all of them or some, in this
// edition or in an earlier one of the subscription. Of earlier editions the codes are
// kept, and a code does not tell where its words stand: for those under what was new,
// the words are found again as they were found then.
func (b *issue) repeats(q corpus.Quotation) bool {
	if b.wasSaid(q) {
		return true
	}
	for _, other := range b.quoted {
		if overlap(q, other) {
			return true
		}
	}
	if !b.quotedNews {
		return false
	}
	for _, other := range b.matches(q.Document(), Topics(b.edition.Subscription.Options)) {
		if overlap(q, other) && b.wasSaid(other) {
			return true
		}
	}
	return false
}

// wasSaid says whether an earlier edition gave the very quotation.
func (b *issue) wasSaid(q corpus.Quotation) bool {
	for row := range b.said {
		if q.HasCode(row) {
			return true
		}
	}
	return false
}

// overlap says whether two quotations have words in common, at the same place.
func overlap(a, b corpus.Quotation) bool {
	p, q := a.Place(), b.Place()
	return p.Document == q.Document && p.Para == q.Para && a.Passage().Text == b.Passage().Text &&
		p.From < q.From+len(q.Words) && q.From < p.From+len(p.Words)
}
