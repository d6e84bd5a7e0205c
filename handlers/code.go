package handlers

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapporteur/bot"
	"rapporteur/corpus"
	"rapporteur/search"
)

// A code comes from document and words (see corpus.Quotation.Code), and leads
// back in two ways. Where there is a memory, it holds where the words of every
// quotation stood, from before the answer was posted. Without one, or for a code
// that another bot gave, the spans are tried that the engine cuts: runs of whole
// sentences of a paragraph, whole paragraphs, and, in a small corpus, runs of
// words with the mark after them, as verify quotes them.

// shortCode is how long the shortest codes are, "Q-" included.
const shortCode = len("Q-7F3A2C")

// Bounds of the search for a code without a memory.
const (
	longestRun   = 8         // of a run; longer ones are tried as whole paragraphs
	mostWordRuns = 4_000_000 // of the corpus; a larger one is tried by sentences alone
)

var codeForm = regexp.MustCompile(`^Q?([0-9A-F]{6}|[0-9A-F]{8}|[0-9A-F]{64})$`)

// readCode reads a code as people type it: in any case, with or without "Q-",
// with spaces and marks around it. It returns it as it is given: "Q-7F3A2C".
func readCode(text string) (code string, ok bool) {
	kept := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsSymbol(r), unicode.Is(unicode.Cf, r):
			return -1
		case r < utf8.RuneSelf:
			return unicode.ToUpper(r)
		}
		return r
	}, text)
	found := codeForm.FindStringSubmatch(kept)
	if found == nil {
		return "", false
	}
	return "Q-" + found[1], true
}

// isCode says whether a text is a code that cannot be anything else: with "Q-".
func isCode(text string) bool {
	if len(text) > longText {
		return false
	}
	_, ok := readCode(text)
	text = strings.TrimSpace(text)
	return ok && len(text) > 2 && (text[0] == 'Q' || text[0] == 'q') && text[1] == '-'
}

// code returns the quotation of a code.
func (d *Desk) code(ctx context.Context, m bot.Message) (bot.Reply, error) {
	code, ok := readCode(m.Text)
	if !ok {
		if strings.TrimSpace(m.Text) == "" {
			return bot.Say("Give me the code that stands behind a quotation, for example: q Q-5D5E21"), nil
		}
		return bot.Say(fmt.Sprintf("%.40q is no code of a quotation; a code looks like Q-5D5E21.", strings.TrimSpace(m.Text))), nil
	}
	if d.memory != nil {
		given, err := d.memory.Lookup(ctx, code[:shortCode], code)
		if err != nil {
			return nil, fmt.Errorf("look up %s: %w", code, err)
		}
		if len(given) > 0 {
			return d.given(m, code, given), nil
		}
	}
	found, err := d.spansOf(ctx, code)
	if err != nil {
		return nil, err
	}
	switch len(found) {
	case 0:
		why := "no quotation with the code " + code + " was given here"
		if d.memory == nil {
			why = "no sentence or paragraph has the code " + code + "; one for a part of a sentence is known to the bot that gave it"
		}
		return d.refuse(m, why, nil), nil
	case 1:
		return bot.Reply{bot.Quotation{Quotation: found[0].WithDigits(len(code) - len("Q-"))}, d.scope(m)}, nil
	}
	reply := bot.Reply{bot.Refusal{Text: fmt.Sprintf("%s is the code of %d quotations; give the longer code of the one you mean.", code, len(found))}, d.scope(m)}
	return append(reply, d.sources(found)), nil
}

