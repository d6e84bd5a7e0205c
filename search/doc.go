// Package search finds passages of the record, selects the sentence that
// answers, and decides when the record does not hold an answer.
//
// The index is in memory and our own: BM25 over stems, because the measured
// peers are 12 to 330 times slower and less exact on quotations (bleve's "BM25"
// takes the size of the dictionary for the length of a document). A corpus of
// forty paragraphs cannot tell a rare word from a common one, so document
// frequencies are mixed with a background table that is made from the UN
// General Debate Corpus (1946–2024, CC0) by tools/background.
//
// Finding is not answering. A passage answers only when the sentence holds
// enough of what the question asks, and when it, or what is known about its
// document, holds every person, State, number and date the question names:
// those guards, not a score, are what keeps "What did China say about
// sovereignty?" from being answered with the words of somebody else.
package search

//go:generate go run rapporteur/tools/background -in ../../shared/data/un100k/docs.jsonl.gz -out background.gz
