// Package search finds passages of the record, selects the sentence that
// answers, and decides when the record does not hold an answer.
//
// The index is in memory and our own, because the measured peers are 12 to 330
// times slower and less exact on quotations (BENCHMARKS.md). It is one inverted
// index a language: flat posting lists of stems with what each adds to a
// passage's BM25 score, and of neighbouring words, walked along by MaxScore. A
// corpus of forty paragraphs cannot tell a rare word from a common one, so
// document frequencies are mixed with a background table that tools/background
// makes from the UN General Debate Corpus (1946–2024, CC0). The best passages are
// then looked at word by word: the words as written, neighbours, runs, the best
// sentence. What each counts for was learned by tools/train from public question
// collections (SQuAD and XQuAD, CC BY-SA 4.0; only the weights are here), and so
// was the logistic that says how likely the passages hold an answer at all.
//
// Finding is not answering. A passage answers only when it holds enough of what
// the question asks, and when it, or what is known about its document, holds
// every person, State, number and date the question names: those guards, not a
// score, are what keeps "What did China say about sovereignty?" from being
// answered with the words of somebody else.
package search

//go:generate go run rapporteur/tools/background -in ../../shared/data/un100k/docs.jsonl.gz -out background.gz
//go:generate go run rapporteur/tools/train -data ../../shared/data -out weights.json
