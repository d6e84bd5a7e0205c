package matrix_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestALargeBatchIsCommittedBeforeItsToken is acceptance 19: 5,000 events of 300
// rooms in one sync. Each message for the bot is in the inbox before the token is,
// once, and what was read is not kept.
func TestALargeBatchIsCommittedBeforeItsToken(t *testing.T) { //nolint:paralleltest // it measures memory
	const rooms, each = 300, 17
	h, s := newHS(t), started()
	var joined []string
	for r := range rooms {
		events := make([]string, each)
		for e := range events {
			words := "talk among people " + strings.Repeat("word ", 100)
			if e%4 == 0 {
				words = fmt.Sprintf("!iis %d in %d", e, r)
			}
			events[e] = says(fmt.Sprintf("$%d-%d", r, e), words)
		}
		joined = append(joined, fmt.Sprintf(`"!r%d:hs.example":{"timeline":{"events":[%s]}}`, r, strings.Join(events, ",")))
	}
	h.batches = []string{`"rooms":{"join":{` + strings.Join(joined, ",") + `}}`}
	e := &ear{h: h, fail: func(int) error {
		if got := s.value("since"); got != "s0" {
			return fmt.Errorf("the token is %s before the inbox has the message", got)
		}
		return nil
	}}
	before := heap()
	listen(t, newClient(t, h, s), e)
	h.settled(t, "s1")
	if got, want := len(e.texts()), rooms*((each+3)/4); got != want || s.value("since") != "s1" {
		t.Errorf("got %d messages and the token %s, want %d and s1", got, s.value("since"), want)
	}
	seen := map[string]bool{}
	for _, words := range e.texts() {
		if seen[words] {
			t.Errorf("%q was heard twice", words)
		}
		seen[words] = true
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("memory after the batch: %d MiB more, want it given back", grown>>20)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far below
}

// TestTheFirstStartGoesByTheClockThatDates is acceptance 55 at the first start: what
// was said after it is heard, whatever the homeserver's clock shows.
func TestTheFirstStartGoesByTheClockThatDates(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"ahead": 2 * time.Hour, "behind": -2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), &state{}
			h.ahead = ahead
			at := func(id string, ago time.Duration) string {
				return typed("m.room.message", id, time.Now().Add(ahead-ago).UnixMilli(), `{"msgtype":"m.text","body":"!iis `+id+`"}`)
			}
			h.batches = []string{joinBatch(at("$before", time.Minute), at("$after", -time.Minute))}
			e := &ear{h: h}
			listen(t, newClient(t, h, s), e)
			h.settled(t, "s1")
			if got := e.texts(); len(got) != 1 || got[0] != "$after" {
				t.Errorf("heard: got %q, want what was said after the start alone", got)
			}
			if m := e.heard[0]; time.Until(m.SentAt) < 30*time.Second || time.Until(m.SentAt) > 90*time.Second {
				t.Errorf("said at: got %v from now, want in a minute by the bot's own clock", time.Until(m.SentAt))
			}
		})
	}
}
