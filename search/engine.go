package search

import (
	"rapporteur/corpus"
)

// Engine finds quotations in one state of the corpus. It is immutable and safe
// for concurrent use; a changed corpus is a new Engine.
type Engine struct {
	corpus   *corpus.Corpus
	passages []corpus.Passage
	indexes  []*index // one a language
	senses   []sense
	weights  *weights
	headers  map[*corpus.Document]*header
	held     []*holding // of each passage, where the corpus is small; else empty
}

type sense struct {
	short string   // stem of the short form
	long  []string // stems of the expansion
}

// Sense is what a term stands for besides itself: a short form and its
// expansion, such as "IIS" and "international information security".
type Sense struct{ Short, Long string }

// New indexes a corpus. The senses let "information security" find "IIS".
func New(c *corpus.Corpus, senses []Sense) (*Engine, error) {
	back, err := loadBackground(backgroundTable)
	if err != nil {
		return nil, err
	}
	w, err := loadWeights(learned)
	if err != nil {
		return nil, err
	}
	e := &Engine{corpus: c, passages: c.Passages(), weights: w, headers: headers(c)}
	e.build(&back)
	for _, s := range senses {
		e.sense(s)
	}
	if len(e.passages) <= readAhead {
		for i := range e.passages {
			e.held = append(e.held, newHolding(&e.passages[i]))
		}
	}
	return e, nil
}

// build makes an index of each language's numbered passages.
func (e *Engine) build(back *background) {
	bytes := map[string]int{}
	for i := range e.passages {
		bytes[e.passages[i].Doc.Language] += len(e.passages[i].Text)
	}
	builders := map[string]*builder{}
	var order []*builder
	for i := range e.passages {
		p := &e.passages[i]
		if p.Para == 0 {
			continue
		}
		b := builders[p.Doc.Language]
		if b == nil {
			language := analyserOf(p.Doc.Language).language
			if b = builders[language]; b == nil {
				b = newBuilder(language, bytes[p.Doc.Language])
				builders[language] = b
				order = append(order, b)
			}
			builders[p.Doc.Language] = b
		}
		b.add(p.Text)
		b.numbers = append(b.numbers, uint32(i)) //nolint:gosec // fewer than 2^32 passages
	}
	for _, b := range order {
		x := b.index(back)
		if b.words() <= mostReadings {
			var r reading
			for _, number := range x.numbers {
				x.read(e.passages[number].Text, &r)
				x.readings.append(&r)
			}
		}
		e.indexes = append(e.indexes, x)
	}
}

func (e *Engine) sense(s Sense) {
	short := Tokens(s.Short, english)
	if len(short) != 1 {
		return
	}
	long := sense{short: short[0].Stem}
	for _, t := range Tokens(s.Long, english) {
		if !stopword(t.Word) {
			long.long = append(long.long, t.Stem)
		}
	}
	if len(long.long) > 1 {
		e.senses = append(e.senses, long)
	}
}

// Corpus returns the corpus that is searched.
func (e *Engine) Corpus() *corpus.Corpus { return e.corpus }
