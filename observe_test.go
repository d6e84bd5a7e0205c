package main

import (
	"strings"
	"testing"

	"rapporteur/digest"
)

// TestOnlyWhatPeopleAskIsCounted writes editions, which look up what the record says
// on an item, and asks a verb that asks others.
func TestOnlyWhatPeopleAskIsCounted(t *testing.T) {
	t.Parallel()
	n, sub, _ := served(t)
	for range 3 {
		reply, err := n.Write(t.Context(), digest.Edition{Subscription: sub, Due: n.clock(), Now: n.clock()})
		if err != nil {
			t.Fatal(err)
		}
		if len(reply) == 0 {
			t.Fatal("the edition is empty: the test shows nothing")
		}
	}
	holds(t, "after editions alone", n.say(t, "zoe", "status"), "0 answers and 0 refusals since")
	n.say(t, "zoe", "quote digital gap")
	n.say(t, "zoe", "quote the price of sandwiches in the cafeteria")
	n.say(t, "zoe", "digest Global Mechanism")
	holds(t, "after three questions and a status", n.say(t, "zoe", "status"), "3 answers and 1 refusals since")
	if got := get(n.health(), "/metrics", "").Body.String(); !strings.Contains(got, `rapporteur_answers_total{verb="digest",outcome="answered"} 1`) {
		t.Errorf("got\n%s\nwant the digest that was asked for", got)
	}
	holds(t, "an order", n.say(t, "zoe", "subscribe digest daily 08:00 UTC processes:Foo"), `I know no process called "Foo"`)
}
