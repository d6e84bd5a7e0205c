//go:build race

package digest_test

// underRace is set under the race detector, which makes everything ten times slower.
const underRace = true
