package matrix

import (
	"testing"
	"time"
)

// TestTheBotTriesAgainWithinAMinute is acceptance 44: the wait after failures in a
// row doubles up to a minute and no further, unless the homeserver asks for more; a
// success begins anew.
func TestTheBotTriesAgainWithinAMinute(t *testing.T) {
	t.Parallel()
	b := backoff{base: time.Second}
	longest := time.Duration(0)
	for i := range 40 {
		wait := b.next(0)
		if want := time.Second << min(i, 6); wait < min(want, 48*time.Second) || wait > time.Minute {
			t.Errorf("failure %d: got a wait of %v, want %v or a little more, and a minute at most", i+1, wait, want)
		}
		longest = max(longest, wait)
	}
	if longest < 48*time.Second {
		t.Errorf("longest wait: got %v, want it to grow", longest)
	}
	if got := b.next(5 * time.Minute); got != 5*time.Minute {
		t.Errorf("told to wait for five minutes: got %v", got)
	}
	b.reset()
	if got := b.next(0); got < time.Second || got > 2*time.Second {
		t.Errorf("after a success: got %v, want a second", got)
	}
}
