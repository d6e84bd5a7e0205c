package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapporteur/e2e/homeserver"
)

// TestChaosOfTheProgramsOwnEditions kills replicas that write the program's own
// editions, while a session of their calendar moves three times, through a proxy that
// breaks the wire to Slack. In the end every edition is in its room once, says when
// the session is now, whichever calendar it was written from, and no room was told
// the same twice.
func TestChaosOfTheProgramsOwnEditions(t *testing.T) {
	t.Parallel()
	server, database := ownPostgres(t)
	n := cycles(t, 80)
	window := min(time.Duration(n)*150*time.Millisecond*chaosSpeed, 20*time.Hour)
	c := newChaos(t, database, 2, min(n, 1000), window, 11)
	proxy, err := homeserver.NewProxy(t.Context(), strings.TrimSuffix(c.fake.APIURL(), "/api/"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	c.with = []string{"-slack", proxy.URL + "/api/", "-moves", (window / 4).String(), "-most", "3"}
	// The session is on the 24th at first, and three days later in the end.
	const now = "27 March 2027"
	c.pending = func() int {
		wrong := 0
		for _, p := range c.fake.Posts() {
			if text := p.Visible(); strings.Contains(text, "Edition ") && !strings.Contains(text, now) {
				wrong++
			}
		}
		return wrong
	}
	for place := range c.replicas {
		c.start(place, "")
	}
	for cycle := range n {
		c.cycle()
		switch {
		case cycle%5 == 2:
			fault := homeserver.Fault{Method: "POST", Path: "/api/chat.", Times: 1, Arrives: c.random.IntN(2) == 0}
			if c.random.IntN(2) == 0 {
				fault.Status = 502
			}
			proxy.Break(fault)
		case cycle%40 == 30:
			c.crash(server)
		}
	}
	proxy.Heal()
	c.settle(120 * time.Second)
	c.verdict("the program's own editions, PostgreSQL, two replicas, a proxy before Slack")

	edited, doubled := 0, 0
	told := map[string]int{}
	for _, p := range c.fake.Posts() {
		switch text := p.Visible(); {
		case strings.Contains(text, "Correction:"):
			told[p.Channel+" "+p.ThreadTS+" "+text]++
		case p.Edited:
			edited++
		}
	}
	for notice, times := range told {
		if times > 1 {
			doubled++
			t.Errorf("told %d times: %s", times, notice)
		}
	}
	if wrong := c.pending(); wrong > 0 || len(told) == 0 || edited == 0 {
		t.Errorf("got %d editions that still say otherwise, %d notices and %d edited posts, want none, some and some", wrong, len(told), edited)
	}
	report(t, fmt.Sprintf("CHAOS corrections: %d posts edited, %d notices: 0 editions wrong in the end, %d notices doubled", edited, len(told), doubled))
}