// given answers for a code that was given: with the words where they stand now,
// or by saying that they are gone.
func (d *Desk) given(m bot.Message, code string, all []bot.Given) bot.Reply {
	g := all[0]
	var reply bot.Reply
	q, found := d.search.Corpus().Find(g.Place)
	if found {
		reply = append(reply, bot.Quotation{Quotation: q.WithDigits(len(g.Code) - len("Q-"))})
		if now := q.Passage().Para; now != g.Para {
			reply = append(reply, bot.Paragraph{Text: fmt.Sprintf("The document has changed: these words stood in %s when they were first quoted, on %s, and stand in %s now.", paragraphOf(g.Para), dayGiven(g), paragraphOf(now))})
		}
	} else {
		reply = append(reply, bot.Refusal{Text: d.gone(g)})
	}
	var others []corpus.Quotation
	for _, o := range all[1:] {
		if q, stands := d.search.Corpus().Find(o.Place); stands {
			others = append(others, q)
		}
	}
	if len(others) > 0 && len(code) == shortCode {
		reply = append(reply, bot.Paragraph{Text: "Another quotation's code begins the same:"}, d.sources(others))
	}
	return append(reply, d.scope(m))
}

// gone says what became of words that do not stand in the corpus any more. They
// themselves are not shown: nothing vouches for them now.
func (d *Desk) gone(g bot.Given) string {
	doc, known := d.search.Corpus().Document(g.Document)
	if !known {
		return fmt.Sprintf("Not in the corpus any more: %s was quoted on %s from the document %q, which is no longer there.", g.Code, dayGiven(g), g.Document)
	}
	return fmt.Sprintf("Not in the corpus any more: the words quoted as %s on %s, from %s, no longer stand in %s.", g.Code, dayGiven(g), paragraphOf(g.Para), titleOf(doc))
}

func dayGiven(g bot.Given) string { return bot.Day(g.At.Format("2006-01-02")) }

func paragraphOf(n int) string {
	if n == 0 {
		return "an unnumbered line"
	}
	return "¶" + strconv.Itoa(n)
}

func titleOf(doc *corpus.Document) string {
	if doc.Title == "" {
		return doc.ID
	}
	return doc.Title
}

// sources lists where quotations come from, each with the code that is its own.
func (d *Desk) sources(quotes []corpus.Quotation) bot.List {
	var list bot.List
	for _, q := range quotes {
		list.Items = append(list.Items, fmt.Sprintf("%s: %s, %s", q.Codes()[1], titleOf(q.Document()), paragraphOf(q.Passage().Para)))
	}
	return list
}

// spansOf returns the different quotations among the spans that the engine cuts
// whose code it is: of whole sentences or, where there are none, of words.
func (d *Desk) spansOf(ctx context.Context, code string) ([]corpus.Quotation, error) {
	passages := d.search.Corpus().Passages()
	found, err := spans(ctx, passages, code, sentenceRuns)
	if err != nil || len(found) > 0 {
		return found, err
	}
	runs := 0
	for _, p := range passages {
		words := len(p.Text)/5 + 1 // about
		if runs += words * words; runs > mostWordRuns {
			return nil, nil
		}
	}
	return spans(ctx, passages, code, wordRuns)
}

// spans tries every span of every passage.
func spans(ctx context.Context, passages []corpus.Passage, code string, cut func(text string, try func(from, to int))) ([]corpus.Quotation, error) {
	var found []corpus.Quotation
	have := map[corpus.Place]bool{}
	for _, p := range passages {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("look for %s: %w", code, err)
		}
		cut(p.Text, func(from, to int) {
			q, err := p.Quote(from, to)
			if err != nil || !q.HasCode(code) {
				return
			}
			same := corpus.Place{Document: p.Doc.ID, Words: q.Text()}
			if !have[same] {
				have[same] = true
				found = append(found, q)
			}
		})
	}
	return found, nil
}

// sentenceRuns tries the whole text and every run of at most longestRun.
func sentenceRuns(text string, try func(from, to int)) {
	try(0, len(text))
	sentences := search.Sentences(text)
	for i := range sentences {
		for _, last := range sentences[i:min(i+longestRun, len(sentences))] {
			try(sentences[i].From, last.To)
		}
	}
}

// wordRuns tries every run of words, without and with the mark that closes it.
func wordRuns(text string, try func(from, to int)) {
	words := search.Tokens(text, "und")
	for i := range words {
		for _, last := range words[i:] {
			try(words[i].From, last.To)
			if r, size := utf8.DecodeRuneInString(text[last.To:]); strings.ContainsRune(".!?…。！？", r) {
				try(words[i].From, last.To+size)
			}
		}
	}
}
