package digest_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"rapporteur/bot"
)

func TestASubscriptionThatFailsFiveTimesInARowIsPausedAndItsOwnerTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(t, "2026-11-24T07:00:00Z")
		l := newLedger(order(t, 1, "C1", "0 8 * * *", "UTC"))
		w := &wall{fault: func(n int, p bot.Post) (bool, error) {
			if p.Room.ID != "C1" || n == 3 { // the third edition goes out
				return true, nil
			}
			return false, &bot.PostError{Outcome: bot.Refused, Err: errors.New("msg_too_long")}
		}}
		end := begin(t, courier(l, w))
		defer end()
		sleepUntil(t, "2026-11-30T09:00:00Z") // two failures, a success, four failures
		if got := l.sub(1); got.State != bot.SubscriptionActive {
			t.Errorf("after four failures in a row: got it %s: %s, want it active", got.State, got.Reason)
		}
		sleepUntil(t, "2026-12-03T09:00:00Z")
		if got := l.sub(1); got.State != bot.SubscriptionPaused || got.Reason != "5 editions in a row could not be posted; the last one: refused: msg_too_long" {
			t.Errorf("after five: got it %s: %s, want it paused and why", got.State, got.Reason)
		}
		attempts := w.attempts()
		last := attempts[len(attempts)-1]
		if len(attempts) != 9 || last.Room.ID != "U1" || last.Purpose != bot.ForNotice || !strings.Contains(last.Reply.String(), "msg_too_long. Once that is mended, write there: resume 1") {
			t.Errorf("got %d posts, the last of them to %s: %s; want eight editions and one notice for the owner", len(attempts), last.Room.ID, last.Reply)
		}
	})
}
