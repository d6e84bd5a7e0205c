package main

import (
	"runtime/debug"

	"rapporteur/corpus"
)

const (
	largeCorpus = 200_000 // passages from which indexing minds its garbage
	leanPercent = 20      // how much garbage may lie about, for what is in use
)

// lean makes the collector tidy up more often while a large corpus is indexed: a
// million passages fit in little more memory than they take in the end. The
// function that it returns ends that.
func lean(c *corpus.Corpus) (end func()) {
	if c.Numbered() < largeCorpus {
		return func() {}
	}
	before := debug.SetGCPercent(leanPercent)
	return func() {
		debug.SetGCPercent(before)
		debug.FreeOSMemory()
	}
}
