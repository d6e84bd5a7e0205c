package mutate_test

import (
	"slices"
	"testing"

	"rapporteur/corpus"
	"rapporteur/search"
	"rapporteur/search/mutate"
)

// TestMutationsAreDetectedAndNoiseIsNot verifies every claim made from the
// embedded record: a changed one must be noticed, with its alarm, and one that
// is only written in another way must not.
func TestMutationsAreDetectedAndNoiseIsNot(t *testing.T) {
	t.Parallel()
	c, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	e, err := search.New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := mutate.NewPool(c, 3)
	if n := len(pool.Sentences()); n < 40 {
		t.Fatalf("got %d sentences, want at least 40", n)
	}
	seen := map[string]int{}
	for _, s := range pool.Sentences() {
		for _, claim := range append(pool.Mutations(s), pool.Noises(s)...) {
			seen[claim.Kind]++
			v := e.Verify(claim.Text)
			if !slices.Contains(claim.Rulings, v.Ruling) {
				t.Errorf("%s: got %s %v %s, want %v: %q", claim.Kind, v.Ruling, v.Alarm, v.Claimed, claim.Rulings, claim.Text)
			}
			if claim.Alarm != "" && !slices.Contains(v.Alarm, claim.Alarm) {
				t.Errorf("%s: got alarms %v, want %s: %q", claim.Kind, v.Alarm, claim.Alarm, claim.Text)
			}
			if slices.Contains(claim.Rulings, search.Verbatim) && len(v.Alarm) > 0 {
				t.Errorf("%s: got alarms %v for noise: %q", claim.Kind, v.Alarm, claim.Text)
			}
		}
	}
	for _, kind := range append(mutate.MutationKinds(), mutate.NoiseKinds()...) {
		if seen[kind] < 15 {
			t.Errorf("%s: got %d claims, want at least 15", kind, seen[kind])
		}
	}
}

func TestOneSeedMakesTheSameClaims(t *testing.T) {
	t.Parallel()
	c, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	a, b, other := mutate.NewPool(c, 5), mutate.NewPool(c, 5), mutate.NewPool(c, 6)
	differ := false
	for _, s := range a.Sentences() {
		x, y, z := a.Mutations(s), b.Mutations(s), other.Mutations(s)
		for i := range x {
			if x[i].Text != y[i].Text {
				t.Fatalf("got %q and %q from one seed", x[i].Text, y[i].Text)
			}
			differ = differ || i < len(z) && x[i].Text != z[i].Text
		}
	}
	if !differ {
		t.Error("got the same claims from two seeds")
	}
}
