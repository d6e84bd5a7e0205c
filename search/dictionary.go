package search

// dictionary numbers the words of one language's texts: forms, the words as they
// are written in small letters, and the terms under which forms are indexed. A
// form of a language without stemmer has several terms.
type dictionary struct {
	language  string
	stop      func(string) bool
	form      map[string]uint32
	stopForm  []bool // by form
	digitForm []bool // by form: it begins with a digit
	term      map[string]uint32
	of        []uint32   // by form: its first term, or manyTerms and an index of many
	many      [][]uint32 // the terms of forms that have several
	grams     bool
}

// manyTerms marks an entry of dictionary.of that is an index of dictionary.many.
const manyTerms = 1 << 31

func newDictionary(language string) *dictionary {
	return &dictionary{language: language, stop: stopwords(language), grams: analyserOf(language).grams, form: map[string]uint32{}, term: map[string]uint32{}}
}

// termsOf returns the terms of a form.
func (d *dictionary) termsOf(form uint32, one *[1]uint32) []uint32 {
	t := d.of[form]
	if t&manyTerms != 0 {
		return d.many[t&^manyTerms]
	}
	one[0] = t
	return one[:]
}

// add numbers a form, which is copied, and its terms.
func (d *dictionary) add(form []byte, a *analyser) uint32 {
	word := string(form)
	number := uint32(len(d.of)) //nolint:gosec // fewer than 2^31 forms
	d.form[word] = number
	d.stopForm = append(d.stopForm, d.stop(word))
	d.digitForm = append(d.digitForm, word != "" && word[0] >= '0' && word[0] <= '9')
	var terms []uint32
	a.terms(word, func(term string) {
		t, known := d.term[term]
		if !known {
			t = uint32(len(d.term)) //nolint:gosec // as above
			d.term[term] = t
		}
		terms = append(terms, t)
	})
	if len(terms) == 1 {
		d.of = append(d.of, terms[0])
		return number
	}
	d.of = append(d.of, manyTerms|uint32(len(d.many))) //nolint:gosec // as above
	d.many = append(d.many, terms)
	return number
}
